"""Who is let in, as what, and that the log tells why somebody was not."""

import contextlib
import shutil
import socket
import ssl

import redis
from harness import certs as certificates
from harness import cluster as cluster_module
from harness import workspace
from harness.case import case
from harness.cluster import Cluster
from harness.refusal import BOTH, refused, still_serves
from harness.resp import Connection, ReplyError
from harness.wait import eventually

CERTIFICATES = {
    "none": (lambda: certificates.good().context(None), "certificate"),
    "foreign_ca": (lambda: certificates.foreign().context(), "certificate|issuer|unknown ca|verify"),
    "expired": (lambda: certificates.expired().context(), "expired"),
    "not_yet_valid": (lambda: certificates.not_yet_valid().context(), "not valid yet|not yet valid"),
    "self_signed": (lambda: self_signed(), "self.signed|certificate"),
}


def self_signed():
    folder = workspace.new_folder("self")
    key, cert = str(folder / "x.key"), str(folder / "x.crt")
    certificates.openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key,
                         "-out", cert, "-subj", "/O=Ringhold/OU=admin/CN=me", "-days", "2")  # fmt: skip
    context = certificates.good().context(None)
    context.load_cert_chain(cert, key)
    return context


@case(timeout=120, variants=BOTH)
def bad_certificates(place):
    with place() as node:
        for name, (make_context, reason) in CERTIFICATES.items():
            try:
                refused(node, make_context(), reason)
            except AssertionError as error:
                raise AssertionError(f"{name}: {error}") from None
            still_serves(node)


@case(timeout=60, variants=BOTH)
def plaintext(place):
    with place() as node:
        refused(node, None, "tls|plaintext|plain text|http request|wrong version", plain=True)
        # An HTTP request that lost its way is no TLS either.
        with socket.create_connection(("127.0.0.1", node.port), 5) as raw:
            raw.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            raw.settimeout(12)
            answer = b""
            with contextlib.suppress(ConnectionError):
                while data := raw.recv(4096):
                    answer += data
            assert b"HTTP/1.1 200" not in answer and b"PONG" not in answer
        still_serves(node)


@case(timeout=60, variants=BOTH)
def old_tls_versions(place):
    with place() as node:
        context = node.certs.context()
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
        refused(node, context, "protocol|version")
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = node.certs.context()
            context.minimum_version = context.maximum_version = version
            with Connection(node.port, context) as connection:
                assert connection.command("PING") == "PONG"


@case(timeout=60, variants=BOTH)
def peer_protocol_is_for_nodes(place):
    with place() as node:
        for who in ("client", "admin"):
            context = node.certs.context(who, "ringhold-peer/1")
            mark = node.log_size()
            try:
                with Connection(node.port, context) as connection:
                    with contextlib.suppress(OSError):
                        connection.send(b"\0" * 64)
                    kind, text = connection.outcome(12)
                    assert kind == "closed", f"{who}: {kind} {text}"
            except (ssl.SSLError, ConnectionError):
                pass
            node.wait_log("node|role|peer", mark)
        still_serves(node)


@case(timeout=60, variants=BOTH)
def unknown_alpn(place):
    """A protocol that nobody speaks is refused; `redis` and none at all are RESP."""
    with place() as node:
        with Connection(node.port, node.certs.context(alpn="redis")) as connection:
            assert connection.command("PING") == "PONG"
        try:
            connection = Connection(node.port, node.certs.context(alpn="imap"))
        except (ssl.SSLError, ConnectionError):
            return
        assert connection.socket.selected_alpn_protocol() is None
        connection.close()


ADMIN_COMMANDS = (
    ("SHUTDOWN",),
    ("SHUTDOWN", "NOSAVE"),
    ("CONFIG", "SET", "maxmemory", "1"),
    ("DEBUG", "SLEEP", "0"),
    ("CLIENT", "KILL", "TYPE", "normal"),
    ("CLIENT", "KILL", "ID", "1"),
)


@case(timeout=60, variants=BOTH)
def admin_commands_need_the_role(place):
    with place() as node:
        mark = node.log_size()
        with node.connect("client") as connection:
            for words in ADMIN_COMMANDS:
                reply = connection.command(*words)
                assert isinstance(reply, ReplyError) and str(reply).startswith("NOPERM"), (words, reply)
            # What a client may do, FLUSHALL included.
            assert connection.command("FLUSHALL") == "OK"
            assert connection.command("CONFIG", "GET", "maxmemory")
        node.wait_log("NOPERM|refused|role|permission|not allowed", mark)
        # Small letters and other spellings open no side door.
        with node.connect("client") as connection:
            assert str(connection.command("cOnFiG", "sEt", "slowlog-max-len", "5")).startswith("NOPERM")
            connection.send(b"shutdown nosave\r\n")
            assert str(connection.reply()).startswith("NOPERM")
        with node.connect("admin") as connection:
            assert connection.command("CONFIG", "SET", "slowlog-max-len", "64") == "OK"
            assert connection.command("DEBUG", "SLEEP", "0") == "OK"
        assert node.alive()


@case(timeout=60)
def a_node_certificate_is_no_way_around():
    """The proxy passes on the role of its client; its own certificate lends nobody rights."""
    with Cluster(2) as cluster:
        for who in ("client", "admin"):
            with cluster.proxy.connect(who) as connection:
                connection.command("SET", "k", "v")
        with cluster["a"].connect("client") as connection:
            for words in ADMIN_COMMANDS:
                assert str(connection.command(*words)).startswith("NOPERM"), words
        assert all(server.alive() for server in cluster.servers.values())


@case(timeout=60)
def servers_verify_each_other():
    """A proxy does not speak to a data server that shows a foreign certificate, or one that is no node's."""
    good = certificates.good()
    impostor = workspace.new_folder("impostor")
    shutil.copytree(certificates.foreign().folder, impostor, dirs_exist_ok=True)
    as_client = workspace.new_folder("as-client")
    shutil.copytree(good.folder, as_client, dirs_exist_ok=True)
    for suffix in ("crt", "key"):
        shutil.copy(as_client / f"client.{suffix}", as_client / f"server.{suffix}")
    with Cluster(2) as cluster:
        for name, folder in (("foreign", impostor), ("clientcert", as_client)):
            mark = cluster.proxy.log_size()
            false_server = cluster_module.dataserver(name, certs=certificates.CertSet(folder))
            try:
                false_server.start()
            except RuntimeError:
                continue  # it may well refuse to start with such a certificate
            cluster.write([*cluster.entries("a", "b"), cluster_module.entry(name, false_server.port)])
            cluster.proxy.wait_log("certificate|verify|node role|role", mark)
            with cluster.proxy.redis() as client:
                outcomes = set()
                for number in range(40):
                    try:
                        outcomes.add(client.set(f"k:{number}", "v"))
                    except redis.ResponseError as error:
                        assert name in str(error), error
                        outcomes.add("error")
                        break
                assert "error" in outcomes, f"{name} was trusted with keys"
            cluster.write(cluster.entries("a", "b"))
            eventually(lambda: sorted(cluster.slots()) == ["a", "b"], "back to two", 10, 0.1)
            false_server.stop()


@case(timeout=60, variants=BOTH)
def connection_limits(place):
    with place("--connections-max", "20") as node:
        opened, closed = [], 0
        for _ in range(40):
            try:
                connection = Connection(node.port, node.certs.context(), timeout=5)
                reply = connection.command("PING")
                assert reply == "PONG" or "max number of clients" in str(reply), reply
                opened.append(connection)
            except (OSError, EOFError):
                closed += 1
        assert closed >= 10, f"only {closed} of 40 connections were refused"
        assert len(opened) >= 10
        for connection in opened:
            connection.close()
        eventually(lambda: node.redis().ping(), "room again", 10, 0.2)
