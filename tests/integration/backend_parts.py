# SPDX-License-Identifier: BSD-2-Clause
"""The reference backend as a test sees it: the program, its HTTP API, and a bridge that takes its
events, checks every signature and can be told to fail."""
import hashlib
import hmac
import http.client
import http.server
import json
import threading
import time

import harness

SECRET = b"a shared secret of the test"


class Answer:
    def __init__(self, status, kind, headers, raw):
        self.status, self.kind, self.headers, self.raw = status, kind, headers, raw
        self.json = json.loads(raw) if raw and "json" in kind else None

    def __getitem__(self, key):
        return self.json[key]

    def __repr__(self):
        return f"{self.status} {self.raw[:300]!r}"


class Bridge:
    """Stands in for the bridge's POST /v1/events."""

    def __init__(self):
        self.lock, self.server, self.port = threading.Lock(), None, 0
        self.stored, self.tries, self.mistakes = [], [], []
        self.script, self.always, self.delay_s = [], None, 0

    def start(self):
        bridge = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                bridge.take(self)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 128
            daemon_threads = True

            def handle_error(self, *_):
                """A client that was killed is no mistake of this server's."""

        self.server = Server(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def stop(self):
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    def take(self, request):
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        stamp = request.headers.get("X-Dakiya-Timestamp", "")
        mac = hmac.new(SECRET, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        event = json.loads(body)
        time.sleep(self.delay_s)
        with self.lock:
            if request.path != "/v1/events":
                self.mistakes.append(f"path {request.path}")
            if request.headers.get("X-Dakiya-Signature") != "sha256=" + mac:
                self.mistakes.append(f"signature of {event['id']}")
            if not stamp.isdigit() or abs(time.time() - int(stamp)) > 30:
                self.mistakes.append(f"timestamp {stamp}")
            status = self.script.pop(0) if self.script else self.always or 202
            self.tries.append((event["id"], status))
            if status < 300:
                if event["id"] in (e["id"] for e in self.stored):
                    status = 200
                else:
                    self.stored.append(event)
        if status == 0:  # no answer at all
            request.close_connection = True
            request.connection.close()
            return
        request.send_response(status)
        request.send_header("Content-Length", "0")
        request.end_headers()

    def of(self, msisdn):
        with self.lock:
            return [e for e in self.stored if e["msisdn"] == msisdn]

    def wait(self, count, seconds=20):
        harness.wait_until(f"{count} events are stored", lambda: len(self.stored) >= count, seconds)
        assert not self.mistakes, self.mistakes


class Backend:
    def __init__(self, case, bridge=None, *more, name="backend"):
        self.case, self.bridge, self.name, self.more = case, bridge, name, list(more)
        self.db = case.folder / f"{name}.db"
        self.port_file = case.folder / f"{name}.port"
        self.start()

    def start(self):
        argv = ["--listen", "127.0.0.1:0", "--db", self.db, "--port-file", self.port_file,
                "--rules", harness.SRCDIR / "etc/backend-rules.yaml"]
        if self.bridge:
            secret = self.case.folder / "secret"
            secret.write_bytes(SECRET + b"\n")
            argv += ["--bridge", f"http://127.0.0.1:{self.bridge.port}", "--secret-file", secret]
        self.port_file.unlink(missing_ok=True)
        self.process = self.case.start(self.name, harness.program("dakiya-backend"), *argv, *self.more)
        line = self.process.wait_line("ready http://127.0.0.1:")
        self.port = int(line.rsplit(":", 1)[1])
        assert int(self.port_file.read_text()) == self.port
        return self

    def call(self, method, path, body=None, key=None, headers=None, raw=None):
        sent = dict(headers or {})
        if key:
            sent["Idempotency-Key"] = key
        if body is not None:
            raw = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        conn = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            conn.request(method, path, raw, sent)
            r = conn.getresponse()
            return Answer(r.status, r.getheader("Content-Type") or "", r.headers, r.read())
        finally:
            conn.close()

    def get(self, path):
        return self.call("GET", path)

    def post(self, path, body=None, **more):
        return self.call("POST", path, {} if body is None else body, **more)

    def register(self, msisdn, service="esanjeevani", expect=(200, 201), **fields):
        body = {"msisdn": msisdn, "service": service, "name": "राम कुमार", "age": 35, "sex": "M",
                "place": "Bihar, Patna", "lang": "hi",
                "consent": {"given": True, "text_version": "1", "channel": "sms"}, **fields}
        a = self.post("/v1/registrations", body)
        assert a.status in expect, a
        return a

    def take(self, msisdn, service="esanjeevani", **more):
        """Registers and takes a token; the token object."""
        self.register(msisdn, service)
        a = self.post("/v1/tokens", {"msisdn": msisdn, "service": service, "mode": "AUDIO"}, **more)
        assert a.status in (200, 201), a
        return a.json

    def next(self, service="esanjeevani"):
        return self.post(f"/v1/queues/{service}/call-next")

    def current(self, msisdn, service="esanjeevani"):
        return self.get(f"/v1/tokens/current?service={service}&msisdn={msisdn}")

    def act(self, what, msisdn, service="esanjeevani", **more):
        return self.post(f"/v1/tokens/current/{what}", {"msisdn": msisdn, "service": service}, **more)

    def set_clock(self, text):
        a = self.post("/v1/admin/clock", {"now": text})
        assert a.status == 200, a


def phone(n):
    return f"9198{n:08d}"


def is_problem(a, status, code, **members):
    assert a.status == status and a.kind.startswith("application/problem+json"), a
    assert a["code"] == code and a["status"] == status and a["title"] and a["type"].endswith(code), a
    for name, value in members.items():
        assert a[name] == value, (name, a)
