# SPDX-License-Identifier: BSD-2-Clause
"""A centre reads our OK, loses the link before it notes it, and offers the message again on the next
bind: that is the same message. What the person writes again is another one."""
import time

from harness import test, wait_until
from stack import Stack
from test_peers import Pair
from talk import EN, HI, registered_once
from ussd import TOKEN, VENDORS, UssdPhone, enrol, shows, stack

NUMBER = "919812345678"


def read_and_lost(smsc, times=1):
    """Its link breaks a moment after it read our OK: the turn is committed by then."""
    def gone(_pdu):
        time.sleep(0.15)
        return "drop"
    return smsc.fault("deliver_sm_resp", gone, times, lambda pdu: pdu.status == 0)


def ask_lost(s, phone, text, answer, times=1):
    fault = read_and_lost(s.smsc, times)
    (mo,) = phone.send(text)
    phone.expect(answer, 20)
    wait_until("it is settled", lambda: mo.state == "accepted", 20)
    assert fault.hits == times and mo.times_sent == times + 1, (fault.hits, mo.times_sent)


@test("a message whose OK the centre lost is acknowledged when it comes again, and answered once")
def once(t):
    s = Stack(t)
    phone = s.smsc.phone(NUMBER)
    for i, (text, answer) in enumerate(EN.steps):
        ask_lost(s, phone, text, answer, 1 + i % 2)
    registered_once(s, NUMBER)
    wait_until("nothing is left", lambda: not s.depth())
    assert len(phone.inbox()) == len(EN.steps), phone.inbox()
    assert s.metric("dakiya_mo_total", outcome="duplicate") == 3 + 2 * 3


@test("the same text once more by the person is a message of its own, also on another bind")
def again(t):
    s = Stack(t)
    phone = s.smsc.phone(NUMBER)
    phone.ask(EN.start, EN.ask_name)
    ask_lost(s, phone, "Asha", EN.ask_age)
    phone.ask("35", EN.ask_sex)
    phone.ask("1", EN.ask_place)
    s.smsc.drop()  # the answer has come by that bind: so has our OK
    wait_until("it binds anew", s.smsc.bound)
    phone.send("1")
    wait_until("it is answered", lambda: phone.unread(), 10)
    assert s.metric("dakiya_mo_total", outcome="duplicate") == 1


@test("what is in doubt is no echo any more when the person has sent another message since")
def another_between(t):
    s = Stack(t)
    phone = s.smsc.phone(NUMBER)
    phone.ask(EN.start, EN.ask_name)
    phone.ask("CANCEL", "stopped here")
    s.smsc.fault("submit_sm", "silence")
    phone.send("WHO")
    wait_until("its answer is out", lambda: s.smsc.count("submit_sm") == 3)
    s.smsc.drop()
    phone.expect("government", 20)
    phone.ask("HELP", "REG to register")
    phone.ask("WHO", "government")


@test("an OK that is lost while the backend is still asked: the answer comes once")
def while_called(t):
    s = Stack(t)
    phone = s.smsc.phone(NUMBER)
    for text, answer in EN.steps[:-1]:
        phone.ask(text, answer)
    s.to_backend.fault(("slow", 1.0))
    ask_lost(s, phone, EN.consent, EN.token, 2)
    registered_once(s, NUMBER)
    wait_until("nothing is left", lambda: not s.depth())
    assert len(phone.inbox()) == len(EN.steps), phone.inbox()


@test("a receiver that carries no answers asks for a sign that its OK was read, once")
def quiet_receiver(t):
    s = Stack(t, link="bind: pair")
    phone = s.smsc.phone(NUMBER)
    phone.ask(EN.start, EN.ask_name)
    wait_until("it asks", lambda: s.smsc.count("enquire_link") == 1)
    s.smsc.drop()
    wait_until("both are there again", lambda: len(s.smsc.all_bound()) == 2)
    phone.send(EN.start)
    wait_until("what the person writes is answered", lambda: phone.unread(), 10)
    assert s.smsc.count("enquire_link") <= 2 and not s.metric("dakiya_mo_total", outcome="duplicate")


@test("the same text a while after the answer left, with its OK in doubt, is answered: perhaps it is the person")
def after_reading(t):
    s = Stack(t, link="bind: pair")
    s.smsc.fault("enquire_link", "silence", 10 ** 6)
    phone = s.smsc.phone(NUMBER)
    phone.ask(EN.start, EN.ask_name)
    s.smsc.drop()  # nothing has shown that our OK was read
    wait_until("both are there again", lambda: len(s.smsc.all_bound()) == 2)
    phone.send(EN.start)
    wait_until("at once, it is an echo", lambda: s.metric("dakiya_mo_total", outcome="duplicate") == 1)
    s.smsc.drop()
    wait_until("both are there once more", lambda: len(s.smsc.all_bound()) == 2)
    assert phone.unread() == [], phone.inbox()
    time.sleep(3.2)  # the person reads, and writes
    phone.ask(EN.start, EN.ask_name)
    phone.ask(EN.name, EN.ask_age)


@test("a long text that comes whole once more, of new parts, is answered and leaves no parts that wait for others")
def long_again(t):
    s = Stack(t, link="bind: pair")
    s.smsc.fault("enquire_link", "silence", 10 ** 6)
    phone, name = s.smsc.phone(NUMBER), "राम" + " " * 90 + "कुमार"
    phone.ask(HI.start, HI.ask_name)
    phone.ask(name, HI.ask_age)
    s.smsc.drop()
    wait_until("both are there again", lambda: len(s.smsc.all_bound()) == 2)
    phone.ask(name, HI.ask_age)
    r = s.look()
    assert r.keys("dky:*}:p:*") and not r.keys("dky:*}:pw")
    r.close()


def in_doubt(s):
    """Marks of messages of which the centre may not know that they were taken."""
    r = s.look()
    try:
        return r.keys("dky:*}:d:*:m")
    finally:
        r.close()


def killed_when_read(s, process):
    """process() is killed a moment after the centre read its OK, and the centre forgets that it did."""
    def gone(_pdu):
        time.sleep(0.15)
        process().kill()
        return "drop"
    return s.smsc.fault("deliver_sm_resp", gone, 1, lambda pdu: pdu.status == 0)


def told_apart(s, mo, began):
    """It was acknowledged and nothing else. On a machine so slow that the person may have read an answer by
    then, the question is said again. (Its answer may have come twice: one was on its way at the kill.)"""
    wait_until("it is settled", lambda: mo.state == "accepted", 20)
    is_slow = time.monotonic() - began > 2.5
    assert mo.times_sent >= 2  # it may have been refused while the bridge looked at what was left
    assert is_slow or s.metric("dakiya_mo_total", outcome="duplicate") == 1
    for text, answer in EN.steps[4:]:
        s.smsc.phone(NUMBER).ask(text, answer)
    registered_once(s, NUMBER)
    wait_until("nothing is in doubt", lambda: not in_doubt(s), 20)


@test("a message whose OK was lost with a killed bridge is known as the same when the centre offers it to another one")
def other_process(t):
    s = Pair(t)
    phone = s.smsc.phone(NUMBER)
    for text, answer in EN.steps[:3]:
        phone.ask(text, answer)
    wait_until("the centre knows that all is taken", lambda: not in_doubt(s))
    killed_when_read(s, lambda: s.b)
    began = time.monotonic()
    (mo,) = phone.send(EN.sex)  # its digit would be taken as the answer to the next question
    wait_until("it comes again", lambda: mo.times_sent >= 2)
    told_apart(s, mo, began)


@test("a message whose OK was lost with a killed bridge is known as the same when the centre offers it after the restart")
def after_restart(t):
    s = Stack(t)
    phone = s.smsc.phone(NUMBER)
    for text, answer in EN.steps[:3]:
        phone.ask(text, answer)
    killed_when_read(s, lambda: s.dakiyad)
    began = time.monotonic()
    (mo,) = phone.send(EN.sex)
    wait_until("it is killed", lambda: not s.dakiyad.alive())
    s.start_dakiyad()
    told_apart(s, mo, began)


@test("a key press whose OK the centre lost counts once, and its screen is shown for the repeat")
def key_press(t):
    s = stack(t, "generic")
    enrol(s, NUMBER)
    phone = UssdPhone(s.smsc, NUMBER, VENDORS[0])
    phone.dial()
    while "8 English" not in phone.screens()[-1].text:
        phone.press("9")
    phone.press("8")
    phone.dial()
    read_and_lost(s.smsc)
    screen = phone.press("1")  # the screen was lost with the link: it is shown for the repeat
    assert shows(screen, TOKEN).ends
    wait_until("it is settled", lambda: not s.smsc.pending_mo(), 20)
    assert len(s.rows("SELECT number FROM token WHERE msisdn = ?", NUMBER)) == 1
    assert s.metric("dakiya_ussd_screens_total", outcome="repeat") == 1
