// The members of a set, for reading, in whichever of the three forms it stands:
//
//   integers   PackedIntegers: sorted; as long as all members are integers and not too many
//   strings    a byte 0, then Packed: few and short members, in the order in which they came
//   a table    a MemberCollection
//
// The first byte of a packed payload tells the first two apart. Members are strings; that packed ones may be
// integers inside is not seen.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "dataserver/store/hashed_items.h"
#include "dataserver/store/member_collection.h"
#include "dataserver/store/packed.h"
#include "dataserver/store/packed_integers.h"

namespace ringhold {

class SetMembers {
 public:
  enum class Form : std::uint8_t { kIntegers, kStrings, kTable };
  static constexpr std::size_t kFormBytes = 1;  // in front of Packed
  static constexpr char kStringsForm = 0;

  SetMembers() = default;  // no members
  // `seed` is StoreOptions::seed.
  SetMembers(const Entry& entry, std::uint64_t seed);
  static Form form_of(const Entry& entry);

  Form form() const { return form_; }
  std::size_t size() const;
  bool empty() const { return size() == 0; }
  bool contains(const StringValue& member) const;
  bool contains(std::string_view member) const;

  // Visits members (const StringValue&) until a visit returns false: integers sorted, strings and a table in
  // hash order.
  template <typename Visit>
  void visit_while(Visit&& visit) const;
  template <typename Visit>
  void for_each(Visit&& visit) const {
    visit_while([&visit](const StringValue& member) {
      visit(member);
      return true;
    });
  }

  // What there is, by form. Items do not include the form's byte.
  PackedIntegers integers() const { return PackedIntegers(packed_); }
  Packed strings() const { return Packed(packed_.substr(kFormBytes)); }
  MemberTable* table() const { return table_; }
  // The members of the packed forms in hash order.
  HashedItems hashed() const;

 private:
  static constexpr std::string_view kNone{"\0\0\0", kFormBytes + Packed::kHeaderBytes};
  Form form_ = Form::kStrings;
  std::string_view packed_ = kNone;
  MemberTable* table_ = nullptr;
  std::uint64_t seed_ = 0;
};

template <typename Visit>
void SetMembers::visit_while(Visit&& visit) const {
  if (table_ != nullptr) {
    for (auto place = table_->first(); place; place = table_->next(place)) {
      if (!visit(StringValue::raw(place.element->name()))) return;
    }
  } else if (form_ == Form::kIntegers) {
    for (std::size_t i = 0; i < size(); ++i) {
      if (!visit(StringValue::number(integers().at(i)))) return;
    }
  } else {
    bool go_on = true;
    hashed().for_each([&](const HashedItems::Item* item) {
      if (go_on) go_on = visit(item->name);
    });
  }
}

}  // namespace ringhold
