#include "common/net/files.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

#include "common/base/limits.h"
#include "common/net/descriptor.h"

namespace ringhold {

namespace {

constexpr std::size_t kStep = 64 * limits::kKiB;

Error describe(const std::string& path, int code) {
  if (code == ENOENT) return Error{fmt::format("{} does not exist", path)};
  if (code == EACCES) return Error{fmt::format("{} cannot be read: no permission", path)};
  return file_error(path, "read", code);
}

struct RegularFile {
  Descriptor descriptor;
  std::uint64_t size;
};

Result<RegularFile> open_regular(const std::string& path) {
  // Not blocking, so that a fifo in the file's place cannot hang the process.
  Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (descriptor.get() < 0) return describe(path, errno);
  struct stat info {};
  if (::fstat(descriptor.get(), &info) != 0) return describe(path, errno);
  if (!S_ISREG(info.st_mode)) return Error{fmt::format("{} is not a regular file", path)};
  return RegularFile{std::move(descriptor), static_cast<std::uint64_t>(info.st_size)};
}

class BlockingFile final : public ReadableFile {
 public:
  BlockingFile(std::string path, RegularFile file) : path_(std::move(path)), file_(std::move(file)) {}

  std::uint64_t size() const override { return file_.size; }

  Result<std::string> read(std::size_t bytes_max) override {
    std::string bytes(static_cast<std::size_t>(std::min<std::uint64_t>(bytes_max, file_.size - at_)), '\0');
    std::size_t have = 0;
    while (have < bytes.size()) {
      const ssize_t got = ::read(file_.descriptor.get(), bytes.data() + have, bytes.size() - have);
      if (got < 0 && errno != EINTR) return describe(path_, errno);
      if (got == 0) break;  // it has become shorter
      if (got > 0) have += static_cast<std::size_t>(got);
    }
    at_ += have;
    bytes.resize(have);
    return bytes;
  }

 private:
  std::string path_;
  RegularFile file_;
  std::uint64_t at_ = 0;
};

}  // namespace

Error file_error(const std::string& path, std::string_view cannot_be, int code) {
  return Error{fmt::format("{} cannot be {}: {}", path, cannot_be, std::generic_category().message(code))};
}

Result<std::unique_ptr<ReadableFile>> open_readable_file(const std::string& path) {
  auto file = open_regular(path);
  if (!file.ok()) return file.error();
  return std::unique_ptr<ReadableFile>(std::make_unique<BlockingFile>(path, std::move(*file)));
}

Result<std::string> read_whole_file(const std::string& path, std::size_t bytes_max) {
  const auto file = open_regular(path);
  if (!file.ok()) return file.error();

  std::string content;
  for (;;) {
    const std::size_t before = content.size();
    content.resize(before + kStep);
    const ssize_t got = ::read(file->descriptor.get(), content.data() + before, kStep);
    if (got < 0 && errno != EINTR) return describe(path, errno);
    content.resize(before + static_cast<std::size_t>(got > 0 ? got : 0));
    if (content.size() > bytes_max) {
      return Error{
          fmt::format("{} is larger than {} bytes, which is the most that is read", path, bytes_max)};
    }
    if (got == 0) return content;
  }
}

Result<std::string> read_file_range(const std::string& path, std::uint64_t offset, std::size_t bytes_max) {
  const auto file = open_regular(path);
  if (!file.ok()) return file.error();
  if (offset >= file->size) return std::string();
  std::string bytes(static_cast<std::size_t>(std::min<std::uint64_t>(bytes_max, file->size - offset)), '\0');
  std::size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t got = ::pread(file->descriptor.get(), bytes.data() + have, bytes.size() - have,
                                static_cast<off_t>(offset + have));
    if (got < 0 && errno != EINTR) return describe(path, errno);
    if (got == 0) break;  // it has become shorter
    if (got > 0) have += static_cast<std::size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

Result<unsigned> file_mode(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return describe(path, errno);
  return static_cast<unsigned>(info.st_mode) & 07777U;
}

}  // namespace ringhold
