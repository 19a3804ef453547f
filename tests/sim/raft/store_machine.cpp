#include "tests/sim/raft/store_machine.h"

#include <fmt/core.h>

#include <string_view>

#include "common/base/check.h"
#include "common/base/text.h"
#include "common/command/command_table.h"
#include "dataserver/backup/restore.h"
#include "dataserver/commands/handler.h"
#include "tests/sim/raft/state_hash.h"

namespace ringhold::sim {

namespace {
constexpr std::size_t kKeysPerSlice = 64;  // looked at every now and then: for expiry, and to be freed
constexpr std::uint64_t kReclaimEvery = 16;
}  // namespace

StoreMachine::StoreMachine(const World& world, const StoreOptions& options, StoreMachineCallbacks callbacks)
    : world_(world),
      options_(options),
      callbacks_(std::move(callbacks)),
      store_(std::make_unique<Store>(options)) {}

StoreMachine::~StoreMachine() = default;

std::string StoreMachine::run(const Words& words, std::uint64_t seed) {
  const std::vector<std::string_view> args(words.begin(), words.end());
  const CommandLookup found = find_command(args);
  INVARIANT(found.row != nullptr);
  ByteBuffer out;
  ReplyWriter reply(out, RespVersion::k2);
  CommandContext context{args, reply, *store_, log_time_, seed};
  store_handler(found.row->id)(context);
  return std::string(out.view());
}

void StoreMachine::apply(const raft::Entry& entry) {
  if (entry.position.index != applied_.next()) {
    callbacks_.on_wrong(fmt::format("entry {} is applied to the state after entry {}",
                                    entry.position.index.value, applied_.value));
  }
  applied_ = entry.position.index;
  if (entry.kind == raft::EntryKind::kCommand) {
    const auto proposal = decode_proposal(entry.payload ? *entry.payload : std::string());
    if (!proposal) return callbacks_.on_wrong(proposal.error().message);
    log_time_ = std::max(log_time_, proposal->wall_ms);
    const auto wanted = replies_.find({proposal->client, proposal->number});
    std::uint64_t seed = proposal->seed;
    for (const Words& words : proposal->commands) {
      std::string reply = run(words, ++seed);
      if (wanted != replies_.end()) wanted->second.push_back(std::move(reply));
    }
    // A look at all slots takes as long as the rest of a step.
    if (applied_.value % kReclaimEvery == 0) {
      store_->expire_slice(log_time_, kKeysPerSlice);
      store_->free_slice(kKeysPerSlice);
    }
    callbacks_.on_apply(entry, *proposal);
  }
  if (applied_.value % kHashEvery == 0) callbacks_.on_hash(applied_, hash());
}

std::vector<std::string> StoreMachine::take_replies(std::uint32_t client, std::uint64_t number) {
  const auto node = replies_.extract({client, number});
  return node.empty() ? std::vector<std::string>() : node.mapped();
}

std::uint64_t StoreMachine::hash() const {
  return hash_of_state(*store_, log_time_);
}

// The header's place for the shard's name says how many entries the state has seen: the replica's own words
// beside it are its own.
void StoreMachine::save(const std::string& path, std::function<std::string()> about,
                        std::function<void(Result<void>)> done) {
  INVARIANT(!saved_);
  saved_ = std::move(done);
  BackupJob::Options options;
  options.path = path;
  options.walk_after_flush = true;
  options.log_time = [this] { return log_time_; };
  options.about = [this, about = std::move(about)] {
    callbacks_.on_hash(applied_, hash());
    BackupHeader header;
    header.shard = std::to_string(applied_.value);
    header.snapshot = about();
    return header;
  };
  job_ = std::make_unique<BackupJob>(world_, *store_, std::move(options));
  job_->start(BackupJob::Pace::kHurry, [this](const Result<void>& outcome) {
    // The job is on the stack.
    end_save_later(outcome);
  });
}

void StoreMachine::end_save_later(const Result<void>& outcome) {
  world_.scheduler.post([this, outcome, number = saves_, life = std::weak_ptr(life_)] {
    if (!life.expired() && number == saves_) end_save(outcome);
  });
}

void StoreMachine::end_save(const Result<void>& outcome) {
  job_.reset();
  ++saves_;
  std::exchange(saved_, nullptr)(outcome);
}

Result<std::string> StoreMachine::inspect(const std::string& path, bool all) {
  if (all) {
    const auto summary = check_backup(world_.disk, path, {});
    if (!summary) return summary.error();
    return summary->header.snapshot;
  }
  const auto header = read_backup_header(world_.disk, path);
  if (!header) return header.error();
  return header->snapshot;
}

Result<void> StoreMachine::restore(const std::string& path) {
  if (saved_) {
    // What it shows is gone.
    job_.reset();
    end_save_later(Error{"another state has taken the place of this one"});
  }
  const auto header = read_backup_header(world_.disk, path);
  if (!header) return header.error();
  auto store = std::make_unique<Store>(options_);
  const auto summary = restore_backup(world_.disk, path, *store, header->log_time, {});
  if (!summary) return summary.error();
  store_ = std::move(store);
  log_time_ = header->log_time;
  applied_ = {parse_uint64(header->shard).value_or(0)};
  callbacks_.on_hash(applied_, hash());
  return {};
}

}  // namespace ringhold::sim
