# SPDX-License-Identifier: BSD-2-Clause
"""Events that are kept until their time: not before it, not in the quiet hours, so many a day, once."""
import datetime
import itertools
import json
import signal
import time

from harness import test, wait_until
from stack import Stack
from test_peers import Pair

NUMBER = "919812345678"
IST = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
RENEW = "Niramaya.*31|निरामय कार्ड 31"


def renewal(event_id, year=2027, number=NUMBER, **more):
    return {"id": event_id, "type": "renewal.due", "service": "niramaya", "msisdn": number,
            "data": {"year": str(year), "fee_rs": 250}, **more}


def moved(event_id, ref, number=NUMBER, status="APPROVED", **more):
    return {"id": event_id, "type": "application.updated", "service": "niramaya", "msisdn": number,
            "data": {"ref": ref, "status": status}, **more}


def stamp(seconds):
    """So many seconds from now, in RFC 3339 with milliseconds."""
    return datetime.datetime.fromtimestamp(time.time() + seconds, IST).isoformat(timespec="milliseconds")


def around_now():
    """Quiet hours that have begun and go on for hours."""
    now = datetime.datetime.now(IST)
    return f"{(now - datetime.timedelta(hours=2)):%H:%M}-{(now + datetime.timedelta(hours=6)):%H:%M}"


def scheduled(s):
    """What the schedule holds: {number: {key: at in ms}}."""
    r = s.look()
    try:
        return {k.decode().rsplit(":", 1)[1]: {r_key: int(value.split(b" ")[0]) for r_key, value in pairs(r, k)}
                for k in r.keys("dky:*:se:*")}
    finally:
        r.close()


def pairs(r, key):
    flat = r("HGETALL", key)
    return [(flat[i].decode(), flat[i + 1]) for i in range(0, len(flat), 2)]


def bring_forward(s, by_ms):
    """The time of all that is kept has come."""
    r = s.look()
    try:
        for key in r.keys("dky:*:se:*"):
            for name, value in pairs(r, key):
                at, rest = value.split(b" ", 1)
                r("HSET", key, name, b"%d %s" % (int(at) - by_ms, rest))
        for key in r.keys("dky:*:sc"):
            flat = r("ZRANGE", key, 0, -1, "WITHSCORES")
            for i in range(0, len(flat), 2):
                r("ZADD", key, int(float(flat[i + 1])) - by_ms, flat[i])
    finally:
        r.close()


def told(s, number=NUMBER):
    return [x.text for x in s.smsc.to(number)]


def count(s, outcome):
    return s.metric("dakiya_reminders_total", outcome=outcome)


@test("what is not to be told before its time waits for it, through a kill of the bridge and of Redis, and is told once")
def not_before(t):
    s = Stack(t, fsync="always")
    phone = s.smsc.phone(NUMBER)
    assert s.event(renewal("a-1", not_before=stamp(4)))[0] == 202
    assert s.event(renewal("a-1", not_before=stamp(4)))[0] == 200
    s.kill_dakiyad()
    s.redis.kill()
    s.start_redis()
    assert list(scheduled(s)) == [NUMBER]
    s.start_dakiyad()
    assert told(s) == []
    phone.expect(RENEW, 20)
    assert s.event(renewal("a-1"))[0] == 200, "a repeat is known afterwards too"
    wait_until("nothing is left", lambda: not s.depth() and not scheduled(s))
    assert len(told(s)) == 1


@test("in the quiet hours information waits for their end, and what is urgent does not")
def quiet(t):
    s = Stack(t, reminders=f'quiet_hours: "{around_now()}"')
    phone = s.smsc.phone(NUMBER)
    assert s.event(renewal("b-1"))[0] == 202
    assert s.event({"id": "b-2", "type": "token.called", "service": "esanjeevani", "msisdn": NUMBER,
                    "data": {"token": 12}})[0] == 202
    phone.expect("12")
    at = list(scheduled(s)[NUMBER].values())[0] / 1000
    assert 5.9 * 3600 < at - time.time() <= 6.01 * 3600, at
    assert len(told(s)) == 1
    bring_forward(s, 6 * 3600 * 1000 + 60000)  # due at night: the bridge was away at its time
    s.restart_dakiyad()
    wait_until("it is put off", lambda: count(s, "put_off") == 1)
    assert min(scheduled(s)[NUMBER].values()) > time.time() * 1000
    s.reminders = "quiet_hours: off"
    bring_forward(s, 8 * 3600 * 1000)
    s.restart_dakiyad()
    phone.expect(RENEW, 20)


@test("above the day's cap the rest is put off to the next day, and none is lost")
def cap(t):
    s = Stack(t, reminders="quiet_hours: off, per_day: 2")
    phone = s.smsc.phone(NUMBER)
    for i in range(4):
        assert s.event(moved(f"c-{i}", 7000 + i))[0] == 202
    phone.expect("7000")
    phone.expect("7001")
    wait_until("two are put off", lambda: count(s, "put_off") == 2)
    midnight = datetime.datetime.now(IST).replace(hour=0, minute=0, second=0, microsecond=0) + datetime.timedelta(1)
    assert set(scheduled(s)[NUMBER].values()) == {int(midnight.timestamp() * 1000)}
    r = s.look()
    for key in r.keys("dky:*:sn:*"):
        r("DEL", key)  # the next day
    r.close()
    bring_forward(s, 24 * 3600 * 1000)
    s.restart_dakiyad()
    phone.expect("7002", 20)
    phone.expect("7003", 20)
    wait_until("nothing is left", lambda: not s.depth() and not scheduled(s))
    assert len(told(s)) == 4


@test("a newer state replaces the older one that is not told, a cancelled one is never told, and STOP is obeyed")
def replaced(t):
    s = Stack(t)
    phone = s.smsc.phone(NUMBER)
    assert s.event(renewal("d-1", key="renewal/1", not_before=stamp(3600)))[0] == 202
    assert s.event(renewal("d-2", key="renewal/2", not_before=stamp(3600)))[0] == 202
    assert s.event(moved("d-3", 41, key="application/41", not_before=stamp(3600)))[0] == 202
    assert s.event(moved("d-4", 42, key="application/41", not_before=stamp(2)))[0] == 202
    assert sorted(scheduled(s)[NUMBER]) == ["niramaya/application/41", "niramaya/renewal/1", "niramaya/renewal/2"]
    assert s.event({"id": "d-5", "type": "event.cancelled", "service": "niramaya", "msisdn": NUMBER,
                    "key": "renewal"})[0] == 202
    assert sorted(scheduled(s)[NUMBER]) == ["niramaya/application/41"]
    assert count(s, "cancelled") == 2 and count(s, "replaced") == 1
    phone.expect("42", 20)
    # A state that is told at once, or not at all, drops what is kept under its key too.
    assert s.event(moved("d-6", 43, key="application/43", not_before=stamp(3600)))[0] == 202
    assert s.event(moved("d-7", 43, key="application/43", status="RESUBMITTED"))[0] == 202
    assert not scheduled(s)
    phone.ask("STOP", "START")
    assert s.event(moved("d-8", 44))[0] == 202
    wait_until("it was due", lambda: s.metric("dakiya_turns_total", outcome="stopped") == 1)
    assert not any("41" in x or "43" in x or "44" in x for x in told(s)), told(s)


@test("several of a kind that are due together are one message with their number, and count once")
def merged(t):
    s = Stack(t, reminders="quiet_hours: off, per_day: 2")
    phone = s.smsc.phone(NUMBER)
    for i in range(3):
        assert s.event(renewal(f"m-{i}", key=f"renewal/{i}"))[0] == 202
    phone.expect("^3 निरामय कार्ड 31 मार्च 2027", 20)
    assert count(s, "merged") == 2
    assert s.event(renewal("m-4", key="renewal/4"))[0] == 202
    phone.expect("निरामय कार्ड 31 मार्च 2027 तक वैध", 20)
    wait_until("nothing is left", lambda: not s.depth() and not scheduled(s))
    assert len(told(s)) == 2 and "250" in told(s)[1]


@test("what is past its use when its time comes is counted and a dead letter, not a message")
def expired(t):
    s = Stack(t)
    assert s.event(moved("e-1", 51, not_before=stamp(60)))[0] == 202
    s.kill_dakiyad()
    r = s.look()
    for key in r.keys("dky:*:se:*"):
        for name, value in pairs(r, key):
            at, _, rest = value.split(b" ", 2)
            r("HSET", key, name, b"%d %d %s" % (int(at) - 10 ** 9, time.time() * 1000 - 1, rest))
    for key in r.keys("dky:*:sc"):
        r("ZADD", key, 1, NUMBER)
    s.start_dakiyad()
    wait_until("it is counted", lambda: count(s, "expired") == 1)
    assert sum(r("LLEN", k) for k in r.keys("dky:*:dead")) == 1
    r.close()
    assert told(s) == [] and not scheduled(s)


@test("a full schedule is an answer with a time to come again, and bad times are refused")
def full(t):
    s = Stack(t, reminders="quiet_hours: off, per_person: 2, persons: 1", more="partitions: 1")
    for i in range(2):
        assert s.event(moved(f"f-{i}", i, not_before=stamp(3600)))[0] == 202
    status, text = s.event(moved("f-2", 2, not_before=stamp(3600)))
    assert status == 429 and json.loads(text)["code"] == "person-full", text
    status, text = s.event(moved("f-3", 3, number="919812340001", not_before=stamp(3600)))
    assert status == 503 and json.loads(text)["code"] == "schedule-full", text
    assert s.http("/readyz")[0] == 200
    for bad in ({"not_before": "tomorrow"}, {"not_before": 5}, {"not_before": stamp(500 * 86400)}, {"key": ""},
                {"key": "x" * 65}, {"type": "event.cancelled"}):
        assert s.event({**moved("f-9", 9), **bad})[0] == 400, bad


@test("two bridges on one Redis tell each event once, also while one stands still; a kill loses none")
def once(t):
    s = Pair(t)
    people = [str(919812320000 + i) for i in range(24)]

    def keep(first):
        for i, n in enumerate(people):
            assert s.event(moved(f"g-{first + i}", first + i, number=n, not_before=stamp(2)))[0] == 202
        return time.time() + 2

    def all_told(first):
        for i, n in enumerate(people):
            s.smsc.phone(n).expect(str(first + i), 30)
        return [sum(str(first + i) in x for x in told(s, n)) for i, n in enumerate(people)]

    keep(6000)
    assert set(all_told(6000)) == {1}
    keep(7000)
    s.b.popen.send_signal(signal.SIGSTOP)
    all_told(7000)
    wait_until("the other one takes over", lambda: "taking over" in (s.folder / "dakiyad.log").read_text(), 20)
    s.b.popen.send_signal(signal.SIGCONT)
    log = s.folder / "dakiyad-b.log"
    wait_until("it has seen that it was taken over", lambda: "taken over" in log.read_text(), 20)
    due = keep(8000)
    wait_until("their time has come", lambda: time.time() > due)
    s.b.kill()
    all_told(8000)
    wait_until("nothing is left", lambda: not s.depth() and not scheduled(s), 20)
    assert set(all_told(7000)) == {1}
    assert set(all_told(8000)) <= {1, 2}, "twice: what the killed one had sent without an answer"


@test("a start with 100,000 events in the schedule does not delay the first answer")
def many(t):
    s = Stack(t)
    phone = s.smsc.phone(NUMBER)

    texts = itertools.cycle(("HELP", "WHO"))  # the same again so soon could be the network, repeating itself

    def first_answer():
        s.kill_dakiyad()
        began = time.monotonic()
        s.start_dakiyad()
        phone.ask(next(texts), ".", 30)
        return time.monotonic() - began
    empty = min(first_answer() for _ in range(3))
    r = s.look()
    for first in range(0, 100000, 5000):
        r("EVAL", """
        for i = ARGV[2], ARGV[2] + 4999 do
            local n, p = '9170' .. string.format('%08d', i), i % 256
            local key = 'dky:{p' .. p .. '}:'
            redis.call('HSET', key .. 'se:' .. n, 'k', ARGV[1] .. ' ' .. ARGV[1] .. '9 ' ..
                string.format('%016x', i + 1) .. ' 0 \\n' .. string.rep('x', 120))
            redis.call('ZADD', key .. 'sc', ARGV[1], n)
        end""", 0, int(time.time() * 1000) + 3600000, first)
    r.close()
    full_s = min(first_answer() for _ in range(3))
    print(f"  first answer after a start: {empty:.2f} s, with 100,000 kept {full_s:.2f} s")
    assert full_s < empty + 1.0, (empty, full_s)
    wait_until("they are seen", lambda: s.metric("dakiya_reminders_persons") == 100000, 20)


@test("two events are two however long the names of service and event, and though only the last letter differs")
def long_names(t):
    s = Stack(t, reminders=f'quiet_hours: "{around_now()}"', start=False)
    service = "niramaya_of_the_national_trust"
    s.change_packs(lambda text: text.replace("service: niramaya\n", f"service: {service}\n"))
    (s.services / "niramaya").rename(s.services / service)
    s.start_dakiyad()
    for last in "ab":
        ev = {**renewal("x" * 63 + last, key=last), "service": service}
        for status in (202, 200):  # 200: the same once more
            assert s.event(ev)[0] == status, (last, status)
    assert len(scheduled(s)[NUMBER]) == 2, scheduled(s)
