# SPDX-License-Identifier: BSD-2-Clause
"""The conversation of the main job, whole, over real SMPP, real Redis and real HTTP."""
from harness import test, wait_until
from stack import Stack
from talk import EN, HI, register, registered_once, tokens


def whole_way(s, number, lang, others):
    """From the keyword to the e-prescription, with others before in the queue."""
    phone = s.smsc.phone(number)
    token = register(phone, lang)
    assert registered_once(s, number, lang) == token
    assert int(phone.ask(lang.status, lang.position)["position"]) == others + 1
    for ahead in range(others - 1, -1, -1):
        s.call_next()
        if ahead == 3:
            phone.expect(lang.near)
    called = s.call_next()
    assert called["token"] == token
    phone.expect(lang.turn)
    phone.ask(lang.call, lang.calling)
    wait_until("the consultation began", lambda: tokens(s, number) == [(token, "IN_CONSULT")])
    done = s.used(called["token_id"])
    assert done["state"] == "USED"
    phone.expect(lang.prescription)
    return phone


@test("a person registers in Hindi by SMS, waits, is called, and learns of the prescription")
def hindi(t):
    s = Stack(t, redis="embedded")
    s.fill_queue(5)
    phone = whole_way(s, "919812345678", HI, 5)
    assert all(x.source == "56161" for x in s.smsc.to(phone.number))
    assert all(m.pdu.data_coding == 8 for m in s.smsc.mt[:3]), "Hindi goes as UCS-2"


@test("a person registers in English by SMS, waits, is called, and learns of the prescription")
def english(t):
    s = Stack(t, redis="embedded")
    s.fill_queue(5)
    whole_way(s, "919812345679", EN, 5)
    assert all(m.pdu.data_coding == 0 for m in s.smsc.mt[:3]), "English goes as GSM 7-bit"


@test("the conversation goes through twice in a row, with one person and with another")
def twice(t):
    s = Stack(t)
    s.fill_queue(4)
    whole_way(s, "919812345601", HI, 4)
    s.fill_queue(4, first=918800000100)
    whole_way(s, "919812345602", EN, 4)
    phone = s.smsc.phone("919812345601")
    phone.read = len(phone.inbox())
    phone.ask("STATUS", ".")


@test("every accepted message is answered and leaves inbox and outbox empty")
def empties(t):
    s = Stack(t)
    register(s.smsc.phone("919812345678"))
    wait_until("inbox and outbox are empty", lambda: not s.depth())


@test("receipts are asked for, answered and counted")
def receipts(t):
    s = Stack(t)
    s.smsc.receipts = True
    register(s.smsc.phone("919812345678"))
    sent = len(s.smsc.mt)
    wait_until("all receipts are answered", lambda: sum(
        m.state == "accepted" for m in s.smsc.mo if m.kind == "receipt") == sent)
    assert all(m.statuses == [0] for m in s.smsc.mo if m.kind == "receipt")
    wait_until("receipts are counted", lambda: s.metric("dakiya_receipts_total") == sent)


@test("a person's number comes in whatever form the network writes it")
def forms(t):
    s = Stack(t)
    for i, (number, ton) in enumerate([("919812345678", 1), ("9812345678", 2), ("09812345678", 0),
                                       ("+919812345678", 1)]):
        s.smsc.queue(s.smsc.deliver_sm(number, source_addr_ton=ton, short_message=b"HELP"))
        wait_until("an answer came", lambda n=i + 1: len(s.smsc.to("919812345678")) >= n)
