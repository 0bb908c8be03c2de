# SPDX-License-Identifier: BSD-2-Clause
"""Long messages whose parts an HTTP provider brings one by one: joined as those of an SMPP link are."""
import re

from harness import SRCDIR, test, wait_until
from provider import MobileSeva, Vonage, exchange, form
from talk import EN, HI, patients
from test_sms_http import NUMBER, OTHER, SmsStack

NAME, JOINED = ["राम" + " " * 60, " " * 60, " " * 40 + "कुमार"], "राम कुमार"


def outcomes(s, outcome):
    return s.metric("dakiya_mo_total", link="agg", outcome=outcome)


def times_seen(s, pattern, number=NUMBER):
    return sum(bool(re.search(pattern, x.text)) for x in s.provider.to(number))


def waiting(s):
    """Messages of which parts are missing."""
    r = s.look()
    try:
        return sum(r("ZCARD", k) for k in r.keys("dky:*}:pw"))
    finally:
        r.close()


@test("parts by HTTP are joined: in any order, repeated, of two persons under one reference, and once")
def joined(t):
    s = SmsStack(t, Vonage())
    one, two = s.phone(), s.phone(OTHER)
    one.ask(HI.start, HI.ask_name)
    two.ask(EN.start, EN.ask_name)
    of_one, of_two = s.provider.speak.parts(NUMBER, NAME, "7"), s.provider.speak.parts(OTHER, ["Asha ", " ", " Devi"], "7", "q")
    for i in (2, 0, 2):
        assert s.tell(of_one[i])[0] == 200 and s.tell(of_two[i])[0] == 200
    assert waiting(s) == 2 and not one.unread() and not two.unread()
    assert s.tell(of_two[1])[0] == 200
    two.expect(EN.ask_age)
    assert s.tell(of_one[1])[0] == 200
    one.expect(HI.ask_age)
    for request in of_one + of_two:
        assert s.tell(request)[0] == 200, "a repeat is taken, and nothing happens"
    assert waiting(s) == 0 and outcomes(s, "duplicate") == 6 and outcomes(s, "accepted") == 4
    r = s.look()
    for key in r.keys("dky:*}:p:*"):
        r("DEL", key)  # as when a minute is over: only the provider's ids tell still
    r.close()
    assert s.tell(of_one[0])[0] == 200 and waiting(s) == 0 and outcomes(s, "duplicate") == 7
    again = s.provider.speak.parts(NUMBER, ["३", "५"], "7", "r")  # another one, of the same reference
    for request in again:
        assert s.tell(request)[0] == 200
    one.expect(HI.ask_sex)
    for text, answer in HI.steps[3:]:
        one.ask(text, answer)
    assert [x[:2] for x in patients(s, NUMBER)] == [(JOINED, 35)]
    assert len(one.inbox()) == len(HI.steps) and len(two.inbox()) == 2, (one.inbox(), two.inbox())


@test("a part by HTTP is answered 2xx when it is stored, and outlives Redis and the bridge; what is no part is a message")
def durable(t):
    s = SmsStack(t, Vonage(), fsync="always")
    phone = s.phone()
    phone.ask(HI.start, HI.ask_name)
    parts = s.provider.speak.parts(NUMBER, NAME, "200")
    assert s.tell(parts[1])[0] == 200
    s.redis.kill()
    wait_until("it is known", lambda: s.metric("dakiya_store_up") == 0)
    assert s.tell(parts[0])[0] == 503
    s.start_redis()
    wait_until("it is taken", lambda: s.tell(parts[0])[0] == 200, 20)
    s.restart_dakiyad()
    assert s.tell(parts[2])[0] == 200
    phone.expect(HI.ask_age)
    for total, part in (("2", "3"), ("2", "0"), ("1", "1"), ("256", "1"), ("x", "1"), ("2", "")):
        request = s.provider.speak.message(NUMBER, "WHO", f"odd-{total}-{part}", **{
            "concat-ref": "9", "concat-total": total, "concat-part": part})
        assert s.tell(request)[0] == 200
        phone.expect("सरकार|government")
    assert waiting(s) == 0


@test("half a message by HTTP: the person is asked once to send it again")
def incomplete(t):
    s = SmsStack(t, Vonage(), more="parts_wait: 1s\npartitions: 8")
    phone, speak = s.phone(), s.provider.speak
    phone.ask(EN.start, EN.ask_name)
    parts = speak.parts(NUMBER, ["Asha ", "Devi"], "5")
    assert s.tell(parts[1])[0] == 200
    phone.expect("did not arrive whole")
    assert s.tell(parts[0])[0] == 200, "it comes after all"
    assert s.tell(parts[1])[0] == 200
    assert waiting(s) == 0
    for request in speak.parts(NUMBER, ["Asha ", "Devi"], "6"):
        assert s.tell(request)[0] == 200
    phone.expect(EN.ask_age)
    assert times_seen(s, "arrive whole") == 1


@test("the fields of parts are the profile's: JSON, a reference of any form; each part at another process")
def fields(t):
    s = SmsStack(t, more="instance: a", start=False)
    s.change_profile(lambda text: text.replace(
        "  id: id\n  reply", "  id: id\n  part_ref: /long/of\n  part_total: /long/parts\n  part: /long/part\n  reply", 1))
    s.start_dakiyad()
    (s.folder / "b.yaml").write_text(s.config().replace("instance: a", "instance: b").replace("/ports", "/ports-b"))
    t.start("dakiyad-b", s.dakiyad_path, "-c", s.folder / "b.yaml")
    wait_until("the second bridge is ready", lambda: (s.folder / "ports-b").exists())
    other = int(re.search(r"sms_agg=(\d+)", (s.folder / "ports-b").read_text())[1])
    person = s.phone()
    person.ask(HI.start, HI.ask_name)
    for i, text in enumerate(NAME):
        request = s.provider.speak.message(NUMBER, text, f"p{i}", long={
            "of": "0b1e3a52-6a0e-4f5c-9d5e-0f3c2a9b7e11", "parts": 3, "part": i + 1})
        for port in (s.sms_port(), other)[i % 2:]:  # the first and the last to both
            assert wait_until("it is taken", lambda: exchange(port, *request)[0] == 200)
    person.expect(HI.ask_age)
    wait_until("nothing is left", lambda: not s.depth())
    assert times_seen(s, HI.ask_age) == 1


@test("the answer to a long message stands in the response to the part that completes it; the others get none")
def in_response(t):
    s = SmsStack(t, MobileSeva(), start=False)
    s.change_profile(lambda text: text.replace(
        "time: timeStamp", "hex_when: dcs\n  hex_words: [8]\n  part_ref: ref\n  part_total: of\n  part: nr"))
    s.start_dakiyad()

    def tell(octets, **more):
        return s.tell(("POST", "/sms", *form({"mobileNumber": NUMBER, "message": octets.hex(), "dcs": "8", **more})))[1]
    word = HI.start.encode("utf-16-be")
    assert tell(word[:6], ref="a", of="2", nr="1") == ""
    assert re.search(HI.ask_name, tell(word[6:], ref="a", of="2", nr="2"))


@test("a profile that names only some of a part's fields is refused")
def mistakes(t):
    s = SmsStack(t, start=False, backend=False, redis="embedded")
    s.change_profile(lambda text: text.replace("  id: id\n", "  id: id\n  part: nr\n", 1))
    assert "part_ref, part_total and part go together" in s.check_config()
    assert "part_ref: concat-ref" in (SRCDIR / "etc/sms/vonage.yaml").read_text()
