# SPDX-License-Identifier: BSD-2-Clause
"""The handset page of dakiya-sim in a real browser, before a real bridge and backend."""
import subprocess

from harness import program, wait_until
from sim import Sim
from ussd import stack
from webdriver import Browser


class Page(Browser):
    """The page, and its phones by number."""

    def __init__(self, t, sim, width=1280, height=900):
        super().__init__(t.folder, width, height)
        self.sim = sim
        t.own(self)
        t.ending.insert(0, self.check_console)  # while the programs still run: later requests fail rightly
        self.open(sim.url)
        self.find(".handset")

    def check_console(self):
        errors = self.console_errors()
        assert not errors, errors

    def phones(self):
        return [Handset(self, e) for e in [self.attribute(x, "data-number") for x in self.find_all(".handset")]]

    def add(self, number=""):
        count = len(self.find_all(".handset"))
        self.clear("#new-number")
        self.type("#new-number", number + "\ue007")
        self.wait("there is one phone more", lambda: len(self.find_all(".handset")) == count + 1)
        return self.phones()[-1]

    def fault(self, name):
        self.click(f"#faults [data-name={name}]")


class Handset:
    def __init__(self, page, number):
        self.page, self.number, self.css = page, number, f".handset[data-number='{number}']"

    def at(self, css):
        return f"{self.css} {css}"

    def state(self):
        return self.page.attribute(self.at(".display"), "class").split()[1]

    def text(self):
        return self.page.text(self.at(".display .text"))

    def shows(self, part, state=None, seconds=15):
        """The screen says this, and is a menu, last, failed, ..."""
        self.page.wait(f"{self.number} shows {part!r}", lambda: part in self.text() and state in (None, self.state()), seconds)
        return self.text()

    def click(self, css):
        self.page.click(self.at(css))

    def keys(self, keys):
        for k in keys:
            self.click(f".keypad [data-key='{k}']")

    def enter(self, text):
        """Typed into the line and sent with the Enter key."""
        self.page.type(self.at(".entry"), text + "\ue007")

    def answer(self, text, part, state="menu"):
        self.enter(text)
        return self.shows(part, state)

    def dial(self, part, code="*123#", state="menu"):
        self.enter(code)
        return self.shows(part, state)

    def say(self, text):
        if not self.page.shown(self.at(".view.sms")):
            self.click(".to-sms")
        self.page.type(self.at(".message"), text + "\ue007")

    def heard(self, part, seconds=15):
        """A message that came holds this; its text."""
        def found():
            return next((x for x in self.received() if part in x), None)
        return self.page.wait(f"{self.number} got {part!r}", found, seconds)

    def received(self):
        return self.page.run("return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)",
                             self.at(".thread .in .words"))

    def steps(self):
        return self.page.run("return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)",
                             self.at(".steps summary"))


def start(t, http=None):
    """(stack, sim): the bridge is bound to it. http: USSD by requests of this profile too."""
    if not http:
        sim = t.own(Sim(t))
        s = stack(t, "generic", smsc=sim)
    else:
        port = int(subprocess.check_output([program("dakiya-sim"), "freeport"]))
        sim = t.own(Sim(t, "--ussd-url", f"http://127.0.0.1:{port}/ussd", "--ussd-profile", http))
        s = stack(t, "generic", smsc=sim, more=f"""\
ussd:
  - {{name: agg, listen: "127.0.0.1:{port}", profile: {http}, path: /ussd, code: "*123#"}}
""")
    wait_until("the bridge is bound", lambda: sim.request("GET", "/api/state")[1]["binds"] == 1)
    return s, sim
