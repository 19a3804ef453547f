#include "dataserver/store/member_reader.h"

namespace ringhold {

MemberReader::MemberReader(MemberTable& members, std::size_t& held)
    : SlowReader(held), members_(members), size_(members.size()) {
  members_.readers().add(*this);
}

MemberTable::Place MemberReader::first_unread() const {
  if (done_) return {};
  MemberTable::Place place = members_.first_from(next_.hash);
  while (place && IsBefore()(PositionView{members_.hash_of(place), place.element->name()}, next_)) {
    place = members_.next(place);
  }
  return place;
}

std::size_t MemberReader::bytes_of(const Aside::value_type& member) {
  constexpr std::size_t kNodeBytes = 32;
  return sizeof(member) + kNodeBytes + member.first.name.size() + (member.second ? member.second->size() : 0);
}

void MemberReader::forget(Aside::iterator member) {
  let_go(bytes_of(*member));
  aside_.erase(member);
}

void MemberReader::before_change(std::uint64_t hash, std::string_view name,
                                 std::optional<std::string_view> value) {
  const PositionView position{hash, name};
  if (done_ || IsBefore()(position, next_) || aside_.find(position) != aside_.end()) return;
  const auto added = aside_.emplace(Position{hash, std::string(name)},
                                    value ? std::optional<std::string>(*value) : std::nullopt);
  keep(bytes_of(*added.first));
}

}  // namespace ringhold
