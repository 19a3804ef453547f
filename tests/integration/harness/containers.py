"""A container engine of the tests' own: its data, its socket and its images are under a temporary folder, and it leaves the
machine's network rules alone."""

import contextlib
import json
import os
import shutil
import signal
import stat
import subprocess
import time
from pathlib import Path

from harness import workspace
from harness.case import Skip
from harness.processes import run

PROGRAMS = ("dockerd", "docker", "docker-compose", "debootstrap")
BASE = "debian:bookworm-slim"
SUITE = "bookworm"
# What this machine has to tell apt so that it reaches its packages, the image's apt must be told, too.
APT_SETTINGS = ("Acquire::Check-", "Acquire::http", "Acquire::https", "Acquire::Retries")


def require_engine():
    """Skips the case where no engine can be run."""
    if os.geteuid() != 0:
        raise Skip("needs root to run a container engine")
    missing = [name for name in PROGRAMS if not shutil.which(name)]
    if missing:
        raise Skip(f"no container engine: {' '.join(missing)} not installed (tests/run all installs them, as root)")
    if Path("/sys/class/net/docker0").exists():
        raise Skip("another container engine is at work here; its network rules would hold up this one's")


class Engine:
    """`with Engine() as engine:` starts a dockerd; at the end, what is left of it and of its containers goes."""

    def __init__(self):
        self.folder = workspace.new_folder("engine")
        self.socket = f"unix://{self.folder}/docker.sock"
        self.process = None
        self.env = {
            "DOCKER_HOST": self.socket,
            # Neither the settings nor the credentials of whoever runs the tests.
            "DOCKER_CONFIG": str(self.folder / "config"),
            "DOCKER_CONTEXT": "",
        }

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_):
        self.end()

    def start(self):
        # Containers reach each other over a bridge, and the host by docker's own relay, without a single rule of iptables.
        command = ["dockerd", "--storage-driver=overlay2", "--bridge=none", "--iptables=false", "--ip6tables=false"]
        command += ["--ip-forward=false", "--ip-masq=false", "--data-root", self.folder / "data"]
        command += ["--exec-root", self.folder / "exec", "--pidfile", self.folder / "pid", "--host", self.socket]
        with open(self.folder / "dockerd.log", "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        limit = time.monotonic() + 60
        while run(["docker", "info"], env=self.env).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > limit:
                lines = (self.folder / "dockerd.log").read_text(errors="replace").splitlines()
                raise Skip(f"dockerd does not start here: {lines[-1] if lines else 'it says nothing'}")
            time.sleep(0.1)

    def end(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)
        for mount in self.mounts():
            subprocess.run(["umount", "--lazy", mount], check=False, capture_output=True, timeout=30)
        shutil.rmtree(self.folder, ignore_errors=True)

    def mounts(self):
        """What is mounted below the folder, the innermost first."""
        paths = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
        return sorted((path for path in paths if path.startswith(f"{self.folder}/")), reverse=True)

    def docker(self, *arguments, timeout=120):
        result = run(["docker", *arguments], timeout, env=self.env)
        assert result.returncode == 0, f"docker {' '.join(map(str, arguments))}: {result.stdout}{result.stderr}"
        return result.stdout

    def make_base_image(self):
        """The distribution's image, which cannot be had where there are only packages."""
        root = self.folder / "base"
        result = run(["debootstrap", "--variant=minbase", SUITE, root, *mirror()], 600)
        assert result.returncode == 0, f"debootstrap: {result.stdout[-2000:]}{result.stderr}"
        settings = run(["apt-config", "dump"]).stdout.splitlines()
        lines = [line for line in settings if line.startswith(APT_SETTINGS)]
        (root / "etc/apt/apt.conf.d/80host").write_text("\n".join([*lines, ""]))
        shutil.rmtree(root / "var/cache/apt/archives", ignore_errors=True)
        archive = self.folder / "base.tar"
        subprocess.run(["tar", "-C", root, "-cf", archive, "."], check=True, timeout=120)
        self.docker("import", "-c", 'CMD ["bash"]', archive, BASE, timeout=120)
        archive.unlink()
        shutil.rmtree(root)


def mirror():
    """Where this machine has its packages from, if it is of the image's release."""
    targets = run(["apt-get", "indextargets", "--format", "$(REPO_URI)", f"Codename: {SUITE}"])
    return targets.stdout.split()[:1] if targets.returncode == 0 else []


def clean_checkout(owner):
    """What a clone has, uncommitted changes included: of another user, whose umask is as strict as can be."""
    folder = workspace.new_folder("checkout") / "ringhold"
    names = subprocess.run(
        ["git", "-c", f"safe.directory={workspace.ROOT}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=workspace.ROOT,
        capture_output=True,
        check=True,
    ).stdout.decode()
    for name in filter(None, names.split("\0")):
        source = workspace.ROOT / name
        if source.is_file() and not source.is_symlink():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
    for path in [folder, *folder.rglob("*")]:
        executable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
        path.chmod(0o700 if executable else 0o600)
        os.chown(path, owner, owner)
    return folder


class Composed:
    """The cluster of docker-compose.yml in a checkout; at the end `down -v`."""

    def __init__(self, engine, checkout):
        self.engine = engine
        self.checkout = checkout
        self.port = workspace.free_port()
        self.project = f"ringhold-test-{os.getpid()}"
        # The engine's own network has no way out, so the image is built on the host's.
        self.override = engine.folder / "build-network.yml"
        self.env = {**engine.env, "COMPOSE_PROJECT_NAME": self.project, "RINGHOLD_PORT": str(self.port)}

    def __enter__(self):
        services = self.compose("config", "--services").split()
        build = f"    build: {{context: {self.checkout}, network: host}}\n"
        self.override.write_text("services:\n" + "".join(f"  {name}:\n{build}" for name in services))
        return self

    def __exit__(self, kind, error, trace):
        with contextlib.ExitStack() as stack:
            if kind is not None:
                stack.enter_context(contextlib.suppress(Exception))  # the case's own failure is the one to tell
            self.compose("down", "-v", timeout=180)

    def compose(self, *arguments, timeout=120):
        files = ["-f", "docker-compose.yml"]
        if self.override.exists():
            files += ["-f", self.override]
        result = run(["docker-compose", *files, *arguments], timeout, env=self.env, cwd=self.checkout)
        assert result.returncode == 0, f"docker-compose {' '.join(arguments)}: {(result.stdout + result.stderr)[-4000:]}"
        return result.stdout

    def containers(self):
        """Service → what the engine knows of its container."""
        label = "com.docker.compose"
        ids = self.engine.docker("ps", "--all", "--quiet", "--filter", f"label={label}.project={self.project}").split()
        if not ids:
            return {}
        known = json.loads(self.engine.docker("inspect", *ids))
        return {container["Config"]["Labels"][f"{label}.service"]: container for container in known}
