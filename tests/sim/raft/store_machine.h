// StoreMachine: the state machine of a simulated replica: a real Store, changed by the real commands, saved
// by the real backup and restored from it.
//
// An entry is a Proposal; its commands run at the log time, which is the later one of the entry's wall clock
// and of the log time before. After every kHashEvery-th entry, and after a restore, the state is hashed, so
// that replicas can be compared. Lives on a simulated loop; owned by whoever owns the driver, and outlives
// it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cluster/raft_io/state_machine.h"
#include "common/reactor/world.h"
#include "dataserver/backup/backup_job.h"
#include "dataserver/store/store.h"
#include "tests/sim/raft/proposal.h"

namespace ringhold::sim {

struct StoreMachineCallbacks {
  std::function<void(const raft::Entry& entry, const Proposal& proposal)> on_apply;  // of commands
  std::function<void(raft::LogIndex index, std::uint64_t hash)> on_hash;
  std::function<void(std::string what)> on_wrong;  // the raft_io above it did what it must not do
};

class StoreMachine final : public raft_io::StateMachine {
 public:
  static constexpr std::uint64_t kHashEvery = 32;

  StoreMachine(const World& world, const StoreOptions& options, StoreMachineCallbacks callbacks);
  ~StoreMachine() override;
  StoreMachine(const StoreMachine&) = delete;
  StoreMachine& operator=(const StoreMachine&) = delete;

  void apply(const raft::Entry& entry) override;
  void save(const std::string& path, std::function<std::string()> about,
            std::function<void(Result<void>)> done) override;
  Result<std::string> inspect(const std::string& path, bool all) override;
  Result<void> restore(const std::string& path) override;

  // The replies to this proposal are kept until they are taken: one for each command, as RESP2.
  void expect(std::uint32_t client, std::uint64_t number) { replies_[{client, number}]; }
  std::vector<std::string> take_replies(std::uint32_t client, std::uint64_t number);
  // Runs a command that only reads, on the state as it is.
  std::string read(const Words& words) { return run(words, 0); }

  raft::LogIndex applied() const { return applied_; }
  UnixMs log_time() const { return log_time_; }
  std::uint64_t hash() const;
  const Store& store() const { return *store_; }
  std::uint64_t saves() const { return saves_; }

 private:
  std::string run(const Words& words, std::uint64_t seed);
  void end_save_later(const Result<void>& outcome);
  void end_save(const Result<void>& outcome);

  World world_;
  StoreOptions options_;
  StoreMachineCallbacks callbacks_;
  std::unique_ptr<Store> store_;
  UnixMs log_time_ = 0;
  raft::LogIndex applied_;
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::vector<std::string>> replies_;
  std::unique_ptr<BackupJob> job_;
  std::function<void(Result<void>)> saved_;
  std::uint64_t saves_ = 0;                               // that have ended
  std::shared_ptr<int> life_ = std::make_shared<int>(0);  // shared with tasks under way
};

}  // namespace ringhold::sim
