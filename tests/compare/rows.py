"""What a row is: one question, put to several systems in turn."""

from dataclasses import dataclass, field

OURS = "ringhold"


@dataclass(frozen=True)
class Metric:
    title: str
    digits: int
    lower_is_better: bool = True


METRICS = {
    "cpu_us": Metric("CPU µs/op", 2),
    "front_cpu_us": Metric("of it, proxies", 2),
    "ops_per_s": Metric("ops/s", 0, lower_is_better=False),
    "p50_ms": Metric("p50 ms", 3),
    "p99_ms": Metric("p99 ms", 3),
    "bytes_per_key": Metric("bytes/key (own count)", 1),
    "rss_per_key": Metric("bytes/key (resident)", 1),
    "bytes_per_connection": Metric("bytes/connection", 0),
    "handshakes_per_cpu_s": Metric("handshakes per CPU s", 0, lower_is_better=False),
    "resumed_share": Metric("resumed", 2, lower_is_better=False),
    "seconds": Metric("s", 2),
    "cpu_s": Metric("CPU s", 2),
    "file_mb": Metric("file MB", 1),
}


@dataclass
class Row:
    """`measure(bench, target)` gives {metric: value}; the first metric is the one that the row is about. `warm_up`, if there is one,
    is called once per system before the first round."""

    name: str
    what: str
    measure: object
    warm_up: object = None


@dataclass
class Group:
    """Rows whose servers live as long as the group: `open(bench, system)` is a context manager whose target the rows measure."""

    systems: tuple
    open: object
    rows: list = field(default_factory=list)
    rounds_max: int = 1_000
