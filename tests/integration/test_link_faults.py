# SPDX-License-Identifier: BSD-2-Clause
"""What a message centre can do to a link. In none of it is anything lost or answered twice, and the
process neither dies nor grows."""
import re
import shutil
import struct
import subprocess
import time

import smpp
from harness import Skip, test, wait_until
from smpp import Pdu
from smsc import Smsc
from stack import Stack
from talk import EN, HI, register

NUMBER = "919812345678"


def resident(s):
    """KiB of the bridge."""
    with open(f"/proc/{s.dakiyad.pid}/status", encoding="ascii") as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read())[1])


def each_once(s, numbers, pattern):
    for n in numbers:
        s.smsc.phone(n).expect(pattern, 40)
    wait_until("nothing is left", lambda: not s.depth(), 20)
    assert all(len(s.smsc.to(n)) == 1 for n in numbers), "nobody is answered twice"


@test("PDUs that are cut at every octet are read, each once")
def split(t):
    s = Stack(t)
    s.smsc.octets_apart = True
    register(s.smsc.phone(NUMBER), HI, 20)
    assert s.metric("dakiya_link_bad_pdus_total") == 0 and s.smsc.binds == 1


@test("a PDU cut in two, at every place in turn, with a pause between, is read once")
def cut_in_two(t):
    s = Stack(t)
    octets = smpp.encode(Pdu("enquire_link", 1))
    whole = smpp.encode(s.smsc.deliver_sm(NUMBER, short_message=b"HELP"))
    for at in range(1, len(octets)):
        with s.smsc.lock:
            s.smsc.raw(octets[:at])
            time.sleep(0.002)
            s.smsc.raw(octets[at:])
    wait_until("all are answered", lambda: s.smsc.count("enquire_link_resp") == len(octets) - 1)
    for at in range(1, len(whole)):
        n = str(919812000000 + at)
        octets = smpp.encode(Pdu(**{**vars(s.smsc.deliver_sm(n, short_message=EN.start.encode())), "seq": 0x1000 + at}))
        with s.smsc.lock:  # no answer of the centre may stand between the halves
            s.smsc.raw(octets[:at])
            s.smsc.raw(octets[at:])
    each_once(s, [str(919812000000 + at) for at in range(1, len(whole))], EN.ask_name)


@test("two hundred messages in one write are answered, each once, in the order of each phone")
def coalesced(t):
    s = Stack(t)
    s.smsc.mo_window = 400
    numbers = [str(919812000000 + i) for i in range(200)]
    s.smsc.hold()
    for n in numbers:
        s.smsc.phone(n).send(EN.start)
    wait_until("all are in one write", lambda: s.smsc.bound().held.count(b"919812") == 200)
    s.smsc.release()
    each_once(s, numbers, EN.ask_name)
    assert all(m.times_sent == 1 for m in s.smsc.mo)


def cut_at(event, action):
    def run(t):
        s = Stack(t)
        numbers = [str(919812000000 + i) for i in range(10)]
        fault = s.smsc.fault(event, action, 3)
        for n in numbers:
            s.smsc.phone(n).send(EN.start)
        for n in numbers:
            s.smsc.phone(n).expect(EN.ask_name, 40)
        wait_until("nothing is left", lambda: not s.depth(), 20)
        wait_until("every message is settled", lambda: not s.smsc.pending_mo(), 20)
        assert fault.hits >= 1
        # Nobody can know of what was open at a cut whether it was taken: twice at most that, never not.
        twice = sum(len(s.smsc.to(n)) - 1 for n in numbers)
        assert twice <= fault.hits * s.smsc.mo_window, twice
        register(s.smsc.phone(NUMBER))
    return run


for _event in ("submit_sm", "deliver_sm_resp"):
    for _action in ("drop", "drop after"):
        test(f"the link is cut at {_event}, {'after' if _action != 'drop' else 'without'} an answer: nothing is lost")(
            cut_at(_event, _action))


@test("a link that is cut while it connects, binds, or unbinds comes back or ends in time")
def cut_early(t):
    smsc = Smsc()
    for action in ("drop", "drop after", "silence", smpp.RBINDFAIL, smpp.RALYBND, smpp.RSYSERR):
        smsc.fault("bind", action)
    s = Stack(t, smsc=smsc, start=False)
    s.start_dakiyad(wait=False)
    s.wait_ready(40)
    register(smsc.phone(NUMBER))
    smsc.fault("unbind", "drop")
    began = time.monotonic()
    assert s.dakiyad.stop(20) == 0 and time.monotonic() - began < 15


@test("wrong credentials are tried again slowly and shouted about, and work once they are right")
def credentials(t):
    smsc = Smsc()
    right, smsc.password = smsc.password, "changed"
    s = Stack(t, smsc=smsc, start=False)
    (t.folder / "password").write_text(right)
    s.start_dakiyad(wait=False)
    line = s.dakiyad.wait_line("ESME_RINVPASWD")
    assert "ERR" in line and right not in s.dakiyad.output()
    wait_until("/readyz says why", lambda: re.search(r"(?m)^link smsc1: wait, bind refused: ESME_RINVPASWD", s.http("/readyz")[1]))
    smsc.password = right
    s.wait_ready()
    assert re.search(r"(?m)^link smsc1: ok$", s.http("/readyz")[1])


@test("a centre that stops reading is left after a while; the process does not grow, nothing is lost")
def stops_reading(t):
    s = Stack(t, link="window: 10000\n    enquire_interval: 1s")
    before = resident(s)
    with s.smsc.lock:  # nobody reads while the lock is held
        session = s.smsc.bound()
        for i in range(3000):
            session.seq += 1
            try:
                session.conn.sendall(smpp.encode(Pdu("enquire_link", session.seq)))
            except OSError:
                break
        time.sleep(3)
    assert resident(s) - before < 32 << 10, (before, resident(s))
    wait_until("the link is there again", s.smsc.bound, 20)
    register(s.smsc.phone(NUMBER), seconds=30)


@test("requests that a centre may make by the letter are answered by the letter, and notices taken")
def letter(t):
    s = Stack(t)
    for seq, (command, status) in enumerate((("query_sm", 0x67), ("cancel_sm", 0x11), ("replace_sm", 0x13)), 500):
        s.smsc.raw(smpp.encode(Pdu(command, seq, message_id="1", source_addr="56161")))
        wait_until(f"{command} is answered", lambda c=command, n=seq, st=status: any(
            p.command == c + "_resp" and p.seq == n and p.status == st for p in s.smsc.seen))
    for pdu in (Pdu("outbind", 510, system_id="x", password="y"), Pdu("alert_notification", 511, source_addr=NUMBER),
                Pdu("submit_sm_resp", 4000, message_id="1")):
        s.smsc.raw(smpp.encode(pdu))
    for kind in ("outbind", "alert_notification", "late"):
        wait_until(f"{kind} is counted", lambda k=kind: s.metric("dakiya_link_notices_total", kind=k) == 1)
    assert s.smsc.binds == 1 and not s.smsc.count("generic_nack")


@test("a data_sm is a message like any other, whole or with its payload in a TLV")
def data_sm(t):
    s = Stack(t)
    phone = s.smsc.phone(NUMBER)
    for text, answer in EN.steps:
        s.smsc.queue(Pdu("data_sm", source_addr=NUMBER, source_addr_ton=1, source_addr_npi=1, destination_addr="56161",
                         tlvs=[(smpp.TLV_PAYLOAD, text.encode())]))
        phone.expect(answer)
    assert s.smsc.count("data_sm_resp", 0) == len(EN.steps)


@test("octets by chance, strings without an end and impossible lengths for a while: no growth, no death, no loss")
def chance(t):
    import random
    s = Stack(t)
    rnd = random.Random(20261122)
    sizes = []
    for i in range(150):
        wait_until("the link is up", s.smsc.bound, 20)
        kind = rnd.choice((0x4, 0x5, 0x103, 0x15, 0x80000004, 0x80000015, 0x102, 0xB, 0x3, 0x7, 0x99, rnd.getrandbits(32)))
        body = rnd.choice((rnd.randbytes(rnd.randrange(0, 400)), b"A" * 300, b"\xff" * 250, b"\0" * rnd.randrange(0, 99)))
        if kind == 6:
            continue
        s.smsc.raw((16 + len(body)).to_bytes(4, "big") + kind.to_bytes(4, "big") + b"\0\0\0\0" +
                   (0x5000 + i).to_bytes(4, "big") + body)
        if i % 50 == 49:
            s.smsc.raw(rnd.choice((b"\0\0\0\x0f", b"\0\1\0\1", b"\xff\xff\xff\xff")) + b"x" * 40)
            sizes.append(resident(s))
    wait_until("the link is up", s.smsc.bound, 20)
    assert sizes[-1] - sizes[0] < 8 << 10, sizes
    register(s.smsc.phone("919899999999"), seconds=20)


def octets_of(command, body=b"", seq=0x300, length=None):
    return struct.pack(">IIII", 16 + len(body) if length is None else length, command, 0, seq) + body


ADDRESSES = b"\0\1\1919812345678\0\0\01" + b"56161\0"
HEAD = ADDRESSES + b"\0\0\0\0\0\0\0"  # up to replace_if_present_flag
VENDOR = b"\x14\0\0\3abc" + b"\xff\xff\0\0" + b"\4\x28\0\2zz"
# what the centre writes -> the answer to it: command and status; None: there is none
MALFORMED = {
    "service_type without an end": (octets_of(5, b"A" * 60), ("deliver_sm_resp", 0x01)),
    "source_addr without an end": (octets_of(5, b"\0\1\1" + b"9" * 80), ("deliver_sm_resp", 0x01)),
    "sm_length past the PDU": (octets_of(5, HEAD + b"\0\0\xffhi"), ("deliver_sm_resp", 0x01)),
    "no body at all": (octets_of(5), ("deliver_sm_resp", 0x01)),
    "a data_sm cut short": (octets_of(0x103, b"\0\1"), ("data_sm_resp", 0x01)),
    "a cancel_sm cut short": (octets_of(8, b"\0"), ("generic_nack", 0x02)),
    "an unknown command": (octets_of(0x777, VENDOR), ("generic_nack", 0x03)),
    "what only an ESME asks": (octets_of(2, b"a\0b\0\0\x34\0\0\0"), ("generic_nack", 0x03)),
    "an unknown response": (octets_of(0x80000777, VENDOR), None),
    "a response to nothing, its id without an end": (octets_of(0x80000004, b"x" * 90), None),
    "a nack of nothing": (octets_of(0x80000000, VENDOR), None),
    "an enquiry with a vendor's TLVs": (octets_of(0x15, VENDOR), ("enquire_link_resp", 0)),
    "an enquiry with a TLV past its end": (octets_of(0x15, b"\x14\0\xff\xffab"), ("enquire_link_resp", 0)),
    "an outbind with a vendor's TLVs": (octets_of(0xB, b"a\0b\0" + VENDOR), None),
    "an alert with a vendor's TLVs": (octets_of(0x102, b"\1\0019\0\0\0\0" + VENDOR), None),
    "a receipt of nothing with a vendor's TLVs": (
        octets_of(5, ADDRESSES + b"\4\0\0\0\0\0\0" + b"\0\0\4nope" + VENDOR),
        ("deliver_sm_resp", 0)),
    "length 0": (octets_of(5, length=0), "link"), "length 15": (octets_of(5, length=15), "link"),
    "length 65537": (octets_of(5, length=65537), "link"), "length 4 GiB": (octets_of(5, length=2 ** 32 - 1), "link"),
}


@test("each malformed or unknown PDU has the answer that the letter gives it, and the talk around it goes on")
def malformed(t):
    s = Stack(t)
    before, binds = None, 1
    for i, (what, (octets, answer)) in enumerate(MALFORMED.items()):
        number = str(919812300000 + i)
        s.smsc.phone(number).ask(EN.start, EN.ask_name)
        before = before or resident(s)
        seen = len(s.smsc.seen)
        s.smsc.raw(octets)
        if answer == "link":
            binds += 1
            wait_until(f"{what}: it binds anew", lambda n=binds: s.smsc.binds == n and s.smsc.bound())
        elif answer:
            wait_until(f"{what}: {answer}", lambda a=answer, n=seen: any(
                (p.command, p.status, p.seq) == (*a, 0x300) for p in s.smsc.seen[n:]))
        s.smsc.phone(number).ask(EN.name, EN.ask_age)
        if not answer:
            assert not [p for p in s.smsc.seen[seen:] if p.seq == 0x300], what
    wait_until("nothing is left", lambda: not s.depth() and not s.smsc.pending_mo())
    assert all(len(s.smsc.to(str(919812300000 + i))) == 2 for i in range(len(MALFORMED)))
    assert s.smsc.binds == binds and resident(s) - before < 8 << 10


class Capture:
    """The whole run on the loopback's wire, read by a decoder that is not ours."""

    def __init__(self, t, port):
        if not shutil.which("tshark"):
            raise Skip("tshark is not installed: no independent decoder looks at the wire")
        self.path, self.port = t.folder / "run.pcap", port
        self.proc = t.start("tshark", "tshark", "-i", "lo", "-w", self.path, "-f", f"tcp port {port}", "-q")
        try:
            self.proc.wait_line("Capturing on", 15)
        except AssertionError as e:
            raise Skip(f"tshark may not capture here: {self.proc.output()[-300:]}") from e

    def fields(self, keep, *names):
        wanted = [x for n in names for x in ("-e", n)]
        done = subprocess.run(["tshark", "-r", self.path, "-d", f"tcp.port=={self.port},smpp", "-Y", keep, "-T", "fields",
                               "-E", "occurrence=a", "-E", "aggregator=,", *wanted], capture_output=True, text=True,
                              timeout=120)
        assert done.returncode == 0, done.stderr
        return [line.split("\t") for line in done.stdout.splitlines()]


# What a link's options change on the wire: how long texts are cut, TLVs, binds, versions.
WIRES = ("alphabet_out: ucs2\n    long_messages: udh16", "alphabet_out: ucs2\n    long_messages: sar",
         "alphabet_out: ucs2\n    long_messages: payload", "national_shift: [hindi]\n    bind: pair",
         'interface_version: 5.0\n    dlt: {entity_id: "1101234567890123456"}')


@test("an independent decoder finds no malformed SMPP packet of a run and no request without its answer")
def wire(t):
    smsc = Smsc(receipts=True)
    capture = Capture(t, smsc.port)
    s = Stack(t, smsc=smsc, link="enquire_interval: 150ms")
    register(s.smsc.phone(NUMBER))
    register(s.smsc.phone("919812345679"), HI)
    s.smsc.enquire()
    wait_until("the bridge asks too", lambda: s.smsc.count("enquire_link") >= 2)
    wait_until("receipts are settled", lambda: not s.smsc.pending_mo() and not s.depth())
    for i, link in enumerate(WIRES):
        assert s.dakiyad.stop(20) == 0
        s.link = link
        s.start_dakiyad()
        register(s.smsc.phone(str(919812345680 + i)), HI, 20)
    s.smsc.queue(Pdu("data_sm", source_addr=NUMBER, source_addr_ton=1, source_addr_npi=1, destination_addr="56161",
                     tlvs=[(smpp.TLV_PAYLOAD, b"WHO")]))
    s.smsc.phone(NUMBER).expect("government")
    wait_until("receipts are settled", lambda: not s.smsc.pending_mo() and not s.depth())
    assert s.dakiyad.stop(20) == 0
    capture.proc.stop()
    assert not capture.fields("smpp && (_ws.malformed || _ws.expert.severity == error)", "frame.number")
    asked, answered = [], []
    for ids, seqs, sport in capture.fields("smpp", "smpp.command_id", "smpp.sequence_number", "tcp.srcport"):
        for command, seq in zip(ids.split(","), seqs.split(",")):
            command, ours = int(command, 0), int(sport) != smsc.port
            (answered if command & 0x80000000 else asked).append(
                (command & 0x7FFFFFFF, int(seq), ours if not command & 0x80000000 else not ours))
    assert len(asked) > 100 and sorted(asked) == sorted(answered), set(asked) ^ set(answered)
    assert {c for c, _, ours in asked if ours} >= {0x1, 0x2, 0x4, 0x6, 0x9, 0x15}, "binds, submit_sm, unbind, enquire_link"
    assert {c for c, _, ours in asked if not ours} >= {0x5, 0x15, 0x103}, "deliver_sm, enquire_link, data_sm"
