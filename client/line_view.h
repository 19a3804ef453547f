// Draws a line that is being edited over its previous picture: prompt, text, hint and cursor.
//
// Pure: it gives the bytes for the terminal. Long lines are wrapped; of one that is higher than the screen
// the rows around the cursor are shown.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ringhold::client {

struct ScreenSize {
  int columns = 80;
  int rows = 24;
};

struct LinePicture {
  std::string_view prompt;
  std::string_view text;
  std::size_t cursor = 0;  // a byte of `text`, between two characters
  std::string_view hint;   // dim, behind the text, as far as the row has room
  bool colours = false;    // of the hint: grey, else faint
};

class LineView {
 public:
  // From where the cursor stands when nothing has been drawn yet, the beginning of a row.
  std::string draw(const LinePicture& picture, ScreenSize size);
  // Leaves the picture as it is: from here on a new one begins.
  void forget() { cursor_row_ = cursor_column_ = 0; }

 private:
  int cursor_row_ = 0;  // rows between the picture's first and the cursor's
  int cursor_column_ = 0;
  int columns_ = 0;  // of the screen then
};

}  // namespace ringhold::client
