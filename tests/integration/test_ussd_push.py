# SPDX-License-Identifier: BSD-2-Clause
"""Alerts that pop up on the phone by USSD, with the SMS behind them."""
import re
import time

from harness import test, wait_until
from stack import Stack
from test_events import ago, called, near
from ussd import MENU, VENDORS, UssdPhone, enrol, shows, stack

NUMBER = "919812345678"
GENERIC = VENDORS[0]
TURN, SMS_TURN = r"^Token 1234: it is your turn! Dial again", r"^Token 1234: it is your turn\. Reply CALL"


def pushing(t, vendor, push, wait="2s", **options):
    s = stack(t, vendor.name, link_more=f"ussd_push: {push}\n    ussd_push_wait: {wait}", **options)
    enrol(s, NUMBER)
    phone = UssdPhone(s.smsc, NUMBER, vendor)
    phone.dial()
    while "8 English" not in phone.screens()[-1].text:
        phone.press("9")
    phone.press("8")
    phone.tell(vendor.abort)
    wait_until("the session is over", lambda: s.metric("dakiya_ussd_sessions_total", outcome="aborted") == 1)
    return s, phone


def call(s, n=1, **more):
    assert s.event(called(f"e-{n}", **more))[0] == 202


def pop_up(phone, op, seconds=3):
    """A screen that nobody asked for, as a strict centre looks at it; its session is the phone's from here on."""
    v = phone.vendor
    found = wait_until("it pops up", lambda: phone.screens()[phone.read:], seconds)[0]
    phone.read += 1
    p = found.pdu
    assert p.command == v.command and p.service_type == "USSD" and p.esm_class == v.esm_class and found.op == op, p
    assert (p.source_addr, p.destination_addr, p.dest_addr_ton, p.dest_addr_npi) == ("*123#", phone.number, 1, 1), p
    if v.session:
        phone.session = p.tlv(v.session)
        assert len(phone.session) == v.octets and phone.session[-1] & 0xFE | phone.session[0] and (
            not v.end_bit or phone.session[-1] & 1 == 0), p
    return found


def pushed(s, outcome):
    return s.metric("dakiya_ussd_push_total", outcome=outcome)


def fell_back(s, reason):
    return s.metric("dakiya_ussd_push_sms_total", reason=reason)


def sms(s, number=NUMBER):
    return [x.text for x in s.smsc.to(number)]


def settled(s):
    wait_until("all is settled", lambda: s.depth() == 0)


def noticed(vendor):
    @test(f"an alert pops up as a notice of {vendor.name}; confirmed it is enough, refused it is an SMS")
    def notice(t, vendor=vendor):
        s, phone = pushing(t, vendor, "notice")
        call(s)
        shows(pop_up(phone, vendor.notice), TURN)
        phone.tell(vendor.noticed)
        settled(s)
        assert sms(s) == [] and pushed(s, "pushed") == pushed(s, "confirmed") == 1, sms(s)
        s.smsc.fault("data_sm" if vendor.command == "data_sm" else "submit_sm", 0x45)
        call(s, 2)
        wait_until("it comes as an SMS", lambda: sms(s), 1.5)  # not only when the wait is over
        settled(s)
        assert re.search(SMS_TURN, sms(s)[0]) and len(sms(s)) == 1 and fell_back(s, "refused") == 1, sms(s)


def answered(vendor):
    @test(f"an alert pops up as a menu of {vendor.name}; key 1 is its word, and the session goes on")
    def menu(t, vendor=vendor):
        s, phone = pushing(t, vendor, "menu")
        call(s)
        shows(pop_up(phone, vendor.more), r"Reply CALL.*\n1 CALL$")
        asked = len(s.to_backend.to("/v1/tokens"))
        last = shows(phone.press("1"), "token", ends=True)
        assert len(s.to_backend.to("/v1/tokens")) > asked, "CALL asks the backend"
        settled(s)
        assert sms(s) == [] and pushed(s, "answered") == 1, (sms(s), last)
        call(s, 2)
        pop_up(phone, vendor.more)
        shows(phone.press("0"), "^Doctor's advice\n1 ", ends=False)
        assert not shows(phone.press("9"), ".").ends, "the same session"
        settled(s)
        assert sms(s) == []


for v in VENDORS:
    answered(v)
    if v.notice:
        noticed(v)


@test("no word of a pop-up in time, and the person who sends it away: the SMS, once")
def silent(t):
    s, phone = pushing(t, GENERIC, "menu", "1s")
    call(s)
    began = time.monotonic()
    pop_up(phone, GENERIC.more)
    wait_until("the SMS comes", lambda: sms(s))
    assert 0.8 < time.monotonic() - began < 4
    # late, yet understood
    shows(phone.press("1"), "token", ends=True)
    call(s, 2)
    pop_up(phone, GENERIC.more)
    phone.tell(GENERIC.abort)
    wait_until("the SMS comes", lambda: len(sms(s)) == 2)
    settled(s)
    assert len(sms(s)) == 2 and fell_back(s, "unconfirmed") == fell_back(s, "aborted") == 1, sms(s)


@test("nobody's screen is taken away: who is in a session gets the SMS, and so does who cannot be shown it")
def in_session(t):
    s, phone = pushing(t, GENERIC, "notice")
    shows(phone.dial(), MENU)
    call(s)
    wait_until("the SMS comes", lambda: len(sms(s)) == 1)
    assert fell_back(s, "in_session") == 1 and pushed(s, "pushed") == 0
    shows(phone.press("0"), "Doctor's advice\n1 ")  # and the session is as it was
    phone.tell(GENERIC.abort)
    wait_until("it is over", lambda: s.metric("dakiya_ussd_sessions_total", outcome="aborted") == 2)
    call(s, 2, at=ago(15 * 60 - 3))  # three seconds of its life are left
    wait_until("the SMS comes", lambda: len(sms(s)) == 2)
    s.smsc.drop()
    wait_until("it is bound again", lambda: s.smsc.binds == 2 and s.smsc.bound())
    call(s, 3)
    shows(pop_up(phone, GENERIC.notice), TURN)
    s.smsc.drop()  # the confirmation will not come
    wait_until("the SMS comes", lambda: len(sms(s)) == 3)
    settled(s)
    assert fell_back(s, "short_life") == fell_back(s, "unconfirmed") == 1 and len(sms(s)) == 3, sms(s)


@test("a text that does not fit one screen, and one that is to be kept, are SMS too")
def kept(t):
    s = stack(t, "generic", kind=Stack, link_more="ussd_push: notice", start=False)
    longer = "it is your turn. Reply CALL to be connected" + " or go to the health centre" * 4
    s.change_packs(lambda text: text.replace("    text: near\n", "    text: near\n    keep: yes\n").replace(
        '    ussd: "Token {token}: it is your turn! Dial again and choose the call."\n', "").replace(
        "it is your turn. Reply CALL to be connected", longer))
    s.start_backend()
    s.start_dakiyad()
    enrol(s, NUMBER)
    s.smsc.phone(NUMBER).ask("ENGLISH", "English")
    assert s.event(near("n-1", 3))[0] == 202
    phone = UssdPhone(s.smsc, NUMBER, GENERIC)
    shows(pop_up(phone, GENERIC.notice), "before you: 3")
    assert len(sms(s)) == 1, "the screen first"
    phone.tell(GENERIC.noticed)
    wait_until("the SMS comes", lambda: len(sms(s)) == 2)
    assert "before you: 3" in sms(s)[1] and pushed(s, "confirmed") == fell_back(s, "keep") == 1
    call(s)
    wait_until("the SMS comes", lambda: len(sms(s)) == 3)
    assert longer in sms(s)[2] and fell_back(s, "too_long") == 1 and len(phone.screens()) == 1


@test("killed while a pop-up waits for its word: an SMS, no second pop-up")
def killed(t):
    s, phone = pushing(t, GENERIC, "notice", "15s")
    call(s)
    pop_up(phone, GENERIC.notice)
    assert not sms(s)
    s.restart_dakiyad()
    wait_until("the SMS comes", lambda: sms(s))
    phone.tell(GENERIC.noticed)  # of a process that is gone: heard, and nothing more
    settled(s)
    assert len(sms(s)) == 1 and len(phone.screens()) == phone.read and fell_back(s, "recovered") == 1


@test("your turn does not wait behind a pop-up that it replaces")
def replaced(t):
    s, phone = pushing(t, GENERIC, "notice", "15s")
    assert s.event(near("n-1", 3))[0] == 202
    shows(pop_up(phone, GENERIC.notice), "before you: 3")
    call(s)
    shows(pop_up(phone, GENERIC.notice, 2), TURN)
    phone.tell(GENERIC.noticed)
    settled(s)
    assert sms(s) == [] and pushed(s, "confirmed") == 1


@test("another alert waits while a menu of a network without session names is answered: the key means what it said")
def next_one(t):
    huawei = next(v for v in VENDORS if not v.session)
    s = stack(t, huawei.name, kind=Stack, link_more="ussd_push: menu\n    ussd_push_wait: 15s", start=False)
    s.change_packs(lambda text: text.replace("    coalesce: turn\n", ""))
    s.start_backend()
    s.start_dakiyad()
    enrol(s, NUMBER)
    s.smsc.phone(NUMBER).ask("ENGLISH", "English")
    told = len(sms(s))
    phone = UssdPhone(s.smsc, NUMBER, huawei)
    call(s)
    pop_up(phone, huawei.more)
    call(s, 2, token=1235)
    wait_until("the second one is stored", lambda: s.depth() == 2)
    shows(phone.press("1"), "[Tt]oken", ends=True)
    wait_until("the second one comes as an SMS", lambda: len(sms(s)) > told)
    settled(s)
    assert re.search("^Token 1235: it is your turn", sms(s)[told]) and len(sms(s)) == told + 1, sms(s)
    assert fell_back(s, "in_session") == 1


@test("a profile without notices is refused as ussd_push: notice, with what it needs")
def no_notice(t):
    s = stack(t, "tata", link_more="ussd_push: notice", start=False)
    assert "has no out_notice" in s.check_config()
