#include "tests/sim/scenario/chaos.h"

#include <fmt/format.h>

#include <utility>

namespace ringhold::sim {

using std::chrono::milliseconds;

namespace {
// "Used again within 1 s of its return", and time for the first attempt to get there.
constexpr auto kAftermath = milliseconds(1200);
// Who talks to a host that had silently gone has to find that out first.
constexpr auto kSilentAftermath = milliseconds(3500);
}  // namespace

Chaos::Chaos(SimWorld& world, SimCluster& cluster, const FileEditor& editor, std::vector<SimProcess*> clients,
             const FaultMix& mix, FaultLog& log)
    : world_(world),
      cluster_(cluster),
      editor_(editor),
      clients_(std::move(clients)),
      mix_(mix),
      log_(log),
      rng_(world.seed(), "chaos") {}

void Chaos::start() {
  if (mix_.total() > 0) next();
}

void Chaos::next() {
  world_.after(milliseconds(rng_.between(1, 2 * mix_.interval_ms)), [this] {
    if (over_) return;
    strike();
    next();
  });
}

void Chaos::end() {
  over_ = true;
  while (!to_mend_.empty()) {
    const auto mend = std::move(to_mend_.begin()->second);
    to_mend_.erase(to_mend_.begin());
    mend();
  }
}

void Chaos::strike() {
  std::uint64_t roll = rng_.below(mix_.total());
  const auto falls_on = [&roll](std::uint64_t weight) {
    if (roll < weight) return true;
    roll -= weight;
    return false;
  };
  if (falls_on(mix_.cut)) return cut();
  if (falls_on(mix_.stall)) return stall();
  if (falls_on(mix_.pause)) return pause();
  if (falls_on(mix_.crash)) return rng_.one_in(4) ? crash_proxy() : crash_server();
  if (falls_on(mix_.refuse)) return refuse();
  worsen_weather();
}

void Chaos::mend_later(std::int64_t ms_min, std::int64_t ms_max, std::function<void()> mend) {
  const std::uint64_t number = next_mend_++;
  to_mend_[number] = std::move(mend);
  world_.after(milliseconds(rng_.between(ms_min, ms_max)), [this, number] {
    const auto found = to_mend_.find(number);
    if (found == to_mend_.end()) return;
    const auto task = std::move(found->second);
    to_mend_.erase(found);
    task();
  });
}

SimProcess* Chaos::pick_node() {
  const std::size_t servers = cluster_.servers().size();
  const std::size_t pick = rng_.below(servers + cluster_.proxies().size());
  return pick < servers ? cluster_.servers()[pick].process : cluster_.proxies()[pick - servers].process;
}

std::pair<SimProcess*, SimProcess*> Chaos::pick_pair() {
  SimProcess* a = rng_.one_in(3) ? rng_.pick(clients_) : pick_node();
  SimProcess* b = pick_node();
  return {a, b};
}

bool Chaos::claim(const SimProcess& process) {
  return claimed_.insert(process.name()).second;
}

void Chaos::cut() {
  const auto [a, b] = pick_pair();
  if (a == b) return;
  const std::size_t cuts = world_.fabric().cut(*a, *b, rng_.one_in(2) ? 100 : 40);
  const std::size_t fault = log_.begin(
      world_.now(), fmt::format("{} connections cut between {} and {}", cuts, a->name(), b->name()),
      {a->name(), b->name()}, kAftermath);
  log_.end(fault, world_.now());
}

void Chaos::stall() {
  const auto [from, to] = pick_pair();
  if (from == to || world_.fabric().stalled(*from, *to)) return;
  world_.fabric().stall(*from, *to);
  const std::size_t fault =
      log_.begin(world_.now(), fmt::format("stall from {} to {}", from->name(), to->name()),
                 {from->name(), to->name()}, kAftermath);
  mend_later(20, rng_.one_in(4) ? 7000 : 1500, [this, fault, from = from, to = to] {
    world_.fabric().unstall(*from, *to);
    log_.end(fault, world_.now());
  });
}

void Chaos::pause() {
  SimProcess* process = rng_.one_in(8) ? rng_.pick(clients_) : pick_node();
  if (!claim(*process)) return;
  process->pause();
  const std::size_t fault =
      log_.begin(world_.now(), "pause of " + process->name(), {process->name()}, kAftermath);
  mend_later(5, rng_.one_in(4) ? 6000 : 1500, [this, fault, process] {
    process->resume();
    claimed_.erase(process->name());
    log_.end(fault, world_.now());
  });
}

void Chaos::crash_server() {
  SimServer& server = cluster_.servers()[rng_.below(cluster_.servers().size())];
  if (!server.program || !editor_.has_witness_but(server.shard) || !claim(*server.process)) return;
  const CrashMode mode = rng_.one_in(3) ? CrashMode::kSilent : CrashMode::kReset;
  cluster_.crash(server, mode);
  const std::size_t fault = log_.begin(
      world_.now(), fmt::format("{}crash of {}", mode == CrashMode::kSilent ? "silent " : "", server.name),
      {server.name}, mode == CrashMode::kSilent ? kSilentAftermath : kAftermath);
  mend_later(1, 3000, [this, fault, &server] {
    cluster_.start(server);
    claimed_.erase(server.name);
    log_.end(fault, world_.now());
  });
}

void Chaos::crash_proxy() {
  if (cluster_.proxies().empty()) return;
  SimProxy& proxy = cluster_.proxies()[rng_.below(cluster_.proxies().size())];
  if (!proxy.program || !editor_.has_witness_but("") || !claim(*proxy.process)) return;
  const CrashMode mode = rng_.one_in(3) ? CrashMode::kSilent : CrashMode::kReset;
  cluster_.crash(proxy, mode);
  const std::size_t fault = log_.begin(
      world_.now(), fmt::format("{}crash of {}", mode == CrashMode::kSilent ? "silent " : "", proxy.name),
      {proxy.name}, mode == CrashMode::kSilent ? kSilentAftermath : kAftermath);
  mend_later(1, 3000, [this, fault, &proxy] {
    log_.end(fault, world_.now());
    restart(proxy);
  });
}

// A proxy whose servers.json is just being edited badly does not start; whoever runs it tries again.
void Chaos::restart(SimProxy& proxy) {
  if (cluster_.start(proxy)) {
    claimed_.erase(proxy.name);
    return;
  }
  const std::size_t fault =
      log_.begin(world_.now(), "bad servers.json at the start of " + proxy.name, {proxy.name}, kAftermath);
  mend_later(100, 300, [this, fault, &proxy] {
    log_.end(fault, world_.now());
    restart(proxy);
  });
}

void Chaos::refuse() {
  SimProcess* process = pick_node();
  world_.fabric().refuse(*process, true);
  const std::size_t fault =
      log_.begin(world_.now(), process->name() + " refuses connections", {process->name()}, kAftermath);
  mend_later(50, 800, [this, fault, process] {
    world_.fabric().refuse(*process, false);
    log_.end(fault, world_.now());
  });
}

// No excuse for anything: everything just takes longer.
void Chaos::worsen_weather() {
  SimProcess* process = pick_node();
  Weather weather;
  weather.delay_min_us = 100;
  weather.delay_max_us = rng_.between(1000, 20000);
  weather.splits = rng_.one_in(2) ? Splits::kBytes : Splits::kPieces;
  weather.window_bytes = std::size_t{1} << static_cast<unsigned>(rng_.between(10, 16));
  world_.fabric().set_weather_of(*process, weather);
  mend_later(100, 1500, [this, process] { world_.fabric().set_weather_of(*process, std::nullopt); });
}

}  // namespace ringhold::sim
