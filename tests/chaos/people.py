# SPDX-License-Identifier: BSD-2-Clause
"""Who uses the world during a round, and what each of them asked: people who wait for every answer, people
who do not, people in the clinic's queue, and a portal that has one-time codes sent."""
import hashlib
import hmac
import json
import re
import threading
import time

from stack import SECRET
from talk import EN, HI

# What a text from the bridge is. The first that fits counts, so the narrower stand first.
KINDS = [(kind, re.compile(re.sub(r"\?P<\w+>", "?:", pattern), re.I | re.S)) for kind, pattern in (
    ("code", r"Your OTP is \d{6}"),
    ("kept wait", "still kept|अभी रखा है"),
    ("kept busy", "earlier request will be answered|पिछले काम का जवाब"),
    ("kept", "Your request is kept|काम रख लिया है"),
    ("token", f"{EN.token}|{HI.token}"),
    ("near", "patients? before you|आपसे पहले"),
    ("turn", f"{EN.turn}|{HI.turn}"),
    ("help", "REG to register|PANJI"),
    ("who", "government|सरकारी"),
    ("started", "Notices are on|सूचनाएं चालू"),
    ("status", r"You are no\. \d+ in the queue|Yours is the next turn|आपकी संख्या \d+ है|अगली बारी"),
    ("consent", f"{EN.ask_consent}|{HI.ask_consent}"),
    ("name", f"{EN.ask_name}|{HI.ask_name}"),
    ("age", f"{EN.ask_age}|{HI.ask_age}"),
    ("sex", f"{EN.ask_sex}|{HI.ask_sex}"),
    ("place", f"{EN.ask_place}|{HI.ask_place}"))]
STEPS = ("name", "age", "sex", "place", "consent", "token")  # the answers of talk.py's steps, in order
# Asked in this order, over and over. The same text soon again could be the network, repeating itself: what is
# still in doubt when a link goes must not be what comes next.
TALK = (("HELP", "help"), ("STATUS", "status"), ("WHO", "who"), ("START", "started"),
        ("MADAD", "help"), ("BAARI", "status"), ("KAUN", "who"), ("CHALU", "started"))
ASKS_BACKEND = {"token", "status"}  # may be answered "kept", and then answered


def kind_of(text):
    return next((kind for kind, pattern in KINDS if pattern.search(text)), None)


class Asked:
    def __init__(self, text, kind, mo):
        self.text, self.kind, self.mo, self.at = text, kind, mo, time.monotonic()

    def accepted(self):
        return all(m.state == "accepted" for m in self.mo)


class Person:
    """Registers, then asks until the round is over. patient: waits for each answer before the next question."""

    def __init__(self, world, number, lang, patient, rand):
        self.world, self.number, self.lang, self.patient, self.rand = world, number, lang, patient, rand
        self.phone, self.asked, self.next = world.smsc.phone(number), [], rand.randrange(len(TALK))
        self.thread = threading.Thread(target=self.live, daemon=True)

    def texts(self):
        return self.world.smsc.to(self.number)

    def got(self, kind):
        return sum(kind_of(x.text) == kind for x in self.texts())

    def ask(self, text, kind):
        a = Asked(text, kind, self.phone.send(text))
        self.asked.append(a)
        return a

    def answered(self, a):
        """As many answers of this kind as were asked for, or a word that it must wait."""
        wanted = sum(x.kind == a.kind for x in self.asked)
        spare = self.got("kept busy") + self.got("kept wait") if a.kind in ASKS_BACKEND else 0
        return self.got(a.kind) + spare >= wanted

    def wait(self, asked):
        with self.world.smsc.lock:
            while not all(self.answered(a) for a in asked):
                left = self.world.books.until - time.monotonic()
                if left <= 0:
                    return False
                self.world.smsc.lock.wait(min(left, 1.0))
        return True

    def live(self):
        for (text, _), kind in zip(self.lang.steps, STEPS):
            if not self.wait([self.ask(text, kind)]):
                return
        while not self.world.books.over.is_set():
            some = [TALK[(self.next + i) % len(TALK)] for i in range(1 if self.patient else self.rand.randrange(1, 4))]
            self.next += len(some)
            if not self.wait([self.ask(*x) for x in some]):
                return
            self.world.books.over.wait(self.rand.uniform(0, 0.2))


class Desk:
    """The clinic: others wait in the queue, and are called while the round goes on."""

    def __init__(self, world, people, first):
        self.world, self.people, self.first = world, people, first
        self.numbers = [str(first + i) for i in range(people)]
        self.thread = threading.Thread(target=self.live, daemon=True)

    def fill(self):
        self.world.fill_queue(self.people, self.first)

    def live(self):
        for _ in range(self.people - 4):  # the last are never "near": nobody who writes is told so
            if self.world.books.over.wait(0.4):
                return
            with self.world.locks["backend"]:
                self.world.call_next()


class Portal:
    """Has codes sent, each to a number of its own, and repeats a request until it is answered."""

    def __init__(self, world, first):
        self.world, self.first, self.codes = world, first, []  # (number, when the life ends, monotonic)
        self.thread = threading.Thread(target=self.live, daemon=True)

    def live(self):
        n = 0
        while not self.world.books.over.wait(0.15):
            n += 1
            number = str(self.first + n)
            body = json.dumps({"msisdn": number, "purpose": "portal", "lang": "en"}).encode()
            while not self.world.books.over.is_set():
                at = time.monotonic()
                status = self.post(body, f"code-{number}")
                if status == 202:
                    self.codes.append((number, at, time.monotonic()))
                    break
                self.world.books.refused["otp"] += status == 503
                self.world.books.over.wait(0.1)

    def post(self, raw, key):
        stamp = str(int(time.time()))
        mac = hmac.new(SECRET.encode(), stamp.encode() + b"." + raw, hashlib.sha256).hexdigest()
        return self.world.request(self.world.to_bridge.port, "POST", "/v1/otp", raw, {
            "Content-Type": "application/json", "Idempotency-Key": key, "X-Dakiya-Timestamp": stamp,
            "X-Dakiya-Signature": "sha256=" + mac})[0]
