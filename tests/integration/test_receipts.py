# SPDX-License-Identifier: BSD-2-Clause
"""Delivery receipts: asked for by class, matched whatever the id looks like, whenever they come."""
import smpp
from harness import test, wait_until
from smpp import Pdu
from smsc import Smsc
from stack import Stack
from talk import EN, HI, register

NUMBER = "919812345678"
MATCHED = "dakiya_receipts_matched_total"


def matched(s, outcome):
    return s.metric(MATCHED, outcome=outcome)


def all_matched(message_id, receipt_id, form):
    """A conversation with receipts; ids as the centre writes them in submit_sm_resp and in receipts."""
    def run(t):
        smsc = Smsc(receipts=True)
        smsc.message_id, smsc.receipt_id = message_id, receipt_id
        smsc.next_id = 0x2000  # so that no two forms of any id are the same
        s = Stack(t, smsc=smsc)
        register(s.smsc.phone(NUMBER))
        n = len(EN.steps)
        wait_until("every receipt has found its message", lambda: matched(s, "matched") + matched(
            s, "matched_early") == n)
        wait_until("all are delivered", lambda: s.metric("dakiya_mt_delivery_total", state="DELIVRD") == n)
        register(s.smsc.phone("919812345679"))
        wait_until("and those of the next", lambda: s.metric("dakiya_mt_delivery_total") == 2 * n)
        if matched(s, "matched") > 3:
            assert s.metric("dakiya_link_receipt_ids", form=form) == 1
            assert "receipts have ids" in s.http("/readyz")[1]
        assert not [m for m in smsc.mo if m.kind == "receipt" and m.statuses != [0]], "each is acknowledged once"
    return run


test("receipts with the id of the response are matched")(
    all_matched(lambda n: f"{n:08X}", lambda i: i, "same"))
test("receipts with a decimal id are matched when the response has it in hexadecimal")(
    all_matched(lambda n: f"{n:08X}", lambda i: str(int(i, 16)), "decimal"))
test("receipts with a padded decimal id are matched when the response has it in hexadecimal")(
    all_matched(lambda n: f"{n:x}", lambda i: f"{int(i, 16):010d}", "decimal"))
test("receipts with a hexadecimal id are matched when the response has it in decimal")(
    all_matched(lambda n: str(n), lambda i: f"{int(i):x}", "hexadecimal"))
test("receipts with a UUID in other case and without hyphens are matched")(
    all_matched(lambda n: f"{n:08X}-1111-4111-8111-ABCDEFABCDEF", lambda i: i.lower().replace("-", ""), "same"))


@test("receipts are asked for the classes that are configured, and true and false mean all and none")
def classes(t):
    for words, wanted in (("[reply]", 1), ("[otp, alert]", 0), ("none", 0), ("true", 1), ("false", 0), ("all", 1)):
        folder = t.folder / words.strip("[]").replace(", ", "-")
        folder.mkdir()
        with_folder(t, folder, f"receipts: {words}", wanted)


def with_folder(t, folder, link, wanted):
    home, t.folder = t.folder, folder
    try:
        s = Stack(t, link=link)
    finally:
        t.folder = home
    s.smsc.phone(NUMBER).ask(EN.start, EN.ask_name)
    assert [m.pdu.registered_delivery for m in s.smsc.mt] == [wanted], link
    s.dakiyad.stop()


@test("receipts that come before the response of their submit are kept and matched")
def early(t):
    smsc = Smsc(receipts=True)
    smsc.receipt_first = True
    s = Stack(t, smsc=smsc)
    register(s.smsc.phone(NUMBER))
    n = len(EN.steps)
    wait_until("all are matched", lambda: s.metric("dakiya_mt_delivery_total", state="DELIVRD") == n)
    # A receipt that found nothing may meet its message while the store is asked to keep it.
    assert matched(s, "parked") == matched(s, "matched_early")
    assert matched(s, "matched_early") + matched(s, "matched") == n


@test("a message of several parts has one state, the worst of its parts")
def parts(t):
    smsc = Smsc(receipts=True)
    bad = []

    def receipt(mt):  # the second part of each long message fails
        if mt.part.total > 1 and mt.part.seq == 2:
            bad.append(mt)
            return Smsc.receipt(smsc, mt, "UNDELIV", 5, "021")
        return Smsc.receipt(smsc, mt)
    smsc.receipt_of = receipt
    s = Stack(t, smsc=smsc)
    register(s.smsc.phone(NUMBER), HI)
    wait_until("receipts are settled", lambda: not s.smsc.pending_mo())
    assert bad, "the conversation has long messages"
    wait_until("each is one message that failed",
               lambda: s.metric("dakiya_mt_delivery_total", state="UNDELIV") == len(bad))
    wait_until("and the others were delivered",
               lambda: s.metric("dakiya_mt_delivery_total", state="DELIVRD") == len(HI.steps) - len(bad))


@test("duplicate, late and odd receipts are acknowledged, counted, and change nothing")
def odd(t):
    s = Stack(t)
    s.smsc.phone(NUMBER).ask(EN.start, EN.ask_name)
    mt = s.smsc.mt[0]
    wait_until("it is sent", lambda: not s.depth())
    say = lambda *a: s.smsc.queue(s.smsc.receipt(mt, *a), kind="receipt")  # noqa: E731
    for args, outcome in ((("ENROUTE", 1), "matched"), (("ENROUTE", 1), "duplicate"), (("ACCEPTD", 6), "matched"),
                          (("ENROUTE", 1), "late"), (("DELIVRD", 2), "matched"), (("DELIVRD", 2), "duplicate"),
                          (("UNDELIV", 5), "late"), (("ENROUTE", 1), "late")):
        before = matched(s, outcome)
        say(*args)
        wait_until(f"{args} is {outcome}", lambda: matched(s, outcome) == before + 1)
    assert s.metric("dakiya_mt_delivery_total") == s.metric("dakiya_mt_delivery_total", state="DELIVRD") == 1
    known = s.smsc.receipt(mt)
    odd_ones = {
        "unreadable": [dict(short_message=b"what is this", tlvs=[]), dict(short_message=b"", tlvs=[]),
                       dict(short_message=b"\xff" * 254, tlvs=[])],
        "no_id": [dict(short_message=b"id: stat:DELIVRD", tlvs=[]),
                  dict(short_message=b"00,0210021543", tlvs=[])],
        "parked": [dict(short_message=b"id:4711 stat:FAILED", tlvs=[]),
                   dict(short_message=b"id:" + b"9" * 200 + b" stat:DELIVRD", tlvs=[])],
        "no_number": [dict(source_addr="DAKIYA", source_addr_ton=5, destination_addr="56161")],
        "duplicate": [dict(source_addr="56161", destination_addr=NUMBER, dest_addr_ton=1, source_addr_ton=3)],
    }
    for outcome, fields in odd_ones.items():
        before = matched(s, outcome)
        for f in fields:
            base = dict(source_addr=NUMBER, source_addr_ton=1, source_addr_npi=1, destination_addr="56161",
                        esm_class=4, short_message=known.short_message, tlvs=known.tlvs)
            base.update(f)
            s.smsc.queue(Pdu("deliver_sm", **base), kind="receipt")
        wait_until(f"{fields} are {outcome}", lambda: matched(s, outcome) == before + len(fields))
    wait_until("every one is acknowledged", lambda: not s.smsc.pending_mo())
    assert all(m.statuses == [smpp.ROK] for m in s.smsc.mo), "at once, and with OK"


@test("receipts are matched by another process than the one that sent the message")
def other_process(t):
    s = Stack(t)
    s.smsc.phone(NUMBER).ask(EN.start, EN.ask_name)
    wait_until("it is sent", lambda: not s.depth())
    s.restart_dakiyad()
    s.smsc.queue(s.smsc.receipt(s.smsc.mt[0]), kind="receipt")
    wait_until("it is matched", lambda: s.metric("dakiya_mt_delivery_total", state="DELIVRD") == 1)
