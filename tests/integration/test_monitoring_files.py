"""docs/grafana-dashboard.json and docs/prometheus.yml: what an operator copies must be right as it stands."""

import json
import re
import shutil
import subprocess

from harness import aside, metric_names, workspace
from harness import certs as certificates
from harness.case import case

DOCS = workspace.ROOT / "docs"

TOLD = {**metric_names.COMMON, **metric_names.DATASERVER, **metric_names.BACKUP, **metric_names.PROXY}
METRICS = {
    name + suffix
    for name, (kind, _) in TOLD.items()
    for suffix in (("_bucket", "_sum", "_count") if kind == "histogram" else ("",))
}
NAME = re.compile(r"\b(?:ringhold|process)_[a-z0-9_]+")


def dashboard():
    return json.loads((DOCS / "grafana-dashboard.json").read_text())


def expressions(board):
    found = [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
    return found + [note["expr"] for note in board["annotations"]["list"]]


def promtool(*arguments):
    command = [aside.program("promtool", "prometheus"), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=30)
    assert done.returncode == 0, f"promtool {arguments[0]} {arguments[1]}: {done.stdout}{done.stderr}"


@case()
def grafana_uses_metrics_that_exist():
    queries = [variable["definition"] for variable in dashboard()["templating"]["list"] if variable["type"] == "query"]
    used = {name for text in [*expressions(dashboard()), *queries] for name in NAME.findall(text)}
    assert len(used) > 35, "the dashboard shows what there is"
    assert used <= METRICS, f"no process tells {sorted(used - METRICS)}"


@case(timeout=180)
def grafana_queries_parse():
    """promtool parses queries where they stand in rules."""
    replaced = [text.replace("$__rate_interval", "1m").replace("$shard", ".*") for text in expressions(dashboard())]
    rules = [{"record": f"panel:{number}", "expr": text} for number, text in enumerate(replaced)]
    assert not [text for text in replaced if "$" in text], "a variable that nobody sets"
    path = workspace.new_folder("rules") / "rules.yml"
    path.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))  # JSON is YAML, too
    promtool("check", "rules", path)


@case()
def grafana_layout():
    board = dashboard()
    assert board["uid"] and board["title"] and board["schemaVersion"] >= 36 and "__inputs" not in board
    panels = board["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels), "each id once"
    taken = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken and max(x for x, _ in cells) < 24, f"{panel['title']} lies over another, or beside the grid"
        taken |= cells
        if panel["type"] != "row":
            sources = [panel["datasource"], *(target["datasource"] for target in panel["targets"])]
            assert all(source["uid"] == "${datasource}" for source in sources), f"{panel['title']} has a source of its own"
            assert panel["fieldConfig"]["defaults"]["unit"], f"{panel['title']} has no unit"
    assert [variable["name"] for variable in board["templating"]["list"]] == ["datasource", "shard"]


@case(timeout=180)
def prometheus_takes_the_example():
    folder = workspace.new_folder("prometheus")
    shutil.copy(DOCS / "prometheus.yml", folder)
    shutil.copytree(certificates.good().folder, folder / "certs")
    promtool("check", "config", folder / "prometheus.yml")
