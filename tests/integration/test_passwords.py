"""--client-auth optional with --password-file: AUTH and HELLO AUTH instead of a certificate."""

import hashlib

from harness import certs as certificates
from harness import workspace
from harness.case import case
from harness.refusal import BOTH, dataserver, refused
from harness.resp import Connection


def password_file(text, mode=0o600):
    path = workspace.new_folder("passwords") / "passwords"
    path.write_text(text)
    path.chmod(mode)
    return path


PASSWORDS = (
    "# comment\n"
    "default:client:first secret\n"
    "operator:admin:second\n"
    # sha256 of "salt" + "third"
    "hashed:client:sha256$salt${hashed}\n"
)


def with_passwords():
    return password_file(PASSWORDS.replace("{hashed}", hashlib.sha256(b"saltthird").hexdigest()))


@case(timeout=60, variants=BOTH)
def passwords(place):
    with place("--client-auth", "optional", "--password-file", with_passwords()) as node:
        def anonymous():
            return Connection(node.port, node.certs.context(None))

        with anonymous() as connection:
            assert str(connection.command("GET", "k")).startswith("NOAUTH")
            assert str(connection.command("CLIENT", "LIST")).startswith("NOAUTH")
            mark = node.log_size()
            assert str(connection.command("AUTH", "pa55word")).startswith("WRONGPASS")
            assert str(connection.command("AUTH", "operator", "first secret")).startswith("WRONGPASS")
            assert str(connection.command("AUTH", "nobody", "")).startswith("WRONGPASS")
            node.wait_log("auth|password", mark)
            assert "pa55word" not in node.log() and "first secret" not in node.log(), "a password is in the log"
            assert str(connection.command("GET", "k")).startswith("NOAUTH")
            assert connection.command("AUTH", "first secret") == "OK"
            assert connection.command("SET", "k", "v") == "OK"
            assert str(connection.command("CONFIG", "SET", "slowlog-max-len", "9")).startswith("NOPERM")
        for words, role in ((("AUTH", "operator", "second"), "admin"), (("AUTH", "hashed", "third"), "client")):
            with anonymous() as connection:
                assert connection.command(*words) == "OK", words
                reply = str(connection.command("CONFIG", "SET", "slowlog-max-len", "9"))
                assert reply == "OK" if role == "admin" else reply.startswith("NOPERM")
        with anonymous() as connection:
            assert connection.command("HELLO", "3", "AUTH", "default", "first secret")[b"proto"] == 3
            assert connection.command("GET", "k") == b"v"
        # A certificate alone is still enough; a bad one is not made good by a password.
        with node.connect() as connection:
            assert connection.command("GET", "k") == b"v"
        refused(node, certificates.expired().context(), "expired")


@case(timeout=60)
def unauthenticated_clients_may_send_little():
    with dataserver("--client-auth", "optional", "--password-file", with_passwords()) as node:
        for data in (b"*1000\r\n", b"*2\r\n$4\r\nAUTH\r\n$10000000\r\n"):
            with Connection(node.port, node.certs.context(None)) as connection:
                connection.send(data)
                kind, _ = connection.outcome(5)
                assert kind in ("error", "closed"), kind


@case(timeout=60)
def password_file_must_be_private():
    for path, word in (
        (password_file("default:client:x\n", 0o644), "600"),
        (password_file("no colons here\n"), "line 1"),
        (password_file("a:client:x\nb:king:y\n"), "line 2"),
        ("/nonexistent/passwords", "/nonexistent/passwords"),
    ):
        server = None
        try:
            with dataserver("--client-auth", "optional", "--password-file", path) as server:
                raise AssertionError(f"{path} was accepted")
        except RuntimeError as error:
            assert "ended with 1" in str(error) and word in str(error), error
