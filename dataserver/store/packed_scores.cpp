#include "dataserver/store/packed_scores.h"

#include <cmath>
#include <cstring>

namespace ringhold {

StringValue score_item(double score, ScoreBytes& scratch) {
  constexpr double kWholeMax = 1LL << 53U;  // up to here every whole number is a double of its own
  if (std::abs(score) <= kWholeMax && std::trunc(score) == score) {
    return StringValue::number(static_cast<std::int64_t>(score));
  }
  std::memcpy(scratch.bytes, &score, sizeof(score));
  return StringValue::raw({scratch.bytes, sizeof(score)});
}

double item_score(const StringValue& item) {
  if (item.is_integer) return static_cast<double>(item.integer);
  double score = 0;
  std::memcpy(&score, item.bytes.data(), sizeof(score));
  return score;
}

std::optional<PackedScores::Found> PackedScores::find(std::string_view member) const {
  const PackedItem wanted(StringValue::encode(member));
  std::size_t rank = 0;
  for (std::size_t at = 0; at < items_.size(); ++rank) {
    const std::size_t score_at = items_.next(at);
    const std::size_t end = items_.next(score_at);
    if (wanted.is_at(items_, at)) return Found{at, end, rank, item_score(items_.at(score_at))};
    at = end;
  }
  return std::nullopt;
}

PackedScores::Position PackedScores::position_of(const ScoreCut& cut) const {
  Position position{0, 0};
  while (position.at < items_.size()) {
    IntText scratch;
    const std::size_t score_at = items_.next(position.at);
    if (!cut.follows(item_score(items_.at(score_at)), items_.at(position.at).text(scratch))) break;
    position.at = items_.next(score_at);
    ++position.rank;
  }
  return position;
}

}  // namespace ringhold
