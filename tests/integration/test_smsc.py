# SPDX-License-Identifier: BSD-2-Clause
"""The scripted message centre does what the tests of the bridge rely on."""
import socket
import time

import smpp
from harness import test, wait_until
from smpp import Framer, Pdu, decode, encode
from smsc import Smsc


class Esme:
    """The least that can bind: it sends what it is told and hands over what arrives."""

    def __init__(self, smsc, password="secret"):
        self.conn = socket.create_connection(("127.0.0.1", smsc.port), timeout=5)
        self.framer, self.ready, self.writes = Framer(), [], 0
        self.send(Pdu("bind_transceiver", 1, system_id="dakiya", password=password, interface_version=0x34))
        self.bind_status = self.read().status

    def send(self, pdu):
        self.conn.sendall(encode(pdu))

    def read(self):
        """The next PDU; None when the other side has closed."""
        while not self.ready:
            octets = self.conn.recv(4096)
            if not octets:
                return None
            self.writes += 1
            self.ready = [decode(x) for x in self.framer.feed(octets)]
        return self.ready.pop(0)

    def submit(self, number, text, seq=5, **fields):
        for esm, coding, octets in smpp.text_parts(text):
            self.send(Pdu("submit_sm", seq, source_addr="56161", destination_addr=number, esm_class=esm,
                          data_coding=coding, short_message=octets, **fields))
            answer = self.read()
        return answer

    def stop(self):
        self.conn.close()


def pair(t, **options):
    smsc = t.own(Smsc(**options))
    return smsc, t.own(Esme(smsc))


@test("the message centre refuses a wrong password and takes the right one")
def password(t):
    smsc, esme = pair(t)
    assert esme.bind_status == 0 and smsc.bound()
    assert t.own(Esme(smsc, "wrong")).bind_status == smpp.RINVPASWD


@test("a message from a phone is kept until it is answered OK")
def kept(t):
    smsc, esme = pair(t)
    (mo,) = smsc.phone("919812345678").send("REG")
    first = esme.read()
    assert first.short_message == b"REG" and smsc.pending_mo() == [mo]
    esme.send(first.reply(smpp.RX_T_APPN))
    esme.stop()  # before the second offer is answered
    wait_until("the lost link was seen", lambda: not smsc.bound())
    assert mo.state == "queued"
    again = t.own(Esme(smsc))
    again.send(again.read().reply())
    wait_until("it was taken", lambda: mo.state == "accepted")
    assert mo.statuses[-1] == 0 and mo.times_sent >= 2


@test("a phone shows a long text once all its parts are there")
def parts(t):
    smsc, esme = pair(t)
    text = "नमस्ते " * 30
    answer = esme.submit("919812345678", text)
    assert answer.status == 0 and answer.message_id
    assert smsc.phone("919812345678").expect("नमस्ते").string == text
    assert len(smsc.mt) == 4


@test("a receipt names the message and comes like any other deliver_sm")
def receipts(t):
    smsc, esme = pair(t, receipts=True)
    answer = esme.submit("919812345678", "hello", registered_delivery=1)
    receipt = esme.read()
    assert receipt.esm_class == 4 and f"id:{answer.message_id} ".encode() in receipt.short_message
    assert receipt.tlv(smpp.TLV_RECEIPTED_ID) == answer.message_id.encode() + b"\0"


@test("faults come as often as ordered: a status, silence, a cut")
def faults(t):
    smsc, esme = pair(t)
    smsc.fault("submit_sm", smpp.RTHROTTLED)
    assert esme.submit("919812345678", "a").status == smpp.RTHROTTLED and not smsc.mt
    assert esme.submit("919812345678", "b").status == 0
    smsc.fault("enquire_link", "silence")
    esme.send(Pdu("enquire_link", 8))
    esme.send(Pdu("enquire_link", 9))
    assert esme.read().seq == 9
    smsc.fault("submit_sm", "drop")
    assert esme.submit("919812345678", "c") is None
    assert smsc.phone("919812345678").inbox() == ["b"]


@test("PDUs can be sent octet by octet or many in one write")
def splits(t):
    smsc, esme = pair(t)
    smsc.hold()
    for text in "abc":
        smsc.send("919812345678", "56161", text)
    wait_until("all are written", lambda: all(m.state == "sent" for m in smsc.mo))
    before = esme.writes
    smsc.release()
    assert [esme.read().short_message for _ in "abc"] == [b"a", b"b", b"c"] and esme.writes == before + 1
    smsc.octets_apart = True
    assert smsc.enquire() == 4 and esme.read().command == "enquire_link"


@test("what the bridge breaks is written down")
def broken(t):
    smsc, esme = pair(t)
    esme.conn.sendall(bytes.fromhex("00000014" "00000004" "00000000" "00000001" "41414141"))
    wait_until("the malformed PDU is noted", lambda: smsc.broken)
    began = time.monotonic()
    try:
        smsc.phone("919812345678").expect("never", 0.05)
    except AssertionError as e:
        assert "never" in str(e) and time.monotonic() - began < 2
    else:
        raise AssertionError("a text came from nowhere")
