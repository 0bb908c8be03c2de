# SPDX-License-Identifier: BSD-2-Clause
"""Bihar and CGHS in the reference backend over real HTTP: hours, closing, sub-centres; beneficiaries,
specialities, referral. The tables are the test vectors of the sources' digest; times are IST."""
import re

from backend_parts import Backend, Bridge, is_problem, phone
from harness import SRCDIR, test

# Saturday, Sunday, Monday; the Thursday of the newspaper report.
HOURS = [("2023-01-21T15:59:59", True), ("2023-01-21T16:00:00", False), ("2023-01-22T10:00:00", False),
         ("2023-01-23T08:59:59", False), ("2023-01-23T09:00:00", True), ("2023-01-19T16:23:00", False)]
CGHS_HOURS = [("2023-01-23T08:59:59", False), ("2023-01-23T09:00:00", True), ("2023-01-23T11:59:59", True),
              ("2023-01-23T12:00:00", False), ("2023-01-22T10:00:00", False)]


def ist(text):
    return text + "+05:30"


def start(case, at, bridge, name, service, rules):
    """A backend whose clock stands at `at`; rules: values that one service's rules shall have instead."""
    text = (SRCDIR / "etc/backend-rules.yaml").read_text()
    head, mine = text.split(f"\n  {service}:\n", 1)
    for key, value in rules.items():
        mine, n = re.subn(rf"( {key}: {{value: )[^,]*", rf"\g<1>{value}", mine, count=1)
        assert n == 1, key
    path = case.folder / f"{name}.rules.yaml"
    path.write_text(f"{head}\n  {service}:\n{mine}")
    return Backend(case, bridge, f"--test-clock={ist(at)}", "--rules", path, "--lists",
                   SRCDIR / "etc/backend-lists.yaml", name=name)


def bihar(case, at, bridge=None, name="backend", **rules):
    return start(case, at, bridge, name, "bihar", rules)


def cghs(case, at, bridge=None, name="backend", **rules):
    return start(case, at, bridge, name, "cghs", rules)


# ---- Bihar ----

@test("Bihar gives tokens Monday to Saturday from 9 to 16, and names the hours when it is closed")
def hours(case):
    b = bihar(case, HOURS[0][0])
    for n, (at, is_open) in enumerate(HOURS, 1):
        b.set_clock(ist(at))
        a = b.register(phone(n), "bihar")
        assert ("token" in a.json) == is_open, (at, a)
        a = b.post("/v1/tokens", {"msisdn": phone(n), "service": "bihar"})
        if is_open:
            assert a.status == 200 and a["state"] == "WAITING", (at, a)
        else:
            is_problem(a, 409, "service-closed",
                       hours={"weekdays": [1, 2, 3, 4, 5, 6], "open": "09:00", "close": "16:00"})
            assert "next_open" in a.json


@test("Bihar for somebody with another number: the hours are known before the questions, and the token is the asker's")
def other_person(case):
    b = bihar(case, "2023-01-21T15:59:59")
    me, other = "919812345678", "919812345699"
    ask = lambda: b.get(f"/v1/proxy?service=bihar&msisdn={me}&other_number={other[2:]}")
    assert (ask().status, ask()["open"], ask()["other_number"]) == (200, True, other)
    a = b.register(me, "bihar", other_number=other[2:])
    t = b.post("/v1/tokens", {"msisdn": me, "service": "bihar", "patient_id": a["patient_id"]})
    assert (t.status, t["token"], t["state"]) == (200, a["token"]["token"], "WAITING"), t
    is_problem(b.get(f"/v1/proxy?service=bihar&msisdn={me}&other_number={me[2:]}"), 409, "own-number")
    b.set_clock(ist("2023-01-21T16:00:00"))
    assert ask()["open"] is False


@test("Bihar is closed on the holidays that the rules list")
def holidays(case):
    b = bihar(case, "2023-01-26T10:00:00")
    assert "token" in b.register(phone(1), "bihar").json
    text = (SRCDIR / "etc/backend-rules.yaml").read_text()
    path = case.folder / "holidays.yaml"
    path.write_text(text.replace('close: "16:00", holidays: []', 'close: "16:00", holidays: [2023-01-26]'))
    b = Backend(case, None, "--test-clock=" + ist("2023-01-26T10:00:00"), "--rules", path, name="holiday")
    b.register(phone(1), "bihar")
    is_problem(b.post("/v1/tokens", {"msisdn": phone(1), "service": "bihar"}), 409, "service-closed",
               next_open="2023-01-27T09:00:00+05:30")


@test("issue_before_open gives a token of the same day before 9, and on no other day")
def before_open(case):
    b = bihar(case, "2023-01-23T08:59:59", issue_before_open="true")
    a = b.register(phone(1), "bihar")
    assert a["token"]["token"] == 1 and "service_day" not in a["token"], a
    b.set_clock(ist("2023-01-22T10:00:00"))
    assert b.register(phone(2), "bihar")["token_problem"] == "service-closed"
    b.set_clock(ist("2023-01-23T16:00:00"))
    assert b.register(phone(3), "bihar")["token_problem"] == "service-closed"


@test("issue_outside_hours: next_service_day gives a token for the next day of service, behind nobody of today")
def next_day(case):
    bridge = case.own(Bridge().start())
    b = bihar(case, "2023-01-21T15:00:00", bridge, issue_outside_hours="next_service_day")
    for n in range(1, 6):
        b.take(phone(n), "bihar")
    b.set_clock(ist("2023-01-21T16:00:00"))
    for n in range(11, 16):
        t = b.register(phone(n), "bihar")["token"]
        assert (t["service_day"], t["token"], t["position"]) == ("2023-01-23", n - 10, n - 10), t
        assert t["valid_until"] == "2023-01-23T23:59:59+05:30", t
    is_problem(b.next("bihar"), 409, "service-closed")
    b.set_clock(ist("2023-01-22T00:00:00"))  # today's five end; nobody of Monday hears of a turn at midnight
    b.set_clock(ist("2023-01-23T08:59:59"))
    is_problem(b.next("bihar"), 409, "service-closed")
    b.set_clock(ist("2023-01-23T09:00:00"))
    assert b.current(phone(11), "bihar")["position"] == 1
    a = b.next("bihar")
    assert (a["token"], a["msisdn"]) == (1, phone(11)), a
    bridge.wait(5 + 5 + 2)
    told = [e["type"] for n in range(11, 16) for e in bridge.of(phone(n))]
    assert sorted(told) == ["queue.position", "token.called"], told


@test("a token of a later day is not called today")
def later_day(case):
    b = bihar(case, "2023-01-21T16:00:00", issue_outside_hours="next_service_day", call_outside_hours="true")
    assert b.register(phone(1), "bihar")["token"]["service_day"] == "2023-01-23"
    is_problem(b.next("bihar"), 404, "queue-empty")
    b.set_clock(ist("2023-01-23T08:00:00"))
    assert b.next("bihar").status == 200


@test("who still waits at closing is told once, keeps the token till midnight and is not told again then")
def closing(case):
    bridge = case.own(Bridge().start())
    b = bihar(case, "2023-01-21T15:59:59", bridge)
    for n in range(1, 4):
        b.take(phone(n), "bihar")
    b.next("bihar")
    assert b.post("/v1/admin/tick")["next_due"] == "2023-01-21T16:00:00+05:30"
    b.set_clock(ist("2023-01-21T16:00:00"))
    bridge.wait(1 + 2)
    assert [e["type"] for e in bridge.of(phone(1))] == ["token.called"]
    for n in (2, 3):
        (e,) = bridge.of(phone(n))
        assert (e["type"], e["service"], e["data"]["token"]) == ("consultation.closing", "bihar", n), e
        assert e["data"]["next_open"] == "2023-01-23T09:00:00+05:30", e
    is_problem(b.next("bihar"), 409, "service-closed")
    assert b.current(phone(2), "bihar")["state"] == "WAITING"
    assert b.act("call", phone(1), "bihar")["state"] == "IN_CONSULT"  # called inside the hours
    b.post("/v1/admin/tick")
    b.set_clock(ist("2023-01-22T00:00:00"))
    bridge.wait(3 + 2)
    assert [e["data"].get("reason") for e in bridge.of(phone(2))] == [None, "told-at-closing"], bridge.of(phone(2))


@test("a backend that was down at closing tells of the day's end only")
def closing_missed(case):
    bridge = case.own(Bridge().start())
    b = bihar(case, "2023-01-21T15:59:59", bridge)
    b.take(phone(1), "bihar")
    b.set_clock(ist("2023-01-22T08:00:00"))
    bridge.wait(1)
    assert [(e["type"], e["data"]["reason"]) for e in bridge.of(phone(1))] == [("token.expired", "validity-over")]


@test("sub-centres are found by PIN code, by block in both scripts, and by other spellings")
def subcentres(case):
    b = bihar(case, HOURS[0][0])
    for query, count, first in [("pin=801505", 2, "फुलवारी"), ("pin=824234", 1, "बकरौर"),
                                ("block=Bodh%20Gaya", 2, "भगवानपुर"), ("block=bodhgaya", 2, "भगवानपुर"), ("block=824%20231", 2, "भगवानपुर"),
                                ("block=%E0%A5%AE%E0%A5%A6%E0%A5%A7%E0%A5%AB%E0%A5%A6%E0%A5%AB", 2, "फुलवारी"),
                                ("block=%E0%A4%AC%E0%A5%8B%E0%A4%A7%E0%A4%97%E0%A4%AF%E0%A4%BE", 2, "भगवानपुर")]:
        a = b.get(f"/v1/subcentres?{query}")
        assert (a.status, a["count"], a["subcentres"][0]["name"]) == (200, count, first), (query, a)
    a = b.get("/v1/subcentres?pin=824231&lang=en")
    assert a["subcentres"][0] == {"name": "Bhagwanpur", "block": "Bodh Gaya", "district": "Gaya"}, a
    is_problem(b.get("/v1/subcentres?pin=999999"), 404, "no-subcentre")
    is_problem(b.get("/v1/subcentres?block=Nowhere"), 404, "no-subcentre")
    for bad in ("", "?pin=12345", "?pin=80150x", "?pin=801505&block=Gaya"):
        is_problem(b.get("/v1/subcentres" + bad), 400, "invalid-field", field="pin")


# ---- CGHS ----

NOW = "2026-11-20T10:00:00"  # a Friday
MINUTE_AGO = ist("2026-11-20T09:59:00")
BORN_1967, BORN_1950, BORN_1985, NCR, BIHAR, ENDED = ("1000101", "1000102", "1000103", "1000104", "1000105", "1000106")


def member(b, n, beneficiary=BORN_1985, verified=MINUTE_AGO, expect=(200, 201), **more):
    return b.register(phone(n), "cghs", expect, beneficiary_id=beneficiary, mobile_verified_at=verified, **more)


def token(b, n, speciality="EYE", **more):
    return b.post("/v1/tokens", {"msisdn": phone(n), "service": "cghs", "mode": "AUDIO", "speciality": speciality,
                                 **more})


@test("CGHS: referral is needed below the senior age, and not from it on")
def referral(case):
    # born 1967-03-01: 59 on 2026-11-20, 60 on 2027-03-01; born 1950-05-05: 76; 74 on 2025-01-01
    table = [({}, BORN_1967, NOW, None, False), ({}, BORN_1967, NOW, False, False), ({}, BORN_1967, NOW, True, True),
             ({}, BORN_1967, "2027-02-27T10:00:00", None, False), ({}, BORN_1967, "2027-03-01T10:00:00", None, True),
             ({"senior_age": 75}, BORN_1950, "2025-01-01T10:00:00", None, False),
             ({"senior_age": 75}, BORN_1950, "2025-05-05T10:00:00", None, True),
             ({"senior_age": 70}, BORN_1950, "2025-01-01T10:00:00", None, True),
             ({"referral_required_for_teleconsult": "false"}, BORN_1985, NOW, None, True)]
    for i, (rules, who, at, referred, allowed) in enumerate(table):
        b = cghs(case, at, name=f"b{i}", **rules)
        member(b, 1, who, ist(at))
        a = token(b, 1, **({} if referred is None else {"referral": referred}))
        if allowed:
            assert a.status == 201, (i, a)
        else:
            is_problem(a, 403, "referral-needed")
        b.process.stop()


@test("CGHS: a token is refused before the mobile is verified, and again when that was too long ago")
def verified(case):
    b = cghs(case, NOW)
    is_problem(b.register(phone(1), "cghs", (403,), beneficiary_id=BORN_1985), 403, "mobile-not-verified")
    is_problem(token(b, 1, referral=True), 404, "not-registered")
    for bad in ("yesterday", 1, ist("2026-11-20T10:11:00")):
        is_problem(member(b, 1, verified=bad, expect=(400,)), 400, "invalid-field", field="mobile_verified_at")
    member(b, 1)
    assert token(b, 1, referral=True).status == 201
    b.set_clock(ist("2027-05-21T10:00:00"))
    assert b.get(f"/v1/services/cghs/member?msisdn={phone(1)}")["mobile_verified"] is False
    is_problem(token(b, 1, referral=True), 403, "mobile-not-verified")
    assert token(b, 1, referral=True, mobile_verified_at=ist("2027-05-21T09:59:00")).status == 201
    assert b.get(f"/v1/services/cghs/member?msisdn={phone(1)}")["mobile_verified"] is True


@test("CGHS: beneficiaries are those of the list; spaces, hyphens and case do not matter")
def beneficiaries(case):
    b = cghs(case, NOW)
    for bad in ("123", "x" * 21, "12_345", "", None, 1000103):
        a = member(b, 1, bad, expect=(400,))
        is_problem(a, 400, "invalid-field", field="beneficiary_id")
    for unknown in ("9999999", ENDED):
        is_problem(member(b, 1, unknown, expect=(404,)), 404, "unknown-beneficiary")
    is_problem(b.get(f"/v1/services/cghs/member?msisdn={phone(1)}"), 404, "not-registered")
    a = member(b, 1, "p-2000 777", expect=(201,))
    assert a["centre"] == {"hi": "कालीबाड़ी", "en": "Kali Bari"}, a
    a = b.get(f"/v1/services/cghs/member?msisdn={phone(1)}")
    assert (a["mobile_verified"], a["referral_needed"], a["patient_id"]) == (True, False, 1), a
    is_problem(b.get("/v1/services/cghs/member?msisdn=1"), 400, "invalid-field", field="msisdn")


@test("CGHS: four specialities with a line each, and no other")
def specialities(case):
    b = cghs(case, NOW)
    service = b.get("/v1/services")["services"][-1]
    assert [s["speciality"] for s in service["specialities"]] == ["MED", "ORT", "EYE", "ENT"], service
    assert [q["service"] for q in b.get("/v1/queues")["queues"]] == [
        "esanjeevani", "bihar", "cghs-med", "cghs-ort", "cghs-eye", "cghs-ent"]
    for n, code in enumerate(["EYE", "EYE", "ENT", "MED", "ORT"], 1):
        member(b, n)
        a = token(b, n, code, referral=True)
        assert (a.status, a["service"], a["speciality"], a["queue"]) == (201, "cghs", code, f"cghs-{code.lower()}"), a
        assert (a["token"], a["position"], a["ack_layout"]) == ((2, 2, "one") if n == 2 else (1, 1, "one")), a
    for bad in ("skin", "SKIN", "EYE-", "eye2"):
        is_problem(token(b, 1, bad, referral=True), 422, "unknown-speciality")
    is_problem(b.post("/v1/tokens", {"msisdn": phone(1), "service": "cghs", "referral": True}), 400,
               "invalid-field", field="speciality")
    is_problem(b.next("cghs"), 404, "unknown-service")
    assert b.next("cghs-eye")["token"] == 1
    assert b.current(phone(1), "cghs")["state"] == "CALLED"
    assert token(b, 1, "ENT", referral=True)["position"] == 2  # a second one, of another speciality
    assert b.current(phone(1), "cghs")["speciality"] == "EYE"  # whose turn it is comes first
    a = b.get(f"/v1/tokens/current?service=cghs&msisdn={phone(1)}&lang=en")
    assert "CGHS Eye" in a["label"] and a["held"] == 1, a
    a = b.get(f"/v1/tokens?msisdn={phone(1)}&lang=en")
    assert [(t["state"], t["service"], t["position"], t["wait_minutes"]) for t in a["tokens"]] == [
        ("CALLED", "cghs", 0, 0), ("WAITING", "cghs", 2, 5)], a
    assert "CGHS Ear" in a["tokens"][1]["label"] and a["left"] == 1, a
    b.take(phone(1), "esanjeevani")
    a = b.current(phone(1), "cghs")
    assert (a["other_service"], a["other_token"], a["held"]) == ("esanjeevani", 1, 2), a
    assert b.current(phone(1))["other_service"] == "cghs"
    again = {"msisdn": phone(1), "service": "esanjeevani"}
    assert "label" not in b.post("/v1/tokens", again).json
    assert b.post("/v1/tokens", {**again, "lang": "hi"})["label"].endswith(", ई-संजीवनी ओपीडी")


@test("CGHS: working days from 9 to 12")
def cghs_hours(case):
    for i, (weekdays, rows) in enumerate([("[1, 2, 3, 4, 5, 6]", CGHS_HOURS + [("2023-01-21T10:00:00", True)]),
                                          ("[1, 2, 3, 4, 5]", [("2023-01-21T10:00:00", False)])]):
        text = (SRCDIR / "etc/backend-rules.yaml").read_text()
        path = case.folder / f"days{i}.yaml"
        path.write_text(text.replace('[1, 2, 3, 4, 5, 6], open: "09:00", close: "12:00"',
                                     f'{weekdays}, open: "09:00", close: "12:00"'))
        b = Backend(case, None, "--test-clock=" + ist(rows[0][0]), "--rules", path, "--lists",
                    SRCDIR / "etc/backend-lists.yaml", name=f"days{i}")
        for n, (at, is_open) in enumerate(rows, 1):
            b.set_clock(ist(at))
            member(b, n, verified=ist(at))
            a = token(b, n, referral=True)
            if is_open:
                assert a.status == 201, (at, a)
            else:
                is_problem(a, 409, "service-closed")
                assert a["hours"]["close"] == "12:00"


@test("CGHS: regions are asked about only when enforce_region says so")
def regions(case):
    b = cghs(case, NOW)
    member(b, 1, BIHAR, expect=(201,))
    b = cghs(case, NOW, name="enforced", enforce_region="true")
    is_problem(member(b, 1, BIHAR, expect=(403,)), 403, "region-not-served")
    member(b, 1, NCR, expect=(201,))


@test("CGHS: ack_layout stands in the token, and the e-prescription names the own wellness centre")
def prescription(case):
    bridge = case.own(Bridge().start())
    b = cghs(case, NOW, bridge, ack_layout="split")
    member(b, 1, BORN_1950)
    t = token(b, 1, "ORT")
    assert t["ack_layout"] == "split", t
    b.next("cghs-ort")
    assert b.post(f"/v1/tokens/{t['token_id']}/used", {"prescription": True}).status == 200
    bridge.wait(2)
    called, ready = bridge.of(phone(1))
    assert (called["service"], called["data"]["speciality"]) == ("cghs", "ORT"), called
    assert ready["type"] == "prescription.ready" and ready["service"] == "cghs", ready
    assert ready["data"]["centre"] == {"hi": "कालीबाड़ी", "en": "Kali Bari"}, ready


@test("lists with mistakes stop the start, with the place of each")
def bad_lists(case):
    path = case.folder / "lists.yaml"
    for text, says in [("subcentres: [{name: x}]\n", "must be {hi"), ("subcentres: 1\n", "must be a list"),
                       ('cghs_beneficiaries: [{id: "12", born: 2000-01-01, region: DL, centre: A}]\n', "4 to 20"),
                       ('cghs_beneficiaries: [{id: "1234", born: never, region: DL, centre: A}]\n', "must be a date"),
                       ('cghs_beneficiaries: [{id: "1234", born: 2000-01-01, region: DL, centre: A}]\n', "contradict"),
                       ("a: [\n", "lists.yaml:")]:
        path.write_text(text)
        try:
            Backend(case, None, "--lists", path, name="bad")
        except AssertionError:
            log = (case.folder / "bad.log").read_text()
            assert says in log, (says, log)
            continue
        raise AssertionError(f"started with {text}")
