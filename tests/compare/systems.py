"""The systems that are compared: how each is started, alike in everything that they have in common.

TLS 1.3 with client certificates, the same certificate and key, one thread that serves, no persistence unless a row is about it, and
loopback addresses only.
"""

import contextlib
import json
from pathlib import Path

import measure
import wire
from harness import workspace
from harness.wait import eventually
from peers import Missing
from processes import Process


class System:
    """Started by `with`. `front_pids`: of what stands before the servers that hold the data, if anything does."""

    name = ""
    programs = ()  # what it needs of peers.PEERS
    encode = staticmethod(wire.encode)

    def __init__(self, bench, **options):
        self.bench = bench
        self.options = options
        self.folder = workspace.new_folder(self.name.split("+")[0])
        self.port = workspace.free_port()
        self.processes = []
        self.front_pids = []

    def __enter__(self):
        try:
            self.start()
            if self.name not in self.bench.checked:
                wire.check_tls(self.port, self.bench.context(), self.bench.certs.cert("server"))
                self.bench.checked[self.name] = self.describe()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        raise NotImplementedError

    def stop(self):
        for process in self.processes:
            process.end()
        self.processes = []

    def launch(self, name, command, port):
        process = Process(name, command, self.bench.server_core, self.folder)
        self.processes.append(process)
        process.wait_listening(port)
        return process.pid

    @property
    def pids(self):
        return [process.pid for process in self.processes]

    def connect(self):
        return wire.connect(self.port, self.bench.context())

    def describe(self):
        known = [self.bench.library.program(name) for name in self.programs]
        said = [{"name": program.name, "version": program.version, "origin": program.origin} for program in known]
        fronts = self.front_pids or self.pids
        return {"programs": said or [self.own_version()], "tls_library": measure.tls_library(fronts[-1])}

    def own_version(self):
        return {"name": self.name, "version": self.bench.version, "origin": "this checkout"}

    @contextlib.contextmanager
    def filled(self, commands):
        """A connection after these commands (tuples of words)."""
        with self.connect() as connection:
            wire.fill(connection, (self.encode(*words) for words in commands))
            yield connection


class Floor(System):
    """floor.cpp: knows how long requests are instead of reading them, so each kind of request needs a floor of its own."""

    name = "floor"

    def start(self):
        self.expect(self.options.get("request", wire.encode("GET", "x")), self.options.get("reply", "nil"))

    def expect(self, request, reply):
        """`reply`: 'ok', 'nil', or the size of a value."""
        self.stop()
        certs = self.bench.certs
        files = (certs.cert("server"), certs.key("server"), certs.ca)
        command = (self.bench.tool("floor"), self.port, *files, len(request), reply)
        self.launch("floor", command, self.port)


class Ringhold(System):
    name = "ringhold"

    def start(self):
        flags = ["--log-level", "warn", *self.options.get("flags", ())]
        self.launch("dataserver", self.dataserver(self.port, *flags), self.port)

    def dataserver(self, port, *flags):
        return (workspace.DATASERVER, "--addr", f"127.0.0.1:{port}", *self.bench.certs.server_flags(), *flags)


class RingholdCluster(Ringhold):
    """A proxy with one worker thread, and two data servers."""

    def start(self):
        ports = [workspace.free_port() for _ in range(2)]
        entries = []
        for name, port in zip("ab", ports):
            self.launch(name, self.dataserver(port, "--name", name, "--log-level", "warn"), port)
            entries.append({"name": name, "weight": 1, "replicas": [f"127.0.0.1:{port}"]})
        servers = self.folder / "servers.json"
        servers.write_text(json.dumps({"servers": entries}))
        command = (workspace.PROXY, "--addr", f"127.0.0.1:{self.port}", *self.bench.certs.server_flags())
        command += ("--servers", servers, "--threads", 1, "--log-level", "warn")
        self.front_pids = [self.launch("proxy", command, self.port)]
        self.wait_serving()

    def wait_serving(self):
        def serves():
            with self.connect() as connection:
                return wire.ask(connection, wire.encode("DBSIZE"))[:1] == b":"

        eventually(serves, "both shards answer through the proxy", 30)


class RingholdWithTheirTls(Ringhold):
    """Ringhold with the C library and the OpenSSL that were unpacked for the others, where the version of OpenSSL decides."""

    name = "ringhold-their-openssl"

    def dataserver(self, port, *flags):
        program = self.bench.library.program("valkey")
        if program.origin == "installed":
            raise Missing("the others use this machine's own OpenSSL")
        *loader, libraries, _ = program.command
        return (*loader, f"{libraries}:{own_libraries()}", *super().dataserver(port, *flags))


def own_libraries():
    """Where this machine has the libraries that Ringhold needs besides."""
    return ":".join(str(path) for path in Path("/usr/lib").glob("*-linux-gnu"))


class Redis(System):
    """Redis and Valkey take the same settings."""

    name = "redis"
    programs = ("redis",)

    def start(self):
        certs = self.bench.certs
        tls = ("--port", 0, "--tls-port", self.port, "--tls-cert-file", certs.cert("server"), "--tls-key-file", certs.key("server"))
        tls += ("--tls-ca-cert-file", certs.ca, "--tls-auth-clients", "yes", "--tls-protocols", "TLSv1.3")
        command = (*self.server(self.name, self.folder), *tls, *self.options.get("flags", ()))
        self.launch(self.name, command, self.port)

    def server(self, program, folder):
        quiet = ("--bind", "127.0.0.1", "--io-threads", 1, "--save", "", "--appendonly", "no", "--daemonize", "no")
        return (*self.bench.library.program(program).command, *quiet, "--dir", folder, "--loglevel", "warning")


class Valkey(Redis):
    name = "valkey"
    programs = ("valkey",)


class Memcached(System):
    name = "memcached"
    programs = ("memcached",)
    encode = staticmethod(wire.encode_memcached)

    def start(self):
        certs = self.bench.certs
        tls = f"ssl_chain_cert={certs.cert('server')},ssl_key={certs.key('server')},ssl_ca_cert={certs.ca}"
        tls += ",ssl_verify_mode=2,ssl_session_cache"
        command = (*self.bench.library.program("memcached").command, "-l", "127.0.0.1", "-p", self.port, "-U", 0)
        command += ("-t", 1, "-m", 8192, "-c", 20000, "-u", "root", "-Z", "-o", tls)
        self.launch(self.name, command, self.port)


class Chain(Redis):
    """What stands in for a proxied cluster elsewhere: haproxy ends TLS, nutcracker shards, two Valkeys hold the keys. Only the
    first hop is encrypted."""

    name = "haproxy+nutcracker+valkey"
    programs = ("haproxy", "nutcracker", "valkey")

    def start(self):
        ports = [workspace.free_port() for _ in range(2)]
        for index, port in enumerate(ports):
            folder = self.folder / f"data{index}"
            folder.mkdir()
            self.launch(f"valkey{index}", (*self.server("valkey", folder), "--port", port), port)
        shards = workspace.free_port()
        self.front_pids = [self.start_nutcracker(shards, ports), self.start_haproxy(shards)]

    def start_nutcracker(self, port, servers):
        lines = ["pool:", f"  listen: 127.0.0.1:{port}", "  hash: fnv1a_64", "  distribution: ketama", "  redis: true", "  servers:"]
        lines += [f"   - 127.0.0.1:{server}:1" for server in servers]
        settings = self.write("nutcracker.yml", lines)
        # Its page of figures listens on all addresses unless told otherwise.
        own = ("-c", settings, "-a", "127.0.0.1", "-s", workspace.free_port())
        return self.launch("nutcracker", (*self.bench.library.program("nutcracker").command, *own), port)

    def start_haproxy(self, shards):
        certs = self.bench.certs
        both = self.write("server.pem", [Path(certs.cert("server")).read_text(), Path(certs.key("server")).read_text()])
        both.chmod(0o600)
        lines = ["global", "  nbthread 1", "  maxconn 4000", "defaults", "  mode tcp"]
        lines += ["  timeout connect 5s", "  timeout client 300s", "  timeout server 300s", "frontend tls"]
        lines += [f"  bind 127.0.0.1:{self.port} ssl crt {both} ca-file {certs.ca} verify required ssl-min-ver TLSv1.3"]
        lines += ["  default_backend shards", "backend shards", f"  server nutcracker 127.0.0.1:{shards}"]
        settings = self.write("haproxy.cfg", lines)
        command = (*self.bench.library.program("haproxy").command, "-db", "-f", settings)
        return self.launch("haproxy", command, self.port)

    def write(self, name, lines):
        path = self.folder / name
        path.write_text("\n".join(lines) + "\n")
        return path


DIRECT = {kind.name: kind for kind in (Floor, Ringhold, RingholdWithTheirTls, Valkey, Redis, Memcached)}
PROXIED = {kind.name: kind for kind in (RingholdCluster, Chain)}
