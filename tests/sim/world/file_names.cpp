// Names on a simulated disk, and the directories that they are in.
#include <utility>

#include "tests/sim/world/files.h"

namespace ringhold::sim {

namespace {

constexpr const char* kMissing = "No such file or directory";  // as common/net says it

// Of the directory that programs begin in: "".
std::string plain(std::string directory) {
  while (directory.size() > 1 && directory.back() == '/') directory.pop_back();
  return directory == "." ? std::string() : directory;
}

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {};
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string name_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

// What all names in `directory`, and below it, begin with.
std::string first_in(const std::string& directory) {
  return directory.empty() || directory == "/" ? directory : directory + '/';
}

}  // namespace

void SimFiles::unsettle(const std::string& path, std::shared_ptr<SimFile> before) {
  unsettled_.emplace(path, std::move(before));  // if it was not settled, what was before that counts
}

void SimFiles::settle(const std::string& directory) {
  const std::string plainly = plain(directory);
  std::erase_if(unsettled_, [&](const auto& name) { return parent_of(name.first) == plainly; });
}

void SimFiles::settle_directory_of(const std::string& path) {
  if (!unsettled_.empty()) settle(parent_of(path));
}

void SimFiles::make_parents(const std::string& path) {
  for (std::string at = parent_of(path); !at.empty() && at != "/"; at = parent_of(at))
    directories_.insert(at);
}

Result<void> SimFiles::make_directory(const std::string& path) {
  const std::string directory = plain(path);
  for (std::string at = directory; !at.empty() && at != "/"; at = parent_of(at)) {
    if (exists(at)) return Error{at + " is not a directory"};
  }
  make_parents(first_in(directory));
  return {};
}

Result<std::vector<std::string>> SimFiles::list_directory(const std::string& path) const {
  const std::string directory = plain(path);
  if (!directory.empty() && directory != "/" && !directories_.contains(directory)) {
    return Error{path + " cannot be listed: " + kMissing};
  }
  std::vector<std::string> names;
  const std::string first = first_in(directory);
  for (auto it = names_.lower_bound(first); it != names_.end() && it->first.starts_with(first); ++it) {
    if (parent_of(it->first) == directory) names.push_back(name_of(it->first));
  }
  return names;
}

// As with O_TRUNC, other names of the file see it emptied.
Result<std::shared_ptr<SimFile>> SimFiles::create_file(const std::string& path) {
  const std::string parent = parent_of(path);
  if (!parent.empty() && parent != "/" && !directories_.contains(parent)) {
    return Error{path + " cannot be created: " + kMissing};
  }
  if (directories_.contains(path)) return Error{path + " cannot be created: Is a directory"};
  auto& file = names_[path];
  if (!file) {
    file = std::make_shared<SimFile>();
    unsettle(path, nullptr);
  }
  *file = {};
  tell(path);
  return file;
}

Result<std::shared_ptr<SimFile>> SimFiles::open_for_update(const std::string& path) {
  const auto it = names_.find(path);
  if (it == names_.end()) return Error{path + " cannot be opened: " + kMissing};
  return it->second;
}

Result<void> SimFiles::rename_file(const std::string& from, const std::string& to) {
  const auto it = names_.find(from);
  if (it == names_.end()) return Error{from + " cannot be renamed to " + to + ": " + kMissing};
  const auto file = it->second;
  if (from != to) names_.erase(it);
  names_[to] = file;
  settle_directory_of(to);
  tell(from);
  tell(to);
  return {};
}

Result<void> SimFiles::link_file(const std::string& from, const std::string& to) {
  const auto it = names_.find(from);
  if (it == names_.end()) return Error{from + " cannot be linked as " + to + ": " + kMissing};
  names_[to] = std::shared_ptr(it->second);
  settle_directory_of(to);
  tell(to);
  return {};
}

Result<void> SimFiles::remove_file(const std::string& path) {
  const auto it = names_.find(path);
  if (it == names_.end()) return Error{path + " cannot be removed: " + kMissing};
  unsettle(path, it->second);
  names_.erase(it);
  tell(path);
  return {};
}

}  // namespace ringhold::sim
