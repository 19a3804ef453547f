#include "dataserver/store/hashes.h"

#include <algorithm>
#include <cstring>

#include "common/base/text.h"
#include "dataserver/store/long_double.h"

namespace ringhold::hashes {

namespace {

MemberTable& table_of(const Entry& entry) {
  return static_cast<MemberCollection*>(entry.collection())->members();
}

// The position of a field among packed items, or their end.
std::size_t find_field(const PackedItems& items, std::string_view field) {
  return items.find(StringValue::encode(field), 2);
}

void copy_bytes(char* to, std::string_view from) {
  if (!from.empty()) std::memcpy(to, from.data(), from.size());
}

void put_in_table(CountedHeap& heap, MemberTable& table, std::string_view field, std::string_view value,
                  bool& is_new) {
  const std::uint64_t hash = table.hash(field);
  MemberTable::Place place = table.find(field, hash);
  is_new = !place;
  if (is_new) {
    copy_bytes(table.insert(heap, field, hash, value.size()).element->mutable_value(), value);
  } else {
    copy_bytes(table.resize_value(heap, place, value.size()), value);
  }
}

// One hash that is being changed.
class HashEditor {
 public:
  HashEditor(Store& store, std::string_view key, UnixMs now)
      : store_(store), key_(store.hash(key)), place_(store.find(key_, now, Use::kWrite)), now_(now) {}

  bool is_other_type() const { return place_ && place_.entry->type() != ValueType::kHash; }
  Fields fields() const { return place_ ? Fields(*place_.entry) : Fields(); }

  // Makes a table of it, if it is packed, before anything too long for the packed form comes.
  void make_room(std::span<const std::string_view> texts) {
    const std::size_t longest = store_.options().encoding.hash_value_bytes;
    const auto is_long = [longest](std::string_view text) { return text.size() > longest; };
    if (is_table() || std::none_of(texts.begin(), texts.end(), is_long)) return;
    if (!place_) create();
    unpack();
  }
  // Returns whether the field is new.
  bool put(std::string_view field, std::string_view value);
  // Returns whether it was there. The hash is gone with its last field.
  bool remove(std::string_view field);

 private:
  bool is_table() const { return place_ && !place_.entry->is_packed(); }
  void create() {
    Packed::put_count(store_.create_packed(key_, place_, ValueType::kHash, Packed::kHeaderBytes, now_), 0);
  }
  void unpack();
  bool put_packed(std::string_view field, std::string_view value);
  void append(const StringValue& field, const StringValue& value);
  bool remove_packed(std::string_view field);
  bool remove_from_table(std::string_view field);

  Store& store_;
  HashedKey key_;
  Place place_;
  UnixMs now_;
};

void HashEditor::unpack() {
  store_.unpack(key_, place_, [this](CountedHeap& heap) -> Collection* {
    auto* collection = make_counted<MemberCollection>(heap, store_.options().seed);
    fields().for_each([&](const StringValue& field, const StringValue& value) {
      IntText field_text;
      IntText value_text;
      bool unused = false;
      put_in_table(heap, collection->members(), field.text(field_text), value.text(value_text), unused);
    });
    return collection;
  });
}

bool HashEditor::put(std::string_view field, std::string_view value) {
  const std::string_view texts[] = {field, value};
  make_room(texts);
  if (!place_) create();
  if (!is_table()) return put_packed(field, value);
  bool is_new = false;
  store_.edit(key_,
              [&](CountedHeap& heap) { put_in_table(heap, table_of(*place_.entry), field, value, is_new); });
  return is_new;
}

bool HashEditor::put_packed(std::string_view field, std::string_view value) {
  const StringValue packed_value = StringValue::encode(value);
  const PackedItems items = fields().items();
  const std::size_t field_at = find_field(items, field);
  if (field_at == items.size()) {
    append(StringValue::encode(field), packed_value);
    return true;
  }
  const std::size_t value_at = items.next(field_at);
  const std::size_t at = Packed::kHeaderBytes + value_at;
  char* payload = store_.splice_packed(
      key_, place_,
      {.at = at, .removed = items.next(value_at) - value_at, .added = packed_size(packed_value)});
  pack(payload + at, packed_value);
  return false;
}

void HashEditor::append(const StringValue& field, const StringValue& value) {
  const std::size_t count = fields().size();
  const std::size_t end = place_.entry->packed().size();
  char* payload = store_.splice_packed(
      key_, place_, {.at = end, .removed = 0, .added = packed_size(field) + packed_size(value)});
  pack(pack(payload + end, field), value);
  Packed::put_count(payload, 2 * (count + 1));
  const std::size_t most =
      std::min<std::size_t>(store_.options().encoding.hash_entries, Packed::kItemsMax / 2 - 1);
  if (count + 1 > most) unpack();
}

bool HashEditor::remove(std::string_view field) {
  if (!place_) return false;
  const bool found = is_table() ? remove_from_table(field) : remove_packed(field);
  if (found && fields().empty()) {
    store_.erase(key_, place_);
    place_ = {};
  }
  return found;
}

bool HashEditor::remove_packed(std::string_view field) {
  const PackedItems items = fields().items();
  const std::size_t at = find_field(items, field);
  if (at == items.size()) return false;
  const std::size_t count = fields().size();
  const std::size_t end = items.next(items.next(at));
  char* payload =
      store_.splice_packed(key_, place_, {.at = Packed::kHeaderBytes + at, .removed = end - at, .added = 0});
  Packed::put_count(payload, 2 * (count - 1));
  return true;
}

bool HashEditor::remove_from_table(std::string_view field) {
  MemberTable& table = table_of(*place_.entry);
  const MemberTable::Place found = table.find(field);
  if (found) store_.edit(key_, [&](CountedHeap& heap) { table.erase(heap, found); });
  return static_cast<bool>(found);
}

}  // namespace

std::optional<StringValue> Fields::find(std::string_view field) const {
  if (table_ != nullptr) {
    const MemberTable::Place place = table_->find(field);
    if (!place) return std::nullopt;
    return StringValue::raw(place.element->value());
  }
  const PackedItems items = this->items();
  const std::size_t at = find_field(items, field);
  if (at == items.size()) return std::nullopt;
  return items.at(items.next(at));
}

std::optional<Fields> read(Store& store, std::string_view key, UnixMs now, Use use) {
  const Place place = store.find(store.hash(key), now, use);
  if (!place) return Fields();
  if (place.entry->type() != ValueType::kHash) return std::nullopt;
  return Fields(*place.entry);
}

CountResult set(Store& store, std::string_view key, std::span<const std::string_view> pairs, UnixMs now) {
  HashEditor hash(store, key, now);
  if (hash.is_other_type()) return {Status::kWrongType};
  hash.make_room(pairs);
  CountResult result{Status::kOk};
  for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
    if (hash.put(pairs[i], pairs[i + 1])) ++result.count;
  }
  return result;
}

CountResult set_if_absent(Store& store, std::string_view key, std::string_view field, std::string_view value,
                          UnixMs now) {
  HashEditor hash(store, key, now);
  if (hash.is_other_type()) return {Status::kWrongType};
  if (hash.fields().find(field)) return {Status::kOk};
  hash.put(field, value);
  return {Status::kOk, 1};
}

CountResult remove(Store& store, std::string_view key, std::span<const std::string_view> fields, UnixMs now) {
  HashEditor hash(store, key, now);
  if (hash.is_other_type()) return {Status::kWrongType};
  CountResult result{Status::kOk};
  for (const std::string_view field : fields) {
    if (hash.remove(field)) ++result.count;
  }
  return result;
}

IntegerResult increment(Store& store, std::string_view key, std::string_view field, std::int64_t by,
                        UnixMs now) {
  HashEditor hash(store, key, now);
  if (hash.is_other_type()) return {Status::kWrongType};
  std::int64_t value = 0;
  if (const auto old = hash.fields().find(field)) {
    const auto integer = old->is_integer ? std::optional(old->integer) : parse_int64(old->bytes);
    if (!integer) return {Status::kNotInteger};
    value = *integer;
  }
  if (__builtin_add_overflow(value, by, &value)) return {Status::kOverflow};
  IntText scratch;
  hash.put(field, StringValue::number(value).text(scratch));
  return {Status::kOk, value};
}

FloatResult increment_float(Store& store, std::string_view key, std::string_view field, long double by,
                            UnixMs now, strings::FloatText& scratch) {
  HashEditor hash(store, key, now);
  if (hash.is_other_type()) return {Status::kWrongType, {}};
  long double value = 0;
  if (const auto old = hash.fields().find(field)) {
    IntText unused;
    const auto number = parse_long_double(old->text(unused));
    if (!number) return {Status::kNotFloat, {}};
    value = *number;
  }
  const std::string_view text = format_long_double(value + by, scratch.bytes);
  if (text.empty()) return {Status::kNotFinite, {}};
  hash.put(field, text);
  return {Status::kOk, text};
}

}  // namespace ringhold::hashes
