"""A strict reader of Prometheus's text format 0.0.4, and what its conventions ask of names, units and histograms."""

import math
import re
from dataclasses import dataclass, field

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)')
VALUE = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?Inf|NaN")
TYPES = ("counter", "gauge", "histogram", "summary", "untyped")
# Base units, in the plural; whatever else a name ends with is a multiple of one, or no unit.
NO_UNITS = re.compile(
    r"_(ms|us|ns|[mu]?sec|millis|milliseconds|microseconds|minutes|hours|kb|mb|kib|mib|kilobytes|megabytes|percent"
    r"|(?<!_per_)second|byte)(_|$)"
)


@dataclass
class Family:
    name: str
    help: str = ""
    type: str = ""
    samples: dict = field(default_factory=dict)  # (name, ((label, value)...)) → number


def parse(text):
    """Name → Family; fails at the first thing that the format does not allow."""
    assert text.endswith("\n") and "\r" not in text, "lines end in LF, also the last one"
    families, current = {}, None
    for number, line in enumerate(text.split("\n")[:-1], 1):
        where = f"line {number}: {line[:200]!r}"
        if line.startswith("# HELP ") or line.startswith("# TYPE "):
            kind, name, rest = line[2:6], *(line[7:].split(" ", 1) + [""])[:2]
            assert NAME.fullmatch(name) and rest, where
            if current is None or current.name != name:
                assert name not in families, f"{where}: the lines of a metric stand together"
                current = families[name] = Family(name)
            assert not current.samples and not getattr(current, kind.lower()), f"{where}: twice, or behind its samples"
            assert kind == "HELP" or rest in TYPES, where
            setattr(current, kind.lower(), rest)
        elif line and not line.startswith("#"):
            read_sample(current, line, where)
    for family in families.values():
        assert family.help and family.type, f"{family.name} has no HELP or no TYPE"
        if family.type == "histogram":
            check_histogram(family)
    return families


def read_sample(family, line, where):
    match = SAMPLE.fullmatch(line)
    assert match, where
    name, inside, value = match.groups()
    suffixes = ("_bucket", "_sum", "_count") if family and family.type == "histogram" else ("",)
    assert family and name in [family.name + suffix for suffix in suffixes], f"{where}: does not belong to {family and family.name}"
    labels = read_labels(inside or "", where)
    assert VALUE.fullmatch(value), where
    key = (name, labels)
    assert key not in family.samples, f"{where}: twice"
    assert ("le" in dict(labels)) == name.endswith("_bucket"), where
    family.samples[key] = float(value.replace("Inf", "inf"))


def read_labels(inside, where):
    labels, position = [], 0
    while position < len(inside):
        match = LABEL.match(inside, position)
        assert match, where
        unescaped = re.sub(r"\\(.)", lambda escape: {"n": "\n"}.get(escape.group(1), escape.group(1)), match.group(2))
        labels.append((match.group(1), unescaped))
        position = match.end()
    assert len(dict(labels)) == len(labels), f"{where}: a label twice"
    return tuple(sorted(labels))


def check_histogram(family):
    """Buckets are cumulative, and the last one, +Inf, is the count."""
    for labels, buckets in buckets_of(family).items():
        bounds = [bound for bound, _ in buckets]
        counts = [count for _, count in buckets]
        assert bounds == sorted(set(bounds)) and bounds[-1] == math.inf, f"{family.name}{labels}: {bounds}"
        assert counts == sorted(counts), f"{family.name}{labels} is not cumulative: {counts}"
        count, total = family.samples[(family.name + "_count", labels)], family.samples[(family.name + "_sum", labels)]
        assert counts[-1] == count, f"{family.name}{labels}: +Inf {counts[-1]}, _count {count}"
        # The sum must lie between what the buckets allow.
        least = sum((bounds[i - 1] if i else 0) * (counts[i] - (counts[i - 1] if i else 0)) for i in range(len(counts)))
        assert total >= least * 0.999999 - 1e-9 and (count or total == 0), f"{family.name}{labels}: sum {total}, at least {least}"
    told = {labels for name, labels in family.samples if not name.endswith("_bucket")}
    assert told == set(buckets_of(family)), f"{family.name}: buckets, _sum and _count of different labels"


def buckets_of(family):
    """labels without `le` → [(bound, count)...] in their order."""
    found = {}
    for (name, labels), value in family.samples.items():
        if name.endswith("_bucket"):
            others = tuple(label for label in labels if label[0] != "le")
            found.setdefault(others, []).append((float(dict(labels)["le"].replace("Inf", "inf")), value))
    return found


def problems(families, prefixes):
    """What offends Prometheus's conventions (prometheus.io/docs/practices/naming)."""
    found = []
    for family in families.values():
        name = family.name
        if not name.startswith(prefixes):
            found.append(f"{name}: begins with none of {prefixes}")
        if (family.type == "counter") != name.endswith("_total"):
            found.append(f"{name}: a counter's name, and no other, ends in _total ({family.type})")
        if family.type == "histogram" and not name.endswith(("_seconds", "_bytes")):
            found.append(f"{name}: a histogram without a unit")
        if NO_UNITS.search(name) or not re.fullmatch(r"[a-z][a-z0-9_]*[a-z0-9]", name) or "__" in name:
            found.append(f"{name}: the base units are seconds and bytes; snake_case")
        if name.endswith(("_bucket", "_sum", "_count", "_created", "_info_total")):
            found.append(f"{name}: that suffix is a histogram's")
        if name.endswith("_info") and set(family.samples.values()) != {1.0}:
            found.append(f"{name}: an info's value is 1")
        if len(family.help) < 8 or family.help.strip() != family.help:
            found.append(f"{name}: HELP says nothing: {family.help!r}")
        if family.type == "counter" and any(value < 0 or value != value for value in family.samples.values()):
            found.append(f"{name}: a counter below 0")
    return found


class Scrape:
    """One scrape: `value("name", shard="a")`."""

    def __init__(self, text):
        self.text = text
        self.families = parse(text)

    def names(self):
        return set(self.families)

    def value(self, name, **labels):
        """The sample with exactly those labels; None if there is none."""
        family = next((self.families[n] for n in (name, re.sub("_(bucket|sum|count)$", "", name)) if n in self.families), None)
        return family.samples.get((name, tuple(sorted(labels.items())))) if family else None

    def total(self, name, **labels):
        """The sum of all samples of that name that have at least those labels."""
        wanted = set(labels.items())
        return sum(value for family in self.families.values() for (n, found), value in family.samples.items()
                   if n == name and wanted <= set(found))  # fmt: skip

    def label_values(self, name, label):
        return {dict(labels).get(label) for _, labels in self.families[name].samples}

    def rising(self):
        """Everything that may only rise: counters, and the parts of histograms."""
        return {key: value for family in self.families.values() if family.type in ("counter", "histogram")
                for key, value in family.samples.items()}  # fmt: skip
