# SPDX-License-Identifier: BSD-2-Clause
"""All real parts of one deployment in a test's folder: redis-server, dakiya-backend, dakiyad, the
message centre of the tests, and a proxy before each HTTP side so that ports stay across restarts.

What must hold in every test is checked when it ends: dakiyad leaves on SIGTERM with 0, no
sanitizer spoke, the bridge broke no PDU, and neither logs nor metrics hold a number or a text."""
import functools
import hashlib
import hmac
import http.client
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import time

import harness
from harness import SRCDIR, Skip, program, wait_until
from proxy import Proxy
from resp import Redis
from smsc import Smsc

SERVICE, CODE = "esanjeevani", "56161"
SECRET = "it-is-only-a-test-secret"
SANITIZERS = {"ASAN_OPTIONS": "exitcode=99:detect_leaks=1", "UBSAN_OPTIONS": "print_stacktrace=1"}
ALARM = re.compile(r"AddressSanitizer|LeakSanitizer|runtime error:|Assertion .* failed|stack smashing")


def slower(options):
    """A backend under memcheck may take its time too."""
    return re.sub(r"timeout: (\d+)s", lambda m: f"timeout: {min(60, int(m[1]) * harness.SLOWER)}s", options)


class Leftover:
    """The embedded redis-server of a killed dakiyad: ended through its own socket, after the rest."""

    def __init__(self, path):
        self.path = path

    def stop(self):
        try:
            r = Redis(self.path)
            try:
                r("SHUTDOWN", "NOSAVE")
            finally:
                r.close()
        except (OSError, RuntimeError):
            pass  # already gone: the usual case


class Stack:
    redis_env, backend_env = {}, SANITIZERS

    def __init__(self, t, redis="own", smsc=None, backend=True, start=True, link="", more="", backend_more="timeout: 3s",
                 fsync="everysec", reminders="quiet_hours: off"):
        """link, backend_more, reminders: more options of their entries; more: further lines of dakiyad.yaml."""
        self.t, self.folder = t, t.folder
        self.dakiyad_path, self.backend_path = program("dakiyad"), program("dakiya-backend")
        self.redis = self.backend = self.dakiyad = None
        self.redis_socket = self.folder / ("redis.sock" if redis == "own" else "state/redis.sock")
        self.fsync, self.link, self.more, self.redis_mode = fsync, link, more, redis
        self.backend_more, self.reminders = slower(backend_more), reminders
        self.dakiyad_env = SANITIZERS
        self.services = f"{SRCDIR}/services/"
        t.own(Leftover(self.folder / "state/redis.sock"))
        self.smsc = t.own(smsc or Smsc())
        self.to_backend = t.own(Proxy(lambda: self.port_of("backend.port") if self.backend else None))
        self.to_bridge = t.own(Proxy(lambda: self.ports().get("events") if self.dakiyad else None))
        (self.folder / "state").mkdir()
        (self.folder / "secret").write_text(SECRET)
        (self.folder / "password").write_text(self.smsc.password)
        t.at_end(self.check_end)
        if redis == "own":
            self.start_redis()
        if backend:
            self.start_backend()
        if start:
            self.start_dakiyad()

    # ---- programs

    def start_redis(self, *more, wait=True):
        if not shutil.which("redis-server"):
            raise Skip("redis-server is not installed")
        # Its end by SIGXFSZ would be no full disk: write() must fail. And its own everysec answers what it has
        # not written when the disk is slow; the embedded one syncs otherwise (docs/internals/store.md).
        fsync = "no" if self.fsync == "everysec" else self.fsync
        self.redis = self.t.start("redis", "env", "--ignore-signal=XFSZ", "redis-server", "--port", "0",
                                  "--unixsocket", self.redis_socket, "--save", "", "--appendonly", "yes",
                                  "--appendfsync", fsync, "--dir", self.folder, *more, env=self.redis_env)
        if wait:
            wait_until("redis answers", self._redis_up, 30)
        return self.redis

    def _redis_up(self):
        try:
            r = Redis(self.redis_socket)
            answer = r("PING")
            r.close()
            return answer == b"PONG"
        except (OSError, RuntimeError):
            return False

    def start_backend(self):
        port_file = self.folder / "backend.port"
        port_file.unlink(missing_ok=True)
        self.backend = self.t.start(
            "backend", self.backend_path, "--listen", "127.0.0.1:0", "--db", self.folder / "backend.db",
            "--bridge", self.to_bridge.url, "--secret-file", self.folder / "secret",
            "--rules", SRCDIR / "etc/backend-rules.yaml", "--port-file", port_file, env=self.backend_env)
        self.backend.wait_line("ready ", 30)

    def config(self):
        redis = "embedded" if self.redis_mode == "embedded" else f"unix:{self.redis_socket}"
        return f"""\
state_dir: {self.folder}/state
redis: {redis}
services: [{self.services}]
events: {{listen: "127.0.0.1:0"}}
ops: {{listen: "127.0.0.1:0"}}
log: {{level: debug, format: logfmt}}
port_file: {self.folder}/ports
links:
  - name: smsc1
    host: 127.0.0.1
    port: {self.smsc.port}
    system_id: {self.smsc.system_id}
    password_file: {self.folder}/password
    reconnect_min: 20ms
    reconnect_max: 200ms
    response_timeout: 3s
    {self.link}
backends:
  - {{name: health, url: "{self.to_backend.url}", secret_file: {self.folder}/secret, {self.backend_more}}}
reminders: {{{self.reminders}}}
{self.more}
"""

    def start_dakiyad(self, wait=True):
        (self.folder / "dakiyad.yaml").write_text(self.config())
        (self.folder / "ports").unlink(missing_ok=True)
        self.dakiyad = self.t.start("dakiyad", self.dakiyad_path, "-c", self.folder / "dakiyad.yaml",
                                    env=self.dakiyad_env)
        if wait:
            self.wait_ready()

    def check_config(self):
        """What `dakiyad -t` says of the configuration."""
        (self.folder / "dakiyad.yaml").write_text(self.config())
        done = subprocess.run([self.dakiyad_path, "-t", "-c", self.folder / "dakiyad.yaml"], timeout=30,
                              capture_output=True, text=True, env={**os.environ, **SANITIZERS})
        return done.stdout + done.stderr

    @staticmethod
    def packs():
        return sorted((SRCDIR / "services").rglob("*.yaml"))

    def change_packs(self, change):
        """From the next start on the packs are a copy, each file's text as change(text) gives it."""
        for f in (SRCDIR / "services").rglob("*.yaml"):
            to = self.folder / "packs" / f.relative_to(SRCDIR / "services")
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_text(change(f.read_text()))
        self.services = self.folder / "packs"

    def wait_ready(self, seconds=60.0):
        def up():
            if not self.dakiyad.alive():
                raise AssertionError(f"dakiyad ended with {self.dakiyad.popen.returncode}")
            return self.ports().get("ops") and self.http("/readyz")[0] == 200
        wait_until("dakiyad is ready", up, seconds)

    def kill_dakiyad(self):
        self.dakiyad.kill()

    def restart_dakiyad(self):
        self.kill_dakiyad()
        self.start_dakiyad()

    def port_of(self, name):
        try:
            return int((self.folder / name).read_text())
        except (OSError, ValueError):
            return None

    def ports(self):
        try:
            text = (self.folder / "ports").read_text()
        except OSError:
            return {}
        return {k: int(v) for k, v in re.findall(r"(\w+)=(\d+)", text)}

    # ---- looking in

    def request(self, port, method, path, body=None, headers=None):
        """(status, body) of one request; (None, "") when nobody answers."""
        conn = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            conn.request(method, path, body, headers or {})
            answer = conn.getresponse()
            return answer.status, answer.read().decode("utf-8", "replace")
        except (OSError, http.client.HTTPException):
            return None, ""
        finally:
            conn.close()

    def http(self, path, headers=None):
        return self.request(self.ports()["ops"], "GET", path, None, headers)

    def metric(self, name, **labels):
        """Sum over the series that carry these labels."""
        total = 0.0
        for line in self.http("/metrics")[1].split("\n"):
            m = re.match(r"(\w+)(?:\{(.*)\})? (\S+)$", line)
            if m and m[1] == name:
                have = dict(re.findall(r'(\w+)="([^"]*)"', m[2] or ""))
                if all(have.get(k) == v for k, v in labels.items()):
                    total += float(m[3])
        return total

    def look(self):
        """A new connection to the bridge's Redis."""
        return Redis(self.redis_socket)

    def redis_pid(self):
        r = self.look()
        try:
            return int(re.search(rb"process_id:(\d+)", r("INFO", "server"))[1])
        finally:
            r.close()

    def depth(self):
        """Entries in inbox and outbox, over all partitions; -1 while Redis is (re)starting."""
        try:
            r = self.look()
        except OSError:
            return -1
        try:
            return sum(r("HLEN", k) for k in r.keys("dky:*:in")) + sum(
                r("ZCARD", k) for k in r.keys("dky:*:o:*"))
        except (OSError, RuntimeError):
            return -1
        finally:
            r.close()

    def dead_letters(self):
        r = self.look()
        try:
            return [x.decode("utf-8", "replace") for k in r.keys("dky:*:dead") for x in r("LRANGE", k, "0", "-1")]
        finally:
            r.close()

    def rows(self, sql, *args):
        """What the backend's database says."""
        db = sqlite3.connect(f"file:{self.folder}/backend.db?mode=ro", uri=True, timeout=10)
        try:
            return db.execute(sql, args).fetchall()
        finally:
            db.close()

    # ---- the desk

    def desk(self, method, path, body=None, expect=(200, 201)):
        headers = {"Content-Type": "application/json"}
        if method == "POST":
            headers["Idempotency-Key"] = os.urandom(8).hex()
        status, text = self.request(self.port_of("backend.port"), method, path,
                                    json.dumps(body) if body is not None else None, headers)
        assert status in expect, f"{method} {path}: {status} {text}"
        return json.loads(text) if text else None

    def call_next(self):
        return self.desk("POST", f"/v1/queues/{SERVICE}/call-next")

    def used(self, token_id, prescription=True):
        return self.desk("POST", f"/v1/tokens/{token_id}/used", {"prescription": prescription})

    def fill_queue(self, people, first=918800000000):
        """So many others before: registered, with a token, by the backend's own API."""
        for i in range(people):
            who = {"msisdn": str(first + i), "service": SERVICE}
            self.desk("POST", "/v1/registrations", {
                **who, "name": f"Other {i}", "age": 40, "sex": "F", "place": "Gaya", "lang": "en",
                "consent": {"given": True, "text_version": "1", "channel": "sms"}})
            self.desk("POST", "/v1/tokens", {**who, "mode": "AUDIO"})

    @staticmethod
    def signed(body, secret=SECRET, at=None, signature=None, timestamp=None):
        """An event as a backend sends it: (body, headers)."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        stamp = timestamp if timestamp is not None else str(int(at if at is not None else time.time()))
        mac = hmac.new(secret.encode(), stamp.encode() + b"." + raw, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-Dakiya-Timestamp": stamp,
                   "X-Dakiya-Signature": signature if signature is not None else "sha256=" + mac}
        return raw, {k: v for k, v in headers.items() if v}

    def event(self, body, **how):
        """POST /v1/events as a backend would; (status, text)."""
        return self.request(self.ports()["events"], "POST", "/v1/events", *self.signed(body, **how))

    # ---- what holds at the end of every test

    def secrets(self):
        """Numbers and texts that no log may hold."""
        with self.smsc.lock:
            numbers = {m.pdu.source_addr for m in self.smsc.mo if m.kind == "sms"} | {
                x.number for x in self.smsc.texts}
            texts = {x.text for x in self.smsc.texts} | {m.text for m in self.smsc.mo if m.kind == "sms"}
        long_numbers = {n for n in numbers if re.fullmatch(r"\d{10,15}", n)}
        return long_numbers | {n[-10:] for n in long_numbers} | {x for x in texts if len(x) >= 8}

    def check_private(self, what, text):
        # A soak leaves 100 MB of log and tens of thousands of secrets: most are looked up in a small part of it.
        numbers = "\n".join(set(re.findall(r"\d{8,}", text)))
        has_words = functools.cache(lambda words: words in text)
        for secret in self.secrets():
            words = max(re.split(r"\d+", secret), key=len)
            found = secret in numbers if secret.isdecimal() else has_words(words) and secret in text
            assert not found, f"{what} holds {secret!r}"

    def check_end(self):
        status = self.dakiyad.popen.poll() if self.dakiyad else 0
        if self.dakiyad and status is None:
            if self.ports().get("ops"):
                self.check_private("/metrics", self.http("/metrics")[1])
                self.check_private("/logs", self.http("/logs?level=debug&limit=10000")[1])
            status = self.dakiyad.stop(20)
        assert status in (0, -signal.SIGKILL), f"dakiyad ended with {status}"
        if self.backend:
            assert self.backend.stop(20) in (0, -signal.SIGKILL), "the backend's exit status"
        for log in sorted(self.folder.glob("*.log")):
            text = log.read_text(errors="replace")
            found = ALARM.search(text)
            assert not found, f"{log.name}: {text[found.start() - 200:found.start() + 2500]}"
            if log.name != "redis.log":
                self.check_private(log.name, text)
        assert not self.smsc.broken, self.smsc.broken
