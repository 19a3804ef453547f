#include "tests/sim/raft/raft_seat.h"

#include <fmt/format.h>

#include <utility>

#include "common/base/check.h"

namespace ringhold::sim {

namespace {
constexpr std::uint16_t kPort = 7000;
constexpr Id128 kShard{{1, 2, 3}};
constexpr const char* kDirectory = "data/raft";
}  // namespace

RaftSeat::RaftSeat(SimWorld& world, const RaftPlan& plan, RaftWatch& watch, std::uint32_t number,
                   std::int64_t clock_ppm)
    : world_(world),
      plan_(plan),
      watch_(watch),
      number_(number),
      address_(fmt::format("10.0.1.{}:{}", number + 1, kPort)),
      process_(world.add_process({.name = fmt::format("r{}", number),
                                  .host = fmt::format("10.0.1.{}", number + 1),
                                  .role = Role::kNode,
                                  .clock_ppm = clock_ppm})) {}

RaftSeat::~RaftSeat() {
  if (up()) crash(CrashMode::kReset);
}

void RaftSeat::settle(raft::ReplicaId id, const raft::Membership& founders) {
  id_ = id;
  replica_ = watch_.add(id);
  founders_ = founders;
  damage_.clear();
  refusal_.clear();
}

void RaftSeat::start() {
  INVARIANT(!up() && !vacant());
  refusal_.clear();
  began_ = false;
  loop_ = &process_.add_loop("main");
  process_.after_turn = [this] {
    if (!running()) return;
    if (!std::exchange(began_, true)) watch_.begin(replica_, *core());
    watch_.observe(replica_, *core(), files());
    if (turned) turned(*this);
  };
  world_.run_on(*loop_, [this] { build(); });
}

void RaftSeat::build() {
  StoreMachineCallbacks callbacks;
  callbacks.on_apply = [this](const raft::Entry& entry, const Proposal& proposal) {
    watch_.applied(replica_, entry, proposal);
  };
  callbacks.on_hash = [this](raft::LogIndex index, std::uint64_t hash) {
    watch_.state_hash(replica_, index, hash);
  };
  callbacks.on_wrong = [this](const std::string& what) {
    world_.violation(fmt::format("replica {} on {}: {}", replica_, process_.name(), what));
  };
  const World world = loop_->world();
  machine_ = std::make_unique<StoreMachine>(world, plan_.store, std::move(callbacks));
  raft_io::DriverOptions options;
  options.directory = kDirectory;
  options.address = address_;
  options.reads = plan_.reads;
  options.timing = plan_.timing;
  options.bounds = plan_.bounds;
  options.log = plan_.log;
  options.snapshot_log_bytes = plan_.snapshot_log_bytes;
  options.founders = founders_;
  options.identity.shard = kShard;
  options.identity.replica = *id_;
  options.identity.shard_name = "s";
  options.observer = this;
  raft_io::DriverHandler& handler = *this;
  driver_ = std::make_unique<raft_io::Driver>(world, std::move(options), *machine_, handler);
  auto listener = world.network.listen({process_.host(), kPort}, {}, *this);
  INVARIANT(listener.ok());
  listener_ = std::move(*listener);
  driver_->start([this](const Result<void>& outcome) { started(outcome); });
}

void RaftSeat::started(const Result<void>& outcome) {
  if (!outcome.ok()) refuse(outcome.error().message);
}

// Nothing but damage, or a disk that fails, is a reason.
void RaftSeat::refuse(const std::string& why) {
  refusal_ = why;
  if (!damage_.empty() || disk_fails) return;
  world_.violation(fmt::format("replica {} on {}, whose disk is as it was left, says: {}", replica_,
                               process_.name(), why));
}

void RaftSeat::on_fault(const std::string& why) {
  refuse(why);
}

void RaftSeat::on_change() {
  if (changed) changed(*this);
}

void RaftSeat::on_accept(std::unique_ptr<Stream> stream) {
  driver_->accept(std::move(stream));
}

void RaftSeat::before_step(const raft::Core& core, const raft::Event& event) {
  watch_.before_step(replica_, core, event);
}

void RaftSeat::after_step(const raft::Core& core, const raft::Output& out) {
  watch_.after_step(replica_, core, out);
}

void RaftSeat::crash(CrashMode mode) {
  INVARIANT(up());
  process_.crash(mode, [this] { destroy(); });
  check_leaks(*std::exchange(loop_, nullptr));
  watch_.observe_down(replica_, files());
}

void RaftSeat::destroy() {
  listener_.reset();
  driver_.reset();
  machine_.reset();
}

void RaftSeat::check_leaks(const SimLoop& gone) {
  if (gone.live_streams == 0 && gone.live_timers == 0 && files().open_files == 0) return;
  world_.violation(fmt::format("{}: of a replica that is gone there are {} streams, {} timers, {} open files",
                               process_.name(), gone.live_streams, gone.live_timers, files().open_files));
}

void RaftSeat::wipe() {
  INVARIANT(!up());
  for (const std::string& name : files().names()) files().remove(name);
  files().faults() = {};
  id_.reset();
  damage_.clear();
  refusal_.clear();
}

}  // namespace ringhold::sim
