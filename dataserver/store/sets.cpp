#include "dataserver/store/sets.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

namespace ringhold::sets {

namespace {

using Form = SetMembers::Form;

bool is_set(const Place& place) {
  return place.entry->type() == ValueType::kSet;
}

MemberTable& table_of(const Entry& entry) {
  return static_cast<MemberCollection*>(entry.collection())->members();
}

bool fits_strings(const EncodingLimits& limits, std::size_t count) {
  return count <= std::min<std::size_t>(limits.set_entries, Packed::kItemsMax);
}

// The payload of the form kStrings.
std::string pack_strings(std::span<const StringValue> members) {
  constexpr std::size_t kHeaderBytes = SetMembers::kFormBytes + Packed::kHeaderBytes;
  std::size_t size = kHeaderBytes;
  for (const StringValue& member : members) size += packed_size(member);
  std::string payload(size, SetMembers::kStringsForm);
  Packed::put_count(payload.data() + SetMembers::kFormBytes, members.size());
  char* at = payload.data() + kHeaderBytes;
  for (const StringValue& member : members) at = pack(at, member);
  return payload;
}

MemberCollection* make_table(CountedHeap& heap, std::uint64_t seed, std::span<const StringValue> members) {
  auto* collection = make_counted<MemberCollection>(heap, seed);
  for (const StringValue& member : members) {
    IntText scratch;
    collection->members().insert(heap, member.text(scratch), 0);
  }
  return collection;
}

std::vector<StringValue> all_members(const SetMembers& set) {
  std::vector<StringValue> members;
  members.reserve(set.size());
  set.for_each([&members](const StringValue& member) { members.push_back(member); });
  return members;
}

// One set that is being changed.
class SetEditor {
 public:
  SetEditor(Store& store, std::string_view key, UnixMs now)
      : store_(store), key_(store.hash(key)), place_(store.find(key_, now, Use::kWrite)), now_(now) {}

  bool is_missing() const { return !place_; }
  bool is_other_type() const { return place_ && !is_set(place_); }
  SetMembers members() const {
    return place_ ? SetMembers(*place_.entry, store_.options().seed) : SetMembers();
  }

  // Returns whether the member is new.
  bool add(std::string_view member);
  // Returns whether it was there. The set is gone with its last member.
  bool remove(std::string_view member);

 private:
  const EncodingLimits& limits() const { return store_.options().encoding; }
  void create(const StringValue& first);
  void replace_payload(std::string_view payload);
  void unpack();
  // To a form that takes this string as well.
  void make_room(std::string_view member);
  bool add_integer(std::int64_t value);
  bool add_string(const StringValue& member);
  bool add_to_table(std::string_view member);
  bool remove_integer(const StringValue& member);
  bool remove_string(const StringValue& member);
  bool remove_from_table(std::string_view member);

  Store& store_;
  HashedKey key_;
  Place place_;
  UnixMs now_;
};

void SetEditor::create(const StringValue& first) {
  const std::string payload =
      first.is_integer ? PackedIntegers::pack(std::span(&first.integer, 0)) : pack_strings({});
  char* bytes = store_.create_packed(key_, place_, ValueType::kSet, payload.size(), now_);
  payload.copy(bytes, payload.size());
}

void SetEditor::replace_payload(std::string_view payload) {
  char* bytes = store_.splice_packed(
      key_, place_, {.at = 0, .removed = place_.entry->packed().size(), .added = payload.size()});
  payload.copy(bytes, payload.size());
}

void SetEditor::unpack() {
  store_.unpack(key_, place_, [this](CountedHeap& heap) -> Collection* {
    return make_table(heap, store_.options().seed, all_members(members()));
  });
}

bool SetEditor::add(std::string_view member) {
  const StringValue value = StringValue::encode(member);
  if (!place_) create(value);
  if (members().form() == Form::kIntegers && value.is_integer) return add_integer(value.integer);
  if (members().form() != Form::kTable) {
    if (members().contains(member)) return false;
    make_room(member);
  }
  return members().form() == Form::kStrings ? add_string(value) : add_to_table(member);
}

void SetEditor::make_room(std::string_view member) {
  const SetMembers set = members();
  if (!fits_strings(limits(), set.size() + 1) || member.size() > limits().set_value_bytes) {
    unpack();
  } else if (set.form() == Form::kIntegers) {
    replace_payload(pack_strings(all_members(set)));
  }
}

bool SetEditor::add_integer(std::int64_t value) {
  const PackedIntegers integers = members().integers();
  const std::size_t width = integers.width();
  const std::size_t count = integers.count();
  const std::size_t index = integers.lower_bound(value);
  if (index < count && integers.at(index) == value) return false;
  if (PackedIntegers::width_of(value) > width) {
    std::vector<std::int64_t> widened;
    for (std::size_t i = 0; i < count; ++i) widened.push_back(integers.at(i));
    widened.insert(widened.begin() + static_cast<std::ptrdiff_t>(index), value);
    replace_payload(PackedIntegers::pack(widened));
  } else {
    const std::size_t at = integers.position(index);
    PackedIntegers::put(store_.splice_packed(key_, place_, {.at = at, .removed = 0, .added = width}) + at,
                        width, value);
  }
  if (count + 1 > limits().set_integers) unpack();
  return true;
}

bool SetEditor::add_string(const StringValue& member) {
  const std::size_t count = members().size();
  const std::size_t end = place_.entry->packed().size();
  char* payload = store_.splice_packed(key_, place_, {.at = end, .removed = 0, .added = packed_size(member)});
  pack(payload + end, member);
  Packed::put_count(payload + SetMembers::kFormBytes, count + 1);
  return true;
}

bool SetEditor::add_to_table(std::string_view member) {
  MemberTable& table = table_of(*place_.entry);
  const std::uint64_t hash = table.hash(member);
  if (table.find(member, hash)) return false;
  store_.edit(key_, [&](CountedHeap& heap) { table.insert(heap, member, hash, 0); });
  return true;
}

bool SetEditor::remove(std::string_view member) {
  if (!place_) return false;
  bool found = false;
  switch (members().form()) {
    case Form::kIntegers:
      found = remove_integer(StringValue::encode(member));
      break;
    case Form::kStrings:
      found = remove_string(StringValue::encode(member));
      break;
    case Form::kTable:
      found = remove_from_table(member);
      break;
  }
  if (found && members().empty()) {
    store_.erase(key_, place_);
    place_ = {};
  }
  return found;
}

bool SetEditor::remove_integer(const StringValue& member) {
  const PackedIntegers integers = members().integers();
  if (!member.is_integer || !integers.contains(member.integer)) return false;
  const std::size_t at = integers.position(integers.lower_bound(member.integer));
  store_.splice_packed(key_, place_, {.at = at, .removed = integers.width(), .added = 0});
  return true;
}

bool SetEditor::remove_string(const StringValue& member) {
  const PackedItems items = members().strings().items();
  const std::size_t count = members().size();
  const std::size_t at = items.find(member, 1);
  if (at == items.size()) return false;
  char* payload = store_.splice_packed(
      key_, place_,
      {.at = SetMembers::kFormBytes + Packed::kHeaderBytes + at, .removed = items.next(at) - at, .added = 0});
  Packed::put_count(payload + SetMembers::kFormBytes, count - 1);
  return true;
}

bool SetEditor::remove_from_table(std::string_view member) {
  MemberTable& table = table_of(*place_.entry);
  const MemberTable::Place found = table.find(member);
  if (found) store_.edit(key_, [&](CountedHeap& heap) { table.erase(heap, found); });
  return static_cast<bool>(found);
}

// The payload of a new set; empty if it has to be a table.
std::string packed_payload(const EncodingLimits& limits, const NewSet& set,
                           std::span<const StringValue> encoded) {
  const auto is_integer = [](const StringValue& member) { return member.is_integer; };
  if (set.may_be_integers && encoded.size() <= limits.set_integers &&
      std::all_of(encoded.begin(), encoded.end(), is_integer)) {
    std::vector<std::int64_t> integers;
    for (const StringValue& member : encoded) integers.push_back(member.integer);
    std::sort(integers.begin(), integers.end());
    return PackedIntegers::pack(integers);
  }
  const auto is_short = [&limits](const StringValue& member) {
    return member.is_integer || member.bytes.size() <= limits.set_value_bytes;
  };
  if (!fits_strings(limits, encoded.size()) || !std::all_of(encoded.begin(), encoded.end(), is_short)) {
    return {};
  }
  return pack_strings(encoded);
}

}  // namespace

std::optional<SetMembers> read(Store& store, std::string_view key, UnixMs now, Use use) {
  const Place place = store.find(store.hash(key), now, use);
  if (!place) return SetMembers();
  if (!is_set(place)) return std::nullopt;
  return SetMembers(*place.entry, store.options().seed);
}

std::optional<std::size_t> add(Store& store, std::string_view key, std::span<const std::string_view> members,
                               UnixMs now) {
  SetEditor set(store, key, now);
  if (set.is_other_type()) return std::nullopt;
  std::size_t added = 0;
  for (const std::string_view member : members) added += set.add(member) ? 1 : 0;
  return added;
}

std::optional<std::size_t> remove(Store& store, std::string_view key,
                                  std::span<const std::string_view> members, UnixMs now) {
  SetEditor set(store, key, now);
  if (set.is_other_type()) return std::nullopt;
  std::size_t removed = 0;
  for (const std::string_view member : members) removed += set.remove(member) ? 1 : 0;
  return removed;
}

std::optional<bool> move(Store& store, std::string_view from, std::string_view to, std::string_view member,
                         UnixMs now) {
  {
    // As in Redis, the target is not looked at where there is no source.
    const SetEditor source(store, from, now);
    if (source.is_missing()) return false;
    if (source.is_other_type() || SetEditor(store, to, now).is_other_type()) return std::nullopt;
    if (from == to) return source.members().contains(member);
  }
  if (!SetEditor(store, from, now).remove(member)) return false;
  SetEditor(store, to, now).add(member);
  return true;
}

void replace(Store& store, std::string_view key, const NewSet& set, UnixMs now) {
  const HashedKey hashed = store.hash(key);
  std::vector<StringValue> encoded;
  encoded.reserve(set.members.size());
  for (const StringValue& member : set.members) {
    encoded.push_back(member.is_integer ? member : StringValue::encode(member.bytes));
  }
  // The new value is made before the old one, of which it may be a part, goes.
  const std::string payload = packed_payload(store.options().encoding, set, encoded);
  Collection* table = nullptr;
  if (payload.empty()) {
    table = store.edit(hashed,
                       [&](CountedHeap& heap) { return make_table(heap, store.options().seed, encoded); });
  }
  UnixMs deadline = kNoDeadline;
  Place place = store.find(hashed, now, Use::kWrite);
  if (place) {
    if (set.keeps_deadline) deadline = place.entry->deadline();
    store.erase(hashed, place);
    place = {};
  }
  if (set.members.empty()) return;
  char* bytes = store.create_packed(hashed, place, ValueType::kSet, payload.size(), now);
  if (table == nullptr) {
    payload.copy(bytes, payload.size());
  } else {
    store.unpack(hashed, place, [table](CountedHeap&) { return table; });
  }
  if (deadline != kNoDeadline) store.set_deadline(hashed, place, deadline);
}

}  // namespace ringhold::sets
