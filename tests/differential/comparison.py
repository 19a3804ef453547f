"""Runs sequences of one type in one mode until something differs, and tells what as a script."""

import os
from pathlib import Path

from replies import parse
from script import format_script, golden_cases, parse_script
from sequences import sequence
from shrink import shrink

SEED = 1
ROOT = Path(__file__).resolve().parents[2]
REPLAY = "tests/differential/run"


class Differs(AssertionError):
    """The text has the shrunk script."""


def compare_sequences(session, mode, of_type, commands, seed=SEED):
    """At least so many commands. Every second sequence is in RESP3."""
    number = 0
    limit = session.seen.commands + commands
    while session.seen.commands < limit:
        lines = sequence(seed, of_type, number, session.tagged)
        check(session, lines, mode, f"{of_type}-{number}", f"seed {seed}, {of_type}, sequence {number}")
        number += 1


def compare_golden_scripts(session, mode):
    for title, lines in golden_cases(ROOT / "tests" / "golden" / "commands"):
        check(session, lines, mode, title.replace(" ", "-").replace("/", "-"), title)


def replay(session, path):
    if (found := session.run(parse_script(path.read_text()))) is not None:
        raise Differs(str(found))


def check(session, lines, mode, name, title):
    if (found := session.run(lines)) is None:
        return
    whole = saved(f"{mode}-{name}.whole.txt", lines)
    short, again = shrink(lines, session.run)
    if again is None:
        raise Differs(f"{title}, differs once and not again: {found}\nthe whole script: {whole}")
    path = saved(f"{mode}-{name}.txt", short)
    script = format_script(short)
    replay_it = f"replay: {REPLAY} --modes {mode} --replay {path} (before it was shrunk: {whole})"
    raise Differs(f"{title}, line {len(short)} of this script:\n{script}\n{again}\n{replay_it}")


def saved(name, lines):
    folder = Path(os.environ.get("RINGHOLD_TEST_BIN", ROOT / "build" / "bin")).parent / "differential"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(format_script(lines))
    return os.path.relpath(path)


# Seconds of the machine's own, references that others count, and the wording of help.
NOT_COMPARED = {"object|freq", "object|help", "object|idletime", "object|refcount"}


def store_commands(session):
    """The names of the commands on keys and values that both sides have, subcommands included."""
    ours, theirs = (names_of(side) for side in session.sides)
    return (ours & theirs) - NOT_COMPARED


def names_of(side):
    groups = {b"string", b"list", b"hash", b"set", b"sorted-set", b"sorted_set", b"bitmap", b"generic"}
    docs = parse(side.ask(b"COMMAND", b"DOCS"))
    names = set()

    def add(documents):
        for name, document in zip(documents[::2], documents[1::2]):
            facts = dict(zip(document[::2], document[1::2]))
            if facts[b"group"] in groups:
                subcommands = facts.get(b"subcommands", [])
                names.update([] if subcommands else [name.decode()])
                add(subcommands)

    add(docs)
    return names
