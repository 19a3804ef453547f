#include "dataserver/store/set_algebra.h"

#include <algorithm>
#include <optional>

namespace ringhold::sets {

namespace {

// Goes through the members of one set in the order of (hash, member).
class Stream {
 public:
  Stream(const SetMembers& set, std::uint64_t index) : table_(set.table()), index_(index) {
    if (table_ != nullptr) {
      place_ = table_->first();
    } else {
      hashed_ = set.hashed();
    }
    load();
  }
  std::uint64_t index() const { return index_; }
  bool at_end() const { return !member_; }
  const StringValue& member() const { return *member_; }
  void advance() {
    if (table_ != nullptr) {
      place_ = table_->next(place_);
    } else {
      ++next_;
    }
    load();
  }
  bool is_before(const Stream& other) const {
    if (hash_ != other.hash_) return hash_ < other.hash_;
    IntText scratch;
    IntText other_scratch;
    return member_->text(scratch) < other.member_->text(other_scratch);
  }
  bool is_at_same_as(const Stream& other) const { return !is_before(other) && !other.is_before(*this); }

 private:
  void load() {
    member_.reset();
    if (table_ != nullptr) {
      if (!place_) return;
      member_ = StringValue::raw(place_.element->name());
      hash_ = table_->hash_of(place_);
    } else if (next_ < hashed_->size()) {
      const HashedItems::Item& item = hashed_->first()[next_];
      member_ = item.name;
      hash_ = item.hash;
    }
  }

  const MemberTable* table_;
  std::uint64_t index_;  // of the set
  MemberTable::Place place_;
  std::optional<HashedItems> hashed_;
  std::size_t next_ = 0;
  std::optional<StringValue> member_;
  std::uint64_t hash_ = 0;
};

// Visits each member of any set once, in hash order: visit(member, whether the first set has it, whether
// another one has).
template <typename Visit>
void merge(std::span<const SetMembers> sets, Visit&& visit) {
  std::vector<Stream> streams;
  streams.reserve(sets.size());
  for (const SetMembers& set : sets) {
    if (!set.empty()) streams.emplace_back(set, static_cast<std::uint64_t>(&set - sets.data()));
  }
  std::vector<Stream*> heap;
  heap.reserve(streams.size());
  for (Stream& stream : streams) heap.push_back(&stream);
  const auto is_later = [](const Stream* a, const Stream* b) { return b->is_before(*a); };
  std::make_heap(heap.begin(), heap.end(), is_later);
  std::vector<Stream*> same;  // the streams that stand at the next member
  while (!heap.empty()) {
    same.clear();
    do {
      std::pop_heap(heap.begin(), heap.end(), is_later);
      same.push_back(heap.back());
      heap.pop_back();
    } while (!heap.empty() && heap.front()->is_at_same_as(*same.front()));
    const auto is_first = [](const Stream* stream) { return stream->index() == 0; };
    const auto firsts = std::count_if(same.begin(), same.end(), is_first);
    visit(same.front()->member(), firsts > 0, same.size() > static_cast<std::size_t>(firsts));
    for (Stream* stream : same) {
      stream->advance();
      if (stream->at_end()) continue;
      heap.push_back(stream);
      std::push_heap(heap.begin(), heap.end(), is_later);
    }
  }
}

bool is_integer(const StringValue& member) {
  return member.is_integer || StringValue::encode(member.bytes).is_integer;
}

}  // namespace

Result intersection(std::span<const SetMembers> sets, std::size_t count_max) {
  std::vector<const SetMembers*> by_size;
  for (const SetMembers& set : sets) by_size.push_back(&set);
  std::stable_sort(by_size.begin(), by_size.end(),
                   [](const SetMembers* a, const SetMembers* b) { return a->size() < b->size(); });
  Result result;
  if (by_size.front()->empty() || count_max == 0) return result;
  const auto others = std::span(by_size).subspan(1);
  by_size.front()->visit_while([&](const StringValue& member) {
    const auto has_member = [&member](const SetMembers* set) { return set->contains(member); };
    if (std::all_of(others.begin(), others.end(), has_member)) result.members.push_back(member);
    return result.members.size() < count_max;
  });
  return result;
}

Result union_of(std::span<const SetMembers> sets) {
  Result result;
  merge(sets, [&result](const StringValue& member, bool, bool) { result.members.push_back(member); });
  return result;
}

// Redis's two ways and its choice between them, which shows in the result's encoding: to look up each member
// of the first set in the others, or, if they are small, to take their members out of a copy of the first.
Result difference(std::span<const SetMembers> sets, std::size_t integers_max) {
  const SetMembers& first = sets.front();
  std::size_t lookups = 0;
  std::size_t members = 0;
  for (const SetMembers& set : sets) {
    if (!set.empty()) lookups += first.size();
    members += set.size();
  }
  Result result;
  if (lookups / 2 > members) {
    result.may_be_integers = first.size() <= integers_max;
    merge(sets, [&](const StringValue& member, bool in_first, bool in_others) {
      if (in_first && !is_integer(member)) result.may_be_integers = false;
      if (in_first && !in_others) result.members.push_back(member);
    });
    return result;
  }
  std::vector<const SetMembers*> others;
  for (const SetMembers& set : sets.subspan(1)) others.push_back(&set);
  std::stable_sort(others.begin(), others.end(),
                   [](const SetMembers* a, const SetMembers* b) { return a->size() > b->size(); });
  first.for_each([&](const StringValue& member) {
    const auto has_member = [&member](const SetMembers* set) { return set->contains(member); };
    if (std::none_of(others.begin(), others.end(), has_member)) result.members.push_back(member);
  });
  return result;
}

}  // namespace ringhold::sets
