"""The figures as text for a terminal, and as Markdown for the documentation."""

from results import row_document
from rows import METRICS, OURS


def figure(value, digits):
    return f"{value:,.{digits}f}"


def with_spread(values, digits):
    return f"{figure(values['median'], digits)} [{figure(values['min'], digits)}..{figure(values['max'], digits)}]"


def cells(name, data, metrics):
    """One system's line: the first metric with its spread and ratio, the others with their medians."""
    first = metrics[0]
    values = data["metrics"]
    line = [name, with_spread(values[first], METRICS[first].digits) if first in values else "-"]
    line.append(with_spread(data["ratio"][first], 2) if name != OURS and first in data["ratio"] else "")
    line += [figure(values[metric]["median"], METRICS[metric].digits) if metric in values else "-" for metric in metrics[1:]]
    return line


def lines_of(row):
    """Heading and one line per system, as lists of cells."""
    metrics = []
    for data in row["systems"].values():
        metrics += [metric for metric in data["metrics"] if metric not in metrics]
    metrics.sort(key=list(METRICS).index)
    head = ["system", METRICS[metrics[0]].title, f"/ {OURS}", *(METRICS[metric].title for metric in metrics[1:])]
    return [head, *(cells(name, data, metrics) for name, data in row["systems"].items())]


def of_row(row, samples):
    """For the terminal, as soon as a row is done."""
    return of_document(row_document(row.name, row.what, samples))


def of_document(row):
    lines = lines_of(row)
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    rounds = max(len(data["metrics"][next(iter(data["metrics"]))]["rounds"]) for data in row["systems"].values())
    text = [f"{row['name']}: {row['what']}; median of {rounds} [min..max]"]
    for line in lines:
        padded = [line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:]))]
        text.append("  " + "  ".join(padded).rstrip())
    return "\n".join(text) + "\n"


# --- Markdown ---

BEGIN, END = "<!-- measured -->", "<!-- /measured -->"
SPEED = ("direct", "memcached", "proxied")


def markdown(document):
    rows = document["rows"]
    parts = [versions(document)]
    for mode in SPEED:
        for size in sorted({int(row["name"].rsplit(".v")[1]) for row in rows if row["name"].startswith(mode + ".")}):
            of_size = [row for row in rows if row["name"].startswith(mode + ".") and row["name"].endswith(f".v{size}")]
            parts.append(speed_table(mode, size, of_size))
    for row in rows:
        if not row["name"].startswith(SPEED):
            parts.append(one_table(row))
    skipped = sorted({f"- {skip['row']}, {skip['system']}: {skip['reason']}" for skip in document["skipped"]})
    if skipped:
        parts.append("Not measured:\n\n" + "\n".join(skipped))
    return "\n\n".join(parts)


def versions(document):
    machine, settings = document["machine"], document["settings"]
    lines = [
        f"Measured {document['started'][:10]} on {machine['cores']} cores ({machine['cpu']}, Linux {machine['kernel']}; load average "
        f"at the beginning: {machine['load_average']}), up to {settings['rounds']} rounds, load from {settings['load_generator']}.",
        "",
    ]
    for name, system in document["systems"].items():
        programs = ", ".join(f"{program['name']} {program['version']} ({program['origin']})" for program in system["programs"])
        lines.append(f"- {name}: {programs}; TLS by {system['tls_library'] or 'an unknown library'}")
    return "\n".join(lines)


def speed_table(mode, size, rows):
    """One line per row; of each system the CPU time, and for the others its ratio to ours."""
    systems = list(dict.fromkeys(name for row in rows for name in row["systems"]))
    title = {"direct": "Direct", "memcached": "Beside memcached (our own load generator)", "proxied": "Proxied"}[mode]
    lines = [f"### {title}, values of {size} bytes: CPU µs per operation", ""]
    lines += ["| | " + " | ".join(systems) + " |", "|---" * (len(systems) + 1) + "|"]
    for row in rows:
        _, command, depth, _ = row["name"].split(".")
        found = [speed_cell(name, row["systems"].get(name)) for name in systems]
        lines.append(f"| {command.upper()}, depth {depth[1:]} | " + " | ".join(found) + " |")
    lines += ["", "Thousand operations per second · p50 ms · p99 ms:", "", lines[2], lines[3]]
    for row in rows:
        _, command, depth, _ = row["name"].split(".")
        found = [latency_cell(row["systems"].get(name)) for name in systems]
        lines.append(f"| {command.upper()}, depth {depth[1:]} | " + " | ".join(found) + " |")
    return "\n".join(lines)


def speed_cell(name, data):
    if data is None:
        return "-"
    cell = with_spread(data["metrics"]["cpu_us"], 2)
    if "front_cpu_us" in data["metrics"]:
        cell += f", proxies {figure(data['metrics']['front_cpu_us']['median'], 2)}"
    ratio = data["ratio"].get("cpu_us")
    return cell if name == OURS or not ratio else f"{cell}; **×{with_spread(ratio, 2)}**"


def latency_cell(data):
    if data is None:
        return "-"
    values = {metric: data["metrics"][metric]["median"] for metric in ("ops_per_s", "p50_ms", "p99_ms")}
    return f"{values['ops_per_s'] / 1000:.1f} · {values['p50_ms']:.2f} · {values['p99_ms']:.2f}"


def one_table(row):
    lines = lines_of(row)
    text = [f"### {row['name']}: {row['what']}", "", "| " + " | ".join(lines[0]) + " |", "|---" * len(lines[0]) + "|"]
    text += ["| " + " | ".join(line) + " |" for line in lines[1:]]
    return "\n".join(text)


def write_markdown(path, document):
    """Replaces what stands between the two marks of an existing file; a new file has nothing else."""
    block = f"{BEGIN}\n{markdown(document)}\n{END}"
    text = path.read_text() if path.exists() else f"{BEGIN}\n{END}\n"
    before, rest = text.split(BEGIN, 1)
    path.write_text(before + block + rest.split(END, 1)[1])
