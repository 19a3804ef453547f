// The longest common subsequence of two strings (the LCS command): the vanilla dynamic programme.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ringhold {

struct LcsRange {
  std::uint32_t first;
  std::uint32_t last;  // included
};

// A run of bytes that both strings have and that is part of the subsequence.
struct LcsMatch {
  LcsRange a;
  LcsRange b;
  std::uint32_t length() const { return a.last - a.first + 1; }
};

struct Lcs {
  std::uint32_t length = 0;
  std::string text;
  std::vector<LcsMatch> matches;  // from the ends of the strings to their beginnings
};

// What the table of intermediate lengths takes for strings of these sizes. Callers refuse what is too much.
std::uint64_t lcs_table_bytes(std::size_t a_size, std::size_t b_size);

// Precondition: lcs_table_bytes() is a size that can be allocated. Time and memory are the product of the
// sizes.
Lcs longest_common_subsequence(std::string_view a, std::string_view b);

}  // namespace ringhold
