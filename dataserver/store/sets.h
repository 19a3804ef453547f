// What the set commands mean, without their arguments and replies (those: dataserver/commands). For the forms
// of a set see set_members.h, for intersections, unions and differences set_algebra.h.
//
// A missing key counts as an empty set, and a set that becomes empty is gone. Functions return nothing where
// a key holds another type, and change nothing then. Views are valid until the store changes.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "common/base/ids.h"
#include "dataserver/store/set_members.h"
#include "dataserver/store/store.h"

namespace ringhold::sets {

std::optional<SetMembers> read(Store& store, std::string_view key, UnixMs now, Use use = Use::kRead);

// These return how many members were new, or were there.
std::optional<std::size_t> add(Store& store, std::string_view key, std::span<const std::string_view> members,
                               UnixMs now);
std::optional<std::size_t> remove(Store& store, std::string_view key,
                                  std::span<const std::string_view> members, UnixMs now);

// Returns whether the member was in `from`.
std::optional<bool> move(Store& store, std::string_view from, std::string_view to, std::string_view member,
                         UnixMs now);

// Makes a set of different members, which may be views of values in the store, in place of whatever the key
// holds. No members: the key is gone.
struct NewSet {
  std::span<const StringValue> members;
  bool may_be_integers = true;  // else it counts as one of strings from the start
  bool keeps_deadline = false;
};
void replace(Store& store, std::string_view key, const NewSet& set, UnixMs now);

}  // namespace ringhold::sets
