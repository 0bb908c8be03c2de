# SPDX-License-Identifier: BSD-2-Clause
"""Texts on the wire: alphabets, shift tables, splits, packed septets, plain characters; parts that never
come. What the bridge writes is read by this codec, not by its own."""
import hindi
import smpp
from harness import test, wait_until
from smsc import Smsc
from stack import Stack
from talk import EN, HI, register, times_seen

NUMBER, OTHER = "919812345678", "919812345679"
BOTH = bytes([6, 0x24, 1, 6, 0x25, 1, 6])


@test("where the link allows it, Hindi's shift tables make one segment of two")
def shift_out(t):
    s = Stack(t, link="national_shift: [hindi]")
    register(s.smsc.phone(NUMBER), HI)
    token = s.smsc.mt[-1]
    assert token.part.total == 1 and token.part.shift and token.pdu.short_message.startswith(BOTH)
    assert token.pdu.esm_class == 0x40 and token.pdu.data_coding == 0
    assert 80 < token.part.units <= 152, token.part.units
    # only where that saves a segment
    assert all(m.pdu.data_coding == 8 for m in s.smsc.mt if not m.part.shift)
    assert any(m.pdu.data_coding == 8 for m in s.smsc.mt)


@test("without that option the same text goes as two segments of UCS-2")
def no_shift(t):
    s = Stack(t)
    register(s.smsc.phone(NUMBER), HI)
    assert not any(m.part.shift for m in s.smsc.mt)
    assert s.smsc.mt[-1].part.total == 2 and s.smsc.mt[-1].pdu.data_coding == 8


def shifted(s, text, lock=6, single=6, **fields):
    udh = bytes([0x24, 1, single, 0x25, 1, lock])
    return s.smsc.deliver_sm(NUMBER, esm_class=0x40, short_message=bytes([len(udh)]) + udh + hindi.encode(text),
                             **fields)


@test("a phone's message in shift tables is read, on every link")
def shift_in(t):
    s = Stack(t, link="default_alphabet: latin1")
    phone = s.smsc.phone(NUMBER)
    s.smsc.queue(shifted(s, HI.start))
    phone.expect(HI.ask_name)
    s.smsc.queue(shifted(s, HI.name))
    phone.expect(HI.ask_age)
    s.smsc.queue(shifted(s, HI.age))  # digits of the single shift table
    phone.expect(HI.ask_sex)


@test("a long message in shift tables is joined, its parts in any order")
def shift_in_parts(t):
    s = Stack(t)
    phone = s.smsc.phone(NUMBER)
    text = hindi.encode("पंजीकरण")
    parts = []
    for i, octets in enumerate((text[:3], text[3:]), 1):
        udh = bytes([0, 3, 77, 2, i, 0x24, 1, 6, 0x25, 1, 6])
        parts.append(s.smsc.deliver_sm(NUMBER, esm_class=0x40,
                                       short_message=bytes([len(udh)]) + udh + octets))
    s.smsc.queue(*reversed(parts))
    phone.expect(HI.ask_name)


@test("a message in tables that nobody here has is answered, not guessed at")
def shift_unknown(t):
    s = Stack(t)
    s.smsc.queue(shifted(s, HI.start, lock=1, single=1))
    s.smsc.phone(NUMBER).expect("could not be read|पढ़ा नहीं गया")


def long_text(t, mode, check):
    """The token's text as UCS-2: two segments in every mode."""
    s = Stack(t, link=f"alphabet_out: ucs2\n    long_messages: {mode}")
    register(s.smsc.phone(NUMBER), EN)
    assert all(m.pdu.data_coding == 8 for m in s.smsc.mt)
    long = [m for m in s.smsc.mt if m.part.total > 1 or m.pdu.tlv(smpp.TLV_PAYLOAD)]
    assert long, "no text was long"
    for m in s.smsc.mt:
        check(m, m in long)


@test("long texts are split by a 16-bit reference where the link says so")
def udh16(t):
    def check(m, is_long):
        if is_long:
            assert m.pdu.short_message[:3] == bytes([6, 8, 4]) and m.pdu.esm_class == 0x40
            assert m.part.units <= 66 and not m.pdu.tlvs
    long_text(t, "udh16", check)


@test("long texts are split by SAR TLVs where the link says so, without any header of ours")
def sar(t):
    def check(m, is_long):
        assert m.pdu.esm_class == 0 and bool(m.pdu.tlv(smpp.TLV_SAR_REF)) == is_long
        assert m.part.units <= (66 if is_long else 70)
    long_text(t, "sar", check)


@test("long texts go whole in message_payload where the link says so, short ones in short_message")
def payload(t):
    def check(m, is_long):
        assert m.pdu.esm_class == 0 and bool(m.pdu.tlv(smpp.TLV_PAYLOAD)) == is_long
        assert bool(m.pdu.short_message) != is_long
        assert not is_long or m.part.units > 70
    long_text(t, "payload", check)


@test("a message of six hundred characters that comes whole in message_payload is read to its last word")
def payload_in(t):
    s = Stack(t)
    for command, coding, octets, answer in (
            ("deliver_sm", 8, ("नमस्ते जी " * 60 + HI.start).encode("utf-16-be"), HI.ask_name),
            ("deliver_sm", 0, smpp.gsm_encode("hello there, " * 45 + EN.start), EN.ask_name),
            ("data_sm", 8, ("नमस्ते जी " * 60 + HI.start).encode("utf-16-be"), HI.ask_name)):
        assert len(octets) > 254
        number = f"91981234560{len(s.smsc.mo)}"
        pdu = s.smsc.deliver_sm(number, data_coding=coding, tlvs=[(smpp.TLV_PAYLOAD, octets)])
        pdu.command = command
        s.smsc.queue(pdu)
        s.smsc.phone(number).expect(answer)


@test("septets are packed both ways where the link says so")
def packed(t):
    s = Stack(t, smsc=Smsc(packed=True), link="gsm7_packed: true")
    phone = s.smsc.phone(NUMBER)
    for text, answer in EN.steps:
        s.smsc.queue(s.smsc.deliver_sm(NUMBER, short_message=smpp.pack(smpp.gsm_encode(text))))
        phone.expect(answer)
    assert all(m.pdu.data_coding == 0 for m in s.smsc.mt)
    assert all(len(m.pdu.short_message) <= 140 for m in s.smsc.mt)
    # parts of it, each with its own fill bits
    text = smpp.gsm_encode("CALL me, it is my turn, is it not? HELP")
    parts = [s.smsc.deliver_sm(OTHER, esm_class=0x40, short_message=bytes([5, 0, 3, 9, 2, i])
                               + smpp.pack(octets, 1)) for i, octets in ((1, text[:17]), (2, text[17:]))]
    s.smsc.queue(*parts)
    s.smsc.phone(OTHER).expect(".")


@test("smart text writes a plain text where a curly quote would cost the alphabet")
def smart(t):
    s = Stack(t, link="smart_text: true", start=False)
    s.change_packs(lambda text: text.replace("the patient's full name", "the patient’s full name"))
    s.start_dakiyad()
    s.smsc.phone(NUMBER).ask(EN.start, "patient's full name")
    assert s.smsc.mt[-1].pdu.data_coding == 0
    s.link = ""
    s.restart_dakiyad()
    s.smsc.phone(OTHER).ask(EN.start, "patient’s full name")
    assert s.smsc.mt[-1].pdu.data_coding == 8


@test("options of texts that contradict each other are refused with their place")
def refused(t):
    s = Stack(t, backend=False, start=False, redis="embedded")
    assert "good" in s.check_config()
    for s.link, words in (("national_shift: [klingon]", 'no shift tables for "klingon"'),
                        ("national_shift: [hindi]\n    long_messages: sar", "needs long_messages udh8 or udh16"),
                        ("national_shift: hindi\n    alphabet_out: latin1", "alphabet_out gsm7")):
        said = s.check_config()
        assert words in said and "dakiyad.yaml:" in said, said


def part_of(s, i, total, octets, ref=5, number=NUMBER):
    return s.smsc.deliver_sm(number, esm_class=0x40, short_message=bytes([5, 0, 3, ref, total, i]) + octets)


@test("who sent half a message is asked once to send it again, and then does")
def incomplete(t):
    s = Stack(t, more="parts_wait: 1s\npartitions: 8")
    phone = s.smsc.phone(NUMBER)
    phone.ask("ENG", "English")
    phone.ask(EN.start, EN.ask_name)
    s.smsc.queue(part_of(s, 2, 2, b"Devi"))
    wait_until("the part is acknowledged", lambda: not s.smsc.pending_mo())
    phone.expect("did not arrive whole")
    phone.expect(EN.ask_name)  # the question is not lost
    s.smsc.queue(part_of(s, 1, 2, b"Asha "))  # it comes after all: neither garbage nor a second notice
    wait_until("the late part is acknowledged", lambda: not s.smsc.pending_mo())
    look = s.look()
    assert not [k for k in look.keys("dky:*:pw") if int(look("ZCARD", k))], "nothing waits any more"
    s.smsc.queue(part_of(s, 1, 2, b"Asha ", 6), part_of(s, 2, 2, b"Devi", 6))
    phone.expect(EN.ask_age)
    phone.ask(EN.age, EN.ask_sex)
    assert times_seen(phone, "arrive whole") == 1 and times_seen(phone, EN.ask_age) == 1, phone.inbox()


@test("half a message outlives the bridge: another one asks for it")
def incomplete_restart(t):
    s = Stack(t, more="parts_wait: 1s\npartitions: 8")
    s.smsc.queue(part_of(s, 1, 3, b"RE"))
    wait_until("the part is acknowledged", lambda: not s.smsc.pending_mo())
    s.restart_dakiyad()
    s.smsc.phone(NUMBER).expect("did not arrive whole|पूरा नहीं पहुंचा")


@test("a message that is whole in time is answered, and nobody is asked for it again")
def complete_in_time(t):
    s = Stack(t, more="parts_wait: 1s\npartitions: 8")
    phone = s.smsc.phone(NUMBER)
    s.smsc.queue(part_of(s, 2, 2, b"G"), part_of(s, 1, 2, b"RE"))
    phone.expect(EN.ask_name)
    s.smsc.queue(part_of(s, 1, 2, b"REG", 9, OTHER))
    s.smsc.phone(OTHER).expect("did not arrive whole|पूरा नहीं पहुंचा")  # so the time of the first is over too
    assert not [x for x in phone.inbox() if "whole" in x]
