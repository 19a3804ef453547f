#include "dataserver/backup/value_items.h"

#include <bit>
#include <cmath>
#include <limits>

#include "common/base/check.h"
#include "dataserver/store/chunked_list.h"
#include "dataserver/store/hashes.h"
#include "dataserver/store/lists.h"
#include "dataserver/store/member_collection.h"
#include "dataserver/store/packed.h"
#include "dataserver/store/sets.h"
#include "dataserver/store/strings.h"
#include "dataserver/store/zset_view.h"
#include "dataserver/store/zsets.h"

namespace ringhold {

namespace {

using Visit = std::function<void(std::string_view)>;

// Members of a packed set come in an order of their own, which nothing depends on.
constexpr std::uint64_t kAnySeed = 0;

// Hands items out until they have `bytes_max` bytes together.
class Portion {
 public:
  Portion(const Visit& visit, std::size_t bytes_max) : visit_(visit), left_(bytes_max) {}
  void take(std::string_view item) {
    visit_(item);
    left_ -= std::min(left_, item.size() + 1);
  }
  void take(const StringValue& item) {
    IntText scratch;
    take(item.text(scratch));
  }
  bool full() const { return left_ == 0; }

 private:
  const Visit& visit_;
  std::size_t left_;
};

void visit_string(const Entry& entry, ItemCursor& cursor, std::size_t bytes_max, const Visit& visit) {
  IntText scratch;
  const std::string_view rest = entry.text(scratch).substr(cursor.position);
  const std::string_view piece = rest.substr(0, bytes_max);
  visit(piece);
  cursor.position += piece.size();
  cursor.at_end = piece.size() == rest.size();
}

// Packed values are small: they come as a whole.
void visit_packed(const PackedItems& items, ItemCursor& cursor, const Visit& visit) {
  Portion portion(visit, 0);
  for (std::size_t at = 0; at < items.size(); at = items.next(at)) portion.take(items.at(at));
  cursor.at_end = true;
}

void visit_list(const ChunkedList& list, ItemCursor& cursor, std::size_t bytes_max, const Visit& visit) {
  Portion portion(visit, bytes_max);
  list.walk(cursor.position, ListEnd::kBack, [&](const StringValue& item) {
    portion.take(item);
    ++cursor.position;
    return !portion.full();
  });
  cursor.at_end = cursor.position == list.size();
}

// Members of one hash come together, so that the next hash is where it goes on.
template <typename Take>
void visit_members(const MemberTable& members, ItemCursor& cursor, const Portion& portion, Take&& take) {
  auto place = members.first_from(cursor.position);
  while (place) {
    const std::uint64_t hash = members.hash_of(place);
    if (portion.full() && hash != cursor.position) {
      cursor.position = hash;
      return;
    }
    cursor.position = hash;
    take(*place.element);
    place = members.next(place);
  }
  cursor.at_end = true;
}

std::uint64_t score_bits(double score) {
  return std::bit_cast<std::uint64_t>(score);
}

void take_score(Portion& portion, double score) {
  char bytes[sizeof(double)];
  for (std::size_t i = 0; i < sizeof bytes; ++i) bytes[i] = static_cast<char>(score_bits(score) >> (8 * i));
  portion.take(std::string_view(bytes, sizeof bytes));
}

Result<double> score_from(std::string_view bytes) {
  if (bytes.size() != sizeof(double)) return Error{"a score is not 8 bytes long"};
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < sizeof bits; ++i)
    bits |= std::uint64_t{static_cast<std::uint8_t>(bytes[i])} << (8 * i);
  const auto score = std::bit_cast<double>(bits);
  if (std::isnan(score)) return Error{"a score is not a number"};
  return score;
}

void visit_zset(const Entry& entry, ItemCursor& cursor, std::size_t bytes_max, const Visit& visit) {
  Portion portion(visit, bytes_max);
  const ZsetView view(entry);
  if (view.is_packed()) {
    view.walk(0, view.size(), Direction::kForward, [&portion](std::string_view member, double score) {
      portion.take(member);
      take_score(portion, score);
    });
    cursor.at_end = true;
    return;
  }
  // By name: whoever reads it puts them in order again, and this walk can be left at any member.
  visit_members(view.large().members(), cursor, portion, [&portion](const Element& element) {
    portion.take(element.name());
    take_score(portion, score_of(element));
  });
}

const MemberTable& members_of(const Entry& entry) {
  return static_cast<const MemberCollection&>(*entry.collection()).members();
}

void visit_hash(const Entry& entry, ItemCursor& cursor, std::size_t bytes_max, const Visit& visit) {
  if (entry.is_packed()) return visit_packed(Packed(entry.packed()).items(), cursor, visit);
  Portion portion(visit, bytes_max);
  visit_members(members_of(entry), cursor, portion, [&portion](const Element& element) {
    portion.take(element.name());
    portion.take(element.value());
  });
}

void visit_set(const Entry& entry, ItemCursor& cursor, std::size_t bytes_max, const Visit& visit) {
  Portion portion(visit, bytes_max);
  if (entry.is_packed()) {
    SetMembers(entry, kAnySeed).for_each([&portion](const StringValue& member) { portion.take(member); });
    cursor.at_end = true;
    return;
  }
  visit_members(members_of(entry), cursor, portion,
                [&portion](const Element& element) { portion.take(element.name()); });
}

Result<void> add_string(Store& store, std::string_view key, const std::vector<std::string>& items,
                        UnixMs now) {
  for (const std::string& item : items) {
    const HashedKey hashed = store.hash(key);
    if (Place place = store.find(hashed, now, Use::kWrite); !place) {
      store.set_string(hashed, place, StringValue::encode(item), kNoDeadline, now);
    } else if (strings::append(store, key, item, now).status != strings::Status::kOk) {
      return Error{"a string is longer than any may be"};
    }
  }
  return {};
}

Result<void> add_list(Store& store, std::string_view key, const std::vector<std::string>& items, UnixMs now) {
  if (items.empty()) return {};
  const std::vector<std::string_view> views(items.begin(), items.end());
  lists::List(store, key, now, Use::kWrite).push(ListEnd::kBack, views);
  return {};
}

Result<void> add_set(Store& store, std::string_view key, const std::vector<std::string>& items, UnixMs now) {
  if (items.empty()) return {};
  const std::vector<std::string_view> members(items.begin(), items.end());
  if (sets::add(store, key, members, now) != items.size()) return Error{"a set has the same member twice"};
  return {};
}

Result<void> add_zset(Store& store, std::string_view key, const std::vector<std::string>& items, UnixMs now) {
  if (items.size() % 2 != 0) return Error{"a sorted set has a member without a score"};
  zsets::Zset zset(store, key, now);
  for (std::size_t i = 0; i < items.size(); i += 2) {
    const Result<double> score = score_from(items[i + 1]);
    if (!score) return score.error();
    if (zset.add(items[i], *score).outcome != zsets::AddOutcome::kAdded) {
      return Error{"a sorted set has the same member twice"};
    }
  }
  return {};
}

Result<void> add_hash(Store& store, std::string_view key, const std::vector<std::string>& items, UnixMs now) {
  if (items.size() % 2 != 0) return Error{"a hash has a field without a value"};
  if (items.empty()) return {};
  const std::vector<std::string_view> pairs(items.begin(), items.end());
  if (hashes::set(store, key, pairs, now).count != items.size() / 2)
    return Error{"a hash has the same field twice"};
  return {};
}

}  // namespace

std::size_t item_count(const Entry& entry) {
  switch (entry.type()) {
    case ValueType::kString:
      return 1;
    case ValueType::kSet:
      return SetMembers(entry, kAnySeed).size();
    case ValueType::kZset:
      return 2 * ZsetView(entry).size();
    case ValueType::kList:
      return entry.is_packed() ? Packed(entry.packed()).count() : entry.collection()->size();
    case ValueType::kHash:
      return entry.is_packed() ? Packed(entry.packed()).count() : 2 * entry.collection()->size();
  }
  INVARIANT(false);
  return 0;
}

void visit_items(const Entry& entry, ItemCursor& cursor, std::size_t bytes_max, const Visit& visit) {
  switch (entry.type()) {
    case ValueType::kString:
      return visit_string(entry, cursor, bytes_max, visit);
    case ValueType::kList:
      if (entry.is_packed()) return visit_packed(Packed(entry.packed()).items(), cursor, visit);
      return visit_list(static_cast<const ChunkedList&>(*entry.collection()), cursor, bytes_max, visit);
    case ValueType::kSet:
      return visit_set(entry, cursor, bytes_max, visit);
    case ValueType::kZset:
      return visit_zset(entry, cursor, bytes_max, visit);
    case ValueType::kHash:
      return visit_hash(entry, cursor, bytes_max, visit);
  }
}

Result<void> add_items(Store& store, ValueType type, std::string_view key,
                       const std::vector<std::string>& items, UnixMs now) {
  const Place place = store.find(store.hash(key), now, Use::kWrite);
  if (place && place.entry->type() != type) return Error{"two values of different types have the same key"};
  switch (type) {
    case ValueType::kString:
      return add_string(store, key, items, now);
    case ValueType::kList:
      return add_list(store, key, items, now);
    case ValueType::kSet:
      return add_set(store, key, items, now);
    case ValueType::kZset:
      return add_zset(store, key, items, now);
    case ValueType::kHash:
      return add_hash(store, key, items, now);
  }
  return Error{"a value of an unknown type"};
}

}  // namespace ringhold
