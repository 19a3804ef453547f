"""Headless Chromium with a client certificate, driven over a pipe by the DevTools protocol: no library, no port, no policy file.

The profile is a folder of its own: HOME has an NSS database with the authority and the client's certificate, and the profile's
preferences say that this certificate is shown to servers on 127.0.0.1 without asking.
"""

import base64
import itertools
import json
import os
import select
import shutil
import subprocess
import time

from harness import workspace
from harness.case import SANITIZED, Skip

TIMEOUT = 60 if SANITIZED else 20
NEEDED = {"chromium": "chromium", "certutil": "libnss3-tools", "pk12util": "libnss3-tools"}
# What else a browser does on its own (updates, spelling, translations) only costs time here.
FLAGS = (
    "--headless=new --remote-debugging-pipe --no-first-run --disable-gpu --disable-dev-shm-usage --disable-extensions "
    "--disable-background-networking --disable-component-update --disable-sync --disable-default-apps --no-pings "
    "--disable-features=Translate,OptimizationHints,MediaRouter --password-store=basic --mute-audio --hide-scrollbars "
    "--force-color-profile=srgb --lang=en"
).split()


def require():
    missing = sorted({package for command, package in NEEDED.items() if not shutil.which(command)})
    if missing:
        raise Skip(f"needs a browser: apt-get install --no-install-recommends {' '.join(missing)}")


class Browser:
    """`with Browser(certs) as page: page.open(url)`: one browser with one page. `who` None: without a certificate."""

    def __init__(self, certs, who="client", width=1280, height=900, dark=False):
        self.certs, self.who = certs, who
        self.size, self.dark = (width, height), dark
        self.folder = workspace.new_folder("browser")
        self.process = None
        self.problems = []  # what stood in the console, and what could not be loaded
        self.requests = []  # the address of everything that was asked for
        self._ids = itertools.count(1)
        self._replies = {}
        self._buffer = b""
        self._session = None
        self._loaded = 0

    def __enter__(self):
        require()
        self._make_profile()
        try:
            self._start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    # --- The page ---

    def open(self, url):
        loaded = self._loaded
        answer = self.call("Page.navigate", url=url)
        assert "errorText" not in answer, f"{url}: {answer['errorText']}"
        self.wait(lambda: self._loaded > loaded, f"{url} is loaded")

    def evaluate(self, expression):
        """The value of a JavaScript expression (a promise is waited for)."""
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, f"{expression}: {answer['exceptionDetails']}"
        return answer["result"].get("value")

    def wait(self, condition, what, timeout=TIMEOUT):
        """Until `condition` (a function, or JavaScript) is true; returns its value."""
        limit = time.monotonic() + timeout
        while True:
            value = self.evaluate(f"Boolean({condition})") if isinstance(condition, str) else condition()
            if value:
                return value
            assert time.monotonic() < limit, f"not within {timeout} s: {what}; the page has problems: {self.problems[-5:]}"
            self._receive(0.02)

    def text(self, selector="body"):
        return self.evaluate(f"document.querySelector({json.dumps(selector)}).innerText")

    def look(self, width=None, height=None, dark=None, reduced_motion=False):
        """Changes the window and what the page is told of the user's wishes."""
        self.size = (width or self.size[0], height or self.size[1])
        self.dark = self.dark if dark is None else dark
        self.call(
            "Emulation.setDeviceMetricsOverride", width=self.size[0], height=self.size[1], deviceScaleFactor=1, mobile=False
        )
        features = [
            {"name": "prefers-color-scheme", "value": "dark" if self.dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce" if reduced_motion else "no-preference"},
        ]
        self.call("Emulation.setEmulatedMedia", features=features)

    def screenshot(self, path, full=True):
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=full)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def key(self, name, code=None):
        for kind in ("keyDown", "keyUp"):
            text = "\r" if name == "Enter" else name if len(name) == 1 else ""
            self.call("Input.dispatchKeyEvent", type=kind, key=name, code=code or name, text=text if kind == "keyDown" else "",
                      windowsVirtualKeyCode={"Tab": 9, "Enter": 13, "Escape": 27}.get(name, 0))  # fmt: skip

    # --- The protocol: JSON messages that end in NUL, on descriptors 3 and 4 of the browser ---

    def call(self, method, **parameters):
        number = next(self._ids)
        message = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        limit = time.monotonic() + TIMEOUT
        while number not in self._replies:
            left = limit - time.monotonic()
            assert left > 0, f"the browser does not answer {method}:\n{self.log()}"
            self._receive(left)
        reply = self._replies.pop(number)
        assert "error" not in reply, f"{method}: {reply['error']}"
        return reply["result"]

    def _receive(self, timeout):
        if not select.select([self._from], [], [], timeout)[0]:
            return
        data = os.read(self._from, 1 << 20)
        assert data, f"the browser has ended:\n{self.log()}"
        *messages, self._buffer = (self._buffer + data).split(b"\0")
        for message in map(json.loads, messages):
            if "id" in message:
                self._replies[message["id"]] = message
            else:
                self._on_event(message["method"], message["params"])

    def _on_event(self, method, event):
        if method == "Page.loadEventFired":
            self._loaded += 1
        elif method == "Runtime.consoleAPICalled":
            values = [str(argument.get("value", argument.get("description", ""))) for argument in event["args"]]
            self.problems.append(f"console.{event['type']}: {' '.join(values)}")
        elif method == "Runtime.exceptionThrown":
            details = event["exceptionDetails"]
            self.problems.append(f"exception: {details['text']} {details.get('exception', {}).get('description', '')}")
        elif method == "Log.entryAdded":
            entry = event["entry"]
            self.problems.append(f"log {entry['level']}: {entry['text']} {entry.get('url', '')}")
        elif method == "Network.requestWillBeSent":
            self.requests.append(event["request"]["url"])

    # --- The process ---

    def log(self):
        return (self.folder / "chromium.log").read_text(errors="replace")[-2000:]

    def _make_profile(self):
        database = self.folder / ".pki" / "nssdb"
        database.mkdir(parents=True)
        nss(["certutil", "-N", "-d", f"sql:{database}", "--empty-password"])
        nss(["certutil", "-A", "-d", f"sql:{database}", "-n", "ca", "-t", "C,,", "-i", self.certs.ca])
        if self.who:
            bundle = self.folder / "client.p12"
            nss(["openssl", "pkcs12", "-export", "-in", self.certs.cert(self.who), "-inkey", self.certs.key(self.who),
                 "-name", "client", "-passout", "pass:test", "-out", bundle])  # fmt: skip
            nss(["pk12util", "-i", bundle, "-d", f"sql:{database}", "-W", "test", "-K", ""])
        setting = {"https://127.0.0.1,*": {"setting": {"filters": [{}]}}}
        preferences = {"profile": {"content_settings": {"exceptions": {"auto_select_certificate": setting}}}}
        profile = self.folder / "profile" / "Default"
        profile.mkdir(parents=True)
        (profile / "Preferences").write_text(json.dumps(preferences))

    def _start(self):
        to_read, self._to = os.pipe()
        self._from, to_write = os.pipe()
        flags = [*FLAGS, f"--user-data-dir={self.folder / 'profile'}", f"--window-size={self.size[0]},{self.size[1]}"]
        if os.geteuid() == 0:
            flags.append("--no-sandbox")  # its sandbox refuses root
        environment = {
            **os.environ,
            "HOME": str(self.folder),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            "XDG_DATA_HOME": str(self.folder / "data"),
        }
        # The shell puts the pipes where the browser looks for them, and becomes the browser.
        shell = f'exec 3<&{to_read} 4>&{to_write} && exec "$@"'
        with open(self.folder / "chromium.log", "wb") as log:
            self.process = subprocess.Popen(
                ["bash", "-c", shell, "bash", "chromium", *flags, "about:blank"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                pass_fds=(to_read, to_write),
            )
        os.close(to_read)
        os.close(to_write)
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(target for target in targets if target["type"] == "page")
        self._session = self.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.look()

    def close(self):
        if self.process is None:
            return
        for descriptor in (self._to, self._from):  # the browser ends when its pipe does
            os.close(descriptor)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
        self.process = None


def nss(command):
    subprocess.run(list(map(str, command)), check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=30)
