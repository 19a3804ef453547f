"""What processes use, as the kernel counts it."""

import os
import re
from pathlib import Path

_TICK_NS = 1_000_000_000 // os.sysconf("SC_CLK_TCK")


def cpu_ns(pids, children=False):
    """CPU time of all threads of these processes; `children`: and of processes that they have started and that have ended."""
    return sum(_of_threads(pid) + (_of_children(pid) if children else 0) for pid in pids)


def _of_threads(pid):
    """Nanoseconds, by schedstat. Where the kernel has none: user and system time, in ticks of 10 ms."""
    total = 0
    try:
        for path in Path(f"/proc/{pid}/task").iterdir():
            total += int((path / "schedstat").read_text().split()[0])
        return total
    except FileNotFoundError:
        fields = _stat(pid)
        return (int(fields[11]) + int(fields[12])) * _TICK_NS


def _of_children(pid):
    fields = _stat(pid)
    return (int(fields[13]) + int(fields[14])) * _TICK_NS


def _stat(pid):
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()


def rss_bytes(pids):
    total = 0
    for pid in pids:
        found = re.search(r"^VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
        total += int(found.group(1)) * 1024
    return total


def tls_library(pid):
    """The version of the OpenSSL that a process runs with, or ''."""
    found = re.search(r"\s(/\S*libcrypto\.so\S*)$", Path(f"/proc/{pid}/maps").read_text(), re.MULTILINE)
    if not found:
        return ""
    version = re.search(rb"OpenSSL \d+\.\d+\.\d+", Path(found.group(1)).read_bytes())
    return version.group(0).decode() if version else ""


def cores():
    """(the servers', the load generator's): two different ones, if there are two."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[-1], allowed[0]


def machine():
    info = Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*:\s*(.+)$", info, re.MULTILINE)
    return {
        "cpu": model.group(1) if model else os.uname().machine,
        "cores": os.cpu_count(),
        "kernel": os.uname().release.split("-")[0],
        "load_average": round(os.getloadavg()[0], 2),
    }
