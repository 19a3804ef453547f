"""What all rows share: settings, cores, certificates, programs."""

import ssl
import subprocess
from dataclasses import asdict, dataclass, field
from pathlib import Path

import client_tls
import measure
from harness import certs as certificates
from harness import workspace
from peers import Library
from processes import Failed, pinned_to

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Counts:
    """How much is done in one measurement."""

    requests: dict  # depth → requests
    keys: int  # that exist while requests are measured
    memory_keys: int
    idle_connections: int
    handshakes: int
    backup_keys: int


FULL = Counts({1: 100_000, 16: 800_000, 64: 1_600_000}, 100_000, 1_000_000, 2_000, 500, 2_000_000)
QUICK = Counts({1: 4_000, 16: 32_000, 64: 64_000}, 2_000, 20_000, 200, 50, 50_000)


@dataclass
class Bench:
    library: Library
    rounds: int
    quick: bool
    cache: Path
    redis_benchmark: str
    connections: int = 50
    checked: dict = field(default_factory=dict)  # system → what it is, once its TLS has been found to be the agreed one
    _tools: dict = field(default_factory=dict)
    _context: ssl.SSLContext = None

    def __post_init__(self):
        self.server_core, self.load_core = measure.cores()
        self.counts = QUICK if self.quick else FULL
        pinned_to(self.load_core)()
        said = subprocess.run([workspace.DATASERVER, "--version"], capture_output=True, text=True, check=True).stdout
        self.version = said.split()[-1] if said.split() else ""

    def settings(self):
        said = subprocess.run([self.redis_benchmark, "--version"], capture_output=True, text=True, check=False).stdout.split()
        return {
            "rounds": self.rounds,
            "quick": self.quick,
            "connections": self.connections,
            "tls": "TLSv1.3",
            "cipher": client_tls.CIPHER,
            "group": client_tls.GROUP,
            "certificate": "ECDSA P-256, clients verified",
            "server_core": self.server_core,
            "load_core": self.load_core,
            "load_generator": " ".join(said[:2]),
            "counts": asdict(self.counts),
        }

    @property
    def certs(self):
        return certificates.good()

    def context(self):
        """One context for all of our own connections, so that sessions can be resumed."""
        if self._context is None:
            self._context = self.certs.context("client")
        return self._context

    def tool(self, name):
        """floor or load, compiled once and again when its source has changed."""
        if name not in self._tools:
            source, program = HERE / f"{name}.cpp", self.cache / "tools" / name
            if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
                program.parent.mkdir(parents=True, exist_ok=True)
                flags = ["-std=c++20", "-O2", "-Wall", "-Wextra", "-o", program, source, "-lssl", "-lcrypto", "-ljemalloc"]
                ended = subprocess.run(["c++", *flags], capture_output=True, text=True, check=False)
                if ended.returncode != 0:
                    raise Failed(f"{name}.cpp does not compile: {ended.stderr.strip().splitlines()[0]}")
            self._tools[name] = program
        return self._tools[name]
