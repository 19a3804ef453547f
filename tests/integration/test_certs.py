"""certs/make-certs."""

import os
import signal
import stat
import subprocess
import time

from harness import workspace
from harness.case import FULL, case
from harness.processes import run

MAKE_CERTS = workspace.ROOT / "certs" / "make-certs"
NAMES = {f"{who}.{kind}" for who in ("ca", "server", "client", "admin") for kind in ("crt", "key")} | {"client.p12"}


def make(folder, *arguments):
    return run([MAKE_CERTS, "--dir", folder, *arguments])


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def text_of(folder, who):
    return run(["openssl", "x509", "-in", folder / f"{who}.crt", "-noout", "-text"]).stdout


@case()
def a_full_set():
    folder = workspace.new_folder("set")
    result = make(folder, "--host", "ring.example", "--host", "192.0.2.7", "--host", "2001:db8::1")
    assert result.returncode == 0, result
    assert set(contents(folder)) == NAMES
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in folder.iterdir())
    for who, role in (("server", "node"), ("client", "client"), ("admin", "admin")):
        purposes = ("sslserver", "sslclient") if who == "server" else ("sslclient",)
        for purpose in purposes:
            verified = run(["openssl", "verify", "-CAfile", folder / "ca.crt", "-purpose", purpose, folder / f"{who}.crt"])
            assert verified.returncode == 0, verified
        text = text_of(folder, who)
        assert f"OU = {role}" in text or f"OU={role}" in text, text
        assert "NIST CURVE: P-256" in text and "CA:FALSE" in text
        days = run(["openssl", "x509", "-in", folder / f"{who}.crt", "-noout", "-checkend", str(824 * 86400)])
        assert days.returncode == 0
    assert "sslserver" not in text_of(folder, "client") and "TLS Web Server" not in text_of(folder, "client")
    for flag, name in (
        ("-checkhost", "localhost"), ("-checkip", "127.0.0.1"), ("-checkip", "::1"), ("-checkhost", "proxy"),
        ("-checkhost", "dataserver1"), ("-checkhost", "ring.example"), ("-checkip", "192.0.2.7"), ("-checkip", "2001:db8::1"),
    ):  # fmt: skip
        checked = run(["openssl", "x509", "-in", folder / "server.crt", "-noout", flag, name]).stdout
        assert "does match" in checked, checked
    ca = text_of(folder, "ca")
    assert "CA:TRUE" in ca and "Certificate Sign" in ca
    p12 = run(["openssl", "pkcs12", "-in", folder / "client.p12", "-passin", "pass:ringhold", "-nodes"])
    assert "PRIVATE KEY" in p12.stdout and "ringhold-client" in p12.stdout, p12


@case()
def what_exists_is_kept():
    folder = workspace.new_folder("kept")
    make(folder)
    before = contents(folder)
    result = make(folder, "--host", "other.example")
    assert result.returncode == 0 and "kept" in result.stdout and contents(folder) == before
    assert "other.example" in result.stderr
    # What is missing is made by the same authority.
    for name in ("admin.crt", "admin.key", "client.p12"):
        (folder / name).unlink()
    assert make(folder).returncode == 0
    after = contents(folder)
    assert set(after) == NAMES and all(after[name] == before[name] for name in before if name[:5] != "admin" and name != "client.p12")
    assert run(["openssl", "verify", "-CAfile", folder / "ca.crt", folder / "admin.crt"]).returncode == 0
    assert make(folder, "--force", "--days", "10").returncode == 0
    forced = contents(folder)
    assert not [name for name in NAMES if forced[name] == before[name]]
    assert "within 30 days" in make(folder).stderr
    (folder / "admin.crt").write_text("nonsense\n")
    result = make(folder)
    assert result.returncode == 1 and "admin.crt is no certificate" in result.stderr, result


@case()
def nothing_of_others_is_overwritten():
    folder = workspace.new_folder("foreign")
    make(folder)
    (folder / "server.key").unlink()
    before = contents(folder)
    result = make(folder)
    assert result.returncode == 1 and "server.key" in result.stderr and contents(folder) == before, result
    (folder / "server.crt").unlink()
    (folder / "ca.key").unlink()
    before = contents(folder)
    result = make(folder)
    assert result.returncode == 1 and "ca.key" in result.stderr and contents(folder) == before, result


@case()
def bad_usage():
    folder = workspace.new_folder("usage")
    for words in (["--nosuch"], ["--days"], ["--days", "x"], ["--days", "0"], ["--host", "a b"], ["--host", "a,DNS:b"], ["x"]):
        result = make(folder, *words)
        assert result.returncode == 2 and len(result.stderr.splitlines()) == 1, (words, result)
    assert not contents(folder)
    assert run([MAKE_CERTS, "--help"]).returncode == 0
    result = run([MAKE_CERTS, "--dir", "/proc/nowhere"])
    assert result.returncode == 1 and "/proc/nowhere" in result.stderr, result


TURNS = 40 if FULL else 12


@case(timeout=180)
def interrupted_at_any_moment():
    """Killed wherever it may stand, with --force over an old set: the next run leaves one whole set that fits together."""
    folder = workspace.new_folder("interrupted")
    make(folder)
    started = time.monotonic()
    make(folder, "--force")
    duration = time.monotonic() - started
    for number in range(TURNS):
        process = subprocess.Popen(
            [MAKE_CERTS, "--dir", folder, "--force"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        time.sleep(duration * (0.02 + number / TURNS))
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL if number % 2 else signal.SIGTERM)
        process.wait()
        assert make(folder).returncode == 0
        assert set(contents(folder)) == NAMES
        for who in ("server", "client", "admin"):
            assert run(["openssl", "verify", "-CAfile", folder / "ca.crt", folder / f"{who}.crt"]).returncode == 0
            public = run(["openssl", "x509", "-in", folder / f"{who}.crt", "-noout", "-pubkey"]).stdout
            assert public == run(["openssl", "pkey", "-in", folder / f"{who}.key", "-pubout"]).stdout, f"{who} does not fit"
