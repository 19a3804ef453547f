// What ranges of a sorted set's members commands can ask for, besides ranks: by score, and by name.
#pragma once

#include <cstdint>
#include <string_view>

#include "dataserver/store/score_tree.h"

namespace ringhold {

struct ScoreRange {
  double min = 0;
  double max = 0;
  bool min_open = false;  // the bound itself is outside
  bool max_open = false;

  // The range holds the members between these two; none if they are in the wrong order.
  ScoreCut begin() const {
    return {min, min_open ? ScoreCut::Side::kAfterScore : ScoreCut::Side::kBeforeScore, {}};
  }
  ScoreCut end() const {
    return {max, max_open ? ScoreCut::Side::kBeforeScore : ScoreCut::Side::kAfterScore, {}};
  }
};

// One end of a range by name: a name, included or not, or the end of all names.
struct NameBound {
  enum class Kind : std::uint8_t { kLowest, kHighest, kIncluded, kExcluded };
  Kind kind = Kind::kLowest;
  std::string_view name;

  // As the lower bound of a range: are the members with `other` above it?
  bool admits_from(std::string_view other) const;
  // As the upper bound.
  bool admits_to(std::string_view other) const;
  // The same bounds among members that all have `score`.
  ScoreCut begin_at(double score) const;
  ScoreCut end_at(double score) const;
};

// Members by name make sense only where all have the same score: see ZsetView::name_range.
struct NameRange {
  NameBound min;
  NameBound max;
  // Whether it can hold no name at all.
  bool is_empty() const;
};

// Members by rank.
struct RankRange {
  std::size_t first = 0;
  std::size_t count = 0;
};

}  // namespace ringhold
