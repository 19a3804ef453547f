#include "tests/sim/scenario/ownership_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/base/slot.h"

namespace ringhold::sim {

OwnershipLog::OwnershipLog(SimWorld& world, const std::vector<std::string>& keys) : world_(world) {
  for (const std::string& key : keys) changes_[slot_of(key)] = {{world.now(), {}, "the beginning"}};
}

void OwnershipLog::started(const std::string& server, const Address& address, bool named) {
  servers_[server] = {address, true, named, nullptr};
  if (named) ignorance_[server].push_back({world_.now()});
  update(server, "start of " + server);
}

void OwnershipLog::crashed(const std::string& server) {
  servers_[server].alive = false;
  servers_[server].topology = nullptr;
  end_ignorance(server);
  note_beliefs(server, nullptr);
  update(server, "crash of " + server);
}

void OwnershipLog::observe_server(const std::string& server, const TopologyPtr& topology) {
  Server& s = servers_[server];
  if (s.topology == topology) return;
  check_version(server, s.topology, topology);
  s.topology = topology;
  end_ignorance(server);
  note_beliefs(server, topology);
  update(server,
         fmt::format("{} adopting topology {}", server, topology ? topology->version.text() : "none"));
}

void OwnershipLog::observe_proxy(const std::string& loop, std::uint32_t life, const TopologyPtr& topology) {
  auto& [known_life, known] = proxies_[loop];
  if (known_life == life && known == topology) return;
  if (known_life == life) check_version(loop, known, topology);
  known_life = life;
  known = topology;
  note_beliefs(loop, topology);
}

void OwnershipLog::end_ignorance(const std::string& server) {
  auto& list = ignorance_[server];
  if (!list.empty() && list.back().end == MonoTime::max()) list.back().end = world_.now();
}

void OwnershipLog::note_beliefs(const std::string& who, const TopologyPtr& topology) {
  for (auto& [slot, changes] : changes_) {
    std::string owner;
    if (topology != nullptr) {
      const Address& address = topology->owner(slot).replicas.front();
      for (const auto& [name, server] : servers_) {
        if (server.address == address) owner = name;
      }
    }
    auto& list = beliefs_[slot][who];
    if (list.empty() || list.back().owner != owner) list.push_back({world_.now(), owner});
  }
}

std::set<std::string> OwnershipLog::believed_owners(const std::string& key, MonoTime from,
                                                    MonoTime to) const {
  std::set<std::string> all = owners(key, from, to);
  const auto found = beliefs_.find(slot_of(key));
  if (found == beliefs_.end()) return all;
  for (const auto& [who, list] : found->second) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      const MonoTime until = i + 1 < list.size() ? list[i + 1].time : MonoTime::max();
      if (list[i].time <= to && until >= from && !list[i].owner.empty()) all.insert(list[i].owner);
    }
  }
  return all;
}

bool OwnershipLog::was_ignorant(const std::string& server, MonoTime from, MonoTime to) const {
  const auto found = ignorance_.find(server);
  return found != ignorance_.end() &&
         std::any_of(found->second.begin(), found->second.end(),
                     [&](const Ignorance& i) { return i.begin <= to && i.end >= from; });
}

void OwnershipLog::check_version(const std::string& who, const TopologyPtr& before,
                                 const TopologyPtr& after) {
  if (before == nullptr) return;
  if (after == nullptr) {
    world_.violation(fmt::format("{} forgot its topology {}", who, before->version.text()));
  } else if (after->cluster != before->cluster) {
    world_.violation(fmt::format("{} changed from cluster {} to cluster {}", who, before->cluster.hex(),
                                 after->cluster.hex()));
  } else if (after->version <= before->version) {
    world_.violation(fmt::format("the topology of {} went back from {} to {}", who, before->version.text(),
                                 after->version.text()));
  }
}

void OwnershipLog::update(const std::string& name, const std::string& what) {
  const Server& server = servers_[name];
  const Shard* shard = server.topology ? server.topology->find_shard_at(server.address) : nullptr;
  for (auto& [slot, changes] : changes_) {
    const bool owns =
        server.alive &&
        (server.topology ? shard != nullptr && &server.topology->owner(slot) == shard : !server.named);
    const auto& now = changes.back().owners;
    if (now.contains(name) == owns) continue;
    Change next{world_.now(), now, what};
    if (owns) {
      next.owners.insert(name);
    } else {
      next.owners.erase(name);
    }
    changes.push_back(std::move(next));
  }
}

std::vector<Disturbance> OwnershipLog::disturbances(const std::string& key) const {
  std::vector<Disturbance> list;
  std::map<std::string, MonoTime> owner_since;
  for (const Change& change : changes_.at(slot_of(key))) {
    std::erase_if(owner_since, [&](const auto& entry) { return !change.owners.contains(entry.first); });
    for (const std::string& owner : change.owners) owner_since.emplace(owner, change.time);
    // Each change disturbs; one that leaves a single owner ends what is going on.
    if (list.empty() || list.back().end != MonoTime::max())
      list.push_back({change.time, MonoTime::max(), false, change.what});
    if (change.owners.size() != 1) continue;
    Disturbance& last = list.back();
    last.end = change.time;
    last.leaves_nil = owner_since.begin()->second >= last.begin;
  }
  return list;
}

std::set<std::string> OwnershipLog::owners(const std::string& key, MonoTime from, MonoTime to) const {
  std::set<std::string> all;
  const std::vector<Change>& changes = changes_.at(slot_of(key));
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const MonoTime until = i + 1 < changes.size() ? changes[i + 1].time : MonoTime::max();
    if (changes[i].time <= to && until >= from)
      all.insert(changes[i].owners.begin(), changes[i].owners.end());
  }
  return all;
}

}  // namespace ringhold::sim
