// The lines that a person has typed, and the file in which they outlive the program.
//
// The file has mode 0600 and one line per entry, newest last. Programs that run at the same time add to it in
// turn; none overwrites what another has added.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace ringhold::client {

class History {
 public:
  // `file` empty: lives as long as the program. A file that cannot be read or written is done without.
  explicit History(std::string file);

  // Adds it, unless it is empty, repeats the last one, or is longer than limits allow.
  void add(std::string_view line);

  std::size_t size() const { return lines_.size(); }
  const std::string& at(std::size_t index) const { return lines_[index]; }  // 0: the oldest

  // The newest entry below `before` that contains `text`, in capitals or not.
  std::optional<std::size_t> search_back(std::string_view text, std::size_t before) const;
  // The oldest one from `from` on.
  std::optional<std::size_t> search_forward(std::string_view text, std::size_t from) const;

 private:
  void load();
  void append_to_file(std::string_view line);
  void shorten_file();
  void keep_bounds();

  std::string file_;
  std::deque<std::string> lines_;
  std::size_t lines_in_file_ = 0;
};

}  // namespace ringhold::client
