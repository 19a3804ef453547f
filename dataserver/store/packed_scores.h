// The packed form of a small sorted set: member and score in turn, in the order of (score, bytes of the
// member).
//
// A score that is a whole number is an integer item; any other is an item of its 8 bytes. Minus zero is
// stored as zero, here and in large sorted sets, as Redis's small ones do.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "dataserver/store/packed.h"
#include "dataserver/store/score_tree.h"

namespace ringhold {

// Room for a score on its way into an item.
struct ScoreBytes {
  char bytes[sizeof(double)];
};
// `scratch` holds the bytes of the item returned.
StringValue score_item(double score, ScoreBytes& scratch);
double item_score(const StringValue& item);

// A view of the items; the bytes are the caller's.
class PackedScores {
 public:
  explicit PackedScores(std::string_view payload) : packed_(payload), items_(packed_.items()) {}

  std::size_t size() const { return packed_.count() / 2; }
  PackedItems items() const { return items_; }

  // Where a member stands: positions within the items.
  struct Found {
    std::size_t at;   // of the member
    std::size_t end;  // behind its score
    std::size_t rank;
    double score;
  };
  std::optional<Found> find(std::string_view member) const;

  // Where the members behind a cut begin.
  struct Position {
    std::size_t at;
    std::size_t rank;
  };
  Position position_of(const ScoreCut& cut) const;
  // Of the member with this rank, or the end.
  std::size_t at_rank(std::size_t rank) const { return items_.nth(2 * rank); }

  // As ScoreTree::walk: visits (std::string_view member, double score). An integer's text is valid during the
  // visit only.
  template <typename Visit>
  void walk(std::size_t rank, std::size_t count, Direction direction, Visit&& visit) const;

 private:
  Packed packed_;
  PackedItems items_;
};

template <typename Visit>
void PackedScores::walk(std::size_t rank, std::size_t count, Direction direction, Visit&& visit) const {
  if (rank >= size()) return;
  std::size_t at = at_rank(rank);
  for (; count > 0; --count) {
    IntText scratch;
    const std::size_t score_at = items_.next(at);
    visit(items_.at(at).text(scratch), item_score(items_.at(score_at)));
    if (direction == Direction::kForward) {
      at = items_.next(score_at);
      if (at == items_.size()) return;
    } else {
      if (at == 0) return;
      at = items_.previous(items_.previous(at));
    }
  }
}

}  // namespace ringhold
