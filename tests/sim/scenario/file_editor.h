// Edits servers.json of the proxies as operators and editors do: well, badly, in steps, by rename, by
// deleting it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cluster/topology/servers_file.h"
#include "tests/sim/scenario/cluster.h"
#include "tests/sim/scenario/plan.h"
#include "tests/sim/world/sim_world.h"

namespace ringhold::sim {

class FileEditor {
 public:
  FileEditor(SimWorld& world, SimCluster& cluster, const Plan& plan);

  // Every proxy gets the first file; nobody watches yet.
  void write_first();
  void start();
  // The last word, in every proxy's file: good, and the same everywhere. Called again, it saves it again.
  void end();
  // Does a server other than the shard `but` know the topology, and do the proxies know of that server? A
  // cluster of caches of which nobody knows anything any more is founded anew, as another cluster, to which
  // older processes do not belong.
  bool has_witness_but(const std::string& but) const;
  const std::vector<ShardSpec>& wanted() const { return wanted_.servers; }
  const std::vector<std::string>& history() const { return history_; }  // of edits, for messages

 private:
  void next();
  void edit();
  bool change_wanted();
  void save(SimFiles& files, const std::string& text);
  void save_badly(SimFiles& files, const std::string& good);
  std::string text() const;
  std::string bad_text(const std::string& good);
  ShardSpec spec_of(const SimServer& server) const;
  void note(const std::string& what);

  SimWorld& world_;
  SimCluster& cluster_;
  const Plan& plan_;
  SimRng rng_;
  ServersFile wanted_;
  bool over_ = false;
  std::string last_words_;
  std::vector<std::string> history_;
};

}  // namespace ringhold::sim
