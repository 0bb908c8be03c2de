# SPDX-License-Identifier: BSD-2-Clause
"""SMS through a provider's HTTP interface: the whole conversation, and all that can go wrong with it."""
from harness import SRCDIR, test, wait_until
from provider import PROVIDERS, Answer, Bsnl, GenericJson, MobileSeva, Provider, exchange, reply_json
from stack import Stack
from talk import EN, HI, register, registered_once, tokens

NUMBER, OTHER = "919812345678", "919812345679"
ENTITY = "1001234567890123456"


class SmsStack(Stack):
    """A bridge with a link to a provider's HTTP interface; smpp: and one to a message centre, by which persons write."""

    def __init__(self, t, speak=None, link="", smpp=False, **options):
        self.provider = t.own(Provider(speak or GenericJson()))
        self.sms_link, self.smpp, self.profiles = link, smpp, SRCDIR / "etc/sms"
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
    {self.provider.speak.config}
    {self.sms_link}
{"routes: [{links: [agg]}]" if self.smpp else ""}
backends:
{backends}"""

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

    def dead(self):
        r = self.look()
        try:
            return [x.decode("utf-8", "replace") for k in r.keys("dky:*:dead") for x in r("LRANGE", k, "0", "-1")]
        finally:
            r.close()

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
            x.startswith(f"permanent {speak.refused}\n") for x in s.dead()))


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
