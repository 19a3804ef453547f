// How a topology comes into being and changes.
#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "cluster/topology/topology.h"

namespace ringhold {

namespace {

Id128 draw_id(Rng& rng) {
  Id128 id;
  while (id.is_none()) {
    for (std::size_t half = 0; half < 2; ++half) {
      const std::uint64_t bits = rng.next();
      for (std::size_t i = 0; i < 8; ++i) id.bytes[half * 8 + i] = static_cast<std::uint8_t>(bits >> (8 * i));
    }
  }
  return id;
}

std::vector<RingShard> ring_shards(const Topology& topology) {
  std::vector<RingShard> shards;
  for (const Shard& shard : topology.shards) shards.push_back({shard.name, shard.weight});
  return shards;
}

bool ascending(const std::vector<ShardSpec>& specs) {
  const auto out_of_order = [](const ShardSpec& a, const ShardSpec& b) { return a.name >= b.name; };
  return std::adjacent_find(specs.begin(), specs.end(), out_of_order) == specs.end();
}

bool contains(const std::vector<Address>& list, const Address& address) {
  return std::find(list.begin(), list.end(), address) != list.end();
}

// "127.0.0.1:9501 127.0.0.1:9502 weight 1"
std::string describe(const ShardSpec& spec) {
  std::string text;
  for (const Address& address : spec.replicas) text += address.text() + " ";
  return text + fmt::format("weight {}", spec.weight);
}

// "weight 1 → 2, + 127.0.0.1:9505"; empty if nothing has changed.
std::string describe_change(const ShardSpec& from, const ShardSpec& to) {
  std::string text;
  const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (from.weight != to.weight) add(fmt::format("weight {} → {}", from.weight, to.weight));
  for (const Address& address : to.replicas) {
    if (!contains(from.replicas, address)) add("+ " + address.text());
  }
  for (const Address& address : from.replicas) {
    if (!contains(to.replicas, address)) add("- " + address.text());
  }
  return text;
}

// Which shard each address belongs to.
std::map<Address, std::string_view> address_holders(const Topology& topology) {
  std::map<Address, std::string_view> holders;
  for (const Shard& shard : topology.shards) {
    for (const Address& address : shard.replicas) holders.emplace(address, shard.name);
  }
  return holders;
}

// A server's data belongs to the shard that it is a replica of: another name for it would lose them unseen.
Result<void> check_addresses(const Topology& current, const std::vector<ShardSpec>& specs) {
  const std::map<Address, std::string_view> holders = address_holders(current);
  for (const ShardSpec& spec : specs) {
    for (const Address& address : spec.replicas) {
      const auto holder = holders.find(address);
      if (holder == holders.end() || holder->second == spec.name) continue;
      return Error{
          fmt::format("{0} is listed for shard '{1}', but it belongs to shard '{2}', and a shard's name is "
                      "its identity; keep it under the name '{2}', or take it out of '{2}' in one edit and "
                      "add it to '{1}' in the next",
                      address.text(), spec.name, holder->second)};
    }
  }
  return {};
}

// The present owners by their positions in `next`; slots of shards that are gone have none.
SlotTable carry_over(const Topology& current, const Topology& next) {
  std::vector<std::uint16_t> position;
  for (const Shard& shard : current.shards) {
    const Shard* same = next.find_shard(shard.name);
    position.push_back(same == nullptr ? kNoOwner : static_cast<std::uint16_t>(same - next.shards.data()));
  }
  SlotTable slots;
  std::transform(current.slots.begin(), current.slots.end(), slots.begin(),
                 [&](std::uint16_t owner) { return position[owner]; });
  return slots;
}

}  // namespace

Topology found_topology(const ServersFile& file, Rng& rng) {
  INVARIANT(!file.servers.empty() && ascending(file.servers));
  Topology first;
  first.cluster = draw_id(rng);
  first.version = {1, Epoch{1}};
  for (const ShardSpec& spec : file.servers) {
    first.shards.push_back({spec.name, draw_id(rng), spec.weight, spec.replicas});
  }
  first.slots = place_slots(ring_shards(first));
  first.authority = first.shards.front().name;
  return first;
}

Result<Topology> edit_topology(const Topology& current, const ServersFile& file, Rng& rng,
                               bool new_generation) {
  INVARIANT(!file.servers.empty() && ascending(file.servers));
  if (describe_difference(current.specs(), file.servers).empty()) return current;
  if (auto free = check_addresses(current, file.servers); !free) return free.error();
  Topology next;
  next.cluster = current.cluster;
  next.version = {current.version.generation + (new_generation ? 1 : 0),
                  Epoch{current.version.epoch.value + 1}};
  for (const ShardSpec& spec : file.servers) {
    const Shard* same = current.find_shard(spec.name);
    next.shards.push_back({spec.name, same == nullptr ? draw_id(rng) : same->id, spec.weight, spec.replicas});
  }
  next.slots = rebalance_slots(carry_over(current, next), ring_shards(next));
  const bool authority_stays = next.find_shard(current.authority) != nullptr;
  next.authority = authority_stays ? current.authority : next.shards.front().name;
  return next;
}

Result<ServersFile> resolve_short_form(const Topology& current, ServersFile file) {
  if (!file.short_form) return file;
  const std::map<Address, std::string_view> holders = address_holders(current);
  for (ShardSpec& spec : file.servers) {
    const auto holder = holders.find(spec.replicas.front());
    if (holder != holders.end()) spec.name = holder->second;
  }
  std::sort(file.servers.begin(), file.servers.end(),
            [](const ShardSpec& a, const ShardSpec& b) { return a.name < b.name; });
  const auto twice =
      std::adjacent_find(file.servers.begin(), file.servers.end(),
                         [](const ShardSpec& a, const ShardSpec& b) { return a.name == b.name; });
  if (twice != file.servers.end()) {
    return Error{
        fmt::format("two addresses belong to shard '{}'; a shard with replicas needs the long form, "
                    "{{\"servers\": [{{\"name\": \"{}\", \"replicas\": [...]}}]}}",
                    twice->name, twice->name)};
  }
  file.short_form = false;
  return file;
}

std::vector<std::string> describe_difference(const std::vector<ShardSpec>& from,
                                             const std::vector<ShardSpec>& to) {
  std::vector<std::string> lines;
  auto a = from.begin();
  auto b = to.begin();
  while (a != from.end() || b != to.end()) {
    if (b == to.end() || (a != from.end() && a->name < b->name)) {
      lines.push_back(fmt::format("- {} {}", a->name, describe(*a)));
      ++a;
    } else if (a == from.end() || b->name < a->name) {
      lines.push_back(fmt::format("+ {} {}", b->name, describe(*b)));
      ++b;
    } else {
      const std::string change = describe_change(*a++, *b);
      if (!change.empty()) lines.push_back(fmt::format("~ {} {}", b->name, change));
      ++b;
    }
  }
  return lines;
}

}  // namespace ringhold
