#include "dataserver/store/sorted_set.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace ringhold {

void SortedSet::insert(CountedHeap& heap, std::string_view member, double score) {
  Element* element = members_.insert(heap, member, sizeof(score)).element;
  std::memcpy(element->mutable_value(), &score, sizeof(score));
  order_.insert(heap, element);
}

void SortedSet::set_score(CountedHeap& heap, const MemberTable::Place& place, double score) {
  order_.erase(heap, place.element);
  std::memcpy(members_.edit_value(place), &score, sizeof(score));
  order_.insert(heap, place.element);
}

void SortedSet::erase(CountedHeap& heap, const MemberTable::Place& place) {
  order_.erase(heap, place.element);
  members_.erase(heap, place);
}

void SortedSet::erase_ranks(CountedHeap& heap, std::size_t first, std::size_t count) {
  constexpr std::size_t kAtOnce = 256;
  std::vector<const Element*> doomed;
  while (count > 0) {
    doomed.clear();
    order_.walk(first, std::min(count, kAtOnce), Direction::kForward,
                [&doomed](const Element& element) { doomed.push_back(&element); });
    if (doomed.empty()) return;
    for (const Element* element : doomed) erase(heap, members_.find(element->name()));
    count -= doomed.size();
  }
}

std::size_t SortedSet::recount_bytes() const {
  return size_class(sizeof(SortedSet)) + members_.recount_bytes() + order_.recount_bytes();
}

Collection* SortedSet::clone(CountedHeap& heap) const {
  auto* copy = make_counted<SortedSet>(heap, seed_);
  order_.walk(0, size(), Direction::kForward, [&heap, copy](const Element& element) {
    copy->insert(heap, element.name(), score_of(element));
  });
  return copy;
}

bool SortedSet::free_some(CountedHeap& heap, std::size_t& steps) {
  return order_.free_some(heap, steps) && members_.free_some(heap, steps);
}

}  // namespace ringhold
