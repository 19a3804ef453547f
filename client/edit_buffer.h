// The line that is being edited: text, a cursor between two characters, and what was cut out last.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ringhold::client {

class EditBuffer {
 public:
  const std::string& text() const { return text_; }
  std::size_t cursor() const { return cursor_; }
  std::string_view before_cursor() const { return std::string_view(text_).substr(0, cursor_); }
  bool at_end() const { return cursor_ == text_.size(); }

  void set(std::string text);
  void clear() { set({}); }
  void insert(std::string_view text);
  // Puts `text` in place of the `bytes` before the cursor.
  void replace_before(std::size_t bytes, std::string_view text);

  void left();
  void right();
  void word_left() { cursor_ = word_begin(); }
  void word_right() { cursor_ = word_end(); }
  void home() { cursor_ = 0; }
  void end() { cursor_ = text_.size(); }

  // False if there is nothing to erase.
  bool erase_before();
  bool erase_at();
  void cut_to_end() { cut(cursor_, text_.size()); }
  void cut_to_begin() { cut(0, cursor_); }
  void cut_word_before() { cut(blank_word_begin(), cursor_); }
  void cut_word_behind() { cut(cursor_, word_end()); }
  void paste_cut() { insert(cut_); }
  // Swaps the two characters around the cursor, as Ctrl-T does everywhere.
  void transpose();

 private:
  std::size_t word_begin() const;  // of letters and digits
  std::size_t word_end() const;
  std::size_t blank_word_begin() const;  // of anything but blanks
  void cut(std::size_t begin, std::size_t end);

  std::string text_;
  std::size_t cursor_ = 0;
  std::string cut_;
};

}  // namespace ringhold::client
