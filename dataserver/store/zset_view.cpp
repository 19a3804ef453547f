#include "dataserver/store/zset_view.h"

#include <algorithm>
#include <string>
#include <vector>

namespace ringhold {

ZsetView::ZsetView(const Entry& entry) {
  if (entry.is_packed()) {
    payload_ = entry.packed();
  } else {
    large_ = static_cast<const SortedSet*>(entry.collection());
  }
}

std::optional<double> ZsetView::score(std::string_view member) const {
  if (is_packed()) {
    const auto found = packed().find(member);
    return found ? std::optional(found->score) : std::nullopt;
  }
  const MemberTable::Place place = large_->members().find(member);
  return place ? std::optional(score_of(*place.element)) : std::nullopt;
}

std::optional<std::size_t> ZsetView::rank(std::string_view member) const {
  if (is_packed()) {
    const auto found = packed().find(member);
    return found ? std::optional(found->rank) : std::nullopt;
  }
  const MemberTable::Place place = large_->members().find(member);
  return place ? std::optional(large_->order().rank_of(*place.element)) : std::nullopt;
}

std::size_t ZsetView::count_before(const ScoreCut& cut) const {
  return is_packed() ? packed().position_of(cut).rank : large_->order().count_before(cut);
}

RankRange ZsetView::score_range(const ScoreRange& range) const {
  const std::size_t first = count_before(range.begin());
  const std::size_t end = count_before(range.end());
  return {first, end > first ? end - first : 0};
}

RankRange ZsetView::name_range(const NameRange& range, Direction direction, std::size_t skip) const {
  double lowest = 0;
  double highest = 0;
  walk(0, 1, Direction::kForward, [&lowest](std::string_view, double score) { lowest = score; });
  walk(size() - 1, 1, Direction::kForward, [&highest](std::string_view, double score) { highest = score; });
  if (lowest != highest && size() <= kMixedMax) return mixed_name_range(range, direction, skip);
  const std::size_t first = count_before(range.min.begin_at(lowest));
  const std::size_t end = count_before(range.max.end_at(lowest));
  const std::size_t count = end > first ? end - first : 0;
  const std::size_t skipped = std::min(skip, count);
  return {direction == Direction::kForward ? first + skipped : first, count - skipped};
}

RankRange ZsetView::mixed_name_range(const NameRange& range, Direction direction, std::size_t skip) const {
  std::vector<std::string> names;
  walk(0, size(), Direction::kForward, [&names](std::string_view name, double) { names.emplace_back(name); });
  if (range.is_empty() || !range.min.admits_from(names.back()) || !range.max.admits_to(names.front())) {
    return {};
  }
  const bool forward = direction == Direction::kForward;
  if (!forward) std::reverse(names.begin(), names.end());
  const auto reaches = [&](const std::string& name) {
    return forward ? range.min.admits_from(name) : range.max.admits_to(name);
  };
  const auto is_beyond = [&](const std::string& name) {
    return forward ? !range.max.admits_to(name) : !range.min.admits_from(name);
  };
  auto first = std::find_if(names.begin(), names.end(), reaches);
  if (first == names.end() || is_beyond(*first)) return {};
  first += static_cast<std::ptrdiff_t>(
      std::min(skip, static_cast<std::size_t>(std::distance(first, names.end()))));
  const auto end = std::find_if(first, names.end(), is_beyond);
  const auto count = static_cast<std::size_t>(end - first);
  const auto before = static_cast<std::size_t>(first - names.begin());
  return {forward ? before : names.size() - before - count, count};
}

}  // namespace ringhold
