#include "tests/sim/raft/raft_group.h"

#include <fmt/format.h>

#include <algorithm>

namespace ringhold::sim {

namespace {
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr auto kOperatorPause = milliseconds(40);
constexpr std::uint64_t kNewIdsMax = 40;  // RaftInvariants can tell 64 replicas apart
}  // namespace

RaftGroup::RaftGroup(SimWorld& world, const RaftPlan& plan)
    : world_(world),
      plan_(plan),
      rng_(plan.seed, "raft-group"),
      founders_(found()),
      watch_(founders_, [this](const std::string& what) { world_.violation(what); }) {
  for (std::uint32_t i = 0; i < plan.replicas + plan.spares; ++i) {
    const std::int64_t ppm = rng_.between(-plan.drift_ppm, plan.drift_ppm);
    // Twice as fast is as far off as half as fast.
    seats_.push_back(std::make_unique<RaftSeat>(world, plan, watch_, i, ppm > 30000 ? 2 * ppm : ppm));
    SimProcess& process = seats_.back()->process();
    process.set_wall_skew(rng_.between(-plan.wall_skew_ms, plan.wall_skew_ms));
    if (plan.reads == raft_io::ReadMode::kLease)
      seats_.back()->turned = [this](RaftSeat& seat) { check_leases(seat); };
  }
  std::uint32_t founding = 0;
  for (const raft::Member& member : founders_.members()) {
    seats_[founding]->settle(member.id, founders_);
    wanted_.insert(founding++);
  }
  while (founding < plan.replicas) wanted_.insert(founding++);
  for (const std::uint32_t i : wanted_) {
    if (seats_[i]->vacant()) seats_[i]->settle(new_id(), {});
  }
}

RaftGroup::~RaftGroup() = default;

raft::ReplicaId RaftGroup::new_id() {
  raft::ReplicaId id;
  id.value.bytes[15] = static_cast<std::uint8_t>(next_id_++);
  // So that their order says nothing of their age.
  id.value.bytes[0] = static_cast<std::uint8_t>(rng_.below(256));
  return id;
}

// Addresses are those of the seats, in the order of the ids.
raft::Membership RaftGroup::found() {
  std::vector<raft::ReplicaId> ids;
  for (std::uint32_t i = 0; i < (plan_.grown ? 1 : plan_.replicas); ++i) ids.push_back(new_id());
  std::sort(ids.begin(), ids.end());
  std::vector<raft::Member> members;
  for (std::size_t i = 0; i < ids.size(); ++i)
    members.push_back({ids[i], fmt::format("10.0.1.{}:7000", i + 1), raft::MemberRole::kVoter});
  return raft::Membership(std::move(members));
}

void RaftGroup::start_all() {
  for (const auto& seat : seats_) {
    if (!seat->vacant()) seat->start();
  }
  world_.after(kOperatorPause, [this] { operate(); });
}

bool RaftGroup::on(RaftSeat& seat, const std::function<void()>& code) {
  if (!seat.running() || seat.process().paused()) return false;
  world_.run_on(seat.loop(), code);
  return true;
}

RaftSeat* RaftGroup::leader() const {
  RaftSeat* found = nullptr;
  for (const auto& seat : seats_) {
    if (!seat->running() || !seat->core()->is_leader()) continue;
    if (found == nullptr || found->core()->term() < seat->core()->term()) found = seat.get();
  }
  return found;
}

RaftSeat* RaftGroup::seat_of(const raft::ReplicaId& id) const {
  for (const auto& seat : seats_) {
    if (!seat->vacant() && seat->id() == id) return seat.get();
  }
  return nullptr;
}

const raft::Membership* RaftGroup::members() const {
  if (const RaftSeat* found = leader()) return &found->core()->membership();
  const raft::Core* best = nullptr;
  for (const auto& seat : seats_) {
    if (seat->running() && (best == nullptr || best->commit() < seat->core()->commit())) best = seat->core();
  }
  return best == nullptr ? nullptr : &best->membership();
}

// 6.4.1: while a leader's lease holds, nobody else is elected. So a read that it serves by its lease sees all
// that has been acknowledged.
void RaftGroup::check_leases(RaftSeat& seat) {
  if (!seat.core()->is_leader() || seat.core()->term() <= led_) return;
  led_ = seat.core()->term();
  for (const auto& other : seats_) {
    if (other.get() == &seat || !other->running()) continue;
    if (!other->core()->lease_holds(other->process().local_time(world_.now()))) continue;
    world_.violation(
        fmt::format("two leases (6.4.1): replica {} is elected in term {}, and the lease of replica {}, "
                    "leader of term {}, still holds",
                    seat.replica(), led_.value, other->replica(), other->core()->term().value));
  }
}

// --- crashes ---

void RaftGroup::restart(RaftSeat& seat) {
  if (seat.up() || seat.vacant()) return;
  ++restarts_;
  seat.start();
}

void RaftGroup::crash(RaftSeat& seat, CrashMode mode, microseconds back_after) {
  if (!seat.up()) return;
  snapshots_ += seat.snapshots();
  seat.crash(mode);
  world_.after(back_after, [this, &seat] {
    if (!ended_) restart(seat);
  });
}

void RaftGroup::crash_at_disk(RaftSeat& seat, std::uint64_t operations, CrashPoint::When when,
                              microseconds back_after) {
  CrashPoint point;
  point.operation = seat.files().changes_asked() + operations;
  point.when = when;
  point.crash = [this, &seat, back_after] {
    crash(seat, rng_.one_in(2) ? CrashMode::kReset : CrashMode::kSilent, back_after);
  };
  seat.files().set_crash_point(std::move(point));
}

void RaftGroup::restart_all() {
  for (const auto& seat : seats_) {
    seat->process().resume();
    snapshots_ += seat->snapshots();
    if (seat->up()) seat->crash(CrashMode::kReset);
  }
  for (const auto& seat : seats_) restart(*seat);
}

// --- harm ---

// Of each entry a majority keeps a sound copy: so harm comes to less than half of the voters, one change of
// the members after the other.
bool RaftGroup::may_harm(const RaftSeat& seat) const {
  const raft::Membership* membership = members();
  if (membership == nullptr || seat.vacant() || next_id_ > kNewIdsMax) return false;
  std::size_t harmed = 1;
  for (const raft::Member& member : membership->members()) {
    if (member.role != raft::MemberRole::kVoter || member.id == seat.id()) continue;
    const RaftSeat* other = seat_of(member.id);
    if (other == nullptr || !other->damage().empty() || !other->refusal().empty()) ++harmed;
  }
  // While a replica leaves, the members by the logs of some are not those by the logs of others.
  for (const auto& other : seats_) {
    if (!other->running() || other->core()->membership() == *membership) continue;
    return false;
  }
  return leaving_.empty() && 2 * harmed < membership->voters();
}

void RaftGroup::wipe(RaftSeat& seat) {
  if (seat.vacant()) return;
  leaving_.insert(seat.id());
  if (seat.up()) {
    snapshots_ += seat.snapshots();
    seat.crash(CrashMode::kReset);
  }
  seat.process().resume();
  seat.wipe();
}

// --- members ---

bool RaftGroup::is_wanted(const RaftSeat& seat) const {
  return wanted_.contains(seat.number());
}

std::string RaftGroup::grow(SimRng& rng) {
  std::vector<RaftSeat*> idle;
  for (const auto& seat : seats_) {
    if (!is_wanted(*seat) && seat->vacant()) idle.push_back(seat.get());
  }
  if (idle.empty() || wanted_.size() >= limits::kReplicasMax || next_id_ > kNewIdsMax) return {};
  RaftSeat& seat = *rng.pick(idle);
  wanted_.insert(seat.number());
  return fmt::format("a replica on {} is to join", seat.process().name());
}

std::string RaftGroup::shrink(SimRng& rng) {
  const raft::Membership* membership = members();
  if (membership == nullptr || !leaving_.empty() || membership->voters() < 2) return {};
  // Who takes one out while another is dead may be left without a majority, for ever.
  for (const auto& seat : seats_) {
    if (!seat->damage().empty() || !seat->refusal().empty()) return {};
  }
  std::vector<RaftSeat*> candidates;
  for (const std::uint32_t i : wanted_) {
    if (!seats_[i]->vacant() && membership->find(seats_[i]->id()) != nullptr)
      candidates.push_back(seats_[i].get());
  }
  if (candidates.empty()) return {};
  RaftSeat& seat = *rng.pick(candidates);
  wanted_.erase(seat.number());
  leaving_.insert(seat.id());
  return fmt::format("the replica on {} is to leave", seat.process().name());
}

// Whatever the operator wants next, whether or not it is time.
void RaftGroup::hasten_change(RaftSeat& leader) {
  on(leader, [&] { ask_for_change(leader); });
}

void RaftGroup::operate() {
  if (ended_) return;
  world_.after(kOperatorPause, [this] { operate(); });
  replace_refused();
  for (const std::uint32_t i : wanted_) {
    RaftSeat& seat = *seats_[i];
    if (!seat.vacant() || next_id_ > 2 * kNewIdsMax) continue;
    seat.settle(new_id(), {});
    seat.start();
  }
  RaftSeat* now = leader();
  if (now == nullptr) return;
  on(*now, [&] { ask_for_change(*now); });
  if (now->running()) release_strangers(*now);
}

// A replica that has found its disk damaged is taken out, and another comes in its place.
void RaftGroup::replace_refused() {
  for (const auto& seat : seats_) {
    if (seat->vacant() || seat->refusal().empty() || seat->process().paused()) continue;
    if (seat->damage().empty()) {
      // Its disk failed when it was to start: again.
      crash(*seat, CrashMode::kReset, kOperatorPause);
      continue;
    }
    ++refusals_;
    wipe(*seat);
  }
}

void RaftGroup::ask_for_change(RaftSeat& leader) {
  const raft::Membership membership = leader.core()->membership();
  for (const raft::ReplicaId& id : leaving_) {
    if (membership.find(id) == nullptr) continue;
    if (!leader.driver().change_membership(raft::RemoveMember{id}).empty()) continue;
    ++changes_;
    return;
  }
  for (const std::uint32_t i : wanted_) {
    RaftSeat& seat = *seats_[i];
    if (!seat.running() || membership.find(seat.id()) != nullptr || leaving_.contains(seat.id())) continue;
    if (leader.driver().change_membership(raft::AddLearner{seat.id(), seat.address()}).empty()) ++changes_;
    return;
  }
}

// A removal is over when it is committed; then the replica's host is free.
void RaftGroup::release_strangers(RaftSeat& leader) {
  const raft::Core& core = *leader.core();
  if (core.log().membership_index() > core.commit() || !watch_.invariants().working_leader()) return;
  std::erase_if(leaving_, [&](const raft::ReplicaId& id) {
    if (core.membership().find(id) != nullptr) return false;
    RaftSeat* seat = seat_of(id);
    if (seat == nullptr || seat == &leader) return seat == nullptr;
    if (seat->up()) {
      snapshots_ += seat->snapshots();
      seat->crash(CrashMode::kReset);
    }
    seat->process().resume();
    seat->wipe();
    return true;
  });
}

// --- the end ---

bool RaftGroup::has_leader() const {
  return watch_.invariants().working_leader().has_value();
}

namespace {

std::string describe_progress(const raft::Core& core) {
  std::string text;
  for (const raft::Member& member : core.membership().members()) {
    const raft::Progress* peer = core.progress(member.id);
    if (peer == nullptr) continue;
    text +=
        fmt::format("\n      {}: {} match {} next {}, {} in flight{}{}", member.id.value.hex().substr(0, 2),
                    peer->state == raft::Progress::State::kProbe       ? "probe"
                    : peer->state == raft::Progress::State::kReplicate ? "replicate"
                                                                       : "snapshot",
                    peer->match.value, peer->next.value, peer->in_flight.size(),
                    peer->probing ? ", probing" : "", peer->reading ? ", reading" : "");
    if (peer->transfer) {
      text +=
          fmt::format(", offset {}{}{}{}", peer->transfer->next_offset,
                      peer->transfer->snapshot ? "" : ", no snapshot yet",
                      peer->transfer->offered ? ", offered" : "", peer->transfer->reading ? ", reading" : "");
    }
  }
  return text;
}

}  // namespace

std::string RaftGroup::describe() const {
  std::string text;
  for (const auto& seat : seats_) {
    text += fmt::format("  {}: ", seat->process().name());
    if (seat->vacant()) {
      text += "vacant\n";
      continue;
    }
    text += fmt::format("replica {} ({}) {}{}{}", seat->replica(), seat->id().value.hex().substr(0, 2),
                        seat->up() ? seat->driver().describe() : "down",
                        seat->process().paused() ? ", stopped" : "",
                        leaving_.contains(seat->id()) ? ", is to leave" : "");
    if (!seat->refusal().empty()) text += ": " + seat->refusal();
    if (seat->core() != nullptr) {
      const raft::Membership& members = seat->core()->membership();
      text += fmt::format(
          ", log from {}, memory from {}, members of {}:", seat->core()->log().first_index().value,
          seat->core()->log().memory_first().value, seat->core()->log().membership_index().value);
      for (const raft::Member& member : members.members())
        text += fmt::format(" {}{}", member.id.value.hex().substr(0, 2),
                            members.has_voter(member.id) ? "" : "(learner)");
      text += describe_progress(*seat->core());
    }
    text += "\n";
  }
  return text;
}

std::string RaftGroup::unsettled() const {
  const RaftSeat* now = leader();
  if (now == nullptr) return "nobody leads";
  const raft::Core& core = *now->core();
  if (!leaving_.empty()) return "a replica has not left yet";
  if (core.membership().members().size() != wanted_.size())
    return "the members are not those that are wanted";
  for (const raft::Member& member : core.membership().members()) {
    const RaftSeat* seat = seat_of(member.id);
    const std::string name = fmt::format("replica {}", member.id.value.hex());
    if (seat == nullptr || !seat->running()) return name + " does not run";
    if (member.role != raft::MemberRole::kVoter) return name + " is still a learner";
    if (seat->core()->applied() != core.log().last_index()) return name + " lags behind";
    if (seat->core()->membership() != core.membership()) return name + " knows other members";
  }
  return {};
}

}  // namespace ringhold::sim
