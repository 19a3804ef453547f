#include "dataserver/store/lcs.h"

#include <algorithm>

namespace ringhold {

namespace {

// length(i, j): of the longest common subsequence of the first i bytes of a and the first j bytes of b.
class LengthTable {
 public:
  LengthTable(std::string_view a, std::string_view b)
      : width_(b.size() + 1), cells_((a.size() + 1) * width_) {
    for (std::size_t i = 1; i <= a.size(); ++i) {
      for (std::size_t j = 1; j <= b.size(); ++j) {
        cells_[i * width_ + j] =
            a[i - 1] == b[j - 1] ? at(i - 1, j - 1) + 1 : std::max(at(i - 1, j), at(i, j - 1));
      }
    }
  }
  std::uint32_t at(std::size_t i, std::size_t j) const { return cells_[i * width_ + j]; }

 private:
  std::size_t width_;
  std::vector<std::uint32_t> cells_;
};

// Collects matched pairs, met from the ends of the strings, into ranges.
class MatchCollector {
 public:
  explicit MatchCollector(std::vector<LcsMatch>& matches) : matches_(matches) {}
  void pair(std::uint32_t i, std::uint32_t j) {
    if (open_ && current_.a.first == i + 1 && current_.b.first == j + 1) {
      current_.a.first = i;
      current_.b.first = j;
      return;
    }
    close();
    current_ = {{i, i}, {j, j}};
    open_ = true;
  }
  void close() {
    if (open_) matches_.push_back(current_);
    open_ = false;
  }

 private:
  std::vector<LcsMatch>& matches_;
  LcsMatch current_{};
  bool open_ = false;
};

}  // namespace

std::uint64_t lcs_table_bytes(std::size_t a_size, std::size_t b_size) {
  return (std::uint64_t{a_size} + 1) * (b_size + 1) * sizeof(std::uint32_t);
}

// Among equally long subsequences, goes back the way that Redis does, so that texts and ranges are the same.
Lcs longest_common_subsequence(std::string_view a, std::string_view b) {
  const LengthTable table(a, b);
  Lcs lcs;
  lcs.length = table.at(a.size(), b.size());
  MatchCollector collector(lcs.matches);
  auto i = static_cast<std::uint32_t>(a.size());
  auto j = static_cast<std::uint32_t>(b.size());
  while (i > 0 && j > 0) {
    if (a[i - 1] == b[j - 1]) {
      --i;
      --j;
      lcs.text.push_back(a[i]);
      collector.pair(i, j);
    } else {
      collector.close();
      if (table.at(i - 1, j) > table.at(i, j - 1)) {
        --i;
      } else {
        --j;
      }
    }
  }
  collector.close();
  std::reverse(lcs.text.begin(), lcs.text.end());
  return lcs;
}

}  // namespace ringhold
