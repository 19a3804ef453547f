"""Clients that read and write all the time, and remember every answer that they had no reason to expect."""

import threading
import time


class Load:
    """`with Load(node) as load:` each thread sets and gets keys of its own: one writer per key, so a reply is either what
    was written last or, where slots may move without their data, nothing. `load.check()` at the end."""

    def __init__(self, node, threads=2, keys=200, prefix="load", may_forget=False, pipeline=0, **options):
        self.node = node
        self.keys = keys
        self.prefix = prefix
        self.may_forget = may_forget
        self.pipeline = pipeline
        self.options = options
        self.problems = []
        self.requests = 0
        self.slowest = 0.0
        self.forgotten = 0
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(number,), daemon=True) for number in range(threads)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        for thread in self._threads:
            thread.join(30)
            if thread.is_alive():
                self.problems.append("a client hangs")

    def check(self, requests_min=50):
        assert not self.problems, f"{len(self.problems)} bad replies, the first: {self.problems[:5]}"
        assert self.requests >= requests_min, f"only {self.requests} requests were made"

    def _run(self, number):
        client = self.node.redis(**self.options)
        written = {}
        turn = 0
        while not self._stop.is_set() and len(self.problems) < 100:
            turn += 1
            key = f"{self.prefix}:{number}:{turn % self.keys}"
            started = time.monotonic()
            try:
                if self.pipeline:
                    self._pipeline_step(client, written, number, turn)
                else:
                    self._step(client, written, key, turn)
            except Exception as error:  # noqa: BLE001: that is what is being looked for
                self.problems.append(f"{key}: {type(error).__name__}: {error}")
            self.slowest = max(self.slowest, time.monotonic() - started)
        client.close()

    def _step(self, client, written, key, turn):
        self._compare(key, written.get(key), client.get(key), written)
        value = f"{key}={turn}"
        client.set(key, value)
        written[key] = value
        self.requests += 2

    def _pipeline_step(self, client, written, number, turn):
        names = [f"{self.prefix}:{number}:{(turn * self.pipeline + i) % self.keys}" for i in range(self.pipeline)]
        pipe = client.pipeline(transaction=False)
        for name in names:
            pipe.get(name)
            pipe.set(name, f"{name}={turn}")
        replies = pipe.execute()
        for name, reply in zip(names, replies[::2]):
            self._compare(name, written.get(name), reply, written)
            written[name] = f"{name}={turn}"
        self.requests += len(replies)

    def _compare(self, key, expected, reply, written):
        if reply == expected:
            return
        if reply is None and self.may_forget:
            self.forgotten += 1
            written.pop(key, None)
        else:
            self.problems.append(f"{key}: expected {expected!r}, got {reply!r}")
