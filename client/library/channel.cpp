#include "client/library/channel.h"

#include <array>
#include <cctype>
#include <thread>
#include <utility>

#include "common/base/text.h"

namespace ringhold::client {

namespace {

Failure not_connected(std::string_view why) {
  return {.kind = Failure::Kind::kNotConnected, .message = Channel::in_words_of_options(why), .code = {}};
}

bool ends_a_word(std::string_view text, std::size_t at) {
  return at == text.size() || (std::isalnum(static_cast<unsigned char>(text[at])) == 0 && text[at] != '-');
}

}  // namespace

Expected<std::unique_ptr<Channel>> Channel::open(const ClientOptions& options) {
  std::unique_ptr<Channel> channel(new Channel(options));
  auto address = parse_address(options.address);
  if (address.ok() && address->port == 0)
    address = Error{options.address + ": port 0 cannot be connected to"};
  const auto loaded = address.ok() ? channel->load() : address.error();
  if (!loaded) {
    return Failure{
        .kind = Failure::Kind::kUsage, .message = in_words_of_options(loaded.error().message), .code = {}};
  }
  channel->address_ = std::move(*address);
  const auto connected = channel->connect(options.connect_timeout);
  if (!connected) return not_connected(connected.error().message);
  return channel;
}

Result<void> Channel::load() {
  auto loaded = TlsContext::load(
      {.cert_file = options_.cert_file, .key_file = options_.key_file, .ca_file = options_.ca_file});
  if (!loaded) return loaded.error();
  tls_ = std::move(*loaded);
  return {};
}

Result<void> Channel::connect(std::chrono::milliseconds timeout) {
  ConnectionOptions options{.address = address_, .timeout = timeout, .version = RespVersion::k3};
  if (!options_.password.empty()) {
    options.credentials = Credentials{.user = options_.user, .password = options_.password};
  }
  auto opened = Connection::open(tls_, options);
  if (!opened) return opened.error();
  connection_ = std::move(*opened);
  ++connections_;
  return {};
}

Attempts Channel::attempts(Deadline deadline) {
  return {options_.reconnect, deadline,
          [this] { return std::uniform_real_distribution<double>(0, 1)(random_); }};
}

Expected<Connection*> Channel::ready(Attempts& attempts) {
  // Asking costs one system call, and saves a write that nobody knows the outcome of when the server has
  // ended since the last call.
  if (connection_ && connection_->check()) return connection_.get();
  drop();
  if (!state_of_.empty()) {
    const std::string command = std::exchange(state_of_, {});
    return not_connected(address_.text() + ": the connection was lost, and with it what " + command +
                         " may have set up on it; nothing was sent: set it up again");
  }
  return connect_again(attempts);
}

Expected<Connection*> Channel::connect_again(Attempts& attempts) {
  Error last{address_.text() + ": the connection was lost, and no attempt to connect again is left"};
  while (const auto pause = attempts.next()) {
    std::this_thread::sleep_for(*pause);
    // Files that make no sense at the moment (one of two has been replaced) leave what was read before.
    (void)load();
    const auto connected = connect(attempts.left(options_.connect_timeout));
    if (connected) return connection_.get();
    last = connected.error();
  }
  return not_connected(last.message);
}

std::string Channel::in_words_of_options(std::string_view message) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kWords = {{
      {"give --user, or --password-file", "set user and password"},
      {"within the time that --timeout gives", "in time"},
      {"--cert", "cert_file"},
      {"--key", "key_file"},
      {"--ca", "ca_file"},
  }};
  std::string text(message);
  for (const auto& [flag, option] : kWords) {
    std::size_t at = text.find(flag);
    while (at != std::string::npos) {
      const bool whole = ends_a_word(text, at + flag.size());
      if (whole) text.replace(at, flag.size(), option);
      at = text.find(flag, at + (whole ? option.size() : flag.size()));
    }
  }
  return text;
}

}  // namespace ringhold::client
