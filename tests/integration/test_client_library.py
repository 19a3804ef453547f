"""The C++ client library as a stranger has it: installed under a prefix, found by find_package or pkg-config, used."""

import functools
import os
import re
import select
import subprocess

from harness import certs as certificates
from harness import workspace
from harness.case import Skip, case
from harness.cluster import Cluster, dataserver, standalone
from harness.processes import run
from harness.wait import eventually

SOURCES = workspace.ROOT / "tests" / "integration" / "client_library"
EXAMPLE = workspace.ROOT / "client" / "example"
BUILD = workspace.BIN.parent
COMPILE_TIMEOUT = 240


def must(*command, **options):
    result = run(command, COMPILE_TIMEOUT, **options)
    assert result.returncode == 0, f"{command}: {result.stdout[-3000:]}{result.stderr[-3000:]}"
    return result.stdout


@functools.cache
def prefix():
    """Where the library was installed."""
    if not (BUILD / "client" / "library" / "libringhold-client.a").exists():
        raise Skip(f"{BUILD} has no client library: builds with sanitizers have none")
    folder = workspace.new_folder("prefix")
    must("cmake", "--install", BUILD, "--prefix", folder, "--component", "library")
    return folder


@functools.cache
def built(sources):
    """A project that knows nothing but the prefix, built out of tree."""
    folder = workspace.new_folder("project")
    must("cmake", "-S", sources, "-B", folder, f"-DCMAKE_PREFIX_PATH={prefix()}", "-DCMAKE_BUILD_TYPE=Debug")
    must("cmake", "--build", folder)
    return folder


class Probe:
    """The program probe.cpp: a client that is told what to do line by line."""

    def __init__(self, port, *files):
        command = [str(word) for word in (built(SOURCES) / "probe", f"127.0.0.1:{port}", *files)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.said = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        if not self.process.wait(20) == 0:
            raise AssertionError(f"the probe ended with {self.process.returncode}")

    def send(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def quiet(self):
        return not select.select([self.process.stdout], [], [], 0)[0]

    def line(self, timeout=20):
        while b"\n" not in self.said:
            ready, _, _ = select.select([self.process.stdout], [], [], timeout)
            assert ready, "the probe is silent"
            part = os.read(self.process.stdout.fileno(), 4096)
            assert part, "the probe has ended"
            self.said += part
        line, self.said = self.said.split(b"\n", 1)
        return line.decode()

    def ask(self, line):
        self.send(line)
        return self.line()


def probe(port):
    certs = certificates.good()
    started = Probe(port, certs.ca, certs.cert("client"), certs.key("client"))
    assert started.line() == "ok connected"
    return started


@case(timeout=300)
def example():
    """The example of the documentation, built against the installed package, against a real proxy."""
    program = built(EXAMPLE) / "example"
    with Cluster(2) as cluster:
        for turn in (1, 2):
            result = run([program, f"127.0.0.1:{cluster.proxy.port}", certificates.good().folder])
            assert result.returncode == 0 and result.stderr == "", result
            assert result.stdout.splitlines() == [
                "1000 pages written",
                "page 7: text of page 7",
                f"/: {2 * turn} visits",
                f"/about: {turn} visits",
                "refused: WRONGTYPE",
            ], result.stdout
        assert cluster.proxy.ringhold("SIZE").stdout == "1001\n"
    result = run([program, f"127.0.0.1:{workspace.free_port()}", certificates.good().folder])
    assert result.returncode == 1 and "connection refused" in result.stderr, result
    assert run([program]).returncode == 2


@case()
def documentation():
    """What the documentation shows is what was compiled."""
    text = (workspace.ROOT / "docs" / "client-library.md").read_text()
    blocks = re.findall(r"^```(?:cpp|cmake)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    for file in ("example.cpp", "CMakeLists.txt"):
        assert (EXAMPLE / file).read_text() in blocks, f"docs/client-library.md lacks client/example/{file}, or shows another"


@case(timeout=300)
def needs_openssl_alone():
    """Of all libraries, a program that uses the library needs OpenSSL's and the compiler's own; so says pkg-config, too."""
    environment = {"PKG_CONFIG_PATH": f"{next(prefix().rglob('ringhold-client.pc')).parent}"}
    flags = must("pkg-config", "--cflags", "--libs", "ringhold-client", env=environment).split()
    program = workspace.new_folder("pkg-config") / "example"
    must("c++", "-std=c++20", EXAMPLE / "example.cpp", "-o", program, *flags)
    for binary in (program, built(SOURCES) / "libplugin.so", built(EXAMPLE) / "example"):
        needed = set(re.findall(r"NEEDED.*\[(lib\w+(?:\+\+)?)", must("readelf", "-d", binary)))
        assert needed <= {"libssl", "libcrypto", "libstdc++", "libm", "libgcc_s", "libc"}, (binary, needed)


@case(timeout=120)
def headers_stand_alone():
    """Each public header compiles by itself, under strict warnings, and includes nothing but its like and the standard library."""
    headers = sorted((prefix() / "include" / "ringhold").iterdir())
    assert len(headers) >= 5
    for header in headers:
        for included in re.findall(r'#include (["<].*?[">])', header.read_text()):
            assert re.fullmatch(r'<\w+>|"ringhold/\w+\.h"', included), f"{header.name} includes {included}"
        must("c++", "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror",
             f"-I{prefix() / 'include'}", "-include", header, "-x", "c++", "/dev/null")  # fmt: skip


@case(timeout=300)
def restart():
    """A proxy that is restarted, and one that is away for a while, are survived."""
    with Cluster(2) as cluster, probe(cluster.proxy.port) as client:
        assert client.ask("SET k before") == "ok OK"
        cluster.proxy.stop()
        cluster.proxy.start()
        # A write: the loss was noticed before it was sent, so nothing about it is unknown.
        assert client.ask("INCR n") == "ok 1"
        assert client.ask("GET k") == "ok before"
        assert client.ask("connections") == "ok 2"
        cluster.proxy.stop()
        client.send("INCR n")
        with_nobody = client.quiet()
        cluster.proxy.start()
        assert with_nobody and client.line() == "ok 2"
        cluster.proxy.stop()
        client.send("!300")
        answer = client.ask("INCR n")
        assert answer.startswith("failed not-connected") and "INCR was not sent" in answer, answer
        cluster.proxy.start()
        client.send("!10000")
        assert client.ask("INCR n") == "ok 3"


def received_unread(port):
    """Whether a connection to this port holds bytes that its server has not read."""
    for line in open("/proc/net/tcp"):
        fields = line.split()
        if fields[1].endswith(f":{port:04X}") and fields[3] == "01":
            if int(fields[4].split(":")[1], 16) > 0:
                return True
    return False


@case(timeout=300)
def lost_under_way():
    """The server dies with a command in its hands: a write's outcome is unknown, a read is asked again."""
    with standalone() as server, probe(server.port) as client:
        assert client.ask("SET k v") == "ok OK"
        for command in ("SET k w", "GET k"):
            server.pause()
            client.send(command)
            eventually(lambda: received_unread(server.port), "the command has arrived")
            server.kill()
            if command.startswith("SET"):
                answer = client.line()
                assert answer.startswith("failed unknown-outcome"), answer
                assert "whether SET took effect is unknown" in answer and f"127.0.0.1:{server.port}" in answer, answer
                server.start()
                assert client.ask("SET k again") == "ok OK"
            else:
                server.start()
                assert client.line() == "none", "a cache that was killed has forgotten its keys"
        # A server that hangs: the call ends with its time.
        server.pause()
        client.send("!300")
        assert "call_timeout is 300 ms" in client.ask("GET k")
        server.resume()
        client.send("!10000")
        assert client.ask("GET k") == "none"


@case(timeout=300)
def unknown_at_the_proxy():
    """What the proxy does not know, the program is told in the same way as what it does not know itself."""
    with Cluster(1) as cluster, probe(cluster.proxy.port) as client:
        cluster["a"].pause()
        answer = client.ask("SET k v")
        assert answer.startswith("failed unknown-outcome UNCERTAIN"), answer
        answer = client.ask("GET k")
        assert answer.startswith("failed error-reply"), answer
        cluster["a"].resume()
        eventually(lambda: client.ask("GET k") in ("ok v", "none"), "the shard is back")


@case(timeout=300)
def bad_certificates():
    good, foreign, expired = certificates.good(), certificates.foreign(), certificates.expired()

    def failure(port, *files):
        client = Probe(port, *files)
        said = client.line()
        assert client.process.wait(20) == 1, said
        return said

    with standalone() as server:
        missing = failure(server.port, good.ca, "nowhere.crt", "nowhere.key")
        assert missing.startswith("failed usage") and "nowhere.crt" in missing and "make-certs" in missing, missing
        mixed = failure(server.port, good.ca, good.cert("client"), good.key("admin"))
        assert mixed.startswith("failed usage") and "client.crt" in mixed, mixed
        refused = failure(server.port, good.ca, foreign.cert("client"), foreign.key("client"))
        assert refused.startswith("failed not-connected") and "refused our certificate" in refused, refused
        nothing = failure(server.port, good.ca)
        assert "wants a certificate" in nothing, nothing
        old = failure(server.port, good.ca, expired.cert("client"), expired.key("client"))
        assert "expired" in old, old
    stranger = dataserver("stranger", shard=False, certs=foreign)
    stranger.start()
    unsigned = failure(stranger.port, good.ca, good.cert("client"), good.key("client"))
    assert "signed by a CA that ca_file does not list" in unsigned, unsigned
    stranger.stop()


@case(timeout=120)
def install_and_uninstall():
    """Everything is installed under a prefix; what is installed runs; and the script that lies there removes it without a
    trace of ours, and leaves what is others'."""
    folder = workspace.new_folder("everything")
    said = must("cmake", "--install", BUILD, "--prefix", folder)
    uninstall = folder / "share" / "ringhold" / "uninstall"
    assert f"To uninstall: {uninstall}" in said, said
    for program in ("ringhold", "ringhold-proxy", "ringhold-dataserver"):
        assert must(folder / "bin" / program, "--version").startswith(f"{program} "), program
    made = folder / "certs"
    must(folder / "share" / "ringhold" / "certs" / "make-certs", "--dir", made)
    assert (made / "client.key").exists()
    others = folder / "bin" / "redis-something"
    others.write_text("somebody else's")
    must(uninstall)
    left = {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}
    kept = {str(path.relative_to(folder)) for path in made.iterdir()}
    assert left == {"bin/redis-something"} | kept, left
    assert not [path for path in folder.rglob("*ringhold*")], "folders of ours are left"
