# SPDX-License-Identifier: BSD-2-Clause
"""Several binds, several links, and which of them carries a message."""
import re
import subprocess

import smpp
from harness import program, test, wait_until
from smpp import Part
from smsc import Smsc
from stack import Stack
from talk import EN, HI, register

NUMBER = "919812345678"


def two(t, routes="", first="", second=""):
    """A bridge with a link to each of two message centres."""
    other = t.own(Smsc())
    s = Stack(t, link=f"""{first or "window: 50"}
  - name: smsc2
    host: 127.0.0.1
    port: {other.port}
    system_id: dakiya
    password: secret
    reconnect_min: 20ms
    reconnect_max: 200ms
    response_timeout: 3s
    {second or "window: 50"}""", more=f"routes: {routes}" if routes else "")
    wait_until("both are bound", lambda: s.smsc.bound() and other.bound())
    return s, other


@test("several binds of one link come up one after another, share the work, and outlive each other")
def binds(t):
    smsc = Smsc()
    s = Stack(t, smsc=smsc, link="binds: 4\n    window: 1")
    wait_until("all are bound", lambda: smsc.all_bound() == ["transceiver"] * 4)
    assert smsc.most_unbound == 1, "at most one bind is in flight"
    assert s.metric("dakiya_link_state", link="smsc1", state="bound") == 4
    waiting = smsc.fault("submit_sm", "silence", 4)
    numbers = [str(919812340000 + i) for i in range(12)]
    for n in numbers[:4]:
        smsc.phone(n).send(EN.start)
    wait_until("each bind has one outstanding", lambda: waiting.hits == 4)
    with smsc.lock:
        for x in smsc.sessions[:3]:
            smsc._end(x)
    for n in numbers:
        if n not in numbers[:4]:
            smsc.phone(n).send(EN.start)
        smsc.phone(n).expect(EN.ask_name, 20)
    wait_until("all are back", lambda: smsc.all_bound() == ["transceiver"] * 4)
    assert smsc.most_unbound == 1
    register(smsc.phone(NUMBER))


@test("a bind that gets no answer holds its siblings back until it is over, never two at once")
def one_in_flight(t):
    smsc = Smsc()
    smsc.fault("bind", "silence")
    Stack(t, smsc=smsc, link="binds: 3\n    bind: pair")
    wait_until("all are bound", lambda: len(smsc.all_bound()) == 6, 20)
    assert smsc.most_unbound == 1


@test("a pair receives on one bind and sends on the other, and readiness needs the sender")
def pair(t):
    smsc = Smsc(receipts=True)
    s = Stack(t, smsc=smsc, link="bind: pair")
    wait_until("both are bound", lambda: smsc.all_bound() == ["receiver", "transmitter"])
    register(smsc.phone(NUMBER))
    assert smsc.count("submit_sm") == len(smsc.mt), "no submit came by the receiver"
    wait_until("receipts match", lambda: s.metric("dakiya_mt_delivery_total") == len(smsc.mt))
    smsc.fault("bind", "drop", 10 ** 6, lambda p: p.command == "bind_transmitter")
    with smsc.lock:
        smsc._end(next(x for x in smsc.sessions if x.bound == "transmitter"))
    wait_until("it is not ready", lambda: s.http("/readyz")[0] == 503)
    smsc.phone(NUMBER).send("STATUS")
    wait_until("the message is taken all the same", lambda: not smsc.pending_mo())
    before = len(smsc.phone(NUMBER).inbox())
    with smsc.lock:
        smsc.faults.clear()
    wait_until("and answered when the sender is back", lambda: len(smsc.phone(NUMBER).inbox()) > before, 20)


@test("a route chooses the link by prefix, class and header; what none names goes back where it came from")
def chosen(t):
    s, other = two(t, """
  - {prefix: ["9199"], links: [smsc2]}
  - {header: ["56162"], links: [smsc2]}
  - {class: [otp], links: [smsc2]}""")
    s.smsc.phone("919912345678").send(EN.start)
    wait_until("by prefix", lambda: other.to("919912345678"))
    s.smsc.phone("919812345678", "56162").send(EN.start)
    wait_until("by header", lambda: other.to("919812345678"))
    s.smsc.phone("919812345679").ask(EN.start, EN.ask_name)
    other.phone("919812345670").ask(EN.start, EN.ask_name)
    assert len(other.texts) == 3 and len(s.smsc.texts) == 1


@test("a message whose link dies goes by another link, and those that wait with it")
def failover(t):
    s, other = two(t)
    s.smsc.fault("submit_sm", "drop", 10 ** 6)
    s.smsc.fault("bind", "drop", 10 ** 6)
    numbers = [str(919812340000 + i) for i in range(20)]
    for n in numbers:
        s.smsc.phone(n).send(EN.start)
    with s.smsc.lock:  # what the cut left with the centre comes by the other one, as in a network
        s.smsc.lock.wait_for(lambda: not s.smsc.bound(), 10)
        left = [m.pdu for m in s.smsc.mo if m.state != "accepted"]
    other.queue(*left)
    for n in numbers:
        wait_until(f"{n} is answered", lambda n=n: other.to(n), 20)
    wait_until("nothing is left", lambda: not s.depth())
    assert s.http("/readyz")[0] == 200


@test("while a link is throttled, another one carries its messages at once")
def throttled(t):
    s, other = two(t)
    s.smsc.fault("submit_sm", smpp.RTHROTTLED, 10 ** 6)
    s.smsc.phone(NUMBER).send(EN.start)
    wait_until("the other one has it", lambda: other.to(NUMBER), 0.9)
    assert s.metric("dakiya_link_rate", link="smsc1") > 0 == s.metric("dakiya_link_rate", link="smsc2")


@test("a link that has its window full of silence leaves the messages to the one that has room")
def by_load(t):
    s, other = two(t, "[{links: [smsc1, smsc2]}]", first="window: 1", second="window: 1")
    stuck = s.smsc.fault("submit_sm", "silence", 1)
    numbers = [str(919812340000 + i) for i in range(12)]
    for n in numbers:
        other.phone(n).send(EN.start)
    wait_until("one waits with the silent one", lambda: stuck.hits == 1)
    wait_until("each is answered", lambda: all(other.to(n) or s.smsc.to(n) for n in numbers), 20)
    assert len(other.texts) >= len(numbers) - 2, "the one with room carried them meanwhile"


@test("a backup carries messages while the links of a route are away, and no longer")
def backup(t):
    s, other = two(t, "[{links: [smsc1], backup: [smsc2]}]")
    other.phone(NUMBER).send(EN.start)
    wait_until("the first link has it", lambda: s.smsc.to(NUMBER))
    block = s.smsc.fault("bind", "drop", 10 ** 6)
    s.smsc.drop()
    other.phone(NUMBER).ask(EN.name, EN.ask_age)
    block.left = 0
    wait_until("it is back", s.smsc.bound)
    other.phone(NUMBER).send(EN.age)
    wait_until("and has the next", lambda: len(s.smsc.to(NUMBER)) == 2)


@test("messages of a route whose links are away wait, and hold up no others")
def apart(t):
    s, other = two(t, "[{prefix: ['9199'], links: [smsc2]}]")
    block = other.fault("bind", "drop", 10 ** 6)
    other.drop()
    for i in range(30):
        s.smsc.phone(str(919900000000 + i)).send(EN.start)
    register(s.smsc.phone(NUMBER))
    wait_until("all others are away", lambda: s.depth() == 30)
    assert not [x for x in s.smsc.texts if x.number.startswith("9199")]
    block.left = 0
    for i in range(30):
        wait_until("they go when it is back", lambda i=i: other.to(str(919900000000 + i)), 20)


@test("more messages than a lane holds, for a link that is away, hold up no others; all go when it is back")
def overfull(t):
    other = t.own(Smsc())
    s = Stack(t, link=f"""window: 50
  - {{name: smsc2, host: 127.0.0.1, port: {other.port}, system_id: dakiya, password: secret, reconnect_min: 20ms,
     reconnect_max: 200ms}}""", more="routes: [{prefix: ['9199'], links: [smsc2]}]\nlimits: {queue: 16}", start=False)
    block = other.fault("bind", "drop", 10 ** 6)
    s.start_dakiyad()
    sent = [s.smsc.phone(str(919900000000 + i)).send(EN.start)[0] for i in range(60)]
    wait_until("what is more than can be told is left with the network",
               lambda: s.depth() >= 16 and any(smpp.RTHROTTLED in m.statuses for m in sent))
    register(s.smsc.phone(NUMBER))
    block.left = 0
    for i in range(60):
        wait_until("they go when it is back", lambda i=i: other.to(str(919900000000 + i)), 30)
    wait_until("nothing is left", lambda: not s.depth())
    assert all(m.state == "accepted" for m in sent)


@test("mistakes in routes are told with their place when the configuration is checked")
def wrong(t):
    s = Stack(t, start=False, backend=False, redis="embedded")
    for routes, said in (("[{links: [nobody]}]", "no link is called nobody"), ("[{prefix: [9199]}]", "links is missing"),
                         ("[{links: [smsc1], class: [urgent]}]", "none of otp, alert"),
                         ("[{links: [smsc1], prefix: ['+91']}]", "more than digits"),
                         ("[{links: [smsc1], backup: [x]}]", "no link is called x")):
        s.more = f"routes: {routes}"
        path = t.folder / "dakiyad.yaml"
        path.write_text(s.config())
        done = subprocess.run([program("dakiyad"), "-t", "-c", path], capture_output=True, text=True, timeout=20)
        assert done.returncode == 1 and said in done.stderr, (routes, done.stderr)


@test("a long message that two links carried a part of has one state, from the receipts of both")
def parts_by_two(t):
    s, other = two(t)
    s.smsc.receipts = other.receipts = True
    phone = s.smsc.phone(NUMBER)
    phone.ask(HI.start, HI.ask_name)
    second = s.smsc.fault("submit_sm", smpp.RSYSERR, 1, lambda p: Part(p).seq == 2)
    for text, answer in HI.steps[1:]:
        phone.send(text)
        wait_until(f"{text} has an answer", lambda a=answer: second.hits or re.search(a, " ".join(phone.inbox())))
        if second.hits:
            break
    s.smsc.fault("bind", "drop", 10 ** 6)
    s.smsc.drop()
    wait_until("the other link takes the rest", lambda: [m for m in other.mt if m.part.seq > 1])
    first, rest = [m for m in s.smsc.mt if m.part.total > 1], [m for m in other.mt if m.part.total > 1]
    assert first and len(first) + len(rest) == first[0].part.total, (first, rest)
    assert {m.part.ref for m in first + rest} == {first[0].part.ref}, "a phone can join them"
    with s.smsc.lock:
        s.smsc.faults.clear()
    wait_until("receipts are settled", lambda: not s.smsc.pending_mo() and not other.pending_mo() and not s.depth(), 20)
    sent = int(s.metric("dakiya_mt_total", outcome="sent"))
    wait_until("each message is one that arrived", lambda: s.metric("dakiya_mt_delivery_total", state="DELIVRD") == sent)
    assert s.metric("dakiya_receipts_matched_total", outcome="matched") + s.metric(
        "dakiya_receipts_matched_total", outcome="matched_early") == len(s.smsc.mt) + len(other.mt)
