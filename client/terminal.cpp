#include "client/terminal.h"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iterator>

#include "common/base/check.h"

namespace ringhold::client {

namespace {

// What a signal handler needs to put the terminal right; written before the handler is installed, or with the
// signals held back.
struct Restore {
  termios found{};
  bool valid = false;
  Terminal::Mode mode = Terminal::Mode::kLines;
  char farewell[128] = {};  // the innermost one's stands last
  std::size_t farewell_bytes = 0;
  int depth = 0;
};
Restore g_restore;

void restore_terminal() {
  if (!g_restore.valid) return;
  (void)!::write(STDOUT_FILENO, g_restore.farewell, g_restore.farewell_bytes);
  tcsetattr(STDIN_FILENO, TCSANOW, &g_restore.found);
}

void on_end(int signal) {
  restore_terminal();
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  sigaction(signal, &action, nullptr);
  raise(signal);
}

void on_resize(int /*signal*/) {}  // only so that a wait ends

void handle(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  sigaction(signal, &action, nullptr);
}

// Holds back what on_end() reacts to.
class SignalsHeld {
 public:
  SignalsHeld() {
    sigset_t held;
    sigemptyset(&held);
    for (const int signal : {SIGTERM, SIGHUP, SIGQUIT}) sigaddset(&held, signal);
    sigprocmask(SIG_BLOCK, &held, &before_);
  }
  ~SignalsHeld() { sigprocmask(SIG_SETMASK, &before_, nullptr); }
  SignalsHeld(const SignalsHeld&) = delete;
  SignalsHeld& operator=(const SignalsHeld&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

bool Terminal::can_edit() {
  const char* kind = std::getenv("TERM");
  return kind != nullptr && *kind != '\0' && std::strcmp(kind, "dumb") != 0;
}

ScreenSize Terminal::size() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {.columns = size.ws_col, .rows = size.ws_row};
}

Terminal::Terminal() : before_(g_restore.mode) {
  if (g_restore.depth++ > 0) return;
  g_restore.valid = tcgetattr(STDIN_FILENO, &g_restore.found) == 0;
  for (const int signal : {SIGTERM, SIGHUP, SIGQUIT}) handle(signal, &on_end);
  handle(SIGWINCH, &on_resize);
}

Terminal::~Terminal() {
  set_farewell({});
  set(before_);
  if (--g_restore.depth == 0) g_restore.valid = false;
}

void Terminal::set(Mode mode) {
  g_restore.mode = mode;
  if (!g_restore.valid) return;
  termios now = g_restore.found;
  if (mode != Mode::kLines) {
    now.c_iflag &= ~static_cast<tcflag_t>(BRKINT | ICRNL | INLCR | IGNCR | INPCK | ISTRIP | IXON);
    now.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | IEXTEN);
    now.c_lflag |= ISIG;
    now.c_cc[VMIN] = 1;
    now.c_cc[VTIME] = 0;
  }
  if (mode == Mode::kKeys) now.c_lflag &= ~static_cast<tcflag_t>(ISIG);
  tcsetattr(STDIN_FILENO, TCSADRAIN, &now);
}

// Says the one before, if there is one.
void Terminal::set_farewell(std::string_view bytes) {
  const SignalsHeld held;
  char* const own = g_restore.farewell + g_restore.farewell_bytes - farewell_bytes_;
  if (farewell_bytes_ > 0) (void)!::write(STDOUT_FILENO, own, farewell_bytes_);
  const auto room = static_cast<std::size_t>(std::end(g_restore.farewell) - own);
  INVARIANT(bytes.size() <= room);
  bytes.copy(own, bytes.size());
  g_restore.farewell_bytes += bytes.size() - farewell_bytes_;
  farewell_bytes_ = bytes.size();
}

void Terminal::suspend() {
  const Mode mode = g_restore.mode;
  restore_terminal();
  raise(SIGTSTP);
  set(mode);
}

Terminal::Event Terminal::wait(std::chrono::milliseconds timeout) {
  pollfd descriptor{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  const int ready = ::poll(&descriptor, 1, static_cast<int>(timeout.count()));
  if (ready < 0) return errno == EINTR ? Event::kInterrupted : Event::kEnd;
  return ready == 0 ? Event::kTimeout : Event::kInput;
}

Terminal::Event Terminal::read(std::string& bytes) {
  char buffer[4096];
  const ssize_t got = ::read(STDIN_FILENO, buffer, sizeof(buffer));
  if (got < 0) return errno == EINTR ? Event::kInterrupted : Event::kEnd;
  if (got == 0) return Event::kEnd;
  bytes.append(buffer, static_cast<std::size_t>(got));
  return Event::kInput;
}

void Terminal::drop_input() {
  tcflush(STDIN_FILENO, TCIFLUSH);
}

bool Terminal::write(std::string_view bytes, const std::atomic<bool>* stop) {
  while (!bytes.empty()) {
    if (stop != nullptr && stop->load()) return false;
    const ssize_t sent = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      // Whoever shares the terminal has made it non-blocking.
      pollfd descriptor{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
      (void)::poll(&descriptor, 1, 100);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

}  // namespace ringhold::client
