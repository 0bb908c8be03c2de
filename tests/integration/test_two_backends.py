# SPDX-License-Identifier: BSD-2-Clause
"""Two ministries behind one bridge: neither is in the other's way, nor speaks in the other's name."""
from harness import test, wait_until
from proxy import Proxy
from stack import SECRET, SRCDIR, Stack
from talk import EN
from test_events import called

NUMBER = "919812345678"
OTHERS = "the other backend's secret"


def two(t, limits="{}"):
    """A stack whose packs call two backends; the second is a door with nobody behind it."""
    other = t.own(Proxy(lambda: None))
    s = Stack(t, start=False, more=f"limits: {limits}", backend_more=(
        f"timeout: 20s}}\n  - {{name: bench, url: \"{other.url}\", secret: \"{OTHERS}\", timeout: 20s"))
    s.services = f"{SRCDIR}/services, {SRCDIR}/bench/services"
    s.start_dakiyad()
    return s, other


@test("a backend that does not answer takes no connection from another, and holds nobody else up")
def apart(t):
    s, other = two(t, "{connections: 2, turns: 100}")
    other.fault("silent")
    stuck = [str(919912340000 + i) for i in range(8)]
    for n in stuck:
        s.smsc.phone(n).send("BENCH 1")
    wait_until("two questions are on the wire", lambda: len(other.to("/")) == 2)
    wait_until("all are taken", lambda: not s.smsc.pending_mo())
    phone = s.smsc.phone(NUMBER)
    for _ in range(6):
        phone.ask("STATUS", "पंजीकरण")
    assert len(other.to("/")) == 2, "no answer came from there meanwhile"


@test("a backend tells only of services that ask it, and two that count their events alike are both heard")
def own_name(t):
    s, _ = two(t)
    phone = s.smsc.phone(NUMBER)
    phone.ask(EN.start, EN.ask_name)
    status, text = s.event(called("1"), secret=OTHERS)
    assert status == 403 and "not-its-service" in text, (status, text)
    assert s.event({**called("1"), "service": "bench"}, secret=SECRET)[0] == 403
    assert s.event({**called("1"), "service": "bench"}, secret=OTHERS)[0] == 202
    assert s.event(called("1"), secret=SECRET)[0] == 202, "not taken for a repeat of the other's"
    phone.expect(EN.turn)
    assert s.event(called("1"), secret=SECRET)[0] == 200
