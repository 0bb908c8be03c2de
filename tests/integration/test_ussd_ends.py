# SPDX-License-Identifier: BSD-2-Clause
"""How a USSD session ends when something is away: each cause has its own screen, in time, in the person's language
where it can be read; and the ends from outside are told apart."""
from harness import test, wait_until
from ussd import VENDORS, UssdPhone, enrol, shows, stack

GENERIC = VENDORS[0]
HINDI, ENGLISH = "919812345678", "919812345679"
AWAY = {HINDI: "^सेवा व्यस्त है। काम रख लिया है, जवाब SMS से आएगा", ENGLISH: "answer comes by SMS"}
LATE = {HINDI: "^सेवा में देर हो रही है। जवाब SMS से आएगा", ENGLISH: "^The service is slow now. The answer comes to you by SMS"}


def phones(s):
    """One who reads Hindi and one who reads English, each at the menu of the service."""
    for number in (HINDI, ENGLISH):
        enrol(s, number)
        phone = UssdPhone(s.smsc, number, GENERIC)
        phone.dial()
        if number == ENGLISH:
            while "8 English" not in phone.screens()[-1].text:
                phone.press("9")
            phone.press("8")
        yield phone


@test("the backend away, and late: an own last screen each, in time, in Hindi and in English; both get their SMS")
def backend(t):
    s = stack(t, "generic", answer="2s", backend_more="timeout: 8s")
    both = list(phones(s))
    s.to_backend.fault(("slow", 2.5), "/v1/tokens", 2)
    for phone in both:
        phone.tell(GENERIC.next, "1")
    for phone in both:
        shows(phone.screen(2), LATE[phone.number], ends=True)
        wait_until("the SMS comes", lambda n=phone.number: s.smsc.to(n))
    s.to_backend.fault("drop", "/v1/tokens", 40)
    for phone in both:
        phone.dial()
        shows(phone.press("2"), AWAY[phone.number], ends=True)
    s.to_backend.clear()
    assert s.metric("dakiya_ussd_overdue_total") == 0


@test("the person hangs up, the network gives up, the network ends it: counted and told apart, and dialling again goes on")
def ends(t):
    s = stack(t, "generic", start=False)
    profile = (t.folder / "mine.yaml")
    profile.write_text("smpp: {begin: [0x01], next: [0x12], end: [0x11], abort: [0x81], timeout: [0x82], "
                       "out_more: 0x02, out_end: 0x11}\n")
    s.link = s.link.replace("ussd: generic", f"ussd: {profile}")
    s.start_backend()
    s.start_dakiyad()
    phone = UssdPhone(s.smsc, HINDI, GENERIC)
    shows(phone.dial(), "1 ")
    shows(phone.press("1"), "नाम")
    for op, outcome, told in ((0x81, "aborted", "^आपका काम अधूरा है"), (0x82, "timed_out", "^समय पूरा, काम अधूरा"),
                              (0x11, "network_ended", "^कॉल कटी, काम अधूरा"), (0x81, "aborted", "^आपका काम अधूरा है")):
        phone.tell(op)
        wait_until(f"it is {outcome}", lambda o=outcome: s.metric("dakiya_ussd_sessions_total", outcome=o) >= 1)
        shows(phone.dial(), told + ".*1 आगे बढ़ें", ends=False)
        shows(phone.press("1"), "नाम", ends=False)
