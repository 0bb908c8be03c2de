# SPDX-License-Identifier: BSD-2-Clause
"""deliver_sm_resp OK only after the message is stored."""
import os
import signal

import smpp
from harness import test, wait_until
from stack import Stack
from talk import EN, HI, register, registered_once

NUMBER = "919812345678"
QUICK = "redis_timeout: 400ms"


@test("while Redis stands still no message gets OK, and afterwards it is taken and answered")
def stopped(t):
    s = Stack(t, more=QUICK)
    phone = s.smsc.phone(NUMBER)
    phone.ask(EN.start, EN.ask_name)
    s.redis.signal(signal.SIGSTOP)
    try:
        (mo,) = phone.send(EN.name)
        wait_until("it was refused for now", lambda: mo.statuses, 10)
        wait_until("it was offered again", lambda: mo.times_sent >= 3, 10)
        assert set(mo.statuses) == {smpp.RX_T_APPN}, mo.statuses
        wait_until("/readyz says no", lambda: s.http("/readyz")[0] == 503)
        assert s.http("/healthz")[0] == 200
    finally:
        s.redis.signal(signal.SIGCONT)
    phone.expect(EN.ask_age, 20)
    wait_until("it was taken", lambda: mo.state == "accepted")
    for text, answer in EN.steps[2:]:
        phone.ask(text, answer)
    registered_once(s, NUMBER)


@test("a short standstill of Redis delays the OK and loses nothing")
def paused(t):
    s = Stack(t)
    phone = s.smsc.phone(NUMBER)
    for text, answer in EN.steps:
        s.redis.signal(signal.SIGSTOP)
        (mo,) = phone.send(text)
        wait_until("it was offered", lambda: mo.times_sent)
        assert mo.state == "sent"
        s.redis.signal(signal.SIGCONT)
        phone.expect(answer, 20)
    registered_once(s, NUMBER)


@test("Redis killed and started again in the middle of the talk: it goes on")
def killed(t):
    s = Stack(t, more=QUICK, fsync="always")
    phone = s.smsc.phone(NUMBER)
    for text, answer in EN.steps:
        s.redis.kill()
        phone.send(text)
        s.start_redis()
        phone.expect(answer, 20)
    registered_once(s, NUMBER)


@test("the embedded Redis killed is started again, and the talk goes on")
def embedded_killed(t):
    s = Stack(t, redis="embedded", more="appendfsync: always")
    phone = s.smsc.phone(NUMBER)
    phone.ask(EN.start, EN.ask_name)
    pid = s.redis_pid()
    os.kill(pid, signal.SIGKILL)
    phone.ask(EN.name, EN.ask_age, 20)
    assert s.redis_pid() != pid


@test("the very same message offered again is one message")
def duplicate(t):
    s = Stack(t)
    phone = s.smsc.phone(NUMBER)
    phone.ask(EN.start, EN.ask_name)
    s.smsc.fault("deliver_sm_resp", "drop")  # the OK does not reach the network: it offers again
    phone.ask(EN.name, EN.ask_age, 20)
    wait_until("it is settled", lambda: not s.smsc.pending_mo())
    for text, answer in EN.steps[2:]:
        phone.ask(text, answer)
    registered_once(s, NUMBER)
    assert len([x for x in phone.inbox() if "How old" in x]) == 1


@test("two messages of one person in flight are answered in order")
def order(t):
    s = Stack(t)
    for i in range(10):
        phone = s.smsc.phone(str(919812345600 + i))
        phone.ask(EN.start, EN.ask_name)
        s.smsc.hold()
        phone.send(EN.name)
        phone.send(EN.age)
        phone.send(EN.sex)
        wait_until("all are written", lambda p=phone: sum(
            m.state == "sent" for m in s.smsc.mo if m.pdu.source_addr == p.number) == 3)
        s.smsc.release()
        phone.expect(EN.ask_age)
        phone.expect(EN.ask_sex)
        phone.expect(EN.ask_place)
        assert not phone.unread()


@test("a person registers while every octet comes alone, and while PDUs come many in one write")
def splits(t):
    s = Stack(t)
    s.smsc.octets_apart = True
    register(s.smsc.phone(NUMBER))
    s.smsc.octets_apart = False
    s.smsc.hold()
    phones = [s.smsc.phone(str(919812346000 + i)) for i in range(8)]
    for p in phones:
        p.send(EN.start)
    wait_until("all are written", lambda: all(m.state != "queued" for m in s.smsc.mo))
    s.smsc.release()
    for p in phones:
        p.expect(EN.ask_name)


@test("long texts of a phone arrive whole, in any order of their parts, 8 and 16 bit references")
def long_mo(t):
    s = Stack(t)
    name = "राम" + " " * 90 + "कुमार"
    assert len(smpp.text_parts(name)) == 2
    for i, (wide, order) in enumerate([(False, (0, 1)), (False, (1, 0)), (True, (1, 0))]):
        phone = s.smsc.phone(str(919812345600 + i))
        phone.ask(HI.start, HI.ask_name)
        phone.send(name, wide_ref=wide, order=order)
        for text, answer in HI.steps[2:]:
            phone.expect(answer_before(HI, text))
            phone.send(text)
        phone.expect(HI.token)
        registered_once(s, phone.number, HI)
        assert len(phone.inbox()) == len(HI.steps), phone.inbox()


def answer_before(lang, text):
    """What the bridge says before the person sends this text."""
    return lang.steps[[x for x, _ in lang.steps].index(text) - 1][1]
