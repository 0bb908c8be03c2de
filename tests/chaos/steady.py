# SPDX-License-Identifier: BSD-2-Clause
"""What overload.py and soak.py share: traffic whose every answer is timed, samples of what the programs hold,
and whether those stay level."""
import collections
import hashlib
import hmac
import json
import os
import re
import statistics
import threading
import time

from stack import SECRET

CODES = "otp: {secret: only-for-the-tests-of-faults, resend: 0s, burst: 64, day: 64, prefix: 10000000}\n"


def p99(seconds):
    return sorted(seconds)[min(len(seconds) - 1, int(len(seconds) * 0.99))] if seconds else 0.0


class Asked:
    """Something that one message must answer: asked at, accepted at, answered at (monotonic; None: not yet)."""

    def __init__(self, kind, number, mo=None):
        self.kind, self.number, self.mo = kind, number, mo
        self.at, self.accepted, self.answered = time.monotonic(), None, None

    def is_accepted(self):
        return self.accepted is not None or (self.mo is not None and self.mo.state == "accepted")

    def seconds(self):
        return (self.answered or time.monotonic()) - self.at


class Traffic:
    """Each asks from a number that nobody else uses meanwhile, so that any text to it is the answer; another one is
    a text said twice."""

    def __init__(self, stack, numbers=10 ** 6):
        self.stack, self.numbers, self.next = stack, numbers, 0
        self.asked, self.by_number, self.twice, self.read = [], {}, collections.Counter(), 0
        self.refused, self.over, self.threads = collections.Counter(), threading.Event(), []

    def _begin(self, kind):
        with self.stack.smsc.lock:
            self.next += 1
            a = Asked(kind, str(919830000000 + self.next % self.numbers))
            self.asked.append(a)
            self.by_number[a.number] = a
        return a

    def text(self, text):
        a = self._begin("sms")
        a.mo = self.stack.smsc.send(a.number, "56161", text)[0]
        return a

    def code(self):
        a = self._begin("otp")
        key = f"code-{self.next}-{a.number}"
        self._until_taken(a, lambda: self.post_code(a.number, key))

    def post_code(self, number, key):
        raw = json.dumps({"msisdn": number, "purpose": "portal", "lang": "en"}).encode()
        stamp = str(int(time.time()))
        mac = hmac.new(SECRET.encode(), stamp.encode() + b"." + raw, hashlib.sha256).hexdigest()
        return self.stack.request(self.stack.ports()["events"], "POST", "/v1/otp", raw, {
            "Content-Type": "application/json", "Idempotency-Key": key, "X-Dakiya-Timestamp": stamp,
            "X-Dakiya-Signature": "sha256=" + mac})[0]

    def alert(self):
        a = self._begin("alert")
        event = {"id": f"steady-{self.next}-{a.number}", "type": "token.called", "service": "esanjeevani", "msisdn": a.number,
                 "data": {"token": 7}}
        self._until_taken(a, lambda: self.stack.event(event)[0])

    def _until_taken(self, a, post):
        """A portal and a backend try again when they are told to."""
        while not self.over.is_set():
            status = post()
            if status == 202:
                a.accepted = time.monotonic()
                return
            self.refused[a.kind] += 1
            self.over.wait(0.1)

    def every(self, seconds, do):
        """do() so often, on a thread of its own, until the end."""
        def run():
            at = time.monotonic()
            while not self.over.is_set():
                do()
                at += seconds
                self.over.wait(max(0.0, at - time.monotonic()))
        t = threading.Thread(target=run, daemon=True)
        self.threads.append(t)
        t.start()

    def stop(self):
        self.over.set()
        for t in self.threads:
            t.join(30)

    def collect(self):
        """Match the texts that came since the last time; forget what the centre need not keep."""
        smsc = self.stack.smsc
        with smsc.lock:
            for x in smsc.texts[self.read:]:
                a = self.by_number.get(x.number)
                if a is None:
                    continue
                if a.answered is not None:
                    self.twice[a.kind] += 1
                else:
                    a.answered = x.at
            self.read = len(smsc.texts)
            smsc.mo = [m for m in smsc.mo if m.state in ("queued", "sent")]
            for row in (smsc.seen, smsc.mt, smsc.screens):
                del row[:-500]

    def unanswered(self):
        self.collect()
        return [a for a in self.asked if a.is_accepted() and a.answered is None]

    def latency(self, kind, since=0.0, until=float("inf")):
        return [a.seconds() for a in self.asked if a.kind == kind and since <= a.at < until and a.is_accepted()]


class Samples:
    """What the programs hold, every so often."""

    def __init__(self, stack, every):
        self.stack, self.rows, self.over = stack, [], threading.Event()
        self.thread = threading.Thread(target=self._run, args=(every,), daemon=True)
        self.thread.start()

    def _run(self, every):
        while not self.over.wait(every):
            try:
                self.rows.append(self.now())
            except (OSError, RuntimeError, TypeError, IndexError):
                pass  # something is just being restarted

    def now(self):
        row = {"at": time.monotonic()}
        for name, p in (("dakiyad", self.stack.dakiyad), ("backend", self.stack.backend)):
            with open(f"/proc/{p.pid}/status") as f:
                row[f"{name} KiB"] = int(re.search(r"VmRSS:\s*(\d+)", f.read())[1])
            row[f"{name} descriptors"] = len(os.listdir(f"/proc/{p.pid}/fd"))
        r = self.stack.look()
        try:
            row["redis KiB"] = int(re.search(rb"used_memory:(\d+)", r("INFO", "memory"))[1]) // 1024
            row["redis keys"] = r("DBSIZE")
        finally:
            r.close()
        return row

    def stop(self):
        self.over.set()
        self.thread.join(30)

    def quarters(self, key, since=0.0, until=float("inf")):
        """Medians of the second and of the last quarter: a beginning, and one odd sample, say nothing."""
        v = [row[key] for row in self.rows if since <= row["at"] < until]
        n = len(v) // 4
        return (statistics.median(v[n:2 * n]), statistics.median(v[-n:])) if n else (0, 0)


def level(before, after, share, slack):
    """Did it not grow by more than a share of itself and a little?"""
    return after <= before * (1 + share) + slack
