"""cluster/up, cluster/start and cluster/down, on ports of their own and in a folder of their own: a cluster that a developer
runs in build/cluster is not touched."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

from harness import workspace
from harness.case import case
from harness.certs import CertSet
from harness.cluster import Node
from harness.processes import run
from harness.wait import eventually

SCRIPTS = workspace.ROOT / "cluster"


class Place:
    """A cluster folder; whatever a case leaves running there is ended."""

    def __init__(self, servers=8):
        self.folder = workspace.new_folder("up") / "state"
        self.port = workspace.free_port(servers + 1)
        self.certs = workspace.new_folder("up-certs")
        self.env = {
            "RINGHOLD_CLUSTER_DIR": str(self.folder),
            "RINGHOLD_BIN": str(workspace.BIN),
            "RINGHOLD_CERTS": str(self.certs),
        }

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.script("down")

    def script(self, name, *arguments, timeout=90):
        return run([SCRIPTS / name, *arguments], timeout, env=self.env)

    def up(self, *arguments):
        result = self.script("up", "--port", self.port, "--detach", *arguments)
        assert result.returncode == 0, result
        assert result.stdout.splitlines()[-1] == f"ready addr=127.0.0.1:{self.port}", result.stdout
        return result

    def node(self):
        node = Node("proxy", "", [], self.folder, CertSet(self.certs))
        node.port = self.port
        return node

    def pids(self):
        return {path.stem: int(path.read_text().split()[0]) for path in self.folder.glob("*.pid")}

    def running(self):
        """Processes whose command line names this folder's certificates: those that may not be left."""
        found = []
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                if str(self.certs).encode() in path.read_bytes():
                    found.append(int(path.parent.name))
            except OSError:
                pass
        return found


@case(timeout=150)
def up_start_resize_down():
    with Place() as place:
        output = place.up().stdout
        assert str(place.folder / "servers.json") in output
        assert set(place.pids()) == {"proxy", "a", "b", "c"}
        assert json.loads((place.folder / "servers.json").read_text())["servers"][2]["name"] == "c"
        # The printed redis-cli line works as it stands.
        line = re.search(r"redis-cli --tls .*", output).group(0)
        assert run(["bash", "-c", line + " SET k v"]).stdout == "OK\n"
        line = re.search(r"\S*/ringhold --addr .*", output).group(0)
        assert run(["bash", "-c", line + " GET k"]).stdout == "v\n"
        # One more server, by the entry that is printed.
        result = place.script("start", "d")
        assert result.returncode == 0, result
        entry = json.loads(next(line for line in result.stdout.splitlines() if line.startswith("{")))
        assert entry["name"] == "d" and str(place.folder / "servers.json") in result.stdout
        file = place.folder / "servers.json"
        content = json.loads(file.read_text())
        content["servers"].append(entry)
        file.write_text(json.dumps(content))
        eventually(lambda: len(json.loads(place.node().ringhold("status", "--json").stdout)["shards"]) == 4, "four shards", 10, 0.2)
        assert place.script("start", "d").returncode == 0  # it runs already, and says so
        assert len(place.running()) == 5
        result = place.script("down")
        assert result.returncode == 0 and not place.running(), result
        # The file that was edited is used again.
        assert set(place.up() and place.pids()) == {"proxy", "a", "b", "c", "d"}
        assert place.script("down", "--wipe").returncode == 0
        assert not place.running() and not place.folder.exists()
        assert place.script("down").returncode == 0


@case(timeout=90)
def up_twice():
    with Place() as place:
        place.up("--shards", "1")
        before = place.pids()
        assert "already running" in place.up().stdout
        assert place.pids() == before


@case(timeout=90)
def busy_ports_are_named():
    with Place() as place:
        for port in (place.port, place.port + 2):
            with socket.socket() as other:
                other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                other.bind(("127.0.0.1", port))
                other.listen()
                result = place.script("up", "--port", place.port, "--detach")
            assert result.returncode == 1 and str(port) in result.stderr and str(os.getpid()) in result.stderr, result
            assert not place.running() and not place.pids()
        place.up("--shards", "1")


@case(timeout=60)
def a_server_that_does_not_start_is_shown():
    with Place() as place:
        place.script("up", "--build-only")
        (place.certs / "server.key").write_bytes((place.certs / "client.key").read_bytes())
        result = place.script("up", "--port", place.port, "--detach")
        assert result.returncode == 1 and "server.key" in result.stderr and "a.log" in result.stderr, result
        assert not place.running() and not place.pids()


@case(timeout=90)
def foreground_ends_with_ctrl_c():
    with Place() as place:
        output = open(workspace.new_folder("foreground") / "output", "w+")
        process = subprocess.Popen(
            [SCRIPTS / "up", "--port", str(place.port), "--shards", "2"],
            env={**os.environ, **place.env},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            # Whoever runs the tests in the background has it ignored.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        ready = f"ready addr=127.0.0.1:{place.port}"
        try:
            eventually(lambda: ready in Path(output.name).read_text(), "the cluster is ready", 60)
            time.sleep(0.5)
            assert process.poll() is None and len(place.running()) == 3
            os.killpg(process.pid, signal.SIGINT)
            process.wait(30)
            assert not place.running()
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@case(timeout=90)
def down_leaves_strangers_alone():
    """A pid that now belongs to somebody else, and servers that have died or stand still."""
    with Place() as place:
        place.up("--shards", "2")
        stranger = subprocess.Popen(["sleep", "60"])
        pids = place.pids()
        os.kill(pids["a"], signal.SIGKILL)
        (place.folder / "a.pid").write_text(f"{stranger.pid} 1 /bin/sleep\n")
        os.kill(pids["b"], signal.SIGSTOP)
        result = place.script("down")
        assert result.returncode == 0 and not place.running(), result
        assert stranger.poll() is None
        stranger.kill()
        stranger.wait()


@case(timeout=60)
def bad_usage():
    with Place() as place:
        for name, words in (
            ("up", ["--shards", "0"]), ("up", ["--shards", "x"]), ("up", ["--port", "99999"]), ("up", ["--nosuch"]),
            ("up", ["--port"]), ("start", []), ("start", ["a b"]), ("start", ["../x"]), ("start", ["proxy"]),
            ("start", ["d", "--port", "0"]), ("down", ["--nosuch"]),
        ):  # fmt: skip
            result = place.script(name, *words)
            assert result.returncode == 2 and len(result.stderr.splitlines()) == 1, (name, words, result)
        result = place.script("up", "--replicas", "3", "--detach")
        assert result.returncode == 1 and "replica" in result.stderr, result
        for name in ("up", "down", "start"):
            assert "usage:" in place.script(name, "--help").stdout
        assert not place.running()
