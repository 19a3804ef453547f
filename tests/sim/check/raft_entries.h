// Every entry that any replica of a simulated Raft group ever had in its log, as a tree.
//
// An entry knows the one before it, so an entry stands for the whole log up to it: two logs agree up to an
// index if and only if they have the same entry, by its number in this tree, at that index.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/sim/check/raft_view.h"

namespace ringhold::sim {

class RaftEntries {
 public:
  using Id = std::uint32_t;
  static constexpr Id kRoot = 0;  // before the first entry
  static constexpr Id kNone = std::numeric_limits<Id>::max();

  struct Entry {
    std::uint64_t index = 0;
    std::uint64_t term = 0;
    std::uint64_t hash = 0;
    Id before = kRoot;
    Id sibling = kNone;          // another one at the same index
    std::uint32_t config = 0;    // the latest configuration in the log that ends here
    std::uint32_t first_on = 0;  // the replica on which it was seen first
  };
  struct Config {
    Members members;
    std::uint64_t index = 0;
  };

  // `initial` is in force before the first entry that holds a configuration.
  explicit RaftEntries(const Members& initial);

  const Entry& operator[](Id id) const { return entries_[id]; }
  // Log matching lets there be only one entry of an index and term.
  Id find(std::uint64_t index, std::uint64_t term) const;
  Id add(Id before, const EntryView& view, std::uint32_t replica);
  // Precondition: `index` is not after the entry's.
  Id ancestor(Id id, std::uint64_t index) const;
  // Where a log with this end ended before entries of `term` came.
  Id end_before(Id id, std::uint64_t term) const;
  const Config& config_of(Id id) const { return configs_[entries_[id].config]; }
  const std::vector<Config>& configs() const { return configs_; }
  std::string describe(Id id) const;  // "index 7 of term 3"

 private:
  std::vector<Entry> entries_;
  std::vector<Id> at_index_;  // the entry of an index that was seen last
  std::vector<Config> configs_;
};

}  // namespace ringhold::sim
