# SPDX-License-Identifier: BSD-2-Clause
"""A scripted message centre: the bridge binds to it, phones of the tests hang on it.

It behaves as networks do: a message from a phone is kept until deliver_sm_resp OK, offered again
after a temporary error or a lost link; a submit_sm that got OK counts as delivered. Everything is
written down (mo, mt, broken), and faults come to order."""
import re
import select
import socket
import threading
import time

import harness
import smpp
from smpp import Framer, Joiner, Malformed, Part, Pdu

TEMPORARY = {smpp.RX_T_APPN, smpp.RMSGQFUL, smpp.RTHROTTLED, smpp.RSYSERR}


class Mo:
    """One message (or part of one, or a receipt) on its way to the bridge."""

    def __init__(self, pdu, kind="sms"):
        self.pdu, self.kind = pdu, kind
        self.state = "queued"  # queued, sent, accepted, refused
        self.statuses, self.not_before, self.times_sent = [], 0.0, 0
        self.sent_at = self.accepted_at = None
        self.text = ""  # the whole text this is (a part of)


class Mt:
    """One submit_sm that we answered OK."""

    def __init__(self, pdu, message_id, part):
        self.pdu, self.message_id, self.part, self.at = pdu, message_id, part, time.monotonic()
        self.source, self.number = pdu.source_addr, pdu.destination_addr


class Screen:
    """One USSD string that a phone shows: the PDU as it came, and its text."""

    def __init__(self, pdu, part):
        self.pdu, self.number, self.text, self.at = pdu, pdu.destination_addr, part.text, time.monotonic()
        self.op = (pdu.tlv(smpp.TLV_USSD_OP) or b"\0")[0]


class Text:
    """A whole text as a phone shows it."""

    def __init__(self, source, number, text):
        self.source, self.number, self.text, self.at = source, number, text, time.monotonic()


class Fault:
    """What to do instead of the usual, so many times. See Smsc.fault()."""

    def __init__(self, event, action, times, when):
        self.event, self.action, self.left, self.when, self.hits = event, action, times, when, 0


class Session:
    """One TCP connection of the bridge."""

    def __init__(self, conn):
        self.conn, self.framer, self.bound, self.seq = conn, Framer(), None, 0
        self.sent = {}  # our sequence numbers without an answer: Mo, or None for enquire_link
        self.alive, self.held, self.was_bound = True, None, False


class Smsc:
    def __init__(self, system_id="dakiya", password="secret", receipts=False, mo_window=10, packed=False):
        self.system_id, self.password, self.receipts, self.mo_window = system_id, password, receipts, mo_window
        self.packed = packed  # septets, as this centre takes them
        self.lock = threading.Condition(threading.RLock())
        self.sessions, self.binds, self.last_bind = [], 0, None
        self.mo, self.mt, self.texts, self.seen, self.broken, self.screens = [], [], [], [], [], []
        self.faults, self.joiner, self.next_id, self.next_ref = [], Joiner(), 1, 0
        self.answer_tlvs, self.bind_tlvs = [], [(smpp.TLV_SC_VERSION, b"\x34")]  # in each submit_sm_resp, bind_resp
        self.retry_s, self.octets_apart, self.stopping, self.most_unbound = 0.1, False, False, 0
        # How this centre writes ids, in its responses and in its receipts; what a receipt says, and when.
        self.message_id, self.receipt_id = (lambda n: f"{n:08X}"), (lambda message_id: message_id)
        self.receipt_of, self.receipt_first = self.receipt, False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.threads = [threading.Thread(target=f, daemon=True) for f in (self._accept, self._pump)]
        for t in self.threads:
            t.start()

    # ---- what tests call

    def phone(self, number, code="56161"):
        return Phone(self, number, code)

    def fault(self, event, action, times=1, when=lambda pdu: True):
        """event: bind, submit_sm, enquire_link, unbind, deliver_sm_resp.
        action: a status to answer, "silence", "drop" (close without an answer), "drop after"
        (answer, then close), or a function of the PDU that is called in passing."""
        f = Fault(event, action, times, when)
        with self.lock:
            self.faults.append(f)
        return f

    def bound(self):
        """The newest session that is bound, if there is one that can receive."""
        with self.lock:
            up = [s for s in reversed(self.sessions) if s.bound and s.alive]
            return next((s for s in up if s.bound != "transmitter"), up[0] if up else None)

    def all_bound(self):
        with self.lock:
            return sorted(s.bound for s in self.sessions if s.bound and s.alive)

    def send(self, number, code, text, **options):
        """A text from a phone: queued parts, in order."""
        with self.lock:
            self.next_ref = (self.next_ref + 1) % 256
            parts = smpp.text_parts(text, self.next_ref, options.pop("wide_ref", False))
            order = options.pop("order", range(len(parts)))
            out = self.queue(*[self.deliver_sm(number, code, esm_class=parts[i][0], data_coding=parts[i][1],
                                               short_message=parts[i][2], **options) for i in order])
            for m in out:
                m.text = text
            return out

    @staticmethod
    def deliver_sm(number, code="56161", **fields):
        return Pdu("deliver_sm", **{**dict(source_addr_ton=1, source_addr_npi=1, source_addr=number,
                                           dest_addr_ton=0, dest_addr_npi=1, destination_addr=code), **fields})

    def queue(self, *pdus, kind="sms"):
        with self.lock:
            out = [Mo(p, kind) for p in pdus]
            self.mo += out
            self.lock.notify_all()
        return out

    def raw(self, octets):
        """These very octets to the bridge, whatever they are."""
        with self.lock:
            s = self.bound()
            if s:  # it may just have been cut
                self._write(s, octets)

    def enquire(self):
        with self.lock:
            s = self.bound()
            s.seq += 1
            s.sent[s.seq] = None
            self._write(s, smpp.encode(Pdu("enquire_link", s.seq)))
            return s.seq

    def hold(self):
        """Keep what is written to the bridge until release(): many PDUs in one segment."""
        with self.lock:
            self.bound().held = b""

    def release(self):
        with self.lock:
            s = self.bound()
            held, s.held = s.held, None
            s.conn.sendall(held)

    def drop(self):
        """Cut every connection, without a word."""
        with self.lock:
            for s in self.sessions:
                self._end(s)

    def to(self, number):
        with self.lock:
            return [x for x in self.texts if x.number == number]

    def pending_mo(self):
        with self.lock:
            return [m for m in self.mo if m.state in ("queued", "sent")]

    def count(self, command, status=None):
        with self.lock:
            return sum(p.command == command and status in (None, p.status) for p in self.seen)

    def story(self):
        with self.lock:
            lines = [f"{m.kind} from {m.pdu.source_addr}: {m.state} sent {m.times_sent}x answers "
                     f"{[hex(s) for s in m.statuses]} {m.pdu.short_message[:60]!r}" for m in self.mo[-40:]]
            lines += [f"text to {x.number} from {x.source}: {x.text!r}" for x in self.texts[-40:]]
            lines += [f"BROKEN: {b}" for b in self.broken]
        return "\n".join(lines)

    def stop(self):
        with self.lock:
            self.stopping = True
            try:
                self.listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
            except OSError:
                pass
            self.listener.close()
            self.drop()
            self.lock.notify_all()
        for t in self.threads:
            t.join(5)

    # ---- threads

    def _accept(self):
        while not self.stopping:
            try:
                conn, _ = self.listener.accept()
            except OSError:
                return
            conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                s = Session(conn)
                self.sessions.append(s)
                self.most_unbound = max(self.most_unbound, sum(map(self._binding, self.sessions)))
            threading.Thread(target=self._read, args=(s,), daemon=True).start()

    def _binding(self, s):
        """True while s may yet be bound. Its reader may not have seen that the bridge hung up; the socket has."""
        if not s.alive or s.was_bound:
            return False
        hung_up = select.poll()
        hung_up.register(s.conn, select.POLLRDHUP)
        return not hung_up.poll(0)

    def _read(self, s):
        while s.alive:
            try:
                octets = s.conn.recv(65536)
            except OSError:
                octets = b""
            with self.lock:
                if not octets:
                    self._end(s)
                    return
                try:
                    for raw in s.framer.feed(octets):
                        self._pdu(s, smpp.decode(raw))
                except Malformed as e:
                    self.broken.append(f"the bridge sent a malformed PDU: {e}: {octets.hex()}")
                self.lock.notify_all()

    def _pump(self):
        with self.lock:
            while not self.stopping:
                now, wait = time.monotonic(), None
                s, waiting = self.bound(), set()
                in_flight = len(s.sent) if s else 0
                # A screen that somebody waits for stands behind nobody's message.
                dialled = [m for m in self.mo if m.kind == "ussd" and m.state == "queued"]
                for m in (*dialled, *self.mo) if s and s.bound != "transmitter" else ():
                    if m.state != "queued" or m.pdu.source_addr in waiting:
                        continue
                    if m.not_before > now:
                        waiting.add(m.pdu.source_addr)  # the phone's next ones wait their turn
                        wait = min(wait or 9.0, m.not_before - now)
                    elif (in_flight < self.mo_window or m.kind == "ussd") and s.alive:
                        self._offer(s, m)
                        in_flight += 1
                self.lock.wait(wait)

    # ---- PDUs; the lock is held

    def _offer(self, s, m):
        s.seq += 1
        s.sent[s.seq] = m
        m.pdu.seq, m.state, m.times_sent, m.sent_at = s.seq, "sent", m.times_sent + 1, time.monotonic()
        self._write(s, smpp.encode(m.pdu))

    def _write(self, s, octets):
        try:
            if s.held is not None:
                s.held += octets
            elif self.octets_apart:
                for o in octets:
                    s.conn.sendall(bytes([o]))
            else:
                s.conn.sendall(octets)
        except OSError:
            self._end(s)

    def _end(self, s):
        s.alive, s.bound = False, None
        try:
            s.conn.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        s.conn.close()
        for m in s.sent.values():
            if m and m.state == "sent":
                m.state = "queued"
        s.sent.clear()
        self.lock.notify_all()

    def _pdu(self, s, pdu):
        self.seen.append(pdu)
        event = "bind" if pdu.command.startswith("bind_") else pdu.command
        action = None
        for f in self.faults:
            if f.event == event and f.left and f.when(pdu):
                f.left, f.hits, action = f.left - 1, f.hits + 1, f.action
                break
        if callable(action):
            action = action(pdu)
        if action == "drop":
            self._end(s)
        elif action != "silence":
            self._answer(s, pdu, action if isinstance(action, int) else 0)
            if action == "drop after":
                self._end(s)

    def _answer(self, s, pdu, status):
        if pdu.command.startswith("bind_") and not pdu.command.endswith("_resp"):
            if not status and (pdu.system_id, pdu.password) != (self.system_id, self.password):
                status = smpp.RINVPASWD
            self._write(s, smpp.encode(pdu.reply(status, system_id="" if status else "smsc",
                                                 tlvs=[] if status else self.bind_tlvs)))
            if not status:
                s.bound, s.was_bound = pdu.command[5:], True
                self.binds, self.last_bind = self.binds + 1, pdu
        elif pdu.command in ("submit_sm", "data_sm"):
            self._submit(s, pdu, status)
        elif pdu.command in ("enquire_link", "unbind"):
            self._write(s, smpp.encode(pdu.reply(status)))
            if pdu.command == "unbind":
                s.bound = None
        elif pdu.command in ("deliver_sm_resp", "data_sm_resp", "enquire_link_resp", "generic_nack"):
            self._answered(s, pdu)
        elif pdu.command not in ("unbind_resp", "query_sm_resp", "cancel_sm_resp", "replace_sm_resp"):
            self.broken.append(f"what is {pdu!r}?")

    def _answered(self, s, pdu):
        m = s.sent.pop(pdu.seq, None)
        if m is None:
            return
        m.statuses.append(pdu.status)
        if pdu.status == 0:
            m.state, m.accepted_at = "accepted", time.monotonic()
        elif pdu.status in TEMPORARY:
            m.state, m.not_before = "queued", time.monotonic() + self.retry_s
        else:
            m.state = "refused"

    def _submit(self, s, pdu, status):
        message_id = self.message_id(self.next_id)
        try:
            if not s.bound or s.bound == "receiver":
                status = smpp.RINVBNDSTS
            part = Part(pdu, self.packed)
        except Malformed as e:
            self.broken.append(f"a text that no phone can show: {e}: {pdu!r}")
            status = status or smpp.RINVMSGLEN
        answer = smpp.encode(pdu.reply(status, message_id="" if status else message_id,
                                       tlvs=[] if status else list(self.answer_tlvs)))
        if status:
            self._write(s, answer)
            return
        self.next_id += 1
        if pdu.tlv(smpp.TLV_USSD_OP) is not None:
            self._write(s, answer)
            self.screens.append(Screen(pdu, part))
            return
        mt = Mt(pdu, message_id, part)
        wants = self.receipts and pdu.registered_delivery & 3 == 1
        if wants and self.receipt_first:
            self._offer(s, *self.queue(self.receipt_of(mt), kind="receipt"))
        self._write(s, answer)
        self.mt.append(mt)
        whole = self.joiner.add((mt.source, mt.number), part)
        if whole is not None:
            self.texts.append(Text(mt.source, mt.number, whole))
        if wants and not self.receipt_first:
            self.queue(self.receipt_of(mt), kind="receipt")

    def receipt(self, mt, stat="DELIVRD", state=2, err="000"):
        rid = self.receipt_id(mt.message_id)
        body = (f"id:{rid} sub:001 dlvrd:001 submit date:2611221200 done date:2611221200 "
                f"stat:{stat} err:{err} text:")
        return Pdu("deliver_sm", source_addr=mt.number, source_addr_ton=1, source_addr_npi=1,
                   destination_addr=mt.source, esm_class=0x04, short_message=body.encode(),
                   tlvs=[(smpp.TLV_RECEIPTED_ID, rid.encode() + b"\0"), (smpp.TLV_STATE, bytes([state]))])


class Phone:
    """One person's handset: sends texts, and reads what arrives, in order."""

    def __init__(self, smsc, number, code):
        self.smsc, self.number, self.code, self.read = smsc, number, code, 0

    def send(self, text, **options):
        return self.smsc.send(self.number, self.code, text, **options)

    def inbox(self):
        return [x.text for x in self.smsc.to(self.number)]

    def unread(self):
        return self.inbox()[self.read:]

    def expect(self, pattern, seconds=10.0):
        """Wait for a text that matches; those before it count as read too. Its match object."""
        deadline = time.monotonic() + seconds * harness.SLOWER
        with self.smsc.lock:
            while True:
                texts = self.inbox()
                for i in range(self.read, len(texts)):
                    found = re.search(pattern, texts[i], re.I | re.S)
                    if found:
                        self.read = i + 1
                        return found
                left = deadline - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"{self.number} waited {seconds:g} s for {pattern!r}; "
                                         f"unread: {texts[self.read:]!r}; before: {texts[:self.read][-3:]!r}")
                self.smsc.lock.wait(left)

    def ask(self, text, pattern, seconds=10.0):
        self.send(text)
        return self.expect(pattern, seconds)
