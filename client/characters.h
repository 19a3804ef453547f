// Characters as a terminal shows them: where one ends, and how many columns it takes.
//
// Text is UTF-8 here, whatever the locale says; bytes that are none, and what has no picture, are shown by
// what stands for them, so that no text can move the cursor or change the terminal's colours.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ringhold::client {

// One code point; of bytes that are not UTF-8 the first one.
struct CodePoint {
  char32_t value = 0;
  std::size_t bytes = 1;
  bool valid = false;
};
// Precondition: `text` is not empty.
CodePoint first_code_point(std::string_view text);

// Whether a terminal may be sent this as it is: no control, no mark that changes the direction of writing.
bool is_shown(char32_t code_point);

// What a person sees as one character: a letter with its accents, an emoji with its colour of skin.
struct Character {
  std::size_t bytes = 0;
  int columns = 0;
  std::string_view text;  // these bytes; not what is shown
  bool shown = true;      // false: stand_in() is shown instead
};
// Precondition: `text` is not empty.
Character first_character(std::string_view text);
// "^A", "\xff": takes as many columns as it has bytes.
std::string stand_in(std::string_view bytes);

// Where the character before `at` begins. Precondition: at > 0.
std::size_t character_before(std::string_view text, std::size_t at);

int columns_of(std::string_view text);
// As much of the front of `text` as fits.
std::string_view cut_to_columns(std::string_view text, int columns);

}  // namespace ringhold::client
