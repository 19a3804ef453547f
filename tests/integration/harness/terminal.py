"""A terminal for programs that want one: a pty, and a screen as people would see it."""

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
import unicodedata

from harness import workspace

_SEQUENCE = re.compile(r"\x1b(?:\[([?0-9;]*)([@-~])|[=>78])")


class Screen:
    """What a terminal shows of the bytes that it was sent: as much of one as these tests need."""

    def __init__(self, columns, rows):
        self.columns, self.rows = columns, rows
        self.main = None  # the main screen, while the alternate one is shown
        self.clear()

    def clear(self):
        self.cells = [[""] * self.columns for _ in range(self.rows)]
        self.dim = [[False] * self.columns for _ in range(self.rows)]
        self.row = self.column = 0
        self.wraps = self.is_dim = False

    def feed(self, text):
        """Returns what was not understood yet: the beginning of a sequence."""
        at = 0
        while at < len(text):
            if text[at] == "\x1b":
                found = _SEQUENCE.match(text, at)
                if not found:
                    return text[at:]
                self.obey(found.group(1), found.group(2))
                at = found.end()
            else:
                self.put(text[at])
                at += 1
        return ""

    def put(self, character):
        if character == "\r":
            self.column, self.wraps = 0, False
        elif character == "\n":
            self.wraps = False
            if self.row + 1 < self.rows:
                self.row += 1
            else:
                self.cells = [*self.cells[1:], [""] * self.columns]
                self.dim = [*self.dim[1:], [False] * self.columns]
        elif character == "\a":
            pass
        elif unicodedata.combining(character):
            self.cells[self.row][max(0, self.column - (0 if self.wraps else 1))] += character
        else:
            self.place(character, 2 if unicodedata.east_asian_width(character) in "WF" else 1)

    def place(self, character, width):
        if self.wraps or self.column + width > self.columns:
            self.put("\r")
            self.put("\n")
        self.cells[self.row][self.column] = character
        self.dim[self.row][self.column] = self.is_dim
        if width == 2:
            self.cells[self.row][self.column + 1] = None
        self.wraps = self.column + width >= self.columns
        self.column = min(self.column + width, self.columns - 1)

    def obey(self, parameters, letter):
        if letter is None:
            return
        if parameters.startswith("?"):
            self.set_mode(parameters[1:], letter == "h")
            return
        numbers = [int(number or 0) for number in parameters.split(";")]
        count = max(1, numbers[0])
        self.wraps = False
        if letter == "A":
            self.row = max(0, self.row - count)
        elif letter == "C":
            self.column = min(self.columns - 1, self.column + count)
        elif letter == "H":
            self.row, self.column = max(1, numbers[0]) - 1, (numbers[1] if len(numbers) > 1 else 1) - 1
        elif letter == "K":
            self.cells[self.row][self.column :] = [""] * (self.columns - self.column)
        elif letter == "J":
            first = 0 if numbers[0] == 2 else self.row + 1
            if numbers[0] != 2:
                self.cells[self.row][self.column :] = [""] * (self.columns - self.column)
            for row in range(first, self.rows):
                self.cells[row] = [""] * self.columns
        elif letter == "m":
            self.is_dim = numbers[0] in (2, 90)

    def set_mode(self, mode, on):
        if mode != "1049":
            return
        if on:
            self.main = (self.cells, self.row, self.column)
            self.cells = [[""] * self.columns for _ in range(self.rows)]
        elif self.main:
            self.cells, self.row, self.column = self.main
            self.main = None

    def lines(self):
        """Without blanks at their ends, and without the empty ones at the end."""
        lines = ["".join(cell or " " for cell in row if cell is not None).rstrip() for row in self.cells]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    def dim_text(self, row):
        """What is grey in a row."""
        cells = zip(self.cells[row], self.dim[row], strict=True)
        return "".join(cell or " " for cell, dim in cells if dim and cell is not None).rstrip()


class Terminal:
    """A program on a terminal of its own. `with` ends it, in whatever state it is."""

    def __init__(self, command, columns=100, rows=30, env=None, stdin=None, stdout=None):
        self.screen = Screen(columns, rows)
        self.raw = b""  # all that it has written
        self.unread = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            environment = {"HOME": str(workspace.folder()), "PATH": os.environ.get("PATH", ""), "TERM": "xterm-256color"}
            environment["LC_ALL"] = "C.UTF-8"
            fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            for number, file in ((0, stdin), (1, stdout)):
                if file is not None:
                    os.dup2(file.fileno(), number)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.execvpe(str(command[0]), [str(word) for word in command], {**environment, **(env or {})})
        self.broken = b""  # the beginning of a character
        os.set_blocking(self.fd, False)
        self.status = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.fd)

    def resize(self, columns, rows):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, text):
        data = text if isinstance(text, bytes) else text.encode()
        limit = time.monotonic() + 30
        while data:
            assert time.monotonic() < limit, "the program takes no more input"
            if select.select([], [self.fd], [], 0)[1]:
                with contextlib.suppress(BlockingIOError):
                    data = data[os.write(self.fd, data[:1024]) :]
            else:
                self.pump(0.05)  # it may wait for its output to be read, and take nothing meanwhile

    def paste(self, text):
        self.type("\x1b[200~" + text + "\x1b[201~")

    def pump(self, timeout):
        """Takes in what the program writes; False at its end."""
        while select.select([self.fd], [], [], timeout)[0]:
            try:
                data = os.read(self.fd, 65536)
            except BlockingIOError:
                return True
            except OSError:
                return False
            if not data:
                return False
            self.raw += data
            self.unread = self.screen.feed(self.unread + self.decode(data))
            timeout = 0
        return True

    def glimpse(self, text, timeout=10):
        """Reads until `text` has been written, and leaves the rest where it is: as over a slow line."""
        limit = time.monotonic() + timeout
        begin = len(self.raw)
        while text not in self.raw[begin:]:
            assert time.monotonic() < limit, f"{text!r} was not written: {self.raw[begin:]!r}"
            if select.select([self.fd], [], [], 0.05)[0]:
                data = os.read(self.fd, 1024)
                self.raw += data
                self.unread = self.screen.feed(self.unread + self.decode(data))

    def decode(self, data):
        self.broken += data
        for cut in range(4):
            try:
                text = self.broken[: len(self.broken) - cut].decode()
            except UnicodeDecodeError:
                continue
            self.broken = self.broken[len(self.broken) - cut :]
            return text
        text, self.broken = self.broken.decode(errors="replace"), b""
        return text

    def until(self, condition, what, timeout=10):
        """Waits until `condition`, given the lines of the screen, is true."""
        limit = time.monotonic() + timeout
        alive = True
        while not condition(self.screen.lines()):
            shown = "\n".join(self.screen.lines())
            assert alive and time.monotonic() < limit, f"{what}; the screen:\n{shown}"
            alive = self.pump(0.05)

    def shows(self, text, timeout=10):
        self.until(lambda lines: text in "\n".join(lines), f"{text!r} is not shown", timeout)

    def ends_with(self, *lines, timeout=10):
        """Waits until these are the last lines of the screen."""
        wanted = [line.rstrip() for line in lines]
        self.until(lambda shown: shown[-len(wanted) :] == wanted, f"the last lines are not {wanted}", timeout)

    def wait(self, timeout=10):
        """The exit status."""
        limit = time.monotonic() + timeout
        while self.status is None:
            assert time.monotonic() < limit, "it does not end:\n" + "\n".join(self.screen.lines())
            self.pump(0.02)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        self.pump(0)
        return self.status

    def modes(self):
        """Of the terminal: local flags."""
        return termios.tcgetattr(self.fd)[3]
