# SPDX-License-Identifier: BSD-2-Clause
"""The schemes by SMS, over real SMPP, real Redis and the real backend with its synthetic people."""
import subprocess

from harness import SRCDIR, program, test
from stack import Stack


def seeded(t):
    s = Stack(t)
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
    s = seeded(t)
    phone = s.smsc.phone("919812345678")
    talk(phone, ("पात्रता", "70 साल"), ("हां", "70. वर्ष के सभी नागरिक पात्र"), ("1", "परिवार कहां"), ("गांव", "4 मैला ढोना"),
         ("1 3", "सरकारी नौकरी"), ("0", "संगठित"),
         ("0", "70. को अलग से रु. 5 लाख.*केवल अनुमान.*SECC 2011.*14555.*pmjay.gov.in"))
    found = talk(phone, ("अस्पताल", "PIN"), ("बिहार", "कान नाक गला"),
                 ("1", r"\(1\) जिला अस्पताल (?P<pin>800\d{3}).*और दिखाएं"))
    assert s.rows("SELECT count(*) FROM pmjay_hospital WHERE pin = ? AND status = 'ACTIVE'",
                  int(found["pin"]))[0][0] >= 1
    talk(phone, ("1", "जिला अस्पताल"), ("2", "14555 पर पूछ लें"))
    ticket = talk(phone, ("शिकायत", "4 अन्य"), ("1", "60 अक्षर"), ("कार्ड के 500 मांगे", r"टिकट नंबर (?P<ticket>\d+)"))["ticket"]
    assert s.rows("SELECT topic, text, msisdn FROM grievance WHERE ticket = ?", int(ticket)) == [
        ("MONEY", "कार्ड के 500 मांगे", "919812345678")]
    talk(phone, ("TICKET", "टिकट नंबर"), (ticket, f"टिकट {ticket} पर काम चल रहा है"))
    s.desk("POST", f"/v1/grievances/{ticket}/resolve", {"answer": "done"})
    talk(phone, ("TICKET", "टिकट नंबर"), (ticket, "निपटारा हो चुका है"))


@test("PM-JAY by SMS in English: an exclusion, the record of this phone, and what to do without one")
def pmjay_english(t):
    s = seeded(t)
    phone = s.smsc.phone("919812345678")
    talk(phone, ("ELIG", "70 years"), ("no", "1 Village"), ("2", "4 Rickshaw"), ("4", "Govt job"),
         ("2", "seems not eligible.*Estimate only.*SECC 2011.*14555.*pmjay.gov.in"), ("RECORD", "No record was found"),
         ("NOTLIST", "health department"), ("CARD", "card is free"))
    (number, members, cards), = s.rows("""SELECT msisdn, count(*), sum(has_card) FROM pmjay_family
        JOIN pmjay_beneficiary USING (family_id) WHERE msisdn IN (SELECT msisdn FROM pmjay_family GROUP BY 1
        HAVING count(*) = 1) GROUP BY family_id LIMIT 1""")
    talk(s.smsc.phone(number), ("ENG", "English"), ("RECORD", f"members {members}, cards made {cards}"))
