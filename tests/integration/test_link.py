# SPDX-License-Identifier: BSD-2-Clause
"""The SMPP link: bind, silence, throttling, cuts, long texts out."""
import time

import smpp
from harness import test, wait_until
from smsc import Smsc
from stack import Stack
from talk import EN, HI, register

NUMBER = "919812345678"


@test("throttled and full-queue answers are tried again until the message is out, in order")
def throttled(t):
    s = Stack(t)
    s.smsc.fault("submit_sm", smpp.RTHROTTLED, 2)
    s.smsc.fault("submit_sm", smpp.RMSGQFUL, 1)
    phone = s.smsc.phone(NUMBER)
    register(phone, seconds=60)
    assert len(phone.inbox()) == len(EN.steps), phone.inbox()
    assert s.smsc.count("submit_sm") == len(EN.steps) + 3


@test("a temporary error is tried again, a permanent one goes to the dead letters and is counted")
def errors(t):
    s = Stack(t)
    phone = s.smsc.phone(NUMBER)
    s.smsc.fault("submit_sm", smpp.RSYSERR)
    phone.ask(EN.start, EN.ask_name, 60)
    s.smsc.fault("submit_sm", smpp.RINVDSTADR)
    phone.send(EN.name)
    wait_until("it is a dead letter", lambda: s.metric("dakiya_dead_letters_total") == 1, 20)
    wait_until("the outbox is empty", lambda: not s.depth())
    phone.ask(EN.age, EN.ask_sex)


@test("a submit without an answer is sent again, and later messages are not lost")
def silent(t):
    s = Stack(t)
    s.smsc.fault("submit_sm", "silence")
    register(s.smsc.phone(NUMBER), seconds=40)
    wait_until("the outbox is empty", lambda: not s.depth(), 20)


@test("enquire_link is answered, and sent when the link is quiet")
def enquire(t):
    s = Stack(t, link="enquire_interval: 150ms")
    seq = s.smsc.enquire()
    wait_until("it is answered", lambda: any(
        p.command == "enquire_link_resp" and p.seq == seq for p in s.smsc.seen))
    wait_until("the bridge asks too", lambda: s.smsc.count("enquire_link") >= 3)
    assert s.smsc.binds == 1


@test("a message centre that falls silent is left and bound again")
def half_open(t):
    s = Stack(t, link="enquire_interval: 150ms")
    s.smsc.fault("enquire_link", "silence", 100)
    wait_until("it binds anew", lambda: s.smsc.binds >= 2, 30)
    with s.smsc.lock:
        s.smsc.faults.clear()
    register(s.smsc.phone(NUMBER), seconds=20)


@test("a refused bind is tried again with growing pauses, and the link comes up when it is taken")
def refused(t):
    smsc = Smsc()
    refusals = smsc.fault("bind", smpp.RBINDFAIL, 5)
    s = Stack(t, smsc=smsc)
    assert refusals.left == 0 and smsc.bound()
    register(s.smsc.phone(NUMBER))


@test("a message centre that is down when the bridge starts is bound to when it comes up")
def late(t):
    smsc = Smsc()
    block = smsc.fault("bind", "drop", 10 ** 6)
    s = Stack(t, smsc=smsc, start=False)
    s.start_dakiyad(wait=False)
    wait_until("it has tried several times", lambda: block.hits >= 3)
    block.left = 0
    s.wait_ready()
    register(s.smsc.phone(NUMBER))


@test("the message centre unbinds or closes, and the bridge binds again")
def unbinds(t):
    s = Stack(t)
    s.smsc.raw(smpp.encode(smpp.Pdu("unbind", 99)))
    wait_until("unbind is answered", lambda: s.smsc.count("unbind_resp") == 1)
    wait_until("it binds anew", lambda: s.smsc.binds == 2 and s.smsc.bound())
    s.smsc.drop()
    wait_until("and again", lambda: s.smsc.binds == 3 and s.smsc.bound())
    register(s.smsc.phone(NUMBER))


@test("long Hindi texts leave as UCS-2 parts with a UDH that a phone can join")
def long_hindi(t):
    s = Stack(t)
    phone = s.smsc.phone(NUMBER)
    register(phone, HI)
    long_ones = [m for m in s.smsc.mt if m.part.total > 1]
    assert long_ones, "the conversation holds a text of more than 70 units"
    for m in long_ones:
        assert m.pdu.esm_class & 0x40 and m.pdu.data_coding == 8 and m.part.units <= 67
        assert m.pdu.short_message[:3] == b"\x05\x00\x03"
    assert not s.smsc.joiner.waiting, "no part is missing"


@test("every submit names its number, its sender, its life and asks for a receipt")
def fields(t):
    s = Stack(t)
    register(s.smsc.phone(NUMBER))
    for m in s.smsc.mt:
        p = m.pdu
        assert (p.destination_addr, p.dest_addr_ton, p.dest_addr_npi) == (NUMBER, 1, 1), p
        assert p.source_addr == "56161" and p.registered_delivery == 1 and p.service_type == "", p
        assert p.validity_period, p


@test("the bridge keeps to its window of outstanding submits")
def window(t):
    s = Stack(t, link="window: 4")
    waiting = s.smsc.fault("submit_sm", "silence", 10 ** 6)
    for i in range(12):
        s.smsc.phone(str(919812340000 + i)).send(EN.start)
    wait_until("all messages are taken", lambda: not s.smsc.pending_mo())
    wait_until("some were sent", lambda: waiting.hits)
    assert s.metric("dakiya_link_window_used") <= 4 and waiting.hits <= 4
    with s.smsc.lock:
        s.smsc.faults.clear()
    for i in range(12):
        s.smsc.phone(str(919812340000 + i)).expect(EN.ask_name, 40)


@test("the bridge keeps to its rate of submits a second")
def rate(t):
    s = Stack(t, link="rate: 20")
    began = time.monotonic()
    for i in range(40):
        s.smsc.phone(str(919812340000 + i)).send(EN.start)
    for i in range(40):
        s.smsc.phone(str(919812340000 + i)).expect(EN.ask_name, 20)
    assert 0.8 < time.monotonic() - began < 10
