"""TLS handshakes per second of the server's CPU time, client certificates verified: full ones, and resumed ones.

A handshake here is a connection: accepted, one question answered (the session's ticket comes before that answer), closed.
"""

import contextlib
import functools

import measure
import wire
from processes import Failed
from rows import Group, Row
from systems import DIRECT, PROXIED


def groups():
    made = []
    for mode, kinds in (("direct", DIRECT), ("proxied", PROXIED)):
        rows = [
            Row(
                f"handshakes.{kind}.{mode}",
                f"{kind} handshakes, {mode}; 'resumed' is the share that the server did resume",
                functools.partial(handshakes, resume=kind == "resumed"),
            )
            for kind in ("full", "resumed")
        ]
        made.append(Group(tuple(kinds), functools.partial(open_started, kinds=kinds), rows))
    return made


@contextlib.contextmanager
def open_started(bench, name, kinds):
    with kinds[name](bench) as system:
        yield system


def handshakes(bench, system, resume):
    count = bench.counts.handshakes
    request = system.encode("GET", "x")
    _, session = one(bench, system, request, None)
    before = measure.cpu_ns(system.pids)
    resumed = 0
    for _ in range(count):
        reused, latest = one(bench, system, request, session if resume else None)
        resumed += reused
        session = latest or session
    used = measure.cpu_ns(system.pids) - before
    if not resume and resumed:
        raise Failed("sessions were resumed that should not have been")
    if resume and not resumed:
        raise Failed("it resumes no session")
    sample = {"handshakes_per_cpu_s": count / (used / 1e9)}
    return {**sample, "resumed_share": resumed / count} if resume else sample


def one(bench, system, request, session):
    """Whether it was resumed, and the session to resume next: a ticket is good for one time."""
    with wire.connect(system.port, bench.context(), session) as connection:
        wire.ask(connection, request)
        return connection.session_reused, connection.session
