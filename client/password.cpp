#include "client/password.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "common/base/limits.h"

namespace ringhold::client {

namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }

 private:
  int fd_;
};

// Up to the first newline or the end.
Result<std::string> read_first_line(int fd) {
  std::string line;
  char byte = 0;
  while (line.size() < limits::kPasswordFileBytesMax) {
    const ssize_t got = ::read(fd, &byte, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Error{std::strerror(errno)};
    if (got == 0 || byte == '\n') break;
    line.push_back(byte);
  }
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

}  // namespace

Result<std::string> read_password_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.ok()) return Error{fmt::format("{}: {}", path, std::strerror(errno))};
  struct stat status {};
  if (fstat(file.get(), &status) != 0) return Error{fmt::format("{}: {}", path, std::strerror(errno))};
  if (S_ISREG(status.st_mode) && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return Error{fmt::format("{} can be read by others; run: chmod 600 {}", path, path)};
  }
  auto line = read_first_line(file.get());
  if (!line) return Error{fmt::format("{}: {}", path, line.error().message)};
  if (line->empty()) return Error{fmt::format("{}: there is no password in its first line", path)};
  return line;
}

Result<std::string> prompt_password(const std::string& prompt) {
  const Descriptor terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC));
  termios shown{};
  if (!terminal.ok() || tcgetattr(terminal.get(), &shown) != 0) {
    return Error{"there is no terminal to ask for the password on; give --password-file"};
  }
  termios hidden = shown;
  hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  (void)!::write(terminal.get(), prompt.data(), prompt.size());
  tcsetattr(terminal.get(), TCSAFLUSH, &hidden);
  auto line = read_first_line(terminal.get());
  tcsetattr(terminal.get(), TCSAFLUSH, &shown);
  (void)!::write(terminal.get(), "\n", 1);
  return line;
}

}  // namespace ringhold::client
