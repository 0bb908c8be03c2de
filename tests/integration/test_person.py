# SPDX-License-Identifier: BSD-2-Clause
"""What a person decides about the own data, over real SMPP, real Redis and the real backend: every
promise is looked up in the backend's rows and in the bridge's Redis."""
from harness import test, wait_until
from stack import SERVICE, Stack
from talk import EN, HI, register

ME, OTHER = "919812345678", "919800000042"
ANONYMOUS = "SELECT count(*) FROM {} WHERE msisdn LIKE '0%'"


def people(s, number):
    return s.rows("SELECT name FROM patient WHERE msisdn = ? ORDER BY patient_id", number)


def acts(s, number):
    return [r[0] for r in s.rows("SELECT act FROM consent WHERE msisdn = ? ORDER BY consent_id", number)]


def traces(s, number, name):
    """Tables of the backend in whose rows the number or the name still stands."""
    tables = [t for t, in s.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")]
    return [t for t in tables if any(isinstance(v, str) and (number in v or name in v)
                                     for row in s.rows(f"SELECT * FROM {t}") for v in row)]


def quiet(s, before):
    """What a desk does now sends nothing to the phones of the test: the last event is settled, nothing came."""
    wait_until("events are settled", lambda: s.rows("SELECT count(*) FROM event WHERE state = 'PENDING'")[0][0] == 0)
    wait_until("the bridge is idle", lambda: s.depth() == 0)
    assert len(s.smsc.texts) == before, s.smsc.texts[before:]


@test("consent stands with text, way and time, is shown, and taken back it ends tokens and messages")
def withdrawal(t):
    s = Stack(t)
    phone = s.smsc.phone(ME)
    register(phone, HI)
    row = s.rows("SELECT act, service, text_version, channel, lang, at > 0 FROM consent WHERE msisdn = ?", ME)
    assert row == [("GIVEN", SERVICE, "1", "sms", "hi", 1)], row
    phone.ask("मेरी जानकारी", "इस फोन के मरीज: 1")
    phone.expect("से मंजूरी दी")
    phone.ask("मंजूरी वापस", "मंजूरी वापस लें")
    phone.ask("शायद", "1 .हां. या 2 .नहीं. भेजें")
    assert acts(s, ME) == ["GIVEN"]
    phone.ask("हां", "मंजूरी वापस ले ली गई")
    assert acts(s, ME) == ["GIVEN", "WITHDRAWN"]
    assert s.rows("SELECT state FROM token WHERE msisdn = ?", ME) == [("CANCELLED",)]
    assert s.rows("SELECT count(*) FROM withdrawn WHERE msisdn = ?", ME) == [(1,)]
    # An application of a scheme moves: its notice is not sent either, and no token is given.
    before, ref = len(s.smsc.texts), s.desk("POST", "/v1/niramaya/applications", {
        "msisdn": ME, "kind": "ENROL", "bpl": True, "disability": "AUTISM", "state": "Bihar", "lang": "hi"})["ref"]
    s.desk("POST", f"/v1/niramaya/applications/{ref}/status", {"status": "SENT_TO_NT"})
    s.desk("POST", f"/v1/niramaya/applications/{ref}/status", {"status": "INCOMPLETE", "missing": ["D2"]})
    quiet(s, before)
    phone.ask("TOKEN", "पहले पंजीकरण")
    phone.expect("पूरा नाम")
    phone.ask("CANCEL", "रोक दिया")
    # Registering again is consent again.
    register(phone, HI)
    assert acts(s, ME) == ["GIVEN", "WITHDRAWN", "GIVEN"]
    assert s.rows("SELECT count(*) FROM withdrawn") == [(0,)]
    assert len(people(s, ME)) == 1


@test("delete my data names the live token first, leaves no number and no name anywhere, and may be said twice")
def erasure(t):
    s = Stack(t)
    phone = s.smsc.phone(ME)
    number = register(phone, EN)
    s.desk("POST", "/v1/grievances", {"service": "pmjay", "msisdn": ME, "topic": "MONEY", "text": "Asha Devi paid", "lang": "en",
                                      "verified": True}, expect=(200, 201))
    assert "patient" in traces(s, ME, EN.name)
    phone.ask("DELETE MY DATA", f"token {number}, and any other, will be cancelled.*Delete")
    phone.ask("no", "nothing was changed")
    assert people(s, ME) == [(EN.name,)]
    phone.ask("DELETE", f"token {number}")
    phone.ask("YES", "Your data is deleted")
    left = traces(s, ME, EN.name)
    assert left == [], left
    # The queue's numbers of the day stay, without a person.
    assert s.rows("SELECT number, state, msisdn LIKE '0%' FROM token") == [(number, "CANCELLED", 1)]
    assert s.rows("SELECT name, age, sex, place FROM patient") == [("-", 0, "O", None)]
    assert s.rows("SELECT act FROM consent ORDER BY consent_id") == [("GIVEN",), ("ERASED",)]
    r = s.look()
    try:
        life = [r("TTL", k) for k in r.keys("dky:*:s:*")]
    finally:
        r.close()
    assert all(0 < x <= 600 for x in life), life
    phone.ask("DELETE", "कोई जानकारी हमारे पास नहीं")  # the language is forgotten too
    assert s.rows("SELECT count(*) FROM consent") == [(2,)]


@test("nothing is deleted while a doctor speaks with the person; afterwards it is")
def erasure_waits(t):
    s = Stack(t)
    phone = s.smsc.phone(ME)
    register(phone, EN)
    token = s.call_next()
    phone.expect(EN.turn)
    phone.ask("CALL", EN.calling)
    phone.ask("DELETE", "Delete the data|will be cancelled")
    phone.ask("YES", "speaking with you now")
    assert people(s, ME) == [(EN.name,)]
    s.used(token["token_id"])
    phone.expect(EN.prescription)
    phone.ask("DELETE", "Delete the data")
    phone.ask("YES", "Your data is deleted")
    left = traces(s, ME, EN.name)
    assert left == [], left


def ask_for_other(phone, name="Ram Lal"):
    for typed, answer in (("OTHER", "mobile number of the person"), ("98000 00042", "full name"), (name, "How old"),
                          ("seventy", "patient is"), ("2", "state and district"), ("Bihar, Gaya", "Does the patient agree")):
        phone.ask(typed, answer)


@test("asking for a neighbour: the asker has the messages, the other number may say that it is wrong")
def proxy(t):
    s = Stack(t)
    me, other = s.smsc.phone(ME), s.smsc.phone(OTHER)
    me.ask("ENG", "English")
    ask_for_other(me)
    number = int(me.ask("yes", r"Token (?P<token>\d+)")["token"])
    other.expect("फोन ...5678 ने आपके नंबर से.*WRONG")
    assert s.rows("SELECT msisdn, phone, name, age FROM patient") == [(ME, OTHER, "Ram Lal", 70)]
    assert acts(s, ME) == ["GIVEN_FOR_OTHER"] and acts(s, OTHER) == []
    s.call_next()
    me.expect(f"Token {number}: it is your turn")
    other.expect(f"टोकन {number} की बारी")
    other.ask("WRONG", "किसी और के हैं")
    other.ask("हां", "अब इस नंबर पर नहीं आएंगे")
    me.expect("owner of number ...0042 says")
    assert s.rows("SELECT msisdn FROM wrong_number") == [(OTHER,)]
    assert acts(s, OTHER) == ["WRONG_NUMBER"]
    # The desk sees it; the prescription goes to the asker alone.
    line = s.desk("GET", f"/v1/queues/{SERVICE}")
    tokens = [x for part in line.values() if isinstance(part, list) for x in part]
    assert [x["wrong_number"] for x in tokens if x["token"] == number] == [True], line
    seen = len(other.inbox())
    s.used(tokens[0]["token_id"])
    me.expect(EN.prescription)
    quiet(s, len(s.smsc.texts))
    assert len(other.inbox()) == seen, other.inbox()
    # And it cannot be asked for again.
    me.ask("OTHER", "mobile number of the person")
    me.ask("9800000042", "does not want such messages")


@test("one number is asked for by few phones, and one phone asks for few numbers a day")
def proxy_bounds(t):
    s = Stack(t)

    def ask(asker, other, expect):
        return s.desk("POST", "/v1/registrations", {
            "msisdn": asker, "service": SERVICE, "name": f"For {other}", "age": 60, "sex": "F", "lang": "hi",
            "other_number": other, "consent": {"given": True, "text_version": "1-other", "channel": "sms"}},
            expect=expect)

    for asker in ("919700000001", "919700000002"):
        ask(asker, "9800000042", (201,))
    assert ask("919700000003", "9800000042", (409,))["code"] == "too-many-askers"
    for n in range(2):
        ask("919700000001", f"980000005{n}", (201,))
    assert ask("919700000001", "9800000059", (409,))["code"] == "too-many-today"
    assert ask("919700000001", "9700000001", (409,))["code"] == "own-number"
    assert ask("919700000001", "12345", (400,))["field"] == "other_number"
    assert s.rows("SELECT count(*) FROM patient") == [(4,)]


@test("a number that changed hands: this is not me ends the old owner's messages, and the new owner registers")
def wrong_number(t):
    s = Stack(t)
    phone = s.smsc.phone(ME)
    register(phone, EN)
    phone.ask("this is not me", "meant for somebody else")
    phone.ask("yes", "will not come to this number")
    before = len(s.smsc.texts)
    called = s.call_next()
    assert called["wrong_number"] is True
    quiet(s, before)
    phone.ask("TOKEN", "need to register")
    phone.expect("full name")
    for typed, answer in (("Meena", "How old"), ("22", "patient is"), ("1", "state and district"), ("Patna", "Do you agree"),
                          ("yes", "Token 2")):
        phone.ask(typed, answer)
    assert people(s, ME) == [(EN.name,), ("Meena",)]


@test("a family on one phone is asked for whom, and each has a token of their own")
def family(t):
    s = Stack(t)
    phone = s.smsc.phone(ME)
    register(phone, EN)
    phone.ask("REG", "full name")
    for typed, answer in (("Ravi", "How old"), ("nine", "patient is"), ("boy", "state and district"), ("Patna", "Do you agree"),
                          ("yes", "Token 2")):
        phone.ask(typed, answer)
    phone.ask("FAMILY", f"For whom. .1. {EN.name} .2. Ravi")
    phone.ask("2", "You are no. 2|next turn")
    phone.ask("TOKEN", "For whom")
    phone.ask("one", "Yours is the next turn|You are no. 1")
    rows = s.rows("SELECT name, number FROM token JOIN patient USING (patient_id) ORDER BY number")
    assert rows == [(EN.name, 1), ("Ravi", 2)], rows
