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
from talk import EN
from world import ANSWER

ALERTS = ("near", "turn")
NOTICES = (*ALERTS, "over")  # what the backend tells of a token
ABSENT = re.compile("(kill|SIGTERM|SIGSTOP).*(dakiyad|second|operator)|^dakiyad|^operator|killed together")
SLACK = 1.5  # seconds: the backend writes whole ones, and a text takes its way; more where this process stands


class Books:
    def __init__(self):
        self.over = threading.Event()
        self.until = float("inf")  # monotonic: nobody waits longer
        self.faults, self.holds, self.wrong = [], [], []
        self.stall, self.closed = 0.0, False
        threading.Thread(target=self.feel_stalls, daemon=True).start()
        self.refused, self.sum = collections.Counter(), collections.Counter()
        self.over_at = collections.defaultdict(list)  # the end of a token's day, by number
        self.began, self.wall = time.monotonic(), time.time()

    def say(self, what, story=None):
        self.wrong.append(what + ("\n" + story if story else ""))

    def feel_stalls(self):
        """How long this process, which is every phone, has to wait for its processor."""
        while not self.closed:
            began = time.monotonic()
            time.sleep(0.02)
            self.stall = max(self.stall, time.monotonic() - began)

    def slack(self):
        return SLACK + 5 * self.stall  # so many processes stand one behind the other

    def note(self, name, began, ended):
        self.faults.append((began, ended, name))

    def after(self, seconds):
        return f"{seconds - self.began:8.3f}"

    # ---- a person's account

    def account(self, p, tokens):
        asked = collections.Counter(a.kind for a in p.asked if a.accepted())
        got = collections.Counter(kind_of(x.text) for x in p.texts())
        spare = got["kept busy"] + got["kept wait"]
        over = got["no token"] + max(0, got["over"] - len(self.over_at[p.number]))  # said in answer
        for kind, n in sorted(asked.items()):
            missing = n - got[kind] - (over if kind == "status" else 0)
            if kind in ASKS_BACKEND and missing > 0:
                missing, spare = max(0, missing - spare), max(0, spare - missing)
            if missing > 0:
                self.sum["lost"] += missing
                self.say(f"{p.number}: {missing} of {n} answers to questions for {kind!r} are missing", self.story(p))
        for kind, _ in KINDS:
            if kind not in ("kept", "kept wait", "kept busy", "no token", *NOTICES):
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
        slack = self.slack()
        held = any(a <= life_ends + slack and b >= life_ends for a, b in self.holds)
        if at > life_ends + slack and not held:  # what a stalled wire holds cannot be called back
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

    # ---- people who dial

    def call(self, c, tokens):
        """Each step has its screen in the network's time, or a message after it, unless the bridge or the link was not
        there: then the person dialled again. In the end there is a token, and it was told."""
        for s in c.steps:
            self.sum["steps"] += 1
            if s.screen:
                self.sum["screens"] += 1
                taken = s.begun()
                held = any(a < taken + ANSWER and b > taken for a, b in self.holds)
                if s.screen.at - taken > ANSWER + self.slack() and not held:
                    self.sum["late screens"] += 1
                    self.say(f"{c.number}: the screen after {s.text!r} took {s.screen.at - taken:.1f} s", self.call_story(c))
            elif any(x.at >= s.at for x in c.texts()):
                self.sum["screens as SMS"] += 1
            elif any(ABSENT.search(name) and began - 1 < s.at + ANSWER and s.at < ended + 2
                     for began, ended, name in self.faults):
                self.sum["dialled again"] += 1
            else:
                self.say(f"{c.number}: {s.text!r} at {self.after(s.at)} was answered by nothing", self.call_story(c))
        mine = tokens.get(c.number, [])
        told = {int(m["token"]) for x in c.texts() if (m := re.search(EN.token, x.text))}
        if not mine or not c.has_token() or told - set(mine):
            self.say(f"{c.number}: dialled; tokens in the backend {mine}, told of {sorted(told)}", self.call_story(c))

    def call_story(self, c):
        lines = [(s.at, f"> {s.text}   ({s.mo.state}, offered {s.mo.times_sent}x)") for s in c.steps]
        lines += [(s.screen.at, f"< [{s.screen.text}]") for s in c.steps if s.screen]
        lines += [(x.at, f"< {x.text}") for x in c.texts()]
        lines += [(began, f"  ---- {name}, until {self.after(ended)}") for began, ended, name in self.faults]
        return "\n".join(f"    {self.after(at)}  {what}" for at, what in sorted(lines))

    # ---- what the backend tells

    def read_over(self, world):
        for number, body in world.rows("SELECT msisdn, body FROM event WHERE type = 'token.expired'"):
            self.over_at[number].append(json.loads(body)["at"])

    def day_is_over(self, world, notices):
        """Each token of yesterday's was told to be over, numbers begin anew, and what waited for the end of the quiet
        hours came then, once a person."""
        for number, due in self.over_at.items():
            n = sum(kind_of(x.text) == "over" for x in world.smsc.to(number))
            self.sum["days over"] += len(due)
            if n < len(due):
                self.say(f"{number}: its day is over, {len(due)} times, and that was told {n} times\n" + self.happened())
        left = world.rows("SELECT count(*) FROM token WHERE valid_until <= ? AND state NOT IN ('EXPIRED', 'USED', "
                          "'CANCELLED')", int(world.now() * 1000) - 5000)[0][0]
        if left:
            self.say(f"{left} tokens of yesterday's are still good")
        for day, n, first, last in world.rows("SELECT day, count(*), min(number), max(number) FROM token GROUP BY day"):
            if (first, last) != (1, n):
                self.say(f"the {n} tokens of day {day} have the numbers {first} to {last}")
        wrong = world.rows("SELECT count(*) FROM token WHERE day <> (issued_at + 19800000) / 86400000")[0][0]
        if wrong:
            self.say(f"{wrong} tokens are of another day than that of India")
        at_midnight = world.midnight - self.wall + self.began
        for number in notices.numbers if notices else ():
            texts = world.smsc.to(number)
            self.sum["notices"] += 1
            self.sum["notice twice"] += max(0, len(texts) - 1)
            if not texts or len({x.text for x in texts}) > 1 or min(x.at for x in texts) < at_midnight - 0.1:
                self.say(f"{number}: one notice is due at {self.after(at_midnight)}; came "
                         f"{[(self.after(x.at), x.text) for x in texts]}\n" + self.happened())

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
                told = any(x.at > max(due) - self.wall + self.began - self.slack() for x in mine) if due else True
                told = told or number in self.over_at  # so does the end of the day
                if kind == "turn" and not told and not world.short_lives:
                    self.sum["lost"] += 1
                    self.say(f"{number}: called, but never told\n" + self.happened())

    def happened(self):
        return "\n".join(f"    {self.after(a)}  ---- {name}, until {self.after(b)}" for a, b, name in self.faults)

    def close(self, world, people, callers, desk, portal, notices):
        tokens, of_day = collections.defaultdict(list), collections.Counter()
        for number, day, token in world.rows("SELECT msisdn, day, number FROM token"):
            tokens[number].append(token)
            of_day[number, day] += 1
        self.read_over(world)
        for number, n in world.rows("SELECT msisdn, count(*) FROM patient GROUP BY msisdn HAVING count(*) > 1"):
            self.sum["registered twice"] += n - 1
            self.say(f"{number} is registered {n} times")
        for (number, day), n in of_day.items():
            if n > 1:
                self.sum["tokens twice"] += n - 1
                self.say(f"{number} has {n} tokens of day {day}")
        for p in people:
            self.account(p, tokens)
        for c in callers:
            self.call(c, tokens)
        if world.midnight:
            self.day_is_over(world, notices)
        self.codes(world, portal)
        self.alerts(world, desk)
        dead = [r for r in world.dead_letters() if not (world.short_lives and r.startswith("expired"))]
        if dead:
            self.say(f"dead letters: {dead}")
        twice = sum(self.sum[x] for x in ("twice", "code twice", "alert twice", "notice twice"))
        if twice > self.sum["window"]:
            self.say(f"{twice} said twice, more than the open windows ({self.sum['window']})")


ROWS = (("messages from phones", "messages"), ("  accepted", "accepted"), ("  offered again by the network", "offered again"),
        ("  accepted, and the answer lost", "lost"), ("registered people", "registrations"),
        ("  registered twice", "registered twice"), ("  tokens made twice", "tokens twice"),
        ("one-time codes stored", "codes"), ("  not sent in their life", "code not in time"),
        ("steps on screens", "steps"), ("  answered by a screen", "screens"), ("  later than the network waits", "late screens"),
        ("  answered by SMS", "screens as SMS"), ("  dialled again, bridge or link was away", "dialled again"),
        ("days of tokens over", "days over"), ("notices kept for the end of the quiet hours", "notices"),
        ("turn alerts due", "alerts"), ("codes and alerts sent after their life", "late"),
        ("told that the answer comes later", "kept"), ("put off while an answer was kept", "put off"),
        ("answers said twice", "twice"), ("codes said twice", "code twice"), ("alerts said twice", "alert twice"),
        ("  may be, by the open windows", "window"))


def table(total):
    return "\n".join(f"  {name:<40}{total[key]:>8}" for name, key in ROWS)
