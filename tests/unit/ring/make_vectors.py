#!/usr/bin/python3
"""Writes vectors.json: the ring as docs/ring.md describes it, written a second time, from the text alone.

    tests/unit/ring/make_vectors.py > tests/unit/ring/vectors.json      (needs python3-xxhash)

It is slow and plain on purpose. The unit tests compare cluster/ring with its output.
"""

import bisect
import json
import sys
from fractions import Fraction

import xxhash

SLOTS = 16384


def xxh3(text):
    return xxhash.xxh3_64_intdigest(text.encode())


def quotas(shards):
    """{name: slots} by largest remainder."""
    total = sum(shards.values())
    shares = {name: Fraction(SLOTS * weight, total) for name, weight in shards.items()}
    due = {name: int(share) for name, share in shares.items()}
    by_remainder = sorted(shards, key=lambda name: (due[name] - shares[name], name))
    for name in by_remainder[: SLOTS - sum(due.values())]:
        due[name] += 1
    return due


def ring(shards):
    """All points as a sorted list of (position, name)."""
    least = min(shards.values())
    points = []
    for name, weight in shards.items():
        for i in range(max(1, min(16000, 160 * weight // least))):
            points.append((xxh3(f"{name}#{i}"), name))
    return sorted(points)


def clockwise(points, slot):
    """Names in the order in which their points follow the slot, with repetitions."""
    at = bisect.bisect_left(points, (xxh3(str(slot)), ""))
    for _, name in points[at:] + points[:at]:
        yield name


def rebalance(current, shards):
    """current: a list of 16384 names (None: no owner). Returns the new list."""
    due, points, table = quotas(shards), ring(shards), list(current)
    owned = {name: table.count(name) for name in shards}

    def place(slot, stay):
        for name in clockwise(points, slot):
            if name == stay:
                return
            if owned[name] < due[name]:
                break
        if table[slot] is not None:
            owned[table[slot]] -= 1
        owned[name] += 1
        table[slot] = name

    for slot in range(SLOTS):
        if table[slot] is None or owned[table[slot]] > due[table[slot]]:
            place(slot, stay=table[slot])
    for slot in range(SLOTS):
        if owned[table[slot]] > due[table[slot]]:
            place(slot, stay=None)
    return table


CASES = [
    # A list of steps; each step is the list of shards after an edit, with weights. The first is placed fresh.
    [{"a": 1}, {"a": 1, "b": 1}],
    [{"a": 1, "b": 1, "c": 1}, {"a": 1, "b": 1, "c": 1, "d": 1}, {"a": 1, "c": 1, "d": 1}, {"a": 1, "b": 1, "c": 1, "d": 1}],
    [{"a": 1, "b": 2, "c": 5}, {"a": 1, "b": 2, "c": 1}, {"c": 1}],
    [{"127.0.0.1:9501": 500, "127.0.0.1:9502": 500, "[::1]:9503": 333}, {"127.0.0.1:9501": 500, "127.0.0.1:9504": 500, "[::1]:9503": 999}],
    [{"small": 1, "large": 1000000}, {"small": 1, "large": 1000000, "middle": 5000}],
    [{f"shard-{i}": 1 + i % 3 for i in range(50)}, {f"shard-{i}": 1 + i % 4 for i in range(3, 53)}],
]


def describe(shards, table, before):
    return {
        "shards": [{"name": name, "weight": weight} for name, weight in shards.items()],
        "quotas": quotas(shards),
        "first_owners": table[:12],
        "moved": sum(new != old for new, old in zip(table, before) if old is not None),
        # XXH3-64 of the owners of slots 0, 1, 2 … 16383, each name followed by a line feed, in hex.
        "checksum": f"{xxh3(''.join(name + chr(10) for name in table)):016x}",
    }


def main():
    cases = []
    for steps in CASES:
        table, described = [None] * SLOTS, []
        for shards in steps:
            before = [name if name in shards else None for name in table]
            after = rebalance(before, shards)
            described.append(describe(shards, after, table))
            table = after
        cases.append(described)
    points = {text: f"{xxh3(text):016x}" for text in ["0", "16383", "a#0", "a#159", "127.0.0.1:9501#0"]}
    json.dump({"xxh3": points, "cases": cases}, sys.stdout, indent=1, ensure_ascii=False)
    print()


main()
