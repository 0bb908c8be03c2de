# SPDX-License-Identifier: BSD-2-Clause
"""What becomes of a message that the message centre does not take."""
import subprocess
import time

import smpp
from harness import program, test, wait_until
from stack import Stack
from talk import EN

NUMBER = "919812345678"
TEMPORARY = {0x04, 0x08, 0x61, 0x64, 670}  # again with pauses
AMBIGUOUS = {0x45, 0xFE, 0xFF, 0x400, 0x4FF, 636}  # once more
SLOWER = {0x14, 0x58}
EVERY = sorted(TEMPORARY | AMBIGUOUS | SLOWER | {
    0x01, 0x02, 0x03, 0x05, 0x06, 0x07, 0x0A, 0x0B, 0x0C, 0x0D, 0x0E, 0x0F, 0x11, 0x13, 0x15, 0x33, 0x34, 0x40, 0x42,
    0x43, 0x44, 0x48, 0x49, 0x50, 0x51, 0x53, 0x54, 0x55, 0x62, 0x63, 0x65, 0x66, 0x67, 0xC0, 0xC1, 0xC2, 0xC3, 0xC4,
    0x104, 600, 633, 635, 650, 660, 5601, 0x7FFFFFFF, 0xFFFF0001, 0xFFFF0002, 0xFFFFFFFF})


@test("every status of a submit ends in a message that came, or in a dead letter with words, never in silence")
def every(t):
    s = Stack(t)
    of = {str(919812000000 + i): status for i, status in enumerate(EVERY)}
    hit = set()

    def answer(pdu):
        if pdu.destination_addr in hit or pdu.destination_addr not in of:
            return 0
        hit.add(pdu.destination_addr)
        return of[pdu.destination_addr]
    s.smsc.fault("submit_sm", answer, 10 ** 6)
    for number in of:
        s.smsc.phone(number).send(EN.start)
    # Statuses that only we can know count as unknown ones when a peer says them.
    again = [n for n, status in of.items() if status in TEMPORARY | AMBIGUOUS | SLOWER or
             0xFFFF0001 <= status <= 0xFFFFFFFF]
    for number in again:
        s.smsc.phone(number).expect(EN.ask_name, 40)
    wait_until("the others are dead letters", lambda: s.metric(
        "dakiya_dead_letters_total", reason="permanent") == len(of) - len(again), 40)
    wait_until("the outbox is empty", lambda: not s.depth())
    assert not [n for n in of if n not in again and s.smsc.to(n)]
    letters = s.dead_letters()
    assert len(letters) == len(of) - len(again)
    assert any(x.startswith("permanent 0x279 DLT: the text does not match its template\n") for x in letters), letters
    assert any(x.startswith("permanent 0xb there is no such number\n") for x in letters), letters
    assert 'why="DLT: a variable is longer than its template allows"' in s.dakiyad.output()


@test("a link may say otherwise of a status, one by one or by ranges")
def overrides(t):
    s = Stack(t, link="errors: {0x0B: later, 0x45: never, 0x400-0x40f: again}")
    s.smsc.fault("submit_sm", smpp.RINVDSTADR, 2)
    s.smsc.phone(NUMBER).ask(EN.start, EN.ask_name, 20)
    s.smsc.fault("submit_sm", 0x405)
    s.smsc.phone("919812345679").ask(EN.start, EN.ask_name, 2)
    s.smsc.fault("submit_sm", 0x45)
    s.smsc.phone("919812345670").send(EN.start)
    wait_until("never means never", lambda: s.metric("dakiya_dead_letters_total") == 1)


@test("a wrong table of errors is told with its place when the configuration is checked")
def wrong(t):
    for words, said in (("{0x45: sometimes}", "none of again, later, slower, never"),
                        ("{throttled: later}", "is no status"), ("{0x45-0x40: later}", "is no status"),
                        ("{0: later}", "is no status"), ("[0x45]", "must be a map"),
                        ("{0x45: [later]}", "must be one value")):
        s = Stack(t, start=False, backend=False, redis="embedded", link=f"errors: {words}") if not (
            t.folder / "state").exists() else s
        s.link = f"errors: {words}"
        path = t.folder / "dakiyad.yaml"
        path.write_text(s.config())
        done = subprocess.run([program("dakiyad"), "-t", "-c", path], capture_output=True, text=True, timeout=20)
        line = next(i for i, x in enumerate(s.config().split("\n"), 1) if "errors:" in x)
        assert done.returncode == 1 and said in done.stderr and f":{line}:" in done.stderr, (words, done.stderr)


@test("throttled, a link halves its rate at once and wins it back step by step; nothing is lost")
def adaptive(t):
    s = Stack(t, link="rate: 40")
    assert s.metric("dakiya_link_rate") == 40
    s.smsc.fault("submit_sm", smpp.RTHROTTLED, 5)
    for i in range(20):
        s.smsc.phone(str(919812340000 + i)).send(EN.start)
    wait_until("it is slower", lambda: 0 < s.metric("dakiya_link_rate") <= 24)
    for i in range(20):
        s.smsc.phone(str(919812340000 + i)).expect(EN.ask_name, 40)
    seen = {s.metric("dakiya_link_rate")}
    wait_until("it has won its rate back",
               lambda: seen.add(s.metric("dakiya_link_rate")) or s.metric("dakiya_link_rate") == 40, 40)
    assert len(seen) > 3, f"step by step: {seen}"


@test("a link without a rate is slowed too, and free again after a while")
def adaptive_free(t):
    s = Stack(t)
    assert s.metric("dakiya_link_rate") == 0
    s.smsc.fault("submit_sm", smpp.RMSGQFUL)
    for i in range(30):
        s.smsc.phone(str(919812340000 + i)).send(EN.start)
    wait_until("it is slower", lambda: s.metric("dakiya_link_rate") > 0)
    for i in range(30):
        s.smsc.phone(str(919812340000 + i)).expect(EN.ask_name, 40)
    wait_until("it is free again", lambda: s.metric("dakiya_link_rate") == 0, 60)


@test("a centre that says it is congested gets less, and more again when it is not")
def congestion(t):
    s = Stack(t, link="rate: 40")
    s.smsc.answer_tlvs = [(0x1401, b"a vendor's"), (0x0428, bytes([79]))]
    for i in range(3):
        s.smsc.phone(str(919812340000 + i)).ask(EN.start, EN.ask_name)
    assert s.metric("dakiya_link_rate") == 40, "high load is no reason"
    s.smsc.answer_tlvs = [(0x0428, bytes([80]))]
    s.smsc.phone("919812341000").ask(EN.start, EN.ask_name)
    wait_until("a little slower", lambda: 30 <= s.metric("dakiya_link_rate") < 40)
    time.sleep(1.05)  # once a second
    s.smsc.answer_tlvs = [(0x0428, bytes([95]))]
    s.smsc.phone("919812342000").ask(EN.start, EN.ask_name)
    wait_until("half of it", lambda: 0 < s.metric("dakiya_link_rate") <= 22)
    low = s.metric("dakiya_link_rate")
    s.smsc.answer_tlvs = [(0x0428, b""), (0x0428, bytes([101])), (0x0428, b"12")]  # says nothing
    s.smsc.phone("919812343000").ask(EN.start, EN.ask_name)
    wait_until("it is won back", lambda: s.metric("dakiya_link_rate") >= low + 4)
