// Equality of short runs of bytes: keys, fields, members.
//
// A call of memcmp costs more than comparing what most keys are made of. This is inlined, and compares eight
// bytes at a time; the last ones overlap those before them, so that there is no loop over single bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace ringhold {

template <typename Word>
inline bool same_word(const char* a, const char* b) {
  Word word_a;
  Word word_b;
  std::memcpy(&word_a, a, sizeof(Word));
  std::memcpy(&word_b, b, sizeof(Word));
  return word_a == word_b;
}

// Whether `size` bytes at `a` and at `b` are equal.
inline bool same_bytes(const char* a, const char* b, std::size_t size) {
  if (size >= 8) {
    const std::size_t last = size - 8;
    for (std::size_t at = 0; at < last; at += 8) {
      if (!same_word<std::uint64_t>(a + at, b + at)) return false;
    }
    return same_word<std::uint64_t>(a + last, b + last);
  }
  if (size >= 4) {
    return same_word<std::uint32_t>(a, b) && same_word<std::uint32_t>(a + size - 4, b + size - 4);
  }
  return size == 0 || (a[0] == b[0] && a[size / 2] == b[size / 2] && a[size - 1] == b[size - 1]);
}

inline bool same_bytes(std::string_view a, std::string_view b) {
  return a.size() == b.size() && same_bytes(a.data(), b.data(), a.size());
}

}  // namespace ringhold
