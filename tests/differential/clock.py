"""A wall clock of ours for all processes of a comparison, so that deadlines are the same to the millisecond.

A small preloaded library answers the calls for the wall clock from a file that all of them have mapped. Other clocks stay
as they are: timers run as ever.
"""

import os
import subprocess
from pathlib import Path

from script import START_MS

_SOURCE = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
static volatile long long *now_ms;
static int (*real)(clockid_t, struct timespec *);
__attribute__((constructor)) static void open_clock(void) {
  int fd = open(getenv("DIFFERENTIAL_CLOCK"), O_RDONLY);
  void *mapped = fd < 0 ? MAP_FAILED : mmap(0, sizeof(long long), PROT_READ, MAP_SHARED, fd, 0);
  if (mapped == MAP_FAILED) abort();
  close(fd);
  now_ms = mapped;
}
int clock_gettime(clockid_t id, struct timespec *ts) {
  if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  if (id != CLOCK_REALTIME || !now_ms) return real(id, ts);
  long long now = *now_ms;
  ts->tv_sec = now / 1000;
  ts->tv_nsec = now % 1000 * 1000000;
  return 0;
}
int gettimeofday(struct timeval *tv, void *tz) {
  struct timespec ts;
  (void)tz;
  clock_gettime(CLOCK_REALTIME, &ts);
  tv->tv_sec = ts.tv_sec;
  tv->tv_usec = ts.tv_nsec / 1000;
  return 0;
}
"""


class Clock:
    def __init__(self, folder):
        source, self.library, self.path = (Path(folder) / name for name in ("clock.c", "clock.so", "clock"))
        source.write_text(_SOURCE)
        compiler = os.environ.get("CC", "cc")
        command = [compiler, "-O1", "-shared", "-fPIC", "-o", self.library, source, "-ldl"]
        subprocess.run(command, check=True, timeout=60, stdin=subprocess.DEVNULL)
        self.file = open(self.path, "w+b", buffering=0)
        self.set(START_MS)

    def set(self, now_ms):
        self.now_ms = now_ms
        os.pwrite(self.file.fileno(), now_ms.to_bytes(8, "little"), 0)

    def advance(self, by_ms):
        self.set(self.now_ms + by_ms)

    def to_next_start(self):
        """Moves on to where a script may start, later than all that the last one has seen; returns how far that is from
        START_MS, in whole seconds' worth of milliseconds."""
        since = self.now_ms - START_MS
        self.set(START_MS + (since // 100_000 + 1) * 100_000)
        return self.now_ms - START_MS

    def environment(self):
        """For the processes that shall follow this clock."""
        # The sanitizers' library wants to be the first of all; ours does not mind to be called through it.
        sanitizer = ":".join(filter(None, [os.environ.get("ASAN_OPTIONS"), "verify_asan_link_order=0"]))
        return {"LD_PRELOAD": str(self.library), "DIFFERENTIAL_CLOCK": str(self.path), "ASAN_OPTIONS": sanitizer}

    def close(self):
        self.file.close()
