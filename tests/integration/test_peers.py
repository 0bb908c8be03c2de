# SPDX-License-Identifier: BSD-2-Clause
"""Two dakiyad on one Redis and one message centre: each goes on with what the other left, and while
both live nothing is done twice."""
import signal
import socket
import threading
import time

from harness import test, wait_until
from stack import Stack
from talk import EN, register, registered_once

NUMBER = "919812345678"


class Wire:
    """A socket before another one: what comes in waits while go is not set; what comes back does not."""

    def __init__(self, path, target):
        self.target, self.go = str(target), threading.Event()
        self.go.set()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                conn, _ = self.listener.accept()
                there = socket.socket(socket.AF_UNIX)
                there.connect(self.target)
            except OSError:
                return
            for a, b, waits in ((conn, there, True), (there, conn, False)):
                threading.Thread(target=self._carry, args=(a, b, waits), daemon=True).start()

    def _carry(self, a, b, waits):
        try:
            while octets := a.recv(65536):
                if waits:
                    self.go.wait()
                b.sendall(octets)
            b.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def stop(self):
        self.go.set()
        self.listener.close()


class Pair(Stack):
    """A second bridge beside the first, with its own name; the same Redis, backend and centre."""

    def __init__(self, t, wire=False, **options):
        super().__init__(t, more="instance: a\npeer_timeout: 2s", **options)
        text = self.config().replace("instance: a", "instance: b").replace("/ports", "/ports-b")
        if wire:
            self.wire = t.own(Wire(self.folder / "wire", self.redis_socket))
            text = text.replace(str(self.redis_socket), str(self.folder / "wire")) + "redis_timeout: 30s\n"
        (self.folder / "b.yaml").write_text(text)
        self.start_b()

    def start_b(self):
        (self.folder / "ports-b").unlink(missing_ok=True)
        self.b = self.t.start("dakiyad-b", self.dakiyad_path, "-c", self.folder / "b.yaml")
        wait_until("the second bridge is ready", lambda: (self.folder / "ports-b").exists())
        # The centre gives its messages to who bound last: to this one.
        wait_until("both are bound", lambda: sum(bool(x.bound and x.alive) for x in self.smsc.sessions) == 2)


@test("what a killed bridge had accepted is answered by the other, without a restart")
def killed(t):
    s = Pair(t, backend_more="timeout: 60s")
    phones = [s.smsc.phone(str(919812300000 + i)) for i in range(6)]
    for phone in phones:
        for text, answer in EN.steps[:-1]:
            phone.ask(text, answer, 20)
    asked = s.to_backend.fault("silent")
    for phone in phones:
        phone.send(EN.consent)
    wait_until("all questions are with the backend", lambda: asked.hits == 6)
    s.b.kill()
    s.to_backend.clear()
    for phone in phones:
        phone.expect(EN.token, 30)
        registered_once(s, phone.number)
    wait_until("nothing is left", lambda: not s.depth(), 20)


@test("a bridge that stands still is taken over; when it wakes it sends nothing twice and begins again")
def stopped(t):
    s = Pair(t)
    phones = [s.smsc.phone(str(919812310000 + i)) for i in range(4)]
    for phone in phones:
        register(phone)
    for again in range(1, 4):
        silence = s.smsc.fault("submit_sm", "silence", times=len(phones))
        for phone in phones:
            phone.send("STATUS")
        wait_until("every answer is out, and none acknowledged", lambda: silence.hits == len(phones), 20)
        s.b.popen.send_signal(signal.SIGSTOP)
        for phone in phones:
            phone.expect("You are no|next turn", 30)
        wait_until("nothing is left", lambda: not s.depth(), 20)
        s.b.popen.send_signal(signal.SIGCONT)
        log = s.folder / "dakiyad-b.log"
        wait_until("it has seen that it was taken over", lambda: log.read_text().count("taken over") == again, 20)
        for phone in phones:
            phone.ask("WHO", "government", 20)
            assert phone.unread() == [], f"{phone.number} got something twice"
    for phone in phones:
        assert len([x for x in s.smsc.to(phone.number) if "You are no" in x.text or "next turn" in x.text]) == 3


@test("what a bridge had on its way to Redis while it was taken over is answered: its heir looks again")
def on_the_wire(t):
    s = Pair(t, wire=True)
    phone = s.smsc.phone(NUMBER)
    phone.ask(EN.start, EN.ask_name)
    wait_until("nothing is under way", lambda: not s.depth())
    s.wire.go.clear()
    (mo,) = phone.send(EN.name)
    wait_until("the other takes over", lambda: "taking over" in s.dakiyad.output(), 20)
    time.sleep(0.5)  # and has looked at all that was left
    assert mo.state == "sent" and not phone.unread()
    s.wire.go.set()
    phone.expect(EN.ask_age, 20)
    wait_until("nothing is left", lambda: not s.depth(), 20)


@test("Redis is full: neither of two bridges takes that for its own absence, and what was accepted leaves")
def full(t):
    s = Pair(t)
    phone = s.smsc.phone(NUMBER)
    s.smsc.fault("submit_sm", "silence", 2)
    phone.send("HELP")
    wait_until("its answer is on its way", lambda: s.smsc.count("submit_sm") == 2)
    redis = s.look()
    redis("CONFIG", "SET", "maxmemory", "1")
    redis.close()
    phone.expect("PANJI", 20)
    wait_until("nothing is left", lambda: not s.depth(), 30)
