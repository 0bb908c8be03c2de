# SPDX-License-Identifier: BSD-2-Clause
"""A backend that fails in every way there is: the person is told, the question is kept."""
from harness import test, wait_until
from stack import Stack
from talk import EN, HI, patients, register, registered_once, tokens

NUMBER = "919812345678"


def last_step(t, lang, fault=None, **options):
    """Talk up to the consent, break the backend, give consent."""
    s = Stack(t, **options)
    phone = s.smsc.phone(NUMBER)
    for text, answer in lang.steps[:-1]:
        phone.ask(text, answer)
    if fault is not None:
        s.to_backend.fault(fault)
    return s, phone


@test("a backend that says 500, 503, garbage, nothing, half of it: told politely, and answered when it is back")
def broken(t):
    s = Stack(t, backend_more="timeout: 1s, trip_after: 1000")
    phones = []
    for fault in (500, 503, "garbage", "drop", "silent", "half", b"\x00\x01\x02 hello\r\n\r\n"):
        phone = s.smsc.phone(str(919812340000 + len(phones)))
        phones.append(phone)
        for text, answer in EN.steps[:-1]:
            phone.ask(text, answer)
        rule = s.to_backend.fault(fault)
        phone.ask(EN.consent, EN.kept, 15)
        assert rule.hits >= 1, fault
        s.to_backend.clear()
    for phone in phones:
        phone.expect(EN.token, 60)
        registered_once(s, phone.number)


@test("a backend that is not there: told politely in Hindi, and answered when it is back")
def down(t):
    s, phone = last_step(t, HI)
    s.to_backend.down()
    phone.ask(HI.consent, HI.kept, 15)
    status, text = s.http("/readyz")
    assert status == 200 and "backend health: failing" in text, text
    s.to_backend.up()
    phone.expect(HI.token, 60)
    assert "backend health: ok" in s.http("/readyz")[1]
    registered_once(s, NUMBER, HI)


@test("the kept question is answered even if the bridge was killed while the backend was away")
def down_and_killed(t):
    s, phone = last_step(t, EN)
    s.to_backend.down()
    phone.ask(EN.consent, EN.kept, 15)
    s.restart_dakiyad()
    s.to_backend.up()
    phone.expect(EN.token, 90)
    registered_once(s, NUMBER)


@test("an answer lost on the way back does not register twice")
def lost_answer(t):
    s, phone = last_step(t, EN)
    s.to_backend.fault("lost", "/v1/registrations", 1)
    s.to_backend.fault("lost", "/v1/tokens", 1)
    phone.ask(EN.consent, EN.token, 30)
    registered_once(s, NUMBER)
    posts = s.to_backend.to("/v1/registrations")
    assert len(posts) >= 2 and len({r.headers["idempotency-key"] for r in posts}) == 1, posts


@test("a slow backend within the deadline is waited for, and other people are not held up")
def slow(t):
    s, phone = last_step(t, EN)
    s.to_backend.fault(("slow", 2.4), "/v1/registrations", 1)
    phone.send(EN.consent)
    wait_until("the slow question is asked", lambda: s.to_backend.to("/v1/registrations"))
    register(s.smsc.phone("919812345679"), seconds=2)
    phone.expect(EN.token, 10)


@test("a backend that refuses a field is answered by asking the person, not by silence")
def refuses(t):
    s, phone = last_step(t, EN)
    s.to_backend.fault(422, "/v1/registrations", 1)
    before = len(phone.inbox())
    phone.send(EN.consent)
    wait_until("something is said", lambda: len(phone.inbox()) > before, 15)
    assert not tokens(s, NUMBER)


@test("while one backend call of a person runs, further messages wait and are answered in order")
def in_order(t):
    s, phone = last_step(t, EN)
    s.to_backend.fault(("slow", 0.7), "/v1/registrations", 1)
    phone.send(EN.consent)
    phone.send("STATUS")
    phone.send("HELP")
    phone.expect(EN.token, 10)
    wait_until("the other two are answered", lambda: len(phone.unread()) >= 2, 10)
    assert "next turn" in phone.unread()[0] and "REG" in phone.unread()[1], phone.unread()


@test("the circuit breaker keeps calls away from a dead backend and lets them through again")
def breaker(t):
    s = Stack(t)
    s.to_backend.fault(500)
    phones = [s.smsc.phone(str(919812340000 + i)) for i in range(12)]
    for p in phones:
        p.send("STATUS")
    for p in phones:
        p.expect(".", 20)
    asked = len(s.to_backend.requests)
    s.smsc.phone("919812349999").ask("STATUS", ".", 10)
    assert len(s.to_backend.requests) <= asked + 3
    s.to_backend.clear()
    wait_until("a question goes through", lambda: recovered(s), 60)


def recovered(s):
    s.smsc.phone("919812349998").ask("STATUS", ".", 10)
    return any(r.status not in (500, None) for r in s.to_backend.requests)


@test("the same person registers again under the same name and stays one person with one token")
def again(t):
    s = Stack(t)
    phone = s.smsc.phone(NUMBER)
    first = register(phone)
    for text, _ in EN.steps:
        before = len(phone.inbox())
        phone.send(text)
        wait_until(f"{text!r} is answered", lambda n=before: len(phone.inbox()) > n)
    assert len(patients(s, NUMBER)) == 1 and tokens(s, NUMBER) == [(first, "WAITING")]
