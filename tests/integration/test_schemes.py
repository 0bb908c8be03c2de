# SPDX-License-Identifier: BSD-2-Clause
"""The schemes by SMS, over real SMPP, real Redis and the real backend with its synthetic people."""
import subprocess

from harness import SRCDIR, program, test
from stack import Stack
from ussd import VENDORS, UssdPhone, shows
from ussd import stack as ussd_stack


def seeded(s):
    done = subprocess.run([program("dakiya-backend"), "seed", "--db", s.folder / "backend.db", "--rules",
                           SRCDIR / "etc/backend-rules.yaml"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done
    return s


def talk(phone, *turns):
    """Each turn: what is typed, and a pattern of the answer; the last answer's match."""
    found = None
    for typed, pattern in turns:
        found = phone.ask(typed, pattern)
    return found


@test("PM-JAY by SMS in Hindi: an estimate, a hospital, a complaint and its ticket")
def pmjay_hindi(t):
    s = seeded(Stack(t))
    phone = s.smsc.phone("919812345678")
    talk(phone, ("पात्रता", "70 साल"), ("हां", "70. वर्ष के सभी नागरिक पात्र"), ("1", "परिवार कहां"), ("गांव", "4 मैला ढोना"),
         ("1 3", "सरकारी नौकरी"), ("0", "संगठित"),
         ("0", "70. को अलग से रु. 5 लाख.*केवल अनुमान.*SECC 2011.*14555.*pmjay.gov.in"))
    found = talk(phone, ("अस्पताल", "PIN"), ("बिहर", "क्या आपका मतलब बिहार"), ("हां", "कान नाक गला"),
                 ("1", r": जिला अस्पताल (?P<pin>800\d{3}).*1 इलाज की दरें"))
    assert s.rows("SELECT count(*) FROM pmjay_hospital WHERE pin = ? AND status = 'ACTIVE'",
                  int(found["pin"]))[0][0] >= 1
    rate = talk(phone, ("2", "जिला अस्पताल"), ("1", "किस अस्पताल की दरें"),
                ("1", r"जिला अस्पताल (?P<pin>\d{6}) में (?P<name>.*?) रु. (?P<rate>\d+) और.*कैशलेस"))
    assert (rate["name"], int(rate["rate"])) in s.rows("""SELECT p.name_hi, rate_rs FROM pmjay_rate JOIN pmjay_package p USING
        (code) JOIN pmjay_hospital USING (hospital_id) WHERE pin = ?""", int(rate["pin"]))
    talk(phone, ("बस", "14555 पर पूछ लें"))
    ticket = talk(phone, ("शिकायत", "4 अन्य"), ("1", "60 अक्षर"), ("कार्ड के 500 मांगे", r"टिकट नंबर (?P<ticket>\d+)"))["ticket"]
    assert s.rows("SELECT topic, text, msisdn FROM grievance WHERE ticket = ?", int(ticket)) == [
        ("MONEY", "कार्ड के 500 मांगे", "919812345678")]
    talk(phone, ("TICKET", "टिकट नंबर"), (ticket, f"टिकट {ticket} पर काम चल रहा है"))
    s.desk("POST", f"/v1/grievances/{ticket}/resolve", {"answer": "done"})
    talk(phone, ("TICKET", "टिकट नंबर"), (ticket, "निपटारा हो चुका है"))


@test("PM-JAY by SMS in English: an exclusion, the card, and what to do when not listed")
def pmjay_english(t):
    s = seeded(Stack(t))
    phone = s.smsc.phone("919812345678")
    talk(phone, ("ELIG", "70 years"), ("no", "1 Village"), ("2", "4 Rickshaw"), ("4", "Govt job"),
         ("2", "seems not eligible.*Estimate only.*SECC 2011.*14555.*pmjay.gov.in"), ("NOTLIST", "health department"), ("CARD", "card is free"))


@test("PM-JAY's record by SMS: an OTP first, wrong, then right; a masked name; another phone gets nothing")
def pmjay_record(t):
    s = seeded(Stack(t))
    number, members, cards, state = s.rows("""SELECT msisdn, count(*), sum(has_card), state FROM pmjay_family
        JOIN pmjay_beneficiary USING (family_id) JOIN pmjay_district USING (district_id) WHERE msisdn IN (SELECT msisdn
        FROM pmjay_family GROUP BY 1 HAVING count(*) = 1) GROUP BY family_id HAVING count(*) > sum(has_card)
        AND sum(has_card) > 0 LIMIT 1""")[0]
    names = [r[0] for r in s.rows("""SELECT name FROM pmjay_beneficiary JOIN pmjay_family USING (family_id)
        WHERE msisdn = ? ORDER BY born, pmjay_id""", number)]
    phone = s.smsc.phone(number)
    phone.ask("ENG", "English")
    code = phone.ask("RECORD", r"PM-JAY OTP is (?P<code>\d{6})")["code"]
    phone.ask(f"{(int(code) + 1) % 1000000:06d}", "This OTP is wrong")
    told = phone.ask(code, rf"On the list: (?P<name>\S+ \S+) of .*, cards made {cards}/{members}\..*send CARD")
    assert told["name"][0] == names[0][0] and not any(w in m.text for m in s.smsc.to(number) for w in names[0].split()), told
    other = s.smsc.phone("919812345678")
    code = other.ask("सूची", r"आयुष्मान ओटीपी (?P<code>\d{6})")["code"]
    other.ask(code, "रिकॉर्ड नहीं मिला.*दूसरा मोबाइल.*NOTLIST")
    other.ask("NOTLIST", "सूची में नहीं")


@test("PM-JAY's record on a screen: two families of one mobile are told apart by the ration card; documents behind 7")
def pmjay_record_ussd(t):
    s = seeded(ussd_stack(t, "generic", kind=Stack))
    number, card, state, name = s.rows("""SELECT msisdn, ration_card, state, (SELECT name FROM pmjay_beneficiary b
        WHERE b.family_id = f.family_id ORDER BY born, pmjay_id LIMIT 1) FROM pmjay_family f JOIN pmjay_district
        USING (district_id) WHERE msisdn IN (SELECT msisdn FROM pmjay_family WHERE msisdn IS NOT NULL GROUP BY 1
        HAVING count(*) = 2) LIMIT 1""")[0]
    phone = UssdPhone(s.smsc, number, VENDORS[0])
    shows(phone.dial("*123*4*5#"), "6 अंकों का ओटीपी लिखें")
    code = s.smsc.phone(number).expect(r"आयुष्मान ओटीपी (?P<code>\d{6}) है")["code"]
    shows(phone.press(code), "परिवार हैं")
    shows(phone.press("2"), "राशन कार्ड नंबर लिखें")
    shows(phone.press("BR99999999"), "ऐसा परिवार नहीं मिला")
    while not phone.screens()[-1].op == phone.vendor.end:
        phone.press("9")
    shows(phone.dial("*123*4*7*2#"), "जरूरी: आधार")


def apply(s, number, **more):
    """What a registered organisation does at its desk."""
    return s.desk("POST", "/v1/niramaya/applications", {
        "msisdn": number, "kind": "ENROL", "bpl": True, "disability": "AUTISM", "state": "Bihar", "lang": "hi", **more})["ref"]


def move(s, ref, status, **more):
    s.desk("POST", f"/v1/niramaya/applications/{ref}/status", {"status": status, **more})


@test("Niramaya by SMS in Hindi: who may join, the fee, a missing paper, the card, renewal")
def niramaya_hindi(t):
    s = Stack(t)
    number = "919812345678"
    phone = s.smsc.phone(number)
    talk(phone, ("निरामय", "7 शिकायत"), ("1", "कहां रहते हैं"), ("2", "बौद्धिक दिव्यांगता"), ("3", "प्रमाणपत्र है"),
         ("हां", "पात्र: रु. 1 लाख"), ("निरामय शुल्क", "नामांकन या नवीनीकरण"), ("2", "अभिभावक"), ("2", "बीपीएल"),
         ("1", "शुल्क रु. 50।.*बीपीएल कार्ड"), ("NIRAMAYA STATUS", "कोई निरामय आवेदन नहीं"))
    ref = apply(s, number)
    talk(phone, ("NIRAMAYA STATUS", f"आवेदन {ref} पंजीकृत संस्था के पास"))
    move(s, ref, "SENT_TO_NT")
    move(s, ref, "INCOMPLETE", missing=["D2"])
    phone.expect(f"आवेदन {ref} अपूर्ण: बीपीएल कार्ड नहीं है। 15 दिन में")
    talk(phone, ("NIRAMAYA STATUS", f"आवेदन {ref} अपूर्ण: बीपीएल कार्ड नहीं है।"))
    move(s, ref, "RESUBMITTED")
    move(s, ref, "APPROVED")
    move(s, ref, "CARD_UPLOADED")
    year = s.rows("SELECT strftime('%Y', valid_to * 86400, 'unixepoch') FROM niramaya_application")[0][0]
    talk(phone, ("NIRAMAYA STATUS", "कार्ड बन गया"), ("RENEW", f"31 मार्च {year} तक वैध। नवीनीकरण शुल्क रु. 50"))


@test("Niramaya by SMS in English: a bill, a claim, a complaint that it is too early to take higher")
def niramaya_english(t):
    s = Stack(t)
    number = "919812345678"
    phone = s.smsc.phone(number)
    talk(phone, ("ENG", "English"), ("NIRAMAYA BENEFIT", "9 Transport"), ("4", "How many rupees"),
         ("9000", "limit Rs 8000; of this bill up to Rs 8000"), ("CLAIM", "3 My claim"), ("3", "No Niramaya claim"))
    s.desk("POST", "/v1/niramaya/claims", {"msisdn": number, "section": "V", "amount_rs": 1500, "treated_on": "2025-01-01"})
    talk(phone, ("CLAIM", "3 My claim"), ("3", "Claim 700001 has reached the insurer"), ("NIRAMAYA COMPLAINT", "2 No answer"))
    ticket = talk(phone, ("1", "up to 60 letters"), ("The card has not come", r"ticket (?P<ticket>\d+)"))["ticket"]
    talk(phone, ("NIRAMAYA COMPLAINT", "2 No answer"), ("2", "ticket number"), (ticket, "there is time to answer until"))
    assert s.rows("SELECT service, level FROM grievance") == [("niramaya", "TRUST")]
