# SPDX-License-Identifier: BSD-2-Clause
"""USSD over HTTP: each aggregator's profile, repeated requests, the traps, the ends from outside."""
import time
import urllib.parse

from harness import test
from talk import tokens
from ussd import AGGREGATORS, MENU, TOKEN, HttpCall, enrol, exchange, port, shows, stack

NUMBER = "919812345678"
UNKNOWN = "over. Please dial|फिर से डायल|फिर डायल"
AT, SAFARICOM, AIRTEL, IMI, DMARK, INFOBIP, JSON, SEVA = AGGREGATORS


def english(call):
    shown = call.dial()
    while "8 English" not in shown.text:
        shown = call.press("9")
    return shows(call.press("8"), "1 Take a token", ends=False)


def conforms(a):
    @test(f"USSD by {a.name}: its fields, its words, its reply; a repeated request is answered the same")
    def conformance(t, a=a):
        s = stack(t, None, [a])
        enrol(s, NUMBER)
        call = HttpCall(a, NUMBER, port(s))
        english(call)
        first = shows(call.press("1"), TOKEN, ends=True)
        asked = len(s.to_backend.to("/v1/tokens"))
        assert call.again().raw == first.raw
        assert call.again().raw == first.raw
        assert len(s.to_backend.to("/v1/tokens")) == asked and len(tokens(s, NUMBER)) == 1
        assert s.metric("dakiya_ussd_screens_total", profile=a.name, outcome="repeat") == 2
        if not a.named:
            time.sleep(1.1)  # now it is no repeated request any more
        shows(call.dial("*123*2#"), "turn|Token|token")  # the shortcut walks the menu
        if a.hang_up:
            call.dial()
            call.hang_up()
            assert s.metric("dakiya_ussd_sessions_total", profile=a.name, outcome="aborted") == 1
            if not a.named and a is not IMI:
                time.sleep(1.1)
            if a is not IMI and a is not AIRTEL:  # there a reply and a call look alike
                shows(call.press("1"), UNKNOWN, ends=True)
        assert s.metric("dakiya_ussd_requests_total", profile=a.name, kind="bad_request") == 0
        assert s.metric("dakiya_ussd_overdue_total") == 0


for agg in AGGREGATORS:
    conforms(agg)


@test("a star inside an input is part of it; an empty input is one; an old request gets the last screen")
def stars(t):
    s = stack(t, None, [AT])
    call = HttpCall(AT, NUMBER, port(s))
    english(call)
    shows(call.press("1"), "name")
    before = call.last
    shown = call.press("*")  # no name: asked again, with a word
    assert not shown.ends and "name" in shown.text, shown
    shows(call.press(""), "name|understood|read")
    shows(call.press("Asha*Devi"), "name|letters")
    shown = shows(call.press("Asha Devi"), "old|age|Age")
    call.last = before
    assert call.again().text == shown.text
    # inputs that are not those of the last step: no guess is made
    call.inputs = ["7"] + call.inputs[1:] + ["30"]
    shows(call.send("1"), UNKNOWN, ends=True)


@test("a session's end notice of Africa's Talking is no screen, and one that ended well changes nothing")
def notices(t):
    s = stack(t, None, [AT])
    call = HttpCall(AT, NUMBER, port(s))
    call.dial()
    form = {"sessionId": call.session, "phoneNumber": "+" + NUMBER, "status": "Success", "serviceCode": "*123#"}
    answer, body, _ = exchange(port(s), "POST", "/ussd", urllib.parse.urlencode(form), {})
    assert answer.status == 200 and "CON" not in body and "END" not in body, body
    assert s.metric("dakiya_ussd_sessions_total", outcome="network_ended") == 1


@test("who may ask: the user and password of the profile's fields, the addresses of the entry")
def allowed(t):
    s = stack(t, None, [AIRTEL], more="", )
    good = HttpCall(AIRTEL, NUMBER, port(s))
    good.dial()
    method, path, body, headers = good.last
    for bad in (path.replace("secret", "secreT"), path.replace("userid=dakiya", "userid="), path.split("&userid")[0]):
        assert exchange(port(s), method, bad, body, headers)[0].status == 403
    assert exchange(port(s), "POST", path, "", headers)[0].status == 405
    assert s.metric("dakiya_ussd_requests_total", kind="not_allowed") == 3


@test("requests that cannot be answered: 400, counted, and nothing happens")
def bad_requests(t):
    s = stack(t, None, [AT, JSON, INFOBIP])
    form = {"sessionId": "x", "phoneNumber": "+" + NUMBER, "serviceCode": "*123#", "text": ""}
    for wrong in ({"sessionId": ""}, {"phoneNumber": ""}, {"phoneNumber": "56161"}, {"text": "1*" * 1500}):
        body = urllib.parse.urlencode({**form, **wrong})
        assert exchange(port(s), "POST", "/ussd", body, {})[0].status == 400, wrong
    for body in ("", "[]", "{", '{"session":"a"}', '{"session":1,"msisdn":null}', "\xff\xfe"):
        assert exchange(port(s, 1), "POST", "/ussd", body.encode("latin-1"), {})[0].status == 400, body
    for path in ("/session/", "/session//start"):
        assert exchange(port(s, 2), "POST", path, '{"msisdn":"919812345678"}', {})[0].status == 400, path
    assert s.metric("dakiya_ussd_requests_total", kind="bad_request") == 12
    assert s.metric("dakiya_ussd_sessions_total") == 0


@test("Redis away: an honest last screen over HTTP too")
def redis_away(t):
    from harness import wait_until
    s = stack(t, None, [AT])
    call = HttpCall(AT, NUMBER, port(s))
    shows(call.dial(), MENU)
    s.redis.kill()
    wait_until("it is known", lambda: s.metric("dakiya_store_up") == 0)
    shows(call.press("1"), "not available|अभी बंद", ends=True)
    s.start_redis()
