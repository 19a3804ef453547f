"""The samples, and what is made of them: medians, spread, ratios."""

import statistics
import time

from rows import OURS


class Results:
    def __init__(self):
        self.started = time.time()
        self.rows = []  # names, in order
        self.what = {}
        self.samples = {}  # row → system → [sample of each round]
        self.skipped = []

    def begin(self, row):
        self.rows.append(row.name)
        self.what[row.name] = row.what
        self.samples[row.name] = {}

    def add(self, row, system, sample):
        self.samples[row].setdefault(system, []).append(sample)

    def skip(self, row, system, reason):
        self.skipped.append({"row": row, "system": system, "reason": reason})

    def drop(self, row, system):
        self.samples[row].pop(system, None)

    def document(self, machine, settings, systems):
        return {
            "format": 1,
            "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.started)),
            "seconds": round(time.time() - self.started),
            "machine": machine,
            "settings": settings,
            "systems": systems,
            "rows": [row_document(name, self.what[name], self.samples[name]) for name in self.rows if self.samples[name]],
            "skipped": self.skipped,
        }


def row_document(name, what, samples):
    systems = {}
    for system, rounds in samples.items():
        metrics = {metric: spread([sample[metric] for sample in rounds]) for metric in rounds[0]}
        systems[system] = {"metrics": metrics, "ratio": ratios(rounds, samples.get(OURS, []))}
    return {"name": name, "what": what, "systems": systems}


def ratios(theirs, ours):
    """Theirs by ours, round by round: what both have met in the same minute is compared, and only then the median is taken."""
    pairs = list(zip(theirs, ours))
    common = [metric for metric in theirs[0] if pairs and metric in ours[0]]
    return {
        metric: spread([their[metric] / our[metric] for their, our in pairs if our[metric]])
        for metric in common
        if any(our[metric] for _, our in pairs)
    }


def spread(values):
    return {
        "median": round(statistics.median(values), 6),
        "min": round(min(values), 6),
        "max": round(max(values), 6),
        "rounds": [round(value, 6) for value in values],
    }
