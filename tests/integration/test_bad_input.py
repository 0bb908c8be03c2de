# SPDX-License-Identifier: BSD-2-Clause
"""Bad input gets a clear answer and loses nothing."""
import smpp
from harness import test, wait_until
from smpp import Pdu
from stack import Stack
from talk import EN, HI, patients, register, registered_once

NUMBER = "919812345678"


def until(phone, lang, step):
    """Talk up to the question that step answers."""
    for text, answer in lang.steps[:step]:
        phone.ask(text, answer)


def asked_again(t, lang, step, wrong):
    s = Stack(t)
    phone = s.smsc.phone(NUMBER)
    until(phone, lang, step)
    question = lang.steps[step - 1][1]
    for text in wrong:
        phone.ask(text, question)
    for text, answer in lang.steps[step:]:
        phone.ask(text, answer)
    registered_once(s, NUMBER, lang)


@test("an age that is none is asked for again, and the right one is then taken")
def age(t):
    asked_again(t, EN, 2, ["abc", "400"])


@test("an age below zero, of several numbers or of emoji is asked for again")
def age_more(t):
    asked_again(t, EN, 2, ["-5", "3 5 7", "😀"])


@test("an age that is none is asked for again in Hindi")
def age_hindi(t):
    asked_again(t, HI, 2, ["नहीं", "५००"])


@test("a name of 300 letters is asked for again")
def name(t):
    asked_again(t, EN, 1, ["x" * 300, "😀😀😀"])


@test("a name of 300 Hindi letters, in parts, is asked for again")
def name_hindi(t):
    asked_again(t, HI, 1, ["क" * 300])


@test("an empty SMS, blanks and emoji alone are answered")
def empty(t):
    s = Stack(t)
    phone = s.smsc.phone(NUMBER)
    for i, text in enumerate(["", "   ", "😀", "👨‍👩‍👧‍👦 ❤️", "\n\n", "???", "."], 1):
        phone.send(text)
        wait_until(f"{text!r} is answered", lambda n=i: len(phone.inbox()) >= n)
    assert not patients(s, NUMBER)


@test("an empty SMS in a dialogue asks the question again")
def empty_inside(t):
    asked_again(t, EN, 3, ["", "😀"])


@test("a reply outside a dialogue and an unknown keyword are answered with help")
def outside(t):
    s = Stack(t)
    phone = s.smsc.phone(NUMBER)
    for i, text in enumerate(["YES", "35", "REGG", "what is this", "CALL", "CANCEL", "STATUS", "ठीक है"], 1):
        phone.send(text)
        wait_until(f"{text!r} is answered", lambda n=i: len(phone.inbox()) >= n)
    phone.ask("REGISTR", "REG")


@test("binary data and broken texts are answered and harm nothing")
def unreadable(t):
    s = Stack(t)
    phone = s.smsc.phone(NUMBER)
    odd = [(4, bytes(range(140))), (8, b"\x09"), (8, b"\xd8\x00"), (8, b"\xdc\x00\x00"), (0, b"\xff\x80\x1b"),
           (245, b"\x01\x02"), (0, b"\x1b"), (8, b""), (1, b"\xc3\xa4"), (3, b"\xe9\x00"), (0, b"\0" * 160)]
    for i, (coding, octets) in enumerate(odd, 1):
        s.smsc.queue(s.smsc.deliver_sm(NUMBER, data_coding=coding, short_message=octets))
        wait_until(f"{octets!r} is answered", lambda n=i: len(phone.inbox()) >= n)
    register(phone)


@test("broken UDHs and parts that never become whole are taken and harm nothing")
def broken_udh(t):
    s = Stack(t)
    for udh in (b"", b"\xff", b"\x05\x00\x03\x01\x00\x00", b"\x05\x00\x03\x01\x02\x03", b"\x05\x00\x03\x01\x02\x00",
                b"\x05\x00\x09\x01\x02\x01", b"\x06\x08\x04\x00\x01\xff\x01", b"\x00", b"\x02\x70\x00",
                b"\x05\x00\x03\x07\x02\x01", b"\x05\x00\x03\x07\x03\x02"):
        s.smsc.queue(s.smsc.deliver_sm(NUMBER, esm_class=0x40, short_message=udh + b"abc"[:254 - len(udh)]))
    wait_until("all are answered", lambda: not s.smsc.pending_mo())
    register(s.smsc.phone("919812345679"))


@test("a message without a number that can be answered is refused or taken, never retried for ever")
def no_number(t):
    s = Stack(t)
    mos = s.smsc.queue(*[s.smsc.deliver_sm(n, source_addr_ton=ton, short_message=b"REG") for n, ton in
                         (("", 0), ("DAKIYA", 5), ("56161", 3), ("1", 1), ("9" * 20, 1), ("98x2345678", 1))])
    wait_until("all are settled", lambda: not s.smsc.pending_mo())
    assert all(m.times_sent == 1 for m in mos)
    register(s.smsc.phone(NUMBER))


@test("unknown TLVs, unknown commands and answers to nothing are passed over")
def unknown(t):
    s = Stack(t)
    phone = s.smsc.phone(NUMBER)
    tlvs = [(0x1400, b"x" * 100), (0xFFFF, b""), (0x0501, b"\x02"), (0x1400, b"y")] + [
        (0x2000 + i, b"z") for i in range(60)]
    phone.send(EN.start, tlvs=tlvs)
    phone.expect(EN.ask_name)
    s.smsc.raw(bytes.fromhex("00000014" "00000099" "00000000" "00000077" "01020304"))
    wait_until("generic_nack", lambda: s.smsc.count("generic_nack", smpp.RINVCMDID) == 1)
    for pdu in (Pdu("submit_sm_resp", 4711, message_id="1"), Pdu("enquire_link_resp", 4712),
                Pdu("generic_nack", 4713, 3), Pdu("unbind_resp", 4714), Pdu("deliver_sm_resp", 4715),
                Pdu("alert_notification", 4716, source_addr=NUMBER), Pdu("submit_sm_resp", 4717, 0x58)):
        s.smsc.raw(smpp.encode(pdu))
    phone.ask(EN.name, EN.ask_age)
    assert s.smsc.binds == 1, "none of it cuts the link"


@test("malformed PDUs get a status and the link lives, or it is cut and comes back; nothing is lost")
def malformed(t):
    s = Stack(t)
    phone = s.smsc.phone(NUMBER)
    good = smpp.encode(s.smsc.deliver_sm(NUMBER, short_message=b"HELP"))

    def pdu(body, command=5, length=None):
        n = 16 + len(body) if length is None else length
        return n.to_bytes(4, "big") + command.to_bytes(4, "big") + b"\0\0\0\0\0\0\x70\x01" + body

    hostile = [
        pdu(b"A" * 40), pdu(b"\0" + b"\1\1" + b"9" * 300), pdu(good[16:-6]), pdu(good[16:] + b"\x04\x24\xff\xff"),
        pdu(good[16:] + b"\x04"), pdu(b""), pdu(b"\xff" * 200), pdu(good[16:-5] + b"\xff"), pdu(b"", 0x80000005),
        pdu(b"", 0x80000004), pdu(b"x" * 70, 0x80000004), pdu(b"", 0x103), pdu(b"\0" * 60000),
        pdu(b"", length=0), pdu(b"", length=4), pdu(b"", length=15), pdu(b"", length=65537),
        pdu(b"", length=0x7FFFFFFF), pdu(b"", length=0xFFFFFFFF), b"GET / HTTP/1.1\r\n\r\n",
    ]
    for i, octets in enumerate(hostile):
        wait_until("the link is up", s.smsc.bound, 10)
        s.smsc.raw(octets)
        wait_until("the bridge still answers", lambda: alive(s), 10)
    s.smsc.queue(s.smsc.deliver_sm(NUMBER, short_message=b"HELP"))
    phone.expect(".")
    register(s.smsc.phone("919812345679"))


def alive(s):
    """An enquire_link sent now is answered on the same link; False when the link went away."""
    with s.smsc.lock:
        session = s.smsc.bound()
        if not session:
            return False
        seq = s.smsc.enquire()
        s.smsc.lock.wait_for(lambda: seq not in session.sent, 2)
        return session.alive and seq not in session.sent
