# SPDX-License-Identifier: BSD-2-Clause
"""USSD over SMPP: each vendor's profile on the wire, the ends from outside, what is odd."""
import os
import re
import signal

import smpp
from harness import test, wait_until
from smsc import Screen, Smsc
from ussd import MENU, TOKEN, VENDORS, UssdPhone, enrol, shows, stack, token_sms

NUMBER = "919812345678"
UNKNOWN = "over. Please dial|फिर से डायल"
AWAY = "not available|अभी बंद"


def conforms(vendor):
    @test(f"USSD by {vendor.name}: dialled, pressed, ended, with the operations and the session of that vendor")
    def conformance(t, vendor=vendor):
        s = stack(t, vendor.name)
        enrol(s, NUMBER)
        phone = UssdPhone(s.smsc, NUMBER, vendor)
        assert not shows(phone.dial(), MENU).ends
        while "9 " in phone.screens()[-1].text:
            phone.press("9")
        phone.press("8")  # the other language: the screens below are English
        assert not shows(phone.dial(), "^Doctor's advice\n1 Take a token").ends
        assert shows(phone.press("1"), TOKEN).ends
        # a reply to what is over: told so, and the end
        assert shows(phone.press("1"), UNKNOWN).ends
        phone.dial("*123*1#")
        assert phone.screens()[-1].text != phone.screens()[0].text, "the shortcut walks the menu"
        phone.tell(vendor.abort)
        accepted = phone.tell(vendor.next, "2")  # after the person hung up
        assert shows(phone.screen(), UNKNOWN).ends
        assert all(m.statuses == [0] for m in s.smsc.mo if m.kind == "ussd"), accepted.statuses
        assert all(re.fullmatch(r"[A-Za-z0-9' ]*", x.source) for x in s.smsc.to(NUMBER))
        assert s.metric("dakiya_ussd_sessions_total", profile=vendor.name, outcome="aborted") == 1
        assert s.metric("dakiya_ussd_sessions_total", profile=vendor.name, outcome="unknown") == 2
        assert s.metric("dakiya_ussd_screen_seconds_count", profile=vendor.name) == len(phone.screens())
        assert s.metric("dakiya_ussd_overdue_total") == 0


for v in VENDORS:
    conforms(v)


@test("USSD texts in Hindi go out as UCS-2 of at most 80 units, in English as GSM-7 of at most 182 septets")
def alphabets(t):
    s = stack(t, "generic")
    phone = UssdPhone(s.smsc, NUMBER, VENDORS[0])
    hindi = phone.dial()
    assert hindi.pdu.data_coding == 8 and len(hindi.pdu.short_message) <= 160, hindi.pdu
    while "8 English" not in phone.screens()[-1].text:
        phone.press("9")
    english = phone.press("8")
    assert english.pdu.data_coding == 0 and english.text.isascii(), english.pdu
    phone.dial()
    shows(phone.press_ucs2("१"), "name")  # a Devanagari digit is the key
    assert all(s.pdu.esm_class & 0x40 == 0 for s in phone.screens())


@test("septets of screens, keys and what is dialled are packed where the link says so")
def packed(t):
    s = stack(t, "generic", smsc=Smsc(packed=True), link_more="gsm7_packed: true")
    phone = UssdPhone(s.smsc, NUMBER, VENDORS[0])

    def press(text, op=0x12):
        phone.tell(op, octets=smpp.pack(smpp.gsm_encode(text)))
        return phone.screen()
    shown = phone.dial()
    while "8 English" not in shown.text:
        shown = press("9")
    english = shows(press("8"), "^Doctor's advice\n1 Take a token")
    assert len(english.pdu.short_message) <= (len(english.text) * 7 + 7) // 8 + 1 < len(english.text), english.pdu
    phone.session = b"\x77\x70"
    shows(press("*123*1#", op=1), "name")


@test("an unknown operation is a reply where a session is open, is counted, and its shape stands in the log")
def unknown_operation(t):
    s = stack(t, "generic")
    phone = UssdPhone(s.smsc, NUMBER, VENDORS[0])
    phone.dial()
    odd = phone.pdu(0x99, "1")
    odd.tlvs += [(0x1402, b"919812345678"), (0x1403, b"secretly")]
    s.smsc.queue(odd, kind="ussd")
    shows(phone.screen(), "नाम|name")
    assert s.metric("dakiya_ussd_requests_total", kind="unknown") == 1
    line = s.dakiyad.wait_line("0x0501:1=99")
    assert "0x1402:12," in line and "0x1403:8" in line and "9198******78" in line, line
    assert NUMBER not in line and "secretly" not in line and b"secretly".hex() not in line, line
    shapes = s.dakiyad.output().count("ussd shape")
    s.smsc.queue(phone.pdu(0x99, "77"), kind="ussd")
    phone.screen()
    phone.press("2")
    phone.press("2")
    assert s.dakiyad.output().count("ussd shape") <= shapes + 2, "one line a shape"


@test("without an operation the session says what it is, and SMS on the same link stay SMS")
def no_operation(t):
    s = stack(t, "generic")
    phone = UssdPhone(s.smsc, NUMBER, VENDORS[0])
    phone.session = b"\x10\x10"
    s.smsc.queue(phone.pdu(None, "*123#"), kind="ussd")
    shows(phone.screen(), MENU)
    s.smsc.queue(phone.pdu(None, "1"), kind="ussd")
    shows(phone.screen(), "नाम|name")
    s.smsc.phone("919812345670").ask("HELP", "TOKEN")
    assert not [x for x in s.smsc.screens if x.number != NUMBER]


@test("data_sm is answered as deliver_sm is, and a number that is none is refused")
def data_sm(t):
    s = stack(t, "generic")
    phone = UssdPhone(s.smsc, NUMBER, VENDORS[0])
    phone.session = b"\x10\x10"
    pdu = smpp.Pdu("data_sm", source_addr=NUMBER, source_addr_ton=1, destination_addr="*123#", service_type="USSD",
                   tlvs=[(smpp.TLV_USSD_OP, b"\x01"), (smpp.TLV_ITS_SESSION, b"\x10\x10"), (smpp.TLV_PAYLOAD, b"*123#")])
    s.smsc.queue(pdu, kind="ussd")
    shows(phone.screen(), MENU)
    bad = phone.pdu(1, "")
    bad.source_addr = "12"
    [m] = s.smsc.queue(bad, kind="ussd")
    wait_until("it is refused", lambda: m.statuses == [0x0A])


@test("a screen that the centre refuses ends the session; redialling offers what was unfinished")
def refused(t):
    s = stack(t, "generic")
    phone = UssdPhone(s.smsc, NUMBER, VENDORS[0])
    phone.dial()
    s.smsc.fault("submit_sm", 0x45)
    phone.tell(0x12, "1")
    wait_until("it is counted", lambda: s.metric("dakiya_ussd_screens_total", outcome="refused") == 1)
    shows(phone.dial(), "Continue|जारी|1 ")


@test("a screen that was shown but never acknowledged does not end the session")
def unanswered(t):
    s = stack(t, "generic")
    phone = UssdPhone(s.smsc, NUMBER, VENDORS[0])

    def shown(pdu):
        s.smsc.screens.append(Screen(pdu, smpp.Part(pdu)))
        return "silence"
    s.smsc.fault("submit_sm", shown)
    shows(phone.dial(), MENU)
    wait_until("it is given up", lambda: s.metric("dakiya_ussd_screens_total", outcome="unanswered") == 1)
    shows(phone.press("1"), "नाम|name", ends=False)


@test("the link drops between two steps: the session lives on over the new bind")
def dropped_link(t):
    s = stack(t, "generic")
    enrol(s, NUMBER)
    phone = UssdPhone(s.smsc, NUMBER, VENDORS[0])
    phone.dial()
    s.smsc.drop()
    wait_until("it is bound again", lambda: s.smsc.binds == 2 and s.smsc.bound())
    assert shows(phone.press("1"), TOKEN).ends


@test("a screen takes the first slot of a full window, before a hundred SMS that wait")
def before_sms(t):
    s = stack(t, "generic", link_more="window: 1")
    enrol(s, NUMBER)
    phone = UssdPhone(s.smsc, NUMBER, VENDORS[0])
    phone.dial()
    fault = s.smsc.fault("submit_sm", "silence", 1)
    for i in range(100):
        s.smsc.send(str(919700000000 + i), "56161", "HELP")
    wait_until("the window is full", lambda: fault.hits)
    screen = shows(phone.press("1"), TOKEN)
    submits = [p for p in s.smsc.seen if p.command == "submit_sm"]
    assert submits.index(screen.pdu) == 2, f"{submits.index(screen.pdu)} submits came before it"
    assert s.metric("dakiya_ussd_overdue_total") == 0


@test("Redis away: an honest last screen at once, and the service again when it is back")
def redis_away(t):
    s = stack(t, "generic")
    phone = UssdPhone(s.smsc, NUMBER, VENDORS[0])
    phone.dial()
    s.redis.kill()
    wait_until("it is known", lambda: s.metric("dakiya_store_up") == 0)
    assert shows(phone.press("1", 6), AWAY).ends
    assert shows(phone.dial(None, 6), AWAY).ends
    s.start_redis()
    wait_until("it is back", lambda: s.metric("dakiya_store_up") == 1)
    shows(phone.dial(), "1 ")


@test("Redis that stands still: the last screen is in time")
def redis_still(t):
    s = stack(t, "generic", answer="3s", more="redis_timeout: 20s\n")
    phone = UssdPhone(s.smsc, NUMBER, VENDORS[0])
    phone.dial()
    os.kill(s.redis.pid, signal.SIGSTOP)
    try:
        screen = phone.press("1", 3)
        assert shows(screen, AWAY).ends
    finally:
        os.kill(s.redis.pid, signal.SIGCONT)
    assert s.metric("dakiya_ussd_overdue_total") == 0


@test("Redis stands still while the backend is late: no SMS is promised, yet it comes when Redis is back")
def redis_still_and_late(t):
    s = stack(t, "generic", answer="3s", more="redis_timeout: 20s\n", backend_more="timeout: 8s")
    enrol(s, NUMBER)
    phone = UssdPhone(s.smsc, NUMBER, VENDORS[0])
    phone.dial()
    rule = s.to_backend.fault(("slow", 4), "/v1/tokens", 1)
    phone.tell(0x12, "1")
    wait_until("the backend is asked", lambda: rule.hits)
    os.kill(s.redis.pid, signal.SIGSTOP)
    try:
        assert shows(phone.screen(3), AWAY).ends
    finally:
        os.kill(s.redis.pid, signal.SIGCONT)
    wait_until("the token comes by SMS", lambda: token_sms(s, NUMBER))
    wait_until("all is settled", lambda: s.depth() == 0)
    assert len(s.smsc.to(NUMBER)) == 1 and s.metric("dakiya_ussd_overdue_total") == 0


@test("overload: a last screen that says so")
def overload(t):
    s = stack(t, "generic", more="limits: {turns: 1}\n")
    enrol(s, NUMBER)
    one, two = UssdPhone(s.smsc, NUMBER, VENDORS[0]), UssdPhone(s.smsc, "919812345679", VENDORS[0])
    one.dial()
    rule = s.to_backend.fault("silent", "/v1/tokens", 1)
    one.tell(0x12, "1")
    wait_until("the only turn is busy", lambda: rule.hits)
    assert shows(two.dial(), "Too many|बहुत लोग|ज़्यादा|ज्यादा|अधिक").ends
    s.to_backend.clear()
    shows(one.screen(), TOKEN)


@test("hanging up while the backend works: the answer comes by SMS, once")
def hung_up(t):
    s = stack(t, "generic")
    enrol(s, NUMBER)
    phone = UssdPhone(s.smsc, NUMBER, VENDORS[0])
    phone.dial()
    rule = s.to_backend.fault(("slow", 1.5), "/v1/tokens", 1)
    phone.tell(0x12, "1")
    wait_until("the backend is asked", lambda: rule.hits)
    phone.tell(0x81)
    wait_until("the token comes by SMS", lambda: token_sms(s, NUMBER))
    wait_until("all is settled", lambda: s.depth() == 0)
    assert len(token_sms(s, NUMBER)) == 1 and len(phone.screens()) == 1


@test("a profile with an operation that may be hex or decimal is refused, with what to write")
def bare_operation(t):
    s = stack(t, None, start=False)
    (t.folder / "mine.yaml").write_text("smpp: {begin: [0x01], next: [12], out_more: 2, out_end: dec 17}\n")
    s.link = f"ussd: {t.folder}/mine.yaml"
    (t.folder / "dakiyad.yaml").write_text(s.config())
    p = t.start("check", s.dakiyad_path, "-t", "-c", t.folder / "dakiyad.yaml")
    assert p.wait() == 1
    assert "operation 12: write 0x11 or dec 17" in p.output() and p.output().count("operation") == 1, p.output()
