"""How long the turns of a server's loop are, in CPU time: what other clients wait for, at worst."""

import mmap
import struct
import subprocess

from harness import workspace

SOURCE = "turns.c"


class Turns:
    """For one process: `env` goes into its environment; then `longest_ms()` says what its longest turn took since the last
    call."""

    def __init__(self):
        folder = workspace.new_folder("turns")
        library = folder / "turns.so"
        source = workspace.HARNESS / SOURCE
        subprocess.run(["c++", "-x", "c", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
        path = folder / "figures"
        path.write_bytes(bytes(16))
        with path.open("r+b") as file:
            self.figures = mmap.mmap(file.fileno(), 16)
        self.env = {"LD_PRELOAD": str(library), "TURNS": str(path)}

    def longest_ms(self):
        turns, longest_ns = struct.unpack("=qq", self.figures[:16])
        assert turns > 0, "no turn was seen: is the library preloaded?"
        self.figures[:16] = bytes(16)
        return longest_ns / 1e6
