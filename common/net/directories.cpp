#include "common/net/directories.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include "common/net/descriptor.h"
#include "common/net/files.h"

namespace ringhold {

namespace {

constexpr mode_t kMode = 0700;

// What stands there may be a symbolic link to a directory.
Result<void> check_directory(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return file_error(path, "used", errno);
  if (!S_ISDIR(info.st_mode)) return Error{fmt::format("{} is not a directory", path)};
  return {};
}

Result<void> sync_parent(const std::filesystem::path& path) {
  const std::filesystem::path parent = path.parent_path();
  const std::string directory = parent.empty() ? "." : parent.string();
  const Descriptor descriptor(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.get() < 0) return file_error(directory, "synced to the disk", errno);
  // Some network file systems cannot sync a directory, and need not.
  if (::fsync(descriptor.get()) == 0 || errno == EINVAL) return {};
  return file_error(directory, "synced to the disk", errno);
}

}  // namespace

Result<void> make_directory(const std::string& path) {
  std::filesystem::path whole(path);
  if (!whole.has_filename()) whole = whole.parent_path();  // it ended with a slash
  if (whole.empty()) return Error{fmt::format("'{}' names no directory", path)};
  std::filesystem::path so_far;
  for (const auto& part : whole) {
    so_far /= part;
    if (::mkdir(so_far.c_str(), kMode) == 0) {
      if (auto kept = sync_parent(so_far); !kept.ok()) return kept;
      continue;
    }
    // The kernel looks at rights first, and those above need not be ours: it matters whether it is there.
    const int code = errno;
    if (auto there = check_directory(so_far.string()); !there.ok()) {
      const bool something_else = code == EEXIST;
      return something_else ? there : Result<void>(file_error(so_far.string(), "created", code));
    }
  }
  // A process before this one may have ended before it had synced what it made. Where the directory was made
  // by somebody else, there may be no right to do so, and no need.
  (void)sync_parent(whole).ok();
  return {};
}

Result<std::vector<std::string>> list_directory(const std::string& path) {
  std::vector<std::string> names;
  std::error_code code;
  std::filesystem::directory_iterator at(path, code);
  while (!code && at != std::filesystem::directory_iterator()) {
    std::error_code not_to_be_told;
    if (!at->is_directory(not_to_be_told)) names.push_back(at->path().filename().string());
    at.increment(code);
  }
  if (code) return file_error(path, "listed", code.value());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace ringhold
