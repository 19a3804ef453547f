// How the writes and syncs of a simulated disk end.
#include <algorithm>
#include <utility>

#include "tests/sim/world/files.h"

namespace ringhold::sim {

namespace {

// The words of the kernel, as common/net says them.
constexpr const char* kNoSpace = "No space left on device";
constexpr const char* kInputOutput = "Input/output error";

Error cannot_be(const std::string& path, const char* what, const char* why) {
  return Error{path + " cannot be " + what + ": " + why};
}

}  // namespace

void SimFiles::tell_of(const std::string& path, const SimFile& file) {
  if (watchers_.empty()) return;
  if (const auto found = find(path); found.get() == &file) tell(path);
}

Result<void> SimFiles::append(const std::string& path, SimFile& file, std::size_t& position,
                              std::string_view bytes) {
  const char* why = nullptr;
  std::size_t taken = writable(file, position, bytes.size());
  if (taken < bytes.size()) why = kNoSpace;
  if (write_fails()) {
    why = kInputOutput;
    taken = static_cast<std::size_t>(chaos_.below(taken + 1));
  }
  file.write(position, bytes.substr(0, taken));
  position += taken;
  tell_of(path, file);
  if (why == nullptr) return {};
  return cannot_be(path, "written", why);
}

Result<void> SimFiles::write_synced(const std::string& path, SimFile& file, std::size_t offset,
                                    std::string_view bytes) {
  const std::string_view fits = bytes.substr(0, writable(file, offset, bytes.size()));
  tell_of(path, file);
  if (write_fails()) {
    file.write_some(offset, fits, chaos_);
    return cannot_be(path, "written", kInputOutput);
  }
  file.update_in_place();
  file.write(offset, fits);
  if (fits.size() < bytes.size()) return cannot_be(path, "written", kNoSpace);
  return sync(path, file);
}

Result<void> SimFiles::allocate(const std::string& path, SimFile& file, std::size_t size) {
  if (size > file.size() && fitting(size - file.size()) < size - file.size()) {
    return cannot_be(path, "allocated", kNoSpace);
  }
  file.grow(size);
  tell_of(path, file);
  return sync(path, file);
}

Result<void> SimFiles::truncate(const std::string& path, SimFile& file, std::size_t size) {
  const bool fails = sync_fails();
  if (!fails || chaos_.one_in(2)) file.truncate(size);
  tell_of(path, file);
  if (!fails) return {};
  return cannot_be(path, "synced to the disk", kInputOutput);
}

Result<void> SimFiles::sync(const std::string& path, SimFile& file) {
  if (sync_fails()) {
    file.fail_sync(chaos_);
    return cannot_be(path, "synced to the disk", kInputOutput);
  }
  file.sync();
  return {};
}

Result<void> SimFiles::sync_directory(const std::string& path) {
  if (const auto names = list_directory(path); !names.ok()) {
    return cannot_be(path, "synced to the disk", "No such file or directory");
  }
  if (sync_fails()) return cannot_be(path, "synced to the disk", kInputOutput);
  settle(path);
  return {};
}

}  // namespace ringhold::sim
