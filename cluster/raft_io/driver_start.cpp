// How a replica begins: who it is, its newest snapshot, its log, and then its part among the others.
#include <fmt/core.h>

#include <utility>

#include "cluster/raft_io/driver.h"
#include "common/base/log.h"

namespace ringhold::raft_io {

namespace {

Error mismatch(const std::string& directory, const char* what, const Id128& found, const Id128& wanted) {
  return Error{
      fmt::format("{} belongs to {} {}, and not to {}; use the directory of that replica, or an empty one",
                  directory, what, found.hex(), wanted.hex())};
}

}  // namespace

Driver::Driver(const World& world, DriverOptions options, StateMachine& machine, DriverHandler& handler)
    : world_(world),
      options_(std::move(options)),
      machine_(machine),
      handler_(handler),
      snapshots_(world, options_.directory, machine, options_.bounds.chunk_bytes) {}

// The log may be the one that calls.
Driver::~Driver() {
  life_.reset();
  if (log_ != nullptr) world_.scheduler.defer([log = std::shared_ptr<LogStore>(std::move(log_))] {});
}

void Driver::start(Started done) {
  const auto opened = open_directory();
  if (!opened.ok()) {
    world_.scheduler.post(guarded([done = std::move(done), opened] { done(opened); }));
    return;
  }
  if (options_.identity.has_log) return open_log(done);
  // A new replica, or one that did not get as far as having a log.
  identity_saver_.save(options_.identity, guarded([this, done = std::move(done)](const Result<void>& saved) {
                         if (!saved.ok()) return done(saved);
                         open_log(done);
                       }));
}

Result<void> Driver::open_directory() {
  if (auto made = world_.disk.make_directory(options_.directory); !made.ok()) return made;
  auto found = read_identity(world_.disk, options_.directory);
  if (!found.ok()) return found.error();
  if (!found->has_value()) return {};
  const Identity& wanted = options_.identity;
  const Identity& on_disk = **found;
  if (!wanted.cluster.is_none() && !on_disk.cluster.is_none() && on_disk.cluster != wanted.cluster)
    return mismatch(options_.directory, "cluster", on_disk.cluster, wanted.cluster);
  if (!wanted.shard.is_none() && on_disk.shard != wanted.shard)
    return mismatch(options_.directory, "shard", on_disk.shard, wanted.shard);
  if (!wanted.replica.value.is_none() && on_disk.replica != wanted.replica)
    return mismatch(options_.directory, "replica", on_disk.replica.value, wanted.replica.value);
  options_.identity = on_disk;
  return {};
}

void Driver::open_log(const Started& done) {
  const auto found = snapshots_.open();
  if (!found.ok()) {
    world_.scheduler.post(guarded([done, error = found.error()] { done(error); }));
    return;
  }
  raft::SnapshotMeta newest;
  if (found->newest) {
    newest = *found->newest;
  } else if (!options_.identity.has_log) {
    newest.members = options_.founders;
  }
  LogCallbacks callbacks;
  callbacks.on_persisted = guarded([this](std::uint64_t number) { on_persisted(number); });
  callbacks.on_stalled = guarded([this](const std::string& why) {
    log::warn("the log takes nothing at the moment: {}", why);
    log_stalled_ = true;
    note_disk();
  });
  callbacks.on_works = guarded([this] {
    log::info("the log takes entries again");
    log_stalled_ = false;
    note_disk();
  });
  callbacks.on_damage = guarded([this](const std::string& text) { fault(text); });
  log_ = std::make_unique<LogStore>(world_, options_.directory, options_.identity, options_.log, callbacks);
  log_->open(
      newest, [this](const raft::Entry& entry) { machine_.apply(entry); },
      [this, done, incoming = found->incoming](Result<raft::Recovered> recovered) {
        if (recovered.ok()) recovered->incoming = incoming;
        on_log_open(std::move(recovered), done);
      });
}

// The log of a new replica has noted in the identity that it is there.
void Driver::on_log_open(Result<raft::Recovered> recovered, const Started& done) {
  if (!recovered.ok()) return done(recovered.error());
  options_.identity.has_log = true;
  begin(std::move(*recovered));
  done({});
}

void Driver::begin(raft::Recovered recovered) {
  const Identity& identity = options_.identity;
  TransportOptions transport;
  transport.identity = {identity.cluster, identity.shard, identity.replica};
  transport.address = options_.address;
  transport_ = std::make_unique<Transport>(world_, transport, static_cast<TransportHandler&>(*this));
  raft::CoreOptions core;
  core.self = identity.replica;
  core.seed = world_.rng.next();
  core.timing = options_.timing;
  core.bounds = options_.bounds;
  core_ = std::make_unique<raft::Core>(core, std::move(recovered), world_.clock.now());
  timer_ = world_.scheduler.make_timer([this] { on_timer(); });
  update_peers();
  note_changes();
  arm_timer();
}

}  // namespace ringhold::raft_io
