# SPDX-License-Identifier: BSD-2-Clause
"""The reference backend over real HTTP: every path and problem of docs/backend-api.yaml,
idempotency, limits, and events that reach the bridge whatever is down or killed."""
import concurrent.futures
import re
import sqlite3
import subprocess

from backend_parts import Backend, Bridge, is_problem, phone
from harness import SRCDIR, program, test, wait_until

NOON = "2026-11-20T12:00:00+05:30"  # a Friday


def test_clock(case, *more):
    return Backend(case, None, f"--test-clock={NOON}", *more)


@test("the backend: a person registers, takes a token, waits, is called, talks, and the token is used")
def story(case):
    b = test_clock(case)
    a = b.register(phone(1), name="  राम   कुमार ", expect=(201,))
    assert a.json == {"patient_id": 1, "name": "राम कुमार", "service": "esanjeevani"}, a
    a = b.register(phone(1), name="राम कुमार", age=36, expect=(200,))
    assert a["patient_id"] == 1
    b.take(phone(2))
    a = b.post("/v1/tokens", {"msisdn": phone(1), "service": "esanjeevani", "mode": "AUDIO"})
    assert a.status == 201
    assert a.json == {"token_id": 2, "token": 2, "service": "esanjeevani", "patient_id": 1, "mode": "AUDIO",
                      "state": "WAITING", "position": 2, "ahead": 1, "wait_minutes": 3,
                      "valid_until": "2026-11-20T23:59:59+05:30", "issued_at": NOON}, a
    again = b.post("/v1/tokens", {"msisdn": phone(1), "service": "esanjeevani", "mode": "AUDIO"})
    assert (again.status, again.json) == (200, a.json)
    assert b.current(phone(1)).json == a.json
    is_problem(b.act("call", phone(1)), 409, "turn-not-come", position=2, ahead=1, wait_minutes=3)
    assert b.next()["token"] == 1
    a = b.next()
    assert (a["token"], a["state"], a["position"], a["name"], a["msisdn"]) == (
        2, "CALLED", 0, "राम कुमार", phone(1)), a
    is_problem(b.next(), 404, "queue-empty")
    a = b.act("call", phone(1), key="call-1")
    assert (a.status, a["state"]) == (200, "IN_CONSULT") and "position" not in a.json
    a = b.post("/v1/tokens/2/used", {"prescription": True})
    assert (a.status, a["state"], a["prescription_ref"]) == (200, "USED", "1001"), a
    is_problem(b.act("call", phone(1)), 409, "already-used")
    assert b.current(phone(1))["state"] == "USED"


@test("the backend: a missed turn comes back behind the head and in the end expires")
def missed(case):
    b = test_clock(case)
    for n in range(1, 6):
        b.take(phone(n))
    for n in (1, 2):
        b.next()
        a = b.post("/v1/tokens/1/missed")
        assert (a.status, a["state"], a["position"], a["missed"]) == (200, "WAITING", 2, n), a
        assert b.next()["token"] == n + 1
    b.next()
    a = b.post("/v1/tokens/1/missed")
    assert a["state"] == "EXPIRED", a
    is_problem(b.post("/v1/tokens/1/missed"), 409, "wrong-state", state="EXPIRED")
    is_problem(b.act("call", phone(1)), 410, "expired")
    is_problem(b.act("cancel", phone(1)), 409, "not-cancellable", state="EXPIRED")


@test("the backend: tokens end with the day by themselves, and numbers begin anew")
def day_end(case):
    b = test_clock(case)
    b.take(phone(1))
    b.set_clock("2026-11-20T23:59:59+05:30")
    assert b.current(phone(1))["state"] == "WAITING"
    assert b.post("/v1/admin/tick")["next_due"] == "2026-11-21T00:00:00+05:30"
    b.set_clock("2026-11-21T00:00:00+05:30")
    assert b.get("/v1/tokens/1")["state"] == "EXPIRED"
    assert b.post("/v1/admin/tick")["next_due"] is None
    is_problem(b.current(phone(1)), 404, "no-token")
    is_problem(b.act("call", phone(1)), 410, "expired")
    assert b.take(phone(1))["token"] == 1


@test("the backend: a clock in a file moves the day too")
def clock_file(case):
    clock = case.folder / "clock"
    clock.write_text("1763620200000\n")  # 2025-11-20T12:00:00+05:30
    b = Backend(case, None, "--clock-file", clock)
    assert b.take(phone(1))["issued_at"] == "2025-11-20T12:00:00+05:30"
    is_problem(b.post("/v1/admin/clock", {"now": NOON}), 403, "no-test-clock")
    clock.write_text("1763706600000\n")
    assert b.get("/v1/tokens/1")["state"] == "EXPIRED"


@test("the backend: reconnecting is free within the grace and refused after it")
def reconnect(case):
    b = test_clock(case)
    b.take(phone(1))
    is_problem(b.post("/v1/tokens/1/reconnect"), 409, "wrong-state", state="WAITING")
    b.next()
    b.act("call", phone(1))
    b.set_clock("2026-11-20T12:04:59+05:30")
    assert b.act("call", phone(1)).status == 200
    assert b.post("/v1/tokens/1/reconnect")["state"] == "CALLED"
    b.act("call", phone(1))
    b.set_clock("2026-11-20T12:10:00+05:30")
    is_problem(b.post("/v1/tokens/1/reconnect"), 409, "grace-over")
    is_problem(b.act("call", phone(1)), 409, "already-used")
    is_problem(b.act("cancel", phone(1)), 409, "not-cancellable", state="IN_CONSULT")


@test("the backend: cancel gives the place back, and a new token may be had")
def cancel(case):
    b = test_clock(case)
    is_problem(b.act("cancel", phone(1)), 404, "not-registered")
    b.register(phone(1))
    is_problem(b.act("cancel", phone(1)), 404, "no-token")
    b.take(phone(1))
    b.take(phone(2))
    assert b.act("cancel", phone(1))["state"] == "CANCELLED"
    assert b.current(phone(2))["position"] == 1
    is_problem(b.act("call", phone(1)), 404, "no-token")
    assert b.take(phone(1))["token"] == 3


@test("the backend: a phone's tokens of all services are named, and one of them is given back")
def cancel_one(case):
    b = test_clock(case)
    b.register(phone(1))
    b.take(phone(1))
    b.register(phone(1), "bihar")
    two = b.get(f"/v1/tokens?msisdn={phone(1)}&lang=en")
    assert two["count"] == 2 and "after" not in two.json, two
    assert [t["service"] for t in two["tokens"]] == ["esanjeevani", "bihar"], two
    assert two["tokens"][1]["label"].endswith(", Bihar telemedicine"), two
    one = two["tokens"][1]["token_id"]
    is_problem(b.post(f"/v1/tokens/{one}/cancel", {"msisdn": phone(2)}), 404, "no-token")
    assert b.post(f"/v1/tokens/{one}/cancel", {"msisdn": phone(1)})["state"] == "CANCELLED"
    is_problem(b.post(f"/v1/tokens/{one}/cancel", {"msisdn": phone(1)}), 409, "not-cancellable", state="CANCELLED")
    assert b.get(f"/v1/tokens?msisdn={phone(1)}&lang=hi")["count"] == 1
    is_problem(b.get(f"/v1/tokens?msisdn={phone(1)}&after=1"), 404, "no-token")
    # Two of a family in one service: which one is to be said.
    family = [b.register(phone(3), name=n)["patient_id"] for n in ("Sita Devi", "Ram Kumar", "Gita Devi")]
    for one in family:
        assert b.post("/v1/tokens", {"msisdn": phone(3), "service": "esanjeevani", "patient_id": one}).status == 201
    page = b.get(f"/v1/tokens?msisdn={phone(3)}&lang=en")
    assert (page["count"], page["after"], len(page["tokens"])) == (3, 2, 2), page
    assert " Sita, " in page["tokens"][0]["label"], page
    assert " Gita, " in b.get(f"/v1/tokens?msisdn={phone(3)}&lang=en&after=2")["tokens"][0]["label"]
    is_problem(b.act("cancel", phone(3)), 409, "several-tokens")


@test("the backend: hours are kept, and a service may give the token with the registration")
def bihar(case):
    b = test_clock(case)
    a = b.register(phone(1), "bihar")
    assert (a.status, a["token"]["token"], a["token"]["position"]) == (201, 1, 1), a
    b.set_clock("2026-11-21T16:00:00+05:30")
    a = b.register(phone(2), "bihar")
    assert (a.status, a["token_problem"], a["next_open"]) == (
        201, "service-closed", "2026-11-23T09:00:00+05:30") and "token" not in a.json, a
    is_problem(b.post("/v1/tokens", {"msisdn": phone(2), "service": "bihar"}), 409, "service-closed",
               next_open="2026-11-23T09:00:00+05:30")
    b.set_clock("2026-11-23T09:00:00+05:30")
    assert b.post("/v1/tokens", {"msisdn": phone(2), "service": "bihar"}).status == 201


@test("the backend: lists of services and queues, with the live line")
def lists(case):
    b = test_clock(case)
    for n in range(1, 6):
        b.take(phone(n))
    b.next()
    names = [s["service"] for s in b.get("/v1/services")["services"]]
    assert names == ["esanjeevani", "bihar", "cghs"]
    assert b.get("/v1/services")["services"][1]["hours"]["open"] == "09:00"
    q = b.get("/v1/queues")["queues"][0]
    assert (q["service"], q["waiting"], q["called"], q["in_consult"], q["open"]) == (
        "esanjeevani", 4, 1, 0, True), q
    a = b.get("/v1/queues/esanjeevani")
    assert [(t["token"], t["state"], t.get("position")) for t in a["tokens"]] == [
        (1, "CALLED", 0), (2, "WAITING", 1), (3, "WAITING", 2), (4, "WAITING", 3), (5, "WAITING", 4)], a
    assert len(b.get("/v1/queues/esanjeevani?limit=2")["tokens"]) == 3
    is_problem(b.get("/v1/queues/esanjeevani?limit=0"), 400, "invalid-field", field="limit")
    is_problem(b.get("/v1/queues/esanjeevani?limit=5000"), 400, "invalid-field", field="limit")
    is_problem(b.get("/v1/queues/nothing"), 404, "unknown-service")
    is_problem(b.post("/v1/queues/nothing/call-next"), 404, "unknown-service")
    assert b.get("/v1/tokens/3")["name"] == "राम कुमार"
    for bad in ("99", "0", "-1", "x", "1x", "99999999999999999999"):
        is_problem(b.get(f"/v1/tokens/{bad}"), 404, "no-token")
    is_problem(b.post("/v1/tokens/99/missed"), 404, "no-token")
    is_problem(b.post("/v1/tokens/2/used"), 409, "wrong-state", state="WAITING")
    is_problem(b.post("/v1/tokens/1/used", {"prescription": "yes"}), 400, "invalid-field", field="prescription")
    h = b.get("/healthz")
    assert (h.status, h["status"], h["now"]) == (200, "ok", NOON)
    desk = b.get("/desk")
    assert b.get("/").raw == desk.raw
    assert desk.status == 200 and desk.kind.startswith("text/html") and b"</html>" in desk.raw
    assert "default-src 'none'" in desk.headers["Content-Security-Policy"]
    assert b"http://" not in desk.raw and b"https://" not in desk.raw  # nothing from outside


GOOD = {"msisdn": phone(1), "service": "esanjeevani", "name": "Sita Devi", "age": 30, "sex": "F",
        "place": "UP", "lang": "hi", "consent": {"given": True, "text_version": "1", "channel": "sms"}}
BAD = [
    ("msisdn", [None, "", "12345", "+919812345678", "91981234567x", 919812345678, "9" * 16, "0981234567"]),
    ("service", [None, "", "nothing", "ESANJEEVANI", 5, "x" * 200]),
    ("name", [None, "", "  ", "123", "😀😀😀", "क" * 101, "a" * 300, 7, "a\u0001b", "a\u202eb", ["x"]]),
    ("age", [None, "35", -1, 126, 3.5, True, 10 ** 12]),
    ("sex", [None, "", "f", "X", "FF", 1]),
    ("place", ["क" * 161, 5, "12", {}]),
    ("lang", ["hindi", "HI", "", 3]),
]


@test("the backend: every field is checked, and names of any script are taken")
def fields(case):
    b = test_clock(case)
    for field, values in BAD:
        for v in values:
            body = {**GOOD, field: v}
            if v is None:
                body.pop(field)
            is_problem(b.post("/v1/registrations", body), 400, "invalid-field", field=field)
    for consent in (None, {}, {"given": False}, {"given": "true"}, "yes", []):
        is_problem(b.post("/v1/registrations", {**GOOD, "consent": consent}), 422, "consent-missing")
    is_problem(b.post("/v1/registrations", {**GOOD, "consent": {"given": True, "channel": "sms"}}),
               400, "invalid-field", field="consent.text_version")
    is_problem(b.post("/v1/registrations", {**GOOD, "consent": {"given": True, "text_version": "1"}}),
               400, "invalid-field", field="consent.channel")
    assert b.get("/v1/queues")["queues"][0]["waiting"] == 0
    is_problem(b.post("/v1/tokens", {"msisdn": phone(1), "service": "esanjeevani"}), 404, "not-registered")
    for n, name in enumerate(["Ram", "राम", "ராமன்", "রাম", "రాముడు", "رام", "José", "क" * 100, "श्री\u200dमान"]):
        assert b.register(phone(n + 10), name=name)["name"] == name
    b.register(phone(1))
    for mode in ("PHONE", 1, ""):
        is_problem(b.post("/v1/tokens", {"msisdn": phone(1), "service": "esanjeevani", "mode": mode}),
                   400, "invalid-field", field="mode")
    is_problem(b.post("/v1/tokens", {"msisdn": phone(1), "service": "esanjeevani", "patient_id": "1"}),
               400, "invalid-field", field="patient_id")
    is_problem(b.get("/v1/tokens/current?service=esanjeevani"), 400, "invalid-field", field="msisdn")
    is_problem(b.get("/v1/tokens/current"), 400, "invalid-field", field="service")
    is_problem(b.get(f"/v1/tokens/current?service=esanjeevani&msisdn={phone(1)}&patient_id=x"),
               400, "invalid-field", field="patient_id")
    is_problem(b.current(phone(99)), 404, "not-registered")
    is_problem(b.post("/v1/admin/clock", {"now": "soon"}), 400, "invalid-field", field="now")


@test("the backend: a family on one phone has a token each")
def family(case):
    b = test_clock(case)
    mother = b.register(phone(1), name="Sita")["patient_id"]
    child = b.register(phone(1), name="Luv", age=6)["patient_id"]
    who = {"msisdn": phone(1), "service": "esanjeevani"}
    assert b.post("/v1/tokens", who)["patient_id"] == child  # registered last
    assert b.post("/v1/tokens", {**who, "patient_id": mother})["token"] == 2
    is_problem(b.post("/v1/tokens", {**who, "patient_id": 999}), 404, "not-registered")
    a = b.get(f"/v1/tokens/current?service=esanjeevani&msisdn={phone(1)}&patient_id={mother}")
    assert a["token"] == 2
    assert b.next()["patient_id"] == child
    assert b.current(phone(1))["patient_id"] == child  # whose turn has come


@test("the backend: bodies, types, methods, keys and origins that are wrong are refused")
def wrong_requests(case):
    b = test_clock(case)
    for raw in (b"{", b"[]", b"null", b'"x"', b'{"a":1,"a":2}', b"\xff\xfe", b'{"name":"\xc3"}', b'{"a":"\\u0000"}'):
        is_problem(b.call("POST", "/v1/tokens", raw=raw, headers={"Content-Type": "application/json"}),
                   400, "invalid-json")
    is_problem(b.call("POST", "/v1/tokens", raw=b"a=1", headers={"Content-Type": "application/x-www-form-urlencoded"}),
               415, "unsupported-media-type")
    assert b.call("POST", "/v1/tokens", raw=b'{"name":"' + b"x" * 20000 + b'"}').status == 413
    for path in ("/v1", "/v1/", "/v1/tokens/", "/v1/tokens/1/", "/v1/nothing", "/v1/queues/a/b/c"):
        is_problem(b.get(path), 404, "not-found")
    a = b.get("/v1/registrations")
    is_problem(a, 405, "method-not-allowed")
    assert a.headers["Allow"] == "POST"
    is_problem(b.post("/v1/tokens/1"), 405, "method-not-allowed")
    assert b.call("DELETE", "/v1/queues").status == 405
    for key in ("x" * 201, "two words"):
        is_problem(b.post("/v1/admin/tick", key=key), 400, "invalid-idempotency-key")
    is_problem(b.post("/v1/admin/tick", headers={"Origin": "http://evil.example"}), 403, "cross-origin")
    is_problem(b.post("/v1/admin/tick", headers={"Origin": "null"}), 403, "cross-origin")
    assert b.post("/v1/admin/tick", headers={"Origin": f"http://127.0.0.1:{b.port}"}).status == 200
    assert b.get("/healthz").status == 200


@test("the backend: a repeat with the same key has one effect and one answer, also after a restart")
def idempotency(case):
    b = test_clock(case)
    for n in (1, 2):
        b.register(phone(n))
    who = {"msisdn": phone(1), "service": "esanjeevani", "mode": "AUDIO"}
    first = b.post("/v1/tokens", who, key="turn-1")
    assert first.status == 201
    assert (b.post("/v1/tokens", who, key="turn-1").raw, first.status) == (first.raw, 201)
    is_problem(b.post("/v1/tokens", {**who, "msisdn": phone(2)}, key="turn-1"), 422, "idempotency-mismatch")
    is_problem(b.act("cancel", phone(1), key="turn-1"), 422, "idempotency-mismatch")
    early = b.act("call", phone(1), key="turn-2")
    is_problem(early, 409, "turn-not-come")
    called = b.post("/v1/queues/esanjeevani/call-next", key="desk-1")
    is_problem(b.post("/v1/queues/esanjeevani/call-next", key="desk-2"), 404, "queue-empty")
    assert b.process.stop() == 0
    b.start()
    assert b.post("/v1/queues/esanjeevani/call-next", key="desk-1").raw == called.raw
    assert b.act("call", phone(1), key="turn-2").raw == early.raw  # an error is an answer too
    assert b.post("/v1/tokens", who, key="turn-1").raw == first.raw
    assert b.act("call", phone(1), key="turn-3").status == 200
    b.set_clock("2026-11-22T12:00:01+05:30")  # two days later the key is forgotten
    assert b.post("/v1/tokens", who, key="turn-1")["token"] == 1
    assert b.current(phone(1))["issued_at"] == "2026-11-22T12:00:01+05:30"


@test("the backend: forty requests at once with one key issue one token; with forty keys, forty numbers")
def at_once(case):
    b = test_clock(case)
    for n in range(40):
        b.register(phone(n))
    with concurrent.futures.ThreadPoolExecutor(40) as pool:
        same = list(pool.map(lambda _: b.post(
            "/v1/tokens", {"msisdn": phone(0), "service": "esanjeevani"}, key="once"), range(40)))
        assert {(a.status, a.raw) for a in same} == {(201, same[0].raw)}
        each = list(pool.map(lambda n: b.post(
            "/v1/tokens", {"msisdn": phone(n), "service": "esanjeevani"}, key=f"k{n}"), range(1, 40)))
    assert sorted(a["token"] for a in each) == list(range(2, 41))
    assert sorted(a["position"] for a in each) == list(range(2, 41))


@test("the backend: events reach the bridge signed, in order, with what is to be said")
def events(case):
    bridge = case.own(Bridge().start())
    bridge.delay_s = 0.05  # so that requests go on while events are on the way
    b = Backend(case, bridge, f"--test-clock={NOON}")
    for n in range(1, 6):
        b.take(phone(n))
    b.next()
    b.act("call", phone(1))
    b.post("/v1/tokens/1/used", {"prescription": True})
    b.next()
    b.post("/v1/tokens/2/missed")
    b.set_clock("2026-11-21T00:00:00+05:30")
    bridge.wait(9)
    assert [(e["type"], e["data"]) for e in bridge.of(phone(1))] == [
        ("token.called", {"token": 1, "patient_id": 1, "mode": "AUDIO",
                          "valid_until": "2026-11-20T23:59:59+05:30"}),
        ("prescription.ready", {"token": 1, "patient_id": 1, "ref": "1001"})]
    assert [(e["type"], e["data"]) for e in bridge.of(phone(2))][1:] == [
        ("token.missed", {"token": 2, "patient_id": 2, "ahead": 1, "position": 2, "wait_minutes": 3,
                          "chances_left": 1}),
        ("token.expired", {"token": 2, "patient_id": 2, "reason": "validity-over"})]
    e = bridge.of(phone(5))[0]
    assert (e["type"], e["service"], e["at"], e["data"]) == (
        "queue.position", "esanjeevani", NOON,
        {"token": 5, "patient_id": 5, "ahead": 3, "position": 4, "wait_minutes": 9}), e
    assert len({e["id"] for e in bridge.stored}) == len(bridge.stored) == 9
    assert len(bridge.tries) == 9, bridge.tries
    wait_until("nothing is pending", lambda: b.get("/healthz")["events_pending"] == 0)


@test("the backend: a bridge that is down, fails, hangs up or refuses our signature gets every event later")
def bridge_trouble(case):
    bridge = Bridge().start()
    bridge.stop()  # its port is known, nobody listens
    b = Backend(case, bridge)
    b.take(phone(1))
    b.next()
    wait_until("the bridge was missed", lambda: "bridge takes no events" in b.process.output())
    case.own(bridge).start()
    bridge.wait(1)
    bridge.script = [500, 401, 503, 0, 404, 429]
    b.post("/v1/tokens/1/used", {"prescription": True})
    bridge.wait(2)
    wait_until("it is settled", lambda: b.get("/healthz")["events_pending"] == 0)
    assert [s for _, s in bridge.tries if s] == [202, 500, 401, 503, 404, 429, 202], bridge.tries
    assert b.get("/healthz")["events_refused"] == 0


@test("the backend: an event the bridge will never take is put aside, and those behind it go on")
def refused(case):
    bridge = case.own(Bridge().start())
    bridge.script = [400]
    b = Backend(case, bridge)
    b.take(phone(1))
    b.next()
    b.post("/v1/tokens/1/used", {"prescription": True})
    bridge.wait(1)
    assert [e["type"] for e in bridge.stored] == ["prescription.ready"]
    h = wait_until("it is settled", lambda: (lambda h: h["events_pending"] == 0 and h)(b.get("/healthz")))
    assert h["events_refused"] == 1
    assert "event refused by the bridge" in b.process.output()


@test("the backend: killed at any moment, it loses no event and keeps each person's order")
def kill(case):
    bridge = case.own(Bridge().start())
    b = Backend(case, bridge)
    people = [phone(n) for n in range(12)]
    for p in people:
        b.take(p)
    for i in range(12):
        bridge.always = 503 if i % 3 == 1 else None
        t = b.next().json
        if i % 2:
            b.process.kill()
            b.start()
        b.post(f"/v1/tokens/{t['token_id']}/used", {"prescription": True})
        if i % 4 == 2:
            b.process.kill()
            b.start()
    bridge.always = None
    wait_until("nothing is pending", lambda: b.get("/healthz")["events_pending"] == 0, 30)
    for n, p in enumerate(people):
        types = [e["type"] for e in bridge.of(p)]
        assert types == ["queue.position"] * (n > 3) + ["token.called", "prescription.ready"], (n, types)
    assert not bridge.mistakes, bridge.mistakes
    assert b.process.stop() == 0


@test("the backend: events wait in the file while there is no bridge, over restarts")
def no_bridge(case):
    b = Backend(case)
    b.take(phone(1))
    b.next()
    assert b.process.stop() == 0
    bridge = case.own(Bridge().start())
    bridge.always = 503
    b.bridge = bridge
    b.start()
    wait_until("it was tried", lambda: len(bridge.tries) >= 5)
    assert b.process.stop() == 0
    bridge.always = None
    b.start()
    bridge.wait(1, seconds=2)  # a start does not sit out the waiting of the run before
    assert bridge.stored[0]["type"] == "token.called"


@test("the backend: a locked file is answered 503, nothing half done, and it goes on")
def locked(case):
    b = Backend(case)
    b.register(phone(1))
    other = sqlite3.connect(b.db, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    a = b.post("/v1/tokens", {"msisdn": phone(1), "service": "esanjeevani"}, key="k")
    is_problem(a, 503, "database-busy")
    assert a.headers["Retry-After"]
    assert b.current(phone(1)).status == 404  # reading goes on
    other.execute("ROLLBACK")
    other.close()
    assert b.post("/v1/tokens", {"msisdn": phone(1), "service": "esanjeevani"}, key="k").status == 201


@test("the backend: logs hold neither names nor numbers of people")
def private(case):
    bridge = case.own(Bridge().start())
    b = Backend(case, bridge, "--log", "debug")
    b.register(phone(12345678), name="Secretname Devi")
    b.take(phone(12345678))
    b.current(phone(12345678))
    b.next()
    bridge.wait(1)
    assert b.process.stop() == 0
    log = b.process.output()
    assert "route=/v1/tokens/current" in log
    assert phone(12345678) not in log and "Secretname" not in log and "12345678" not in log, log


@test("the backend: mistakes at the start are one sentence and exit 1")
def start_mistakes(case):
    bad = case.folder / "bad.yaml"
    bad.write_text("services: {opd: 1}\n")
    short = case.folder / "short"
    short.write_text("x\n")
    db = ["--db", case.folder / "x.db"]
    rules = ["--rules", SRCDIR / "etc/backend-rules.yaml"]
    for argv, says in [
        ([], "--db FILE is needed"), (["--nonsense"], "--help"), ([*db, "word"], "no arguments"),
        ([*db, "--bridge", "http://x"], "--secret-file"), ([*db, "--sync", "maybe"], "normal or full"),
        ([*db, "--log", "loud"], "no log level loud"), ([*db, "--test-clock=soon"], "no time such as"), ([*db, "--rules", "/nonexistent"], "/nonexistent: No such"),
        ([*db, "--rules", bad], "bad.yaml:1:"), (["--db", "/nonexistent/x", *rules], "/nonexistent/x: "),
        ([*db, *rules, "--listen", "nonsense"], "nonsense"),
        ([*db, *rules, "--bridge", "ftp://x", "--secret-file", short], "http:// or https://"),
        ([*db, *rules, "--bridge", "http://x", "--secret-file", short], "at least 8"),
    ]:
        p = subprocess.run([program("dakiya-backend"), *map(str, argv)], capture_output=True, text=True,
                           cwd=case.folder, timeout=20)
        assert p.returncode == 1 and says in p.stderr and "ready" not in p.stdout, (argv, p)
    p = subprocess.run([program("dakiya-backend"), "--version"], capture_output=True, text=True, timeout=20)
    assert p.returncode == 0 and p.stdout.startswith("dakiya-backend ")
    assert "--bridge" in subprocess.run([program("dakiya-backend"), "--help"], capture_output=True, text=True,
                                        timeout=20).stdout


@test("the backend: docs/backend-api.yaml names exactly the program's routes and problem codes")
def document(case):
    text = (SRCDIR / "docs/backend-api.yaml").read_text()

    def lines(option):
        out = subprocess.run([program("dakiya-backend"), option], capture_output=True, text=True, timeout=20)
        return set(out.stdout.split("\n")) - {""}

    written, path = set(), None
    in_paths = False
    for line in text.split("\n"):
        if re.match(r"\S", line):
            in_paths = line.startswith("paths:")
        if in_paths and (m := re.match(r"  (/\S*):$", line)):
            path = m.group(1)
        if in_paths and (m := re.match(r"    (get|post|put|delete|patch):$", line)):
            written.add(f"{m.group(1).upper()} {path}")
    assert written == lines("--routes"), written ^ lines("--routes")
    codes = set(re.findall(r"^ *\| (\d\d\d) \| `([a-z-]+)`", text, re.M))
    served = {tuple(x.split(" ")) for x in lines("--problems")}
    assert codes == served, codes ^ served
