# SPDX-License-Identifier: BSD-2-Clause
"""The schemes' API over real HTTP: PM-JAY estimate, look-up, hospitals, grievances."""
import re
import sqlite3
import subprocess
import time
from urllib.parse import quote

from backend_parts import Backend, is_problem, phone
import harness
from harness import SRCDIR, program, test

NOW = "2026-11-22T10:00:00+05:30"


def seed(case, *more, name="backend"):
    """A seeded database for a backend of this name."""
    db = case.folder / f"{name}.db"
    done = subprocess.run([program("dakiya-backend"), "seed", "--db", db, "--rules",
                           SRCDIR / "etc/backend-rules.yaml", f"--test-clock={NOW}", *more],
                          capture_output=True, text=True, timeout=60 * harness.SLOWER)
    return db, done


def start(case, seeded=True):
    if seeded:
        done = seed(case)[1]
        assert done.returncode == 0, done
    return Backend(case, None, f"--test-clock={NOW}")


def estimate(b, **body):
    a = b.post("/v1/pmjay/estimate", body)
    assert a.status == 200, a
    # 4.7: no result without its disclaimer, the helplines and where to verify.
    assert a["estimate_only"] is True and a["helplines"] == ["14555", "1800-111-565"], a
    assert a["verify_url"] == "https://pmjay.gov.in/search/login" and "SECC 2011" in a["disclaimer"]["en"], a
    assert "अनुमान" in a["disclaimer"]["hi"] and a["rules_version"] == "seed", a
    return a


@test("the backend: PM-JAY estimates by the algorithm, always with the disclaimer")
def vectors(case):
    b = start(case, seeded=False)
    family, topup, no = "LIKELY_ELIGIBLE_FAMILY", "LIKELY_ELIGIBLE_FAMILY_PLUS_TOPUP", "LIKELY_NOT_ELIGIBLE"
    members = lambda *ages: [{"age": a, "sex": "M"} for a in ages]
    rows = [
        (1, {"area": "RURAL", "categories": ["R4"]}, family),
        (2, {"area": "RURAL", "categories": ["R6"], "has_70plus": True}, topup),
        (3, {"area": "RURAL", "categories": ["R5"], "income_rs": 120001}, no),
        (4, {"area": "RURAL", "categories": ["R5"], "income_rs": 120000}, family),
        (5, {"area": "URBAN", "categories": ["U3"], "scooter_cc": 150}, family),
        (6, {"area": "URBAN", "categories": ["U3"], "scooter_cc": 151}, no),
        (7, {"area": "URBAN", "exclusions": ["X3"], "has_70plus": True}, "SENIOR_ONLY"),
        (8, {"area": "URBAN"}, "NOT_MATCHED"),
        (9, {"area": "URBAN", "categories": ["R4"]}, "NOT_MATCHED"),
        (10, {"area": "RURAL", "categories": ["U1"]}, "NOT_MATCHED"),
        (11, {"area": "URBAN", "members": [{"born": "1956-11-23"}]}, "NOT_MATCHED"),
        (12, {"area": "URBAN", "members": [{"born": "1956-11-22"}]}, "SENIOR_ONLY"),
        (13, {"area": "RURAL", "members": members(15, 60)}, family),
        (14, {"area": "RURAL", "members": members(16)}, "NOT_MATCHED"),
        (14, {"area": "RURAL", "members": members(59, 80)}, "SENIOR_ONLY"),
        (15, {"area": "RURAL", "categories": ["R7"], "government_employee": True,
              "other_medical_cover": False}, family),
        (15, {"area": "RURAL", "categories": ["R7"], "government_employee": True, "formal_job": True}, no),
        (0, {"area": "RURAL", "unanswered": True}, "INSUFFICIENT"),
        (0, {}, "INSUFFICIENT"),
    ]
    for number, body, result in rows:
        a = estimate(b, **body)
        assert a["result"] == result, (number, a)
    # As packs send it: words from a pick.
    a = estimate(b, area="RURAL", categories="R4,R6", exclusions="-", has_70plus="yes")
    assert (a["result"], a["matched"], a["cover_rs"], a["senior_topup_rs"]) == (topup, ["R4", "R6"], 500000, 500000)
    a = estimate(b, area="?", categories="?", has_70plus="no")
    assert (a["result"], a["cover_rs"]) == ("INSUFFICIENT", 0), a
    a = estimate(b, area="URBAN", categories="U1,R4", exclusions="X2,X9")
    assert (a["matched"], a["excluded_by"], a["ignored"]) == (["U1"], ["X2"], ["R4", "X9"]), a
    a = estimate(b, area="URBAN")
    assert a["advice"] == ["STATE_WIDER_COVER", "STATE_SCHEME", "SECC_CRITERIA", "LOCAL_HEALTH_DEPARTMENT"], a
    for field, body in [("area", {"area": "CITY"}), ("categories", {"categories": 5}), ("categories", {"categories": [5]}),
                        ("members", {"members": {}}), ("members", {"members": [{}]}),
                        ("members", {"members": [{"born": "2027-01-01"}]}), ("born", {"members": [{"born": "x"}]}),
                        ("members", {"members": [{"age": 1}] * 41}), ("income_rs", {"income_rs": -1}),
                        ("income_rs", {"income_rs": "many"}), ("has_70plus", {"has_70plus": "perhaps"})]:
        is_problem(b.post("/v1/pmjay/estimate", body), 400, "invalid-field", field=field)


@test("the backend: every number of PM-JAY can be read with its source")
def facts(case):
    b = start(case, seeded=False)
    a = b.get("/v1/schemes/pmjay")
    assert a.status == 200 and a["from"] == "2024-09-01" and a["name"]["hi"] == "आयुष्मान भारत", a
    want = {"cover_rs": 500000, "senior_age": 70, "senior_topup_rs": 500000, "income_limit_rs": 120000,
            "scooter_cc_limit": 150, "working_age": [16, 59], "pre_days": 3, "post_days": 15,
            "min_admission_hours": 24, "opd_covered": False, "waiting_days": 0, "procedures": 1592,
            "hospitals_more_than": 27000, "card_fee_rs": 0, "print_fee_note": False, "launched": "2018-09-23",
            "families": "12 crore+", "portable": True, "family_limit": False, "ration_card_blocks": False,
            "whatsapp": "9311-111-144", "email": "support.pmjay@nha.gov.in", "grievance_site": "cgrms.pmjay.gov.in",
            "check_url": "https://beneficiary.nha.gov.in", "exclusions": ["X1", "X2", "X3", "X4", "X5", "X6"]}
    for name, value in want.items():
        assert a["rules"][name]["value"] == value, (name, a["rules"][name])
    assert all(r["source"] for r in a["rules"].values())
    assert len(a["rules"]["specialities"]["value"]) == 27 and len(a["rules"]["cover_items"]["value"]) == 9
    assert len(a["rules"]["documents_mandatory"]["value"]) == len(a["rules"]["documents_optional"]["value"]) == 4
    is_problem(b.get("/v1/schemes/rsby"), 404, "unknown-service")


def rows(case, sql, *args):
    con = sqlite3.connect(case.folder / "backend.db")
    try:
        return con.execute(sql, args).fetchall()
    finally:
        con.close()


@test("the backend: a PM-JAY record is told to the registered mobile only, after a one-time code, and masked")
def lookup(case):
    b = start(case)
    look = lambda msisdn, **more: b.post("/v1/pmjay/lookup", {"msisdn": msisdn, "mobile_verified_at": NOW, **more})
    # Beside the counted ones of the answer: what the table says.
    family, msisdn, card, state = rows(case, """SELECT family_id, msisdn, ration_card, state FROM pmjay_family
        JOIN pmjay_district USING (district_id) WHERE msisdn IS NOT NULL GROUP BY msisdn HAVING count(*) = 1 LIMIT 1""")[0]
    members, cards = rows(case, "SELECT count(*), sum(has_card) FROM pmjay_beneficiary WHERE family_id = ?", family)[0]
    a = look(msisdn)
    assert (a.status, a["members"], a["cards"], a["state"], a["cover_rs"]) == (200, members, cards, state, 500000), a
    assert a["helplines"] == ["14555", "1800-111-565"] and a["cards_made"] == f"{cards}/{members}", a
    assert a["card"] == ("NOT_MADE" if cards == 0 else "MADE" if cards == members else "SOME"), a
    eldest, = rows(case, "SELECT name FROM pmjay_beneficiary WHERE family_id = ? ORDER BY born, pmjay_id LIMIT 1", family)[0]
    assert re.fullmatch(r"[\u0900-\u097f]{1,3}\*\* [\u0900-\u097f]{1,3}\*\*", a["name"]) and a["name"][0] == eldest[0], a
    assert not any(word in str(a.json) for word in eldest.split()), a
    assert "district" not in a.json and str(msisdn) not in str(a.json), a
    assert look(msisdn, lang="en")["state_name"].isascii() and not a["state_name"].isascii(), a
    pmjay_id = rows(case, "SELECT pmjay_id FROM pmjay_beneficiary WHERE family_id = ?", family)[0][0]
    for given in ({"id": card}, {"id": card[:4].lower() + " " + card[4:]}, {"state": state}, {"id": card, "state": state}):
        assert look(msisdn, **given).json == a.json, given
    for pmjay_id, name, has_card in rows(case, "SELECT pmjay_id, name, has_card FROM pmjay_beneficiary WHERE family_id = ?",
                                         family):
        one = look(msisdn, id=pmjay_id)  # the member himself
        assert one["card"] == ("MADE" if has_card else "NOT_MADE") and one["name"][0] == name[0], one
    is_problem(look(phone(99999999), id=pmjay_id), 404, "no-record")  # another's id: as if it were not there
    is_problem(look(phone(99999999)), 404, "no-record")
    is_problem(look(msisdn, id="ZZ999999"), 404, "no-record")
    is_problem(look(msisdn, state="Goa" if state != "GA" else "Bihar"), 404, "no-record")
    is_problem(b.post("/v1/pmjay/lookup", {"msisdn": msisdn}), 403, "mobile-not-verified")
    is_problem(look(msisdn, mobile_verified_at="2026-11-21T22:00:00+05:30"), 403, "mobile-not-verified")  # 12 hours
    assert look(msisdn, mobile_verified_at="2026-11-21T22:00:01+05:30").status == 200
    for when in ("soon", "2026-11-22T10:20:00+05:30"):
        is_problem(look(msisdn, mobile_verified_at=when), 400, "invalid-field", field="mobile_verified_at")
    is_problem(look(msisdn, id="2345 6789 0124"), 400, "invalid-field", field="id")  # Aadhaar: never
    is_problem(look(msisdn, id="a/b"), 400, "invalid-field", field="id")
    is_problem(look(msisdn, state="Atlantis"), 400, "invalid-field", field="state")
    is_problem(look("12"), 400, "invalid-field", field="msisdn")
    # Two families with one mobile: the id tells them apart.
    shared = rows(case, "SELECT msisdn FROM pmjay_family WHERE msisdn IS NOT NULL GROUP BY 1 HAVING count(*) = 2")[0][0]
    is_problem(look(shared), 409, "several-records")
    for card, in rows(case, "SELECT ration_card FROM pmjay_family WHERE msisdn = ?", shared):
        assert look(shared, id=card).status == 200
    # Seniors are those who have had their 70th birthday today.
    family = rows(case, "SELECT family_id FROM pmjay_family WHERE msisdn = ?", msisdn)[0][0]
    con = sqlite3.connect(case.folder / "backend.db")
    days = {"1956-11-22": 1, "1956-11-23": 0}
    for born, seniors in days.items():
        con.execute("UPDATE pmjay_beneficiary SET born = julianday(?) - julianday('1970-01-01') WHERE family_id = ?",
                    (born, family))
        con.commit()
        assert look(msisdn)["seniors"] == (members if seniors else 0), born
    con.close()


@test("the backend: hospitals by PIN code, district and state, active only, page by page")
def hospitals(case):
    b = start(case)
    find = lambda **q: b.get("/v1/pmjay/hospitals?" + "&".join(f"{k}={v}" for k, v in q.items()))
    for place in ("Patna", "patna", "%E0%A4%AA%E0%A4%9F%E0%A4%A8%E0%A4%BE", "Patna,%20Bihar", "Bihar,%20Patna", "patn"):
        a = find(place=place, lang="en", limit=20)
        assert a.status == 200 and a["hospitals"][0]["name"] == "District Hospital", (place, a)
        assert {h["district"] for h in a["hospitals"]} == {"Patna"} and a["count"] == a["total"], a
    first = a["hospitals"][0]
    assert first["label"] == f"District Hospital {first['pin']}", first
    con = sqlite3.connect(case.folder / "backend.db")
    con.execute("UPDATE pmjay_hospital SET name_hi = 'श्री सत्य साईं उच्चतर चिकित्सा विज्ञान संस्थान' WHERE hospital_id = ?",
                (first["hospital_id"],))
    con.commit()
    con.close()
    label = find(place="Patna")["hospitals"][0]["label"]
    assert label == f"श्री सत्य साईं उच्चतर {first['pin']}" and len(label) <= 30, label
    assert find(place="Gaya")["hospitals"][0]["name"] == "जिला अस्पताल"
    active, = rows(case, "SELECT count(*) FROM pmjay_hospital JOIN pmjay_district d USING (district_id)"
                         " WHERE status = 'ACTIVE' AND d.name_en = 'Patna'")[0]
    assert find(district="Patna")["total"] == active
    idle, = rows(case, "SELECT count(*) FROM pmjay_hospital WHERE status <> 'ACTIVE'")[0]
    assert idle > 0  # else this test would prove nothing
    everywhere = sum(find(state=s)["total"] for s, in rows(case, "SELECT DISTINCT state FROM pmjay_district"))
    assert everywhere == 200 - idle
    # Pages: all of them, each once, two at a time.
    seen, page = [], 1
    while True:
        a = find(state="BR", page=page)
        seen += [h["hospital_id"] for h in a["hospitals"]]
        if not a["more"]:
            break
        assert a["next_page"] == page + 1 and a["count"] == 2
        page += 1
    assert len(seen) == len(set(seen)) == a["total"] > 2 and a["next_page"] == 1
    # A PIN code: the nearest of the same area first.
    pins = [h["pin"] for h in find(place=800020, limit=20)["hospitals"]]
    assert pins and all(p // 1000 == 800 for p in pins) and pins == sorted(pins, key=lambda p: abs(p - 800020)), pins
    assert find(pin=800020, limit=20)["hospitals"] == find(place=800020, limit=20)["hospitals"]
    a = find(state="BR", speciality="CARDIO", limit=20)
    some = {i for i, in rows(case, "SELECT hospital_id FROM pmjay_hospital_speciality WHERE code = 'CARDIO'")}
    assert a["hospitals"] and {h["hospital_id"] for h in a["hospitals"]} <= some and a["total"] < len(seen)
    assert find(state="BR", speciality="ANY")["total"] == len(seen)
    assert find(place=999999)["total"] == 0
    for place in ("Atlantis", "Bilaspur", "pa", "012345"):  # Bilaspur: of two states
        is_problem(find(place=place), 404, "unknown-place")
    assert find(place="Bilaspur,%20HP").status == find(district="Bilaspur", state="CG").status == 200
    is_problem(find(), 400, "invalid-field", field="place")
    is_problem(find(state="Atlantis"), 400, "invalid-field", field="state")
    is_problem(find(place="Patna", speciality="MAGIC"), 400, "invalid-field", field="speciality")
    is_problem(find(place="Patna", page=0), 400, "invalid-field", field="page")
    is_problem(find(place="Patna", limit=21), 400, "invalid-field", field="limit")
    is_problem(find(pin=12), 400, "invalid-field", field="pin")


@test("the backend: a place is known, or what is written like it is named")
def places(case):
    b = start(case)
    ask = lambda place, lang="en": b.get(f"/v1/pmjay/places?place={quote(place)}&lang={lang}")
    for place, kind in (("Patna", "DISTRICT"), ("पटना", "DISTRICT"), ("patn", "DISTRICT"), ("Bilaspur, HP", "DISTRICT"),
                        ("Bilaspur Himachal Pradesh", "DISTRICT"), ("बिलासपुर हिमाचल प्रदेश", "DISTRICT"), ("Bihar Patna", "DISTRICT"),
                        ("Banaras", "DISTRICT"), ("इलाहाबाद", "DISTRICT"), ("Bangalore", "DISTRICT"), ("North Goa", "DISTRICT"),
                        ("Bihar", "STATE"), ("दिल्ली", "STATE"), ("Andaman & Nicobar", "STATE"), ("800001", "PIN"),
                        ("८००००१", "PIN"), ("800 001", "PIN"), ("Patna 800001", "PIN")):
        a = ask(place)
        assert (a.status, a["kind"]) == (200, kind), (place, a)
        assert b.get(f"/v1/pmjay/hospitals?place={quote(place)}").status == 200, place
    for place in ("999999", "012345", "80000", "8000011", "५"):
        is_problem(ask(place), 404, "unknown-pin")
    two = [("Bilaspur, Chhattisgarh", "Bilaspur, CG"), ("Bilaspur, Himachal Pradesh", "Bilaspur, HP")]
    for place, labels in (("Bilaspur", two), ("Bilaspr", two), ("Bilaspr HP", two[1:]), ("Ptna", [("Patna, Bihar", "Patna, BR")]),
                          ("मुजफरपुर", [("Muzaffarpur, Bihar", "Muzaffarpur, BR")]), ("Bihr", [("Bihar", "BR")]),
                          ("South Andamn", [("South Andaman", "South Andaman, AN")]), ("Atlantis", []), ("pa", [])):
        a = ask(place)
        is_problem(a, 404, "unknown-place")
        assert [(s["label"], s["place"]) for s in a["suggestions"]] == labels, (place, a["suggestions"])
        assert all(ask(s["place"]).status == 200 and len(s["label"]) <= 30 for s in a["suggestions"]), a
    assert ask("Bilaspur", "hi")["suggestions"][0]["label"] == "बिलासपुर, छत्तीसगढ़"
    is_problem(ask(""), 400, "invalid-field", field="place")


@test("the backend: a hospital's packages and rates, by field, page by page, of active hospitals only")
def packages(case):
    b = start(case)
    get = lambda hospital, **q: b.get(f"/v1/pmjay/hospitals/{hospital}/packages?" + "&".join(f"{k}={v}" for k, v in q.items()))
    hospital, total = rows(case, """SELECT hospital_id, count(*) FROM pmjay_rate JOIN pmjay_hospital USING (hospital_id)
        WHERE status = 'ACTIVE' GROUP BY 1 ORDER BY 2 DESC LIMIT 1""")[0]
    seen, page = [], 1
    while True:
        a = get(hospital, page=page, lang="en")
        assert (a.status, a["hospital_id"], a["cashless"], a["total"]) == (200, hospital, True, total), a
        seen += [(p["code"], p["rate_rs"]) for p in a["packages"]]
        assert all(p["label"] == f"{p['name']} Rs {p['rate_rs']}" and len(p["label"]) <= 30 for p in a["packages"]), a
        if not a["more"]:
            break
        page = a["next_page"]
    assert seen == rows(case, "SELECT code, rate_rs FROM pmjay_rate WHERE hospital_id = ? ORDER BY code", hospital)
    assert len(seen) == total > 4
    base = {c: p["rate_rs"] for c, p in b.get("/v1/schemes/pmjay")["rules"]["packages"]["value"].items()}
    assert all(85 * base[c] <= 100 * (r + 100) and 100 * r <= 115 * base[c] for c, r in seen), seen
    assert len({r for r, in rows(case, "SELECT rate_rs FROM pmjay_rate WHERE code = 'GENMED-1'")}) > 5  # each its own
    longest, = rows(case, "SELECT max(max(length(name_hi), length(name_en))) FROM pmjay_package")[0]
    assert longest <= 19  # with the sum, what one variable of a message may hold
    field = seen[0][0].split("-")[0]
    a = get(hospital, speciality=field)
    assert {p["speciality"] for p in a["packages"]} == {field} and a["total"] == 2 and not a["more"], a
    assert a["packages"][0]["label"].endswith(f"रु. {seen[0][1]}"), a
    has = {c for c, in rows(case, "SELECT code FROM pmjay_hospital_speciality WHERE hospital_id = ?", hospital)}
    none = next(iter(set(b.get("/v1/schemes/pmjay")["rules"]["specialities"]["value"]) - has))
    assert (get(hospital, speciality=none)["count"], get(hospital, speciality=none)["more"]) == (0, False)
    idle, = rows(case, "SELECT hospital_id FROM pmjay_hospital WHERE status <> 'ACTIVE' LIMIT 1")[0]
    for bad in (idle, 0, 999999, "x"):
        is_problem(get(bad), 404, "unknown-hospital")
    is_problem(get(hospital, speciality="MAGIC"), 400, "invalid-field", field="speciality")
    is_problem(get(hospital, page=0), 400, "invalid-field", field="page")


@test("the backend: a grievance gets a ticket that only its phone can read, without long numbers")
def grievance(case):
    b = start(case, seeded=False)
    body = {"service": "pmjay", "msisdn": phone(1), "topic": "CARD", "lang": "hi",
            "text": "कार्ड के 500 मांगे, आधार 2345 6789 0124"}
    a = b.post("/v1/grievances", body, key="g-1")
    assert (a.status, a["ticket"], a["state"], a["level"], a["due"]) == (201, 100001, "OPEN", "HELPLINE", "2026-12-07"), a
    assert b.post("/v1/grievances", body, key="g-1").json == a.json
    assert b.post("/v1/grievances", body, key="g-2")["ticket"] == 100002
    text, = rows(case, "SELECT text FROM grievance WHERE ticket = 100001")[0]
    assert text == "कार्ड के 500 मांगे, आधार XXXX0124", text
    get = lambda what, msisdn=phone(1): b.get(f"/v1/grievances/{what}?service=pmjay&msisdn={msisdn}")
    assert get(100001).json == a.json and get("current")["ticket"] == 100002
    for what, msisdn in ((100001, phone(2)), ("current", phone(2)), (5, phone(1)), ("x", phone(1))):
        is_problem(get(what, msisdn), 404, "no-grievance")
    is_problem(get(100001, ""), 400, "invalid-field", field="msisdn")
    is_problem(b.post("/v1/grievances/100001/escalate", {"msisdn": phone(1)}), 409, "last-level")
    assert b.post("/v1/grievances/100001/resolve", {"answer": "done"})["state"] == "RESOLVED"
    assert get(100001)["state"] == "RESOLVED"
    is_problem(b.post("/v1/grievances/100001/escalate", {"msisdn": phone(1)}), 409, "wrong-state")
    is_problem(b.post("/v1/grievances/7/resolve"), 404, "no-grievance")
    for field, change in (("service", {"service": "a b"}), ("text", {"text": "12"}), ("text", {"text": None}),
                          ("topic", {"topic": "a b"}), ("msisdn", {"msisdn": "x"})):
        is_problem(b.post("/v1/grievances", {**body, **change}), 400, "invalid-field", field=field)
    is_problem(b.post("/v1/grievances", {**body, "service": "opd"}), 404, "unknown-service")


@test("the backend: seed makes 100,000 people and 2,000 hospitals in seconds, once, the same each time")
def seeding(case):
    began = time.monotonic()
    db, done = seed(case, "--beneficiaries", "100000", "--hospitals", "2000", "--seed", "7")
    took = time.monotonic() - began
    assert done.returncode == 0 and done.stdout == "seeded 100000 beneficiaries, 2000 hospitals\n", done
    assert took < 60 * harness.SLOWER, took
    assert rows(case, "SELECT count(*), count(DISTINCT pmjay_id) FROM pmjay_beneficiary") == [(100000, 100000)]
    assert rows(case, "SELECT count(*) FROM pmjay_hospital") == [(2000,)]
    longest, = rows(case, "SELECT max(max(length(name_hi)), max(length(name_en))) FROM pmjay_hospital")[0]
    assert longest <= 23  # with a space and a PIN code, what one variable of a message may hold
    _, again = seed(case)
    assert again.returncode == 1 and "not empty" in again.stderr, again
    for bad in (["--beneficiaries", "x"], ["--hospitals", "-1"], ["--seed", ""]):
        assert seed(case, *bad, name="other")[1].returncode == 1
