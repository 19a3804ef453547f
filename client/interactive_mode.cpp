#include "client/interactive_mode.h"

#include <fmt/core.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>

#include "client/completion.h"
#include "client/help_view.h"
#include "client/line_editor.h"
#include "client/status_mode.h"
#include "client/typed_command.h"
#include "common/base/text.h"

namespace ringhold::client {

namespace {

// Set by Ctrl-C while a reply is awaited. The one global, because a signal handler has no other way.
std::atomic<bool> g_interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);
void on_interrupt(int /*signal*/) {
  g_interrupted.store(true);
}

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = &on_interrupt;
  sigaction(SIGINT, &action, nullptr);
}

// $RINGHOLD_HISTORY (empty: none), else ~/.ringhold_history.
std::string history_file() {
  if (const char* named = std::getenv("RINGHOLD_HISTORY")) return named;
  const char* home = std::getenv("HOME");
  return home != nullptr && *home != '\0' ? std::string(home) + "/.ringhold_history" : "";
}

class Interactive {
 public:
  explicit Interactive(const Session& session)
      : session_(session), editor_({.history_file = history_file(), .complete = &complete_command}) {
    session_.connection.interrupt = &g_interrupted;
    colours_ = isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr;
  }

  int run() {
    (void)connect();
    std::string line;
    while (true) {
      const std::string prompt = connection_ ? session_.connection.address.text() + "> " : "not connected> ";
      switch (editor_.read(prompt, line)) {
        case LineEditor::Outcome::kInterrupted:
          continue;
        case LineEditor::Outcome::kEnd:
          print("\n");
          return kExitOk;
        case LineEditor::Outcome::kLine:
          if (!take(line)) return kExitOk;
      }
    }
  }

 private:
  // False: it was the last.
  bool take(const std::string& line) {
    const auto command = parse_typed_command(line);
    if (!command) {
      print(command.error().message + "\n");
      return true;
    }
    const auto& args = command->args;
    if (args.empty()) return true;
    if (!bears_password(args)) editor_.remember(line);
    if (args.size() == 1 && (is(args[0], "quit") || is(args[0], "exit"))) return false;
    if (take_own_word(args)) return true;
    for (std::uint32_t i = 0; i < command->repeat; ++i) {
      if (!execute(args)) break;
    }
    return true;
  }

  static bool is(const std::string& arg, std::string_view word) { return equals_ignore_case(arg, word); }

  bool take_own_word(const std::vector<std::string>& args) {
    if (is(args[0], "help") || args[0] == "?") {
      print(render_help(std::span(args).subspan(1), colours_));
    } else if (args.size() == 1 && is(args[0], "clear")) {
      editor_.clear_screen();
    } else if (args.size() == 1 && is(args[0], "status")) {
      g_interrupted = false;
      (void)run_status(session_);
    } else {
      return false;
    }
    return true;
  }

  bool connect() {
    g_interrupted = false;
    auto opened = Connection::open(session_.tls, session_.connection);
    // The server's opinion of our certificate comes with its first answer only (TLS 1.3), whatever that is.
    if (opened) {
      if (const auto pong = (*opened)->call(std::vector<std::string>{"PING"}); !pong) opened = pong.error();
    }
    if (!opened) {
      report(opened.error());
      return false;
    }
    connection_ = std::move(*opened);
    connection_->set_timeout(std::chrono::milliseconds{0});  // a person can press Ctrl-C
    return true;
  }

  // False if the connection was lost.
  bool execute(const std::vector<std::string>& args) {
    if (connection_ && !connection_->check()) {
      fmt::print(stderr, "The server had closed the connection; connecting anew.\n");
      connection_.reset();
    }
    if (!connection_ && !connect()) return false;
    g_interrupted = false;
    const auto begun = std::chrono::steady_clock::now();
    const auto reply = connection_->call(args);
    if (!reply) {
      lose_connection(reply.error());
      return false;
    }
    print(render_reply(*reply, args, session_.format));
    show_elapsed(std::chrono::steady_clock::now() - begun);
    note_session_change(args, *reply);
    return true;
  }

  void lose_connection(const Error& why) {
    connection_.reset();
    if (g_interrupted) {
      fmt::print(stderr,
                 "\nInterrupted. The command may still take effect; the next one uses a new connection.\n");
    } else {
      report(Error{why.message + "; whether the command took effect is not known"});
    }
  }

  void show_elapsed(std::chrono::steady_clock::duration elapsed) const {
    constexpr auto kWorthTelling = std::chrono::milliseconds(500);
    if (session_.format != OutputFormat::kTerminal || elapsed < kWorthTelling) return;
    print(fmt::format("({:.2f}s)\n", std::chrono::duration<double>(elapsed).count()));
  }

  // What was agreed on by hand is agreed on again after a reconnect.
  void note_session_change(const std::vector<std::string>& args, const ReplyValue& reply) {
    if (reply.is_error()) return;
    if (is(args[0], "auth") && (args.size() == 2 || args.size() == 3)) {
      session_.connection.credentials =
          Credentials{.user = args.size() == 3 ? args[1] : "default", .password = args.back()};
    }
    if (is(args[0], "hello") && args.size() > 1) {
      session_.connection.version = args[1] == "3" ? RespVersion::k3 : RespVersion::k2;
    }
  }

  Session session_;
  LineEditor editor_;
  std::unique_ptr<Connection> connection_;  // null: not connected
  bool colours_ = false;
};

}  // namespace

int run_interactive(const Session& session) {
  catch_interrupts();
  return Interactive(session).run();
}

}  // namespace ringhold::client
