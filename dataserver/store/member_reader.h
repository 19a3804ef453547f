// MemberReader: reads all members of a large hash, set or sorted set, in hash order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "dataserver/store/member_table.h"
#include "dataserver/store/slow_reader.h"

namespace ringhold {

class MemberReader final : public SlowReader {
 public:
  MemberReader(MemberTable& members, std::size_t& held);
  ~MemberReader() { members_.readers().remove(*this); }

  // Members, when it began.
  std::size_t size() const { return size_; }
  // Gives visit(name, value) the next members, until they have about `bytes_max` bytes; false once all have
  // been read.
  template <typename Visit>
  bool read(std::size_t bytes_max, Visit&& visit);

  // For the table: the member is about to change or to go or, without a value, to come.
  void before_change(std::uint64_t hash, std::string_view name, std::optional<std::string_view> value);

 private:
  // The order of the table.
  struct Position {
    std::uint64_t hash = 0;
    std::string name;
  };
  struct IsBefore {
    using is_transparent = void;
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      return a.hash != b.hash ? a.hash < b.hash : std::string_view(a.name) < std::string_view(b.name);
    }
  };
  struct PositionView {
    std::uint64_t hash;
    std::string_view name;
  };
  using Aside = std::map<Position, std::optional<std::string>, IsBefore>;
  // What one of them takes, more or less.
  static std::size_t bytes_of(const Aside::value_type& member);
  MemberTable::Place first_unread() const;
  void forget(Aside::iterator member);

  MemberTable& members_;
  std::size_t size_;
  Position next_;      // all before it has been read
  bool done_ = false;  // all has
  Aside aside_;        // as they were; nothing for those that were not there
};

// Goes through the table as it is and through what was set aside, side by side; of a member that is in both,
// the latter is what it was.
template <typename Visit>
bool MemberReader::read(std::size_t bytes_max, Visit&& visit) {
  MemberTable::Place place = first_unread();
  std::size_t given = 0;
  while (place || !aside_.empty()) {
    const PositionView live =
        place ? PositionView{members_.hash_of(place), place.element->name()} : PositionView{};
    const auto aside = aside_.begin();
    const bool aside_first = aside != aside_.end() && (!place || !IsBefore()(live, aside->first));
    if (given >= bytes_max) {
      next_ = aside_first ? aside->first : Position{live.hash, std::string(live.name)};
      return true;
    }
    if (!aside_first) {
      visit(live.name, place.element->value());
      given += live.name.size() + place.element->value().size() + 1;
      place = members_.next(place);
      continue;
    }
    if (place && !IsBefore()(aside->first, live)) place = members_.next(place);
    given += aside->first.name.size() + 1;
    if (aside->second) {
      visit(std::string_view(aside->first.name), std::string_view(*aside->second));
      given += aside->second->size();
    }
    forget(aside);
  }
  done_ = true;
  return false;
}

}  // namespace ringhold
