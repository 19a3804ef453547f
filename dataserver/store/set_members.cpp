#include "dataserver/store/set_members.h"

namespace ringhold {

SetMembers::Form SetMembers::form_of(const Entry& entry) {
  if (!entry.is_packed()) return Form::kTable;
  return entry.packed()[0] == kStringsForm ? Form::kStrings : Form::kIntegers;
}

SetMembers::SetMembers(const Entry& entry, std::uint64_t seed) : form_(form_of(entry)), seed_(seed) {
  if (form_ == Form::kTable) {
    table_ = &static_cast<MemberCollection*>(entry.collection())->members();
  } else {
    packed_ = entry.packed();
  }
}

std::size_t SetMembers::size() const {
  switch (form_) {
    case Form::kIntegers:
      return integers().count();
    case Form::kStrings:
      return strings().count();
    case Form::kTable:
      break;
  }
  return table_->size();
}

bool SetMembers::contains(const StringValue& member) const {
  IntText scratch;
  return contains(member.text(scratch));
}

bool SetMembers::contains(std::string_view member) const {
  if (form_ == Form::kTable) return static_cast<bool>(table_->find(member));
  const StringValue wanted = StringValue::encode(member);
  if (form_ == Form::kIntegers) return wanted.is_integer && integers().contains(wanted.integer);
  const PackedItems items = strings().items();
  return items.find(wanted, 1) < items.size();
}

HashedItems SetMembers::hashed() const {
  if (form_ == Form::kStrings) return HashedItems::of(strings().items(), 1, seed_);
  HashedItems hashed(seed_);
  for (std::size_t i = 0; i < size(); ++i) hashed.add(StringValue::number(integers().at(i)), i);
  hashed.arrange();
  return hashed;
}

}  // namespace ringhold
