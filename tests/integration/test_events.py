# SPDX-License-Identifier: BSD-2-Clause
"""POST /v1/events: signed, in time, once, 2xx only when stored."""
import http.client
import json
import signal
import time

from harness import test, wait_until
from stack import SERVICE, Stack
from talk import EN, register, times_seen

NUMBER = "919812345678"


def ago(seconds=0):
    """A time as backends write it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S+05:30", time.gmtime(time.time() - seconds + 19800))


def called(event_id, token=1234, number=NUMBER, at=None):
    return {"id": event_id, "type": "token.called", "service": SERVICE, "msisdn": number,
            "at": at or ago(), "data": {"token": token}}


def near(event_id, ahead, number=NUMBER):
    return {"id": event_id, "type": "queue.position", "service": SERVICE, "msisdn": number,
            "at": ago(),
            "data": {"token": 1234, "ahead": ahead, "position": ahead + 1, "wait_minutes": 3 * ahead}}


def ready(t, **options):
    s = Stack(t, **options)
    phone = s.smsc.phone(NUMBER)
    phone.ask(EN.start, EN.ask_name)
    return s, phone


@test("a signed event is stored, told to the person, and the same one again is not told twice")
def signed(t):
    s, phone = ready(t)
    assert s.event(called("a-1"))[0] == 202
    phone.expect(EN.turn)
    assert s.event(called("a-1"))[0] == 200
    assert s.event(called("a-2"))[0] == 202
    phone.expect(EN.turn)
    assert times_seen(phone, EN.turn) == 2
    s.restart_dakiyad()
    assert s.event(called("a-1"))[0] == 200, "a replay is known after a restart too"


@test("a wrong, missing, old or future signature is refused, and nobody is told")
def unsigned(t):
    s, phone = ready(t)
    now, body = time.time(), called("b-1")
    for what, options in (
            ("another secret", {"secret": "guess"}), ("no signature", {"signature": ""}),
            ("a cut one", {"signature": "sha256=00"}), ("another scheme", {"signature": "sha1=" + "0" * 40}),
            ("old", {"at": now - 3600}), ("from the future", {"at": now + 3600}),
            ("no number", {"timestamp": "soon"}), ("negative", {"timestamp": "-1"}),
            ("huge", {"timestamp": "9" * 30}), ("empty", {"timestamp": ""})):
        status, text = s.event(body, **options)
        assert status == 401, f"{what}: {status} {text}"
        assert json.loads(text)["code"] and json.loads(text)["status"] == 401
    assert s.event(called("b-1"))[0] == 202
    phone.expect(EN.turn)
    assert times_seen(phone, EN.turn) == 1


@test("events that are none are refused with a problem document")
def bad(t):
    s, phone = ready(t)
    for body in (b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"id":1}', b"{" * 5000,
                 {**called("c-1"), "id": ""}, {**called("c-2"), "msisdn": "abc"}, {**called("c-3"), "msisdn": None},
                 {**called("c-4"), "data": []}, {**called("c-5"), "type": ""}, {**called("c-6"), "id": "x" * 500}):
        status, text = s.event(body)
        assert status == 400, f"{body!r}: {status} {text}"
        assert json.loads(text)["code"]
    status, _ = s.event({**called("c-7"), "data": {"x": "y" * 200000}})
    assert status in (413, None), status
    assert s.request(s.ports()["events"], "GET", "/v1/events")[0] == 405
    assert s.request(s.ports()["events"], "GET", "/v2")[0] == 404
    assert s.event(called("c-8"))[0] == 202
    phone.expect(EN.turn)


@test("an event is not taken while it cannot be stored, and is taken afterwards")
def not_stored(t):
    s, phone = ready(t, more="redis_timeout: 400ms")
    s.redis.signal(signal.SIGSTOP)
    try:
        assert s.event(called("d-1"))[0] == 503
        wait_until("the bridge knows", lambda: s.http("/readyz")[0] == 503)
        assert s.event(called("d-2"))[0] == 503
    finally:
        s.redis.signal(signal.SIGCONT)
    wait_until("it is taken", lambda: s.event(called("d-1"))[0] in (200, 202))
    phone.expect(EN.turn)


@test("a turn that the backend had to keep is told while its 15 minutes last, and not when they are over")
def kept_too_long(t):
    s, phone = ready(t)
    assert s.event(called("l-1", at=ago(16 * 60)))[0] == 202
    wait_until("it is given up", lambda: s.metric("dakiya_dead_letters_total", reason="expired") == 1)
    assert s.event(called("l-2", at=ago(14.5 * 60)))[0] == 202
    phone.expect(EN.turn)
    assert s.smsc.mt[-1].pdu.validity_period.startswith("0000000000"), s.smsc.mt[-1].pdu  # less than a minute
    assert times_seen(phone, EN.turn) == 1
    # A clock that is wrong is wrong in both times; a time that cannot be read is now.
    stamp = str(int(time.time()) - 200)
    assert s.event(called("l-3", at=ago(200)), timestamp=stamp)[0] == 202
    phone.expect(EN.turn)
    for i, odd in enumerate((ago(-3600), "soon", 7)):
        assert s.event(called(f"l-4{i}", at=odd))[0] == 202
        phone.expect(EN.turn)


@test("an event for a person who never wrote is told in the service's language, without harm")
def stranger(t):
    s, _ = ready(t)
    assert s.event(called("e-1", number="919812340001"))[0] == 202
    s.smsc.phone("919812340001").expect("1234")


@test("unknown event types and services are taken or refused for good, never an endless retry")
def unknown(t):
    s, _ = ready(t)
    for i, more in enumerate(({"type": "moon.rise"}, {"service": "nowhere"})):
        status, _ = s.event({**called(f"f-{i}"), **more})
        assert status in (200, 202, 400, 422), status
    register(s.smsc.phone("919812340002"))


@test("while the link is down a newer position replaces an unsent older one")
def replaced(t):
    s, phone = ready(t)
    s.smsc.fault("bind", 0x0D, times=10 ** 6)
    s.smsc.drop()
    wait_until("the link is down", lambda: s.http("/readyz")[0] == 503)
    for ahead in (3, 2, 1):
        assert s.event(near(f"g-{ahead}", ahead))[0] == 202
    wait_until("one of them is left", lambda: s.depth() == 1)
    with s.smsc.lock:
        s.smsc.faults.clear()
    phone.expect("patients before you: 1", 20)
    assert s.smsc.count("submit_sm") <= 2, phone.inbox()


@test("events that the backend could not deliver are delivered when the bridge is back")
def backend_retries(t):
    s, phone = ready(t)
    for text, answer in EN.steps[1:]:
        phone.ask(text, answer)
    s.kill_dakiyad()
    token = s.call_next()
    s.backend.kill()
    s.start_backend()
    s.start_dakiyad()
    phone.expect(EN.turn, 60)
    wait_until("the backend has it settled", lambda: s.rows(
        "SELECT count(*) FROM event WHERE state = 'PENDING'") == [(0,)], 20)
    assert token["state"] == "CALLED"


@test("an event that stood with the bridge is not taken: sent again, it says how old it is")
def stood_still(t):
    s = Stack(t, more="peer_timeout: 1s")
    conn = http.client.HTTPConnection("127.0.0.1", s.ports()["events"], timeout=20)
    s.dakiyad.signal(signal.SIGSTOP)
    conn.request("POST", "/v1/events", *s.signed(called("stood-1")))
    time.sleep(1.5)  # how long it stands, not a wait for something
    s.dakiyad.signal(signal.SIGCONT)
    assert conn.getresponse().status == 503
    conn.close()
    wait_until("it is taken when nobody has taken over", lambda: s.event(called("stood-1"))[0] == 202)
    s.smsc.phone(NUMBER).expect("1234", 20)
