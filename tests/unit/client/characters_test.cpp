#include "client/characters.h"

#include <doctest/doctest.h>

#include <vector>

#include "client/style.h"

namespace ringhold::client {
namespace {

TEST_CASE("first_character: letters with their marks, wide ones, emojis") {
  set_up_characters();
  struct Case {
    const char* text;
    std::size_t bytes;
    int columns;
  };
  for (const Case& c : {Case{"ab", 1, 1},
                        {"\u00e9x", 2, 1},
                        {"e\u0301x", 3, 1},
                        {"\u4e16x", 3, 2},
                        {"\U0001f44d\U0001f3fdx", 8, 2},
                        {"\U0001f469\u200d\U0001f680x", 11, 2},
                        {"\u2764\ufe0fx", 6, 2}}) {
    CAPTURE(c.text);
    const Character character = first_character(c.text);
    CHECK(character.bytes == c.bytes);
    CHECK(character.columns == c.columns);
    CHECK(character.shown);
  }
}

TEST_CASE("first_character: what a terminal would obey or cannot show is replaced") {
  set_up_characters();
  CHECK(stand_in("\x01") == "^A");
  CHECK(stand_in("\x7f") == "^?");
  CHECK(stand_in("\xff") == "\\xff");
  for (const char* bad : {"\x1b[31m", "\t", "\x7f", "\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80",
                          "\xf5\x80\x80\x80", "\xe4\xb8", "\u009b31m", "\u202e", "\u200b", "\ufeff"}) {
    CAPTURE(bad);
    CHECK_FALSE(first_character(bad).shown);
  }
}

TEST_CASE("character_before: back over whole characters, and always the way that leads forward") {
  set_up_characters();
  const std::string text = "ae\u0301\u4e16\U0001f44d\U0001f3fd\xff\xe4z";
  std::vector<std::size_t> forward;
  for (std::size_t at = 0; at < text.size(); at += first_character(text.substr(at)).bytes)
    forward.push_back(at);
  std::vector<std::size_t> back;
  for (std::size_t at = text.size(); at > 0; at = back.front())
    back.insert(back.begin(), character_before(text, at));
  CHECK(forward == back);
  CHECK(columns_of(text) == 1 + 1 + 2 + 2 + 4 + 4 + 1);
  CHECK(cut_to_columns(text, 3) == "ae\u0301");
  CHECK(cut_to_columns(text, 4) == "ae\u0301\u4e16");
}

}  // namespace
}  // namespace ringhold::client
