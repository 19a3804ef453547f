"""Waiting on conditions, never on time alone."""

import time


def eventually(condition, what, timeout=10.0, interval=0.02):
    """Calls `condition` until it gives something true, and returns that. An exception counts as not yet."""
    limit = time.monotonic() + timeout
    problem = None
    while True:
        try:
            result = condition()
            if result:
                return result
            problem = None
        except Exception as error:  # noqa: BLE001: told below if it does not pass
            problem = error
        if time.monotonic() > limit:
            raise AssertionError(f"not within {timeout} s: {what}" + (f" (last: {problem!r})" if problem else ""))
        time.sleep(interval)


def holds_for(condition, what, seconds, interval=0.05):
    """The opposite: `condition` must stay true for that long."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        assert condition(), f"did not stay so for {seconds} s: {what}"
        time.sleep(interval)
