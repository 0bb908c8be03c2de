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
                answer = provider.on_request(Sent(self.command, self.path, self.headers, body))
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

    def expect(self, pattern, seconds=10.0):
        def seen():
            for i, text in enumerate(self.inbox()[self.read:]):
                found = re.search(pattern, text, re.I | re.S)
                if found:
                    self.read += i + 1
                    return found
            return None
        try:
            return wait_until(pattern, seen, seconds)
        except AssertionError:
            raise AssertionError(f"no {pattern!r}, but {self.inbox()[self.read:]}; {self.provider.broken}") from None

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

    def message(self, number, text, message_id, **more):
        body = json.dumps({"id": message_id, "from": number, "to": "56161", "text": text})
        return "POST", "/sms", body, self.sign(body, **more)

    def report(self, taken, state="delivered", error=""):
        body = json.dumps({"id": taken.id, "to": taken.number, "state": state, "error": error})
        return "POST", "/sms/report", body, self.sign(body)
