"""Where the other systems come from: Debian's packages, unpacked aside.

Nothing is installed and no package's script ever runs, so nothing can be started by them either: apt, with folders of its own and an
empty list of installed packages, fetches a package with all that it depends on, C library included; `dpkg -x` unpacks that; and the
unpacked loader runs the program. None of it needs root.
"""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


class Missing(Exception):
    """A program cannot be had here; the text says why."""


@dataclass(frozen=True)
class Peer:
    package: str
    program: str
    version: str  # what to look for in the answer to --version
    installed: tuple = ()  # other names under which a machine may have it


PEERS = {
    "valkey": Peer("valkey-server", "valkey-server", r"v=(\S+)"),
    # Debian's redis-server is redis-check-rdb by another name, which comes with redis-cli.
    "redis": Peer("redis-server", "redis-server", r"v=(\S+)", ("redis-check-rdb",)),
    "memcached": Peer("memcached", "memcached", r"memcached (\S+)"),
    "haproxy": Peer("haproxy", "haproxy", r"version (\S+)"),
    "nutcracker": Peer("nutcracker", "nutcracker", r"nutcracker-(\S+)"),
}


@dataclass(frozen=True)
class Program:
    name: str
    command: tuple  # how it is started
    version: str
    origin: str  # "Debian sid" or "installed"


class Library:
    """Finds each program once, or remembers why not."""

    def __init__(self, cache, suite, download=True, say=print):
        self.cache = Path(cache)
        self.suite = suite
        self.download = download
        self.say = say
        self._found = {}

    def program(self, name):
        if name not in self._found:
            try:
                self._found[name] = self._find(name)
            except Missing as reason:
                self._found[name] = reason
        if isinstance(self._found[name], Missing):
            raise self._found[name]
        return self._found[name]

    def _find(self, name):
        reasons = []
        ways = [lambda: self._installed(name)]
        if self.download:
            own = Suite(self.cache, None, self.say)
            ways = [lambda: Suite(self.cache, self.suite, self.say).program(name), lambda: own.program(name), *ways]
        for way in ways:
            try:
                return way()
            except Missing as reason:
                reasons.append(str(reason))
        raise Missing("; ".join(dict.fromkeys(reasons)))

    def _installed(self, name):
        peer = PEERS[name]
        path = next(filter(None, map(shutil.which, (peer.program, *peer.installed))), None)
        if path is None:
            raise Missing(f"{peer.program} is not installed")
        # By its proper name: the program looks at that.
        link = self.cache / "installed" / peer.program
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(Path(path).resolve())
        return Program(name, (str(link),), version_of(peer, (str(link),)), "installed")


class Suite:
    """One release of Debian, unpacked under the cache; None: the one that this machine's apt knows."""

    def __init__(self, cache, suite, say):
        uri, own = mirror()
        self.suite = suite or own
        self.uri = uri
        self.folder = cache / self.suite
        self.say = say

    def program(self, name):
        peer = PEERS[name]
        tree = self.folder / "tree"
        complete = self.folder / f"{peer.package}.complete"
        if not complete.exists():
            self.say(f"unpacking {peer.package} of Debian {self.suite} under {self.folder}")
            self._fetch(peer.package)
            self._unpack(tree)
            complete.touch()
        prefix = run_with(tree)
        found = [path for path in (tree / "usr/bin" / peer.program, tree / "usr/sbin" / peer.program) if path.exists()]
        if not found:
            raise Missing(f"{peer.package} of Debian {self.suite} has no {peer.program}")
        started = (*prefix, str(found[0]))
        return Program(name, started, version_of(peer, started), f"Debian {self.suite}")

    def _fetch(self, package):
        """The .deb files of the package and of all that it depends on."""
        apt = self.folder / "apt"
        for folder in ("lists/partial", "archives/partial"):
            (apt / folder).mkdir(parents=True, exist_ok=True)
        (apt / "status").touch()
        (apt / "sources.list").write_text(f"deb [signed-by={KEYRING}] {self.uri} {self.suite} main\n")
        places = {
            "Dir::State::lists": apt / "lists",
            "Dir::State::status": apt / "status",
            "Dir::Cache": apt,
            "Dir::Cache::archives": apt / "archives",
            "Dir::Etc::sourcelist": apt / "sources.list",
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::Etc::preferences": "/dev/null",
            "Dir::Etc::preferencesparts": "/dev/null",
            "Acquire::Languages": "none",
            "APT::Sandbox::User": "",  # its own user may not enter our folder
        }
        apt_get = ["apt-get", "-q", "-y", *(word for name, value in places.items() for word in ("-o", f"{name}={value}"))]
        fetch = [*apt_get, "--no-install-recommends", "--download-only", "install", package]
        try:
            command(fetch, "")
        except Missing:  # there is no index yet, or the mirror has moved on since it was read
            command([*apt_get, "update"], f"cannot read the index of Debian {self.suite}")
            command(fetch, f"cannot fetch {package} of Debian {self.suite}")

    def _unpack(self, tree):
        done = self.folder / "unpacked"
        done.mkdir(exist_ok=True)
        for archive in sorted((self.folder / "apt" / "archives").glob("*.deb")):
            if not (done / archive.name).exists():
                command(["dpkg", "-x", archive, tree], f"cannot unpack {archive.name}")
                (done / archive.name).touch()


def mirror():
    """The address from which this machine's apt gets Debian, and the name of that release."""
    if not KEYRING.exists():
        raise Missing(f"{KEYRING} is not here (package debian-archive-keyring)")
    form = "$(ORIGIN)|$(LABEL)|$(REPO_URI)|$(CODENAME)"
    said = command(["apt-get", "indextargets", "--format", form, "Created-By: Packages"], "apt does not say where Debian is")
    for line in said.splitlines():
        origin, label, uri, codename = line.split("|")
        if (origin, label) == ("Debian", "Debian") and "-" not in codename:
            return uri, codename
    raise Missing("apt knows no mirror of Debian here (apt-get update?)")


def run_with(tree):
    """How a program of `tree` is started: by its own loader, with its own libraries."""
    loaders = sorted(tree.glob("usr/lib*/ld-linux*.so.*")) + sorted(tree.glob("lib*/ld-linux*.so.*"))
    loaders += sorted(tree.glob("usr/lib/*/ld-linux*.so.*"))
    libraries = [str(path) for path in [*tree.glob("usr/lib/*-linux-gnu"), *tree.glob("lib/*-linux-gnu")]]
    if not loaders or not libraries:
        raise Missing(f"no C library was unpacked in {tree}")
    return (str(loaders[0]), "--library-path", ":".join(libraries))


def version_of(peer, started):
    try:
        ended = subprocess.run(
            [*started, "--version"], capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL, check=False
        )
    except OSError as error:
        raise Missing(f"{peer.program} does not run: {error}") from None
    found = re.search(peer.version, ended.stdout + ended.stderr)
    if not found:
        raise Missing(f"{peer.program} does not run: {last_line(ended.stderr or ended.stdout)}")
    return found.group(1)


def command(words, trouble):
    try:
        ended = subprocess.run(
            [str(word) for word in words], capture_output=True, text=True, timeout=600, stdin=subprocess.DEVNULL, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Missing(f"{trouble}: {error}") from None
    if ended.returncode != 0:
        raise Missing(f"{trouble}: {last_line(ended.stderr or ended.stdout)}")
    return ended.stdout


def last_line(text):
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1].strip() if lines else "it says nothing"
