#include "common/net/file_update.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "common/base/limits.h"
#include "common/net/files.h"

namespace ringhold {

namespace {

constexpr std::size_t kZerosBytes = limits::kMiB;

Result<void> write_at(const std::string& path, int descriptor, std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t taken = ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (taken < 0 && errno != EINTR) return file_error(path, "written", errno);
    if (taken == 0) return file_error(path, "written", EIO);  // no kernel does that; else it would never end
    if (taken < 0) continue;
    bytes.remove_prefix(static_cast<std::size_t>(taken));
    offset += static_cast<std::uint64_t>(taken);
  }
  return {};
}

struct FilePart {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

Result<void> fill_with_zeros(const std::string& path, int descriptor, const FilePart& part) {
  const std::string zeros(kZerosBytes, '\0');
  for (std::uint64_t at = part.begin; at < part.end;) {
    const std::uint64_t length = std::min<std::uint64_t>(part.end - at, zeros.size());
    const auto piece = std::string_view(zeros).substr(0, static_cast<std::size_t>(length));
    if (auto written = write_at(path, descriptor, at, piece); !written.ok()) return written;
    at += length;
  }
  return {};
}

Result<void> synced(const std::string& path, int code) {
  if (code == 0) return {};
  return file_error(path, "synced to the disk", errno);
}

Result<std::uint64_t> size_of(const std::string& path, int descriptor) {
  struct stat info {};
  if (::fstat(descriptor, &info) != 0) return file_error(path, "looked at", errno);
  return static_cast<std::uint64_t>(info.st_size);
}

// What was added, and could not be finished, gives its room back. Where even that fails, nothing is lost.
void give_back(int descriptor, std::uint64_t size) {
  (void)!::ftruncate(descriptor, static_cast<off_t>(size));
}

}  // namespace

Result<void> write_and_sync(const std::string& path, int descriptor, std::uint64_t offset,
                            std::string_view bytes) {
  if (const auto written = write_at(path, descriptor, offset, bytes); !written.ok()) return written.error();
  // The size is synced with the data; times are not.
  return synced(path, ::fdatasync(descriptor));
}

Result<void> allocate_and_sync(const std::string& path, int descriptor, std::uint64_t size) {
  const auto before = size_of(path, descriptor);
  if (!before.ok()) return before.error();
  if (size == 0) return {};
  int code = 0;
  // Not posix_fallocate(): where there is no such thing, glibc writes a byte into each block, one by one.
  while (::fallocate(descriptor, 0, 0, static_cast<off_t>(size)) != 0) {
    code = errno;
    if (code != EINTR) break;
    code = 0;
  }
  if (code != 0 && code != EOPNOTSUPP) {
    give_back(descriptor, *before);
    return file_error(path, "allocated", code);
  }
  // Written as zeros, too: the first write to a block that is only set aside makes the file system note that
  // it has content now, which costs each sync of a log a quarter of its time.
  if (const auto filled = fill_with_zeros(path, descriptor, {*before, size}); !filled.ok()) {
    give_back(descriptor, *before);
    return filled;
  }
  // Not fdatasync(): it is all about the file's blocks and size.
  return synced(path, ::fsync(descriptor));
}

Result<void> truncate_and_sync(const std::string& path, int descriptor, std::uint64_t size) {
  const auto before = size_of(path, descriptor);
  if (!before.ok()) return before.error();
  if (size < *before && ::ftruncate(descriptor, static_cast<off_t>(size)) != 0) {
    return file_error(path, "truncated", errno);
  }
  return synced(path, ::fsync(descriptor));
}

}  // namespace ringhold
