"""Random commands to a real Redis and to Ringhold, whose replies must be the same: the cases of tests/differential."""

from integration import run_file


def run_suite(plan, report):
    run_file(plan, report, plan.root / "tests" / "differential" / "cases.py", "differential.")
