#include "common/net/files.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "common/base/limits.h"

namespace ringhold {

namespace {

constexpr std::size_t kStep = 64 * limits::kKiB;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

Error describe(const std::string& path, int code) {
  if (code == ENOENT) return Error{fmt::format("{} does not exist", path)};
  if (code == EACCES) return Error{fmt::format("{} cannot be read: no permission", path)};
  return Error{fmt::format("{} cannot be read: {}", path, std::generic_category().message(code))};
}

}  // namespace

Result<std::string> read_whole_file(const std::string& path, std::size_t bytes_max) {
  // Not blocking, so that a fifo in the file's place cannot hang the process.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.get() < 0) return describe(path, errno);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return describe(path, errno);
  if (!S_ISREG(info.st_mode)) return Error{fmt::format("{} is not a regular file", path)};

  std::string content;
  for (;;) {
    const std::size_t before = content.size();
    content.resize(before + kStep);
    const ssize_t got = ::read(file.get(), content.data() + before, kStep);
    if (got < 0 && errno != EINTR) return describe(path, errno);
    content.resize(before + static_cast<std::size_t>(got > 0 ? got : 0));
    if (content.size() > bytes_max) {
      return Error{
          fmt::format("{} is larger than {} bytes, which is the most that is read", path, bytes_max)};
    }
    if (got == 0) return content;
  }
}

Result<unsigned> file_mode(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return describe(path, errno);
  return static_cast<unsigned>(info.st_mode) & 07777U;
}

}  // namespace ringhold
