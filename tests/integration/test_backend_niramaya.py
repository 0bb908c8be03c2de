# SPDX-License-Identifier: BSD-2-Clause
"""Niramaya's API over real HTTP: who may join, fees, benefits, calendar, applications, claims, report."""
from backend_parts import Backend, Bridge, is_problem, phone
from harness import test

NOW = "2026-11-22T10:00:00+05:30"


def start(case, bridge=None, now=NOW):
    return Backend(case, bridge, f"--test-clock={now}")


@test("the backend: Niramaya says who may join, and refuses by the guideline on record")
def eligibility(case):
    b = start(case)
    ask = lambda **body: b.post("/v1/niramaya/eligibility", body)
    for one in ("AUTISM", "CEREBRAL_PALSY", "INTELLECTUAL", "MULTIPLE"):
        a = ask(state="Bihar", disabilities=[one], certificate=True)
        assert (a["eligible"], a["reason"], a["cover_rs"], a["medical_exam"]) == (True, None, 100000, False), a
    assert ask(state="BR", disabilities="AUTISM,MULTIPLE", certificate="yes")["eligible"]
    for state in ("JK", "J&K", "जम्मू-कश्मीर"):
        a = ask(state=state, disabilities="AUTISM", certificate="yes")
        assert (a["eligible"], a["reason"], a["as_of"], a["cover_rs"]) == (False, "EXCLUDED_STATE", "2015-04-01", 0), a
    assert ask(state="Ladakh", disabilities="AUTISM", certificate="yes")["eligible"]
    assert ask(disabilities="-", certificate="yes")["reason"] == "NO_DISABILITY"
    assert ask(disabilities="DEAFNESS", certificate="yes")["reason"] == "NO_DISABILITY"
    assert ask(disabilities="AUTISM", certificate="no")["reason"] == "NO_CERTIFICATE"
    is_problem(ask(state="Atlantis"), 400, "invalid-field", field="state")
    is_problem(ask(certificate="perhaps"), 400, "invalid-field", field="certificate")


@test("the backend: Niramaya's fees and papers by category, and a warning before a short cover")
def fees(case):
    b = start(case)
    fee = lambda **body: b.post("/v1/niramaya/fee", body)
    rows = [("ENROL", "yes", "no", 250, ["D1", "D2", "D3", "D4"]), ("RENEW", "yes", "no", 50, ["D1", "D2", "D3", "D4"]),
            ("ENROL", "no", "no", 500, ["D1", "D3", "D4"]), ("RENEW", "no", "no", 250, ["D1", "D3", "D4"]),
            ("ENROL", "no", "yes", 0, ["D1", "D3", "D5"]), ("RENEW", "yes", "yes", 0, ["D1", "D3", "D5"])]
    for kind, bpl, guardian, rs, papers in rows:
        a = fee(kind=kind, bpl=bpl, guardian=guardian)
        assert (a["fee_rs"], a["documents"], a["ro_share_rs"], a["short"]) == (rs, papers, 40, False), a
    assert fee(kind="ENROL", bpl=True, challan=False)["documents"] == ["D1", "D2", "D3"]
    assert fee(kind="ENROL")["valid_to"] == "2027-03-31"
    is_problem(fee(kind="BUY"), 400, "invalid-field", field="kind")
    is_problem(fee(), 400, "invalid-field", field="kind")
    b.set_clock("2027-03-31T12:00:00+05:30")
    a = fee(kind="ENROL", bpl=True)
    assert (a["valid_to"], a["valid_days"], a["short"]) == ("2027-03-31", 1, True), a
    assert fee(kind="RENEW", bpl=True)["short"] is False


@test("the backend: Niramaya pays a bill up to every limit, by reimbursement")
def payable(case):
    b = start(case)
    pay = lambda **body: b.post("/v1/niramaya/payable", body)
    for kind, amount, rs, limit in (("II-a", 9000, 8000, 8000), ("V", 1500, 1000, 1000), ("I-a", 45000, 40000, 40000),
                                    ("IV", 100, 100, 4500), ("II-b", "5000", 4000, 4000)):
        a = pay(kind=kind, amount_rs=amount)
        assert (a["payable_rs"], a["limit_rs"], a["reimbursement"], a["table"]) == (rs, limit, True, "2015-04"), a
    a = pay(section="II", sub="a", amount_rs=500, used={"sub_rs": 7600, "section_rs": 14000, "overall_rs": 14000})
    assert (a["payable_rs"], a["limited_by"]) == (400, "SUB"), a
    for body in ({"kind": "II"}, {"kind": "VI-a"}, {"section": "X"}, {}):
        is_problem(pay(amount_rs=1, **body), 400, "invalid-field", field="section")
    is_problem(pay(kind="V"), 400, "invalid-field", field="amount_rs")


@test("the backend: Niramaya's validity and reminders by the table of the calendar")
def validity(case):
    b = start(case)
    rows = [("2024-04-01", "2025-03-31", ["2024-12-31", "2025-01-31", "2025-02-28", "2025-03-15"]),
            ("2024-12-31", "2025-03-31", ["2024-12-31", "2025-01-31", "2025-02-28", "2025-03-15"]),
            ("2025-03-31", "2025-03-31", ["2025-03-31"]),
            ("2025-04-01", "2026-03-31", ["2025-12-31", "2026-01-31", "2026-02-28", "2026-03-15"]),
            ("2024-02-29", "2024-03-31", ["2024-02-29", "2024-03-15"])]
    for enrolled, to, reminders in rows:
        a = b.post("/v1/niramaya/validity", {"enrolled_on": enrolled, "on": enrolled})
        assert (a["valid_to"], a["reminders"], a["valid"]) == (to, reminders, True), a
        assert a["short"] is (enrolled == "2025-03-31"), a
    a = b.post("/v1/niramaya/validity", {"enrolled_on": "2024-04-01", "on": "2025-04-01"})
    assert (a["valid"], a["next_kind"], a["next_valid_to"]) == (False, "ENROL", "2026-03-31"), a
    a = b.post("/v1/niramaya/validity", {"enrolled_on": "2024-04-01", "on": "2025-03-31"})
    assert (a["valid"], a["next_kind"], a["next_valid_to"]) == (True, "RENEW", "2026-03-31"), a


def apply(b, n=1, expect=201, **more):
    a = b.post("/v1/niramaya/applications", {"msisdn": phone(n), "kind": "ENROL", "bpl": True, "disability": "AUTISM",
                                             "state": "Bihar", "lang": "hi", **more})
    assert a.status == expect, a
    return a


def move(b, ref, status, **more):
    return b.post(f"/v1/niramaya/applications/{ref}/status", {"status": status, **more})


@test("the backend: a Niramaya application with its two clocks, missing papers, card and renewal")
def application(case):
    bridge = Bridge().start()
    case.at_end(bridge.stop)
    b = start(case, bridge)
    a = apply(b)
    ref = a["ref"]
    assert (ref, a["status"], a["category"], a["fee_rs"], a["card_due"], a["late"], a["short"]) == (
        500001, "SUBMITTED_AT_RO", "BPL", 250, "2026-12-22", False, False), a
    assert "decision_due" not in a.json
    get = lambda what=ref, n=1: b.get(f"/v1/niramaya/applications/{what}?msisdn={phone(n)}")
    assert get()["status"] == get("current")["status"] == "SUBMITTED_AT_RO"
    is_problem(get(n=2), 404, "no-application")
    is_problem(get("current", 2), 404, "no-application")
    is_problem(b.get(f"/v1/niramaya/applications/{ref}"), 400, "invalid-field", field="msisdn")
    a = move(b, ref, "SENT_TO_NT")
    assert (a["decision_due"], a["card_due"]) == ("2026-12-22", "2026-12-22"), a
    # Rejected for missing papers is not rejected: they are named, and there are fifteen days.
    b.set_clock("2026-11-25T10:00:00+05:30")
    a = move(b, ref, "REJECTED", missing=["D2", "D3"])
    assert (a["status"], a["missing"], a["resubmit_due"]) == ("INCOMPLETE", ["D2", "D3"], "2026-12-10"), a
    assert "decision_due" not in a.json
    assert get()["papers"] == ["बीपीएल कार्ड", "पते का प्रमाण"], get().json
    assert b.get(f"/v1/niramaya/applications/{ref}?msisdn={phone(1)}&lang=en")["papers"] == ["BPL card", "proof of address"]
    b.set_clock("2026-12-05T10:00:00+05:30")
    a = move(b, ref, "RESUBMITTED")
    # People are promised 30 days from complete papers; the report counts from receipt.
    assert (a["decision_due"], a["card_due"], a["late"]) == ("2027-01-04", "2026-12-22", False), a
    assert "papers" not in get().json
    b.set_clock("2027-01-04T23:59:00+05:30")
    assert get()["late"] is False
    b.set_clock("2027-01-05T00:00:00+05:30")
    assert get()["late"] is True
    a = move(b, ref, "APPROVED")
    assert (a["valid_from"], a["valid_to"], a["valid"]) == ("2027-01-05", "2027-03-31", True), a
    is_problem(b.get(f"/v1/niramaya/card?msisdn={phone(1)}"), 404, "no-card")
    assert move(b, ref, "CARD_UPLOADED")["late"] is False
    a = b.get(f"/v1/niramaya/card?msisdn={phone(1)}")
    assert (a["valid_to"], a["year"], a["valid"], a["next_kind"], a["fee_rs"]) == (
        "2027-03-31", "2027", True, "RENEW", 50), a
    b.set_clock("2027-01-05T09:00:00+05:30")  # the time to renew has begun: told at once
    b.set_clock("2027-04-01T10:00:00+05:30")
    a = b.get(f"/v1/niramaya/card?msisdn={phone(1)}")
    assert (a["valid"], a["next_kind"], a["fee_rs"], a["next_valid_to"]) == (False, "ENROL", 250, "2028-03-31"), a
    bridge.wait(8)
    told = [(e["type"], e["data"].get("status"), e["data"].get("paper")) for e in bridge.of(phone(1))]
    assert told == [("application.updated", "SENT_TO_NT", None), ("application.updated", "INCOMPLETE", "D2"),
                    ("application.updated", "INCOMPLETE", "D3"), ("application.reminder", "INCOMPLETE", None),
                    ("application.updated", "RESUBMITTED", None), ("application.updated", "APPROVED", None),
                    ("application.updated", "CARD_UPLOADED", None), ("renewal.due", None, None)], told
    assert all(e["service"] == "niramaya" for e in bridge.of(phone(1)))
    assert [e["key"] for e in bridge.of(phone(1))] == [f"application/{ref}"] * 7 + [f"renewal/{ref}"]


@test("the backend: a renewal that is paid cancels what is kept to remind of it")
def renewed(case):
    bridge = Bridge().start()
    case.at_end(bridge.stop)
    b = start(case, bridge)
    old, new = apply(b)["ref"], None
    for status in ("SENT_TO_NT", "APPROVED", "CARD_UPLOADED"):
        move(b, old, status)
    b.set_clock("2026-12-31T12:00:00+05:30")
    new = apply(b, kind="RENEW")["ref"]
    for status in ("SENT_TO_NT", "APPROVED"):
        move(b, new, status)
    bridge.wait(7)
    told = [(e["type"], e["key"]) for e in bridge.of(phone(1))]
    assert told[3:] == [("renewal.due", f"renewal/{old}"), ("application.updated", f"application/{new}"),
                        ("event.cancelled", f"renewal/{old}"), ("application.updated", f"application/{new}")], told


@test("the backend: who withdraws consent is not reminded of what the bridge keeps")
def withdrawn(case):
    bridge = Bridge().start()
    case.at_end(bridge.stop)
    b = start(case, bridge)
    ref = apply(b)["ref"]
    move(b, ref, "SENT_TO_NT")
    bridge.wait(1)
    a = b.post("/v1/person/withdraw", {"msisdn": phone(1), "channel": "sms", "text_version": "1", "lang": "hi"})
    assert a.status == 200, a
    bridge.wait(4)
    move(b, ref, "APPROVED")
    told = [(e["type"], e["key"]) for e in bridge.of(phone(1))]
    assert told == [("application.updated", f"application/{ref}"), ("event.cancelled", "application"),
                    ("event.cancelled", "renewal"), ("event.cancelled", "claim")], told


@test("the backend: who has all data erased is not reminded of what the bridge keeps; who is unknown hears nothing")
def erased(case):
    bridge = Bridge().start()
    case.at_end(bridge.stop)
    b = start(case, bridge)
    ref = apply(b)["ref"]
    move(b, ref, "SENT_TO_NT")
    bridge.wait(1)
    decision = {"channel": "sms", "text_version": "1", "lang": "hi"}
    assert b.post("/v1/person/erase", {"msisdn": phone(1), **decision})["scheme_records"] == 1
    bridge.wait(4)
    told = [(e["type"], e["service"], e["key"]) for e in bridge.of(phone(1))][1:]
    assert told == [("event.cancelled", "niramaya", key) for key in ("application", "renewal", "claim")], told
    assert b.post("/v1/person/erase", {"msisdn": phone(2), **decision}).status == 200
    b.post("/v1/admin/tick")
    assert bridge.of(phone(2)) == []


@test("the backend: Niramaya refuses what an application may not be")
def refused(case):
    b = start(case)
    is_problem(apply(b, state="J & K", expect=409), 409, "state-excluded")
    for field, more in (("state", {"state": "x"}), ("state", {"state": None}), ("kind", {"kind": "BUY"}),
                        ("disability", {"disability": "DEAFNESS"}), ("disability", {"disability": None}),
                        ("msisdn", {"msisdn": "1"}), ("bpl", {"bpl": "perhaps"})):
        is_problem(apply(b, expect=400, **more), 400, "invalid-field", field=field)
    ref = apply(b)["ref"]
    is_problem(move(b, ref, "CARD_UPLOADED"), 409, "wrong-state", state="SUBMITTED_AT_RO")
    move(b, ref, "SENT_TO_NT")
    is_problem(move(b, ref, "REJECTED"), 400, "invalid-field", field="reason")
    is_problem(move(b, ref, "INCOMPLETE"), 400, "invalid-field", field="missing")
    is_problem(move(b, ref, "INCOMPLETE", missing="D9"), 400, "invalid-field", field="missing")
    is_problem(move(b, ref, "DONE"), 400, "invalid-field", field="status")
    is_problem(move(b, 1, "APPROVED"), 404, "no-application")
    a = move(b, ref, "REJECTED", reason="प्रमाणपत्र अमान्य")
    assert (a["status"], a["reason"]) == ("REJECTED", "प्रमाणपत्र अमान्य") and "card_due" not in a.json, a


@test("the backend: Niramaya claims: the window warns and never refuses, papers are checked, states told")
def claims(case):
    b = start(case)
    check = lambda **body: b.post("/v1/niramaya/claims/check", body)
    all5 = ["C1", "C2", "C3", "C4", "C5"]
    for body, late, due in (({"treated_on": "2024-06-01", "filed_on": "2024-07-01"}, False, "2024-07-01"),
                            ({"treated_on": "2024-06-01", "filed_on": "2024-07-02"}, True, "2024-07-01"),
                            ({"treated_on": "2024-06-01", "discharged_on": "2024-06-10", "filed_on": "2024-07-10"}, False,
                             "2024-07-10")):
        a = check(documents=all5, **body)
        assert (a["late"], a["due"], a["refused"], a["complete"]) == (late, due, False, True), a
    a = check(treated_on="2024-06-01", filed_on="2024-07-03", documents="C1,C2,C4,C5")
    assert (a["complete"], a["missing"], a["days_late"]) == (False, ["C3"], 2), a
    assert check(treated_on="2024-06-01", documents=["HEALTH_ID", *all5[1:]])["complete"]
    assert check(treated_on="2024-06-01", documents=all5[1:])["missing"] == ["C1"]
    is_problem(check(), 400, "invalid-field", field="treated_on")
    is_problem(check(treated_on="2027-06-01"), 400, "invalid-field", field="filed_on")
    is_problem(check(treated_on="2024-06-01", documents="C9"), 400, "invalid-field", field="documents")
    a = b.post("/v1/niramaya/claims", {"msisdn": phone(1), "section": "II", "sub": "a", "amount_rs": 9000,
                                       "treated_on": "2026-11-01", "documents": ["HEALTH_ID", "C2"]})
    assert (a.status, a["ref"], a["status"], a["payable_rs"], a["late"], a["missing"]) == (
        201, 700001, "FILED", 8000, False, "C3,C4,C5"), a
    get = lambda what, n=1: b.get(f"/v1/niramaya/claims/{what}?msisdn={phone(n)}")
    assert get(700001).json == get("current").json == a.json
    is_problem(get("current", 2), 404, "no-claim")
    is_problem(get(700001, 2), 404, "no-claim")
    go = lambda status, **more: b.post("/v1/niramaya/claims/700001/status", {"status": status, **more})
    is_problem(go("PAID"), 409, "wrong-state", state="FILED")
    assert go("DOCS_REQUESTED", missing="C3")["missing"] == "C3"
    assert go("UNDER_VERIFICATION")["missing"] == ""
    is_problem(go("REJECTED"), 400, "invalid-field", field="reason")
    assert go("APPROVED")["status"] == "APPROVED"
    assert go("PAID")["status"] == get("current")["status"] == "PAID"
    is_problem(b.post("/v1/niramaya/claims", {"msisdn": phone(1), "section": "IX", "treated_on": "2026-11-01"}), 400,
               "invalid-field", field="section")


@test("the backend: Niramaya's half-yearly report counts what came, what was decided, and how fast")
def report(case):
    b = start(case, now="2026-09-01T10:00:00+05:30")
    first = apply(b, 1)["ref"]
    second = apply(b, 2, bpl=False, disability="MULTIPLE")["ref"]
    third = apply(b, 3, guardian=True, kind="RENEW")["ref"]
    for ref in (first, second, third):
        move(b, ref, "SENT_TO_NT")
    move(b, first, "INCOMPLETE", missing="D2,D3")
    move(b, second, "REJECTED", reason="not valid")
    move(b, third, "APPROVED")
    b.set_clock("2026-09-20T10:00:00+05:30")  # the first has lapsed
    b.set_clock("2026-10-01T10:00:00+05:30")  # day 30
    move(b, third, "CARD_UPLOADED")
    a = b.get("/v1/niramaya/report?half=2026-09")
    assert (a["from"], a["to"], a["received"], a["approved"], a["rejected"], a["report_words"]) == (
        "2026-04-01", "2026-09-30", 3, 1, 1, 500), a
    assert a["heads"] == {"category": {"BPL": 1, "GUARDIAN": 1, "NON_BPL": 1}, "disability": {"AUTISM": 2, "MULTIPLE": 1},
                          "kind": {"ENROL": 2, "RENEW": 1}}, a
    assert a["rejection_reasons"] == {"not valid": 1}
    assert a["difficulties"] == {"incomplete": 1, "lapsed": 1, "missing_papers": {"D2": 1, "D3": 1}}, a
    assert a["kpi"] == {"card_days": 30, "in_time": 1, "late": 0, "overdue": 0}, a
    one, two = a["kpis"]
    assert (one["days"], one["percent_in_time"], one["reasons_told"]) == (30, 100, 1) and "30 days" in one["rule"]["en"], a
    assert (two["due"], two["words"]) == ("2026-09-30", 500) and "500" in two["rule"]["hi"], a
    # The same numbers as people read them.
    text = b.get("/v1/niramaya/report?half=2026-09&format=text&lang=en")
    assert text.kind == "text/plain; charset=utf-8", text
    for said in ("Niramaya status report\n2026-04-01 to 2026-09-30, as of 2026-10-01\n", "\n\n1. Applications\n",
                 "Received 3, approved 1, rejected 1, cards uploaded 0.", "Kind: enrolment 2, renewal 1\n",
                 "Category: BPL 1, legal guardian 1, above BPL 1\n", "Disability: autism 2, multiple disabilities 1\n",
                 "Reasons: not valid 1\n", "Found incomplete 1; not completed within 15 days 1.",
                 "Missing papers: BPL card 1, proof of address 1\n", "KPI 1, rule: The health ID card within 30 days",
                 "Result: in time 1, late 0, overdue and still open 0.", "In time: 100%\n",
                 "Rejected with the reason told: 1 of 1.", "KPI 2, rule: ", "due by 2026-09-30."):
        assert said in text.raw.decode(), (said, text.raw.decode())
    hindi = b.get("/v1/niramaya/report?half=2026-09&format=text").raw.decode()
    for said in ("निरामय स्थिति रिपोर्ट\n", "प्राप्त 3, अनुमोदित 1, अस्वीकृत 1, कार्ड अपलोड 0।", "प्रकार: नामांकन 2, नवीनीकरण 1",
                 "दिव्यांगता: ऑटिज्म 2, एकाधिक दिव्यांगता 1", "15 दिन में पूरे न होने से बंद हुए 1।", "छूटे दस्तावेज: बीपीएल कार्ड 1",
                 "KPI 1, नियम: आवेदन मिलने के 30 दिन", "समय पर: 100%", "कारण बताकर अस्वीकृत: 1 में से 1।"):
        assert said in hindi, (said, hindi)
    is_problem(b.get("/v1/niramaya/report?half=2026-09&format=pdf"), 400, "invalid-field", field="format")
    a = b.get("/v1/niramaya/report?half=2027-03")
    assert (a["from"], a["to"], a["received"], a["cards"]) == ("2026-10-01", "2027-03-31", 0, 1), a
    fourth = apply(b, 4)["ref"]
    for status in ("SENT_TO_NT", "APPROVED"):
        move(b, fourth, status)
    b.set_clock("2026-11-01T10:00:00+05:30")
    assert "Result: in time 0, late 0, overdue and still open 1." in b.get(
        "/v1/niramaya/report?half=2027-03&format=text&lang=en").raw.decode()
    assert b.get("/v1/niramaya/report?half=2027-03")["kpi"]["overdue"] == 1
    move(b, fourth, "CARD_UPLOADED")
    assert b.get("/v1/niramaya/report?half=2027-03")["kpi"]["late"] == 1
    fifth = apply(b, 5)["ref"]
    for status, more in (("SENT_TO_NT", {}), ("REJECTED", {"reason": "<b>age & name</b>"})):
        move(b, fifth, status, **more)
    page = b.get("/v1/niramaya/report?half=2027-03&format=html&lang=hi")
    assert page.kind == "text/html; charset=utf-8" and page.headers["Content-Security-Policy"], page
    text = page.raw.decode()
    assert text.startswith("<!doctype html>\n<html lang=\"hi\">") and "<h1>निरामय स्थिति रिपोर्ट</h1>" in text, text
    assert "कारण: &lt;b>age &amp; name&lt;/b> 1" in text and "<b>" not in text, text
    assert "समय पर: 0%" in text and text.count("<h2>") == 5, text
    empty = b.get("/v1/niramaya/report?half=2025-03&format=text&lang=en").raw.decode()
    assert "No application was received." in empty and "None has come to its time yet." in empty, empty
    for half in ("", "2026", "2026-06", "20x6-09", "2026-9"):
        is_problem(b.get(f"/v1/niramaya/report?half={half}"), 400, "invalid-field", field="half")


@test("the backend: a Niramaya complaint goes to the CEO and the chairperson when time is over")
def escalation(case):
    b = start(case)
    a = b.post("/v1/grievances", {"service": "niramaya", "msisdn": phone(1), "text": "कार्ड नहीं आया"})
    assert (a["level"], a["due"]) == ("TRUST", "2026-12-22"), a
    ticket = a["ticket"]
    up = lambda n=1: b.post(f"/v1/grievances/{ticket}/escalate", {"msisdn": phone(n)})
    is_problem(up(), 409, "not-due", due="2026-12-22")
    b.set_clock("2026-12-22T23:59:59+05:30")
    is_problem(up(), 409, "not-due")
    b.set_clock("2026-12-23T00:00:00+05:30")
    is_problem(up(2), 404, "no-grievance")
    a = up()
    assert (a["level"], a["due"]) == ("CEO", "2027-01-22"), a
    b.set_clock("2027-01-23T00:00:00+05:30")
    assert up()["level"] == "CHAIRPERSON"
    b.set_clock("2027-06-23T00:00:00+05:30")
    is_problem(up(), 409, "last-level", level="CHAIRPERSON")


@test("the backend: every number of Niramaya can be read with its source")
def facts(case):
    a = start(case).get("/v1/schemes/niramaya")
    r = {k: v["value"] for k, v in a["rules"].items()}
    assert a["from"] == "2015-04-01" and all(v["source"] for v in a["rules"].values())
    assert r["fees_rs"] == {"ENROL": {"BPL": 250, "NON_BPL": 500, "GUARDIAN": 0},
                            "RENEW": {"BPL": 50, "NON_BPL": 250, "GUARDIAN": 0}}
    assert r["benefits"] == {"I": {"limit": 70000, "subs": {"a": 40000, "b": 15000, "c": 15000}},
                             "II": {"limit": 14500, "subs": {"a": 8000, "b": 4000, "c": 2500}},
                             "III": {"limit": 10000}, "IV": {"limit": 4500}, "V": {"limit": 1000}}
    want = {"cover_rs": 100000, "excluded_states": ["JK"], "ro_share_rs": 40, "cashless": False, "resubmit_days": 15,
            "decision_days": 30, "card_days": 30, "completeness_days": 10, "renew_lead_months": 3, "claim_window_days": 30,
            "claim_window_hard": False, "reports": ["SEP", "MAR"], "report_words": 500, "medical_exam": False,
            "open_all_year": True, "helpline": "", "site": "www.thenationaltrust.gov.in",
            "benefit_table_version": "2015-04", "benefit_changes": "notified on the website",
            "claim_form": "website or local SNAC", "late_renewal_grace_days": 0}
    for name, value in want.items():
        assert r[name] == value, (name, r[name])
