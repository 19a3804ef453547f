"""tests/compare measures what it says: one row with tiny counts, beside the Redis that came with redis-cli."""

import json
import shutil
import statistics
import sys
import xml.etree.ElementTree as ElementTree

from harness import workspace
from harness.case import case, note
from harness.processes import run

ROW = "direct.set.d16.v64"
ROUNDS = 3
METRICS = {"cpu_us", "ops_per_s", "p50_ms", "p99_ms"}


def compare(*arguments, timeout=100):
    return run([sys.executable, workspace.ROOT / "tests" / "compare" / "run", *arguments], timeout)


def check_spread(values, where):
    assert len(values["rounds"]) == ROUNDS, (where, values)
    assert values["min"] == min(values["rounds"]) and values["max"] == max(values["rounds"]), (where, values)
    assert abs(values["median"] - statistics.median(values["rounds"])) < 1e-5, (where, values)


@case(timeout=120)
def one_row():
    """Every figure is there for every round, ratios are quotients of figures of one round, and the chart shows the medians."""
    folder = workspace.new_folder("compare")
    file, chart = folder / "figures.json", folder / "chart.svg"
    counts = ("--quick", "--rounds", ROUNDS, "--no-download", "--cache", folder / "cache")
    result = compare(*counts, "--rows", ROW, "--peers", "floor,redis,valkey", "--json", file, "--svg", chart)
    assert result.returncode == 0, result.stdout + result.stderr
    document = json.loads(file.read_text())
    assert document["settings"]["quick"] and document["settings"]["rounds"] == ROUNDS, document["settings"]
    (row,) = document["rows"]
    assert row["name"] == ROW and {"floor", "ringhold", "redis"} <= set(row["systems"]), row
    ours = row["systems"]["ringhold"]["metrics"]
    for name, data in row["systems"].items():
        assert set(data["metrics"]) == METRICS, (name, data)
        for metric, values in data["metrics"].items():
            check_spread(values, (name, metric))
            # A figure is the difference of a long and a short run: on a busy machine one round of it may be below nothing.
            assert values["median"] > 0, (name, metric, values)
            quotients = [their / our for their, our in zip(values["rounds"], ours[metric]["rounds"])]
            check_spread(data["ratio"][metric], (name, metric, "ratio"))
            shown = data["ratio"][metric]["rounds"]
            assert all(abs(a - b) <= 1e-3 * abs(b) for a, b in zip(shown, quotients)), (name, metric, shown, quotients)
    check_plausible(row)
    check_chart(chart, row)
    check_skipped(document, result.stdout)
    figures = {name: data["metrics"]["cpu_us"]["median"] for name, data in row["systems"].items()}
    note("CPU µs per operation: " + ", ".join(f"{name} {value:.2f}" for name, value in figures.items()))


def check_plausible(row):
    """Figures of the servers, not of nothing: no server is cheaper than a tenth of the floor or takes a millisecond, and what one
    core does in a second is bounded by what an operation costs there."""
    floor = row["systems"]["floor"]["metrics"]["cpu_us"]["median"]
    for name, data in row["systems"].items():
        assert floor / 10 < data["metrics"]["cpu_us"]["min"] < 1000, (name, data)
        possible = 1e6 / data["metrics"]["cpu_us"]["median"]
        assert data["metrics"]["ops_per_s"]["median"] < 3 * possible, (name, data)


def check_chart(path, row):
    texts = [element.text for element in ElementTree.parse(path).iter() if element.tag.endswith("}text")]
    for name, data in row["systems"].items():
        shown = f"{data['metrics']['cpu_us']['median']:,.2f}"
        assert any(text.startswith(shown) for text in texts), (name, shown, texts)


def check_skipped(document, output):
    """What is not installed is named, with the reason."""
    if shutil.which("valkey-server"):
        return
    skipped = [(skip["row"], skip["system"]) for skip in document["skipped"]]
    assert skipped == [(ROW, "valkey")], document["skipped"]
    assert f"SKIP {ROW} valkey: valkey-server is not installed" in output, output


@case()
def usage():
    """One line that says what is wrong, and 2."""
    for arguments, words in (
        (("--rows", "nothing.*"), "no row matches nothing.*"),
        (("--rounds", "0"), "must be a number from 1 to 1000, not '0'"),
        (("--peers",), "expected one argument"),
        (("--colour",), "unrecognized arguments: --colour"),
    ):
        result = compare(*arguments)
        assert result.returncode == 2 and words in result.stderr, (arguments, result)
        assert result.stderr.startswith("tests/compare/run: ") and result.stderr.count("\n") == 1, result.stderr
    listed = compare("--list", "--rows", "memory.*,direct.*.d16.v64")
    assert listed.returncode == 0 and listed.stdout.count("\n") == 7, listed.stdout


@case()
def a_file_that_is_none_of_ours():
    """Figures are read again only if they are figures."""
    broken = workspace.new_folder("compare") / "figures.json"
    for content in ("", "[]", '{"format": 2}'):
        broken.write_text(content)
        result = compare("--from", broken)
        assert result.returncode == 1 and "is not a document that --json has written" in result.stderr, (content, result)
        assert result.stderr.count("\n") == 1, result.stderr
