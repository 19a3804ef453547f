"""The client `ringhold`: one-shot, piped, JSON, status, and what its exit status says."""

import base64
import json
import os
import pty
import select
import time

from harness import certs as certificates
from harness import workspace
from harness.case import case
from harness.cluster import Cluster, standalone
from harness.processes import run
from harness.wait import eventually


@case()
def one_shot():
    with Cluster(2) as cluster:
        def ringhold(*words, **options):
            return cluster.proxy.ringhold(*words, **options)

        result = ringhold("SET", "k", "a value")
        assert (result.returncode, result.stdout, result.stderr) == (0, "OK\n", ""), result
        # As redis-cli does when its output is no terminal: values as they are.
        for words in (("GET", "k"), ("GET", "none"), ("INCR", "n"), ("MGET", "k", "none", "n"), ("PING",), ("STRLEN", "k")):
            ours, theirs = ringhold(*words), cluster.proxy.redis_cli(*words)
            assert words[0] == "INCR" or ours.stdout == theirs.stdout, (words, ours.stdout, theirs.stdout)
            assert ours.returncode == 0
        result = ringhold("INCR", "k")
        assert result.returncode == 1 and "not an integer" in result.stdout + result.stderr, result
        result = ringhold("NOSUCH")
        assert result.returncode == 1 and "unknown command" in result.stdout + result.stderr, result
        # A word of its own and a command of the same name.
        assert ringhold("--", "GET", "k").stdout == "a value\n"
        assert ringhold("--", "status").returncode == 1


@case()
def piped():
    with standalone() as server:
        result = server.ringhold(input='SET a "1 2"\nGET a\n\nINCR n\nGET "a"\n')
        assert result.returncode == 0 and result.stdout.splitlines() == ["OK", "1 2", "1", "1 2"], result
        result = server.ringhold(input="SET a x\nINCR a\nGET a\n")
        assert result.returncode == 1, "an error reply in the script must show in the exit status"
        assert result.stdout.splitlines()[0] == "OK" and result.stdout.splitlines()[-1] == "x", result
        many = "".join(f"SET k{number} {number}\nGET k{number}\n" for number in range(3000))
        lines = server.ringhold(input=many).stdout.splitlines()
        assert lines == [word for number in range(3000) for word in ("OK", str(number))]


@case()
def json_output():
    with standalone() as server:
        def ask(*words):
            result = server.ringhold("--json", *words)
            return result.returncode, json.loads(result.stdout)

        assert ask("SET", "k", "v\né") == (0, "OK")
        assert ask("GET", "k") == (0, "v\né")
        assert ask("GET", "none") == (0, None)
        assert ask("INCR", "n") == (0, 1)
        assert ask("MGET", "k", "none") == (0, ["v\né", None])
        with server.redis() as client:
            client.set("raw", b"\xff\x00\xfe")
        assert ask("GET", "raw") == (0, {"base64": base64.b64encode(b"\xff\x00\xfe").decode()})
        status, answer = ask("INCR", "k")
        assert status == 1 and "not an integer" in json.dumps(answer), answer
        # One document per reply, one per line or not: they parse one after the other.
        output = server.ringhold("--json", input="GET k\nGET none\nMGET k n\n").stdout
        decoder, documents = json.JSONDecoder(), []
        while output := output.lstrip():
            document, end = decoder.raw_decode(output)
            documents.append(document)
            output = output[end:]
        assert documents == ["v\né", None, ["v\né", "1"]], documents


@case()
def status():
    with Cluster(3) as cluster:
        with cluster.proxy.redis() as client:
            for number in range(300):
                client.set(f"k:{number}", "v")

        def counted():
            status = cluster.status()
            return sum(shard["keys"] or 0 for shard in status["shards"]) == 300 and status

        status = eventually(counted, "the status counts the keys", 5)
        assert {"cluster", "epoch", "shards", "migration", "pending"} <= status.keys(), status
        assert [shard["name"] for shard in status["shards"]] == ["a", "b", "c"]
        for shard in status["shards"]:
            assert {"name", "share", "slots", "keys", "bytes", "ops", "replicas"} <= shard.keys(), shard
            assert {"addr", "role", "state", "lag"} <= shard["replicas"][0].keys(), shard
            assert shard["replicas"][0]["addr"] == f"127.0.0.1:{cluster[shard['name']].port}"
        assert sum(shard["slots"] for shard in status["shards"]) == 16384
        text = cluster.proxy.ringhold("status")
        assert text.returncode == 0
        for name in "abc":
            assert f"127.0.0.1:{cluster[name].port}" in text.stdout, text.stdout
        # A shard that is gone is shown so, and soon.
        cluster["b"].kill()
        started = time.monotonic()
        result = cluster.proxy.ringhold("status", "--json")
        assert time.monotonic() - started < 5, "status waits for the dead"
        states = {shard["name"]: shard["replicas"][0]["state"] for shard in json.loads(result.stdout)["shards"]}
        assert states["b"] != states["a"] == states["c"], states


@case()
def exit_statuses():
    with standalone() as server:
        flags = certificates.good().client_flags()
        nobody = workspace.free_port()
        result = run([workspace.CLIENT, "--addr", f"127.0.0.1:{nobody}", *flags, "PING"])
        assert result.returncode == 1 and str(nobody) in result.stderr, result
        assert len(result.stderr.splitlines()) == 1, result.stderr
        foreign = certificates.foreign().client_flags()
        result = run([workspace.CLIENT, "--addr", f"127.0.0.1:{server.port}", *foreign, "PING"])
        assert result.returncode == 1 and "certificate" in result.stderr, result
        # A server whose authority it does not know.
        theirs = certificates.make_certs(workspace.new_folder("theirs"))
        result = run([workspace.CLIENT, "--addr", f"127.0.0.1:{server.port}", *theirs.client_flags(), "PING"])
        assert result.returncode == 1 and "certificate" in result.stderr, result
        for words in (["--nosuch", "PING"], ["--addr", "x", "PING"]):
            result = run([workspace.CLIENT, *flags, *words])
            assert result.returncode == 2 and result.stderr.strip(), (words, result)
        result = run([workspace.CLIENT, "--addr", f"127.0.0.1:{server.port}", *flags, "SHUTDOWN"])
        assert result.returncode == 1 and "NOPERM" in result.stdout + result.stderr, result


@case()
def password_from_a_file():
    passwords = workspace.new_folder("passwords") / "passwords"
    passwords.write_text("ann:client:the secret\n")
    passwords.chmod(0o600)
    with standalone("--client-auth", "optional", "--password-file", passwords) as server:
        secret = passwords.with_name("secret")
        secret.write_text("the secret\n")
        secret.chmod(0o600)
        help_text = run([workspace.CLIENT, "--help"]).stdout
        assert "--user" in help_text and "--password-file" in help_text, help_text
        command = [workspace.CLIENT, "--addr", f"127.0.0.1:{server.port}", "--ca", certificates.good().ca, "--user", "ann"]
        assert run([*command, "--password-file", secret, "SET", "k", "v"], cwd=secret.parent).stdout == "OK\n"
        secret.write_text("not it\n")
        result = run([*command, "--password-file", secret, "SET", "k", "v"], cwd=secret.parent)
        assert result.returncode == 1 and "WRONGPASS" in result.stdout + result.stderr, result


@case()
def interactive():
    """On a terminal: a prompt, redis-cli's format, and the way out."""
    with standalone() as server:
        terminal = Terminal(server)
        terminal.expect(b"> ")
        terminal.type(b"SET k v\n")
        terminal.expect(b"OK")
        terminal.type(b"GET k\n")
        terminal.expect(b'"v"')
        terminal.type(b"GET none\n")
        terminal.expect(b"(nil)")
        terminal.type(b"INCR n\n")
        terminal.expect(b"(integer) 1")
        terminal.type(b"INCR k\n")
        terminal.expect(b"(error) ERR value is not an integer or out of range")
        terminal.type(b"MGET k none\n")
        terminal.expect(b'1) "v"')
        terminal.expect(b"2) (nil)")
        terminal.type(b"quit\n")
        assert terminal.wait() == 0


class Terminal:
    def __init__(self, node):
        words = [str(workspace.CLIENT), "--addr", f"127.0.0.1:{node.port}", *node.certs.client_flags()]
        home = workspace.new_folder("home")
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update(HOME=str(home), TERM="xterm", COLUMNS="120")
            os.execv(words[0], words)
        self.seen = b""

    def type(self, data):
        os.write(self.fd, data)

    def expect(self, text, timeout=10):
        """Waits until `text` has been written after all that was expected before."""
        limit = time.monotonic() + timeout
        while text not in self.seen:
            left = limit - time.monotonic()
            assert left > 0, f"{text!r} did not come: {self.seen!r}"
            if select.select([self.fd], [], [], left)[0]:
                try:
                    self.seen += os.read(self.fd, 4096)
                except OSError:
                    raise AssertionError(f"it has ended: {self.seen!r}") from None
        self.seen = self.seen.split(text, 1)[1]

    def wait(self):
        limit = time.monotonic() + 10
        while time.monotonic() < limit:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                os.close(self.fd)
                return os.waitstatus_to_exitcode(status)
            if select.select([self.fd], [], [], 0.05)[0]:
                try:
                    os.read(self.fd, 4096)
                except OSError:
                    pass
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)
        raise AssertionError("the client does not end")
