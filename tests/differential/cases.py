"""The suite `differential`: one case for each mode and type, then whether every command of the store has taken part."""

import contextlib

from comparison import SEED, compare_golden_scripts, compare_sequences, store_commands
from harness.case import FULL, SANITIZED, Skip, case, note
from sequences import TYPES
from servers import NoRedis, session

COMMANDS_PER_CASE = 30_000 * (10 if FULL else 1) // (10 if SANITIZED else 1)
# For the commands, and for shrinking the sequence that fails.
TIMEOUT = 300 if FULL else 150
MODES = {"direct": "direct", "proxy": "proxy"}
EACH_TYPE = {name: name for name in TYPES}

_answered = {}  # (mode, type) → names of commands
_known = {}  # mode → names of the store's commands


@case(timeout=TIMEOUT, variants=MODES)
def golden(mode):
    with connected(mode) as pair:
        compare_golden_scripts(pair, mode)
        note(f"{pair.seen.commands} commands")


@case(timeout=TIMEOUT, variants=EACH_TYPE)
def direct(of_type):
    compare("direct", of_type)


@case(timeout=TIMEOUT, variants=EACH_TYPE)
def proxy(of_type):
    compare("proxy", of_type)


@case(variants=MODES)
def coverage(mode):
    answered = [_answered[mode, of_type] for of_type in TYPES if (mode, of_type) in _answered]
    if len(answered) < len(TYPES):
        raise Skip("needs the cases of all types in this run")
    missing = _known[mode] - set().union(*answered)
    assert not missing, f"never answered but by an error; sequences.py should draw them: {sorted(missing)}"
    note(f"{len(_known[mode])} commands of the store had answers")


def compare(mode, of_type):
    with connected(mode) as pair:
        compare_sequences(pair, mode, of_type, COMMANDS_PER_CASE, SEED)
        seen = pair.seen
        _known[mode] = store_commands(pair)
        _answered[mode, of_type] = seen.answered
        witnesses = f"and {seen.witnesses} to judge them by"
        note(f"{seen.commands} commands, {witnesses}; {seen.judged} replies equal but for order or random picks")


@contextlib.contextmanager
def connected(mode):
    try:
        with session(mode) as pair:
            yield pair
    except NoRedis as reason:
        raise Skip(str(reason)) from None
