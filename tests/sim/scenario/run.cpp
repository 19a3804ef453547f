#include "tests/sim/scenario/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "common/base/log.h"
#include "tests/sim/check/key_history.h"
#include "tests/sim/load/sim_client.h"
#include "tests/sim/scenario/chaos.h"
#include "tests/sim/scenario/cluster.h"
#include "tests/sim/scenario/file_editor.h"
#include "tests/sim/scenario/store_life.h"

namespace ringhold::sim {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto kDeadline = milliseconds(2000);  // the proxies' default
// After the last fault: links come back, late replies arrive, an edit goes through.
constexpr auto kSettleBound = seconds(12);
constexpr auto kSlow = milliseconds(1500);

class Run {
 public:
  explicit Run(const RunOptions& options)
      : plan_(make_plan(options.seed)),
        world_(options.seed),
        ownership_(world_, all_keys(plan_.client.keys)),
        cluster_(world_, plan_, ownership_),
        editor_(world_, cluster_, plan_),
        verbose_(options.verbose) {
    world_.trace().print_to(options.trace);
  }

  RunResult run() {
    world_.fabric().set_weather(plan_.weather);
    boot();
    if (going()) work();
    if (going()) settle();
    if (going()) probe();
    if (going()) check_histories();
    if (going()) check_requests();
    clients_.clear();
    if (going()) cluster_.stop_all();
    return result();
  }

 private:
  bool going() const { return world_.violations().empty(); }

  void boot() {
    editor_.write_first();
    for (SimServer& server : cluster_.servers()) cluster_.start(server);
    world_.run_for(milliseconds(5));
    for (SimProxy& proxy : cluster_.proxies()) {
      if (!cluster_.start(proxy)) world_.violation(proxy.name + " does not start");
    }
    wait_for_agreement("the cluster does not come up");
  }

  void work() {
    for (std::uint32_t i = 0; i < plan_.clients; ++i)
      add_client(fmt::format("c{}", i), fronts_of(i), plan_.client);
    std::vector<SimProcess*> processes;
    for (const auto& [name, process] : client_processes_) processes.push_back(process);
    Chaos chaos(world_, cluster_, editor_, processes, plan_.faults, faults_);
    chaos.start();
    editor_.start();
    world_.run_for(milliseconds(plan_.duration_ms));
    editor_.end();  // first: a proxy starts only with a good file
    chaos.end();
    editor_.end();  // again: what a proxy reads at its start is no edit
    world_.fabric().reset_half_dead();
    // A reply of a megabyte takes its time in bad weather; whether it comes at all is the question.
    world_.fabric().set_weather({});
    on_clients([](SimClient& client) { client.stop(); });
    const auto all_done = [this] {
      return std::all_of(clients_.begin(), clients_.end(), [](const auto& c) { return c.program->done(); });
    };
    if (!world_.run_until(all_done, kSettleBound) && going()) world_.violation(describe_waiting());
    // Events of chaos that are still to come refer to it.
    world_.run_for(seconds(8));
  }

  void settle() {
    world_.fabric().set_weather({});
    world_.fabric().reset_half_dead();
    wait_for_agreement("the processes do not agree after the last fault");
    world_.run_for(seconds(1));
    const auto half_open = world_.fabric().half_open();
    if (!half_open.empty())
      world_.violation("one end of a connection is open long after the other has gone: " + half_open.front());
  }

  // New requests succeed, and leave nothing behind: what is alive in each process is the same after each
  // round.
  void probe() {
    std::vector<std::string> counts;
    for (int round = 0; round < 4 && going(); ++round) {
      probe_round(round);
      counts.push_back(count_living());
      if (round > 0 && counts[counts.size() - 2] == counts.back()) return;
    }
    if (going())
      world_.violation(fmt::format("something leaks: streams and timers after each round of requests:\n  {}",
                                   fmt::join(counts, "\n  ")));
  }

  void probe_round(int round) {
    clients_.clear();
    ClientOptions options = plan_.client;
    options.gentle = true;
    options.cluster_aware_percent = 0;
    options.depth_max = 4;
    options.requests_per_connection = 25;
    std::vector<Front> fronts;
    for (const SimProxy& proxy : cluster_.proxies()) fronts.push_back({proxy.name, proxy.address});
    for (const SimServer& server : cluster_.servers()) {
      if (is_listed(server)) fronts.push_back({server.name, server.address});
    }
    options.connections = static_cast<std::uint32_t>(fronts.size());
    add_client(fmt::format("probe{}", round), fronts, options);
    const auto done = [this] { return clients_.back().program->done(); };
    if (!world_.run_until(done, seconds(10)) && going()) world_.violation(describe_waiting());
    world_.run_for(seconds(2));
  }

  std::string count_living() const {
    std::string text;
    const auto add = [&](const SimProcess& p) {
      text += fmt::format("{}: {} streams, {} timers; ", p.name(), p.live_streams(), p.live_timers());
    };
    for (const SimProxy& proxy : cluster_.proxies()) add(*proxy.process);
    for (const SimServer& server : cluster_.servers()) add(*server.process);
    return text;
  }

  void check_histories() {
    std::map<std::string, std::vector<Operation>> by_key;
    for (const Operation& op : log_.operations) by_key[op.key].push_back(op);
    for (const auto& [key, operations] : by_key) {
      for (CheckResult check : {check_key_history(operations, ownership_.disturbances(key)),
                                check_origin_of_values(operations)}) {
        if (check.verdict == Verdict::kUndecided) ++undecided_;
        if (check.verdict != Verdict::kViolated) continue;
        for (const Disturbance& d : ownership_.disturbances(key)) {
          check.explanation += fmt::format("\n  {:.6f}..{:.6f} {}{}", seconds_of(d.begin), seconds_of(d.end),
                                           d.what, d.leaves_nil ? ", which leaves nil" : "");
        }
        world_.violation(check.explanation);
        return;
      }
    }
  }

  void check_requests() {
    AvailabilityRules rules{{}, kDeadline, kSlow};
    for (const SimServer& server : cluster_.servers()) rules.servers.insert(server.name);
    const std::string failure = check_availability(log_, faults_, ownership_, rules);
    if (!failure.empty()) world_.violation(failure);
  }

  // --- helpers ---
  struct Client {
    SimProcess* process;
    std::unique_ptr<SimClient> program;
    Client(SimProcess* p, std::unique_ptr<SimClient> c) : process(p), program(std::move(c)) {}
  };

  static double seconds_of(MonoTime time) {
    return time == MonoTime::max() ? 0 : static_cast<double>(time.time_since_epoch().count()) / 1e6 - 1000;
  }

  bool is_listed(const SimServer& server) const {
    if (plan_.proxies == 0) return true;
    const auto& wanted = editor_.wanted();
    return std::any_of(wanted.begin(), wanted.end(),
                       [&](const ShardSpec& spec) { return spec.name == server.shard; });
  }

  std::vector<Front> fronts_of(std::uint32_t client) {
    SimRng rng(plan_.seed, fmt::format("fronts/{}", client));
    std::vector<Front> fronts;
    if (cluster_.proxies().empty() || rng.percent(plan_.direct_percent)) {
      for (std::uint32_t i = 0; i < plan_.servers; ++i)
        fronts.push_back({cluster_.servers()[i].name, cluster_.servers()[i].address});
    } else {
      for (const SimProxy& proxy : cluster_.proxies()) fronts.push_back({proxy.name, proxy.address});
    }
    return fronts;
  }

  void add_client(const std::string& name, std::vector<Front> fronts, ClientOptions options) {
    options.name = name;
    options.fronts = std::move(fronts);
    SimProcess& process =
        world_.add_process({.name = name, .host = fmt::format("10.0.3.{}", client_processes_.size() + 1)});
    client_processes_.emplace(name, &process);
    SimLoop& loop = process.add_loop("main");
    clients_.emplace_back(&process, std::make_unique<SimClient>(loop, std::move(options), log_));
    world_.run_on(loop, [&] { clients_.back().program->start(); });
  }

  void on_clients(const std::function<void(SimClient&)>& action) {
    for (const Client& client : clients_) {
      world_.run_on(*client.process->loops().front(), [&] { action(*client.program); });
    }
  }

  void wait_for_agreement(const std::string& complaint) {
    if (plan_.proxies == 0) return;
    const MonoTime end = world_.now() + kSettleBound;
    std::string problem = "nothing was asked";
    while (going() && !problem.empty() && world_.now() < end) {
      world_.run_for(milliseconds(20));
      problem = cluster_.disagreement(editor_.wanted());
    }
    if (going() && !problem.empty()) world_.violation(fmt::format("{}: {}", complaint, problem));
  }

  std::string describe_waiting() const {
    std::string text =
        "requests still wait for a reply, or connections for their end, long after the last fault:";
    for (const Client& client : clients_) {
      if (client.program->done()) continue;
      text += "\n  " + client.process->name();
      for (const std::uint64_t id : client.program->waiting()) {
        for (const RequestRecord& request : log_.requests) {
          if (request.id == id)
            text += fmt::format("\n    #{} to {} since {:.6f}: {}", id, request.front,
                                seconds_of(request.sent), request.command);
        }
      }
    }
    return text;
  }

  std::string count_errors() const {
    std::map<std::string, int> kinds;
    for (const RequestRecord& request : log_.requests) {
      if (request.error.empty()) continue;
      const std::string word = request.error.substr(0, request.error.find(' '));
      ++kinds[request.given_up ? "given up by the client" : request.lost ? "connection lost" : word];
    }
    std::string text;
    for (const auto& [kind, count] : kinds)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, kind);
    return text;
  }

  // The last of what was done to the cluster; --verbose shows the rest.
  std::string describe_troubles() const {
    constexpr std::size_t kShown = 30;
    const auto first_shown = [this](std::size_t all) { return verbose_ || all < kShown ? 0 : all - kShown; };
    std::string text;
    const auto& edits = editor_.history();
    for (std::size_t i = first_shown(edits.size()); i < edits.size(); ++i)
      text += "  edit " + edits[i] + "\n";
    const auto& faults = faults_.faults();
    for (std::size_t i = first_shown(faults.size()); i < faults.size(); ++i) {
      text += fmt::format("  fault {:.6f}..{:.6f}: {}\n", seconds_of(faults[i].begin),
                          seconds_of(faults[i].end), faults[i].what);
    }
    return text;
  }

  RunResult result() {
    RunResult r;
    r.ok = going();
    r.plan = describe(plan_);
    for (const std::string& text : world_.violations()) r.failure += text + "\n";
    if (!r.ok) r.failure += describe_troubles();
    r.trace_hash = world_.trace().hash();
    r.events = world_.trace().events();
    r.requests = log_.requests.size();
    r.failed_requests = static_cast<std::size_t>(std::count_if(
        log_.requests.begin(), log_.requests.end(), [](const auto& q) { return !q.error.empty(); }));
    r.errors = count_errors();
    r.undecided_keys = undecided_;
    r.faults = faults_.faults().size();
    r.virtual_seconds = seconds_of(world_.now());
    return r;
  }

  Plan plan_;
  SimWorld world_;
  OwnershipLog ownership_;
  SimCluster cluster_;
  FileEditor editor_;
  bool verbose_;
  FaultLog faults_;
  RunLog log_;
  std::map<std::string, SimProcess*> client_processes_;
  std::vector<Client> clients_;
  std::size_t undecided_ = 0;
};

}  // namespace

void RunResult::add(const RunResult& other) {
  const auto join = [](std::string& mine, const std::string& others) {
    if (!mine.empty() && !others.empty()) mine += "; ";
    mine += others;
  };
  ok = ok && other.ok;
  failure += other.failure;
  join(plan, other.plan);
  join(errors, other.errors);
  trace_hash ^= other.trace_hash;
  events += other.events;
  requests += other.requests;
  failed_requests += other.failed_requests;
  undecided_keys += other.undecided_keys;
  faults += other.faults;
  virtual_seconds += other.virtual_seconds;
}

RunResult run_cluster_seed(const RunOptions& options) {
  log::set_level(log::Level::kOff);
  return Run(options).run();
}

RunResult run_store_seed(const RunOptions& options) {
  log::set_level(log::Level::kOff);
  const StoreLifeResult store = run_store_life(options.seed);
  RunResult result;
  result.ok = store.failure.empty();
  if (!result.ok) result.failure = store.failure + "\n";
  result.trace_hash = store.trace_hash;
  result.events = store.events;
  return result;
}

}  // namespace ringhold::sim
