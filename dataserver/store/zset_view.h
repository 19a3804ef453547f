// ZsetView: a sorted set as commands read it, whichever form it has.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "dataserver/store/entry.h"
#include "dataserver/store/packed_scores.h"
#include "dataserver/store/score_range.h"
#include "dataserver/store/sorted_set.h"

namespace ringhold {

// Valid until the store changes.
class ZsetView {
 public:
  // Precondition: the entry is a sorted set.
  explicit ZsetView(const Entry& entry);

  bool is_packed() const { return large_ == nullptr; }
  PackedScores packed() const { return PackedScores(payload_); }  // precondition: is_packed()
  const SortedSet& large() const { return *large_; }              // precondition: !is_packed()

  std::size_t size() const { return large_ != nullptr ? large_->size() : packed().size(); }
  std::optional<double> score(std::string_view member) const;
  std::optional<std::size_t> rank(std::string_view member) const;
  // How many members stand before the cut.
  std::size_t count_before(const ScoreCut& cut) const;

  // Visits (std::string_view member, double score), `count` members from `rank` on, upwards or downwards;
  // fewer where the set ends. The member's bytes are valid during the visit only.
  template <typename Visit>
  void walk(std::size_t rank, std::size_t count, Direction direction, Visit&& visit) const;

  RankRange score_range(const ScoreRange& range) const;
  // Where all members have the same score, those that the range holds. Elsewhere Redis's answer is
  // unspecified; ours depends on the content alone: up to kMixedMax members, what Redis's small sets
  // answer: from the first member (the last one, downwards) that reaches the near bound, without the first
  // `skip`, to the last before one that is beyond the far bound; of more members, those in the range that
  // have the lowest score.
  RankRange name_range(const NameRange& range, Direction direction = Direction::kForward,
                       std::size_t skip = 0) const;

 private:
  static constexpr std::size_t kMixedMax = 128;
  RankRange mixed_name_range(const NameRange& range, Direction direction, std::size_t skip) const;

  std::string_view payload_;
  const SortedSet* large_ = nullptr;
};

template <typename Visit>
void ZsetView::walk(std::size_t rank, std::size_t count, Direction direction, Visit&& visit) const {
  if (is_packed()) return packed().walk(rank, count, direction, visit);
  large_->order().walk(rank, count, direction,
                       [&visit](const Element& element) { visit(element.name(), score_of(element)); });
}

}  // namespace ringhold
