# SPDX-License-Identifier: BSD-2-Clause
"""Who uses the world during a round, and what each of them asked: people who wait for every answer, people
who do not, people who dial, people in the clinic's queue, a portal that has one-time codes sent, and an
office that tells people something in the quiet hours."""
import hashlib
import hmac
import json
import re
import threading
import time

import smpp
from stack import SECRET, SERVICE
from talk import EN, HI
from ussd import VENDORS, UssdPhone

# What a text from the bridge is. The first that fits counts, so the narrower stand first.
KINDS = [(kind, re.compile(re.sub(r"\?P<\w+>", "?:", pattern), re.I | re.S)) for kind, pattern in (
    ("code", r"Your OTP is \d{6}"),
    ("kept wait", "still kept|अभी रखा है"),
    ("kept busy", "earlier request will be answered|पिछले काम का जवाब"),
    ("kept", "Your request is kept|काम रख लिया है"),
    ("token", f"{EN.token}|{HI.token}"),
    ("near", "patients? before you|आपसे पहले"),
    ("turn", f"{EN.turn}|{HI.turn}"),
    ("over", "The day of token|का दिन बीत गया"),
    ("busy", "question is still open|अभी आपसे एक सवाल"),  # to a keyword that came once more
    ("no token", "no token today|आपका कोई टोकन नहीं"),
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
        if a.kind == "status":
            spare += self.got("over") + self.got("no token")  # after midnight
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
            if self.world.books.over.wait(0.4) or (self.world.midnight and self.world.now() > self.world.midnight - 1):
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
        stamp = str(int(self.world.now()))
        mac = hmac.new(SECRET.encode(), stamp.encode() + b"." + raw, hashlib.sha256).hexdigest()
        return self.world.request(self.world.to_bridge.port, "POST", "/v1/otp", raw, {
            "Content-Type": "application/json", "Idempotency-Key": key, "X-Dakiya-Timestamp": stamp,
            "X-Dakiya-Signature": "sha256=" + mac})[0]


class Step:
    """What a caller sent, and the screen that came."""

    def __init__(self, text, mo):
        self.text, self.mo, self.at, self.screen = text, mo, time.monotonic(), None

    def begun(self):
        """Before it was taken the network had nobody to give it to."""
        return max(self.at, self.mo.accepted_at or 0.0)


class Caller(UssdPhone):
    """Registered before; dials for a token, then for the place in the queue, over and over. Where no screen comes in
    the network's time, the call is over for the network, and the person dials again."""
    TOKEN, PLACE = ("1", "1"), ("1", "2")

    def __init__(self, world, number, answer):
        super().__init__(world.smsc, number, VENDORS[0])
        self.world, self.answer, self.steps, self.has_place = world, answer, [], False
        self.thread = threading.Thread(target=self.live, daemon=True)

    def enrol(self):
        self.world.desk("POST", "/v1/registrations", {
            "msisdn": self.number, "service": SERVICE, "name": "Mina Devi", "age": 50, "sex": "F", "place": "Gaya",
            "lang": "en", "consent": {"given": True, "text_version": "1", "channel": "ussd"}})

    def texts(self):
        return self.world.smsc.to(self.number)

    def ask(self, op, text, seconds=None):
        """The screen of this call's session, or None."""
        smsc, shown = self.world.smsc, len(self.world.smsc.screens)
        step = Step(text or "*123#", self.tell(op, text))
        self.steps.append(step)
        with smsc.lock:
            # Longer than the network waits, so that a late screen is seen as one.
            while time.monotonic() < step.begun() + self.answer + 1.5 + self.world.books.slack():
                mine = [s for s in smsc.screens[shown:] if s.number == self.number
                        and s.pdu.tlv(smpp.TLV_ITS_SESSION) == self.session]
                if mine:
                    step.screen = mine[0]
                    step.screen.ends = self.ends(step.screen.pdu)
                    return step.screen
                smsc.lock.wait(0.2)
            if step.mo.state in ("queued", "sent"):
                step.mo.state = "refused"  # no network keeps a key press
        return None

    def call(self, keys):
        """Dial and press. False: it broke off."""
        screen = self.dial()
        for key in keys:
            if screen is None or screen.ends:
                break
            screen = self.press(key)
        if screen is None:
            return False
        self.has_place = self.has_place or kind_of(screen.text) in ("token", "status")
        return True

    def has_token(self):
        return self.has_place or any(kind_of(x.text) in ("token", "status") for x in self.texts())

    def live(self):
        world, keys = self.world, self.TOKEN
        while time.monotonic() < world.books.until:
            self.call(keys)
            if world.books.over.is_set() and self.has_token():
                return
            keys = self.PLACE if keys == self.TOKEN and self.has_token() else self.TOKEN
            world.books.over.wait(0.3)
            if world.books.over.is_set():
                time.sleep(0.3)  # a person who dials again


class Notices:
    """Two of them for each person, in the quiet hours, where one a day is allowed: one is told at the midnight that ends
    them, the other has to wait for the next."""

    def __init__(self, world, first, people=6):
        self.world, self.numbers = world, [str(first + i) for i in range(people)]
        self.thread = threading.Thread(target=self.live, daemon=True)

    def live(self):
        for i, number in enumerate(self.numbers):
            for ref in (7000 + i, 8000 + i):
                event = {"id": f"notice-{ref}", "type": "application.updated", "service": "niramaya", "msisdn": number,
                         "data": {"ref": ref, "status": "APPROVED"}}
                while self.post(event) not in (200, 202) and time.monotonic() < self.world.books.until:
                    time.sleep(0.1)  # an office tries again

    def post(self, event):
        port = self.world.ports().get("events")
        return self.world.event(event, at=self.world.now())[0] if port else None

    def are_told(self):
        return all(self.world.smsc.to(n) for n in self.numbers)
