#include "client/characters.h"

#include <fmt/format.h>

#include <algorithm>
#include <cwchar>
#include <cwctype>

namespace ringhold::client {

namespace {

constexpr char32_t kJoiner = 0x200d;  // between the emojis that are one

bool continues(char byte) {
  return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U;
}

// Marks on the letter before them, and what chooses its form.
bool extends(char32_t c) {
  if (c == kJoiner || (c >= 0xfe00 && c <= 0xfe0f) || (c >= 0x1f3fb && c <= 0x1f3ff)) return true;
  return c >= 0x300 && is_shown(c) && ::wcwidth(static_cast<wchar_t>(c)) == 0;
}

struct Lead {
  std::size_t bytes;
  char32_t bits;
  char32_t least;  // what takes fewer bytes is overlong
};
Lead lead_of(unsigned char byte) {
  if (byte < 0x80) return {1, byte, 0};
  if (byte >= 0xc2 && byte <= 0xdf) return {2, byte & 0x1fU, 0x80};
  if (byte >= 0xe0 && byte <= 0xef) return {3, byte & 0x0fU, 0x800};
  if (byte >= 0xf0 && byte <= 0xf4) return {4, byte & 0x07U, 0x10000};
  return {0, 0, 0};
}

}  // namespace

CodePoint first_code_point(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const Lead lead = lead_of(first);
  const CodePoint invalid{.value = first};
  if (lead.bytes == 0 || lead.bytes > text.size()) return invalid;
  char32_t value = lead.bits;
  for (std::size_t i = 1; i < lead.bytes; ++i) {
    if (!continues(text[i])) return invalid;
    value = (value << 6U) | (static_cast<unsigned char>(text[i]) & 0x3fU);
  }
  if (value < lead.least || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return invalid;
  return {.value = value, .bytes = lead.bytes, .valid = true};
}

bool is_shown(char32_t c) {
  if (c < 0x7f) return c >= 0x20;
  if (c == kJoiner) return true;
  // Of no width, but with an effect: blanks, directions, fillers, tags.
  const bool format = (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
                      (c >= 0x2060 && c <= 0x206f) || c == 0xad || c == 0x61c || c == 0xfeff ||
                      (c >= 0xfff9 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe00ff);
  return !format && ::wcwidth(static_cast<wchar_t>(c)) >= 0;
}

Character first_character(std::string_view text) {
  const CodePoint first = first_code_point(text);
  if (!first.valid || !is_shown(first.value)) {
    const std::string_view bytes = text.substr(0, first.bytes);
    return {first.bytes, static_cast<int>(stand_in(bytes).size()), bytes, false};
  }
  std::size_t end = first.bytes;
  int columns = std::max(0, ::wcwidth(static_cast<wchar_t>(first.value)));
  if (first.value < 0x80 && (end == text.size() || static_cast<unsigned char>(text[end]) < 0x80)) {
    return {end, columns, text.substr(0, end), true};
  }
  bool joined = first.value == kJoiner;
  while (end < text.size()) {
    const CodePoint next = first_code_point(text.substr(end));
    if (!next.valid || !(extends(next.value) || (joined && is_shown(next.value) && next.value >= 0x2190)))
      break;
    // As an emoji, a sign is wide.
    if (next.value == 0xfe0f && first.value >= 0x2190) columns = std::max(columns, 2);
    joined = next.value == kJoiner;
    end += next.bytes;
  }
  return {end, columns, text.substr(0, end), true};
}

std::string stand_in(std::string_view bytes) {
  const auto first = static_cast<unsigned char>(bytes.front());
  if (bytes.size() == 1 && first < 0x20) return {'^', static_cast<char>(first + '@')};
  if (bytes.size() == 1 && first == 0x7f) return "^?";
  std::string out;
  for (const char byte : bytes) out += fmt::format("\\x{:02x}", static_cast<unsigned char>(byte));
  return out;
}

std::size_t character_before(std::string_view text, std::size_t at) {
  // ASCII between ASCII, which is nearly everything, needs no look at what stands before.
  if (at == 1 || (static_cast<unsigned char>(text[at - 1]) < 0x80)) return at - 1;
  // Back to a byte that surely begins a character, then forward.
  std::size_t begin = at - 1;
  while (begin > 0 && (static_cast<unsigned char>(text[begin]) >= 0x80)) --begin;
  while (true) {
    const Character character = first_character(text.substr(begin, at - begin));
    if (begin + character.bytes >= at) return begin;
    begin += character.bytes;
  }
}

int columns_of(std::string_view text) {
  int columns = 0;
  while (!text.empty()) {
    const Character character = first_character(text);
    columns += character.columns;
    text.remove_prefix(character.bytes);
  }
  return columns;
}

std::string_view cut_to_columns(std::string_view text, int columns) {
  std::size_t end = 0;
  while (end < text.size()) {
    const Character character = first_character(text.substr(end));
    columns -= character.columns;
    if (columns < 0) break;
    end += character.bytes;
  }
  return text.substr(0, end);
}

}  // namespace ringhold::client
