"""What a browser sees of a proxy, made up: the dashboard page, /cluster and /metrics over TLS, for states of a cluster that a
real one cannot be brought into quickly. What it says is in `state`, which a case changes while the page looks on.

usage: python3 -m harness.mock_proxy CERTS [SHARDS [PORT]]    to look at the page while working on it
"""

import contextlib
import http.server
import json
import math
import random
import socket
import ssl
import sys
import threading
import time

from harness.workspace import ROOT

PAGE = ROOT / "proxy" / "dashboard" / "dashboard.html"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
SLOTS = 16384
BOUNDS = [2**power / 1e6 for power in range(23)]  # seconds
GROUPS = {"string": 0.62, "hash": 0.2, "sorted-set": 0.1, "list": 0.05, "generic": 0.02, "server": 0.01}


class Shard:
    """One made-up shard; its rate swings slowly around `ops`."""

    def __init__(self, name, number, ops):
        self.name, self.number, self.ops = name, number, ops
        self.weight = 1
        self.keys = 40_000 + 7919 * number % 30_000
        self.hits = self.misses = 0.0
        self.requests = [0.0] * (len(BOUNDS) + 1)
        self.state = "up"
        self.random = random.Random(number)
        self.latency = 180e-6 * (1 + 0.3 * self.random.random())

    def rate(self, now):
        swing = 1 + 0.18 * math.sin(now / 23 + self.number) + 0.07 * math.sin(now / 5 + 2 * self.number)
        return self.ops * swing if self.state == "up" else 0.0

    def advance(self, seconds, now):
        done = self.rate(now) * seconds
        hit_rate = 0.93 + 0.03 * math.sin(now / 31 + self.number)
        self.hits += done * 0.8 * hit_rate
        self.misses += done * 0.8 * (1 - hit_rate)
        spread(self.requests, done, self.latency * (1 + 0.25 * math.sin(now / 11 + self.number)))


def spread(buckets, count, median):
    """Adds `count` observations around `median`, with a long tail."""
    weights = [math.exp(-((math.log2(bound / median) - 0.4) ** 2) / 1.6) for bound in BOUNDS]
    weights.append(0.0)
    total = sum(weights)
    for index, weight in enumerate(weights):
        buckets[index] += count * weight / total


class State:
    def __init__(self, names, ops=5000.0):
        self.lock = threading.Lock()
        self.epoch = 1
        self.pending = None
        self.failing = {}  # path → the status that it is answered with
        self.started = time.time()
        self.last = time.monotonic()
        self.groups = {group: [0.0] * (len(BOUNDS) + 1) for group in GROUPS}
        self.ops = ops
        self.count = 0
        self.shards = []
        self.sent = 0.0
        for name in names:
            self.add(name)

    def add(self, name):
        self.shards.append(Shard(name, self.count, self.ops * (0.7 + 0.6 * ((self.count * 37) % 11) / 10)))
        self.count += 1

    def shard(self, name):
        return next(shard for shard in self.shards if shard.name == name)

    def advance(self):
        now = time.monotonic()
        seconds, self.last = now - self.last, now
        total = 0.0
        for shard in self.shards:
            shard.advance(seconds, now)
            total += shard.rate(now) * seconds
        for group, share in GROUPS.items():
            spread(self.groups[group], total * share, 210e-6 * (1 + share))
        self.sent += total * 130

    def slots(self):
        """Name → slots: weighted shares, the rest to the first."""
        weight = sum(shard.weight for shard in self.shards)
        shares = {shard.name: SLOTS * shard.weight // weight for shard in self.shards}
        shares[self.shards[0].name] += SLOTS - sum(shares.values())
        return shares

    def cluster(self):
        shares, now = self.slots(), time.monotonic()
        shards = []
        for shard in self.shards:
            up = shard.state == "up"
            port = 9444 + shard.number
            known = {
                "keys": shard.keys,
                "bytes": shard.keys * 412,
                "ops": shard.rate(now),
                "hits": int(shard.hits),
                "misses": int(shard.misses),
                "expired": 12 * shard.number,
                "evicted": 0,
            }
            replica = {"addr": f"127.0.0.1:{port}", "role": "leader" if up else "unknown", "state": shard.state, "lag": 0}
            shards.append(
                {
                    "name": shard.name,
                    "share": shares[shard.name] / SLOTS,
                    "slots": shares[shard.name],
                    **{name: value if up else None for name, value in known.items()},
                    "weight": shard.weight,
                    "replicas": [replica],
                }
            )
        return {
            "cluster": "0c72b6f3bc1d7945026592cd52784f52",
            "epoch": self.epoch,
            "generation": 1,
            "authority": self.shards[0].name,
            "shards": shards,
            "migration": None,
            "pending": self.pending,
        }

    def metrics(self):
        lines = [
            'ringhold_build_info{version="0.1.0",kind="proxy"} 1',
            f"process_start_time_seconds {self.started:.3f}",
            f"process_cpu_seconds_total {(time.time() - self.started) * 0.21:.3f}",
            "process_resident_memory_bytes 31457280",
            "ringhold_connected_clients 48",
            f"ringhold_network_received_bytes_total {self.sent * 0.6:.0f}",
            f"ringhold_network_sent_bytes_total {self.sent:.0f}",
            'ringhold_tls_handshakes_total{result="full"} 52',
            'ringhold_tls_handshakes_total{result="resumed"} 210',
            'ringhold_tls_handshakes_total{result="failed"} 1',
            "ringhold_upstream_retries_total 3",
            "ringhold_upstream_deadlines_passed_total 0",
            "ringhold_upstream_uncertain_writes_total 0",
            'ringhold_error_replies_total{error="WRONGTYPE"} 4',
        ]
        for group, buckets in self.groups.items():
            lines += histogram("ringhold_command_duration_seconds", "group", group, buckets)
            lines.append(f'ringhold_command_errors_total{{group="{group}"}} {4 if group == "hash" else 0}')
        for shard in self.shards:
            label = label_text(shard.name)
            up = shard.state == "up"
            lines.append(f'ringhold_shard_up{{shard="{label}"}} {int(up)}')
            lines.append(f'ringhold_pool_connections{{shard="{label}",state="up"}} {10 if up else 0}')
            lines.append(f'ringhold_pool_connections{{shard="{label}",state="down"}} {0 if up else 10}')
            lines.append(f'ringhold_pool_requests_in_flight{{shard="{label}"}} {shard.number % 5 + 1 if up else 0}')
            lines.append(f'ringhold_pool_requests_parked{{shard="{label}"}} 0')
            lines += histogram("ringhold_shard_request_duration_seconds", "shard", shard.name, shard.requests)
        return "".join(line + "\n" for line in lines)


def label_text(value):
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def histogram(name, label, value, buckets):
    label = f'{label}="{label_text(value)}"'
    total, seconds = 0.0, 0.0
    lines = []
    for bound, count in zip([*BOUNDS, math.inf], buckets):
        total += count
        seconds += count * (bound if bound != math.inf else 0)
        le = "+Inf" if bound == math.inf else f"{bound:g}"
        lines.append(f'{name}_bucket{{{label},le="{le}"}} {total:.0f}')
    return [*lines, f"{name}_sum{{{label}}} {seconds:.6f}", f"{name}_count{{{label}}} {total:.0f}"]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        state = self.server.state
        with state.lock:
            state.advance()
            if self.path == "/":
                self.answer(200, "text/html; charset=utf-8", PAGE.read_bytes())
            elif self.path in state.failing:
                self.answer(state.failing[self.path], "text/plain", b"made up\n")
            elif self.path == "/cluster":
                self.answer(200, "application/json", json.dumps(state.cluster()).encode())
            elif self.path == "/metrics":
                self.answer(200, "text/plain; version=0.0.4", state.metrics().encode())
            else:
                self.answer(404, "text/plain", b"not here\n")

    def answer(self, status, kind, body):
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **HEADERS}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Listener(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.open = set()

    def finish_request(self, request, client_address):
        self.open.add(request)
        try:
            super().finish_request(request, client_address)
        finally:
            self.open.discard(request)

    def drop_connections(self):
        for connection in list(self.open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, *_):
        pass  # a browser that leaves, or that has no certificate, is no event here


class MockProxy:
    """`with MockProxy(certs, names) as mock:` serves on 127.0.0.1; `stop` and `start` play a proxy that goes and comes back."""

    def __init__(self, certs, names, port=0, ops=5000.0):
        self.certs = certs
        self.state = State(names, ops)
        self.port = port
        self.server = None

    @property
    def url(self):
        return f"https://127.0.0.1:{self.port}/"

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certs.cert("server"), self.certs.key("server"))
        context.load_verify_locations(self.certs.ca)
        context.verify_mode = ssl.CERT_REQUIRED
        self.server = Listener(("127.0.0.1", self.port), Handler)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.server.state = self.state
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self):
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server.drop_connections()
            self.server = None


def main():
    from harness.certs import CertSet

    count = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    names = [chr(ord("a") + number) if count <= 26 else f"shard-{number:03}" for number in range(count)]
    with MockProxy(CertSet(sys.argv[1]), names, int(sys.argv[3]) if len(sys.argv) > 3 else 0) as mock:
        print(mock.url, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
