# SPDX-License-Identifier: BSD-2-Clause
"""An SMS provider with an HTTP interface: takes what a bridge sends, answers as the provider's papers say, and
brings messages and reports. Written from those papers; shares nothing with etc/sms, so that a mistake
there is seen."""
import base64
import hashlib
import hmac
import http.client
import http.server
import json
import re
import socketserver
import threading
import time
import urllib.parse

from harness import wait_until


class Sent:
    """A request of the bridge."""

    def __init__(self, method, path, headers, body):
        self.method, self.headers, self.body = method, headers, body
        self.url = urllib.parse.urlsplit(path)
        self.at = time.monotonic()

    @staticmethod
    def _pairs(text):
        pairs = urllib.parse.parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text), errors="strict")
        assert len({k for k, _ in pairs}) == len(pairs), pairs
        return dict(pairs)

    @property
    def query(self):
        return self._pairs(self.url.query)

    @property
    def form(self):
        assert self.headers["Content-Type"].startswith("application/x-www-form-urlencoded"), self.headers
        return self._pairs(self.body.decode("ascii"))

    @property
    def json(self):
        assert self.headers["Content-Type"].startswith("application/json"), self.headers
        return json.loads(self.body)


class Taken:
    """A message that the provider took."""

    def __init__(self, number, source, text, message_id, sent):
        self.number, self.source, self.text, self.id, self.sent = number, source, text, message_id, sent


class Answer:
    def __init__(self, status, body=b"", content_type="text/plain", headers=()):
        self.status, self.type, self.headers = status, content_type, dict(headers)
        self.body = body if isinstance(body, bytes) else body.encode()


def reply_json(value, status=200, **headers):
    return Answer(status, json.dumps(value), "application/json", headers)


class Provider:
    """speak: how this one speaks, see Speak. faults: answers that are given first, each an Answer, "silent" (no
    answer until stop), "drop" (closed without one), "lost" (taken, then closed without an answer)."""

    def __init__(self, speak):
        self.speak, self.lock = speak, threading.Condition()
        self.taken, self.requests, self.faults, self.broken = [], [], [], []
        self.count, self.gone = 0, threading.Event()
        self.server, self.port = None, 0
        self.up()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def up(self):
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                is_down = provider.server is None  # a connection that was kept: nobody is behind it
                answer = None if is_down else provider.on_request(Sent(self.command, self.path, self.headers, body))
                if answer is None:
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.type)
                self.send_header("Content-Length", str(len(answer.body)))
                for k, v in answer.headers.items():
                    self.send_header(k, v)
                self.end_headers()
                self.wfile.write(answer.body)

            do_GET = do_POST = do_PUT = handle_any

            def log_message(self, *_):
                pass

        class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, *_):
                pass  # the bridge went away in the middle: the tests do that

        self.server = Server(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def down(self):
        """Nobody listens any more."""
        server, self.server = self.server, None
        server.shutdown()
        server.server_close()

    def stop(self):
        self.gone.set()
        if self.server:
            self.down()

    def fault(self, *answers):
        with self.lock:
            self.faults.extend(answers)

    def on_request(self, sent):
        with self.lock:
            self.requests.append(sent)
            fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, Answer):
            return fault
        if fault == "silent":
            self.gone.wait(30)
            return None
        if fault == "drop":
            return None
        try:
            with self.lock:
                self.count += 1
                number, source, text, message_id, answer = self.speak.take(sent, self.count)
                self.taken.append(Taken(number, source, text, message_id, sent))
        except Exception as why:  # noqa: BLE001 - whatever a strict provider trips over is the finding
            self.broken.append((repr(why), sent.method, sent.url.geturl(), sent.body))
            return Answer(400, "not understood")
        return None if fault == "lost" else answer

    # ---- a person's side

    def to(self, number):
        with self.lock:
            return [x for x in self.taken if x.number == number]

    def phone(self, number, bridge):
        return HttpPhone(self, number, bridge)


class HttpPhone:
    """A handset behind the provider. bridge: gives the port at which the bridge listens."""

    def __init__(self, provider, number, bridge):
        self.provider, self.number, self.bridge, self.read, self.sent = provider, number, bridge, 0, 0

    def send(self, text, **more):
        """The message, until the bridge takes it: as a real provider, every 50 ms; its answer."""
        self.sent += 1
        request = self.provider.speak.message(self.number, text, f"mo-{self.number[-6:]}-{self.sent}", **more)

        def taken():
            answer = exchange(self.bridge(), *request)
            return answer if answer and 200 <= answer[0] < 300 else None
        return wait_until("the bridge takes the message", taken, 20)

    def inbox(self):
        return [x.text for x in self.provider.to(self.number)]

    def unread(self):
        return self.inbox()[self.read:]

    def expect(self, pattern, seconds=10.0):
        def seen():
            for i, text in enumerate(self.unread()):
                found = re.search(pattern, text, re.I | re.S)
                if found:
                    self.read += i + 1
                    return found
            return None
        try:
            return wait_until(pattern, seen, seconds)
        except AssertionError:
            raise AssertionError(f"no {pattern!r}, but {self.unread()}; {self.provider.broken}") from None

    def ask(self, text, pattern, seconds=10.0):
        self.send(text)
        return self.expect(pattern, seconds)


def exchange(port, method, path, body=None, headers=None):
    """(status, body, headers), or None: nobody answered."""
    conn = http.client.HTTPConnection("127.0.0.1", port or 1, timeout=20)
    try:
        conn.request(method, path, body, headers or {})
        answer = conn.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace"), answer.headers
    except (OSError, http.client.HTTPException):
        return None
    finally:
        conn.close()


# ---- how providers speak ------------------------------------------------------------------------

class Speak:
    """name: of the profile. config: further lines of the link. take(sent, n): (number, source, text, id, answer) of
    the bridge's request; message(), report(): (method, path, body, headers) of the provider's."""
    name, config, reports, has_id = "", "", True, True
    entity, template = None, None  # where DLT ids must stand: a function of Sent


def form(fields, headers=None):
    return urllib.parse.urlencode(fields), {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}


class GenericJson(Speak):
    name, secret = "generic-json", "it-is-a-secret"
    config = 'key: "k-1"\n    secret: it-is-a-secret'

    def take(self, sent, n):
        j = sent.json
        assert sent.method == "POST" and sent.headers["Authorization"] == "Bearer k-1", sent.headers
        assert set(j) <= {"to", "from", "text", "id", "class", "validity", "entity_id", "template_id", "receipt_url"}
        assert j["validity"] > 0 and re.fullmatch(r"[0-9a-f]{16}", j["id"]), j
        return j["to"], j["from"], j["text"], f"p-{n}", reply_json({"id": f"p-{n}"})

    def sign(self, body, at=None, secret=None):
        stamp = str(int(at or time.time()))
        mac = hmac.new((secret or self.secret).encode(), f"{stamp}.{body}".encode(), hashlib.sha256).hexdigest()
        return {"Content-Type": "application/json", "X-Timestamp": stamp, "X-Signature": "sha256=" + mac}

    refusal = Answer(422, json.dumps({"code": "no-such-number", "message": "not in the plan"}), "application/json")
    refused = "no-such-number there is no such number: not in the plan"

    def message(self, number, text, message_id, long=None, **more):
        body = json.dumps({"id": message_id, "from": number, "to": "56161", "text": text, **({"long": long} if long else {})})
        return "POST", "/sms", body, self.sign(body, **more)

    def report(self, taken, state="delivered", error=""):
        body = json.dumps({"id": taken.id, "to": taken.number, "state": state, "error": error})
        return "POST", "/sms/report", body, self.sign(body)


class AfricasTalking(Speak):
    name = "africastalking"
    config = "user: dakiya\n    key: at-key\n    token: at-token"

    def take(self, sent, n):
        f = sent.form
        assert sent.headers["apiKey"] == "at-key" and sent.headers["Accept"] == "application/json", sent.headers
        assert f["username"] == "dakiya" and f["to"][0] == "+" and set(f) == {"username", "to", "message", "from", "enqueue"}, f
        answer = {"SMSMessageData": {"Message": "Sent to 1/1 Total Cost: KES 0.8000", "Recipients": [
            {"statusCode": 101, "number": f["to"], "status": "Success", "cost": "KES 0.8000", "messageId": f"ATXid_{n}"}]}}
        return f["to"][1:], f["from"], f["message"], f"ATXid_{n}", reply_json(answer, 201)

    def message(self, number, text, message_id):
        return ("POST", "/sms?token=at-token", *form({
            "date": "2026-11-22 10:00:00", "from": "+" + number, "id": message_id, "linkId": "l-1", "text": text,
            "to": "56161", "networkCode": "40401"}))

    def report(self, taken):
        return ("POST", "/sms/report?token=at-token", *form({
            "id": taken.id, "status": "Success", "phoneNumber": "+" + taken.number, "networkCode": "40401", "retryCount": "0"}))

    refusal = Answer(201, json.dumps({"SMSMessageData": {"Message": "Sent to 0/1", "Recipients": [
        {"statusCode": 403, "number": "+91", "status": "InvalidPhoneNumber", "cost": "0", "messageId": "None"}]}}))
    refused = "403 there is no such number: InvalidPhoneNumber"


class Twilio(Speak):
    name, token = "twilio", "tw-secret"
    config = "user: AC1\n    password: tw-secret\n    secret: tw-secret"

    def take(self, sent, n):
        f = sent.form
        assert sent.headers["Authorization"] == "Basic " + base64.b64encode(b"AC1:tw-secret").decode(), sent.headers
        assert set(f) == {"To", "From", "Body", "ValidityPeriod", "StatusCallback"} and f["To"][0] == "+", f
        assert 1 <= int(f["ValidityPeriod"]) <= 36000 and f["StatusCallback"].startswith("https://bridge.example/"), f
        return f["To"][1:], f["From"], f["Body"], f"SM{n:032x}", reply_json(
            {"sid": f"SM{n:032x}", "status": "queued", "error_code": None, "to": f["To"]}, 201)

    def sign(self, path, fields):
        over = "https://bridge.example" + path + "".join(k + v for k, v in sorted(fields.items()))
        mac = base64.b64encode(hmac.new(self.token.encode(), over.encode(), hashlib.sha1).digest()).decode()
        return ("POST", path, *form(fields, {"X-Twilio-Signature": mac}))

    def message(self, number, text, message_id):
        return self.sign("/sms", {"MessageSid": "SM" + message_id, "AccountSid": "AC1", "From": "+" + number, "To": "+9156161",
                                  "Body": text, "NumMedia": "0"})

    def report(self, taken):
        return self.sign("/sms/report", {"MessageSid": taken.id, "MessageStatus": "delivered", "To": "+" + taken.number,
                                         "From": "56161", "AccountSid": "AC1"})

    refusal = Answer(400, json.dumps({"code": 21211, "message": "The 'To' number is not valid", "status": 400}))
    refused = "21211 there is no such number: The 'To' number is not valid"


class Infobip(Speak):
    name = "infobip"
    config = "key: ib-key\n    basic: 'ib:pw'"
    auth = {"Authorization": "Basic " + base64.b64encode(b"ib:pw").decode(), "Content-Type": "application/json"}

    def take(self, sent, n):
        assert sent.url.path == "/sms/2/text/advanced" and sent.headers["Authorization"] == "App ib-key", sent.url
        (m,) = sent.json["messages"]
        (d,) = m["destinations"]
        assert 1 <= m["validityPeriod"] <= 2880 and m["notifyContentType"] == "application/json", m
        answer = {"bulkId": "b", "messages": [{"to": d["to"], "messageId": d["messageId"], "status": {
            "groupId": 1, "groupName": "PENDING", "id": 26, "name": "PENDING_ACCEPTED", "description": "Message accepted"}}]}
        return d["to"], m["from"], m["text"], d["messageId"], reply_json(answer)

    entity = staticmethod(lambda sent: sent.json["messages"][0]["regional"]["indiaDlt"]["principalEntityId"])
    template = staticmethod(lambda sent: sent.json["messages"][0]["regional"]["indiaDlt"]["contentTemplateId"])

    def message(self, number, text, message_id):
        body = {"results": [{"messageId": message_id, "from": number, "to": "56161", "text": text, "cleanText": text,
                             "keyword": "", "receivedAt": "2026-11-22T10:00:00.000+0000", "smsCount": 1}],
                "messageCount": 1, "pendingMessageCount": 0}
        return "POST", "/sms", json.dumps(body), self.auth

    def report(self, taken):
        body = {"results": [{"bulkId": "b", "messageId": taken.id, "to": taken.number, "smsCount": 1, "status": {
            "groupId": 3, "groupName": "DELIVERED", "id": 5, "name": "DELIVERED_TO_HANDSET"}, "error": {
            "groupId": 0, "id": 0, "name": "NO_ERROR"}}]}
        return "POST", "/sms/report", json.dumps(body), self.auth

    refusal = Answer(200, json.dumps({"messages": [{"to": "91", "messageId": "x", "status": {
        "groupId": 5, "groupName": "REJECTED", "name": "REJECTED_NETWORK", "description": "Network is forbidden"}}]}))
    refused = "REJECTED_NETWORK there is no way to this network: Network is forbidden"


class Vonage(Speak):
    name, secret = "vonage", "vg-secret"
    config = "user: vk\n    key: vs\n    secret: vg-secret"

    def take(self, sent, n):
        f = sent.form
        assert (f["api_key"], f["api_secret"]) == ("vk", "vs") and f["status-report-req"] == "1", f
        assert f["type"] == ("text" if f["text"].isascii() else "unicode") and 20000 <= int(f["ttl"]) <= 604800000, f
        return f["to"], f["from"], f["text"], f"0A{n:014X}", reply_json({"message-count": "1", "messages": [
            {"to": f["to"], "message-id": f"0A{n:014X}", "status": "0", "remaining-balance": "1.0"}]})

    entity = staticmethod(lambda sent: sent.form["entity-id"])
    template = staticmethod(lambda sent: sent.form["content-id"])

    def sign(self, method, path, fields):
        fields = {**fields, "timestamp": str(int(time.time())), "nonce": "n-1"}
        over = "".join(f"&{k}={re.sub('[&=]', '_', v)}" for k, v in sorted(fields.items()))
        fields["sig"] = hmac.new(self.secret.encode(), over.encode(), hashlib.sha256).hexdigest()
        if method == "GET":
            return "GET", path + "?" + urllib.parse.urlencode(fields), None, {}
        return (method, path, *form(fields))

    def message(self, number, text, message_id, **more):
        return self.sign("GET", "/sms", {"msisdn": number, "to": "56161", "messageId": message_id, "text": text,
                                         "type": "unicode", "keyword": "".join(text.split()[:1]).upper(),
                                         "message-timestamp": "2026-11-22 10:00:00", **more})

    def parts(self, number, texts, ref, name="p"):
        """Requests of one long message, its parts in order."""
        return [self.message(number, text, f"{name}-{ref}-{i + 1}", **{
            "concat": "true", "concat-ref": ref, "concat-total": str(len(texts)), "concat-part": str(i + 1)})
            for i, text in enumerate(texts)]

    def report(self, taken):
        return self.sign("POST", "/sms/report", {"msisdn": taken.number, "to": "56161", "network-code": "40401",
                                                 "messageId": taken.id, "price": "0.01", "status": "delivered", "err-code": "0"})

    refusal = Answer(200, json.dumps({"message-count": "1", "messages": [{"status": "15", "error-text": "Invalid sender"}]}))
    refused = "15 the sender is not allowed: Invalid sender"


class Kannel(Speak):
    name = "kannel"
    config = "user: tester\n    password: foobar\n    token: kn-token"

    def take(self, sent, n):
        q = sent.query
        assert sent.method == "GET" and sent.url.path == "/cgi-bin/sendsms", sent.url
        assert (q["username"], q["password"], q["charset"], q["dlr-mask"]) == ("tester", "foobar", "UTF-8", "31"), q
        assert q["coding"] == ("0" if q["text"].isascii() else "2") and int(q["validity"]) > 0, q
        report = q["dlr-url"].replace("%d", "1")
        assert report.startswith("https://bridge.example/sms/report?"), q
        self.reports_at = getattr(self, "reports_at", {})
        self.reports_at[n] = report.removeprefix("https://bridge.example")
        return q["to"], q["from"], q["text"], n, Answer(202, "0: Accepted for delivery")

    entity = staticmethod(lambda sent: urllib.parse.parse_qs(sent.query["meta-data"].removeprefix("?smpp?"))["dlt_entity_id"][0])
    template = staticmethod(lambda sent: urllib.parse.parse_qs(sent.query["meta-data"].removeprefix("?smpp?"))["dlt_template_id"][0])

    def message(self, number, text, message_id):
        query = {"token": "kn-token", "from": "+" + number, "to": "56161", "text": text, "id": message_id}
        return "GET", "/sms?" + urllib.parse.urlencode(query), None, {}

    def report(self, taken):
        return "GET", self.reports_at[taken.id], None, {}

    refusal = Answer(400, "Number(s) has/have been denied by white- and/or black-lists.")
    refused = "http-400 : Number(s) has/have been denied by white- and/or black-lists."


def units(text):
    octets = text.encode("utf-16-be")
    return [int.from_bytes(octets[i:i + 2], "big") for i in range(0, len(octets), 2)]


class MobileSeva(Speak):
    name, reports = "cdac-mobile-seva", False
    config = "user: dept\n    password: pw\n    key: dept-key\n    allow: [127.0.0.0/8]"

    def take(self, sent, n):
        f = sent.form
        assert sent.method == "POST" and f["username"] == "dept" and f["password"] == hashlib.sha1(b"pw").hexdigest(), f
        key = hashlib.sha512(("dept" + f["senderid"] + f["content"] + "dept-key").encode()).hexdigest()
        assert f["key"] == key and re.fullmatch(r"\d{10}", f["mobileno"]), f
        text = f["content"]
        if f["smsservicetype"].startswith("unicode"):
            assert re.fullmatch(r"(&#\d+;)*", text), text
            numbers = [int(x) for x in re.findall(r"\d+", text)]
            text = b"".join(x.to_bytes(2, "big") for x in numbers).decode("utf-16-be")
        assert f["smsservicetype"] in ("singlemsg", "unicodemsg", "otpmsg", "unicodeotpmsg"), f
        return "91" + f["mobileno"], f["senderid"], text, f"22112026{n}msgdsms", Answer(200, f"402,MsgID = 22112026{n}msgdsms")

    entity = staticmethod(lambda sent: sent.form["entityid"])
    template = staticmethod(lambda sent: sent.form["templateid"])

    def message(self, number, text, message_id):
        self.clock = getattr(self, "clock", 0) + 1
        return ("POST", "/sms", *form({"mobileNumber": number, "timeStamp": f"2026-11-22 10:00:{self.clock:02d}",
                                       "operatorName": "BSNL", "areaCode": "", "message": text}))

    refusal = Answer(200, "403,mobile number is not valid")
    refused = "403 there is no such number: 403,mobile number is not valid"


class Nic(Speak):
    name, reports = "nic-smsgw", False
    config = "user: nic\n    password: pin"
    message = None

    def take(self, sent, n):
        f = sent.form
        assert (f["username"], f["pin"]) == ("nic", "pin") and re.fullmatch(r"91\d{10}", f["mnumber"]), f
        text = f["message"]
        if f.get("msgType") == "UC":
            assert text.startswith("FEFF"), text
            text = bytes.fromhex(text[4:]).decode("utf-16-be")
        assert (f.get("concat") == "1") == (len(units(text)) > (70 if "msgType" in f else 160)), f
        return f["mnumber"], f["signature"], text, str(n), Answer(
            200, f"Message Accepted for Request ID={n}~code=API000 & info=Platform accepted & Time=2026/11/22/10/00")

    entity = staticmethod(lambda sent: sent.form["dlt_entity_id"])
    template = staticmethod(lambda sent: sent.form["dlt_template_id"])
    refusal = Answer(400, "code=API101 & info=Invalid Mobile Number & Time=2026/11/22/10/00")
    refused = "API101 : Invalid Mobile Number "


class Gupshup(Speak):
    name = "gupshup"
    config = "user: '2000'\n    password: gs-pw\n    token: gs-token"

    def take(self, sent, n):
        f = sent.form
        assert (f["method"], f["userid"], f["password"], f["auth_scheme"], f["v"], f["format"]) == (
            "SendMessage", "2000", "gs-pw", "plain", "1.1", "text"), f
        assert f["msg_type"] == ("TEXT" if f["msg"].isascii() else "Unicode_text"), f
        return f["send_to"], f["mask"], f["msg"], f"7280147108-{n}", Answer(200, f"success | {f['send_to']} | 7280147108-{n}")

    entity = staticmethod(lambda sent: sent.form["principalEntityId"])
    template = staticmethod(lambda sent: sent.form["dltTemplateId"])

    def message(self, number, text, message_id):
        self.clock = getattr(self, "clock", 0) + 1
        query = {"token": "gs-token", "phonecode": "56161", "keyword": "X", "location": "Bihar", "carrier": "BSNL",
                 "content": text, "msisdn": number, "timestamp": str(1795320000000 + self.clock)}
        return "GET", "/sms?" + urllib.parse.urlencode(query), None, {}

    def report(self, taken):
        query = {"token": "gs-token", "externalId": taken.id, "deliveredTS": "1795320000000", "status": "SUCCESS",
                 "cause": "SUCCESS", "phoneNo": taken.number, "errCode": "000", "noOfFrags": "1"}
        return "GET", "/sms/report?" + urllib.parse.urlencode(query), None, {}

    refusal = Answer(200, "error | 105 | The phone number is not valid")
    refused = "105 there is no such number: The phone number is not valid"


class Bsnl(Speak):
    """It has the words already: what is taken as the text is the values of the variables."""
    name, reports = "bsnl-brps", False
    config = "key: jwt"
    message = None

    def take(self, sent, n):
        j = sent.json
        assert sent.headers["Authorization"] == "Bearer jwt" and re.fullmatch(r"\d{10}", j["Target"]), j
        assert set(j) == {"Header", "Target", "Is_Unicode", "Is_Flash", "Message_Type", "Entity_Id", "Content_Template_Id",
                          "Template_Keys_and_Values"} and j["Is_Unicode"] in "01" and j["Message_Type"] == "TXN", j
        pairs = j["Template_Keys_and_Values"]
        assert [p["Key"] for p in pairs] == [f"var{i + 1}" for i in range(len(pairs))], pairs
        return "91" + j["Target"], j["Header"], " ".join(p["Value"] for p in pairs), str(n), reply_json(
            {"Error": None, "Message_Id": str(n)})

    entity = staticmethod(lambda sent: sent.json["Entity_Id"])
    template = staticmethod(lambda sent: sent.json["Content_Template_Id"])
    refusal = Answer(200, json.dumps({"Error": "Insufficient balance"}))
    refused = None  # nobody knows its errors: once more, and then the dead letters


PROVIDERS = [Bsnl, AfricasTalking, Twilio, Infobip, Vonage, Kannel, MobileSeva, Nic, Gupshup, GenericJson]
