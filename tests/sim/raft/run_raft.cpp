#include "tests/sim/raft/run_raft.h"

#include <fmt/format.h>

#include <map>
#include <string>
#include <vector>

#include "common/base/log.h"
#include "tests/sim/check/linearizability.h"
#include "tests/sim/raft/raft_chaos.h"
#include "tests/sim/raft/raft_client.h"
#include "tests/sim/raft/raft_group.h"
#include "tests/sim/raft/raft_plan.h"

namespace ringhold::sim {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Once all faults are over, and everybody runs again: a leader within so many of the longest election
// time-outs,
constexpr int kLeaderTimeouts = 10;
// and all alike within so many more. In between learners are promoted and replicas are replaced.
constexpr int kSettleTimeouts = 40;
constexpr std::size_t kConfigurationsMax = 20000;

class RaftRun {
 public:
  explicit RaftRun(const RunOptions& options)
      : options_(options), plan_(make_raft_plan(options.seed)), world_(options.seed), group_(world_, plan_) {
    world_.trace().print_to(options.trace);
    world_.fabric().set_weather(plan_.weather);
  }

  RunResult run() {
    RaftClients clients(group_);
    RaftChaos chaos(group_);
    group_.start_all();
    if (!world_.run_until([this] { return group_.has_leader(); }, kLeaderTimeouts * longest_timeout()) &&
        going())
      fail("a new shard gets no leader");
    clients.start();
    chaos.start();
    world_.run_for(milliseconds(plan_.duration_ms));
    chaos.end();
    calm();
    clients.stop();
    if (going() && !world_.run_until([&] { return clients.done(); }, seconds(5)))
      fail("clients still wait for an answer");
    settle();
    if (going()) group_.watch().check_promises();
    if (going()) check_histories(clients.operations());
    if (!going()) state_ = group_.describe();
    group_.end();
    for (const auto& seat : group_.seats()) {
      if (seat->up()) seat->crash(CrashMode::kReset);
    }
    return result(clients, chaos);
  }

 private:
  bool going() const { return world_.violations().empty(); }
  void fail(std::string text) { world_.violation(std::move(text)); }

  // Everybody starts anew; then there is a leader within a bound, with which clients go on.
  void calm() {
    if (!going()) return;
    world_.fabric().reset_half_dead();
    group_.restart_all();
    const MonoTime begin = world_.now();
    const auto bound = kLeaderTimeouts * longest_timeout();
    if (!world_.run_until([this] { return group_.has_leader(); }, bound) && going())
      fail(fmt::format("{} ms after the last fault nobody leads", bound.count() / 1000));
    leader_after_ = (world_.now() - begin).count();
    if (going()) world_.run_for(milliseconds(100));
  }

  void settle() {
    if (!going()) return;
    const auto bound = kSettleTimeouts * longest_timeout();
    if (!world_.run_until([this] { return group_.unsettled().empty(); }, bound) && going())
      fail(fmt::format("{} ms after the last fault the replicas are not alike: {}", bound.count() / 1000,
                       group_.unsettled()));
    std::map<std::uint64_t, std::string> states;
    for (const auto& seat : group_.seats()) {
      if (seat->running()) states[seat->machine().hash()] += " " + seat->process().name();
    }
    if (going() && states.size() != 1) fail("at the end the replicas hold different states");
  }

  // By the slowest clock.
  std::chrono::microseconds longest_timeout() const {
    return plan_.timing.election_max * 1000000 / (1000000 - plan_.drift_ppm);
  }

  void check_histories(const std::vector<Operation>& operations) {
    std::map<std::string, std::vector<Operation>> by_key;
    for (const Operation& operation : operations) by_key[operation.key].push_back(operation);
    for (const auto& [key, history] : by_key) {
      const CheckResult check = check_linearizable(history, KeyState::nil(), {kConfigurationsMax});
      if (check.verdict == Verdict::kUndecided) ++undecided_;
      if (check.verdict == Verdict::kViolated) return fail(check.explanation);
    }
  }

  RunResult result(const RaftClients& clients, const RaftChaos& chaos) {
    RunResult r;
    r.ok = going();
    r.plan = describe(plan_);
    for (const std::string& text : world_.violations()) r.failure += text + "\n";
    if (!r.ok) {
      r.failure += state_;
      constexpr std::size_t kShown = 30;
      const auto& history = chaos.history();
      const std::size_t skip = options_.verbose || history.size() < kShown ? 0 : history.size() - kShown;
      for (std::size_t i = skip; i < history.size(); ++i) r.failure += "  " + history[i] + "\n";
    }
    r.trace_hash = world_.trace().hash();
    r.events = world_.trace().events();
    r.requests = clients.operations().size();
    r.failed_requests = clients.refused_count() + clients.unknown_count();
    r.errors = fmt::format(
        "{} unknown, {} refused; {} entries, {} restarts, {} refusals to start, {} changes of members, {} "
        "snapshots, a leader after {} ms",
        clients.unknown_count(), clients.refused_count(), group_.watch().entries(), group_.restarts(),
        group_.refusals(), group_.changes(), group_.snapshots(), leader_after_ / 1000);
    r.undecided_keys = undecided_;
    r.faults = chaos.history().size();
    r.virtual_seconds = static_cast<double>(world_.now().time_since_epoch().count()) / 1e6 - 1000;
    return r;
  }

  const RunOptions& options_;
  RaftPlan plan_;
  SimWorld world_;
  RaftGroup group_;
  std::string state_;  // when it failed
  std::int64_t leader_after_ = 0;
  std::size_t undecided_ = 0;
};

}  // namespace

RunResult run_raft_seed(const RunOptions& options) {
  log::set_level(log::Level::kOff);
  return RaftRun(options).run();
}

}  // namespace ringhold::sim
