#!/usr/bin/env python3
"""Opens the pages that heapdiff writes in a headless Chromium, and uses them as people do.

  tests/browser.py check PROGRAM            fails if something does not work, or the browser complains of anything
  tests/browser.py screenshots PROGRAM DIR  pictures of the pages, to be looked at: wide and narrow, light and dark
  tests/browser.py time PROGRAM BASE CURRENT  how long a large page takes to load, to sort, to filter and to scroll

Needs Debian's chromium, and nothing else: it is driven over a pipe (--remote-debugging-pipe), a JSON message and a zero
byte each way.
"""
import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = ROOT / "testdata"
PAIR = [DATA / "before.pb.gz", DATA / "after.pb.gz"]
SERIES = DATA / "captures/sessiond/rate512k"
# Some growth is confirmed, some is suspect, and some is noise.
NOISY = [DATA / "captures/etcd/rate512k" / name for name in ("heap_01.pb.gz", "heap_07.pb.gz")]
# With the module whose main.go the profiles name.
SOURCES = DATA / "captures"
KEYS = {"Enter": 13, "Escape": 27, "ArrowUp": 38, "ArrowDown": 40, "ArrowLeft": 37, "ArrowRight": 39, "End": 35, "Tab": 9, "c": 67}
# What must stay text, in the names of a function and of a file.
HOSTILE = [
    "main.<img src=x onerror=\"window.hacked=1\">",
    "main.</script><script>window.hacked=2</script>",
    "main.</style></title></svg>]]><!--'\"&amp;",
    "main.\x1b[31m\x00\x07\u202egnp\u2028\u2029\uffff.f",
    "javascript:window.hacked=3",
    "main.<script>window.hacked=4<!--<script>",
]


class Browser:
    """A Chromium with one page, and what it complained of."""

    def __init__(self):
        self.profile = tempfile.mkdtemp()
        to_browser, self.to = os.pipe()
        self.back, from_browser = os.pipe()

        def pipes():
            # Away from 3 and 4 first, as either may be one of them.
            reads, writes = os.dup(to_browser), os.dup(from_browser)
            while reads in (3, 4) or writes in (3, 4):
                reads, writes = os.dup(reads), os.dup(writes)
            os.dup2(reads, 3)
            os.dup2(writes, 4)

        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-extensions",
                 "--disable-dev-shm-usage", "--remote-debugging-pipe", f"--user-data-dir={self.profile}", "about:blank"]
        self.process = subprocess.Popen(["chromium", *flags], preexec_fn=pipes, close_fds=False,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self.buffer, self.last, self.session, self.complaints = b"", 0, None, []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ["Page", "Runtime", "Log"]:
            self.call(f"{domain}.enable")
        self.look()

    def close(self):
        self.process.terminate()
        self.process.wait(30)
        shutil.rmtree(self.profile, ignore_errors=True)

    def read(self):
        while b"\0" not in self.buffer:
            more = os.read(self.back, 1 << 16)
            if not more:
                raise SystemExit("the browser went away")
            self.buffer += more
        message, self.buffer = self.buffer.split(b"\0", 1)
        message = json.loads(message)
        method, params = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.complaints.append(params["exceptionDetails"])
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
            self.complaints.append(params["args"])
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.complaints.append(params["entry"])
        return message

    def call(self, method, **params):
        self.last += 1
        message = {"id": self.last, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while (answer := self.read()).get("id") != self.last:
            pass
        assert "error" not in answer, (method, answer)
        return answer["result"]

    def look(self, width=1280, height=900, scheme="light", media=""):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 800)
        self.call("Emulation.setEmulatedMedia", media=media, features=[{"name": "prefers-color-scheme", "value": scheme}])

    def open(self, path):
        self.call("Page.navigate", url=pathlib.Path(path).resolve().as_uri())
        while self.read().get("method") != "Page.loadEventFired":
            pass
        # A frame of the picture, so that sizes are known.
        self.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def run(self, script):
        answer = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, (script, answer)
        return answer["result"].get("value")

    def key(self, name, modifiers=0):
        for kind in ["keyDown", "keyUp"]:
            text = {"text": "\r"} if name == "Enter" and kind == "keyDown" else {}
            self.call("Input.dispatchKeyEvent", type=kind, key=name, code=name, windowsVirtualKeyCode=KEYS[name],
                      modifiers=modifiers, **text)

    def type(self, text):
        self.call("Input.insertText", text=text)

    def click(self, selector, count=1):
        box = self.run(f"""(() => {{ const found = document.querySelector({json.dumps(selector)});
            found.scrollIntoView({{block: "center"}}); const box = found.getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2]; }})()""")
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=box[0], y=box[1])
        for click in range(1, count + 1):
            for kind in ["mousePressed", "mouseReleased"]:
                self.call("Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=click)

    def screenshot(self, path, full=False):
        image = self.call("Page.captureScreenshot", captureBeyondViewport=full,
                          **({"clip": dict(x=0, y=0, scale=1, **self.run(
                              "({width: document.documentElement.scrollWidth, height: Math.min(document.documentElement.scrollHeight, 4000)})"))}
                             if full else {}))
        pathlib.Path(path).write_bytes(base64.b64decode(image["data"]))


def varint(number):
    """A number as protobuf writes it."""
    number &= (1 << 64) - 1
    out = b""
    while number >= 0x80:
        out, number = out + bytes([number & 0x7F | 0x80]), number >> 7
    return out + bytes([number])


def field(tag, value):
    """A field: a number, bytes, or a message as bytes."""
    if isinstance(value, int):
        return varint(tag << 3) + varint(value)
    return varint(tag << 3 | 2) + varint(len(value)) + value


def hostile(path, factor):
    """A heap profile whose functions and files have names that would be markup or scripts."""
    strings = [""]

    def text(string):
        if string not in strings:
            strings.append(string)
        return strings.index(string)

    types = ["alloc_objects/count", "alloc_space/bytes", "inuse_objects/count", "inuse_space/bytes"]
    out = b"".join(field(1, field(1, text(kind)) + field(2, text(unit))) for kind, unit in (t.split("/") for t in types))
    for at, name in enumerate(HOSTILE, 1):
        objects, space = 100 * at * factor, 1_000_000 * at * factor
        stack = list(range(at, len(HOSTILE) + 1))
        values = b"".join(varint(value) for value in (objects, space, objects, space))
        out += field(2, field(1, b"".join(map(varint, stack))) + field(2, values) +
                     field(3, field(1, text("bytes")) + field(3, 10_000)))
        out += field(4, field(1, at) + field(3, 4096 * at) + field(4, field(1, at) + field(2, 10 + at)))
        out += field(5, field(1, at) + field(2, text(name)) + field(3, text(name)) + field(4, text(f"{name}.go")) + field(5, 1))
    out += field(9, 1_700_000_000_000_000_000 + factor) + field(11, field(1, text("space")) + field(2, text("bytes")))
    out += field(12, 524288)
    out += b"".join(field(6, string.encode("utf-8", "surrogatepass")) for string in strings)
    path.write_bytes(out)
    return path


def heapdiff(program, *args):
    subprocess.run([program, *map(str, args)], check=True, stdout=subprocess.DEVNULL)


def write_pages(program, folder):
    """All kinds of pages, by name."""
    pages = {name: folder / name for name in
             ["report.html", "lines.html", "noise.html", "flame.html", "flame.svg", "trend.html", "hostile.html", "hostile-flame.html", "hostile.svg"]}
    heapdiff(program, "report", "--source-root", SOURCES, "-o", pages["report.html"], *PAIR)
    heapdiff(program, "report", "--by", "lines", "-o", pages["lines.html"], *PAIR)
    heapdiff(program, "report", "-o", pages["noise.html"], *NOISY)
    heapdiff(program, "flame", "-o", pages["flame.html"], *PAIR)
    heapdiff(program, "flame", "-o", pages["flame.svg"], *PAIR)
    heapdiff(program, "trend", "--report", pages["trend.html"], "--source-root", SOURCES, SERIES)
    nasty = [hostile(folder / "hostile-a.pb", 1), hostile(folder / "hostile-b.pb", 3)]
    # A source with markup, in a file whose name is some.
    sources = folder / "hostile-sources"
    sources.mkdir(exist_ok=True)
    code = [f"{name} // func" for name in HOSTILE] * 3
    (sources / f"{HOSTILE[0]}.go").write_text("\n".join(code), "utf-8", "replace")
    heapdiff(program, "report", "--source-root", sources, "-o", pages["hostile.html"], *nasty)
    heapdiff(program, "flame", "-o", pages["hostile-flame.html"], *nasty)
    heapdiff(program, "flame", "-o", pages["hostile.svg"], *nasty)
    return pages


TEXTS = "[...document.querySelectorAll(%s)].map((found) => found.textContent)"


def texts(browser, selector):
    return browser.run(TEXTS % json.dumps(selector))


def number(text):
    """What a cell says, in bytes or objects."""
    units = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
    parts = text.replace(",", "").split()
    return float(parts[0]) * units[parts[1]] if len(parts) > 1 else float(parts[0])


def check_flame(browser, page):
    """Zoom, search, the switches and the arrow keys of a graph."""
    nodes = 'g[role="treeitem"]'
    count = len(texts(browser, nodes))
    assert count > 10, (page, count)
    width = "Number(document.querySelector('%s[aria-level=\"%d\"] rect').getAttribute('width'))"
    deep = browser.run(f"Math.max(...[...document.querySelectorAll('{nodes}')].map((node) => node.ariaLevel))")
    before = browser.run(width % (nodes, deep))
    browser.click(f'{nodes}[aria-level="{deep}"] rect')
    assert browser.run(width % (nodes, deep)) > before, "a click zooms in"
    assert len(texts(browser, f"{nodes}.caller")) == deep - 1, "callers stay above"
    browser.click("#flame .toolbar > button")
    assert len(texts(browser, nodes)) == count, "and out"

    browser.run(f"document.querySelector('{nodes}[tabindex=\"0\"]').focus()")
    level = "document.activeElement.ariaLevel"
    assert browser.run(level) == "1"
    browser.key("ArrowDown")
    assert browser.run(level) == "2"
    browser.key("ArrowDown")
    browser.key("ArrowUp")
    assert browser.run(level) == "2"
    browser.key("ArrowRight")
    browser.key("ArrowLeft")
    assert browser.run(level) == "2"
    tip = texts(browser, "#flame .tip div")
    assert len(tip) >= 5 and "→" in "".join(tip) and "inuse_objects" in "".join(tip), tip
    browser.key("Enter")
    zoomed = browser.run("document.querySelectorAll('#flame .caller').length")
    assert zoomed == 1 and browser.run(level) == "2", "Enter zooms, and the focus stays"
    browser.key("Escape")
    assert browser.run("document.querySelectorAll('#flame .caller').length") == 0

    browser.click("#flame input")
    browser.type("STORE")
    assert len(texts(browser, f"{nodes}.hit")) > 0 and "→" in texts(browser, "#flame .found")[0]
    browser.run("(() => { const input = document.querySelector('#flame input'); input.value = 'nosuch';"
                " input.dispatchEvent(new Event('input')); })()")
    assert texts(browser, "#flame .found") == ["nothing found"]
    browser.run("(() => { const input = document.querySelector('#flame input'); input.value = '';"
                " input.dispatchEvent(new Event('input')); })()")

    labels = TEXTS % json.dumps("#flame g text")
    by_space = browser.run(labels)
    browser.click('button[value="objects"]')
    by_objects = browser.run(labels)
    assert by_space != by_objects and "MiB" in by_space[0] and "MiB" not in by_objects[0], (by_space[0], by_objects[0])
    browser.click('button[value="space"]')
    assert browser.run(labels) == by_space
    browser.click('button[value="delta"]')
    assert len(texts(browser, nodes)) < count, "what did not grow has no width"
    browser.click('button[value="current"]')


def check_callers(browser):
    """The callers of a function over all stacks: by a double click, by the button, and by a key."""
    nodes = 'g[role="treeitem"]'
    through = "#flame .through"
    label = f"document.querySelector('{nodes}').ariaLabel.split(';')[0]"
    hidden = f"document.querySelector('{through}').hidden"
    everything = texts(browser, nodes)
    deep = browser.run(f"Math.max(...[...document.querySelectorAll('{nodes}')].map((node) => node.ariaLevel))")
    leaf = f'{nodes}[aria-level="{deep}"]'
    name = browser.run(f"document.querySelector('{leaf}').ariaLabel.split(';')[0]")
    caller = browser.run(f"document.querySelectorAll('{nodes}')[[...document.querySelectorAll('{nodes}')].findIndex((node) => node.matches('{leaf}')) - 1].ariaLabel.split(';')[0]")
    assert browser.run(hidden)
    browser.click(f"{leaf} rect", 2)
    assert not browser.run(hidden) and browser.run(label) == name, (browser.run(label), name)
    said = texts(browser, f"{through} [role=status]")[0]
    assert said.startswith("Callers of ") and "→" in said and "place" in said, said
    callers = browser.run(f"[...document.querySelectorAll('{nodes}[aria-level=\"2\"]')].map((node) => node.ariaLabel.split(';')[0])")
    assert caller in callers, (caller, callers)
    # Its callers have as much as the function itself, as each stack has one.
    widths = browser.run(f"[1, 2].map((level) => [...document.querySelectorAll(`{nodes}[aria-level=\"${{level}}\"] rect`)].reduce((sum, rect) => sum + Number(rect.getAttribute('width')), 0))")
    assert abs(widths[0] - widths[1]) < 2, widths
    browser.click(f'{through} button[value="down"]')
    assert texts(browser, f"{through} [role=status]")[0].startswith("Callees of ") and browser.run(label) == name
    browser.click(f"{through} > button")
    assert browser.run(hidden)
    browser.click("#flame .toolbar > button")
    assert texts(browser, nodes) == everything
    # Zoom in, and the button is for that frame.
    button = "#flame .toolbar > button:nth-of-type(2)"
    assert browser.run(f"document.querySelector('{button}').disabled")
    browser.click(f"{leaf} rect")
    browser.click(button)
    assert browser.run(label) == name
    browser.run(f"document.querySelector('{nodes}').focus()")
    browser.key("ArrowDown")
    above = browser.run("document.activeElement.ariaLabel.split(';')[0]")
    browser.key("c")
    assert browser.run(label) == above, "a key does, too"
    browser.key("Escape")
    assert browser.run(hidden), "and Escape goes back"
    browser.key("Escape")
    assert texts(browser, nodes) == everything


def check_noise(browser, page):
    """What is certain is red, what is noise is hatched, and both say so without colour."""
    browser.open(page)
    names = "[...document.querySelectorAll('#flame g.%s')].map((node) => node.ariaLabel)"
    noise, grown = browser.run(names % "z"), browser.run(names % "g4")
    assert noise and all("within sampling noise" in label for label in noise), noise
    assert grown and not any("sampling noise" in label.split("inuse_objects")[0] for label in grown), grown
    fill = "getComputedStyle(document.querySelector('#flame g.%s rect')).fill"
    assert "#hatching" in browser.run(fill % "z") and "rgb" in browser.run(fill % "g4")
    assert browser.run("!!document.querySelector('#hatching')")
    verdicts = browser.run("[...document.querySelectorAll('#sites tr[data-place]')].map((row) => [row.className, getComputedStyle(row.querySelector('.what .first'), '::before').content])")
    marks = {"grew": '"● "', "suspect": '"○ "', "noise": '"~ "', "same": "none"}
    assert {kind for kind, _ in verdicts} == set(marks), verdicts
    assert all(content == marks[kind] for kind, content in verdicts), verdicts
    order = [list(marks).index(kind) for kind, _ in verdicts]
    assert order[0] == 0 and order[1] == 1, verdicts
    assert "(confirmed)" in texts(browser, "h1")[0]


def check_lines(browser, page):
    """The lines of what grew, with their source, which the details lead to."""
    browser.open(page)
    code = texts(browser, ".code tbody tr.grew td:last-child code")
    assert any("make([]byte" in line for line in code), code
    numbers = texts(browser, ".code tbody tr.grew td:first-child")
    total = number(texts(browser, ".code summary .grew")[0])
    assert abs(sum(map(number, numbers)) - total) < 0.02 * total, (numbers, total)
    assert "in hex.EncodeToString" in texts(browser, ".code .callee")
    browser.run("document.querySelector('.code details').open = false")
    browser.run("document.querySelector('#sites tr[data-place]').click()")
    buttons = texts(browser, "#details .content button")
    assert buttons == ["Find in the flame graph", "Show its callers", "Show its lines"], buttons
    browser.click("#details .content button:nth-of-type(3)")
    assert browser.run("document.querySelector('.code details').open && document.activeElement.tagName") == "SUMMARY"
    browser.run("document.querySelector('#sites tr[data-place]').click()")
    browser.click("#details .content button:nth-of-type(2)")
    assert not browser.run("document.querySelector('#flame .through').hidden")
    browser.key("Escape")


def check_cards(browser, page):
    """On a phone a row is a card, each value with its title, and there is a choice of the order."""
    browser.look(390, 844)
    browser.open(page)
    shown = "getComputedStyle(document.querySelector('%s')).display"
    assert browser.run(shown % "#sites thead") == "none" and browser.run(shown % "#sort") != "none"
    title = "[...document.querySelectorAll('#sites tr[data-place] td')].filter((cell) => getComputedStyle(cell).display !== 'none').map((cell) => getComputedStyle(cell, '::before').content)"
    titles = [text.strip('"') for text in browser.run(title)]
    assert {"inuse_space", "inuse_objects", "95 % interval", "verdict", "called by"} <= set(titles), titles
    heights = browser.run("[...document.querySelectorAll('#sites tr[data-place]')].map((row) => row.getBoundingClientRect().height)")
    assert len(set(heights)) == 1, heights
    cut = browser.run("[...document.querySelectorAll('#sites td.number div, #sites td.bounds .second')].filter((found) => found.scrollWidth > found.clientWidth + 1).map((found) => found.textContent)")
    assert not cut, cut
    browser.run("(() => { const order = document.querySelector('#sort select'); order.value = 'name'; order.dispatchEvent(new Event('change')); })()")
    names = [name.lower() for name in texts(browser, "#sites tr[data-place] .site .first")]
    assert names == sorted(names), names
    browser.look()


def check_table(browser):
    """Sorting, filtering, the keyboard and the details."""
    def row(n):
        return f'#sites tr[data-place="{n}"]'

    def column(selector):
        return texts(browser, f"#sites tr[data-place] {selector}")

    all_sites = column(".site .first")
    space = list(map(number, column(".number:nth-of-type(2) .first")))
    assert len(all_sites) > 5 and space == sorted(space, reverse=True), space
    for by, selector, key in [
        ("delta objects", ".number:nth-of-type(3) .first", number),
        ("current space", ".number:nth-of-type(2) .second", lambda text: number(text.split(" → ")[1])),
        ("base objects", ".number:nth-of-type(3) .second", lambda text: number(text.split(" → ")[0])),
        ("name", ".site .first", str.lower),
        ("place", ".site .second", str.lower),
        ("what", ".what .first", str.lower),
        ("owner", ".owner .first", str.lower),
    ]:
        for _ in range(2):
            browser.click(f'#sites button[data-by="{by}"]')
            direction = browser.run(f"document.querySelector('#sites button[data-by=\"{by}\"]').closest('th').ariaSort")
            found = list(map(key, column(selector)))
            assert found == sorted(found, reverse=direction == "descending"), (by, direction, found)
    for by in ["low", "high"]:
        browser.click(f'#sites button[data-by="{by}"]')
        bounds = [text.split(" to ")[by == "high"] for text in column(".bounds .second") if text != "unknown"]
        assert list(map(number, bounds)) == sorted(map(number, bounds), reverse=True), bounds
    browser.click('#sites button[data-by="rank"]')
    assert column(".site .first") == all_sites

    browser.click("#filter")
    browser.type("CONFIRMED create")
    kept = column(".what .first")
    assert 0 < len(kept) < len(all_sites) and all("confirmed" in what for what in kept), kept
    assert texts(browser, "#count")[0].startswith(f"{len(kept)} of ")
    browser.run("(() => { const input = document.querySelector('#filter'); input.value = ''; input.dispatchEvent(new Event('input')); })()")

    bars = "[...document.querySelectorAll('#sites .bounds svg')].map((bar) => bar.outerHTML).join()"
    by_space = browser.run(bars)
    assert "<rect" in by_space
    browser.click('#metric button[value="objects"]')
    assert browser.run(bars) != by_space, "the bounds are of the metric"
    browser.click('#metric button[value="space"]')

    # One stop for the table: then arrow keys.
    browser.run(f"document.querySelector('{row(0)}').focus()")
    browser.key("ArrowDown")
    place = "document.activeElement.dataset.place"
    assert browser.run(place) == "1"
    browser.key("Enter")
    assert browser.run("document.querySelector('#details').open")
    assert texts(browser, "#details h2")[0].endswith(texts(browser, row(1) + " .site .first")[0].rsplit("/", 1)[-1])
    assert len(texts(browser, "#details ol.stack")) >= 1 and len(texts(browser, "#details ol.stack li")) > 2
    assert len(texts(browser, "#details .numbers tr")) == 5
    browser.key("Escape")
    assert not browser.run("document.querySelector('#details').open")
    assert browser.run(place) == "1", "the focus comes back to the row"
    browser.key("End")
    assert browser.run(place) == str(len(all_sites) - 1)
    browser.click(row(0) + " .site")
    assert browser.run("document.querySelector('#details').open"), "a click opens it, too"
    browser.click("#details .content button:nth-of-type(1)")
    assert len(texts(browser, "#flame .hit")) > 0, "and the graph shows where it is"
    browser.run("(() => { const input = document.querySelector('#flame input'); input.value = ''; input.dispatchEvent(new Event('input')); })()")

    # From the first control on, by Tab alone, each with a focus that can be seen.
    browser.run("document.activeElement.blur(); scrollTo(0, 0)")
    seen = []
    for _ in range(40):
        browser.key("Tab")
        seen.append(browser.run("document.activeElement.tagName + (document.activeElement.id ? '#' + document.activeElement.id : '')"))
        if seen[-1] == "TR":
            break
    assert "g" in seen and "INPUT#filter" in seen and seen[-1] == "TR", seen


def check_print(browser, page):
    """On paper: all rows, and nothing to click on."""
    browser.open(page)
    browser.look(media="print")
    browser.run("dispatchEvent(new Event('beforeprint'))")
    rows = browser.run("document.querySelectorAll('#sites tr[data-place]').length")
    assert rows == browser.run("JSON.parse(document.getElementById('data').textContent).sites.id.length"), rows
    shown = "getComputedStyle(document.querySelector('%s')).display"
    assert browser.run(shown % "#flame .toolbar") == "none" and browser.run(shown % "#metric") == "none"
    pdf = base64.b64decode(browser.call("Page.printToPDF")["data"])
    assert pdf.startswith(b"%PDF")
    browser.run("dispatchEvent(new Event('afterprint'))")
    browser.look()


def check_hostile(browser, page):
    """Names stay text, wherever they are shown."""
    browser.open(page)
    assert browser.run("document.querySelectorAll('img, iframe, object, embed, a, link, base').length") == 0
    # The data, and the script; in a page also nothing else that could be one.
    assert browser.run("document.querySelectorAll('script').length") == 2, page
    assert browser.run("typeof window.hacked") == "undefined", page
    everything = browser.run("document.documentElement.textContent + [...document.querySelectorAll('[aria-label]')].map((found) => found.ariaLabel)")
    assert "<img src=x onerror=" in everything and "</script><script>" in everything, page
    for wrong in "\x1b\x00\x07\u202e":
        assert wrong not in everything, (page, wrong)
    if browser.run("!!document.querySelector('#sites')"):
        assert any("<img" in line for line in texts(browser, ".code code")), "the source is text, too"
        for place in range(browser.run("document.querySelectorAll('#sites tr[data-place]').length")):
            browser.run(f"document.querySelector('#sites tr[data-place=\"{place}\"]').click()")
            browser.run("document.querySelector('#details').close()")
    browser.run("document.querySelectorAll('g[role=\"treeitem\"]').forEach((node) => node.dispatchEvent(new PointerEvent('pointermove', {bubbles: true})))")
    assert browser.run("document.querySelectorAll('img').length") == 0
    assert browser.run("typeof window.hacked") == "undefined", page


def check_policy(browser, page):
    """What an injected script would meet."""
    browser.open(page)
    browser.run("""(() => { const script = document.createElement("script"); script.textContent = "window.hacked = 9";
        document.body.append(script); const image = document.createElement("img"); image.src = "data:,";
        image.setAttribute("onerror", "window.hacked = 10"); document.body.append(image); })()""")
    assert browser.run("new Promise((done) => setTimeout(() => done(typeof window.hacked), 100))") == "undefined"
    assert any("Content Security Policy" in str(complaint) for complaint in browser.complaints), browser.complaints
    browser.complaints.clear()


def check_trend(browser, page):
    browser.open(page)
    assert texts(browser, "h1")[0].startswith("Leak: main.(*store).create keeps growing by")
    assert len(texts(browser, ".card .spark")) == 2
    points = browser.run("document.querySelector('#sites .spark polyline').getAttribute('points').split(' ').length")
    assert points == 7, points
    assert "leak" in texts(browser, "#sites tr[data-place] .what")[0]


def check(program):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        pages = write_pages(program, folder)
        browser = Browser()
        try:
            for name in ["flame.html", "flame.svg", "report.html", "lines.html"]:
                browser.open(pages[name])
                check_flame(browser, name)
                check_callers(browser)
            check_table(browser)
            check_noise(browser, pages["noise.html"])
            check_lines(browser, pages["report.html"])
            check_cards(browser, pages["lines.html"])
            # Too narrow for a table: nothing sticks out.
            for name in ["report.html", "lines.html", "noise.html", "trend.html", "flame.html", "flame.svg"]:
                browser.look(390, 844, "dark")
                browser.open(pages[name])
                wide = browser.run("document.documentElement.scrollWidth")
                assert wide <= 390, (name, wide)
            browser.look()
            check_print(browser, pages["report.html"])
            check_trend(browser, pages["trend.html"])
            for name in ["hostile.html", "hostile-flame.html", "hostile.svg"]:
                check_hostile(browser, pages[name])
            assert not browser.complaints, browser.complaints
            check_policy(browser, pages["hostile.html"])
        finally:
            browser.close()
    print("the pages work")


def screenshots(program, folder):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    pages = write_pages(program, folder)
    browser = Browser()
    try:
        for name in ["report.html", "lines.html", "noise.html", "trend.html", "flame.html", "flame.svg", "hostile.html"]:
            for width, height in [(1280, 900), (390, 844)]:
                for scheme in ["light", "dark"]:
                    browser.look(width, height, scheme)
                    browser.open(pages[name])
                    shot = f"{name.replace('.', '-')}-{width}-{scheme}"
                    browser.screenshot(folder / f"{shot}.png", full=True)
                    if name in ("report.html", "trend.html") and scheme == "light":
                        browser.run("document.querySelector('#sites tr[data-place]').click()")
                        browser.screenshot(folder / f"{shot}-details.png")
                        browser.click("#details .content button:nth-of-type(2)")
                        browser.screenshot(folder / f"{shot}-callers.png")
        browser.look(1000, 1300, "light", "print")
        browser.open(pages["report.html"])
        browser.run("dispatchEvent(new Event('beforeprint'))")
        browser.screenshot(folder / "print.png", full=True)
    finally:
        browser.close()


def measure(program, base, current):
    """Milliseconds, as a script on the page takes them, each until the frame behind it is laid out."""
    with tempfile.TemporaryDirectory() as folder:
        page = pathlib.Path(folder) / "report.html"
        heapdiff(program, "report", "-o", page, base, current)
        browser = Browser()
        try:
            browser.open(page)
            load = browser.run("performance.getEntriesByType('navigation')[0].loadEventEnd")
            sites = browser.run("JSON.parse(document.getElementById('data').textContent).sites.id.length")
            print(f"{page.stat().st_size} bytes, {sites} sites, loaded in {load:.0f} ms,"
                  f" {browser.run('document.querySelectorAll(`*`).length')} elements")
            for what, script in {
                "sort": "document.querySelector('#sites button[data-by=\"name\"]').click()",
                "filter": "(() => { const input = document.querySelector('#filter'); input.value = 'new'; input.dispatchEvent(new Event('input')); input.value = ''; input.dispatchEvent(new Event('input')); })()",
                "scroll": "scrollTo(0, document.documentElement.scrollHeight * Math.random())",
                "metric": "document.querySelector('#metric button[aria-pressed=false]').click()",
                "zoom": "document.querySelectorAll('g[role=\"treeitem\"]')[3].dispatchEvent(new MouseEvent('click', {bubbles: true}))",
            }.items():
                times = [browser.run(f"""new Promise((done) => {{ const start = performance.now(); {script};
                    requestAnimationFrame(() => setTimeout(() => done(performance.now() - start))); }})""") for _ in range(9)]
                print(f"{what}: median {sorted(times)[4]:.0f} ms, most {max(times):.0f} ms")
            assert not browser.complaints, browser.complaints
        finally:
            browser.close()


if __name__ == "__main__":
    command, *args = sys.argv[1:] or ["help"]
    commands = {"check": check, "screenshots": screenshots, "time": measure}
    if command not in commands:
        sys.exit(__doc__)
    commands[command](*args)
