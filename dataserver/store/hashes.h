// What the hash commands mean, without their arguments and replies (those: dataserver/commands).
//
// A small hash is Packed: field, value, field, value, in the order in which they were first set. A large one
// is a MemberCollection. Fields and values are strings; that packed ones may be integers inside is not seen.
//
// Every function that finds a value of another type says kWrongType and changes nothing; a missing key counts
// as an empty hash, and a hash that becomes empty is gone. Views are valid until the store changes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "common/base/ids.h"
#include "dataserver/store/member_collection.h"
#include "dataserver/store/packed.h"
#include "dataserver/store/store.h"
#include "dataserver/store/strings.h"

namespace ringhold::hashes {

enum class Status : std::uint8_t {
  kOk,
  kWrongType,
  kNotInteger,
  kNotFloat,
  kOverflow,
  kNotFinite,  // the sum would be infinite or not a number
};

// The fields of a hash with their values, for reading.
class Fields {
 public:
  Fields() = default;
  explicit Fields(const Entry& entry) {
    if (entry.is_packed()) {
      packed_ = entry.packed();
    } else {
      table_ = &static_cast<MemberCollection*>(entry.collection())->members();
    }
  }

  std::size_t size() const { return table_ != nullptr ? table_->size() : Packed(packed_).count() / 2; }
  bool empty() const { return size() == 0; }
  // The value of a field.
  std::optional<StringValue> find(std::string_view field) const;
  // Visits all (const StringValue& field, const StringValue& value): packed ones as they were set first,
  // those of a table in hash order.
  template <typename Visit>
  void for_each(Visit&& visit) const;

  // What there is: a table, or else packed items.
  MemberTable* table() const { return table_; }
  PackedItems items() const { return Packed(packed_).items(); }

 private:
  static constexpr std::string_view kNoItems{"\0", Packed::kHeaderBytes};
  MemberTable* table_ = nullptr;
  std::string_view packed_ = kNoItems;
};

// Nothing if the key holds another type.
std::optional<Fields> read(Store& store, std::string_view key, UnixMs now, Use use = Use::kRead);

struct CountResult {
  Status status;
  std::size_t count = 0;
};
// Sets fields to values (field, value, field, value, ...; at least one pair); the count is that of new ones.
CountResult set(Store& store, std::string_view key, std::span<const std::string_view> pairs, UnixMs now);
// Sets nothing, and counts 0, if the field is there.
CountResult set_if_absent(Store& store, std::string_view key, std::string_view field, std::string_view value,
                          UnixMs now);
// The count is that of the fields that were there.
CountResult remove(Store& store, std::string_view key, std::span<const std::string_view> fields, UnixMs now);

struct IntegerResult {
  Status status;
  std::int64_t value = 0;
};
// A missing field counts as 0.
IntegerResult increment(Store& store, std::string_view key, std::string_view field, std::int64_t by,
                        UnixMs now);
struct FloatResult {
  Status status;
  std::string_view text;  // in `scratch`
};
FloatResult increment_float(Store& store, std::string_view key, std::string_view field, long double by,
                            UnixMs now, strings::FloatText& scratch);

template <typename Visit>
void Fields::for_each(Visit&& visit) const {
  if (table_ != nullptr) {
    for (auto place = table_->first(); place; place = table_->next(place)) {
      visit(StringValue::raw(place.element->name()), StringValue::raw(place.element->value()));
    }
    return;
  }
  const PackedItems items = this->items();
  for (std::size_t at = 0; at < items.size();) {
    const std::size_t value_at = items.next(at);
    visit(items.at(at), items.at(value_at));
    at = items.next(value_at);
  }
}

}  // namespace ringhold::hashes
