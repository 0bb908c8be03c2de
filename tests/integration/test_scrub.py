# SPDX-License-Identifier: BSD-2-Clause
"""Aadhaar-like numbers that people write all the same: cut before anything is kept, at every entry."""
import re

from harness import test, wait_until
from stack import Stack
from ussd import VENDORS, UssdPhone, stack as ussd_stack

AADHAAR, WRITTEN, HINDI = "234567890124", "2345 6789 0124", "२३४५६७८९०१२४"
BARE = re.compile("2345[ -]?6789[ -]?0124|" + HINDI)


def backend_rows(s):
    tables = [t for t, in s.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")]
    return [(t, row) for t in tables for row in s.rows(f"SELECT * FROM {t}")]


def words(value):
    if isinstance(value, list):
        return " ".join(words(v) for v in value)
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def bridge_keys(s):
    read = {"string": ("GET",), "hash": ("HGETALL",), "list": ("LRANGE", 0, -1), "zset": ("ZRANGE", 0, -1), "set": ("SMEMBERS",),
            "stream": ("XRANGE", "-", "+")}
    r = s.look()
    try:
        out = []
        for key in r.keys("dky:*"):
            kind = words(r("TYPE", key))
            if kind != "none":
                command, *more = read[kind]
                out.append((words(key), words(r(command, key, *more))))
        return out
    finally:
        r.close()


def kept(s):
    """What the backend's tables and the bridge's Redis hold of it."""
    wait_until("the bridge is idle", lambda: s.depth() == 0)
    assert "Asha" in str(backend_rows(s) + bridge_keys(s))
    return [(where, what) for where, what in backend_rows(s) + bridge_keys(s) if BARE.search(str(what))]


@test("an Aadhaar-like number is kept nowhere, by SMS in a place, a complaint, an id and a dialogue that waits")
def by_sms(t):
    s = Stack(t)
    one = s.smsc.phone("919812345678")
    one.ask("REG", "full name")
    one.ask(f"Asha {WRITTEN}", "letters only")
    one.ask("Asha Devi", "How old")
    one.ask("35", "The patient is")
    one.ask("1", "state and district")
    one.ask(f"Gaya, Bihar, aadhaar {WRITTEN}", "Do you agree")
    assert kept(s) == [], kept(s)  # in the dialogue that waits
    one.ask("1", "registered|Token")
    assert s.rows("SELECT place FROM patient") == [("Gaya, Bihar, aadhaar XXXX0124",)]
    one.ask("COMPLAINT", "complaint about")
    one.ask("1", "up to 60")
    one.ask(f"paid for {AADHAAR} and {HINDI}", "ticket|one-time|OTP")
    assert kept(s) == [], kept(s)


@test("an Aadhaar-like number is kept nowhere, on a screen")
def by_ussd(t):
    s = ussd_stack(t, "generic", kind=Stack)
    phone = UssdPhone(s.smsc, "919812345679", VENDORS[0])
    phone.dial("*123*1*5#")
    for answer in ("Asha Devi", "35", "1", f"Gaya {WRITTEN}"):
        phone.press(answer)
    assert kept(s) == [], kept(s)
    phone.press("1")
    wait_until("registered", lambda: s.rows("SELECT place FROM patient") == [("Gaya XXXX0124",)])
    assert kept(s) == [], kept(s)


@test("an Aadhaar-like number is kept nowhere, in any field of the backend's API")
def by_api(t):
    s = Stack(t)
    person = {"msisdn": "919812345678", "service": "esanjeevani", "age": 35, "sex": "F", "lang": "en",
              "consent": {"given": True, "text_version": "1", "channel": "web"}}
    s.desk("POST", "/v1/registrations", {**person, "name": f"Asha {WRITTEN}", "place": f"Gaya {HINDI}"}, expect=(200, 201))
    assert s.rows("SELECT name, place FROM patient") == [("Asha XXXX0124", "Gaya XXXX0124")]
    s.desk("POST", "/v1/grievances", {"service": "pmjay", "msisdn": person["msisdn"], "text": f"kyc {AADHAAR}", "lang": "en",
                                      "verified": True}, expect=(200, 201))
    for bad in (AADHAAR, "XXXX0124"):
        s.desk("POST", "/v1/pmjay/lookup", {"msisdn": person["msisdn"], "mobile_verified_at": "2026-01-01T00:00:00+05:30",
                                            "id": bad}, expect=(400,))
    ref = s.desk("POST", "/v1/niramaya/applications", {"msisdn": person["msisdn"], "kind": "ENROL", "bpl": True, "lang": "en",
                                                       "disability": "AUTISM", "state": "Bihar"}, expect=(201,))["ref"]
    for status, more in (("SENT_TO_NT", {}), ("REJECTED", {"reason": f"wrong id {WRITTEN}"})):
        s.desk("POST", f"/v1/niramaya/applications/{ref}/status", {"status": status, **more}, expect=(200,))
    assert kept(s) == [], kept(s)
