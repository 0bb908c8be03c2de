# SPDX-License-Identifier: BSD-2-Clause
"""A real browser for tests of pages: headless chromium behind Debian's chromedriver, spoken to as the W3C
WebDriver recommendation has it. Everything the browser writes is in the test's folder, and both processes
are ended by the numbers under which they were started.

    page = t.own(Browser(t.folder))
    page.open(url); page.click("#send"); page.wait("the answer", lambda: "42" in page.text("main"))
"""
import base64
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess

from harness import Skip, wait_until

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # W3C WebDriver s.11: the key of an element's reference
KEYS = {"Enter": "\ue007", "Tab": "\ue004", "Escape": "\ue00c", "Backspace": "\ue003", "Space": " ", "Shift": "\ue008",
        "Left": "\ue012", "Up": "\ue013", "Right": "\ue014", "Down": "\ue015", "Home": "\ue011", "End": "\ue010"}
OPTIONS = ["--headless=new", "--no-sandbox",  # chromium refuses its sandbox to root, who runs tests in containers
           "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run", "--disable-background-networking",
           "--disable-component-update", "--disable-extensions", "--disable-sync", "--disable-breakpad",
           "--disable-crash-reporter", "--hide-scrollbars", "--force-color-profile=srgb", "--lang=en-IN"]


class WebDriverError(Exception):
    """What the driver refused: its error code, and its sentence."""

    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.code = code


class Browser:
    def __init__(self, folder, width=1280, height=800):
        driver, chromium = shutil.which("chromedriver"), shutil.which("chromium")
        if not driver or not chromium:
            raise Skip("chromium and chromedriver are not installed")
        self.folder, self.session, self.browser_pid = pathlib.Path(folder), None, None
        self.shots = pathlib.Path(os.environ.get("DK_SCREENSHOTS") or self.folder / "screenshots")
        self.log = self.folder / f"chromedriver-{os.urandom(3).hex()}.log"
        with open(self.log, "wb") as out:
            self.driver = subprocess.Popen([driver, "--port=0"], stdout=out, stderr=out, stdin=subprocess.DEVNULL,
                                           cwd=self.folder, env={**os.environ, "HOME": str(self.folder), "TMPDIR": str(self.folder)})
        try:
            self.port = int(wait_until("chromedriver says its port", self._port, 30)[1])
            profile = self.folder / f"chromium-{os.urandom(3).hex()}"
            made = self._call("POST", "/session", {"capabilities": {"alwaysMatch": {
                "browserName": "chrome", "goog:loggingPrefs": {"browser": "ALL"},
                "goog:chromeOptions": {"binary": chromium, "args": OPTIONS + [f"--user-data-dir={profile}"]}}}})
            self.session = made["sessionId"]
            self.browser_pid = made["capabilities"].get("goog:processID")
            self.size(width, height)
        except BaseException:
            self.stop()
            raise

    def _port(self):
        if self.driver.poll() is not None:
            raise AssertionError(f"chromedriver ended: {self.log.read_text(errors='replace')}")
        return re.search(r"started successfully on port (\d+)", self.log.read_text(errors="replace"))

    def _call(self, method, path, body=None, seconds=60):
        conn = http.client.HTTPConnection("127.0.0.1", self.port, timeout=seconds)
        try:
            conn.request(method, path, None if body is None else json.dumps(body), {"Content-Type": "application/json"})
            answer = conn.getresponse()
            value = json.loads(answer.read())["value"]
        finally:
            conn.close()
        if answer.status != 200:
            raise WebDriverError(value["error"], value["message"].split("\n")[0])
        return value

    def _do(self, method, path, body=None):
        return self._call(method, f"/session/{self.session}{path}", body)

    # ---- the page

    def open(self, url):
        self._do("POST", "/url", {"url": url})

    def url(self):
        return self._do("GET", "/url")

    def title(self):
        return self._do("GET", "/title")

    def run(self, script, *args):
        """What the body of a JavaScript function returns; an element among args is what find() gave."""
        return self._do("POST", "/execute/sync", {"script": script, "args": list(args)})

    def size(self, width, height):
        """The page's own area, whatever the window's size."""
        self._do("POST", "/goog/cdp/execute", {"cmd": "Emulation.setDeviceMetricsOverride", "params": {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}})
        wait_until(f"the page is {width} wide", lambda: self.run("return innerWidth") == width)

    # ---- elements, by CSS selector or as find() gave them

    def find(self, css, seconds=10):
        """The first that matches, as soon as there is one."""
        if isinstance(css, dict):
            return css
        return wait_until(f"the page has {css}", lambda: self.find_all(css), seconds)[0]

    def find_all(self, css):
        return self._do("POST", "/elements", {"using": "css selector", "value": css})

    def _element(self, css, seconds=10):
        return f"/element/{self.find(css, seconds)[ELEMENT]}"

    def click(self, css):
        self._do("POST", self._element(css) + "/click", {})

    def text(self, css):
        """What a person sees of it."""
        return self._do("GET", self._element(css) + "/text")

    def attribute(self, css, name):
        return self._do("GET", f"{self._element(css)}/attribute/{name}")

    def value(self, css):
        return self._do("GET", self._element(css) + "/property/value")

    def shown(self, css):
        return any(self._do("GET", f"/element/{e[ELEMENT]}/displayed") for e in self.find_all(css))

    def clear(self, css):
        self._do("POST", self._element(css) + "/clear", {})

    def type(self, css, text):
        """Key by key into the element, whatever it held before."""
        self._do("POST", self._element(css) + "/value", {"text": text})

    def keys(self, *names):
        """Presses to whatever has the focus: names of KEYS, or texts."""
        strokes = []
        for name in names:
            for key in [KEYS[name]] if name in KEYS else name:
                strokes += [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        self._do("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]})

    def focused(self):
        return self._do("GET", "/element/active")

    # ---- looking

    def wait(self, what, condition, seconds=10):
        """wait_until, for a page that may replace its elements while one looks at them."""
        def steady():
            try:
                return condition()
            except WebDriverError as e:
                if e.code in ("stale element reference", "no such element"):
                    return None
                raise
        return wait_until(what, steady, seconds)

    def wait_text(self, css, part, seconds=10):
        return self.wait(f"{css} says {part!r}", lambda: part in (self.find_all(css) and self.text(css) or ""), seconds)

    def screenshot(self, name):
        """A PNG of what is visible, in the folder `screenshots` of the test or in $DK_SCREENSHOTS."""
        self.shots.mkdir(parents=True, exist_ok=True)
        path = self.shots / f"{name}.png"
        path.write_bytes(base64.b64decode(self._do("GET", "/screenshot")))
        return path

    def console_errors(self):
        """What the page and the browser wrote to the console as errors since the last look."""
        return [x["message"] for x in self._do("POST", "/se/log", {"type": "browser"}) if x["level"] == "SEVERE"]

    # ---- the end

    def stop(self):
        """Ends the browser, then its driver; what does not end by being asked is killed by its number."""
        if self.session:
            try:
                self._call("DELETE", f"/session/{self.session}", seconds=15)
            except (OSError, ValueError, KeyError, http.client.HTTPException, WebDriverError):
                pass
            self.session = None
        self.driver.terminate()
        try:
            self.driver.wait(10)
        except subprocess.TimeoutExpired:
            self.driver.kill()
            self.driver.wait()
        if self.browser_pid and self._is_ours(self.browser_pid):
            os.kill(self.browser_pid, signal.SIGKILL)
        self.browser_pid = None

    def _is_ours(self, pid):
        try:
            return str(self.folder).encode() in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return False
