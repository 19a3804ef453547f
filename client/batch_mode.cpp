#include "client/batch_mode.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "client/typed_command.h"
#include "common/base/limits.h"
#include "common/base/text.h"

namespace ringhold::client {

int run_one_shot(const Session& session, const std::vector<std::string>& args) {
  const auto connection = Connection::open(session.tls, session.connection);
  if (!connection) return report(connection.error());
  if (may_block(args)) (*connection)->set_timeout(std::chrono::milliseconds{0});
  const auto reply = (*connection)->call(args);
  if (!reply) return report(reply.error());
  if (!print(render_reply(*reply, args, session.format))) return kExitFailed;
  return reply->is_error() ? kExitFailed : kExitOk;
}

namespace {

// Commands are sent before they are answered up to this number; the server's own bound is of this order.
constexpr std::size_t kPipelineCommandsMax = limits::kInFlightCommandsMax;

// Replies are printed in pieces of about this size.
constexpr std::size_t kPrintBytes = 64 * limits::kKiB;

// Lines of a file descriptor. Views are valid until the next call of fill().
class LineReader {
 public:
  explicit LineReader(int input) : input_(input) {}

  // Reads once more, waiting for it. False at the end of the input; an unfinished last line then counts as
  // one.
  Result<bool> fill() {
    pending_.consume(taken_);
    taken_ = 0;
    if (pending_.size() > limits::kRequestBytesMax) return Error{"a line of the input is too long"};
    while (true) {
      const ssize_t got = ::read(input_, pending_.prepare(limits::kReadChunkBytes), limits::kReadChunkBytes);
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return Error{fmt::format("cannot read the commands: {}", std::strerror(errno))};
      pending_.commit(static_cast<std::size_t>(got));
      at_end_ = got == 0;
      return !at_end_;
    }
  }

  // False if no whole line is left.
  bool next(std::string_view& line) {
    const std::string_view rest = pending_.view().substr(taken_);
    const std::size_t searched = taken_ == 0 ? searched_ : 0;
    const std::size_t newline = rest.find('\n', searched);
    if (newline == std::string_view::npos && !(at_end_ && !rest.empty())) {
      searched_ = rest.size();
      return false;
    }
    line = rest.substr(0, newline);
    taken_ += newline == std::string_view::npos ? rest.size() : newline + 1;
    searched_ = 0;
    return true;
  }

 private:
  int input_;
  ByteBuffer pending_;
  std::size_t taken_ = 0;     // bytes of pending_ that were given out as lines
  std::size_t searched_ = 0;  // of the unfinished line, to look at no byte twice
  bool at_end_ = false;
};

// Sends commands and prints their replies, in order.
class Pipeline {
 public:
  Pipeline(Connection& connection, OutputFormat format) : connection_(connection), format_(format) {}

  Result<void> add(std::vector<std::string> args) {
    connection_.queue(args);
    sent_.push_back(std::move(args));
    if (sent_.size() < kPipelineCommandsMax) return {};
    return drain();
  }

  // Sends what was added and prints all replies.
  Result<void> drain() {
    if (sent_.empty()) return {};
    if (const auto flushed = connection_.flush(); !flushed) return flushed.error();
    for (const auto& args : sent_) {
      const auto reply = connection_.receive();
      if (!reply) {
        print(unprinted_);
        return reply.error();
      }
      failed_ |= reply->is_error();
      unprinted_ += render_reply(*reply, args, format_);
      if (unprinted_.size() < kPrintBytes) continue;
      if (const auto printed = print_pending(); !printed) return printed.error();
    }
    sent_.clear();
    return print_pending();
  }

  bool failed() const { return failed_; }
  void mark_failed() { failed_ = true; }

 private:
  Result<void> print_pending() {
    const bool printed = print(unprinted_);
    unprinted_.clear();
    if (!printed) return Error{"cannot write to the standard output"};
    return {};
  }

  Connection& connection_;
  OutputFormat format_;
  std::vector<std::vector<std::string>> sent_;
  std::string unprinted_;
  bool failed_ = false;
};

bool is_quit(const std::vector<std::string>& args) {
  return args.size() == 1 && (equals_ignore_case(args[0], "quit") || equals_ignore_case(args[0], "exit"));
}

// One line of the input. False: it says to quit.
Result<bool> take_line(std::string_view line, Connection& connection, Pipeline& pipeline) {
  const auto command = parse_typed_command(line);
  if (!command) {
    // The reply stands where the command stood.
    if (const auto drained = pipeline.drain(); !drained) return drained.error();
    pipeline.mark_failed();
    print(command.error().message + "\n");
    return true;
  }
  if (command->args.empty()) return true;
  if (is_quit(command->args)) return false;
  if (may_block(command->args)) connection.set_timeout(std::chrono::milliseconds{0});
  for (std::uint32_t i = 0; i < command->repeat; ++i) {
    if (const auto added = pipeline.add(command->args); !added) return added.error();
  }
  return true;
}

Result<void> run_lines(LineReader& lines, Connection& connection, Pipeline& pipeline) {
  for (bool more = true; more;) {
    const auto filled = lines.fill();
    if (!filled) return filled.error();
    more = *filled;
    std::string_view line;
    while (lines.next(line)) {
      const auto go_on = take_line(line, connection, pipeline);
      if (!go_on) return go_on.error();
      if (!*go_on) return pipeline.drain();
    }
    if (const auto drained = pipeline.drain(); !drained) return drained.error();
  }
  return {};
}

}  // namespace

int run_piped(const Session& session, int input) {
  const auto connection = Connection::open(session.tls, session.connection);
  if (!connection) return report(connection.error());
  LineReader lines(input);
  Pipeline pipeline(**connection, session.format);
  const auto done = run_lines(lines, **connection, pipeline);
  if (!done) return report(done.error());
  return pipeline.failed() ? kExitFailed : kExitOk;
}

}  // namespace ringhold::client
