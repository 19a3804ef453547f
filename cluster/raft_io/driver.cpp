#include "cluster/raft_io/driver.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "common/base/bug.h"
#include "common/base/check.h"
#include "common/base/limits.h"
#include "common/base/log.h"

namespace ringhold::raft_io {

// --- what others ask for ---

void Driver::propose(std::string payload, ProposalDone done) {
  if (!core_ || faulty_) return done(ProposalEnd::kRefused, "this replica takes no part in its shard");
  feed_task({raft::Propose{raft::make_payload(std::move(payload))}, std::move(done)});
}

void Driver::read(std::function<void(bool)> done) {
  if (!core_ || faulty_) return done(false);
  // In the middle of a step the state machine may be behind what the core has given out.
  if (options_.reads == ReadMode::kLease && !busy_) {
    // Read now, after the request was: this process may have been stopped in between for any time.
    const MonoTime now = broken(Bug::kLeaseByCachedClock) ? world_.clock.turn_time() : world_.clock.now();
    if (core_->lease_holds(now)) return done(true);
  }
  const std::uint64_t id = next_read_++;
  reads_.emplace(id, std::move(done));
  feed(raft::Read{id});
}

std::string Driver::change_membership(const raft::MembershipChange& change) {
  return ask(raft::ChangeMembership{change});
}

std::string Driver::transfer(std::optional<raft::ReplicaId> to) {
  return ask(raft::TransferLeadership{to});
}

// Answered at once, so it must not be called from inside the state machine or a callback of this driver.
std::string Driver::ask(raft::Event event) {
  if (!core_ || faulty_) return "this replica takes no part in its shard";
  INVARIANT(!busy_);
  answer_.clear();
  feed(std::move(event));
  return std::exchange(answer_, {});
}

void Driver::set_may_lead(bool may) {
  feed(raft::MayLead{may});
}

void Driver::accept(std::unique_ptr<Stream> stream) {
  if (transport_) transport_->accept(std::move(stream));
}

std::string Driver::describe() const {
  if (!core_) return "not started";
  return fmt::format("{} term {} last {} commit {} applied {} durable {}{}", role_name(core_->role()),
                     core_->term().value, core_->log().last_index().value, core_->commit().value,
                     core_->applied().value, core_->durable().value, faulty_ ? ", faulty" : "");
}

// --- steps ---

void Driver::feed_task(Task task) {
  tasks_.push_back(std::move(task));
  if (busy_) return;
  busy_ = true;
  const std::weak_ptr<int> life = life_;
  while (!tasks_.empty() && core_ && !faulty_) {
    Task next = std::move(tasks_.front());
    tasks_.pop_front();
    // The clock as it is now, not as it was when the turn began: a promise not to vote for another counts
    // from here, and what made it may have been sent since.
    if (options_.observer != nullptr) options_.observer->before_step(*core_, next.event);
    raft::Output out = core_->step(world_.clock.now(), std::move(next.event));
    if (options_.observer != nullptr) options_.observer->after_step(*core_, out);
    carry_out(std::move(out), std::move(next.done));
    if (life.expired()) return;
  }
  busy_ = false;
  if (faulty_ || !core_) return;
  arm_timer();
  note_changes();
}

void Driver::carry_out(raft::Output out, ProposalDone done) {
  const std::weak_ptr<int> life = life_;
  if (!out.fault.empty()) {
    if (done) done(ProposalEnd::kRefused, out.fault);
    if (!life.expired()) fault(out.fault);
    return;
  }
  if (done && out.accepted) {
    proposals_.emplace(out.accepted->index, Proposal{out.accepted->term, std::move(done)});
  } else if (done) {
    done(ProposalEnd::kRefused, out.refused);
    if (life.expired()) return;
  } else if (!out.refused.empty()) {
    answer_ = out.refused;
  }
  if (out.persist) {
    for (const raft::Entry& entry : out.persist->entries) log_bytes_ += entry.cost();
    const bool has_entries = !out.persist->entries.empty();
    asked_ = out.persist->number;
    if (!asked_disk_at_) asked_disk_at_ = world_.clock.now();
    log_->persist(std::move(*out.persist));
    if (has_entries) update_peers();
  }
  for (const raft::Message& message : out.send) transport_->send(message);
  apply(out.apply);
  if (life.expired()) return;
  answer_reads(out);
  if (life.expired()) return;
  carry_out_snapshots(out);
}

void Driver::apply(const std::vector<raft::Entry>& entries) {
  const std::weak_ptr<int> life = life_;
  for (const raft::Entry& entry : entries) {
    machine_.apply(entry);
    settle_proposals(entry);
    if (life.expired()) return;
  }
  if (!entries.empty()) take_snapshot_if_due();
}

// What stands at its place shows what became of a proposal. (Of several: this replica led in several terms,
// and lost what it had proposed in the earlier ones.)
void Driver::settle_proposals(const raft::Entry& entry) {
  const std::weak_ptr<int> life = life_;
  while (!life.expired()) {
    const auto it = proposals_.find(entry.position.index);
    if (it == proposals_.end()) return;
    const Proposal proposal = std::move(it->second);
    proposals_.erase(it);
    const bool is_it = proposal.term == entry.position.term;
    proposal.done(is_it ? ProposalEnd::kApplied : ProposalEnd::kReplaced,
                  is_it ? "" : "another leader has taken over");
  }
}

void Driver::answer_reads(raft::Output& out) {
  for (const raft::ReadReady& read : out.reads) {
    auto node = reads_.extract(read.id);
    if (!node.empty()) reads_to_apply_.emplace(read.index, std::move(node.mapped()));
  }
  const std::weak_ptr<int> life = life_;
  while (!reads_to_apply_.empty() && reads_to_apply_.begin()->first <= core_->applied()) {
    const auto done = std::move(reads_to_apply_.begin()->second);
    reads_to_apply_.erase(reads_to_apply_.begin());
    done(true);
    if (life.expired()) return;
  }
  for (const std::uint64_t id : out.reads_refused) {
    auto node = reads_.extract(id);
    if (node.empty()) continue;
    node.mapped()(false);
    if (life.expired()) return;
  }
}

void Driver::arm_timer() {
  const MonoTime due = core_->next_deadline();
  // A later deadline is looked at when the earlier time has come: heartbeats move it all the time.
  if (timer_->active() && timer_due_ <= due) return;
  timer_due_ = due;
  timer_->start(std::max(due - world_.clock.now(), std::chrono::microseconds(0)));
}

void Driver::on_timer() {
  const std::weak_ptr<int> life = life_;
  watch_disk();
  if (life.expired() || faulty_) return;
  if (core_->next_deadline() <= world_.clock.now()) return feed(raft::Tick{});
  arm_timer();
}

// A disk that neither fails nor finishes is as bad as one that fails: somebody else had better lead.
void Driver::watch_disk() {
  const bool hangs = asked_disk_at_ && world_.clock.now() - *asked_disk_at_ > limits::kLogSilenceMax;
  if (hangs == disk_hangs_) return;
  disk_hangs_ = hangs;
  if (hangs) log::warn("the disk has not finished writing the log for a long time");
  note_disk();
}

void Driver::note_disk() {
  const bool stalled = log_stalled_ || disk_hangs_;
  if (stalled == disk_stalled_) return;
  disk_stalled_ = stalled;
  if (stalled) {
    feed(raft::DiskStalled{});
  } else {
    feed(raft::DiskWorks{});
  }
}

void Driver::on_persisted(std::uint64_t number) {
  persisted_ = number;
  asked_disk_at_.reset();
  if (persisted_ < asked_) asked_disk_at_ = world_.clock.now();
  const std::weak_ptr<int> life = life_;
  feed(raft::Persisted{number});
  if (life.expired()) return;
  disk_hangs_ = false;
  note_disk();
}

void Driver::note_changes() {
  const Seen now{core_->role(), core_->term(), core_->leader(), core_->removed()};
  if (now == seen_) return;
  seen_ = now;
  handler_.on_change();
}

void Driver::update_peers() {
  if (core_->membership() == peers_) return;
  peers_ = core_->membership();
  std::vector<PeerAddress> addresses;
  for (const raft::Member& member : peers_.members()) addresses.push_back({member.id, member.address});
  transport_->set_peers(addresses);
}

void Driver::fault(const std::string& why) {
  if (faulty_) return;
  faulty_ = true;
  if (timer_) timer_->stop();
  // Later: the transport may be the one that calls, and others are in the middle of something.
  world_.scheduler.defer(guarded([this] {
    transport_.reset();
    end_all();
  }));
  handler_.on_fault(why);
}

// Nobody waits for what will not come.
void Driver::end_all() {
  const std::string why = "this replica takes no part in its shard any more";
  const auto proposals = std::exchange(proposals_, {});
  const auto tasks = std::exchange(tasks_, {});
  const auto reads = std::exchange(reads_, {});
  const auto reads_to_apply = std::exchange(reads_to_apply_, {});
  const std::weak_ptr<int> life = life_;
  for (const auto& [index, proposal] : proposals) {
    if (!life.expired()) proposal.done(ProposalEnd::kUnknown, why);
  }
  for (const Task& task : tasks) {
    if (task.done && !life.expired()) task.done(ProposalEnd::kRefused, why);
  }
  for (const auto& [id, done] : reads) {
    if (!life.expired()) done(false);
  }
  for (const auto& [index, done] : reads_to_apply) {
    if (!life.expired()) done(false);
  }
}

}  // namespace ringhold::raft_io
