#include "client/batch_mode.h"

#include <fmt/core.h>
#include <poll.h>

#include <algorithm>
#include <deque>

#include "client/format_redis_cli.h"
#include "client/line_reader.h"
#include "client/progress.h"
#include "client/status_fields.h"
#include "client/typed_command.h"
#include "common/base/limits.h"
#include "common/base/text.h"

namespace ringhold::client {

int run_one_shot(const Session& session, const std::vector<std::string>& args, const Repetition& repetition) {
  const auto connection = Connection::open(session.tls, session.connection);
  if (!connection) return report(connection.error());
  if (may_block(args)) (*connection)->set_timeout(std::chrono::milliseconds{0});
  int code = kExitOk;
  for (std::uint32_t i = 0; i < repetition.count; ++i) {
    if (i > 0) (void)::poll(nullptr, 0, static_cast<int>(repetition.interval.count()));
    const auto reply = (*connection)->call(args);
    if (!reply) return report(reply.error());
    if (!print(render_reply(*reply, args, session.output))) return kExitFailed;
    if (reply->is_error()) code = kExitFailed;
  }
  return code;
}

namespace {

// Commands are sent ahead of their replies up to these bounds; the servers' own are of this order.
constexpr std::size_t kAheadCommandsMax = limits::kInFlightCommandsMax;
constexpr std::size_t kAheadBytesMax = limits::kInFlightBytesMax;
// What is sent in one go.
constexpr std::size_t kSendBytes = 32 * limits::kKiB;
// Replies are printed in pieces of about this size.
constexpr std::size_t kPrintBytes = 64 * limits::kKiB;
// Errors that are told one by one; of a file that is wrong everywhere, more would help nobody.
constexpr std::uint64_t kErrorsTold = 20;

// Sends commands and prints their replies, in order.
class Pipeline {
 public:
  Pipeline(Connection& connection, const Session& session, Progress& progress)
      : connection_(connection), output_(session.output), progress_(progress) {}

  Result<void> add(const std::vector<std::string>& args, std::uint64_t line) {
    connection_.queue(args);
    std::size_t bytes = 0;
    for (const std::string& arg : args) bytes += arg.size() + kArgumentOverhead;
    const bool text = output_.format != OutputFormat::kJson && replies_with_text(args);
    sent_.push_back({line, bytes, text ? args : std::vector<std::string>{}});
    unsent_bytes_ += bytes;
    ahead_bytes_ += bytes;
    if (unsent_bytes_ >= kSendBytes) {
      if (const auto flushed = flush(); !flushed) return flushed.error();
    }
    if (sent_.size() < kAheadCommandsMax && ahead_bytes_ < kAheadBytesMax) return {};
    return receive_until(sent_.size() / 2, kAheadBytesMax / 2);
  }

  // Sends what was added and prints all replies.
  Result<void> drain() {
    if (const auto received = receive_until(0, 0); !received) return received.error();
    return print_pending();
  }

  // A line that is no command: told where its reply would stand.
  Result<void> refuse(const std::string& why, std::uint64_t line) {
    if (const auto drained = drain(); !drained) return drained.error();
    ++figures_.commands;
    unprinted_ += why + "\n";
    note_error(why, line);
    return {};
  }

  void note_bytes(std::uint64_t bytes) {
    figures_.bytes = bytes;
    progress_.update(figures_);
  }
  const ProgressFigures& figures() const { return figures_; }

 private:
  static constexpr std::size_t kArgumentOverhead = 16;  // "$12\r\n...\r\n"

  struct Sent {
    std::uint64_t line;
    std::size_t bytes;
    std::vector<std::string> args;  // only of commands whose replies are printed by their name
  };

  Result<void> flush() {
    unsent_bytes_ = 0;
    return connection_.flush();
  }

  Result<void> receive_until(std::size_t commands, std::size_t bytes) {
    if (unsent_bytes_ > 0) {
      if (const auto flushed = flush(); !flushed) return flushed.error();
    }
    while (!sent_.empty() && (sent_.size() > commands || ahead_bytes_ > bytes)) {
      const auto reply = connection_.receive();
      if (!reply) {
        (void)print_pending();
        return Error{fmt::format("{}; the replies from line {} on are missing", reply.error().message,
                                 sent_.front().line)};
      }
      if (const auto taken = take(*reply); !taken) return taken.error();
    }
    return {};
  }

  Result<void> take(const ReplyValue& reply) {
    const Sent& of = sent_.front();
    ++figures_.commands;
    unprinted_ += render_reply(reply, of.args, output_);
    ahead_bytes_ -= of.bytes;
    const std::uint64_t line = of.line;
    sent_.pop_front();
    if (reply.is_error()) note_error(reply.text, line);
    return unprinted_.size() < kPrintBytes ? Result<void>{} : print_pending();
  }

  // Behind what is printed already, for those who see both on one terminal.
  void note_error(const std::string& why, std::uint64_t line) {
    if (figures_.errors++ >= kErrorsTold) return;
    (void)print_pending();
    progress_.hide();
    fmt::print(stderr, "ringhold: line {}: {}\n", line, printable(why, kErrorBytesMax));
  }
  static constexpr std::size_t kErrorBytesMax = 300;

  Result<void> print_pending() {
    if (unprinted_.empty()) return {};
    progress_.hide_if_shared();
    const bool printed = print(unprinted_);
    unprinted_.clear();
    if (!printed) return Error{"cannot write to the standard output"};
    return {};
  }

  Connection& connection_;
  OutputStyle output_;
  Progress& progress_;
  std::deque<Sent> sent_;
  std::size_t unsent_bytes_ = 0;
  std::size_t ahead_bytes_ = 0;
  std::string unprinted_;
  ProgressFigures figures_;
};

bool is_quit(const std::vector<std::string>& args) {
  return args.size() == 1 && (equals_ignore_case(args[0], "quit") || equals_ignore_case(args[0], "exit"));
}

// One line of the input. False: it says to quit.
Result<bool> take_line(std::string_view line, std::uint64_t number, Connection& connection,
                       Pipeline& pipeline) {
  const auto command = parse_typed_command(line);
  if (!command) {
    if (const auto refused = pipeline.refuse(command.error().message, number); !refused)
      return refused.error();
    return true;
  }
  if (command->args.empty()) return true;
  if (is_quit(command->args)) return false;
  if (may_block(command->args)) connection.set_timeout(std::chrono::milliseconds{0});
  for (std::uint32_t i = 0; i < command->repeat; ++i) {
    if (const auto added = pipeline.add(command->args, number); !added) return added.error();
  }
  return true;
}

Result<void> run_lines(LineReader& lines, Connection& connection, Pipeline& pipeline) {
  for (bool more = true; more;) {
    // Whoever writes slowly waits for these replies, perhaps before writing more.
    if (lines.would_wait()) {
      if (const auto drained = pipeline.drain(); !drained) return drained.error();
    }
    const auto filled = lines.fill();
    if (!filled) return filled.error();
    more = *filled;
    std::string_view line;
    while (lines.next(line)) {
      const auto go_on = take_line(line, lines.lines(), connection, pipeline);
      if (!go_on) return go_on.error();
      if (!*go_on) return pipeline.drain();
    }
    pipeline.note_bytes(lines.bytes());
  }
  return pipeline.drain();
}

std::string counted(std::uint64_t number, std::string_view what) {
  return fmt::format("{} {}{}", count_text(static_cast<double>(number)), what, number == 1 ? "" : "s");
}

// For people who watched, and for everybody whose commands have failed.
void sum_up(const ProgressFigures& figures, const Progress& progress) {
  const double seconds = std::max(progress.elapsed().count(), 1e-3);
  if (figures.errors > kErrorsTold) {
    fmt::print(stderr, "ringhold: ... and {} more\n", counted(figures.errors - kErrorsTold, "error"));
  }
  if (figures.errors > 0) {
    fmt::print(stderr, "ringhold: {} of {} failed\n", count_text(static_cast<double>(figures.errors)),
               counted(figures.commands, "command"));
  } else if (progress.was_shown()) {
    fmt::print(stderr, "{} in {:.1f} s, {}/s, no errors\n", counted(figures.commands, "command"), seconds,
               count_text(static_cast<double>(figures.commands) / seconds));
  }
}

}  // namespace

int run_piped(const Session& session, int input) {
  const auto connection = Connection::open(session.tls, session.connection);
  if (!connection) return report(connection.error());
  LineReader lines(input);
  Progress progress(input, session.output.style.unicode, session.colours_on_stderr);
  Pipeline pipeline(**connection, session, progress);
  const auto done = run_lines(lines, **connection, pipeline);
  progress.hide();
  if (!done) return report(done.error());
  sum_up(pipeline.figures(), progress);
  return pipeline.figures().errors > 0 ? kExitFailed : kExitOk;
}

}  // namespace ringhold::client
