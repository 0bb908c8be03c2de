# SPDX-License-Identifier: BSD-2-Clause
"""SMS through a provider's HTTP interface: the whole conversation, and all that can go wrong with it."""
import json

from harness import SRCDIR, test, wait_until
from provider import Answer, GenericJson, Provider, exchange, reply_json
from stack import Stack
from talk import EN, HI, register, registered_once, tokens

NUMBER = "919812345678"


class SmsStack(Stack):
    """A bridge whose only link is a provider's HTTP interface."""

    def __init__(self, t, speak=None, link="", **options):
        self.provider = t.own(Provider(speak or GenericJson()))
        self.sms_link = link
        super().__init__(t, **options)

    def config(self):
        text = super().config()
        head, rest = text.split("links:\n")
        backends = rest[rest.index("backends:"):]
        return f"""{head}sms_profiles: {SRCDIR}/etc/sms
links:
  - name: agg
    http: {self.provider.speak.name}
    url: "{self.provider.url}"
    listen: "127.0.0.1:0"
    public_url: "https://bridge.example"
    source_addr: "56161"
    reconnect_min: 20ms
    reconnect_max: 200ms
    response_timeout: 2s
    {self.provider.speak.config}
    {self.sms_link}
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


@test("the whole conversation runs over an HTTP provider, in Hindi and in English, and its reports are matched")
def whole(t):
    s = SmsStack(t)
    number = register(s.phone(), HI)
    assert registered_once(s, NUMBER, HI) == number
    other = s.phone("919812345679")
    register(other)
    s.call_next()
    s.phone().expect(HI.turn)
    wait_until("nothing is left", lambda: not s.depth())
    taken = list(s.provider.taken)
    for x in taken:
        assert s.tell(s.provider.speak.report(x))[0] == 200
    wait_until("each report is matched",
               lambda: s.metric("dakiya_receipts_matched_total", link="agg", outcome="matched") == len(taken))
    assert s.metric("dakiya_mt_delivery_total", state="DELIVRD") == len(taken)
    assert s.metric("dakiya_submit_total", link="agg", status="ok") == len(taken)
    assert s.metric("dakiya_link_state", link="agg", state="bound") == 1
    assert all(x.source == "56161" and x.sent.json["receipt_url"] == "https://bridge.example/sms/report" for x in taken)
