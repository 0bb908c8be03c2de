# SPDX-License-Identifier: BSD-2-Clause
"""One deployment whose every part can be killed, stopped or cut off: the Stack of the integration tests
with a line before the operator and before Redis, and a lock for each part, so that two faults at once do
not start the same part twice."""
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading
import time

import harness
import smsc
from harness import Skip, wait_until
from stack import Stack

HERE = pathlib.Path(__file__).resolve().parent
WINDOW = 10  # submits, and messages of phones, that may be without an answer
SOON = 60  # seconds in which a program begins or ends, also on an overloaded machine
ANSWER = 4  # seconds in which the network wants the next screen
EVE = 600.0  # so long before midnight a round that has one is prepared
IST = 19800
ELSEWHERE = {"TZ": "FAR+11:30"}  # where it is another day at the midnight of India
PARTS = ("dakiyad", "second", "redis", "backend", "operator", "http")
OTP_SECRET = "only-for-the-tests-of-faults"


def read_only_shim(folder):
    shim = folder / "rofs.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", shim, HERE / "rofs.c", "-ldl"], check=True, timeout=60)
    return str(shim)


class Wire:
    """The process of line.py between the bridge and something else."""

    def __init__(self, folder, name, listen, target):
        self.folder, self.name, self.listen, self.target = folder, name, str(listen), str(target)
        self.popen = None
        self.up()

    def up(self):
        log = self.folder / f"line-{self.name}.log"
        self.popen = subprocess.Popen([sys.executable, str(HERE / "line.py"), self.listen, self.target],
                                      stdin=subprocess.PIPE, stdout=open(log, "wb"), stderr=subprocess.STDOUT)
        said = wait_until(f"the line of {self.name} is there", lambda: log.read_text().partition("\n")[0], SOON)
        self.listen = said.split()[1]

    def order(self, *words):
        try:
            self.popen.stdin.write((" ".join(map(str, words)) + "\n").encode())
            self.popen.stdin.flush()
        except OSError:
            pass  # killed meanwhile: nothing to order

    def end(self, number):
        self.popen.send_signal(number)
        self.popen.wait(10)
        self.popen.stdin.close()

    def alive(self):
        return self.popen.poll() is None

    def stop(self):
        if self.alive():
            self.popen.send_signal(signal.SIGCONT)
            self.end(signal.SIGKILL)


class Clock:
    """A program's wall clock that can be stepped while it runs: libfaketime. (A time namespace has no wall
    clock of its own, and an option of the daemon would test the option.) The monotonic clock stays."""

    def __init__(self, file):
        found = sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
        if not found:
            raise Skip("libfaketime is not installed")
        self.file, self.base = file, 0.0
        self.env = {"LD_PRELOAD": str(found[0]), "FAKETIME_TIMESTAMP_FILE": str(self.file), "FAKETIME_NO_CACHE": "1",
                    "DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        self.step(0)

    def step(self, seconds):
        new = self.file.with_suffix(".new")
        new.write_text(f"{self.base + seconds:+.3f}\n")
        new.replace(self.file)


def next_midnight():
    """Of India, in seconds since 1970, at least ten minutes from now."""
    return ((time.time() + EVE + IST) // 86400 + 1) * 86400 - IST


class World(Stack):
    def __init__(self, t, books, short_lives=False, needs=(), **options):
        self.books, self.locks = books, {p: threading.Lock() for p in PARTS}
        self.midnight = next_midnight() if "midnight" in needs else None
        self.clock = self.backend_clock = None
        if "clock" in needs or self.midnight:
            self.clock = Clock(t.folder / "clock")
        if self.midnight:
            self.backend_clock = Clock(t.folder / "backend-clock")
            self.backend_env = {**self.backend_env, **self.backend_clock.env, **ELSEWHERE}
            self.midnight_in(EVE)
            options["reminders"] = 'quiet_hours: "22:00-00:00", per_day: 1'
        self.read_only = t.folder / "read-only"
        if "read-only" in needs:
            self.redis_env = {"LD_PRELOAD": read_only_shim(t.folder), "ROFS": str(self.read_only)}
        (t.folder / "ussd").mkdir()
        profile = (harness.SRCDIR / "etc/ussd/generic.yaml").read_text()
        (t.folder / "ussd/generic.yaml").write_text(re.sub(r"(?m)^answer:.*", f"answer: {ANSWER}s", profile))
        self.centre = smsc.Smsc(mo_window=WINDOW)
        self.wire = t.own(Wire(t.folder, "operator", 0, self.centre.port))
        self.redis_wire = None
        self.short_lives = short_lives
        otp_life = "4s" if short_lives else "10m"
        super().__init__(
            t, smsc=self.centre, start=False,
            link=f"window: {WINDOW}\n    ussd: generic\n    ussd_code: '*123#'\n    ussd_from: '56161'",
            backend_more="timeout: 3s, trip_after: 1000, pause: 200ms, pause_max: 1s",
            more=f"redis_timeout: 1s\npeer_timeout: 2s\nussd_profiles: {t.folder}/ussd\n"
                 f"instance: first\n"
                 f"otp: {{secret: {OTP_SECRET}, life: {otp_life}, resend: 0s, burst: 64, day: 64}}", **options)
        if self.clock:
            self.dakiyad_env = {**self.dakiyad_env, **self.clock.env, **(ELSEWHERE if self.midnight else {})}
        if short_lives:
            self.change_packs(lambda text: text.replace("life: 10m\n    coalesce: turn", "life: 4s\n    coalesce: turn")
                              .replace("life: 15m\n    coalesce: turn", "life: 4s\n    coalesce: turn"))
        self.redis_wire = t.own(Wire(t.folder, "redis", t.folder / "line.sock", self.redis_socket))
        self.start_dakiyad()
        self.second = None
        if "second" in needs:
            self.start_second()
            t.at_end(lambda: self.end_part("second", signal.SIGTERM))

    # ---- time

    def now(self):
        """By the clock of the backend, which is that of the bridge unless that one is stepped."""
        return time.time() + (self.backend_clock.base if self.midnight else 0.0)

    def midnight_in(self, seconds):
        for c in (self.clock, self.backend_clock):
            c.base = self.midnight - seconds - time.time()
            c.step(0)

    def start_second(self):
        text = self.config().replace("instance: first", "instance: second").replace("/ports", "/ports-second")
        (self.folder / "second.yaml").write_text(text)
        (self.folder / "ports-second").unlink(missing_ok=True)
        self.second = self.t.start("dakiyad-second", self.dakiyad_path, "-c", self.folder / "second.yaml",
                                   env=self.dakiyad_env)
        wait_until("the second bridge is there", (self.folder / "ports-second").exists, SOON)

    def backend_does(self, action=None, times=10 ** 9):
        """Besides being a little slow, so that at any moment some questions are with it."""
        self.to_backend.clear()
        if action is not None:
            self.to_backend.fault(action, times=times)
        self.to_backend.fault(("slow", 0.05))

    def config(self):
        text = super().config().replace(f"port: {self.smsc.port}", f"port: {self.wire.listen}")
        return text.replace(f"unix:{self.redis_socket}", f"unix:{self.folder}/line.sock")

    # ---- ending and beginning parts; the part's lock is held

    def process(self, part):
        return {"dakiyad": self.dakiyad, "second": self.second, "redis": self.redis, "backend": self.backend,
                "operator": self.wire}[part]

    def end_part(self, part, number):
        p = self.process(part)
        if part == "operator":
            p.end(number)
            return
        p.signal(number)
        status = p.wait(SOON)
        assert status in (0, -number) and (number == signal.SIGKILL or status == 0 or part == "redis"), \
            f"{part} ended with {status} on signal {number}"

    def begin_part(self, part):
        if part == "dakiyad":
            self.start_dakiyad(wait=False)
            wait_until("dakiyad has its ports", lambda: self.ports().get("ops") or not self.dakiyad.alive(), SOON)
            assert self.dakiyad.alive(), f"dakiyad ended with {self.dakiyad.popen.returncode}"
        elif part == "second":
            self.start_second()
        elif part == "redis":
            self.start_redis()
        elif part == "backend":
            self.start_backend()
        else:
            self.wire.up()

    def pid(self, part):
        p = self.process(part)
        return p.pid if part != "operator" else p.popen.pid

    def halt(self, part, seconds):
        pid = self.pid(part)
        os.kill(pid, signal.SIGSTOP)
        time.sleep(seconds)  # how long it stands still, not a wait for something
        os.kill(pid, signal.SIGCONT)

    # ---- looking in

    def depth(self):
        """And questions that are kept until the backend answers; -1 while Redis is away."""
        entries = super().depth()
        if entries < 0:
            return -1
        r = self.look()
        try:
            # Not the receipt of a message whose id is "df".
            return entries + sum(r("ZCARD", k) for k in r.keys("dky:*:df") if k.count(b":") == 2)
        except (OSError, RuntimeError):
            return -1
        finally:
            r.close()

    def day_has_ended(self):
        """For every token of yesterday's."""
        now = int(self.now() * 1000)
        return self.now() > self.midnight and not self.rows(
            "SELECT 1 FROM token WHERE valid_until <= ? AND state IN ('WAITING', 'CALLED', 'MISSED') LIMIT 1", now)

    def dead_letters(self):
        """Reasons of all dead letters."""
        r = self.look()
        try:
            return [x.partition(b"\n")[0].decode("utf-8", "replace") for k in r.keys("dky:*dead")
                    for x in r("LRANGE", k, 0, -1)]
        finally:
            r.close()
