#include "client/line_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "client/characters.h"

namespace ringhold::client {

namespace {

// Text cut into rows of the screen. The last row is never full, so that the cursor has a place behind it.
class Rows {
 public:
  Rows(int columns, bool colours) : columns_(columns), colours_(colours) {}

  void add(std::string_view text) {
    while (!text.empty()) {
      const Character character = first_character(text);
      if (character.shown) {
        place(character.text, character.columns);
      } else {
        add_stand_in(stand_in(character.text));
      }
      text.remove_prefix(character.bytes);
    }
  }
  void mark_cursor() {
    cursor_row_ = static_cast<int>(rows_.size()) - 1;
    cursor_column_ = column_;
  }
  int room() const { return columns_ - column_; }
  // Beyond what counts: nothing of it moves the cursor.
  void add_hint(std::string_view hint) {
    const std::string_view fitting = cut_to_columns(hint, room() - 1);
    if (fitting.empty()) return;
    // Without colours it is faint: it must not look like what was typed.
    rows_.back() += fmt::format("\x1b[{}m{}\x1b[0m", colours_ ? 90 : 2, fitting);
  }

  const std::vector<std::string>& rows() const { return rows_; }
  int cursor_row() const { return cursor_row_; }
  int cursor_column() const { return cursor_column_; }

 private:
  // What has no picture stands out from the same bytes as text.
  void add_stand_in(const std::string& text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      std::string cell(1, text[i]);
      place("\x1b[7m" + cell + "\x1b[27m", 1);
    }
  }
  void place(std::string_view shown, int width) {
    if (column_ + width > columns_) {  // a wide character at the edge
      rows_.back().append(static_cast<std::size_t>(columns_ - column_), ' ');
      next_row();
    }
    rows_.back() += shown;
    column_ += width;
    if (column_ >= columns_) next_row();
  }
  void next_row() {
    rows_.emplace_back();
    column_ = 0;
  }

  int columns_;
  bool colours_;
  std::vector<std::string> rows_ = {""};
  int column_ = 0;
  int cursor_row_ = 0;
  int cursor_column_ = 0;
};

}  // namespace

std::string LineView::draw(const LinePicture& picture, ScreenSize size) {
  Rows rows(std::max(size.columns, 2), picture.colours);
  rows.add(picture.prompt);
  rows.add(picture.text.substr(0, picture.cursor));
  rows.mark_cursor();
  rows.add(picture.text.substr(picture.cursor));
  if (picture.cursor == picture.text.size()) rows.add_hint(picture.hint);

  const int count = static_cast<int>(rows.rows().size());
  const int shown = std::min(count, std::max(size.rows, 1));
  const int first = std::clamp(rows.cursor_row() - shown + 1, 0, count - shown);
  // Terminals wrap anew what they show when their width changes.
  if (columns_ > 0 && size.columns != columns_) {
    cursor_row_ = (cursor_row_ * columns_ + cursor_column_) / std::max(size.columns, 2);
  }
  columns_ = std::max(size.columns, 2);
  std::string out = "\r";
  if (cursor_row_ > 0) out += fmt::format("\x1b[{}A", cursor_row_);
  for (int row = first; row < first + shown; ++row) {
    const std::string& text = rows.rows()[static_cast<std::size_t>(row)];
    // A full row wraps by itself when the next one begins; an empty one has nothing that would.
    if (row > first && text.empty()) out += "\r\n";
    out += text;
  }
  out += "\x1b[J";
  cursor_row_ = rows.cursor_row() - first;
  cursor_column_ = rows.cursor_column();
  if (const int up = shown - 1 - cursor_row_; up > 0) out += fmt::format("\x1b[{}A", up);
  out += '\r';
  if (rows.cursor_column() > 0) out += fmt::format("\x1b[{}C", rows.cursor_column());
  return out;
}

}  // namespace ringhold::client
