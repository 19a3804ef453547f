// Who serves the slots of the checked keys, and since when, by each data server's own topology.
//
// A data server runs a command only on a slot that it owns by the topology that it holds, and a slot that it
// does not own is empty there. So the set of servers that own a slot says when a key's history is undisturbed
// (one owner, the same all the time), and what the key holds when it has settled again (nil, if the owner has
// just got the slot). It also checks that the version that a process holds never goes back in its life.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "cluster/topology/topology.h"
#include "tests/sim/check/key_history.h"
#include "tests/sim/world/sim_world.h"

namespace ringhold::sim {

class OwnershipLog {
 public:
  OwnershipLog(SimWorld& world, const std::vector<std::string>& keys);

  // A data server begins a life; `named`: it owns nothing until it has a topology, else everything.
  void started(const std::string& server, const Address& address, bool named);
  void crashed(const std::string& server);
  // Asked for after every turn: cheap if nothing has changed.
  void observe_server(const std::string& server, const TopologyPtr& topology);
  // One loop of a proxy; `life` tells its lives apart.
  void observe_proxy(const std::string& loop, std::uint32_t life, const TopologyPtr& topology);

  // When the slot of `key` had no single, settled owner, and what it holds after that.
  std::vector<Disturbance> disturbances(const std::string& key) const;
  // The servers to which the slot of `key` belonged at some time between the two, in the eyes of any process.
  std::set<std::string> believed_owners(const std::string& key, MonoTime from, MonoTime to) const;
  // Whether `server` was alive without a topology at some time between the two.
  bool was_ignorant(const std::string& server, MonoTime from, MonoTime to) const;
  // The servers that owned the slot of `key`, by their own topology, at some time between the two.
  std::set<std::string> owners(const std::string& key, MonoTime from, MonoTime to) const;

 private:
  struct Server {
    Address address;
    bool alive = false;
    bool named = true;
    TopologyPtr topology;
  };
  struct Change {
    MonoTime time;
    std::set<std::string> owners;  // from then on
    std::string what;
  };

  // From `time` on, a process believes that a server owns a slot; empty: it believes nothing.
  struct Belief {
    MonoTime time;
    std::string owner;
  };
  struct Ignorance {
    MonoTime begin;
    MonoTime end = MonoTime::max();
  };

  void end_ignorance(const std::string& server);
  void note_beliefs(const std::string& who, const TopologyPtr& topology);
  void check_version(const std::string& who, const TopologyPtr& before, const TopologyPtr& after);
  void update(const std::string& name, const std::string& what);

  SimWorld& world_;
  std::map<std::string, Server> servers_;
  std::map<std::string, std::pair<std::uint32_t, TopologyPtr>> proxies_;  // by loop
  std::map<Slot, std::map<std::string, std::vector<Belief>>> beliefs_;    // by process
  std::map<std::string, std::vector<Ignorance>> ignorance_;               // by server
  std::map<Slot, std::vector<Change>> changes_;                           // of the slots of the checked keys
};

}  // namespace ringhold::sim
