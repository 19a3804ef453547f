#include "dataserver/store/zsets.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace ringhold::zsets {

namespace {

// As Redis's listpacks.
constexpr std::size_t kPackedBytesMax = std::size_t{1} << 30U;

bool may_be_packed(const EncodingLimits& limits, std::size_t members) {
  return members <= std::min<std::size_t>(limits.zset_entries, Packed::kItemsMax / 2);
}

// Minus zero is stored as zero: the packed form knows no other.
double stored(double score) {
  return score == 0 ? 0 : score;
}

std::size_t packed_bytes(std::string_view member, double score) {
  ScoreBytes scratch;
  return packed_size(StringValue::encode(member)) + packed_size(score_item(score, scratch));
}

char* pack_member(char* at, std::string_view member, double score) {
  ScoreBytes scratch;
  return pack(pack(at, StringValue::encode(member)), score_item(score, scratch));
}

}  // namespace

bool Zset::fits_packed(std::size_t members, std::string_view added) const {
  const EncodingLimits& limits = store_.options().encoding;
  const std::size_t bytes = place_ ? place_.entry->packed().size() : 0;
  return may_be_packed(limits, members) && added.size() <= limits.zset_value_bytes &&
         bytes + added.size() <= kPackedBytesMax;
}

void Zset::unpack() {
  store_.unpack(key_, place_, [this](CountedHeap& heap) {
    auto* set = make_counted<SortedSet>(heap, store_.options().seed);
    const PackedScores packed(place_.entry->packed());
    packed.walk(0, packed.size(), Direction::kForward,
                [&heap, set](std::string_view member, double score) { set->insert(heap, member, score); });
    return set;
  });
}

void Zset::insert_packed(std::string_view member, double score) {
  const PackedScores packed(place_.entry->packed());
  const std::size_t members = packed.size() + 1;
  const std::size_t at =
      Packed::kHeaderBytes + packed.position_of({score, ScoreCut::Side::kBeforeName, member}).at;
  char* payload =
      store_.splice_packed(key_, place_, {.at = at, .removed = 0, .added = packed_bytes(member, score)});
  pack_member(payload + at, member, score);
  Packed::put_count(payload, 2 * members);
}

// Precondition: the member is absent.
void Zset::insert(std::string_view member, double score) {
  if (!place_) {
    char* payload = store_.create_packed(key_, place_, ValueType::kZset, Packed::kHeaderBytes, now_);
    Packed::put_count(payload, 0);
  }
  if (place_.entry->is_packed()) {
    if (fits_packed(view().size() + 1, member)) return insert_packed(member, score);
    unpack();
  }
  store_.edit(key_, [&](CountedHeap& heap) { large().insert(heap, member, score); });
}

// Precondition: the member is there.
void Zset::change_score(std::string_view member, double score) {
  if (place_.entry->is_packed()) {
    const PackedScores packed = view().packed();
    const PackedScores::Found found = *packed.find(member);
    remove_packed(found.at, found.end, packed.size() - 1);
    return insert_packed(member, score);
  }
  store_.edit(key_,
              [&](CountedHeap& heap) { large().set_score(heap, large().members().find(member), score); });
}

AddResult Zset::add(std::string_view member, double score, const AddOptions& options) {
  const auto old = place_ ? view().score(member) : std::nullopt;
  if (!old) {
    if (options.only_existing) return {AddOutcome::kSkipped};
    insert(member, stored(score));
    return {AddOutcome::kAdded, score};
  }
  if (options.only_new) return {AddOutcome::kSkipped};
  if (options.increment) score += *old;
  if (std::isnan(score)) return {AddOutcome::kNotANumber};
  if ((options.only_less && score >= *old) || (options.only_greater && score <= *old)) {
    return {AddOutcome::kSkipped};
  }
  if (score == *old) return {AddOutcome::kUnchanged, score};
  change_score(member, stored(score));
  return {AddOutcome::kUpdated, score};
}

// Takes out the items between two positions; `members` are left.
void Zset::remove_packed(std::size_t at, std::size_t end, std::size_t members) {
  char* payload =
      store_.splice_packed(key_, place_, {.at = Packed::kHeaderBytes + at, .removed = end - at, .added = 0});
  Packed::put_count(payload, 2 * members);
}

bool Zset::remove(std::string_view member) {
  if (!place_) return false;
  if (place_.entry->is_packed()) {
    const auto rank = view().rank(member);
    if (rank) remove_ranks({*rank, 1});
    return rank.has_value();
  }
  const MemberTable::Place found = large().members().find(member);
  if (!found) return false;
  if (large().size() == 1) {
    erase_key();
  } else {
    store_.edit(key_, [&](CountedHeap& heap) { large().erase(heap, found); });
  }
  return true;
}

void Zset::remove_ranks(const RankRange& range) {
  if (range.count == view().size()) return erase_key();
  if (place_.entry->is_packed()) {
    const PackedScores packed = view().packed();
    remove_packed(packed.at_rank(range.first), packed.at_rank(range.first + range.count),
                  packed.size() - range.count);
  } else {
    store_.edit(key_, [&](CountedHeap& heap) { large().erase_ranks(heap, range.first, range.count); });
  }
}

void Zset::erase_key() {
  store_.erase(key_, place_);
  place_ = {};
}

void sort_by_score(std::vector<Member>& members) {
  std::sort(members.begin(), members.end(), [](const Member& a, const Member& b) {
    return std::tie(a.score, a.name) < std::tie(b.score, b.name);
  });
}

void replace(Store& store, std::string_view key, std::vector<Member>& members, UnixMs now) {
  const HashedKey hashed = store.hash(key);
  Place place = store.find(hashed, now, Use::kWrite);
  if (place) store.erase(hashed, place);
  if (members.empty()) return;
  place = {};
  sort_by_score(members);
  const EncodingLimits& limits = store.options().encoding;
  std::size_t bytes = Packed::kHeaderBytes;
  bool packed = may_be_packed(limits, members.size());
  for (const Member& member : members) {
    packed = packed && member.name.size() <= limits.zset_value_bytes;
    bytes += packed_bytes(member.name, member.score);
  }
  packed = packed && bytes <= kPackedBytesMax;
  char* at = store.create_packed(hashed, place, ValueType::kZset, packed ? bytes : Packed::kHeaderBytes, now);
  Packed::put_count(at, packed ? 2 * members.size() : 0);
  if (packed) {
    at += Packed::kHeaderBytes;
    for (const Member& member : members) at = pack_member(at, member.name, member.score);
    return;
  }
  store.unpack(hashed, place, [&](CountedHeap& heap) {
    auto* set = make_counted<SortedSet>(heap, store.options().seed);
    for (const Member& member : members) set->insert(heap, member.name, stored(member.score));
    return set;
  });
}

}  // namespace ringhold::zsets
