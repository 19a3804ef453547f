"""A case is a function of a test_*.py file, marked with @case; its name is the file's and the function's."""

import os
from dataclasses import dataclass

FULL = bool(os.environ.get("RINGHOLD_TEST_FULL"))
SANITIZED = bool(os.environ.get("RINGHOLD_TEST_SANITIZED"))

CASES = []


class Skip(Exception):
    """Raised by a case that cannot run here; its text says why."""


@dataclass
class Case:
    function: object
    name: str
    timeout: int


class Notes(list):
    """Lines that a passing case shows beside its name: figures, mostly."""

    def add(self, text):
        self.append(text)


NOTES = Notes()


def note(text):
    NOTES.add(text)


def case(timeout=60, full_only=False, variants=None):
    """Declares a case. `variants`: a dict name → argument makes one case of each; a full_only case runs in `all` alone."""

    def declare(function):
        if not full_only or FULL:
            limit = timeout * (3 if SANITIZED else 1)
            if variants is None:
                CASES.append(Case(function, function.__name__, limit))
            else:
                for name, argument in variants.items():
                    bound = lambda argument=argument: function(argument)  # noqa: E731
                    CASES.append(Case(bound, f"{function.__name__}.{name}", limit))
        return function

    return declare
