#include "client/interactive_mode.h"

#include <fmt/core.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>

#include "client/completion.h"
#include "client/help_view.h"
#include "client/interrupt.h"
#include "client/line_editor.h"
#include "client/live_connection.h"
#include "client/options.h"
#include "client/status_mode.h"
#include "client/text_table.h"
#include "client/typed_command.h"
#include "common/base/text.h"
#include "common/command/command_table.h"

namespace ringhold::client {

namespace {

// $RINGHOLD_HISTORY (empty: none), else ~/.ringhold_history.
std::string history_file() {
  if (const char* named = std::getenv("RINGHOLD_HISTORY")) return named;
  const char* home = std::getenv("HOME");
  return home != nullptr && *home != '\0' ? std::string(home) + "/.ringhold_history" : "";
}

Session with_interrupt(Session session) {
  session.connection.interrupt = &interrupted();
  return session;
}

class Interactive {
 public:
  explicit Interactive(const Session& session)
      : connection_(with_interrupt(session)),
        output_(session.output),
        colours_(session.output.style.colours),
        editor_({.history_file = history_file(),
                 .complete =
                     [](std::string_view line) {
                       Completion found = complete_command(line);
                       return LineEditor::Candidates{found.typed, std::move(found.words)};
                     },
                 .hint = &hint_for,
                 .colours = colours_}) {}

  int run() {
    greet();
    std::string line;
    while (true) {
      interrupted() = false;
      switch (editor_.read(prompt(), line)) {
        case LineEditor::Outcome::kInterrupted:
          continue;
        case LineEditor::Outcome::kEnd:
          return kExitOk;
        case LineEditor::Outcome::kLine:
          if (!take(line)) return kExitOk;
      }
    }
  }

 private:
  std::string prompt() const {
    if (!connection_.connected()) return "not connected> ";
    const std::string& database = connection_.database();
    return connection_.address().text() + (database.empty() ? "" : "[" + database + "]") + "> ";
  }

  void greet() {
    interrupted() = false;
    if (const auto connected = connection_.connect(); !connected) return complain(connected.error().message);
    say("Tab completes, \"help\" explains a command, \"status\" shows the cluster, Ctrl-D ends.");
  }

  // False: it was the last.
  bool take(const std::string& line) {
    const auto command = parse_typed_command(line);
    if (!command) {
      if (!may_bear_password(line)) editor_.remember(line);
      complain(command.error().message);
      return true;
    }
    const auto& args = command->args;
    if (args.empty()) return true;
    if (!bears_password(args)) editor_.remember(line);
    if (args.size() == 1 && (is(args[0], "quit") || is(args[0], "exit"))) return false;
    if (!take_own_word(args)) {
      for (std::uint32_t i = 0; i < command->repeat; ++i) {
        if (!execute(args)) break;
      }
    }
    // Who presses Ctrl-C wants the rest of a paste stopped as well.
    if (interrupted()) editor_.drop_input();
    return true;
  }

  static bool is(const std::string& arg, std::string_view word) { return equals_ignore_case(arg, word); }

  bool take_own_word(const std::vector<std::string>& args) {
    if (is(args[0], "help") || args[0] == "?") {
      show(render_help(std::span(args).subspan(1), colours_));
    } else if (args.size() == 1 && is(args[0], "clear")) {
      editor_.clear_screen();
    } else if (is(args[0], "connect")) {
      connect_to(args);
    } else if (is(args[0], "status")) {
      show_status(args);
    } else {
      return false;
    }
    return true;
  }

  void show_status(const std::vector<std::string>& args) {
    const bool watch = args.size() > 1 && is(args[1], "--watch");
    const auto interval = args.size() > 2 ? parse_pause(args[2]) : Result(std::chrono::milliseconds{1000});
    if (args.size() > (watch ? 3U : 1U) || !interval) {
      return complain("usage: status [--watch [SECONDS]]");
    }
    (void)(watch ? watch_status(connection_.session(), *interval) : run_status(connection_.session()));
    if (watch) interrupted() = false;  // its usual end, which means nothing else
  }

  void connect_to(const std::vector<std::string>& args) {
    const std::string text = args.size() == 3 ? args[1] + ":" + args[2] : args.size() == 2 ? args[1] : "";
    const auto address = parse_address(text);
    if (!address) return complain("usage: connect HOST:PORT");
    if (const auto connected = connection_.connect_to(*address); !connected)
      complain(connected.error().message);
  }

  // False if the rest of what was asked for is of no use.
  bool execute(const std::vector<std::string>& args) {
    const auto begun = std::chrono::steady_clock::now();
    ReplyValue reply;
    const auto failure = connection_.call(args, reply);
    if (connection_.take_renewed()) say("The server had closed the connection; this is a new one.");
    if (failure) {
      tell(*failure, is_read(args));
      return false;
    }
    const auto elapsed = std::chrono::steady_clock::now() - begun;
    const bool shown = write_reply(
        reply, args, output_, [](std::string_view piece) { return Terminal::write(piece, &interrupted()); });
    if (!shown) {
      Terminal::write(colours_ ? "\x1b[0m\n" : "\n");
      say("Stopped; the rest of the reply is not shown.");
      return false;
    }
    show_elapsed(elapsed);
    return !interrupted();
  }

  static bool is_read(const std::vector<std::string>& args) {
    const CommandRow* row = find_row(args[0]);
    return row != nullptr && row->is_read_only();
  }

  void tell(const LiveConnection::Failure& failure, bool read) {
    if (!interrupted()) {
      if (!failure.sent) return complain("not sent: " + failure.message);
      return complain(failure.message +
                      (read ? "; its reply is lost" : "; whether the command took effect is not known"));
    }
    Terminal::write("^C\n");
    if (!failure.sent) return;
    say(read ? "Interrupted." : "Interrupted; the command may still take effect.");
    // The answer that nobody waits for any more would come on the old connection.
    interrupted() = false;
    (void)connection_.connect();
    interrupted() = true;
  }

  void show_elapsed(std::chrono::steady_clock::duration elapsed) const {
    constexpr auto kWorthTelling = std::chrono::milliseconds(500);
    if (output_.format != OutputFormat::kTerminal || elapsed < kWorthTelling) return;
    show(fmt::format("({:.2f}s)\n", std::chrono::duration<double>(elapsed).count()));
  }

  static void show(std::string_view text) { Terminal::write(text, &interrupted()); }
  void say(std::string_view text) const {
    Terminal::write((colours_ ? coloured(text, Colour::kDim) : std::string(text)) + "\n");
  }
  void complain(const std::string& text) const {
    Terminal::write((colours_ ? coloured(text, Colour::kRed) : text) + "\n");
  }

  LiveConnection connection_;
  OutputStyle output_;
  bool colours_;
  LineEditor editor_;
};

}  // namespace

int run_interactive(const Session& session) {
  catch_interrupts();
  return Interactive(session).run();
}

}  // namespace ringhold::client
