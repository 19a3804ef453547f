"""What an operator may get wrong: one line that says what to do, and the right exit status."""

import os
import signal
import socket

from harness import certs as certificates
from harness import workspace
from harness.case import case
from harness.cluster import Cluster, dataserver, proxy, standalone
from harness.processes import run

PROGRAMS = {"dataserver": workspace.DATASERVER, "proxy": workspace.PROXY, "client": workspace.CLIENT}
SERVERS = {name: PROGRAMS[name] for name in ("dataserver", "proxy")}


def flags(program, port=None):
    """All that the program needs to start."""
    port = port or workspace.free_port()
    words = ["--addr", f"127.0.0.1:{port}", *certificates.good().server_flags()]
    if program == workspace.PROXY:
        words += ["--servers", servers_file()]
    return words


def servers_file(content='{"servers": [{"name": "a", "replicas": ["127.0.0.1:1"]}]}'):
    path = workspace.new_folder("servers") / "servers.json"
    path.write_text(content)
    return path


def expect_refusal(command, status, *words):
    """Ends at once with `status`, and says so in one line that has each of the words."""
    result = run(command, timeout=20)
    lines = [line for line in result.stderr.splitlines() if line.strip()]
    assert result.returncode == status, f"{command}: {result}"
    assert "ready" not in result.stdout, result
    assert len(lines) == 1, f"not one line: {result.stderr!r}"
    for word in words:
        assert str(word) in lines[0], f"{word!r} is not in {lines[0]!r}"


@case(variants=PROGRAMS)
def help_and_version(program):
    for flag in ("--help", "--version"):
        result = run([program, flag])
        assert result.returncode == 0 and result.stdout.strip() and not result.stderr, result
    version = run([program, "--version"]).stdout
    assert program.name in version and any(character.isdigit() for character in version), version
    text = run([program, "--help"]).stdout
    for flag in ("--addr", "--cert", "--key", "--ca", "--config", "--log-level"):
        assert flag in text, f"{flag} is not in the help"
    assert max(len(line) for line in text.splitlines()) < 200


@case(variants=PROGRAMS)
def bad_flags(program):
    for words in (["--nosuch"], ["--addr"], ["--addr", "nonsense"], ["--addr", "127.0.0.1:99999"], ["--log-level", "loud"]):
        if program == workspace.CLIENT:
            words = [*words, "PING"] if words != ["--addr"] else words
        expect_refusal([program, *words], 2)
    expect_refusal([program, "--nosuch"], 2, "--nosuch")


@case(variants=SERVERS)
def bad_values(program):
    for words in (
        ["--client-auth", "maybe"],
        ["--deadline", "soon"] if program == workspace.PROXY else ["--value-bytes-max", "lots"],
        ["--conns", "0"] if program == workspace.PROXY else ["--value-bytes-max", "-1"],
        ["--connections-max", "many"],
    ):
        expect_refusal([program, *flags(program), *words], 2, words[0])


@case(variants=SERVERS)
def busy_port(program):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        expect_refusal([program, *flags(program, port)], 1, port, "in use")


@case(variants=SERVERS)
def address_of_another_machine(program):
    words = flags(program)
    words[1] = "192.0.2.1:9443"
    expect_refusal([program, *words], 1, "192.0.2.1:9443")


@case(variants=SERVERS)
def missing_certificate_files(program):
    for flag in ("--cert", "--key", "--ca"):
        words = flags(program)
        words[words.index(flag) + 1] = "/nonexistent/file.pem"
        expect_refusal([program, *words], 1, "/nonexistent/file.pem")


@case(variants=SERVERS)
def certificate_files_that_make_no_sense(program):
    nonsense = workspace.new_folder("nonsense") / "file.pem"
    nonsense.write_text("this is no certificate\n")
    for flag in ("--cert", "--key", "--ca"):
        words = flags(program)
        words[words.index(flag) + 1] = nonsense
        expect_refusal([program, *words], 1, nonsense)
    # A key that belongs to another certificate.
    words = flags(program)
    words[words.index("--key") + 1] = certificates.good().key("client")
    expect_refusal([program, *words], 1, certificates.good().key("client"))


@case()
def default_certificates_are_missing():
    """The first thing that a newcomer may meet: the line tells how to make them."""
    folder = workspace.new_folder("empty")
    for program in SERVERS.values():
        result = run([program, "--addr", f"127.0.0.1:{workspace.free_port()}"], cwd=folder)
        assert result.returncode == 1 and "make-certs" in result.stderr, result
    result = run([workspace.CLIENT, "PING"], cwd=folder)
    assert result.returncode in (1, 2) and "certs/" in result.stderr, result


@case()
def servers_file_at_start():
    """Unlike later, a bad file at the start is the end."""
    base = flags(workspace.PROXY)[:-2]
    for content, word in (
        ("", "servers.json"),
        ("[]", "servers.json"),
        ('{"servers": [\n{"name": "a"\n', "line"),
        ('[{"addr": "127.0.0.1:0"}]', "127.0.0.1:0"),
    ):
        path = servers_file(content)
        expect_refusal([workspace.PROXY, *base, "--servers", path], 1, path, word)
    expect_refusal([workspace.PROXY, *base, "--servers", "/nonexistent/servers.json"], 1, "/nonexistent/servers.json")
    folder = workspace.new_folder("folder")
    expect_refusal([workspace.PROXY, *base, "--servers", folder], 1, folder)
    if os.geteuid() != 0:
        path = servers_file()
        path.chmod(0)
        expect_refusal([workspace.PROXY, *base, "--servers", path], 1, path)


@case()
def config_file():
    """The flags in a TOML file; the command line goes before it."""
    folder = workspace.new_folder("config")
    port = workspace.free_port()
    certs = certificates.good()
    config = folder / "ringhold.toml"
    lines = [f'cert = "{certs.cert("server")}"', f'key = "{certs.key("server")}"', f'ca = "{certs.ca}"']
    config.write_text("\n".join([f'addr = "127.0.0.1:{port}"', *lines]) + "\n")
    server = dataserver("configured", shard=False)
    server.command = [str(workspace.DATASERVER), "--config", str(config)]
    server.start()
    assert server.port == port
    server.stop()
    other = workspace.free_port()
    server.command += ["--addr", f"127.0.0.1:{other}"]
    server.start()
    assert server.port == other
    server.stop()
    config.write_text("nosuch = 1\n")
    expect_refusal([workspace.DATASERVER, "--config", config], 2, "nosuch")
    expect_refusal([workspace.DATASERVER, "--config", "/nonexistent.toml"], 2, "/nonexistent.toml")


@case()
def port_zero_is_told():
    certs = certificates.good()
    server = dataserver("anyport", shard=False)
    server.command = [str(workspace.DATASERVER), "--addr", "127.0.0.1:0", *certs.server_flags()]
    server.start()
    assert server.port > 0
    with server.redis() as client:
        assert client.ping()
    # The ready line is all that stands on the standard output; the log is elsewhere.
    assert server.output_path.read_text() == f"ready addr=127.0.0.1:{server.port}\n"
    server.stop()


@case()
def restart_on_the_same_port_at_once():
    with standalone() as server:
        for _ in range(3):
            with server.redis() as client:
                assert client.set("k", "v")
            server.stop()
            server.start()


@case()
def signals():
    """SIGINT and SIGTERM end a server well; SIGHUP, SIGPIPE and friends do not kill it by accident."""
    with standalone() as server:
        server.signal(signal.SIGPIPE)
        with server.redis() as client:
            assert client.ping()
        server.signal(signal.SIGINT)
        assert server.wait_end() == 0


@case()
def log_levels():
    with Cluster(1, "--log-level", "debug") as cluster:
        with cluster.proxy.redis() as client:
            client.set("secret-key", "secret-value")
        assert cluster.proxy.log()
        # Whatever is logged, data is not.
        assert "secret-value" not in cluster.proxy.log()
    quiet = proxy(servers_file(), "--log-level", "error")
    quiet.start()
    quiet.stop()
    assert len(quiet.log().splitlines()) <= 2, quiet.log()
