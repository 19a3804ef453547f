#include "dataserver/backup/value_items.h"

#include <bit>
#include <cmath>

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

ScoreItem score_item(double score) {
  ScoreItem item{};
  const auto bits = std::bit_cast<std::uint64_t>(score);
  for (std::size_t i = 0; i < sizeof item.bytes; ++i) item.bytes[i] = static_cast<char>(bits >> (8 * i));
  return item;
}

namespace {

// Members of a packed set come in an order of their own, which nothing depends on.
constexpr std::uint64_t kAnySeed = 0;

void visit_value(const VisitItem& visit, const StringValue& item) {
  IntText scratch;
  visit(item.text(scratch));
}

void visit_packed(const Entry& entry, const VisitItem& visit) {
  const PackedItems items = Packed(entry.packed()).items();
  for (std::size_t at = 0; at < items.size(); at = items.next(at)) visit_value(visit, items.at(at));
}

const MemberTable& members_of(const Entry& entry) {
  return static_cast<const MemberCollection&>(*entry.collection()).members();
}

void visit_list(const Entry& entry, const VisitItem& visit) {
  if (entry.is_packed()) return visit_packed(entry, visit);
  static_cast<const ChunkedList&>(*entry.collection()).walk(0, ListEnd::kBack, [&](const StringValue& item) {
    visit_value(visit, item);
    return true;
  });
}

void visit_hash(const Entry& entry, const VisitItem& visit) {
  if (entry.is_packed()) return visit_packed(entry, visit);
  const MemberTable& fields = members_of(entry);
  for (auto place = fields.first(); place; place = fields.next(place)) {
    visit(place.element->name());
    visit(place.element->value());
  }
}

void visit_set(const Entry& entry, const VisitItem& visit) {
  SetMembers(entry, kAnySeed).for_each([&visit](const StringValue& member) { visit_value(visit, member); });
}

void visit_zset(const Entry& entry, const VisitItem& visit) {
  const ZsetView view(entry);
  view.walk(0, view.size(), Direction::kForward, [&visit](std::string_view member, double score) {
    visit(member);
    visit(score_item(score).view());
  });
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

void visit_items(const Entry& entry, const VisitItem& visit) {
  switch (entry.type()) {
    case ValueType::kString:
      IntText scratch;
      return visit(entry.text(scratch));
    case ValueType::kList:
      return visit_list(entry, visit);
    case ValueType::kSet:
      return visit_set(entry, visit);
    case ValueType::kZset:
      return visit_zset(entry, visit);
    case ValueType::kHash:
      return visit_hash(entry, visit);
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
