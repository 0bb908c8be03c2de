# SPDX-License-Identifier: BSD-2-Clause
"""SMS through a provider's HTTP interface: the whole conversation, and all that can go wrong with it."""
import json
import re
import signal

import smpp
from harness import SRCDIR, test, wait_until
from provider import (PROVIDERS, Answer, Bsnl, GenericJson, Infobip, MobileSeva, Provider, exchange, form,
                      reply_json)
from smpp import Part
from stack import Stack
from talk import EN, HI, register, registered_once

NUMBER, OTHER = "919812345678", "919812345679"
ENTITY = "1001234567890123456"


class SmsStack(Stack):
    """A bridge with a link to a provider's HTTP interface; smpp: and one to a message centre, by which persons write."""

    def __init__(self, t, speak=None, link="", smpp=False, timeout="{}", routes="[{links: [agg]}]", **options):
        self.provider = t.own(Provider(speak or GenericJson()))
        self.sms_link, self.smpp, self.timeout, self.profiles = link, smpp, timeout, SRCDIR / "etc/sms"
        self.routes = routes
        super().__init__(t, **options)

    def config(self):
        head, rest = super().config().split("links:\n")
        smpp, backends = rest.split("backends:\n")
        return f"""{head}sms_profiles: {self.profiles}
links:
{smpp if self.smpp else ""}
  - name: agg
    http: {self.provider.speak.name}
    url: "{self.provider.url}"
    listen: "{"127.0.0.1:0" if self.provider.speak.message else ""}"
    public_url: "https://bridge.example"
    source_addr: "56161"
    reconnect_min: 20ms
    reconnect_max: 200ms
    response_timeout: 2s
    timeouts: {self.timeout}
    {self.provider.speak.config}
    {self.sms_link}
{f"routes: {self.routes}" if self.smpp else ""}
backends:
{backends}"""

    def change_profile(self, change):
        """From the next start on the profile is a copy, as change(text) gives it."""
        name = self.provider.speak.name + ".yaml"
        (self.folder / name).write_text(change((SRCDIR / "etc/sms" / name).read_text()))
        self.profiles = self.folder

    def sms_port(self):
        return self.ports().get("sms_agg") if self.dakiyad else None

    def phone(self, number=NUMBER):
        return self.provider.phone(number, self.sms_port)

    def secrets(self):
        with self.provider.lock:
            numbers = {x.number for x in self.provider.taken}
            texts = {x.text for x in self.provider.taken}
        return super().secrets() | numbers | {n[-10:] for n in numbers} | {x for x in texts if len(x) >= 8}

    def check_end(self):
        super().check_end()
        assert not self.provider.broken, self.provider.broken

    def tell(self, request):
        return exchange(self.sms_port(), *request)

    def inbox_count(self, pattern, number=NUMBER):
        return sum(bool(re.search(pattern, x.text, re.I)) for x in self.provider.to(number))

    def matched(self):
        """Reports whose message was found; some come before our answer is read."""
        return sum(self.metric("dakiya_receipts_matched_total", link="agg", outcome=x) for x in ("matched", "matched_early"))

    def sent_metric(self, status):
        return self.metric("dakiya_submit_total", link="agg", status=status)


def conforms(speak):
    @test(f"SMS by {speak.name}: its requests to the letter, in English and Hindi; its messages, reports and refusals")
    def conformance(t, speak=speak):
        s = SmsStack(t, speak(), smpp=True, link=f'dlt: {{entity_id: "{ENTITY}"}}' if speak.entity else "")
        for i, lang in ((0, EN), (1, HI)):
            s.smsc.phone(NUMBER[:-1] + str(i)).send(lang.start)
            wait_until("it is answered", lambda i=i: s.provider.to(NUMBER[:-1] + str(i)) or s.provider.broken)
        assert not s.provider.broken, s.provider.broken
        assert all(x.source == "56161" for x in s.provider.taken)
        for x in s.provider.taken:
            assert not speak.entity or speak.entity(x.sent) == ENTITY, x.sent.url
            assert not speak.template or len(speak.template(x.sent)) == 19
        if speak.message:
            person = s.phone(OTHER)
            request = s.provider.speak.message(OTHER, HI.start, "mo-1")
            assert s.tell(request)[0] == 200
            if speak is not MobileSeva:
                person.expect(HI.ask_name)
            assert s.tell(request)[0] == 200
            wait_until("the same again is known", lambda: s.metric("dakiya_mo_total", link="agg", outcome="duplicate") == 1)
        if speak.reports:
            for x in list(s.provider.taken):
                assert s.tell(s.provider.speak.report(x))[0] == 200
            wait_until("reports are matched", lambda: s.matched() == len(s.provider.taken))
        s.provider.fault(speak.refusal)
        if not speak.refused:
            s.smsc.phone(NUMBER).send(EN.start)
            wait_until("it is tried once more", lambda: s.provider.to(NUMBER))
            return
        s.smsc.phone(NUMBER).send(EN.start)
        wait_until("it is in the dead letters, in the provider's words", lambda: any(
            x.startswith(f"permanent {speak.refused}\n") for x in s.dead_letters()))


for each in PROVIDERS:
    conforms(each)


@test("a provider that has the words is given the values of the template's variables")
def variables(t):
    s = SmsStack(t, Bsnl(), smpp=True, link=f'dlt: {{entity_id: "{ENTITY}"}}')
    for i, (text, _) in enumerate(EN.steps):
        s.smsc.phone(NUMBER).send(text)
        wait_until("it is answered", lambda i=i: len(s.provider.to(NUMBER)) > i or s.provider.broken)
    number = registered_once(s, NUMBER)
    assert str(number) in s.provider.to(NUMBER)[-1].text.split(), s.provider.to(NUMBER)[-1].text


@test("the whole conversation runs over an HTTP provider, in Hindi and in English, and its reports are matched")
def whole(t):
    s = SmsStack(t)
    number = register(s.phone(), HI)
    assert registered_once(s, NUMBER, HI) == number
    other = s.phone(OTHER)
    register(other)
    s.call_next()
    s.phone().expect(HI.turn)
    wait_until("nothing is left", lambda: not s.depth())
    taken = list(s.provider.taken)
    for x in taken:
        assert s.tell(s.provider.speak.report(x))[0] == 200
    wait_until("each report is matched", lambda: s.matched() == len(taken))
    assert s.metric("dakiya_mt_delivery_total", state="DELIVRD") == len(taken)
    assert s.metric("dakiya_submit_total", link="agg", status="ok") == len(taken)
    assert s.metric("dakiya_link_state", link="agg", state="bound") == 1
    assert all(x.source == "56161" and x.sent.json["receipt_url"] == "https://bridge.example/sms/report" for x in taken)


def sure(s, text, message_id="m-1", number=NUMBER, **how):
    """A signed message; its answer."""
    return s.tell(s.provider.speak.message(number, text, message_id, **how))


@test("who may bring messages: a right signature over time and body, in time; others change nothing")
def signatures(t):
    s = SmsStack(t)
    method, path, body, headers = s.provider.speak.message(NUMBER, EN.start, "m-1")
    now = int(headers["X-Timestamp"])
    bad = [{**headers, "X-Signature": headers["X-Signature"][:-1] + ("0" if headers["X-Signature"][-1] != "0" else "1")},
           {**headers, "X-Signature": ""}, {k: v for k, v in headers.items() if k != "X-Signature"},
           {k: v for k, v in headers.items() if k != "X-Timestamp"}, {**headers, "X-Timestamp": str(now + 1)},
           {**headers, "X-Timestamp": f"{now}x"}, s.provider.speak.sign(body, at=now - 400), s.provider.speak.sign(body, at=now + 400),
           s.provider.speak.sign(body, secret="another")]
    for h in bad:
        assert s.tell((method, path, body, h))[0] == 401, h
    assert s.tell((method, path, body.replace("REG", "STOP"), headers))[0] == 401
    assert s.tell((method, "/sms?from=919999999999", body, headers))[0] == 200, "the query says nothing beside a body"
    s.phone().expect(EN.ask_name)
    assert s.tell((method, path, body, headers))[0] == 200, "a replay in time is a repeat"
    assert s.metric("dakiya_mo_total", link="agg", outcome="duplicate") == 1
    assert s.metric("dakiya_mo_total", link="agg", outcome="bad_signature") == 6
    assert s.metric("dakiya_mo_total", link="agg", outcome="stale") == 2
    assert s.metric("dakiya_mo_total", link="agg", outcome="no_stamp") == 2
    assert s.metric("dakiya_mo_total", link="agg", outcome="accepted") == 1


@test("requests that are none: 400, and the address, basic credentials and token must be right where they are set")
def refused(t):
    s = SmsStack(t, Infobip(), link="allow: [127.0.0.0/8, '::1']\n    token: t-1")
    token = {**Infobip.auth}
    _, path, body, _ = s.provider.speak.message(NUMBER, EN.start, "m-1")
    assert s.tell(("POST", path, body, token))[0] == 401, "basic is right, the token is missing"
    assert s.tell(("PUT", path, body, token))[0] == 405 and s.tell(("POST", "/other", body, token))[0] == 404
    s.sms_link = "allow: [10.0.0.0/8]"
    s.restart_dakiyad()
    assert s.tell(("POST", path, body, token))[0] == 403
    s.sms_link = ""
    s.restart_dakiyad()
    for wrong in ("", "[]", "{", '{"results":7}', '{"results":[]}', '{"results":[{"from":"56161","text":"x"}]}', "\xff"):
        assert s.tell(("POST", path, wrong.encode("latin-1"), token))[0] == 400, wrong
    mixed = {"results": [{"messageId": "a", "from": "nobody", "text": "x"},
                         {"messageId": "b", "from": NUMBER, "to": "56161", "text": EN.start},
                         {"messageId": "c", "from": OTHER, "to": "56161", "text": HI.start}]}
    assert s.tell(("POST", path, json.dumps(mixed), token))[0] == 200
    s.phone().expect(EN.ask_name)
    s.phone(OTHER).expect(HI.ask_name)
    assert s.metric("dakiya_mo_total", link="agg", outcome="accepted") == 2


@test("Redis away: 503, nothing lost; when it is back the provider's next try is taken, once")
def redis_away(t):
    s = SmsStack(t, fsync="always")
    s.phone().ask(EN.start, EN.ask_name)
    s.redis.kill()
    wait_until("it is known", lambda: s.metric("dakiya_store_up") == 0)
    for _ in range(3):
        assert sure(s, EN.name, "m-2")[0] == 503
    s.start_redis()
    person = s.phone()
    wait_until("it is taken", lambda: sure(s, EN.name, "m-2")[0] == 200, 20)
    person.expect(EN.ask_age)
    assert sure(s, EN.name, "m-2")[0] == 200
    assert s.inbox_count(EN.ask_age) == 1


@test("Redis stands still: no 2xx before the message is stored; the provider's next try is taken, once")
def redis_stands(t):
    s = SmsStack(t, start=False)
    s.more = "redis_timeout: 300ms\n"
    s.start_dakiyad()
    s.redis.signal(signal.SIGSTOP)
    assert sure(s, EN.start)[0] == 503
    s.redis.signal(signal.SIGCONT)
    wait_until("it is taken", lambda: sure(s, EN.start)[0] == 200, 20)
    s.phone().expect(EN.ask_name)
    assert sure(s, EN.start)[0] == 200 and s.inbox_count(EN.ask_name) == 1


@test("kill -9 between any two messages: what was answered 200 is answered by SMS, and nobody is registered twice")
def killed(t):
    s = SmsStack(t)
    register(s.phone(), EN, 20, after=lambda step: s.restart_dakiyad() if step in (1, 3, 5) else None)
    registered_once(s, NUMBER)
    wait_until("nothing is left", lambda: not s.depth())


@test("a provider that answers 429, 500, garbage, nothing, or is not there: everything arrives, a stated refusal does not")
def faults(t):
    s = SmsStack(t, timeout="{info: 9s, reply: 3s}")
    asked = ["silent", "drop", Answer(500, "oops"), Answer(200, "\xff\x00garbage"),
             reply_json({"code": "too-fast"}, 429, **{"Retry-After": "1"})]
    for i, fault in enumerate(asked):
        s.provider.fault(fault)
        person = s.phone(str(919812345600 + i))
        person.ask(EN.start, EN.ask_name, 15)
    for status in ("too-fast", "http-500", "not-understood"):
        assert s.sent_metric(status) == 1, status
    assert s.sent_metric("no_answer") >= 1
    wait_until("each was taken", lambda: s.sent_metric("ok") == len(asked))
    assert s.metric("dakiya_link_rate", link="agg") > 0, "it was asked to slow down"
    s.provider.down()
    person = s.phone(OTHER)
    person.send(EN.start)
    wait_until("the link waits", lambda: s.metric("dakiya_link_state", link="agg", state="wait") == 1)
    assert s.http("/readyz")[0] == 503
    s.provider.up()
    person.expect(EN.ask_name, 15)
    ids = [x.sent.json["id"] for x in s.provider.taken]
    assert len(ids) == len(set(ids)), "each was taken once"
    s.provider.fault(Answer(404, "no such path"))
    s.phone("919812345688").send(EN.start)
    wait_until("a plain refusal is final", lambda: any(x.startswith("permanent http-404") for x in s.dead_letters()))


@test("an answer that was lost on its way: the message goes again under the same id, so that the provider can tell")
def lost(t):
    s = SmsStack(t)
    s.provider.fault("lost")
    s.phone().ask(EN.start, EN.ask_name)
    wait_until("it came again", lambda: len(s.provider.to(NUMBER)) == 2)
    assert len({x.sent.json["id"] for x in s.provider.taken}) == 1


@test("a long message of which a message centre took one part before its link went goes to the provider whole, once")
def after_a_part(t):
    s = SmsStack(t, smpp=True, routes="[{links: [smsc1], backup: [agg]}]")
    phone = s.smsc.phone(NUMBER)
    phone.ask(HI.start, HI.ask_name)
    rest = s.smsc.fault("submit_sm", smpp.RSYSERR, 10, lambda p: Part(p).seq > 1)
    for text, answer in HI.steps[1:]:
        phone.send(text)
        wait_until(f"{text} has an answer", lambda a=answer: rest.hits or re.search(a, " ".join(phone.inbox())))
        if rest.hits:
            break
    s.smsc.fault("bind", "drop", 10 ** 6)
    s.smsc.drop()
    wait_until("the provider takes it", lambda: s.provider.taken, 20)
    wait_until("nothing is left", lambda: not s.depth(), 20)
    begun = [m.part.text for m in s.smsc.mt if m.part.total > 1][0]
    assert len(s.provider.taken) == 1 and s.provider.taken[0].text.startswith(begun), s.provider.taken
    assert not s.dead_letters(), s.dead_letters()


@test("wrong credentials: the link holds and says so, and what waits goes when they are right")
def credentials(t):
    s = SmsStack(t)
    s.provider.fault(Answer(401, "who are you"))
    person = s.phone()
    person.send(EN.start)
    wait_until("it is told", lambda: "credentials refused" in s.dakiyad.output())
    assert len(s.provider.requests) == 1
    s.restart_dakiyad()
    person.expect(EN.ask_name)


@test("an answer in the response: Mobile Seva's citizen gets it there, a late one and an alert by SMS")
def in_response(t):
    s = SmsStack(t, MobileSeva(), start=False)
    s.change_profile(lambda text: text.replace("in_response: true", "in_response: true\n  reply_within: 500ms"))
    s.start_dakiyad()
    speak = s.provider.speak

    def ask(text):
        status, body, _ = s.tell(speak.message(NUMBER, text, ""))
        assert status == 200
        return body
    for text, answer in EN.steps[:-1]:
        assert re.search(answer, ask(text), re.I), text
    s.to_backend.fault(("slow", 1.5))
    assert ask(EN.steps[-1][0]) == "" and not s.provider.taken, "too late for the response"
    s.phone().expect(EN.token, 15)
    s.to_backend.clear()
    s.call_next()
    s.phone().expect(EN.turn)
    registered_once(s, NUMBER)
    wait_until("nothing is left", lambda: not s.depth())
    assert s.metric("dakiya_mt_total", outcome="sent") == len(EN.steps) - 1 + len(s.provider.taken)


@test("texts in hexadecimal UCS-2 are read, one that is none is answered with a word, and repeats without an id are known")
def hexadecimal(t):
    s = SmsStack(t, MobileSeva(), start=False)
    s.change_profile(lambda text: text.replace("time: timeStamp", "hex_when: dcs\n  hex_words: [8]"))
    s.start_dakiyad()

    def ask(text, number=NUMBER):
        return s.tell(("POST", "/sms", *form({"mobileNumber": number, "message": text, "dcs": "8"})))[1]
    assert re.search(HI.ask_name, ask(HI.start.encode("utf-16-be").hex()))
    assert re.search(HI.ask_age, ask(HI.name.encode("utf-16-be").hex()))
    assert re.search(HI.ask_age, ask(HI.name.encode("utf-16-be").hex())), "what was said last is said again"
    assert ask("0915zz", OTHER) and ask("091", OTHER)
    assert s.metric("dakiya_turns_total", outcome="asked") >= 2


@test("mistakes in a profile and its link are told when the configuration is checked")
def mistakes(t):
    s = SmsStack(t, start=False, backend=False, redis="embedded")
    good = (SRCDIR / "etc/sms/generic-json.yaml").read_text()
    s.profiles = t.folder

    def says(profile=good, link=""):
        (t.folder / "generic-json.yaml").write_text(profile)
        s.sms_link = link
        return s.check_config()
    assert "there is no value \"nmae\"" in says(good.replace("{text}", "{nmae}"))
    assert "there is no filter \"rot\"" in says(good.replace("{text}", "{text|rot}"))
    assert "{/} is missing" in says(good.replace("{/}}", "}"))
    assert "begins with none of again" in says(good.replace("busy: later", "busy: perhaps"))
    assert "there is no state \"GONE\"" in says(good.replace("DELIVRD", "GONE"))
    assert "the expression" in says(good.replace("id_at: /id", "id_match: '('"))
    assert "needs send or receive" in says("sign: {header: X}")
    assert "no address and no network" in says(link="allow: [10.0.0.0/33]")
    s.provider.speak.config = "key: k"
    assert "takes messages from anybody" in says()
    assert "host and tls are for SMPP" in says(link="host: example")
