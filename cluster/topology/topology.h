// The topology: which shards there are, where their replicas are, and which shard serves which slot.
//
// An immutable, versioned value. It is decided in one place (the authority: the shard named in it), spread
// over peer connections, and shared within a process as shared_ptr<const Topology>.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cluster/ring/ring.h"
#include "cluster/topology/servers_file.h"
#include "common/base/ids.h"
#include "common/base/result.h"
#include "common/reactor/address.h"
#include "common/reactor/clock.h"

namespace ringhold {

// Topologies of one cluster are ordered by this; the default is "none".
struct TopologyVersion {
  std::uint64_t generation = 0;
  Epoch epoch;
  // NOLINTNEXTLINE(modernize-use-nullptr): a false alarm of clang-tidy 14 on defaulted <=>
  auto operator<=>(const TopologyVersion&) const = default;
  bool is_none() const { return epoch.value == 0; }
  std::string text() const;  // "1.7": generation.epoch
};

struct Shard {
  std::string name;
  Id128 id;
  std::uint32_t weight = 1;
  std::vector<Address> replicas;  // 1..7; the first leads until there is Raft
  bool operator==(const Shard&) const = default;
};

struct Topology {
  Id128 cluster;
  TopologyVersion version;
  std::vector<Shard> shards;  // ascending by name
  SlotTable slots{};          // indexes into `shards`
  std::string authority;      // the name of the shard that decides the next version

  const Shard& owner(Slot slot) const { return shards[slots[slot.value]]; }
  const Shard* find_shard(std::string_view name) const;      // null if there is none
  const Shard* find_shard_at(const Address& address) const;  // by any replica's address
  std::uint32_t slots_of(std::string_view name) const;       // how many it serves
  // What servers.json would say about this topology.
  std::vector<ShardSpec> specs() const;
  bool operator==(const Topology&) const = default;
};

using TopologyPtr = std::shared_ptr<const Topology>;

// The first topology of a new cluster (generation 1, epoch 1); ids are drawn from `rng`. The authority is the
// smallest name.
Topology found_topology(const ServersFile& file, Rng& rng);

// The topology after an edit: shards keep their ids by name, slots move as little as they must
// (rebalance_slots), epoch + 1. If the authority's shard is gone, the smallest remaining name becomes the
// authority. Errors: an address that belongs to a live shard under another name (with advice). An edit that
// changes nothing returns `current` with its version unchanged; neither the order of shards nor that of a
// shard's replicas is a change.
// `new_generation`: the decider is a restarted cache, which cannot know whether it had decided something else
// at that epoch.
Result<Topology> edit_topology(const Topology& current, const ServersFile& file, Rng& rng,
                               bool new_generation);

// The short form names servers by address. One that belongs to a live shard means that shard, under its name,
// so that an operator may switch between the forms; the others stay named by their address. A file in the
// long form is returned as it is. Error: two addresses are replicas of one shard, which the short form cannot
// say.
Result<ServersFile> resolve_short_form(const Topology& current, ServersFile file);

// For people: one line per difference between two lists of shards that are ascending by name:
// "+ d 127.0.0.1:9504 weight 1", "- b 127.0.0.1:9502 weight 1", "~ a weight 1 → 2, + 127.0.0.1:9505".
// Empty if they mean the same.
std::vector<std::string> describe_difference(const std::vector<ShardSpec>& from,
                                             const std::vector<ShardSpec>& to);

// Whether every invariant holds: ids and version are set, 1..limits::kShardsMax shards ascending by name,
// weights and addresses as servers.json may have them, no address or id twice, every slot has an owner, the
// authority is one of the shards. The error says which does not.
Result<void> check_topology(const Topology& topology);

// The form for peers and files (topology_codec.h says how it is laid out). Decoding never trusts a length or
// an index; what it returns satisfies check_topology.
std::string encode_topology(const Topology& topology);
Result<Topology> decode_topology(std::string_view bytes);

}  // namespace ringhold
