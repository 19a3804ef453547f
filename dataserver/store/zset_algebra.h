// Unions, intersections and differences of sorted sets, and of plain sets, whose members count as having the
// score 1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "dataserver/store/entry.h"
#include "dataserver/store/set_members.h"
#include "dataserver/store/zsets.h"

namespace ringhold::zsets {

enum class Aggregate : std::uint8_t { kSum, kMin, kMax };

// One of the sets that are combined. Valid until the store changes.
class Source {
 public:
  // Null: an empty one. Precondition: else a set or a sorted set. `seed` is StoreOptions::seed.
  Source(const Entry* entry, std::uint64_t seed) : entry_(entry), seed_(seed) {}

  std::size_t size() const;
  std::optional<double> score(std::string_view member) const;
  // Visits (std::string_view member, double score); the member's bytes are valid during the visit only.
  template <typename Visit>
  void for_each(Visit&& visit) const;

  double weight = 1;

 private:
  bool is_sorted() const { return entry_->type() == ValueType::kZset; }

  SetMembers set() const { return {*entry_, seed_}; }

  const Entry* entry_;
  std::uint64_t seed_;
};

// Results are in no particular order. Scores are multiplied by the weights, and combined in the order of the
// sources' sizes, as in Redis: sums of doubles depend on it. What is not a number counts as 0.
std::vector<Member> unite(std::vector<Source> sources, Aggregate aggregate);
std::vector<Member> intersect(std::vector<Source> sources, Aggregate aggregate);
// The members of the first source that are in none of the others, with their scores.
std::vector<Member> subtract(const std::vector<Source>& sources);
// How many members an intersection has, but at most `limit`, unless that is 0.
std::size_t count_common(std::vector<Source> sources, std::size_t limit);

}  // namespace ringhold::zsets
