#include "dataserver/ownership.h"

namespace ringhold {

Ownership::Ownership(bool named) {
  owned_.fill(!named);
  count_ = named ? 0 : kSlotCount;
}

void Ownership::wait_for_topology() {
  owned_.fill(false);
  count_ = 0;
}

void Ownership::update(const Topology& topology, const Address& self) {
  const Shard* shard = topology.find_shard_at(self);
  // The first replica serves; there is nothing yet that would keep others equal to it.
  if (shard != nullptr && shard->replicas.front() != self) shard = nullptr;
  shard_ = shard == nullptr ? "" : shard->name;
  count_ = 0;
  for (std::uint16_t i = 0; i < kSlotCount; ++i) {
    const Slot slot{i};
    const bool before = owned_[i];
    owned_[i] = shard != nullptr && &topology.owner(slot) == shard;
    if (owned_[i]) {
      ++count_;
      // A server that had no topology owned everything alone: nobody can have been sent elsewhere.
      if (!before) since_[i] = topology.version;
    }
  }
}

}  // namespace ringhold
