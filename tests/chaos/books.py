# SPDX-License-Identifier: BSD-2-Clause
"""The ledger of a round: what the operator and the backend have written down must agree with what people
asked, when everything has settled."""
import collections
import datetime
import json
import re
import threading
import time

from people import ASKS_BACKEND, KINDS, kind_of

ALERTS = ("near", "turn")
SLACK = 1.5  # seconds: the backend writes whole ones, and a text takes its way


class Books:
    def __init__(self):
        self.over = threading.Event()
        self.until = float("inf")  # monotonic: nobody waits longer
        self.faults, self.holds, self.wrong = [], [], []
        self.refused, self.sum = collections.Counter(), collections.Counter()
        self.began, self.wall = time.monotonic(), time.time()

    def say(self, what, story=None):
        self.wrong.append(what + ("\n" + story if story else ""))

    def note(self, name, began, ended):
        self.faults.append((began, ended, name))

    def after(self, seconds):
        return f"{seconds - self.began:8.3f}"

    # ---- a person's account

    def account(self, p, tokens):
        asked = collections.Counter(a.kind for a in p.asked if a.accepted())
        got = collections.Counter(kind_of(x.text) for x in p.texts())
        spare = got["kept busy"] + got["kept wait"]
        for kind, n in sorted(asked.items()):
            missing = n - got[kind]
            if kind in ASKS_BACKEND and missing > 0:
                missing, spare = max(0, missing - spare), max(0, spare - missing)
            if missing > 0:
                self.sum["lost"] += missing
                self.say(f"{p.number}: {missing} of {n} answers to questions for {kind!r} are missing", self.story(p))
        for kind, _ in KINDS:
            if kind not in ("kept", "kept wait", "kept busy", *ALERTS):
                self.sum["twice"] += max(0, got[kind] - asked[kind])
        self.sum["kept"] += got["kept"]
        self.sum["put off"] += got["kept busy"] + got["kept wait"]
        if got[None]:
            self.say(f"{p.number}: got what nobody asked for", self.story(p))
        for a in p.asked:
            self.sum["messages"] += 1
            self.sum["accepted"] += a.accepted()
            self.sum["offered again"] += sum(m.times_sent - 1 for m in a.mo)
            if not a.accepted():
                self.say(f"{p.number}: {a.text!r} was never taken: {[m.state for m in a.mo]}", self.story(p))
        mine = tokens.get(p.number, [])
        self.sum["registrations"] += len(mine) > 0
        told = {int(m["token"]) for x in p.texts() if (m := re.search(p.lang.token, x.text))}
        if asked["token"] and (len(mine) != 1 or told - set(mine)):
            self.say(f"{p.number}: tokens in the backend {mine}, told of {sorted(told)}", self.story(p))

    def story(self, p):
        lines = [(a.at, f"> {a.text}   ({a.kind}; {m.state}, offered {m.times_sent}x, answers {m.statuses}"
                  f"{', taken at' + self.after(m.accepted_at) if m.accepted_at else ''})")
                 for a in p.asked for m in a.mo]
        lines += [(x.at, f"< {x.text}") for x in p.texts()]
        lines += [(began, f"  ---- {name}, until {self.after(ended)}") for began, ended, name in self.faults]
        return "\n".join(f"    {self.after(at)}  {what}" for at, what in sorted(lines))

    # ---- the rest

    def late(self, what, number, at, life_ends):
        """Was a text with this end of life still to be sent?"""
        held = any(a <= life_ends + SLACK and b >= life_ends for a, b in self.holds)
        if at > life_ends + SLACK and not held:  # what a stalled wire holds cannot be called back
            self.sum["late"] += 1
            self.say(f"{number}: {what} came {at - life_ends:.1f} s after its life")

    def codes(self, world, portal):
        life = 4.0 if world.short_lives else 600.0
        for number, _, stored in portal.codes:
            texts = world.smsc.to(number)
            self.sum["codes"] += 1
            self.sum["code twice"] += max(0, len(texts) - 1)
            for x in texts:
                self.late("a one-time code", number, x.at, stored + life)
            if not texts and not world.short_lives:
                self.sum["lost"] += 1
                self.say(f"{number}: the one-time code stored at {self.after(stored)} never came\n" + self.happened())
            self.sum["code not in time"] += not texts

    def alerts(self, world, desk):
        life = 4.0 if world.short_lives else 600.0
        events = collections.defaultdict(list)
        for number, kind, body, state in world.rows("SELECT msisdn, type, body, state FROM event"):
            body = json.loads(body)
            at = datetime.datetime.fromisoformat(body["at"].replace("Z", "+00:00")).timestamp()
            if kind == "token.called":
                events[number, "turn"].append(at)
            elif kind == "queue.position" and body["data"]["ahead"] <= 3:
                events[number, "near"].append(at)
            if state != "STORED":
                self.say(f"an event {kind} for {number} is {state}")
        for number in desk.numbers:
            texts = world.smsc.to(number)
            for kind in ALERTS:
                mine = [x for x in texts if kind_of(x.text) == kind]
                due = events[number, kind]
                self.sum["alerts"] += len(due)
                self.sum["alert twice"] += max(0, len(mine) - len(due))
                for x in mine:
                    at = max((e for e in due if e - self.wall + self.began <= x.at), default=None)
                    if at is not None:
                        self.late(f"an alert ({kind})", number, x.at, at - self.wall + self.began + life)
                # Called again before the first notice could leave: the newer one takes its place.
                told = any(x.at > max(due) - self.wall + self.began - SLACK for x in mine) if due else True
                if kind == "turn" and not told and not world.short_lives:
                    self.sum["lost"] += 1
                    self.say(f"{number}: called, but never told\n" + self.happened())

    def happened(self):
        return "\n".join(f"    {self.after(a)}  ---- {name}, until {self.after(b)}" for a, b, name in self.faults)

    def close(self, world, people, desk, portal):
        tokens = collections.defaultdict(list)
        for number, token in world.rows("SELECT msisdn, number FROM token"):
            tokens[number].append(token)
        for number, n in world.rows("SELECT msisdn, count(*) FROM patient GROUP BY msisdn HAVING count(*) > 1"):
            self.sum["registered twice"] += n - 1
            self.say(f"{number} is registered {n} times")
        self.sum["tokens twice"] += sum(len(x) - 1 for x in tokens.values())
        for p in people:
            self.account(p, tokens)
        self.codes(world, portal)
        self.alerts(world, desk)
        dead = [r for r in world.dead_letters() if not (world.short_lives and r.startswith("expired"))]
        if dead:
            self.say(f"dead letters: {dead}")
        twice = self.sum["twice"] + self.sum["code twice"] + self.sum["alert twice"]
        if twice > self.sum["window"]:
            self.say(f"{twice} said twice, more than the open windows ({self.sum['window']})")


ROWS = (("messages from phones", "messages"), ("  accepted", "accepted"), ("  offered again by the network", "offered again"),
        ("  accepted, and the answer lost", "lost"), ("registered people", "registrations"),
        ("  registered twice", "registered twice"), ("  tokens made twice", "tokens twice"),
        ("one-time codes stored", "codes"), ("  not sent in their life", "code not in time"),
        ("turn alerts due", "alerts"), ("codes and alerts sent after their life", "late"),
        ("told that the answer comes later", "kept"), ("put off while an answer was kept", "put off"),
        ("answers said twice", "twice"), ("codes said twice", "code twice"), ("alerts said twice", "alert twice"),
        ("  may be, by the open windows", "window"))


def table(total):
    return "\n".join(f"  {name:<40}{total[key]:>8}" for name, key in ROWS)
