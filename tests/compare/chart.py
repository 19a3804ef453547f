"""The comparison as one SVG: bars of CPU time per operation and of bytes per key. No script, no font, no other file; readable on light
and on dark pages, by the reader's own preference."""

from xml.sax.saxutils import escape

from rows import METRICS, OURS

OURS_AGAIN = "ringhold-their-openssl"  # what it says, the table has room for

WIDTH = 860
LABEL_WIDTH = 205
VALUE_WIDTH = 150
BAR_HEIGHT, BAR_STEP, PANEL_GAP = 14, 19, 26
FONT = "system-ui, -apple-system, 'Segoe UI', sans-serif"

# Which rows are drawn, and under which heading. Those that were not measured are left out.
PANELS = (
    ("SET, 64-byte values, 50 connections, one command at a time", "direct.set.d1.v64", "cpu_us"),
    ("GET, the same", "direct.get.d1.v64", "cpu_us"),
    ("SET, 16 commands in flight per connection", "direct.set.d16.v64", "cpu_us"),
    ("GET, the same", "direct.get.d16.v64", "cpu_us"),
    ("SET through a proxy to two shards, one at a time", "proxied.set.d1.v64", "cpu_us"),
    ("SET through a proxy to two shards, 16 in flight", "proxied.set.d16.v64", "cpu_us"),
    ("Memory: 16-byte key, 64-byte value", "memory.string", "rss_per_key"),
    ("Memory: a hash of 8 small fields", "memory.hash", "rss_per_key"),
)
LABELS = {
    OURS: "Ringhold",
    "floor": "TLS and kernel alone",
    "valkey": "Valkey",
    "redis": "Redis",
    "haproxy+nutcracker+valkey": "haproxy + nutcracker + Valkey",
}
STYLE = """
  .card { fill: #ffffff; stroke: #d0d7de; }
  text { fill: #1f2328; font-family: FONT; }
  .title { font-size: 17px; font-weight: 600; }
  .head { font-size: 13px; font-weight: 600; }
  .label, .value { font-size: 12px; }
  .quiet { font-size: 11px; fill: #59636e; }
  .ours { fill: #0f7b6c; }
  .theirs { fill: #9aa4af; }
  .floor { fill: #d5dae0; }
  .spread { stroke: #1f2328; stroke-width: 1; opacity: .6; }
  @media (prefers-color-scheme: dark) {
    .card { fill: #0d1117; stroke: #30363d; }
    text { fill: #e6edf3; }
    .quiet { fill: #9198a1; }
    .ours { fill: #3fb9a5; }
    .theirs { fill: #6e7781; }
    .floor { fill: #3d444d; }
    .spread { stroke: #e6edf3; }
  }""".replace("FONT", FONT)


def draw(document):
    rows = {row["name"]: row for row in document["rows"]}
    parts = []
    y = 62
    for heading, name, metric in PANELS:
        if name in rows:
            drawn, y = panel(heading, rows[name], metric, y)
            parts += drawn
    if not parts:
        return None
    parts += footer(document, y)
    height = y + 50
    description = "Bars: CPU time per operation and bytes per key of Ringhold and other systems; shorter is better."
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">',
            f"<title>Ringhold beside other systems</title><desc>{description}</desc>",
            f"<style>{STYLE}</style>",
            f'<rect class="card" x=".5" y=".5" width="{WIDTH - 1}" height="{height - 1}" rx="8"/>',
            text("title", 20, 32, "What an operation costs, over TLS 1.3"),
            text("quiet", WIDTH - 20, 32, "shorter is better", "end"),
            *parts,
            "</svg>",
            "",
        ]
    )


def panel(heading, row, metric, y):
    measured = {name: data for name, data in row["systems"].items() if metric in data["metrics"] and name != OURS_AGAIN}
    unit = "µs of CPU per operation, all processes" if metric == "cpu_us" else METRICS[metric].title
    largest = max(data["metrics"][metric]["max"] for data in measured.values())
    scale = (WIDTH - 40 - LABEL_WIDTH - VALUE_WIDTH) / largest
    parts = [text("head", 20, y + 10, heading), text("quiet", WIDTH - 20, y + 10, unit, "end")]
    y += 18
    order = sorted(measured, key=lambda name: (name != OURS, name == "floor"))
    for name in order:
        parts += bar(name, measured[name], metric, y, scale)
        y += BAR_STEP
    return parts, y + PANEL_GAP - (BAR_STEP - BAR_HEIGHT)


def bar(name, data, metric, y, scale):
    values = data["metrics"][metric]
    x = 20 + LABEL_WIDTH
    length = max(1.0, values["median"] * scale)
    kind = {OURS: "ours", "floor": "floor"}.get(name, "theirs")
    middle = y + BAR_HEIGHT / 2
    ends = (x + values["min"] * scale, x + values["max"] * scale)
    ratio = data["ratio"].get(metric)
    digits = METRICS[metric].digits
    said = f"{values['median']:,.{digits}f}" + (f"  ×{ratio['median']:.2f}" if ratio and name != OURS else "")
    return [
        text("label", x - 8, y + 11, label(name), "end"),
        f'<rect class="{kind}" x="{x}" y="{y}" width="{length:.1f}" height="{BAR_HEIGHT}" rx="2"/>',
        f'<line class="spread" x1="{ends[0]:.1f}" y1="{middle}" x2="{ends[1]:.1f}" y2="{middle}"/>',
        text("value", max(x + length, ends[1]) + 8, y + 11, said),
    ]


def label(name):
    return LABELS.get(name, name)


def footer(document, y):
    programs = {}
    for system in document["systems"].values():
        programs.update({program["name"]: program["version"] for program in system["programs"]})
    peers = ", ".join(f"{name} {version}" for name, version in programs.items() if name not in (OURS, "floor"))
    rounds = document["settings"]["rounds"]
    first = f"Median of {rounds} alternating rounds; thin line: min to max; ×: theirs / Ringhold's, median over the rounds."
    if document["settings"]["quick"]:
        first = "Measured with --quick, which says nothing about speed. " + first
    return [text("quiet", 20, y + 10, first), text("quiet", 20, y + 26, f"{peers}. {document['started'][:10]}")]


def text(kind, x, y, content, anchor="start"):
    end = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text class="{kind}" x="{x:g}" y="{y:g}"{end}>{escape(content)}</text>'
