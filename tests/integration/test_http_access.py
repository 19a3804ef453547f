"""Who may use HTTP: certificates, passwords, and pages of other sites in a browser."""

import base64
import contextlib
import hashlib
import ssl

from harness import certs as certificates
from harness import workspace
from harness.case import SANITIZED, case
from harness.http import BOTH, connect, curl, error_line, once, request_bytes, url_of
from harness.processes import run

MIB = 1 << 20
PASSWORDS = "default:client:first secret\noperator:admin:sec:ond\nhashed:client:sha256$salt${hashed}\n"


@case(variants=BOTH)
def certificates_are_asked_for(place):
    with place() as node:
        for path in ("/key/k", "/healthz", "/metrics", "/"):
            answer = curl(node, path, who=None)
            assert answer.exit in (35, 56) and answer.status == 0 and "certificate" in answer.errors, (answer.exit, answer.errors)
        for others in (certificates.foreign(), certificates.expired(), certificates.not_yet_valid()):
            outcome = run(["curl", "-q", "--noproxy", "*", "-sS", "--cacert", node.certs.ca, "--cert", others.cert("client"), "--key",
                           others.key("client"), url_of(node, "/healthz")])  # fmt: skip
            assert outcome.returncode in (35, 56) and outcome.stdout == "", outcome
        # curl itself refuses a server that it does not know.
        outcome = run(["curl", "-q", "--noproxy", "*", "-sS", "--cert", node.certs.cert("client"), "--key", node.certs.key("client"),
                       url_of(node, "/healthz")])  # fmt: skip
        assert outcome.returncode == 60, outcome
        # Plain HTTP gets no HTTP.
        outcome = run(["curl", "-q", "--noproxy", "*", "-sS", url_of(node, "/healthz").replace("https", "http")])
        assert outcome.returncode in (1, 52, 56) and "ok" not in outcome.stdout, outcome
        assert curl(node, "/key/k", "-X", "PUT", "-d", "x", who="admin").status == 201
        assert curl(node, "/key/k").body == b"x"
        # HTTP/2 alone is not spoken, and not pretended.
        with contextlib.suppress(ssl.SSLError, ConnectionError), connect(node, alpn="h2") as connection:
            assert connection.socket.selected_alpn_protocol() is None


def password_file():
    path = workspace.new_folder("passwords") / "passwords"
    path.write_text(PASSWORDS.replace("{hashed}", hashlib.sha256(b"saltthird").hexdigest()))
    path.chmod(0o600)
    return path


def basic(pair):
    return {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}


@case(variants=BOTH)
def passwords(place):
    with place("--client-auth", "optional", "--password-file", password_file()) as node:
        for path in ("/healthz", "/readyz"):
            assert curl(node, path, who=None).status == 200, path
        for path in ("/key/k", "/cluster", "/metrics", "/"):
            answer = curl(node, path, who=None)
            if path == "/" and node.name != "proxy" and answer.status == 404:
                continue
            error_line(answer, 401)
            assert answer.field("WWW-Authenticate").startswith("Basic realm="), "RFC 9110, 11.6.1: how to answer that"
        assert curl(node, "/key/k", "-u", "default:first secret", "-X", "PUT", "-d", "mine", who=None).status == 201
        for pair in ("default:first secret", "operator:sec:ond", "hashed:third"):
            assert curl(node, "/key/k", "-u", pair, who=None).body == b"mine", pair
        mark = node.log_size()
        others = ("operator:first secret", "operator:sec", "hashed:salt", "nobody:first secret", ":pa55word")
        for pair in ("default:pa55word", "default:", *others):
            error_line(curl(node, "/key/k", "-u", pair, who=None), 401)
        node.wait_log("auth|password", mark)
        words = ("", " ", " !!!!", " ZGVmYXVsdA==", " " + "A" * 40_000, " /////w==")
        for value in ("", "Bearer abc", *(f"Basic{word}" for word in words)):
            answer = once(node, "GET", "/key/k", fields={"Authorization": value}, who=None)
            assert answer.status in (400, 401), (value, answer)
        # The scheme's name may be written in any case.
        good = {"Authorization": "bAsIc " + base64.b64encode(b"default:first secret").decode()}
        assert once(node, "GET", "/key/k", fields=good, who=None).status == 200
        # Each request stands for itself.
        for method, body in (("GET", None), ("PUT", b"other")):
            with connect(node, None) as connection:
                assert connection.request("GET", "/key/k", fields=basic("default:first secret")).body == b"mine"
                assert connection.request(method, "/key/k", body).status == 401
        assert once(node, "GET", "/key/k").body == b"mine"
        log = node.log()
        encoded = base64.b64encode(b"default:first secret").decode()
        assert not any(secret in log for secret in ("pa55word", "first secret", encoded)), "a password is in the log"
        # A certificate alone is enough.
        assert curl(node, "/key/k").body == b"mine"


@case(variants=BOTH)
def strangers_may_send_little(place):
    """Who has not said who they are does not get 512 MB of this server's memory."""
    with place("--client-auth", "optional", "--password-file", password_file()) as node:
        before = node.rss()
        node.reset_peak()
        much = {"Content-Length": 100 * MIB}
        for fields in (much, {"Transfer-Encoding": "chunked"}, {**much, **basic("default:wrong")}):
            connections = [connect(node, None, timeout=5) for _ in range(10)]
            for connection in connections:
                with contextlib.suppress(OSError):
                    connection.send(request_bytes("PUT", "/key/k", fields=fields))
                    content = bytes(4 * MIB)
                    connection.send(b"%x\r\n%s\r\n" % (len(content), content) if "Transfer-Encoding" in fields else content)
            for connection in connections:
                with contextlib.suppress(OSError, EOFError):
                    assert connection.answer().status in (401, 413)
                connection.close()
        # Nor by what stands around a body, or behind a request that anybody may send.
        for method, target in (("PUT", "/key/k"), ("GET", "/healthz"), ("POST", "/readyz")):
            connections = [connect(node, None, timeout=5) for _ in range(4)]
            for connection in connections:
                with contextlib.suppress(OSError):
                    connection.send(request_bytes(method, target, fields={"Transfer-Encoding": "chunked"}) + b"1;" + b"x" * 8 * MIB)
            for connection in connections:
                connection.close()
        growth = node.peak_rss() - before
        assert SANITIZED or growth < 24 * MIB, f"grew by {growth // MIB} MiB"
        # Asked for the body, they are told who they are not.
        with connect(node, None) as connection:
            connection.send(request_bytes("PUT", "/key/k", fields={"Content-Length": "5", "Expect": "100-continue"}))
            assert connection.answer().status == 401


@case(variants=BOTH)
def pages_of_other_sites(place):
    """A browser shows its certificate for whichever page asks: requests of other sites' pages are refused."""
    with place() as node, connect(node) as connection:
        connection.request("PUT", "/key/k", b"value")
        own = f"https://localhost:{node.port}"
        host = {"host": f"localhost:{node.port}"}
        origins = ("https://evil.example", "null", "http://localhost:8080", f"https://evil.example:{node.port}",
                   own + ".evil.example", own.replace("https", "http"), "https://localhost:1")  # fmt: skip
        cross = {"Sec-Fetch-Site": "cross-site"}
        for fields in (cross, {**cross, "Origin": "https://evil.example"}, *({"Origin": origin} for origin in origins)):
            for method, target in (("PUT", "/key/k"), ("POST", "/key/k"), ("DELETE", "/key/k"), ("GET", "/key/k"), ("GET", "/cluster")):
                answer = connection.request(method, target, b"x" if method in ("PUT", "POST") else None, fields, **host)
                # A page that asks for something does not get to see it, even where it is answered.
                if method != "GET" or answer.status != 200 or answer.field("X-Content-Type-Options") != "nosniff":
                    error_line(answer, 403)
                assert answer.field("Access-Control-Allow-Origin") is None, answer
        preflight = {"Origin": "https://evil.example", "Access-Control-Request-Method": "PUT"}
        answer = connection.request("OPTIONS", "/key/k", fields=preflight, **host)
        assert answer.status in (200, 204, 403, 405) and not any(name.startswith("access-control-") for name, _ in answer.fields), answer
        same = {"Sec-Fetch-Site": "same-origin"}
        for fields in ({**same, "Origin": own}, {"Sec-Fetch-Site": "none"}, {"Origin": own}, same):
            answer = connection.request("GET", "/key/k", fields=fields, **host)
            assert (answer.status, answer.body) == (200, b"value"), (fields, answer)
            assert answer.field("Access-Control-Allow-Origin") is None, answer
        assert connection.request("PUT", "/key/k", b"mine", {"Origin": own, "Sec-Fetch-Site": "same-origin"}, **host).status == 200
        assert node.redis().get("k") == "mine"
