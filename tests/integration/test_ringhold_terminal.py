"""The client `ringhold` at a terminal: what a person types, and what is shown."""

import json
import os
import re
import signal
import stat
import termios
import time

from harness import workspace
from harness.case import SANITIZED, case
from harness.cluster import Cluster, standalone
from harness.terminal import Terminal
from harness.wait import eventually

REFUSED = "connection refused"


def client(node, *words, who="client", history="", **options):
    flags = ["--addr", f"127.0.0.1:{node.port}", *node.certs.client_flags(who)]
    env = {"RINGHOLD_HISTORY": str(history), **options.pop("env", {})}
    return Terminal([workspace.CLIENT, *flags, *words], env=env, **options)


def prompt(node):
    return f"127.0.0.1:{node.port}>"


def run_line(terminal, node, line, *reply):
    """Types a line, and waits for what it prints and the next prompt."""
    terminal.type(line + "\r")
    terminal.ends_with(f"{prompt(node)} {line}".rstrip(), *reply, prompt(node))


@case()
def replies():
    with standalone() as server, client(server) as terminal:
        terminal.ends_with(prompt(server))
        run_line(terminal, server, "SET k v", "OK")
        run_line(terminal, server, "GET k", '"v"')
        run_line(terminal, server, "GET none", "(nil)")
        run_line(terminal, server, "INCR n", "(integer) 1")
        run_line(terminal, server, "3 INCR n", "(integer) 2", "(integer) 3", "(integer) 4")
        run_line(terminal, server, "INCR k", "(error) ERR value is not an integer or out of range")
        run_line(terminal, server, "MGET k none", '1) "v"', "2) (nil)")
        run_line(terminal, server, 'SET "k', "Invalid argument(s)")
        run_line(terminal, server, "")
        assert b"\x1b[31m(error)" in terminal.raw, "errors are not red"
        terminal.type("quit\r")
        assert terminal.wait() == 0


@case()
def no_colours():
    with standalone() as server:
        with client(server, env={"NO_COLOR": "1"}) as terminal:
            terminal.ends_with(prompt(server))
            run_line(terminal, server, "INCR n", "(integer) 1")
            assert not re.search(rb"\x1b\[[39]\d?m", terminal.raw), terminal.raw
        with client(server, "--color", "never", "PING") as terminal:
            assert terminal.wait() == 0 and b"\x1b" not in terminal.raw, terminal.raw
        assert b"\x1b[32mOK" in server.ringhold("--color", "always", "--no-raw", "SET", "k", "v").stdout.encode()


@case()
def completion():
    with standalone() as server, client(server) as terminal:
        at = prompt(server) + " "

        def completes(typed, line):
            terminal.type(typed)

            def is_shown(lines):
                return lines[-1].startswith((at + line).rstrip()) and terminal.screen.column >= len(at + line)

            terminal.until(is_shown, f"{typed!r} does not give {line!r}")
            terminal.type("\x03")  # Ctrl-C drops the line
            terminal.ends_with(prompt(server))

        terminal.ends_with(prompt(server))
        completes("getra\t", "getrange ")
        completes("GETRA\t", "GETRANGE ")
        completes("config res\t", "config resetstat ")
        completes("SET k v n\tx", "SET k v nx x")
        completes("SET k v KEEP\t", "SET k v KEEPTTL ")
        completes("sort k DE\t", "sort k DESC ")
        completes("linsert k bef\t", "linsert k before ")
        completes("help @str\t", "help @string ")
        completes("help LINS\t", "help LINSERT ")
        completes("stat\t", "status ")
        # Several: as far as they agree, then a list of them.
        terminal.type("ZADD k \t")
        terminal.shows("CH    GT    INCR  LT    NX    XX")
        terminal.type("\x03")
        terminal.type("zrangeb\t")
        terminal.until(lambda lines: lines[-1].startswith(at + "zrangeby"), "no common beginning")
        terminal.type("\t")
        terminal.shows("zrangebylex    zrangebyscore")
        # Nothing where a key stands.
        terminal.type("\x03GET k\t\t!")
        terminal.until(lambda lines: lines[-1] == at + "GET k!", "a key was completed")


@case()
def hints():
    with standalone() as server, client(server, columns=140) as terminal:
        at = len(prompt(server)) + 1

        def hinted(typed, line, hint):
            terminal.type(typed)

            def is_shown(lines):
                row = len(lines) - 1
                return lines[row][at:].startswith(line.rstrip()) and terminal.screen.dim_text(row).strip() == hint

            terminal.until(is_shown, f"behind {line!r} there is no {hint!r}")
            assert terminal.screen.column == at + len(line), "the cursor does not stand behind what was typed"

        terminal.ends_with(prompt(server))
        hinted("get", "get", "key")
        hinted("range k", "getrange k", "start end")
        hinted(" 0", "getrange k 0", "end")
        hinted(" 1", "getrange k 0 1", "")
        hinted("\x15EXPIRE k 1 ", "EXPIRE k 1 ", "[NX | XX | GT | LT]")
        hinted("\x15SET k v EX ", "SET k v EX ", "seconds [NX | XX] [GET]")
        hinted("60 nx ", "SET k v EX 60 nx ", "[GET]")
        hinted("\x15MGET a ", "MGET a ", "[key ...]")
        hinted("\x15zunion 2 a ", "zunion 2 a ", "[key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>] [WITHSCORES]")
        hinted("b weights 1 ", "zunion 2 a b weights 1 ", "[weight ...] [AGGREGATE <SUM | MIN | MAX>] [WITHSCORES]")
        hinted("2 aggregate ", "zunion 2 a b weights 1 2 aggregate ", "<SUM | MIN | MAX> [WITHSCORES]")
        hinted("max ", "zunion 2 a b weights 1 2 aggregate max ", "[WITHSCORES]")
        hinted("\x15config ", "config ", "<GET | HELP | RESETSTAT | SET>")
        # Only behind the end of the line; and none of it stays when the line is sent.
        hinted("\x15get", "get", "key")
        terminal.type("\x02")
        terminal.until(lambda lines: lines[-1].endswith("> get"), "a hint behind a cursor within the line")
        terminal.type("\r")
        terminal.shows("wrong number of arguments")
        assert any(line.endswith("> get") for line in terminal.screen.lines()), terminal.screen.lines()


@case()
def keys_of_editing():
    with standalone() as server, client(server) as terminal:
        def gives(keys, line):
            terminal.type("\x05\x15" + keys)
            terminal.until(lambda lines: lines[-1].rstrip() == f"{prompt(server)} {line}".rstrip(), f"{keys!r}")

        terminal.ends_with(prompt(server))
        gives("xbc\x01\x1b[3~a\x05d", "abcd")  # Ctrl-A, Delete, Ctrl-E
        gives("ab\x1b[D\x1b[DX\x1b[C\x7fY", "XYb")  # arrows, Backspace
        gives("one two\x17three", "one three")  # Ctrl-W
        gives("one two\x1bb\x0bX\x19", "one Xtwo")  # Alt-B, Ctrl-K, Ctrl-Y
        gives("ab\x14", "ba")  # Ctrl-T
        gives("one two\x01\x1b[1;5C!\x1bd", "one!")  # Ctrl-Right, Alt-D
        gives("x\x1b[99~y\x1bOHz", "zxy")  # a sequence of no meaning; Home in another dialect
        gives("p\x04q", "pq")  # Ctrl-D at the end of a line does not end
        terminal.type("\x03")
        terminal.shows("pq^C")
        terminal.ends_with(prompt(server))
        terminal.type("\x0c")  # Ctrl-L
        terminal.until(lambda lines: lines == [prompt(server)], "the screen is not cleared")
        terminal.type("\x04")
        assert terminal.wait() == 0


@case()
def history():
    file = workspace.new_folder("history") / "file"
    with standalone() as server:
        with client(server, history=file) as terminal:
            terminal.ends_with(prompt(server))
            for number in range(3):
                run_line(terminal, server, f"GET k{number}", "(nil)")
            for line in ("AUTH hush", "HELLO 3 AUTH default hush", 'AUTH "hush', "CONFIG SET requirepass hush", "5 auth hush"):
                before = terminal.raw.count(b"hush")
                terminal.type(line + "\r")
                terminal.until(lambda lines: terminal.raw.count(b"hush") > before and lines[-1] == prompt(server), line)
            terminal.type("\x1b[A\x1b[A")  # up, up
            terminal.ends_with(f"{prompt(server)} GET k1")
            terminal.type("\x1b[B\x1b[B")
            terminal.ends_with(prompt(server))
            terminal.type("\x04")
            assert terminal.wait() == 0
        assert file.read_text() == "GET k0\nGET k1\nGET k2\n", file.read_text()
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        file.write_text("GET k0\nGET k1\nGET k2\n")
        file.chmod(0o644)
        with client(server, history=file) as terminal:
            terminal.ends_with(prompt(server))
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, "a history that others can read stays so"
            terminal.type("\x12k1")  # Ctrl-R
            terminal.ends_with("(history) 'k1': GET k1")
            terminal.type("\r")
            terminal.ends_with("(nil)", prompt(server))
            terminal.type("\x12get\x12\x12")
            terminal.ends_with("(history) 'get': GET k1")
            terminal.type("\x07")  # Ctrl-G
            terminal.ends_with(prompt(server))
            terminal.type("\x12nosuch")
            terminal.shows("not in the history")


@case()
def history_is_bounded():
    file = workspace.new_folder("history") / "file"
    file.write_text("".join(f"GET key:{number}\n" for number in range(5000)))
    with standalone() as server, client(server, history=file) as terminal:
        terminal.ends_with(prompt(server))
        lines = file.read_text().splitlines()
        assert len(lines) == 1000 and lines[-1] == "GET key:4999", (len(lines), lines[-1])


PASTED = 'SET p:1 one\nSET p:2 "two  words\ttab"\nINCR p:n\n\nINCR p:n\nGET p:2'


@case(variants={"bracketed": True, "plain": False})
def paste_of_many_lines(bracketed):
    """Each line runs once, in order; the last one, which has no end, waits to be finished."""
    with standalone() as server, client(server) as terminal:
        terminal.ends_with(prompt(server))
        text = PASTED if bracketed else PASTED.replace("\t", "").replace("\n", "\r")
        (terminal.paste if bracketed else terminal.type)(text)
        at = prompt(server)
        second = 'SET p:2 "two  words^Itab"' if bracketed else 'SET p:2 "two  wordstab"'
        terminal.ends_with(f"{at} SET p:1 one", "OK", f"{at} {second}", "OK", f"{at} INCR p:n", "(integer) 1", at,
                           f"{at} INCR p:n", "(integer) 2", f"{at} GET p:2")
        terminal.type("\r")
        terminal.ends_with('"two  words\\ttab"' if bracketed else '"two  wordstab"', at)


@case()
def long_paste():
    """Many lines, and one that is longer than the screen is large."""
    with standalone() as server, client(server, rows=10) as terminal:
        terminal.ends_with(prompt(server))
        count = 2000
        terminal.paste("".join(f"RPUSH list {number}\n" for number in range(count)))
        terminal.until(lambda lines: lines[-2:] == [f"(integer) {count}", prompt(server)], "not all were run", 30)
        value = "".join(str(number % 10) for number in range(200_000))
        terminal.paste(f"SET long {value}\n")
        terminal.ends_with("OK", prompt(server), timeout=20)
        with server.redis() as redis:
            assert redis.lrange("list", 0, -1) == [str(number) for number in range(count)]
            assert redis.get("long") == value


@case()
def unicode_text():
    """Wide characters take two columns, accents none; both are one for the cursor and for Backspace."""
    with standalone() as server, client(server, columns=60) as terminal:
        at = len(prompt(server)) + 1
        terminal.ends_with(prompt(server))
        terminal.type("SET 世界 e\u0301te\u0301")
        terminal.until(lambda lines: "SET 世界 e\u0301te\u0301" in lines[-1], "not shown as typed")
        assert terminal.screen.column == at + len("SET ") + 4 + 1 + 3, terminal.screen.column
        terminal.type("\x1b[D")
        terminal.until(lambda _: terminal.screen.column == at + 4 + 4 + 1 + 2, "an accent is a place for the cursor")
        terminal.type("\x05\x7fa\x01\x1b[C\x1b[C\x1b[C\x1b[C\x1b[C\x1b[3~\r")
        terminal.ends_with(prompt(server) + " SET 世 e\u0301ta", "OK", prompt(server))
        run_line(terminal, server, "GET 世", '"e\u0301ta"')
        with server.redis() as redis:
            assert redis.get("世") == "e\u0301ta"
            redis.set("odd", b"\xff\xe4\xb8\x1b[31m\xc2\x9b \xe2\x80\xae")
        # What a terminal would obey, or cannot show, is never sent to it.
        run_line(terminal, server, "GET odd", r'"\xff\xe4\xb8\x1b[31m\xc2\x9b \xe2\x80\xae"')
        # Over the edge of the screen: a wide character is not cut in two.
        terminal.type("SET w " + "界" * 30)
        terminal.until(lambda lines: lines[-1].count("界") + lines[-2].count("界") == 30, "lost at the edge")
        terminal.type("\x7f" * 29 + "\r")
        terminal.ends_with(prompt(server) + " SET w 界", "OK", prompt(server))


@case()
def interrupted_reply():
    """Ctrl-C while a long reply is printed: it stops soon, and the next command's reply is its own."""
    with standalone() as server:
        with server.redis() as redis:
            for first in range(0, 400_000, 10_000):
                redis.rpush("list", *(f"item:{number}" for number in range(first, first + 10_000)))
        with client(server) as terminal:
            terminal.ends_with(prompt(server))
            terminal.type("LRANGE list 0 -1\r")
            terminal.glimpse(b"item:50")
            began = time.monotonic()
            terminal.type("\x03")
            terminal.ends_with(prompt(server), timeout=5)
            assert time.monotonic() - began < 2, "it goes on for long"
            terminal.shows("Stopped")
            assert b"item:399999" not in terminal.raw
            run_line(terminal, server, "PING", "PONG")
            # Before it has come at all, and even where Ctrl-C comes together with the line.
            server.pause()
            terminal.type("GET nothing\r\x03")
            terminal.shows("Interrupted.", timeout=3)
            server.resume()
            terminal.ends_with(prompt(server))
            run_line(terminal, server, "PING", "PONG")


@case()
def lost_connection():
    with standalone() as server, client(server) as terminal:
        terminal.ends_with(prompt(server))
        terminal.type("HELLO 3 SETNAME me\r")
        terminal.ends_with('7# "modules" => (empty array)', prompt(server))
        server.kill()
        terminal.type("SET k v\r")
        terminal.shows(f"not sent: 127.0.0.1:{server.port}: {REFUSED}")
        terminal.ends_with("not connected>")
        terminal.type("GET k\r")
        terminal.until(lambda lines: "\n".join(lines).count(REFUSED) == 2, "the second failure is not told")
        server.start()
        terminal.type("CLIENT GETNAME\r")
        terminal.ends_with("not connected> CLIENT GETNAME", '"me"', prompt(server))
        # RESP3 is agreed on again: a map is shown as one.
        run_line(terminal, server, "HSET h f v", "(integer) 1")
        run_line(terminal, server, "HGETALL h", '1# "f" => "v"')
        # One that was closed while nobody typed is made anew without a loss.
        with server.redis("admin") as admin:
            admin.client_kill_filter(skipme=True)
        terminal.type("GET none\r")
        terminal.ends_with("The server had closed the connection; this is a new one.", "(nil)", prompt(server))
        terminal.type("connect 127.0.0.1:1\r")
        terminal.shows("127.0.0.1:1: " + REFUSED)
        terminal.ends_with(prompt(server))


@case()
def the_terminal_is_left_as_it_was():
    with standalone() as server:
        for words, leave in (((), "\x04"), ((), signal.SIGTERM), (("status", "--watch"), signal.SIGINT),
                             (("status", "--watch"), signal.SIGTERM), (("--latency",), signal.SIGINT)):
            with client(server, *words) as terminal:
                flags = terminal.modes() | termios.ECHO | termios.ICANON | termios.ISIG
                terminal.shows("PINGs" if "--latency" in words else "127.0.0.1")
                if isinstance(leave, str):
                    terminal.type(leave)
                else:
                    os.kill(terminal.pid, leave)
                assert terminal.wait() in (0, -signal.SIGTERM)
                assert terminal.modes() == flags, (words, leave)
                for on, off in ((b"\x1b[?2004h", b"\x1b[?2004l"), (b"\x1b[?1049h", b"\x1b[?1049l"), (b"\x1b[?25l", b"\x1b[?25h")):
                    assert terminal.raw.rfind(on) <= terminal.raw.rfind(off), (words, leave, terminal.raw[-200:])


@case()
def terminal_that_only_scrolls():
    with standalone() as server, client(server, env={"TERM": "dumb"}) as terminal:
        terminal.shows(prompt(server))
        terminal.type("PING\r")
        terminal.shows("PONG")
        terminal.type("\x04")
        assert terminal.wait() == 0 and b"\x1b" not in terminal.raw, terminal.raw


@case()
def status_watch():
    with Cluster(3) as cluster:
        with client(cluster.proxy, "status", "--watch", "0.2", columns=120) as terminal:
            terminal.shows("3 of 3 servers up")
            total = "total"
            terminal.shows(total)
            with cluster.proxy.redis() as redis:
                for number in range(100):
                    redis.set(f"k:{number}", "v")
            terminal.until(lambda lines: any(line.startswith(total) and " 100 " in line for line in lines), "the keys are not counted")
            cluster["b"].kill()
            terminal.shows("2 of 3 servers up")
            assert b"\x1b[31mdown" in terminal.raw and b"\x1b[32mup" in terminal.raw
            cluster.write('{"servers": [}')
            terminal.shows("servers.json")
            for columns in (80, 60, 40, 32):
                terminal.resize(columns, 24)
                terminal.screen = type(terminal.screen)(columns, 24)
                # Drawn anew at once, and each shard in a line of its own that no edge has cut.
                terminal.until(
                    lambda lines: [line.split()[0] for line in lines if re.match(r"[abc] ", line)] == ["a", "b", "c"],
                    f"at {columns} columns",
                )
                assert all("keys" in line for line in terminal.screen.lines() if line.startswith("shard"))
            cluster.proxy.kill()
            terminal.shows("trying again")
            terminal.type("q")
            assert terminal.wait() == 1, "it ended without an answer of late"


@case()
def status_watch_elsewhere():
    """Into a pipe: one picture after the other, or one document a line."""
    with Cluster(1) as cluster, open(workspace.new_folder("watch") / "out", "w+") as output:
        with client(cluster.proxy, "--json", "status", "--watch", "0.1", stdout=output) as terminal:
            eventually(lambda: len(os.pread(output.fileno(), 100_000, 0).splitlines()) >= 3, "no three documents")
            os.kill(terminal.pid, signal.SIGINT)
            assert terminal.wait() == 0
        assert all(line.startswith(b'{"cluster"') for line in os.pread(output.fileno(), 1_000_000, 0).splitlines())


@case()
def progress_bar():
    # The server's pauses make it long, however fast the machine is: a bar drawn behind one stands during the next.
    odd = {number: "DEBUG SLEEP 0.5\n" for number in (0, 60_000, 120_000)} | {150_000: "INCR key:7\n"}
    commands = workspace.new_folder("commands") / "file"
    with open(commands, "w") as file:
        for number in range(200_000):
            file.write(odd.get(number, f"SET key:{number} value\n"))
    with standalone() as server, open(commands) as input, open(os.devnull, "w") as output:
        with client(server, who="admin", stdin=input, stdout=output) as terminal:
            terminal.until(lambda lines: re.search(r"█+░+ +\d+%  [\d,]+ commands  [\d,]+/s", "\n".join(lines)), "no bar", 20)
            assert terminal.wait(30) == 1
            terminal.shows("ringhold: line 150001: ERR value is not an integer or out of range")
            terminal.ends_with("ringhold: 1 of 200,000 commands failed")
    # Short inputs get none; of many errors the first are told.
    with standalone() as server:
        result = server.ringhold(input="PING\n" * 100)
        assert result.returncode == 0 and result.stderr == "", result.stderr
        result = server.ringhold(input='SET a x\n' + 'INCR a\n' * 50 + 'GET "a\n')
        lines = result.stderr.splitlines()
        assert result.returncode == 1 and lines[0].startswith("ringhold: line 2: ERR value is not"), lines
        assert len(lines) == 22 and lines[-2:] == ["ringhold: ... and 31 errors more", "ringhold: 51 of 52 commands failed"], lines


@case()
def piped_memory_is_bounded():
    """However much comes in, only a window of it is in memory."""
    with standalone() as server:
        with open(workspace.new_folder("commands") / "file", "w+b") as input, open(os.devnull, "w") as output:
            input.write((b"SET k " + b"x" * 100_000 + b"\n") * 2000)  # 200 MB
            input.seek(0)
            with client(server, stdin=input, stdout=output) as terminal:
                peak = 0
                while terminal.status is None and terminal.pump(0.02):
                    peak = max(peak, resident(terminal.pid))
                assert terminal.wait(30) == 0
            assert 0 < peak and (SANITIZED or peak < 80 << 20), peak  # a sanitizer keeps what was freed


def resident(pid):
    try:
        with open(f"/proc/{pid}/status") as status:
            return next((int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM:")), 0)
    except OSError:
        return 0


@case()
def latency():
    with standalone() as server:
        with client(server, "--latency", "-i", "2ms") as terminal:
            terminal.until(lambda lines: re.search(r"min \d.*p99 .* ms  \(\d{2,} PINGs\)", "\n".join(lines)), "no figures")
            terminal.type("\x03")
            assert terminal.wait() == 0
            assert len(terminal.screen.lines()) == 1, "the last line is not the only one"
        document = json.loads(server.ringhold("--json", "--latency", "--count", "50", "-i", "1ms").stdout)
        assert document["count"] == 50, document
        assert 0 < document["min_ms"] <= document["p50_ms"] <= document["p99_ms"] <= document["max_ms"], document
        assert document["min_ms"] <= document["avg_ms"] <= document["max_ms"], document
        assert "(3 PINGs)" in server.ringhold("--latency", "--count", "3").stdout


@case()
def repetition():
    with standalone() as server:
        assert server.ringhold("-r", "3", "INCR", "n").stdout == "1\n2\n3\n"
        began = time.monotonic()
        assert server.ringhold("--count", "3", "--interval", "100ms", "INCR", "n").stdout == "4\n5\n6\n"
        assert time.monotonic() - began >= 0.2
        for words in (["--latency", "PING"], ["--watch", "2", "PING"], ["-r", "3", "status"], ["--color", "red", "PING"],
                      ["status", "--watch", "0"], ["--interval", "soon", "PING"]):
            result = server.ringhold(*words)
            assert result.returncode == 2 and len(result.stderr.splitlines()) == 1, (words, result)
