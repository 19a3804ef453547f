"""The simulator: ranges of seeds, the same trace on every run of a seed, and the known bugs that it must find."""

from process import run

SEEDS_PER_CASE = 100
QUICK_CASES = 6
FULL_CASES = 100
# Within so many seeds each known bug must show itself.
CANARY_SEEDS = 200
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
    for number in range(FULL_CASES if plan.full else QUICK_CASES):
        first = number * SEEDS_PER_CASE + 1
        last = first + SEEDS_PER_CASE - 1
        name = f"sim.seeds.{first}-{last}"
        if not report.wants(name):
            continue
        outcome = run([program, "--seeds", f"{first}..{last}"], timeout=600, cwd=plan.root)
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


def run_canaries(plan, report, broken):
    listed = run([broken, "--break", "list"], timeout=30, cwd=plan.root)
    names = [line.split()[0] for line in listed.output.splitlines() if line.strip()]
    if not listed.ok or not names:
        report.failed("sim.canary.list", listed.seconds, listed.describe())
    for bug in names:
        name = f"sim.canary.{bug}"
        if not report.wants(name):
            continue
        outcome = run([broken, "--break", bug, "--seeds", f"1..{CANARY_SEEDS}"], timeout=600, cwd=plan.root)
        if outcome.status == 1 and not outcome.timed_out:
            report.passed(name, outcome.seconds)
        else:
            report.failed(name, outcome.seconds, f"the simulator did not find this bug: it {outcome.describe()}")
