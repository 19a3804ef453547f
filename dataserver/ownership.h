// Which slots this data server serves, and since which topology.
#pragma once

#include <array>
#include <string>

#include "cluster/topology/topology.h"

namespace ringhold {

class Ownership {
 public:
  // `named`: the server was started with --name, so without a topology it serves nothing; one without a name
  // serves everything until then.
  explicit Ownership(bool named);

  // Serves nothing until there is a topology, named or not.
  void wait_for_topology();
  // `topology` is the new one, `self` this server's advertised address.
  void update(const Topology& topology, const Address& self);

  bool owns(Slot slot) const { return owned_[slot.value]; }
  // Whether the slot has been this server's from topology `version` up to now: a command that was sent by
  // that version may be executed. If the slot left in between and came back, it may not: commands of the same
  // client may have been bounced meanwhile, and must not be overtaken.
  bool owns_since(Slot slot, TopologyVersion version) const {
    return owned_[slot.value] && since_[slot.value] <= version;
  }
  std::uint32_t count() const { return count_; }
  // The shard's name in the topology; empty when it lists no such address.
  const std::string& shard() const { return shard_; }

 private:
  std::array<bool, kSlotCount> owned_{};
  std::array<TopologyVersion, kSlotCount> since_{};
  std::uint32_t count_ = 0;
  std::string shard_;
};

}  // namespace ringhold
