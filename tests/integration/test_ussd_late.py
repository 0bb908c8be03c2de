# SPDX-License-Identifier: BSD-2-Clause
"""USSD against the clock: a backend that is late, processes that die, two processes, redialling."""
import os
import signal
import threading
import time

from harness import program, test, wait_until
from stack import SANITIZERS
from talk import tokens
from ussd import (AGGREGATORS, MENU, TOKEN, VENDORS, HttpCall, UssdPhone, enrol, exchange, port, shows, stack,
                  token_sms)

NUMBER = "919812345678"
AT = AGGREGATORS[0]
LATE = "comes by SMS|SMS से"


def settled(s):
    wait_until("all is settled", lambda: s.depth() == 0, 30)


def once(s, number=NUMBER):
    """One token in the backend, told of by one SMS."""
    settled(s)
    assert len(tokens(s, number)) == 1, tokens(s, number)
    assert len(token_sms(s, number)) == 1, s.smsc.to(number)


def asked(s, part, count=1):
    wait_until("the backend is asked", lambda: len(s.to_backend.to(part)) >= count)


def keys(s, part):
    return {r.headers["idempotency-key"] for r in s.to_backend.to(part)}


@test("a backend that takes 30 s: the screen is in time, the answer comes by SMS, once (SMPP and HTTP)")
def thirty_seconds(t):
    s = stack(t, "generic", [AT], backend_more="timeout: 60s")
    people = [NUMBER, "919812345679"]
    for number in people:
        enrol(s, number)
    phone, call = UssdPhone(s.smsc, NUMBER, VENDORS[0]), HttpCall(AT, people[1], port(s))
    phone.dial()
    call.dial()
    rule = s.to_backend.fault(("slow", 30), "/v1/tokens")
    began = time.monotonic()
    phone.tell(0x12, "1")
    shown = shows(call.press("1"), "SMS", ends=True)
    assert shown.took < 10, shown
    shows(phone.screen(2), "SMS", ends=True)
    wait_until("somebody was asked", lambda: rule.hits >= 2)
    wait_until("30 s are over", lambda: time.monotonic() - began > 15, 40)
    s.to_backend.clear()
    for number in people:
        wait_until("the token comes by SMS", lambda n=number: token_sms(s, n), 90)
        once(s, number)
    assert s.metric("dakiya_ussd_overdue_total") == 0


@test("a call that outlives the deadline goes on: late screen in time, then the SMS as soon as it is answered")
def goes_on(t):
    s = stack(t, "generic", [AT], answer="2s")
    enrol(s, NUMBER)
    phone = UssdPhone(s.smsc, NUMBER, VENDORS[0])
    phone.dial()
    s.to_backend.fault(("slow", 2.6), "/v1/tokens", 1)
    began = time.monotonic()
    shows(phone.press("1"), LATE, ends=True)
    assert time.monotonic() - began > 1.0
    assert s.metric("dakiya_ussd_overdue_total") == 0
    wait_until("the token comes by SMS", lambda: token_sms(s, NUMBER))
    once(s)
    assert len(s.to_backend.to("/v1/tokens")) == 1
    assert s.metric("dakiya_ussd_screens_total", outcome="late") == 1
    shows(phone.dial(), MENU)


@test("killed after the late screen: the answer comes by SMS, once, under the same key")
def killed_late(t):
    s = stack(t, "generic", [AT], answer="2s")
    enrol(s, NUMBER)
    for how in ("smpp", "http"):
        number = NUMBER if how == "smpp" else "919812345679"
        enrol(s, number)
        hand = UssdPhone(s.smsc, number, VENDORS[0]) if how == "smpp" else HttpCall(AT, number, port(s))
        hand.dial()
        before = len(s.to_backend.to("/v1/tokens"))
        s.to_backend.fault(("slow", 3), "/v1/tokens", 1)
        shows(hand.press("1"), LATE, ends=True)
        s.kill_dakiyad()
        s.start_dakiyad()
        wait_until("the token comes by SMS", lambda n=number: token_sms(s, n), 20)
        once(s, number)
        mine = s.to_backend.to("/v1/tokens")[before:]
        assert len(mine) >= 2, mine
        if how == "http":
            assert len({r.headers["idempotency-key"] for r in mine}) == 1, mine


@test("killed before the late screen: redialling finds the person where they were, and one token is issued")
def killed_early(t):
    s = stack(t, "generic", [AT], answer="4s")
    enrol(s, NUMBER)
    phone = UssdPhone(s.smsc, NUMBER, VENDORS[0])
    phone.dial()
    s.to_backend.fault(("slow", 2), "/v1/tokens", 1)
    phone.tell(0x12, "1")
    asked(s, "/v1/tokens")
    s.restart_dakiyad()
    wait_until("it is bound again", s.smsc.bound)
    shows(phone.dial(), "1 ")
    shows(phone.press("1"), TOKEN + "|turn|बारी", ends=True)
    settled(s)
    assert len(tokens(s, NUMBER)) == 1


@test("killed under a request, the aggregator asks again: the same key, one token, one answer")
def killed_and_repeated(t):
    s = stack(t, None, [AT], answer="4s")
    enrol(s, NUMBER)
    call = HttpCall(AT, NUMBER, port(s))
    call.dial()
    s.to_backend.fault(("slow", 1.5), "/v1/tokens", 1)
    got = []

    def ask():
        try:
            got.append(call.press("1"))
        except OSError:
            got.append(None)
    asking = threading.Thread(target=ask)
    asking.start()
    asked(s, "/v1/tokens")
    s.restart_dakiyad()
    asking.join()
    assert got == [None]
    shows(call.again(port(s)), TOKEN, ends=True)
    assert len(keys(s, "/v1/tokens")) == 1, s.to_backend.to("/v1/tokens")
    settled(s)
    assert len(tokens(s, NUMBER)) == 1


def second(t, s):
    """Another dakiyad on the same Redis; its ports."""
    folder = t.folder / "two"
    folder.mkdir()
    text = s.config().replace(f"port_file: {t.folder}/ports", f"port_file: {folder}/ports")
    (folder / "dakiyad.yaml").write_text(text + "instance: two\n")
    p = t.start("dakiyad2", program("dakiyad"), "-c", folder / "dakiyad.yaml", env=SANITIZERS)
    p.wait_line(" ready ")
    text = wait_until("its ports are known", lambda: (folder / "ports").exists() and (folder / "ports").read_text())
    wait_until("both are bound", lambda: sum(bool(x.bound and x.alive) for x in s.smsc.sessions) == 2)
    t.at_end(lambda: check_exit(p))
    ports = {k: int(v) for k, v in (line.split("=") for line in text.split())}
    wait_until("the second is ready", lambda: s.request(ports["ops"], "GET", "/readyz")[0] == 200)
    return ports


def check_exit(p):
    assert p.stop(20) == 0, "the second dakiyad's exit status"


@test("two processes behind one aggregator, each step to another one: no confusion")
def two_processes(t):
    s = stack(t, None, AGGREGATORS[:-1])
    other = second(t, s)
    for i, a in enumerate(AGGREGATORS[:-1]):
        number = str(919812345600 + i)
        enrol(s, number)
        call = HttpCall(a, number, [port(s, i), port(s, i, other)])
        shown = call.dial()
        while "8 English" not in shown.text:
            shown = call.press("9")
        shown = shows(call.press("8"), "1 Take a token", ends=False)
        shows(call.press("1"), TOKEN, ends=True)
        settled(s)
        assert len(tokens(s, number)) == 1, (a.name, tokens(s, number))


@test("one request repeated to both processes while the backend works: one key, one token, the same screen")
def both_at_once(t):
    s = stack(t, None, [AT])
    other = second(t, s)
    enrol(s, NUMBER)
    call = HttpCall(AT, NUMBER, [port(s), port(s, 0, other)])
    shows(call.dial(), MENU)
    s.to_backend.fault(("slow", 1), "/v1/tokens", 2)
    call.inputs, call.count = ["1"], 2
    call.last = AT.request(call, "1")
    got = []
    threads = [threading.Thread(target=lambda p=p: got.append(call.again(p)))
               for p in (port(s), port(s, 0, other), port(s), port(s, 0, other))]
    for th in threads:
        th.start()
    for th in threads:
        th.join()
    assert len(got) == 4 and len({x.text for x in got}) == 1, got
    shows(got[0], TOKEN, ends=True)
    assert len(keys(s, "/v1/tokens")) == 1, s.to_backend.to("/v1/tokens")
    settled(s)
    assert len(tokens(s, NUMBER)) == 1
    assert len(token_sms(s, NUMBER)) <= 1


@test("late on both processes at once: one SMS")
def late_on_both(t):
    s = stack(t, None, [AT], answer="2s")
    other = second(t, s)
    enrol(s, NUMBER)
    call = HttpCall(AT, NUMBER, [port(s), port(s, 0, other)])
    call.dial()
    s.to_backend.fault(("slow", 2.6), "/v1/tokens", 2)
    call.inputs, call.count = ["1"], 2
    call.last = AT.request(call, "1")
    got = []
    threads = [threading.Thread(target=lambda p=p: got.append(call.again(p))) for p in (port(s), port(s, 0, other))]
    for th in threads:
        th.start()
    for th in threads:
        th.join()
    assert all(x.ends and x.took < 2 for x in got), got
    wait_until("the token comes by SMS", lambda: token_sms(s, NUMBER), 6)
    once(s)
    assert len(s.smsc.to(NUMBER)) == 1 and len(keys(s, "/v1/tokens")) == 1, s.smsc.to(NUMBER)


@test("a step dropped by the network, redialled: offered to go on, and the answers so far are kept")
def redial(t):
    s = stack(t, "generic", [AT])
    phone = UssdPhone(s.smsc, NUMBER, VENDORS[0])
    shown = phone.dial()
    while "8 English" not in shown.text:
        shown = phone.press("9")
    phone.press("8")
    shows(phone.press("1"), "name")
    shows(phone.press("Asha Devi"), "old|age|Age")
    shows(phone.dial(), "Continue")
    shows(phone.press("1"), "old|age|Age")
    # and by another network, over HTTP
    call = HttpCall(AT, NUMBER, port(s))
    shows(call.dial(), "Continue")
    shows(call.press("1"), "old|age|Age")


@test("many people at once, each to the end, over HTTP: all screens in time, one token each")
def many(t):
    s = stack(t, None, [AT])
    numbers = [str(919812300000 + i) for i in range(40)]
    for n in numbers:
        enrol(s, n)
    took, wrong = [], []

    def live(n):
        try:
            call = HttpCall(AT, n, port(s))
            for shown in (call.dial(), call.press("2"), call.dial(), call.press("1")):
                took.append(shown.took)
            shows(shown, TOKEN, ends=True)
        except Exception as e:  # told below
            wrong.append((n, repr(e)))
    threads = [threading.Thread(target=live, args=(n,)) for n in numbers]
    for th in threads:
        th.start()
    for th in threads:
        th.join()
    assert not wrong, wrong[:3]
    settled(s)
    assert all(len(tokens(s, n)) == 1 for n in numbers)
    assert max(took) < 5, max(took)
    assert os.path.exists(t.folder) and exchange(port(s), "GET", "/nothing", None, {})[0].status == 404


def in_a_call(s):
    """A phone that waits for a screen, and a backend that says nothing."""
    enrol(s, NUMBER)
    phone = UssdPhone(s.smsc, NUMBER, VENDORS[0])
    phone.dial()
    rule = s.to_backend.fault("silent", "/v1/tokens")
    phone.tell(0x12, "1")
    wait_until("the backend is asked", lambda: rule.hits)
    return phone


@test("a bridge that is told to end leaves nobody without a last screen, and what was under way comes by SMS")
def ended(t):
    s = stack(t, "generic", answer="60s", backend_more="timeout: 60s", more="drain_timeout: 300ms\n")
    phone = in_a_call(s)
    s.dakiyad.signal(signal.SIGTERM)
    shows(phone.screen(5), "", ends=True)
    assert s.dakiyad.wait(20) == 0
    s.to_backend.clear()
    s.start_dakiyad()
    wait_until("the token comes by SMS", lambda: token_sms(s, NUMBER), 30)
    once(s)


@test("a bridge that was taken over while it stood still gives its callers a last screen")
def taken_over(t):
    s = stack(t, "generic", answer="60s", backend_more="timeout: 60s", more="instance: a\npeer_timeout: 1s\n")
    text = s.config().replace("instance: a", "instance: b").replace("/ports", "/ports-b")
    (s.folder / "b.yaml").write_text(text.replace(f"port: {s.smsc.port}", "port: 1"))
    s.t.start("dakiyad-b", s.dakiyad_path, "-c", s.folder / "b.yaml", env=SANITIZERS)
    phone = in_a_call(s)
    s.dakiyad.signal(signal.SIGSTOP)
    wait_until("the other takes over", lambda: "taking over" in (s.folder / "dakiyad-b.log").read_text(), 30)
    s.dakiyad.signal(signal.SIGCONT)
    shows(phone.screen(20), "", ends=True)
    s.to_backend.clear()
    phone.dial()
    phone.press("1")
    settled(s)
    assert len(tokens(s, NUMBER)) <= 1, tokens(s, NUMBER)
