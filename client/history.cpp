#include "client/history.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <string>

#include "common/base/limits.h"
#include "common/base/log.h"
#include "common/base/text.h"

namespace ringhold::client {

namespace {

constexpr mode_t kOwnerOnly = S_IRUSR | S_IWUSR;

class File {
 public:
  File(const std::string& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, kOwnerOnly)) {
    struct stat status {};
    if (fd_ < 0) return;
    // A directory, a pipe or a device is no history; and what was readable to others is no longer.
    if (fstat(fd_, &status) != 0 || !S_ISREG(status.st_mode) || fchmod(fd_, kOwnerOnly) != 0) close();
  }
  ~File() { close(); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  bool ok() const { return fd_ >= 0; }

  // The last `bytes_max` bytes.
  std::string read_end(std::size_t bytes_max) {
    const off_t size = lseek(fd_, 0, SEEK_END);
    const off_t begin = size > static_cast<off_t>(bytes_max) ? size - static_cast<off_t>(bytes_max) : 0;
    lseek(fd_, begin, SEEK_SET);
    std::string content(static_cast<std::size_t>(size - begin), '\0');
    std::size_t got = 0;
    while (got < content.size()) {
      const ssize_t now = ::read(fd_, content.data() + got, content.size() - got);
      if (now < 0 && errno == EINTR) continue;
      if (now <= 0) break;
      got += static_cast<std::size_t>(now);
    }
    content.resize(got);
    if (begin > 0) content.erase(0, content.find('\n') + 1);  // the line that was cut off
    return content;
  }
  bool write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t now = ::write(fd_, bytes.data(), bytes.size());
      if (now < 0 && errno == EINTR) continue;
      if (now <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(now));
    }
    return true;
  }

 private:
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  int fd_;
};

bool contains(std::string_view line, std::string_view text) {
  return to_lower(line).find(to_lower(text)) != std::string::npos;
}

}  // namespace

History::History(std::string file) : file_(std::move(file)) {
  if (!file_.empty()) load();
}

void History::add(std::string_view line) {
  if (line.empty() || line.size() > limits::kHistoryLineBytesMax) return;
  if (line.find('\n') != std::string_view::npos) return;
  if (!lines_.empty() && lines_.back() == line) return;
  lines_.emplace_back(line);
  keep_bounds();
  if (file_.empty()) return;
  append_to_file(line);
  if (lines_in_file_ > 2 * limits::kHistoryLinesMax) shorten_file();
}

std::optional<std::size_t> History::search_back(std::string_view text, std::size_t before) const {
  for (std::size_t i = std::min(before, lines_.size()); i-- > 0;) {
    if (contains(lines_[i], text)) return i;
  }
  return std::nullopt;
}

std::optional<std::size_t> History::search_forward(std::string_view text, std::size_t from) const {
  for (std::size_t i = from; i < lines_.size(); ++i) {
    if (contains(lines_[i], text)) return i;
  }
  return std::nullopt;
}

void History::keep_bounds() {
  while (lines_.size() > limits::kHistoryLinesMax) lines_.pop_front();
}

void History::load() {
  File file(file_, O_RDWR);
  if (!file.ok()) return;
  const std::string content = file.read_end(limits::kHistoryFileBytesMax);
  std::string_view rest = content;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    if (!line.empty() && line.size() <= limits::kHistoryLineBytesMax) lines_.emplace_back(line);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    ++lines_in_file_;
    keep_bounds();
  }
  if (lines_in_file_ > 2 * limits::kHistoryLinesMax) shorten_file();
}

void History::append_to_file(std::string_view line) {
  File file(file_, O_WRONLY | O_APPEND | O_CREAT);
  if (file.ok() && file.write(std::string(line) + '\n')) {
    ++lines_in_file_;
  } else {
    log::debug("cannot write the history to {}", file_);
  }
}

// Written aside and renamed, so that a program that ends meanwhile leaves one or the other.
void History::shorten_file() {
  const std::string aside = file_ + ".new";
  std::string content;
  for (const std::string& line : lines_) content += line + '\n';
  {
    File file(aside, O_WRONLY | O_CREAT | O_TRUNC);
    if (!file.ok() || !file.write(content)) {
      ::unlink(aside.c_str());
      return;
    }
  }
  if (std::rename(aside.c_str(), file_.c_str()) == 0) lines_in_file_ = lines_.size();
}

}  // namespace ringhold::client
