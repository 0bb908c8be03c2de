# SPDX-License-Identifier: BSD-2-Clause
"""dakiyactl person and dead: an operator asks what became of a message; Redis is asked, not dakiyad."""
import re
import subprocess

import smpp
from harness import program, test, wait_until
from smsc import Smsc
from stack import SANITIZERS, Stack
from talk import EN, register
from test_events import ago, called

NUMBER, STUCK, GONE = "919812345678", "919812345679", "919812345670"


def ctl(s, *args, rc=0):
    done = subprocess.run([program("dakiyactl"), args[0], "-c", s.folder / "dakiyad.yaml", *args[1:]],
                          capture_output=True, text=True, timeout=60, env=SANITIZERS)
    assert done.returncode == rc, (done.returncode, done.stdout, done.stderr)
    s.check_private("what dakiyactl prints", done.stdout + done.stderr)
    return done.stdout + done.stderr


def line(text, begin, *words):
    """The one line that begins so and holds all the words."""
    found = [x for x in text.splitlines() if x.startswith(begin) and all(w in x for w in words)]
    assert len(found) == 1, f"{begin} {words}: {found or text}"
    return found[0]


@test("an operator sees what became of a person's messages: sent with receipts, under way, to come, given up")
def person(t):
    s = Stack(t, smsc=Smsc(receipts=True), link="receipts: true", reminders="quiet_hours: off")
    phone = s.smsc.phone(NUMBER)
    register(phone)
    wait_until("receipts are matched", lambda: s.metric("dakiya_mt_delivery_total") == len(s.smsc.mt))
    text = ctl(s, "person", NUMBER)
    line(text, "session    idle", "lang=en", "link=smsc1")
    line(text, "receipts", f"{len(s.smsc.mt)} DELIVRD")
    assert ctl(s, "person", "+" + NUMBER) == ctl(s, "person", "0" + NUMBER[2:]) == text, "however it is written"

    s.smsc.receipts = False
    phone.ask("STATUS", "next turn")
    wait_until("it is noted as sent", lambda: "receipts=none" in ctl(s, "person", NUMBER))
    line(ctl(s, "person", NUMBER), "sent", "esanjeevani/", "reply", "link=smsc1", "trace=", "receipts=none")
    for word in ("HELP", "WHO", "CALL", "TOKEN", "REPEAT", "STATUS"):
        phone.ask(word, ".")
    said = lambda: re.findall(r"^sent .*?trace=(\w+)", ctl(s, "person", NUMBER), re.M)
    wait_until("they are noted as sent", lambda: len(said()) >= 7)
    assert said() == sorted(said()), "the oldest first"

    s.to_backend.fault("silent")
    s.smsc.phone(STUCK).send("STATUS")
    wait_until("the backend is asked", lambda: s.depth())
    trace = line(ctl(s, "person", STUCK), "in work", "from=sms", "link=smsc1").split("trace=")[1].split()[0]
    assert trace in s.http(f"/logs?trace={trace}&level=debug")[1], "the log knows it by the same trace"
    s.kill_dakiyad()
    line(ctl(s, "person", STUCK), "in work", f"trace={trace}")
    s.to_backend.clear()
    s.start_dakiyad()
    s.smsc.phone(STUCK).expect("टोकन|पंजीकरण")
    assert "in work" not in ctl(s, "person", STUCK)

    assert s.event({**called("later"), "key": "k", "not_before": ago(-3600)})[0] == 202
    line(ctl(s, "person", NUMBER), "to come", "event=token.called", "service=esanjeevani")
    none = ctl(s, "person", GONE)
    assert "session    none" in none and "messages   none" in none, none


@test("dead letters are listed with the centre's own words, newest first, without a text or a full number")
def dead(t):
    s = Stack(t)
    assert "0 dead letters" in ctl(s, "dead")
    s.smsc.fault("submit_sm", smpp.RINVDSTADR, 2)
    for n in (GONE, STUCK):
        s.smsc.phone(n).send(EN.start)
        wait_until("given up", lambda: s.metric("dakiya_dead_letters_total") == (1 if n == GONE else 2))
    wait_until("both are there", lambda: "2 dead letters" in ctl(s, "dead"))
    text = ctl(s, "dead")
    newest, older = text.splitlines()[:2]
    for x in (newest, older):
        assert x.startswith("dead") and "reply" in x and "esanjeevani/ask_name" in x and "0xb" in x, x
    assert newest.split()[1] >= older.split()[1], "newest first"
    assert "the newest are shown" in ctl(s, "dead", "-n", "1")
    line(ctl(s, "person", GONE), "dead", "0xb")
    # What a provider says may name the number or the code that it refuses.
    r = s.look()
    (key, *_) = r.keys("dky:*:dead")
    reason, record = r("LRANGE", key, "0", "0")[0].split(b"\n", 1)
    r("LPUSH", key, b"permanent 4021 no route to +91" + GONE[2:].encode() + b", code 123456\n" + record)
    r.close()
    line(ctl(s, "dead"), "dead", "permanent 4021 no route to +************, code ******")
    s.redis.kill()
    assert "redis" in ctl(s, "dead", rc=1)
    assert "redis" in ctl(s, "person", GONE, rc=1)
