"""Runs the rows: in rounds, the systems taking turns, each round beginning with another one."""

import contextlib
import fnmatch

import rows_backup
import rows_handshakes
import rows_memory
import rows_speed
import table
from peers import Missing
from processes import Failed
from rows import OURS, Group


def all_groups():
    return [*rows_speed.groups(), *rows_memory.groups(), *rows_handshakes.groups(), *rows_backup.groups()]


def chosen(rows, peers):
    """The groups with the rows and the systems that match the patterns; Ringhold is always among the systems."""
    groups = []
    for group in all_groups():
        wanted = [row for row in group.rows if matches(row.name, rows)]
        systems = tuple(name for name in group.systems if name == OURS or matches(name, peers))
        if wanted:
            groups.append(Group(systems, group.open, wanted, group.rounds_max))
    return groups


def matches(name, patterns):
    return not patterns or any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def run_groups(bench, groups, results, say, save):
    """`save` is called after each row: a run that is interrupted has what it has measured."""
    for group in groups:
        with contextlib.ExitStack() as stack:
            targets = {}
            for name in group.systems:
                try:
                    targets[name] = stack.enter_context(group.open(bench, name))
                except (Failed, Missing, OSError, AssertionError) as reason:
                    for row in group.rows:
                        skip(results, row.name, name, reason, say)
            for row in group.rows:
                run_row(bench, row, targets, min(bench.rounds, group.rounds_max), results, say)
                save()


def run_row(bench, row, targets, rounds, results, say):
    results.begin(row)
    names = list(targets)
    for name in list(names):
        if row.warm_up and not attempt(results, row, name, say, lambda: row.warm_up(bench, targets[name])):
            names.remove(name)
    for number in range(rounds):
        turn = number % len(names) if names else 0
        for name in names[turn:] + names[:turn]:

            def measure(name=name):
                results.add(row.name, name, row.measure(bench, targets[name]))

            if not attempt(results, row, name, say, measure):
                results.drop(row.name, name)
                names.remove(name)
    if results.samples[row.name]:
        say(table.of_row(row, results.samples[row.name]))


def attempt(results, row, name, say, action):
    try:
        action()
        return True
    except (Failed, Missing, OSError, AssertionError) as reason:
        skip(results, row.name, name, reason, say)
        return False


def skip(results, row, system, reason, say):
    results.skip(row, system, str(reason))
    say(f"SKIP {row} {system}: {reason}")
