#include "client/library/exchange.h"

#include <algorithm>
#include <utility>

#include "client/library/reply_conversion.h"
#include "common/base/limits.h"
#include "common/base/text.h"

namespace ringhold::client {

namespace {

std::vector<CommandTraits> traits_of_all(Commands commands) {
  std::vector<CommandTraits> all;
  all.reserve(commands.size());
  for (const auto& command : commands) all.push_back(traits_of(command));
  return all;
}

// A command that waits on purpose decides itself how long.
Deadline deadline_of(const std::vector<CommandTraits>& traits, std::chrono::milliseconds timeout) {
  const bool waits = std::any_of(traits.begin(), traits.end(), [](const auto& each) { return each.waits; });
  return deadline_after(waits ? std::chrono::milliseconds(0) : timeout);
}

std::string name_of(const std::vector<std::string>& command) {
  return command.empty() ? "an empty command" : printable(to_upper(command.front()));
}

}  // namespace

Exchange::Exchange(Channel& channel, Commands commands, std::chrono::milliseconds timeout)
    : channel_(channel),
      commands_(commands),
      traits_(traits_of_all(commands)),
      timeout_(timeout),
      attempts_(channel.attempts(deadline_of(traits_, timeout))) {
  replies_.reserve(commands.size());
}

std::vector<Expected<Reply>> Exchange::run() {
  std::size_t lost = 0;  // commands without a reply that were sent on a connection that is no more
  while (replies_.size() < commands_.size()) {
    const auto connection = channel_.ready(attempts_);
    if (!connection) {
      give_up(lost, connection.failure().message);
      break;
    }
    lost = 0;
    const Commands window = next_window();
    const std::size_t end = replies_.size() + window.size();
    const auto done = send_and_receive(**connection, window);
    if (done) continue;
    const std::string why = describe(done.error());
    channel_.drop();
    lost = end - replies_.size();
    if (!may_repeat(lost)) give_up(lost, why);
  }
  return std::move(replies_);
}

Commands Exchange::next_window() const {
  const Commands rest = commands_.subspan(replies_.size());
  std::size_t bytes = 0;
  std::size_t count = 0;
  while (count < rest.size() && count < limits::kInFlightCommandsMax) {
    for (const std::string& arg : rest[count]) bytes += arg.size();
    if (count > 0 && bytes > limits::kInFlightBytesMax) break;
    ++count;
  }
  return rest.first(count);
}

Result<void> Exchange::send_and_receive(Connection& connection, Commands window) {
  const std::size_t first = replies_.size();
  for (std::size_t i = 0; i < window.size(); ++i) {
    if (traits_[first + i].leaves_state) channel_.note_state(name_of(window[i]));
    connection.queue(window[i]);
  }
  connection.set_timeout(attempts_.left(std::chrono::milliseconds(0)));
  if (const auto flushed = connection.flush(); !flushed) return flushed.error();
  while (replies_.size() < first + window.size()) {
    connection.set_timeout(attempts_.left(std::chrono::milliseconds(0)));
    auto reply = connection.receive();
    if (!reply) return reply.error();
    replies_.push_back(to_expected(std::move(*reply)));
  }
  return {};
}

bool Exchange::may_repeat(std::size_t unanswered) const {
  if (attempts_.out_of_time()) return false;
  const auto first = traits_.begin() + static_cast<std::ptrdiff_t>(replies_.size());
  return std::all_of(first, first + static_cast<std::ptrdiff_t>(unanswered),
                     [](const CommandTraits& each) { return each.repeatable; });
}

void Exchange::give_up(std::size_t sent, const std::string& why) {
  const std::size_t end = replies_.size() + sent;
  while (replies_.size() < commands_.size()) {
    const std::size_t at = replies_.size();
    const std::string name = name_of(commands_[at]);
    Failure failure{.kind = Failure::Kind::kNotConnected, .message = why, .code = {}};
    if (at >= end) {
      failure.message += "; " + name + " was not sent";
    } else if (traits_[at].repeatable) {
      failure.kind = Failure::Kind::kNoReply;
      failure.message += "; " + name + " got no reply";
    } else {
      failure.kind = Failure::Kind::kUnknownOutcome;
      failure.message += "; whether " + name + " took effect is unknown";
    }
    replies_.push_back(std::move(failure));
  }
}

std::string Exchange::describe(const Error& error) const {
  std::string why = Channel::in_words_of_options(error.message);
  if (!attempts_.out_of_time()) return why;
  return why + " (call_timeout is " + std::to_string(timeout_.count()) + " ms)";
}

}  // namespace ringhold::client
