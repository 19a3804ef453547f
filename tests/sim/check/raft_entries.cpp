#include "tests/sim/check/raft_entries.h"

#include <fmt/format.h>

#include "common/base/check.h"

namespace ringhold::sim {

RaftEntries::RaftEntries(const Members& initial) : entries_(1), at_index_(1, kRoot), configs_{{initial, 0}} {}

RaftEntries::Id RaftEntries::find(std::uint64_t index, std::uint64_t term) const {
  Id id = index < at_index_.size() ? at_index_[index] : kNone;
  while (id != kNone && entries_[id].term != term) id = entries_[id].sibling;
  return id;
}

RaftEntries::Id RaftEntries::add(Id before, const EntryView& view, std::uint32_t replica) {
  const std::uint64_t index = entries_[before].index + 1;
  INVARIANT(index <= at_index_.size());
  const Id id = static_cast<Id>(entries_.size());
  if (index == at_index_.size()) at_index_.push_back(kNone);
  Entry entry{index, view.term, view.hash, before, at_index_[index], entries_[before].config, replica};
  if (view.members) {
    entry.config = static_cast<std::uint32_t>(configs_.size());
    configs_.push_back({*view.members, index});
  }
  entries_.push_back(entry);
  at_index_[index] = id;
  return id;
}

RaftEntries::Id RaftEntries::ancestor(Id id, std::uint64_t index) const {
  while (entries_[id].index > index) id = entries_[id].before;
  return id;
}

RaftEntries::Id RaftEntries::end_before(Id id, std::uint64_t term) const {
  while (id != kRoot && entries_[id].term >= term) id = entries_[id].before;
  return id;
}

std::string RaftEntries::describe(Id id) const {
  if (id == kRoot) return "the empty log";
  return fmt::format("index {} of term {}", entries_[id].index, entries_[id].term);
}

}  // namespace ringhold::sim
