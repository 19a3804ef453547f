// How output may look: colours, and characters beyond ASCII.
#pragma once

#include <cstdint>

namespace ringhold::client {

enum class ColourChoice : std::uint8_t { kAuto, kAlways, kNever };

struct Style {
  bool colours = false;
  bool unicode = false;         // in what the client draws: bars
  bool unicode_values = false;  // in quoted values; without it they are as redis-cli's, for scripts
};

// For what goes to stdout. kAuto: colours on a terminal that has them, unless NO_COLOR is set.
Style style_of_stdout(ColourChoice choice);
// The same rule for stderr.
bool colours_on_stderr(ColourChoice choice);

// Sets the locale's characters; whatever the locale is, widths of characters are those of Unicode. Called
// once, by main.
void set_up_characters();

}  // namespace ringhold::client
