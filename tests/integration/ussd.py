# SPDX-License-Identifier: BSD-2-Clause
"""Handsets that dial: USSD over SMPP as each vendor does it, and over HTTP as each aggregator does it.
Written from the vendors' papers and sharing nothing with etc/ussd, so that a mistake there is seen."""
import http.client
import json
import re
import time
import urllib.parse

import smpp
from harness import SRCDIR, wait_until
from stack import SERVICE, Stack


class Vendor:
    """begin, next, abort, timeout, noticed: operations in; more, end, notice: out. session: TLV of the session's name."""

    def __init__(self, name, begin=0x01, next=0x12, abort=0x81, more=0x02, end=0x11, session=smpp.TLV_ITS_SESSION,
                 octets=2, end_bit=False, code_in_text=False, esm_class=0, command="submit_sm", payload=False, notice=None, noticed=0x13):
        self.name, self.begin, self.next, self.abort = name, begin, next, abort
        self.more, self.end, self.session, self.octets = more, end, session, octets
        self.end_bit, self.code_in_text, self.esm_class = end_bit, code_in_text, esm_class
        self.command, self.payload, self.notice, self.noticed = command, payload, notice, noticed


VENDORS = [
    Vendor("generic", notice=3), Vendor("tata", end=0x02, end_bit=True),
    Vendor("6d", end=0x17, end_bit=True, code_in_text=True),
    Vendor("mica", end=0x17, session=smpp.TLV_REFERENCE, code_in_text=True),
    Vendor("comverse", next=18, abort=129, end=17, session=smpp.TLV_REFERENCE, esm_class=1,
           notice=131, noticed=19),
    Vendor("huawei", session=None, notice=3),
    Vendor("digitalpulse", command="data_sm", payload=True, notice=3),
]


class UssdPhone:
    """A handset on a message centre. dial() and press() give the screen that is shown."""

    def __init__(self, smsc, number, vendor, code="*123#"):
        self.smsc, self.number, self.vendor, self.code = smsc, number, vendor, code
        self.session, self.read, self.calls = b"", 0, 0

    def pdu(self, op, text, octets=None, data_coding=0, **fields):
        v = self.vendor
        tlvs = [(smpp.TLV_USSD_OP, bytes([op]))] if op is not None else []
        if v.session:
            tlvs.append((v.session, self.session))
        return self.smsc.deliver_sm(self.number, self.code, service_type="USSD",
                                    short_message=smpp.gsm_encode(text) if octets is None else octets,
                                    data_coding=data_coding, tlvs=tlvs, **fields)

    def dial(self, dialled=None, seconds=12):
        self.calls += 1
        name = (0x4200 + 2 * self.calls) & 0xFFFE
        self.session = name.to_bytes(2, "big")
        text = (dialled or self.code) if self.vendor.code_in_text or dialled else ""
        return self.ask(self.vendor.begin, text, seconds)

    def press(self, text, seconds=12):
        return self.ask(self.vendor.next, text, seconds)

    def press_ucs2(self, text, seconds=12):
        self.smsc.queue(self.pdu(self.vendor.next, "", text.encode("utf-16-be"), 8), kind="ussd")
        return self.screen(seconds)

    def ask(self, op, text, seconds=12):
        self.tell(op, text)
        return self.screen(seconds)

    def tell(self, op, text="", **fields):
        return self.smsc.queue(self.pdu(op, text, **fields), kind="ussd")[0]

    def screens(self):
        with self.smsc.lock:
            return [s for s in self.smsc.screens if s.number == self.number]

    def screen(self, seconds=12):
        found = wait_until(f"{self.number} sees screen {self.read + 1}",
                           lambda: self.screens()[self.read:], seconds)[0]
        self.read += 1
        self.check(found)
        return found

    def check(self, screen):
        """What a strict centre of this vendor looks at."""
        v, p = self.vendor, screen.pdu
        screen.ends = self.ends(p)
        assert p.command == v.command and p.service_type == "USSD" and p.esm_class == v.esm_class, p
        assert screen.op == (v.end if screen.ends else v.more), p
        assert (p.source_addr, p.destination_addr, p.dest_addr_ton) == (self.code, self.number, 1), p
        if v.session:
            want = self.session
            if v.end_bit:
                want = bytes([want[0], want[1] & 0xFE | screen.ends])
            assert p.tlv(v.session) == want, (p, want)
        else:
            assert [t for t, _ in p.tlvs if t != smpp.TLV_PAYLOAD] == [smpp.TLV_USSD_OP], p
        body = p.tlv(smpp.TLV_PAYLOAD) if v.payload else p.short_message
        assert body and (v.payload or p.tlv(smpp.TLV_PAYLOAD) is None), p
        assert p.data_coding in (0, 8) and len(body) <= (182 if p.data_coding == 0 else 160), p

    def ends(self, pdu):
        v = self.vendor
        if v.end_bit:
            return bool(pdu.tlv(v.session)[1] & 1)
        return pdu.tlv(smpp.TLV_USSD_OP) == bytes([v.end])


# ---- HTTP ---------------------------------------------------------------------------------------

class Shown:
    def __init__(self, text, ends, took, raw):
        self.text, self.ends, self.took, self.raw = text, ends, took, raw

    def __repr__(self):
        return f"{'END' if self.ends else 'CON'} {self.text!r}"


def con_end(answer, body):
    assert body[:4] in ("CON ", "END ") and answer.getheader("Content-Type").startswith("text/plain"), body
    return body[4:], body[:4] == "END "


class Aggregator:
    """One aggregator's way: `request(call, text)` gives (method, path, body, headers), where call.inputs
    are all inputs so far; `read(answer, body)` gives (text, ends)."""
    path, named = "/ussd", True

    def open(self, call, dialled):
        """The first request's own words."""
        call.inputs = [x for x in dialled.strip("*#").split("*")[1:]]
        return ""


class AfricasTalking(Aggregator):
    name = "africastalking"

    def request(self, call, text):
        form = {"sessionId": call.session, "phoneNumber": "+" + call.number, "networkCode": "40401",
                "serviceCode": "*123#", "text": "*".join(call.inputs)}
        return "POST", self.path, urllib.parse.urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"}

    read = staticmethod(con_end)

    def hang_up(self, call):
        form = {"date": "2026-11-22", "sessionId": call.session, "serviceCode": "*123#", "status": "Incomplete",
                "phoneNumber": "+" + call.number, "durationInMillis": "900", "hopsCount": "2", "input": "1"}
        return "POST", self.path, urllib.parse.urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"}


class Safaricom(Aggregator):
    name = "safaricom"

    def request(self, call, text):
        query = {"ORIG": call.number, "DEST": "123", "SESSION_ID": call.session, "USSD_PARAMS": "*".join(call.inputs)}
        return "GET", f"{self.path}?{urllib.parse.urlencode(query)}", None, {}

    read = staticmethod(con_end)
    hang_up = None


class Airtel(Aggregator):
    name, named = "airtel-comviva", False

    def open(self, call, dialled):
        return dialled.strip("*#")

    def request(self, call, text):
        query = {"SessionID": call.session, "MSISDN": call.number, "MSC": "919810000000", "input": text,
                 "userid": "dakiya", "password": "secret"}
        return "GET", f"{self.path}?{urllib.parse.urlencode(query)}", None, {}

    def read(self, answer, body):
        flow = answer.getheader("Freeflow")
        assert flow in ("FC", "FB") and answer.getheader("charge") and answer.getheader("amount"), answer.headers
        return body, flow == "FB"

    def hang_up(self, call):
        query = {"SessionID": call.session, "MSISDN": call.number, "clean": "clean-session", "error": "522",
                 "userid": "dakiya", "password": "secret"}
        return "GET", f"{self.path}?{urllib.parse.urlencode(query)}", None, {}


class ImiMobile(Aggregator):
    name, named = "imimobile", False

    def open(self, call, dialled):
        return dialled

    def request(self, call, text):
        query = {"msisdn": call.number, "msg": text, "code": "*123#", "tid": str(call.count), "dcs": "no"}
        return "GET", f"{self.path}?{urllib.parse.urlencode(query)}", None, {}

    def read(self, answer, body):
        assert answer.getheader("X-USSD-SESSION") in ("0", "1"), answer.headers
        return body, answer.getheader("X-USSD-SESSION") == "0"

    def hang_up(self, call):
        return self.request(call, "Map Dialog User Abort User Reason")


class Dmark(Aggregator):
    name, named = "dmark", False

    def open(self, call, dialled):
        return dialled

    def request(self, call, text):
        form = {"transactionId": call.session, "transactionTime": "20261122T10:00:00", "msisdn": call.number,
                "ussdServiceCode": "123", "ussdRequestString": text, "response": "false"}
        return "POST", self.path, urllib.parse.urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"}

    def read(self, answer, body):
        assert answer.getheader("Content-Type") == "application/json", answer.headers
        j = json.loads(body)
        assert set(j) == {"responseString", "action"} and j["action"] in ("request", "end"), j
        return j["responseString"], j["action"] == "end"

    hang_up = None


class Infobip(Aggregator):
    name, path, named = "infobip", "/session/*", False

    def open(self, call, dialled):
        return dialled

    def request(self, call, text):
        what = "start" if call.count == 1 else "response"
        body = {"msisdn": call.number, "imsi": "404", "text": text, "shortCode": "*123#", "ussdNodeId": "n", "language": "en"}
        return "POST", f"/session/{call.session}/{what}", json.dumps(body), {"Content-Type": "application/json"}

    def read(self, answer, body):
        j = json.loads(body)
        assert j["responseExitCode"] == 200 and isinstance(j["shouldClose"], bool), j
        return j["ussdMenu"], j["shouldClose"]

    def hang_up(self, call):
        body = {"msisdn": call.number, "reason": "user abort", "exitCode": 600}
        return "POST", f"/session/{call.session}/end", json.dumps(body), {"Content-Type": "application/json"}


class GenericJson(Aggregator):
    name = "generic-json"

    def open(self, call, dialled):
        return dialled

    def request(self, call, text):
        body = {"session": call.session, "msisdn": call.number, "code": "*123#", "step": call.count,
                "event": "begin" if call.count == 1 else "input", "text": text}
        return "POST", self.path, json.dumps(body), {"Content-Type": "application/json"}

    def read(self, answer, body):
        j = json.loads(body)
        assert set(j) == {"text", "end"} and isinstance(j["end"], bool), j
        return j["text"], j["end"]

    def hang_up(self, call):
        body = {"session": call.session, "msisdn": call.number, "event": "abort"}
        return "POST", self.path, json.dumps(body), {"Content-Type": "application/json"}


class MobileSeva(Aggregator):
    name, named = "mobile-seva", False

    def open(self, call, dialled):
        return dialled

    def request(self, call, text):
        form = {"mobileNumber": call.number, "timeStamp": "2026-11-22 10:00:00", "operatorName": "BSNL", "areaCode": "",
                "message": text}
        return "POST", self.path, urllib.parse.urlencode(form), {"Content-Type": "application/x-www-form-urlencoded"}

    def read(self, answer, body):
        return body, None  # its reply does not say whether it ends

    hang_up = None


AGGREGATORS = [AfricasTalking(), Safaricom(), Airtel(), ImiMobile(), Dmark(), Infobip(), GenericJson(), MobileSeva()]


class HttpCall:
    """A handset behind an aggregator. Each step may go to another port."""
    calls = 0

    def __init__(self, aggregator, number, port):
        self.aggregator, self.number = aggregator, number
        self.ports = [port] if isinstance(port, int) else list(port)
        self.session, self.inputs, self.count = "", [], 0

    def dial(self, dialled="*123#"):
        HttpCall.calls += 1
        self.session, self.inputs, self.count = f"sess-{HttpCall.calls}-{self.number[-4:]}", [], 1
        return self.send(self.aggregator.open(self, dialled))

    def press(self, text):
        self.inputs.append(text)
        self.count += 1
        return self.send(text)

    def send(self, text, port=None):
        self.last = self.aggregator.request(self, text)
        return self.again(port)

    def again(self, port=None):
        """The last request, as an aggregator repeats it."""
        answer, body, took = exchange(port or self.ports[self.count % len(self.ports)], *self.last)
        assert answer.status == 200, (answer.status, body)
        text, ends = self.aggregator.read(answer, body)
        return Shown(text, ends, took, body)

    def hang_up(self):
        answer, body, _ = exchange(self.ports[0], *self.aggregator.hang_up(self))
        assert answer.status == 200, body


def exchange(port, method, path, body, headers, timeout=20):
    began = time.monotonic()
    conn = http.client.HTTPConnection("127.0.0.1", int(port), timeout=timeout)
    try:
        conn.request(method, getattr(port, "prefix", "") + path, body, headers)
        answer = conn.getresponse()
        text = answer.read().decode()
        return answer, text, time.monotonic() - began
    finally:
        conn.close()


# ---- deployments --------------------------------------------------------------------------------

MENU, TOKEN = r"^(Doctor's advice|डॉक्टर से सलाह)\n1 ", r"(Token|टोकन) \d+"


class UssdStack(Stack):
    """With one service: its menu is the first screen, whatever other services there will be."""

    def config(self):
        every = f"[{SRCDIR}/services/]"
        text = super().config()
        assert every in text
        return text.replace(every, f"[{SRCDIR}/services/common, {SRCDIR}/services/{SERVICE}]")


def stack(t, vendor=None, aggregators=(), answer=None, kind=UssdStack, **options):
    """A Stack that speaks USSD. answer: the network waits only so long for a screen. kind: Stack for all services."""
    profiles = SRCDIR / "etc/ussd"
    if answer:
        for path in profiles.glob("*.yaml"):
            text = re.sub(r"^answer:.*\n", "", path.read_text(), flags=re.M)
            (t.folder / path.name).write_text(f"answer: {answer}\n{text}")
        profiles = t.folder
    more = f"ussd_profiles: {profiles}\n"
    if aggregators:
        more += "ussd:\n" + "".join(
            f'  - {{name: n{i}, listen: "127.0.0.1:0", profile: {a.name}, path: "/n{i}{a.path}", code: "*123#"'
            + (", user: dakiya, password: secret" if a.name == "airtel-comviva" else "") + "}\n"
            for i, a in enumerate(aggregators))
    link = f'ussd: {vendor}\n    ussd_code: "*123#"\n    ussd_from: "56161"' if vendor else ""
    if "link_more" in options:
        link += "\n    " + options.pop("link_more")
    return kind(t, link=link, more=more + options.pop("more", ""), **options)


class Door(int):
    """A port, and the path that its entry has there."""
    prefix = ""


def port(s, i=0, ports=None):
    door = Door((ports or s.ports())[f"ussd_n{i}"])
    door.prefix = f"/n{i}"
    return door


def enrol(s, number):
    s.desk("POST", "/v1/registrations", {
        "msisdn": number, "service": SERVICE, "name": "Asha Devi", "age": 35, "sex": "F", "place": "Gaya",
        "lang": "en", "consent": {"given": True, "text_version": "1", "channel": "ussd"}})


def shows(screen, pattern, ends=None):
    assert re.search(pattern, screen.text, re.S), (pattern, screen.text)
    assert ends is None or screen.ends in (ends, None), (ends, screen.text)
    return screen


def token_sms(s, number):
    """SMS that bring a token's number."""
    return [x.text for x in s.smsc.to(number) if re.search(TOKEN, x.text)]
