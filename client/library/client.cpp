#include "ringhold/client.h"

#include <algorithm>
#include <utility>

#include "client/library/exchange.h"

namespace ringhold {

class Client::Core {
 public:
  explicit Core(std::unique_ptr<client::Channel> opened, std::chrono::milliseconds timeout)
      : channel(std::move(opened)), call_timeout(timeout) {}

  std::unique_ptr<client::Channel> channel;
  std::chrono::milliseconds call_timeout;
};

Client::Client(std::unique_ptr<Core> core) : core_(std::move(core)) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

Expected<Client> Client::connect(const ClientOptions& options) {
  auto channel = client::Channel::open(options);
  if (!channel) return channel.failure();
  return Client(std::make_unique<Core>(*std::move(channel), options.call_timeout));
}

namespace {

constexpr const char* kEmpty = "a command without a name cannot be sent";
constexpr const char* kOverflow =
    "more was added to the pipeline than it may hold; run it when it is half_full(), and go on with an empty "
    "one";

std::vector<Expected<Reply>> refuse(std::size_t count, Failure::Kind kind, const char* why) {
  return {count, Expected<Reply>(Failure{.kind = kind, .message = why, .code = {}})};
}

}  // namespace

Expected<Reply> Client::call(std::span<const std::string> args) {
  if (args.empty()) return Failure{.kind = Failure::Kind::kUsage, .message = kEmpty, .code = {}};
  const std::vector<std::string> command(args.begin(), args.end());
  auto replies = client::Exchange(*core_->channel, {&command, 1}, core_->call_timeout).run();
  return std::move(replies.front());
}

std::vector<Expected<Reply>> Client::run(const Pipeline& pipeline) {
  const auto commands = pipeline.commands();
  if (pipeline.overflows()) return refuse(commands.size(), Failure::Kind::kTooLarge, kOverflow);
  const bool has_empty =
      std::any_of(commands.begin(), commands.end(), [](const auto& args) { return args.empty(); });
  if (has_empty) return refuse(commands.size(), Failure::Kind::kUsage, kEmpty);
  return client::Exchange(*core_->channel, commands, core_->call_timeout).run();
}

void Client::set_call_timeout(std::chrono::milliseconds timeout) {
  core_->call_timeout = timeout;
}

std::uint64_t Client::connections() const {
  return core_->channel->connections();
}

}  // namespace ringhold
