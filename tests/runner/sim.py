"""The simulator: ranges of seeds, the same trace on every run of a seed, and the known bugs that it must find."""

from process import run

SEEDS_PER_CASE = 100
QUICK_CASES = 6
FULL_CASES = 100
# The replicas of a shard by themselves: a seed takes a tenth of the time.
RAFT_SEEDS_PER_CASE = 500
RAFT_QUICK_CASES = 5
RAFT_FULL_CASES = 100
# A known bug must show itself at its recorded seed or one of so many behind it; at full length, within so many from 1 on.
CANARY_SEEDS_BEHIND = 20
CANARY_SEEDS = 2000
REPLAYED_SEEDS = (1, 7, 42)


def run_suite(plan, report):
    if not any((plan.root / "tests" / "sim").glob("*.cpp")):
        report.skipped("sim", "there is no simulator yet")
        return
    program = plan.bin / "ringhold-sim"
    broken = plan.bin / "ringhold-sim-broken"
    for needed in (program, broken):
        if not needed.exists():
            report.failed(f"sim.{needed.name}", 0, f"{needed} was not built")
            return
    run_ranges(plan, report, program)
    run_replays(plan, report, program)
    run_canaries(plan, report, broken)


def run_ranges(plan, report, program):
    run_scenario(plan, report, program, "all", "seeds", FULL_CASES if plan.full else QUICK_CASES, SEEDS_PER_CASE)
    run_scenario(plan, report, program, "raft", "raft", RAFT_FULL_CASES if plan.full else RAFT_QUICK_CASES, RAFT_SEEDS_PER_CASE)


def run_scenario(plan, report, program, scenario, label, cases, seeds):
    for number in range(cases):
        first = number * seeds + 1
        last = first + seeds - 1
        name = f"sim.{label}.{first}-{last}"
        if not report.wants(name):
            continue
        outcome = run([program, "--scenario", scenario, "--seeds", f"{first}..{last}"], timeout=600, cwd=plan.root)
        if outcome.ok:
            report.passed(name, outcome.seconds)
        else:
            report.failed(name, outcome.seconds, outcome.describe())


def run_replays(plan, report, program):
    for seed in REPLAYED_SEEDS:
        name = f"sim.replay.{seed}"
        if not report.wants(name):
            continue
        first = run([program, "--seed", str(seed)], timeout=120, cwd=plan.root)
        second = run([program, "--seed", str(seed)], timeout=120, cwd=plan.root)
        seconds = first.seconds + second.seconds
        if not first.ok or trace_hash(first.output) is None:
            report.failed(name, seconds, first.describe())
        elif trace_hash(first.output) != trace_hash(second.output):
            report.failed(name, seconds, f"two runs of one seed differ:\n{first.output}\n{second.output}")
        else:
            report.passed(name, seconds)


def trace_hash(output):
    """The word after "trace" (as in "trace=1f3a…" or "trace hash 1f3a…") of the last line that has one; None without."""
    for line in reversed(output.splitlines()):
        words = line.replace("=", " ").replace(":", " ").split()
        for index, word in enumerate(words[:-1]):
            if word == "trace":
                return words[index + 2] if words[index + 1] == "hash" else words[index + 1]
    return None


def recorded_canaries(plan):
    """Of each known bug, a seed that finds it and the scenario in which it does."""
    recorded = {}
    for line in (plan.root / "tests" / "sim" / "canaries.txt").read_text().splitlines():
        words = line.split("#")[0].split()
        if words:
            recorded[words[0]] = (int(words[1]), words[2])
    return recorded


def run_canaries(plan, report, broken):
    listed = run([broken, "--break", "list"], timeout=30, cwd=plan.root)
    names = [line.split()[0] for line in listed.output.splitlines() if line.strip()]
    recorded = recorded_canaries(plan)
    if not listed.ok or not names or sorted(names) != sorted(recorded):
        report.failed("sim.canary.list", listed.seconds, f"canaries.txt has {sorted(recorded)}\n{listed.describe()}")
    for bug in names:
        name = f"sim.canary.{bug}"
        if not report.wants(name) or bug not in recorded:
            continue
        seed, scenario = recorded[bug]
        seeds = f"1..{CANARY_SEEDS}" if plan.full else f"{seed}..{seed + CANARY_SEEDS_BEHIND}"
        outcome = run([broken, "--scenario", scenario, "--break", bug, "--seeds", seeds], timeout=900, cwd=plan.root)
        if outcome.status == 1 and not outcome.timed_out:
            report.passed(name, outcome.seconds)
        else:
            report.failed(name, outcome.seconds, f"the simulator did not find this bug: it {outcome.describe()}")
