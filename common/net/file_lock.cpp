#include "common/net/file_lock.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include "common/net/descriptor.h"
#include "common/net/files.h"

namespace ringhold {

namespace {

class HeldLock final : public FileLock {
 public:
  explicit HeldLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

 private:
  Descriptor descriptor_;  // closing it gives the lock back
};

int try_lock(int descriptor) {
  while (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EINTR) return errno;
  }
  return 0;
}

// Only a help for people: where it fails, as on a full disk, the lock is held all the same.
void write_holder(int descriptor) {
  const std::string text = fmt::format("{}\n", ::getpid());
  if (::ftruncate(descriptor, 0) == 0) (void)!::pwrite(descriptor, text.data(), text.size(), 0);
}

std::string read_holder(int descriptor) {
  std::array<char, 20> bytes{};
  const ssize_t got = ::pread(descriptor, bytes.data(), bytes.size(), 0);
  const std::string_view text(bytes.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  const std::string_view digits = text.substr(0, text.find('\n'));
  const bool is_pid = !digits.empty() && digits.size() < text.size() &&
                      std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  return is_pid ? fmt::format("pid {}", digits) : std::string();
}

}  // namespace

Result<LockAttempt> lock_file(const std::string& path) {
  // Not blocking, so that a fifo in the file's place cannot hang the process.
  Descriptor descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600));
  if (descriptor.get() < 0) return file_error(path, "created", errno);
  const int code = try_lock(descriptor.get());
  if (code == EWOULDBLOCK) return LockAttempt{nullptr, read_holder(descriptor.get())};
  if (code != 0) return file_error(path, "locked", code);
  write_holder(descriptor.get());
  return LockAttempt{std::make_unique<HeldLock>(std::move(descriptor)), {}};
}

}  // namespace ringhold
