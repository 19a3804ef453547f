// Driver: one replica of one shard: it runs a raft::Core, and does what the core wants done.
//
//   streams ─▶ Transport ─▶┐                      ┌─▶ Transport ─▶ other replicas
//   the clock ────────────▶│                      ├─▶ LogStore (log and vote), ─▶ Persisted ─┐
//   propose(), read() ────▶├─▶ Core::step ─▶ out ─┼─▶ StateMachine::apply                   │
//   LogStore, snapshots ──▶┘         ▲            └─▶ SnapshotFiles                          │
//                                    └───────────────────────────────────────────────────────┘
//
// Life: start() reads what is on the disk (it blocks), applies what is known to be committed, and begins to
// take part. Destroying it is like a crash: nothing is said to anybody, what is under way is dropped, and no
// callback follows.
//
// If the disk turns out to be damaged, or has lost what was acknowledged, on_fault says so; from then on the
// replica takes no part, and the owner stops it.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cluster/raft/core.h"
#include "cluster/raft_io/identity.h"
#include "cluster/raft_io/log_store.h"
#include "cluster/raft_io/snapshot_files.h"
#include "cluster/raft_io/state_machine.h"
#include "cluster/raft_io/transport.h"
#include "common/reactor/world.h"

namespace ringhold::raft_io {

// How a linearizable read is made sure of.
enum class ReadMode : std::uint8_t {
  kLease,   // by the leader's lease, else as kQuorum
  kQuorum,  // a majority is asked each time: assumes nothing of clocks
};

// Sees each step of a core: for tests.
class StepObserver {
 public:
  virtual ~StepObserver() = default;
  virtual void before_step(const raft::Core& core, const raft::Event& event) = 0;
  virtual void after_step(const raft::Core& core, const raft::Output& out) = 0;
};

struct DriverOptions {
  std::string directory;  // DATA_DIR/raft; made if it is missing
  std::string address;    // advertised: where others reach this replica
  ReadMode reads = ReadMode::kLease;
  raft::Timing timing;
  raft::Bounds bounds;
  LogOptions log;
  // A snapshot is taken when the log has grown by this since the last one.
  std::uint64_t snapshot_log_bytes = 64ULL * 1024 * 1024;
  // Of a new replica: who the shard is founded with, itself included. Empty: it joins one, and waits.
  raft::Membership founders;
  Identity identity;                 // of a new replica; otherwise what is on the disk counts, and must agree
  StepObserver* observer = nullptr;  // outlives the driver
};

// What became of a proposal.
enum class ProposalEnd : std::uint8_t {
  kApplied,   // it is committed, and the state machine has it
  kRefused,   // it was not taken, and never will be
  kReplaced,  // it was taken, but another leader's entry stands in its place: it never happened
  kUnknown,   // it was taken; whether it happened cannot be said any more
};

class DriverHandler {
 public:
  virtual ~DriverHandler() = default;
  // Role, leader, term or members may have changed.
  virtual void on_change() = 0;
  virtual void on_fault(const std::string& why) = 0;
};

class Driver final : private TransportHandler {
 public:
  Driver(const World& world, DriverOptions options, StateMachine& machine, DriverHandler& handler);
  ~Driver() override;
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  // Reads the disk, which blocks; `done` follows in a later turn, when what was found is durable. Errors name
  // the file and say what to do; the driver is of no use then.
  void start(std::function<void(Result<void>)> done);

  // `done` is called once, never from within the call but for kRefused.
  using ProposalDone = std::function<void(ProposalEnd end, const std::string& why)>;
  void propose(std::string payload, ProposalDone done);
  // `done(true)`: a read of the state machine now, in this call, is linearizable: it sees every write that
  // had been acknowledged when read() was called. `done(false)`: this replica cannot say so. May be called at
  // once.
  void read(std::function<void(bool may)> done);
  // An empty result: under way (membership() shows when it is done). Else why not.
  std::string change_membership(const raft::MembershipChange& change);
  std::string transfer(std::optional<raft::ReplicaId> to);
  // See raft::MayLead.
  void set_may_lead(bool may);
  // Takes a snapshot now, unless one is being taken.
  void take_snapshot();

  // A peer stream whose first frame is a RaftHello.
  void accept(std::unique_ptr<Stream> stream);

  // Null before start() has succeeded.
  const raft::Core* core() const { return core_.get(); }
  const Identity& identity() const { return options_.identity; }
  std::string describe() const;  // one line for a person
  bool faulty() const { return faulty_; }
  const LogStore& log_store() const { return *log_; }

 private:
  struct Task {
    raft::Event event;
    ProposalDone done;  // of a Propose
  };
  struct Proposal {
    raft::Term term;
    ProposalDone done;
  };
  struct Seen {
    raft::RoleName role = raft::RoleName::kFollower;
    raft::Term term;
    std::optional<raft::ReplicaId> leader;
    bool removed = false;
    bool operator==(const Seen&) const = default;
  };
  using Started = std::function<void(Result<void>)>;

  // driver_start.cpp
  Result<void> open_directory();
  void open_log(const Started& done);
  void on_log_open(Result<raft::Recovered> recovered, const Started& done);
  void begin(raft::Recovered recovered);

  // driver.cpp
  void on_message(raft::Message message) override { feed(std::move(message)); }
  void on_peer_lost(raft::ReplicaId peer) override { feed(raft::PeerLost{peer}); }
  void feed(raft::Event event) { feed_task({std::move(event), nullptr}); }
  void feed_task(Task task);
  std::string ask(raft::Event event);
  void carry_out(raft::Output out, ProposalDone done);
  void apply(const std::vector<raft::Entry>& entries);
  void settle_proposals(const raft::Entry& entry);
  void answer_reads(raft::Output& out);
  void arm_timer();
  void on_timer();
  void on_persisted(std::uint64_t number);
  void watch_disk();
  void note_disk();
  void note_changes();
  void update_peers();
  void fault(const std::string& why);
  void end_all();

  // driver_snapshots.cpp
  void carry_out_snapshots(raft::Output& out);
  void give_snapshot(raft::ReplicaId to);
  void store(const raft::StoreChunk& chunk);
  void install(const raft::SnapshotMeta& snapshot);
  void on_installed(const raft::SnapshotMeta& snapshot, const SnapshotFiles::Installed& outcome);
  void take_snapshot_if_due();
  void on_saved(const Result<raft::SnapshotMeta>& saved);
  void compact(const raft::SnapshotMeta& snapshot);
  raft::LogIndex keep_log_from(const raft::SnapshotMeta& snapshot) const;
  Id128 random_id();

  // `callback`, unless the driver has gone by then.
  template <typename Callback>
  auto guarded(Callback callback) {
    return [life = std::weak_ptr(life_), callback = std::move(callback)](auto&&... arguments) {
      if (!life.expired()) callback(std::forward<decltype(arguments)>(arguments)...);
    };
  }

  World world_;
  DriverOptions options_;
  StateMachine& machine_;
  DriverHandler& handler_;
  IdentitySaver identity_saver_{world_.disk, options_.directory};
  SnapshotFiles snapshots_;
  std::unique_ptr<LogStore> log_;
  std::unique_ptr<raft::Core> core_;
  std::unique_ptr<Transport> transport_;
  std::unique_ptr<Timer> timer_;
  std::deque<Task> tasks_;
  bool busy_ = false;  // in the middle of a step: what comes waits in tasks_
  bool faulty_ = false;
  Seen seen_;
  raft::Membership peers_;
  std::multimap<raft::LogIndex, Proposal> proposals_;
  std::map<std::uint64_t, std::function<void(bool)>> reads_;  // that wait for a round, by their number
  std::multimap<raft::LogIndex, std::function<void(bool)>> reads_to_apply_;  // ... for the state machine
  std::uint64_t next_read_ = 1;
  MonoTime timer_due_;
  std::uint64_t asked_ = 0;  // of the log: the last request
  std::uint64_t persisted_ = 0;
  std::optional<MonoTime> asked_disk_at_;  // since when it has been working without an answer
  bool log_stalled_ = false;
  bool disk_hangs_ = false;
  bool disk_stalled_ = false;    // as the core was told
  std::string answer_;           // to what was asked by ask()
  bool installing_ = false;      // a snapshot takes the place of the state
  std::uint64_t log_bytes_ = 0;  // written since the last snapshot was begun
  std::vector<raft::ReplicaId> want_snapshot_;
  std::shared_ptr<int> life_ = std::make_shared<int>(0);  // shared with callbacks under way
};

}  // namespace ringhold::raft_io
