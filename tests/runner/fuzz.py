"""The libFuzzer targets: each first over its seeds, then for a while on what libFuzzer makes of them."""

from process import run

QUICK_SECONDS = 20
FULL_SECONDS = 300
# libFuzzer's own time limit for one input, and its memory limit.
LIMITS = ["-timeout=20", "-rss_limit_mb=2048"]


def run_suite(plan, report):
    build = plan.root / "build" / "fuzz"
    sources = sorted((plan.root / "tests" / "fuzz").glob("*_fuzz.cpp"))
    for source in sources:
        name = source.name.removesuffix("_fuzz.cpp")
        program = build / "bin" / f"fuzz-{name}"
        if not program.exists():
            report.failed(f"fuzz.{name}.built", 0, f"{program} was not built: is there a tests/fuzz/{name}.cmake?")
            continue
        replay_seeds(plan, report, name, program)
        explore(plan, report, name, program, build)


def seeds(plan, name):
    folder = plan.root / "tests" / "fuzz" / "corpus" / name
    return sorted(path for path in folder.rglob("*") if path.is_file()), folder


def replay_seeds(plan, report, name, program):
    case = f"fuzz.{name}.seeds"
    if not report.wants(case):
        return
    files, folder = seeds(plan, name)
    if not files:
        report.failed(case, 0, f"there are no seeds in {folder}")
        return
    finish(report, case, run([program, *LIMITS, *files], timeout=300, cwd=plan.root))


def explore(plan, report, name, program, build):
    case = f"fuzz.{name}.explore"
    if not report.wants(case):
        return
    seconds = FULL_SECONDS if plan.full else QUICK_SECONDS
    _, folder = seeds(plan, name)
    # What it finds is kept between runs, in the build tree; the first folder is the one it writes to.
    found = build / "corpus" / name
    crashes = build / "crashes" / name
    found.mkdir(parents=True, exist_ok=True)
    crashes.mkdir(parents=True, exist_ok=True)
    command = [program, *LIMITS, f"-max_total_time={seconds}", f"-artifact_prefix={crashes}/", "-print_final_stats=1"]
    finish(report, case, run([*command, found, folder], timeout=seconds + 120, cwd=plan.root))


def finish(report, case, outcome):
    if outcome.ok:
        report.passed(case, outcome.seconds)
    else:
        report.failed(case, outcome.seconds, outcome.describe())
