// ringhold-sim: runs the real proxies and data servers in a simulated world, one seed after the other.
//
// Exit codes: 0 all runs kept the promises, 1 one did not (its seed is printed), 2 bad usage.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

#include <unistd.h>

#include "common/base/bug.h"
#include "common/base/text.h"
#include "tests/sim/raft/run_raft.h"
#include "tests/sim/scenario/run.h"

namespace ringhold::sim {
namespace {

struct Options {
  std::optional<std::uint64_t> seed;
  std::string seeds;
  bool trace = false;
  bool verbose = false;
  std::string break_name;
  std::string scenario = "all";
};

std::string replay_line(const Options& options, std::uint64_t seed, const std::string& program) {
  std::string more = options.break_name.empty() ? "" : " --break " + options.break_name;
  if (options.scenario != "all") more += " --scenario " + options.scenario;
  return fmt::format("replay: {} --seed {}{} --verbose", program, seed, more);
}

// A broken invariant aborts in the middle of a run: then too the seed must be known.
std::string& abort_message() {
  static std::string text;
  return text;
}
extern "C" void on_abort(int /*signal*/) {
  const std::string& text = abort_message();
  [[maybe_unused]] const auto ignored = ::write(STDOUT_FILENO, text.data(), text.size());
  ::_exit(1);
}

// "3..17" or "3"
std::optional<std::pair<std::uint64_t, std::uint64_t>> parse_range(const std::string& text) {
  const std::size_t dots = text.find("..");
  const auto first = parse_uint64(text.substr(0, dots));
  const auto last = dots == std::string::npos ? first : parse_uint64(text.substr(dots + 2));
  if (!first || !last || *first > *last) return std::nullopt;
  return std::pair(*first, *last);
}

// What failed first counts; of all that ran, the figures are added up.
RunResult run_scenarios(const Options& options, std::uint64_t seed) {
  const RunOptions run{seed, options.verbose, options.trace ? stdout : nullptr};
  const auto is_wanted = [&](const char* name) {
    return options.scenario == name || options.scenario == "all";
  };
  RunResult all;
  if (is_wanted("store")) all.add(run_store_seed(run));
  if (is_wanted("cluster")) all.add(run_cluster_seed(run));
  if (is_wanted("raft")) all.add(run_raft_seed(run));
  return all;
}

bool run_one(const Options& options, std::uint64_t seed, const std::string& program) {
  abort_message() = fmt::format("seed {}: FAILED: aborted\n{}\n", seed, replay_line(options, seed, program));
  const auto begin = std::chrono::steady_clock::now();
  const RunResult r = run_scenarios(options, seed);
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  if (options.verbose || options.seed) {
    if (!r.plan.empty()) fmt::print("seed {}: {}\n", seed, r.plan);
    fmt::print(
        "seed {}: {:.1f} virtual s in {:.2f} s, {} events, {} requests ({} failed, excused: {}), {} "
        "faults, {} keys undecided\n",
        seed, r.virtual_seconds, wall.count(), r.events, r.requests, r.failed_requests, r.errors, r.faults,
        r.undecided_keys);
    fmt::print("seed {}: trace hash {:016x}\n", seed, r.trace_hash);
  }
  if (!r.ok) fmt::print("seed {}: FAILED\n{}{}\n", seed, r.failure, replay_line(options, seed, program));
  std::fflush(stdout);
  return r.ok;
}

#ifdef RINGHOLD_BROKEN
// False if there is no such bug, or the list was all that was wanted.
std::optional<int> apply_break(const std::string& name) {
  if (name == "list") {
    for (const BugRow& row : all_bugs()) fmt::print("{:<26} {}\n", row.name, row.summary);
    return 0;
  }
  for (const BugRow& row : all_bugs()) {
    if (row.name != name) continue;
    break_on_purpose(row.bug);
    return std::nullopt;
  }
  fmt::print(stderr, "ringhold-sim-broken: no bug is called '{}'; see --break list\n", name);
  return 2;
}
#endif

int run(int argc, char** argv) {
  const std::string program = argv[0];
  Options options;
  CLI::App app{
      "Runs Ringhold's proxies and data servers in a simulated world: one seed, virtual time, faults."};
  app.add_option("--seed", options.seed, "Run this one");
  app.add_option("--seeds", options.seeds, "Run A..B, both included, up to the first failure");
  app.add_option(
         "--scenario", options.scenario,
         "What runs: cluster (proxies and data servers), store (one store and its backups), raft (the "
         "replicas of a shard), or all")
      ->check(CLI::IsMember({"all", "cluster", "store", "raft"}));
  app.add_flag("--trace", options.trace, "Print every event");
  app.add_flag("--verbose", options.verbose, "Print what each seed stands for, and its figures");
  app.set_version_flag("--version", std::string("ringhold-sim ") + RINGHOLD_VERSION);
#ifdef RINGHOLD_BROKEN
  app.add_option("--break", options.break_name, "Bring one known bug back; 'list' shows them");
#endif
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
#ifdef RINGHOLD_BROKEN
  if (!options.break_name.empty()) {
    if (const auto exit_code = apply_break(options.break_name)) return *exit_code;
  }
#endif
  const auto range =
      options.seed ? std::optional(std::pair(*options.seed, *options.seed)) : parse_range(options.seeds);
  if (!range) {
    fmt::print(stderr, "{}: which runs? Say --seed N or --seeds A..B\n", program);
    return 2;
  }
  std::signal(SIGABRT, on_abort);
  for (std::uint64_t seed = range->first;; ++seed) {
    if (!run_one(options, seed, program)) return 1;
    if (seed == range->second) break;
  }
  if (!options.seed) fmt::print("{} runs, all kept the promises\n", range->second - range->first + 1);
  return 0;
}

}  // namespace
}  // namespace ringhold::sim

int main(int argc, char** argv) {
  return ringhold::sim::run(argc, argv);
}
