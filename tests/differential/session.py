"""Runs scripts on both sides and finds the first reply that differs."""

import time
from dataclasses import dataclass, field

from harness.wait import eventually
from replies import is_error, printable, split
from same_reply import Exchange, same_reply
from scan import whole_iteration
from script import format_line, is_directive, moved
from side import Lost
from witnesses import around

# A batch has to fit into the buffers of a connection that nobody reads meanwhile.
BATCH_BYTES_MAX = 48_000
BATCH_COMMANDS_MAX = 120
# Longer than either side needs to find what has expired.
EXPIRE_SECONDS = 0.3
# What Redis Cluster would answer, too, to a command that has left the one hash tag by mistake.
_OF_A_CLUSTER = (b"-CROSSSLOT ", b"-ERR BY option of SORT denied in Cluster", b"-ERR GET option of SORT denied in Cluster")


@dataclass
class Difference:
    at: int  # the line's index in the script
    line: list
    ours: str
    theirs: str

    def __str__(self):
        return f"{format_line(self.line)[:2000]}\n  ringhold {self.ours}\n  redis    {self.theirs}"


@dataclass
class Seen:
    """What was sent, over all scripts."""

    commands: int = 0  # of the scripts, without their witnesses
    witnesses: int = 0
    judged: int = 0  # replies that differed, and are as good as each other
    left: int = 0  # scripts that ended early, because one side alone has done something: see _OF_A_CLUSTER
    answered: set = field(default_factory=set)  # the commands that had a reply other than an error


@dataclass
class Session:
    ours: object  # Side
    theirs: object  # Side
    clock: object
    tagged: bool  # ours is a cluster
    seen: Seen = field(default_factory=Seen)

    @property
    def sides(self):
        return self.ours, self.theirs

    def run(self, script):
        """The first Difference, or None. Starts from nothing: no keys, RESP2."""
        return _Run(self, script).find_difference()


class _End(Exception):
    """Of a script, before its last line; with a Difference, or without."""

    def __init__(self, difference=None):
        super().__init__()
        self.difference = difference


class _Run:
    """One script on its way. Commands are sent by the batch; directives, and what must be seen to at once, end a batch."""

    def __init__(self, session, script):
        self.session = session
        self.sides = session.sides
        self.seen = session.seen
        self.clock = session.clock
        self.script = script
        self.batch = []  # (index of the line, command)
        self.batch_bytes = 0
        self.moved_by = self.clock.to_next_start()

    def find_difference(self):
        at = 0
        try:
            self.reset()
            for at, line in enumerate(self.script):
                if is_directive(line):
                    self.flush()
                    self.obey(at, line)
                else:
                    self.add(at, line)
            self.flush()
        except _End as end:
            return end.difference
        except Lost as lost:
            for side in self.sides:
                side.close()  # with the replies that nobody has read
            ours, theirs = (lost.reason if side is lost.side else "" for side in self.sides)
            return Difference(at, self.script[at], ours, theirs)
        return None

    def reset(self):
        for side in self.sides:
            # One that has crashed in the last script may take a while to end, and to be found again.
            eventually(lambda side=side: side.revive() or not is_error(side.ask(b"FLUSHALL")), "FLUSHALL", 30)
            side.ask(b"HELLO", b"2")

    def obey(self, at, line):
        name = line[0]
        if name == b"@advance":
            self.clock.advance(int(line[1]))
        elif name == b"@resp":
            for side in self.sides:
                side.ask(b"HELLO", line[1])
        elif name == b"@expire":
            time.sleep(EXPIRE_SECONDS)
        elif name == b"@scan":
            self.seen.commands += 1
            ours, theirs = (whole_iteration(side, line[1:]) for side in self.sides)
            if ours != theirs:
                raise _End(Difference(at, line, str(ours)[:2000], str(theirs)[:2000]))
            if isinstance(ours, list):
                self.seen.answered.add(command_name(line[1:]))
        else:
            raise ValueError(f"there is no directive {format_line(line)}")

    def add(self, at, line):
        before, after = around(line)
        commands = [*before, line, *after]
        size = sum(len(arg) + 16 for args in commands for arg in args)
        if self.batch_bytes + size > BATCH_BYTES_MAX or len(self.batch) >= BATCH_COMMANDS_MAX:
            self.flush()
        self.seen.commands += 1
        self.seen.witnesses += len(commands) - 1
        self.batch_bytes += size
        self.batch += [(at, moved(args, self.moved_by)) for args in commands]
        # It leaves different members behind, which have to go before anybody looks.
        if line[0].upper() == b"SPOP":
            self.flush()

    def flush(self):
        """Sends the batch and compares the replies."""
        if not self.batch:
            return
        lines, commands = zip(*self.batch)
        self.batch, self.batch_bytes = [], 0
        for side in self.sides:
            side.send(commands)
        ours, theirs = (side.receive() for side in self.sides)
        # Mostly they are the same bytes, and nobody has to look into them.
        if ours != theirs or not self.seen.answered.issuperset(map(command_name, commands)):
            count = len(commands)
            self.judge(lines, list(map(Exchange, commands, split(ours, count), split(theirs, count))))

    def judge(self, lines, exchanges):
        for i, one in enumerate(exchanges):
            if not is_error(one.theirs):
                self.seen.answered.add(command_name(one.args))
            if one.ours == one.theirs or self.left_the_tag(one):
                continue
            before = exchanges[i - 1] if i > 0 else None
            after = exchanges[i + 1] if i + 1 < len(exchanges) else None
            if not same_reply(one, before, after):
                raise _End(Difference(lines[i], one.args, printable(one.ours), printable(one.theirs)))
            self.seen.judged += 1
            if one.args[0].upper() == b"SPOP":
                for side in self.sides:
                    side.ask(b"DEL", one.args[1])
                return  # what follows has witnessed it

    def left_the_tag(self, exchange):
        if not self.session.tagged or not exchange.ours.startswith(_OF_A_CLUSTER):
            return False
        if is_error(exchange.theirs):
            return True
        self.seen.left += 1
        raise _End


def command_name(args):
    """As the command table has it: in small letters, with the subcommand."""
    name = args[0].lower().decode(errors="replace")
    return f"{name}|{args[1].lower().decode(errors='replace')}" if name == "object" and len(args) > 1 else name
