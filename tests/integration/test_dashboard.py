"""The dashboard page in a real browser, headless, with a client certificate: of a real cluster, and of made-up ones for what a
real one cannot show quickly."""

import contextlib
import json
import math
import time

from harness import certs as certificates
from harness.browser import Browser
from harness.case import SANITIZED, case, note
from harness.cluster import Cluster, proxy
from harness.load import Load
from harness.mock_proxy import PAGE, MockProxy
from harness.wait import eventually

PHONE, TABLET, DESKTOP = (390, 844), (820, 1100), (1440, 900)
FOLLOWS_WITHIN = 2.0 * (4 if SANITIZED else 1)  # seconds from an edit of servers.json to its arc

# Texts of the ring's labels that touch each other or leave the picture.
COLLISIONS = """(() => {
  const ring = document.querySelector('#ring').getBoundingClientRect();
  const boxes = [...document.querySelectorAll('#labels text')].map(node => [node.textContent, node.getBoundingClientRect()]);
  const found = boxes.filter(([, box]) => box.left < ring.left - 1 || box.right > ring.right + 1 || box.top < ring.top - 1 ||
    box.bottom > ring.bottom + 1).map(([text]) => text + ' is cut off');
  boxes.forEach(([text, a], i) => boxes.slice(i + 1).forEach(([other, b]) => {
    if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3) found.push(text + ' | ' + other);
  }));
  return found;
})()"""

# Visible texts whose contrast with what is behind them is below WCAG's AA.
LOW_CONTRAST = """(() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgba = colour => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255]; };
  const over = ([r, g, b, a], under) => [r, g, b].map((value, i) => value * a + under[i] * (1 - a));
  const light = rgb => rgb.map(value => value / 255).map(value => value <= .04045 ? value / 12.92 : ((value + .055) / 1.055) ** 2.4)
    .reduce((total, value, i) => total + value * [.2126, .7152, .0722][i], 0);
  const behind = node => node ? over(rgba(getComputedStyle(node).backgroundColor), behind(node.parentElement)) : [255, 255, 255];
  const found = new Set();
  for (const node of document.querySelectorAll('body *')) {
    const text = [...node.childNodes].filter(child => child.nodeType === 3).map(child => child.data.trim()).join('');
    if (!text || !node.getClientRects().length || node.closest('.hidden, script, style, noscript, title')) continue;
    const style = getComputedStyle(node), ground = behind(node);
    const ink = over(rgba(node instanceof SVGElement ? style.fill : style.color), ground);
    const [a, b] = [light(ink), light(ground)], ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < 4.5) found.add(ratio.toFixed(2) + ' ' + text.slice(0, 40));
  }
  return [...found];
})()"""


def names_of(count):
    return [chr(ord("a") + number) for number in range(count)] if count <= 16 else [f"shard-{number:03}" for number in range(count)]


@contextlib.contextmanager
def made_up(names, size=DESKTOP, **options):
    """A made-up proxy and a browser that shows its page."""
    certs = certificates.good()
    with Browser(certs, width=size[0], height=size[1], **options) as page, MockProxy(certs, names) as mock:
        page.open(mock.url)
        wait_live(page)
        yield page, mock


def wait_live(page):
    page.wait("document.querySelector('#link').innerText === 'Live'", "the page is live")


def wait_arcs(page, names, timeout=20):
    drawn = "[...document.querySelectorAll('path[data-shard]')].map(arc => arc.dataset.shard)"
    page.wait(lambda: sorted(page.evaluate(drawn)) == sorted(names), f"arcs of {len(names)} shards", timeout)


def arcs(page):
    """Name → slots of each arc that is drawn as long as its slots say."""
    return page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('path[data-shard]')]"
        ".filter(arc => arc.getTotalLength() > .9 * 2 * Math.PI * ringSize().outer * arc.dataset.slots / 16384)"
        ".map(arc => [arc.dataset.shard, Number(arc.dataset.slots)]))"
    )


def overflow(page):
    """How many pixels the page is wider than the window."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def check_clean(page, url):
    assert page.evaluate("document.querySelector('link[rel=icon]').href").startswith("data:"), "the browser asks for an icon"
    assert not page.problems, page.problems
    foreign = [address for address in page.requests if not address.startswith((url, "data:"))]
    assert not foreign, f"the page asked for {foreign}"


# --- Made-up clusters ---


@case(timeout=120, variants={"1": 1, "3": 3, "8": 8, "16": 16, "100": 100})
def draws_shards(count):
    names = names_of(count)
    with made_up(names) as (page, mock):
        wait_arcs(page, names)
        page.wait("scrapes.length > 2", "some answers are in")
        for size in (DESKTOP, TABLET, PHONE):
            for dark in (False, True):
                page.look(*size, dark=dark)
                page.wait(f"innerWidth === {size[0]} && matchMedia('(prefers-color-scheme: dark)').matches === {str(dark).lower()}", "the look")
                page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
                assert overflow(page) <= 0, f"{overflow(page)} pixels too wide at {size}"
                assert not page.evaluate(COLLISIONS), f"at {size}: {page.evaluate(COLLISIONS)}"
                assert not page.evaluate(LOW_CONTRAST), f"dark={dark}: {page.evaluate(LOW_CONTRAST)}"
        assert sum(arcs(page).values()) == 16384 and len(arcs(page)) == count
        titles = page.evaluate("[...document.querySelectorAll('path[data-shard] > title')].map(title => title.textContent)")
        assert all(f"Shard {name}: " in title and "% of the ring" in title for name, title in zip(names, titles)), titles
        spent = page.evaluate("(() => { const begin = performance.now(); show(); return performance.now() - begin; })()")
        note(f"{count} shards are drawn anew in {spent:.0f} ms")
        check_clean(page, mock.url)


@case()
def long_names_do_not_collide():
    names = [f"127.0.0.1:{port}" for port in range(9444, 9460)] + ["a-shard-whose-name-is-as-long-as-names-may-be-" + "x" * 18]
    with made_up(names) as (page, mock):
        wait_arcs(page, names)
        mock.state.shard("127.0.0.1:9450").state = "down: connection refused"
        page.wait("document.querySelector('#labels .bad')", "the one that is down")
        for size in (DESKTOP, TABLET, PHONE):
            page.look(*size)
            page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
            assert overflow(page) <= 0 and not page.evaluate(COLLISIONS), (size, overflow(page), page.evaluate(COLLISIONS))


@case()
def trouble_is_shown():
    with made_up(names_of(3)) as (page, mock):
        assert page.text("#alerts") == ""
        with mock.state.lock:
            mock.state.shard("b").state = "down: cannot connect to 127.0.0.1:9445: connection refused"
            mock.state.pending = {"file": "conf/servers.json", "error": "line 7: 'x' is not an address", "note": "write HOST:PORT"}
        page.wait("document.querySelectorAll('.alert').length === 2", "two alerts")
        alerts, title = page.text("#alerts"), page.evaluate("document.title")
        for part in ("conf/servers.json", "line 7: 'x' is not an address", "write HOST:PORT", "Shard b is down", "connection refused"):
            assert part in alerts, f"{part!r} is not in {alerts!r}"
        assert title == "(2) Ringhold", title
        # Not by colour alone: a word, a shape and a pattern each.
        assert "down" in page.text("tr[data-row=b] .state") and "▲ b" in page.evaluate("document.querySelector('#labels').textContent")
        assert page.evaluate("document.querySelectorAll('.hatch[d]').length") == 1
        assert page.text("[data-tile=shards] .value") == "2 of 3"
        assert not page.evaluate(LOW_CONTRAST), page.evaluate(LOW_CONTRAST)
        page.look(dark=True)
        assert not page.evaluate(LOW_CONTRAST), page.evaluate(LOW_CONTRAST)
        with mock.state.lock:
            mock.state.shard("b").state = "up"
            mock.state.pending = {"file": "conf/servers.json", "error": "", "note": "waits for the authority"}
        page.wait("document.querySelector('#alerts').innerText.includes('is waiting')", "the edit under way")
        mock.state.pending = None
        page.wait("!document.querySelector('.alert')", "no alert is left")
        events = page.text("#events")
        for part in ("Shard b is down", "Shard b is up", "Edit of servers.json refused: line 7", "servers.json is waiting", "is settled"):
            assert part in events, f"{part!r} is not in {events!r}"
        check_clean(page, mock.url)


@case()
def epochs_are_told():
    with made_up(names_of(3)) as (page, mock):
        with mock.state.lock:
            mock.state.add("d")
            mock.state.shards = [shard for shard in mock.state.shards if shard.name != "a"]
            mock.state.epoch = 2
        wait_arcs(page, "bcd")
        assert "Epoch 2: d added, a removed, 5,462 slots moved" in page.text("#events"), page.text("#events")
        assert "epoch 2" in page.text("#facts")
        page.wait("Math.abs([...ring.angles.values()].pop()[1] - 1) < 1e-9", "the arcs have come to rest")


@case()
def names_are_text():
    names = ["<img src=x onerror=alert(1)>", '"><script>alert(2)</script>', "line\nbreak\\", "\u202eright to left", "'quoted\"", "__proto__", 'x} 5']
    with made_up(names) as (page, mock):
        wait_arcs(page, names)
        mock.state.shard(names[0]).state = "down: <b>bold</b>"
        mock.state.pending = {"file": "<i>f</i>", "error": "<u>e</u>", "note": "<s>n</s>"}
        page.wait("document.querySelectorAll('.alert').length === 2", "alerts")
        page.wait("[...history[history.length - 1].shards.values()].filter(shard => shard.p99 > 0).length === 6", "latencies of the others")
        assert page.evaluate("document.querySelectorAll('main img, main script, main i:not(.bar > i), main u, main s').length") == 0
        assert "<u>e</u>" in page.text("#alerts") and names[0] in page.text("#shards")
        check_clean(page, mock.url)


@case()
def metrics_are_understood():
    with made_up(names_of(1)) as (page, _):
        text = 'a_total{shard="q\\"\\\\\\n",x="1"} 3\n# HELP b\nb 1.5e3 1700000000\nc_bucket{shard="s",le="0.1"} 1\nc_bucket{shard="s",le="+Inf"} 4\n'
        plain = page.evaluate(f"[...parseMetrics({json.dumps(text)}).plain]")
        assert plain == [["a_total", [{"labels": {"shard": 'q"\\\n', "x": "1"}, "value": 3}]], ["b", [{"labels": {}, "value": 1500}]]], plain
        assert page.evaluate(f"parseMetrics({json.dumps(text)}).histograms.get('c').get('s').counts") == [1, 4]
        histogram = "{bounds: [1, 2, 4, Infinity], counts: [10, 30, 40, 40]}"
        for q, expected in ((0.25, 1.0), (0.5, 1.5), (0.99, 2 + 2 * 0.96), (1, 4)):
            assert math.isclose(page.evaluate(f"quantile({histogram}, {q})"), expected), (q, expected)
        # Beyond the last bound there is only that bound to tell; of nothing there is no quantile.
        assert page.evaluate("quantile({bounds: [1, Infinity], counts: [0, 5]}, .5)") == 1
        assert page.evaluate("quantile({bounds: [1, Infinity], counts: [0, 0]}, .5)") is None
        assert page.evaluate("since({bounds: [1], counts: [2]}, {bounds: [1], counts: [5]}).counts") == [0], "a counter that began anew"


@case()
def figures_are_of_the_last_seconds():
    with made_up(names_of(3)) as (page, mock):
        with mock.state.lock:
            mock.state.shard("a").hits, mock.state.shard("a").misses = 930_000, 70_000
        page.wait("history.length > 9", "some seconds are known")
        with mock.state.lock:  # one data server starts anew
            mock.state.shard("a").hits = mock.state.shard("a").misses = 0
        length = page.evaluate("history.length")
        page.wait(f"history.length > {length + 2}", "some seconds more")
        rates = page.evaluate("history.slice(2).map(one => one.hit)")
        assert all(rate and 0.88 < rate < 0.98 for rate in rates), rates
        rates = page.evaluate("[history[history.length - 1].ops, slope('ringhold_command_duration_seconds_count')]")
        assert 0.8 < rates[1] / rates[0] < 1.25, rates
        last = page.evaluate("(({hit, p50, p99}) => ({hit, p50, p99}))(history[history.length - 1])")
        assert 0.88 < last["hit"] < 0.98 and 100e-6 < last["p50"] < 500e-6 < last["p99"] < 5e-3, last
        assert page.text("[data-tile=latency] .value").endswith("ms")
        lines = page.evaluate("[...document.querySelectorAll('.plot .line')].map(line => line.getTotalLength())")
        assert len(lines) == 6 and all(length > 10 for length in lines), lines
        # A server that starts anew counts from nothing: that is no burst, and no negative rate.
        with mock.state.lock:
            mock.state.started += 1000
            for shard in mock.state.shards:
                shard.hits = shard.misses = 0
                shard.requests = [0] * len(shard.requests)
            mock.state.groups = {group: [0] * len(buckets) for group, buckets in mock.state.groups.items()}
            mock.state.sent = 0
        page.wait("document.querySelector('#events').innerText.includes('was started again')", "the restart is told")
        page.wait("history[history.length - 1].p99 > 0", "latencies are back")
        worst = page.evaluate("[Math.min(...history.map(one => one.sent ?? 0)), Math.max(...history.map(one => one.sent ?? 0))]")
        assert worst[0] >= 0 and worst[1] < 20e6, worst
        check_clean(page, mock.url)


@case()
def pointer_tells_what_was():
    with made_up(names_of(3)) as (page, _):
        page.wait("history.length > 5", "some samples")
        page.evaluate("document.querySelector('#pause').click()")
        height = page.evaluate("document.documentElement.scrollHeight")
        box = page.evaluate("(({x, y, width, height}) => ({x, y, width, height}))(document.querySelector('[data-chart=ops]').getBoundingClientRect())")
        page.call("Input.dispatchMouseEvent", type="mouseMoved", x=box["x"] + box["width"] - 12, y=box["y"] + box["height"] / 2)
        page.wait("document.querySelectorAll('.plot .when').length === 4", "the time under the pointer, in every chart")
        assert page.evaluate("document.documentElement.scrollHeight") == height, "the page has moved under the pointer"
        shown = page.evaluate("[...document.querySelectorAll('.plot .when')].map(node => node.textContent)")
        assert len(set(shown)) == 1 and shown[0].count(":") == 2, shown
        page.call("Input.dispatchMouseEvent", type="mouseMoved", x=2, y=2)
        page.wait("!document.querySelector('.plot .when')", "it is gone")


@case()
def axes_are_round():
    with made_up(names_of(1)) as (page, _):
        ticks = lambda chart, *values: page.evaluate(f"scaleOf(charts[{chart}], {list(values)}).ticks")  # noqa: E731
        assert ticks(0, 15164) == [0, 4000, 8000, 12000, 16000] and ticks(0) == [0, 1, 2, 3], "operations per second"
        assert ticks(1, 0.0002, 0.004) == [0.0001, 0.0003, 0.001, 0.003, 0.01], "latencies, 1 and 3 of each ten"
        assert ticks(1, 0.00001, 0.5) == [1e-5, 1e-4, 1e-3, 0.01, 0.1, 1] and ticks(1) == [1e-4, 3e-4, 1e-3, 3e-3, 0.01]
        assert ticks(2, 0.93) == [0, 0.25, 0.5, 0.75, 1] and ticks(3, 2.5 * 2**20) == [0, 2**20, 2 * 2**20, 3 * 2**20]


@case()
def what_is_kept_is_bounded():
    with made_up(names_of(3)) as (page, _):
        page.wait("history.length > 2", "samples")
        kept = page.evaluate("(() => { for (let i = 1; i < 2000; ++i) remember(Date.now() + i * 1000); return history.length; })()")
        assert kept <= 601, kept
        told = page.evaluate("(() => { for (let i = 0; i < 999; ++i) tell('info', 'x'); return document.querySelectorAll('#events li').length; })()")
        assert told == 200, told


@case(timeout=90)
def proxy_lost_and_found():
    with made_up(names_of(3)) as (page, mock):
        page.wait("history.length > 2", "samples")
        mock.stop()
        page.wait("document.querySelector('#link').innerText === 'Unreachable'", "the loss is shown")
        assert "This proxy cannot be reached" in page.text("#alerts") and "What is shown below is from" in page.text("#alerts")
        assert len(arcs(page)) == 3, "what was known stays"
        mock.start()
        wait_live(page)
        assert not page.evaluate("document.querySelector('.alert')") and "answers again" in page.text("#events")
        # One that takes connections and says nothing is as good as gone.
        with mock.state.lock:
            page.wait("document.querySelector('#alerts').innerText.includes('No answer within 2.5 s')", "silence is shown")
        wait_live(page)


@case()
def refusals_are_told():
    with made_up(names_of(3)) as (page, mock):
        mock.state.failing = {"/metrics": 404}
        page.wait("document.querySelector('#alerts').innerText.includes('/metrics was answered with HTTP 404')", "no metrics")
        assert page.text("#link") == "Live" and len(arcs(page)) == 3
        mock.state.failing = {"/cluster": 401, "/metrics": 401}
        page.wait("document.querySelector('#alerts').innerText.includes('HTTP 401: this client may not read it')", "not allowed")
        mock.state.failing = {}
        page.wait("!document.querySelector('.alert')", "all is well again")


@case()
def rests_while_nobody_looks():
    with made_up(names_of(3)) as (page, _):
        asked = lambda: sum(address.endswith("/cluster") for address in page.requests)  # noqa: E731

        def rests():
            page.evaluate("new Promise(done => setTimeout(done, 300))")  # what was under way
            before = asked()
            page.evaluate("new Promise(done => setTimeout(done, 2500))")
            return asked() == before

        other = page.call("Target.createTarget", url="about:blank")["targetId"]
        page.wait("document.hidden", "the page is in the background")
        assert rests(), "it asks while hidden"
        page.call("Target.closeTarget", targetId=other)
        page.call("Page.bringToFront")
        before = asked()
        page.wait(lambda: asked() > before + 1, "it goes on")
        page.evaluate("document.querySelector('#pause').click()")
        assert "Paused" in page.text("#link") and rests(), "it asks while paused"
        page.evaluate("document.querySelector('#pause').click()")
        wait_live(page)


@case()
def keyboard_and_screen_reader():
    with made_up(names_of(3)) as (page, mock):
        wait_arcs(page, "abc")
        focus = "(document.activeElement.id || document.activeElement.textContent)"
        seen = []
        for _ in range(40):
            page.key("Tab")
            seen.append(page.evaluate(focus))
            if page.evaluate("document.activeElement === document.body"):
                break
        for stop in ("pause", "ring", "5 min", "Shard", "a", "events"):
            assert stop in seen, f"{stop!r} is not reached: {seen}"
        page.evaluate("document.querySelector('#ring').focus()")
        page.key("ArrowRight")
        page.key("ArrowRight")
        assert page.evaluate("page.picked") == "b" and page.text("#say").startswith("Shard b: 33.3 %"), page.text("#say")
        assert "shard b" in page.text("#charts")
        page.key("Escape")
        assert page.evaluate("page.picked") is None
        page.evaluate("[...document.querySelectorAll('thead button')].find(button => button.textContent === 'Operations/s').focus()")
        page.key("Enter")
        assert page.evaluate("document.querySelector('th[aria-sort]').innerText.trim()").startswith("Operations/s")
        assert page.evaluate("document.querySelector('th[aria-sort]').getAttribute('aria-sort')") == "descending"
        # Every control, and every picture that says something, has a name.
        nodes = page.call("Accessibility.getFullAXTree")["nodes"]
        roles = ("button", "img", "image", "link", "table", "group", "list")
        nameless = [
            node["role"]["value"] for node in nodes
            if not node["ignored"] and node["role"]["value"] in roles and not node.get("name", {}).get("value")
        ]  # fmt: skip
        assert not [role for role in nameless if role not in ("list",)], nameless
        assert sum(node["role"]["value"] == "row" for node in nodes) >= 4, "the table is a table to a screen reader"
        page.look(*PHONE)
        nodes = page.call("Accessibility.getFullAXTree")["nodes"]
        assert sum(node["role"]["value"] == "rowheader" for node in nodes if not node["ignored"]) >= 3, "on a phone, too"
        check_clean(page, mock.url)


@case()
def motion_only_if_wished():
    with made_up(names_of(3)) as (page, _):
        assert page.evaluate("document.getAnimations().length") > 0
        page.look(reduced_motion=True)
        page.wait("document.getAnimations().length === 0", "nothing moves")


# --- Real clusters ---


def page_of(cluster):
    """The address of the proxy's page."""
    with cluster.proxy.connect() as connection:
        connection.send(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = connection.line()
    assert answer == b"HTTP/1.1 200 OK", answer
    return f"https://127.0.0.1:{cluster.proxy.port}/"


@case(timeout=120)
def real_cluster():
    with Cluster(3, spare=1) as cluster, Browser(cluster.certs, width=DESKTOP[0], height=DESKTOP[1]) as page:
        url = page_of(cluster)
        with Load(cluster.proxy, may_forget=True) as load:
            page.open(url)
            wait_arcs(page, "abc")
            assert page.evaluate("fetch('/').then(answer => answer.text())") == PAGE.read_text(), "the page is the file"
            assert set(arcs(page).values()) == {5461, 5462}, arcs(page)
            page.wait("history[history.length - 1]?.ops > 0 && history[history.length - 1].p99 > 0", "rates and latencies")
            page.wait("[...history[history.length - 1].shards.values()].every(shard => shard.p99 > 0)", "latencies of each shard")
            page.wait("document.querySelector('#groups tbody').innerText.includes('string')", "groups of commands")
            check_clean(page, url)
            edited = time.monotonic()
            cluster.write(cluster.entries("a", "b", "c", "d"))
            wait_arcs(page, "abcd")
            took = time.monotonic() - edited
            note(f"an edit of servers.json is drawn after {took:.2f} s")
            assert took < FOLLOWS_WITHIN, took
            edited = time.monotonic()
            cluster.write('{"servers": [\n{"name": "a", }]}')
            page.wait("document.querySelector('.alert')", "the refused edit")
            took = time.monotonic() - edited
            note(f"a refused edit is shown after {took:.2f} s")
            assert took < FOLLOWS_WITHIN, took
            assert "line 2" in page.text("#alerts") and str(cluster.servers_file) in page.text("#alerts"), page.text("#alerts")
            cluster.write(cluster.entries("a", "b", "c", "d"))
            page.wait("!document.querySelector('.alert')", "it is mended")
            page.look(*PHONE)
            assert overflow(page) <= 0
            check_clean(page, url)
        load.check()


@case(timeout=120)
def real_cluster_in_trouble():
    with Cluster(3) as cluster, Browser(cluster.certs) as page:
        page.open(page_of(cluster))
        wait_arcs(page, "abc")
        cluster["b"].kill()
        page.wait("document.querySelector('#alerts').innerText.includes('Shard b is down')", "b is down")
        cluster["b"].start()
        page.wait("!document.querySelector('.alert')", "b is back")
        cluster.proxy.stop()
        page.wait("document.querySelector('#link').innerText === 'Unreachable'", "the proxy is gone")
        cluster.proxy = proxy(cluster.servers_file, folder=cluster.folder, certs=cluster.certs, port=cluster.proxy.port).start()
        wait_live(page)
        wait_arcs(page, "abc")
        eventually(lambda: "answers again" in page.text("#events"), "the recovery is told")


@case()
def needs_a_certificate():
    with Cluster(1) as cluster, Browser(cluster.certs, who=None) as page:
        url = page_of(cluster)
        answer = page.call("Page.navigate", url=url)
        # Which error it shows depends on whether the proxy's alert or the end of the connection is seen first.
        assert answer.get("errorText", "").startswith("net::ERR_") and not page.evaluate("document.querySelector('#ring')"), answer
