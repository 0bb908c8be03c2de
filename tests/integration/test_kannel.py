# SPDX-License-Identifier: BSD-2-Clause
"""Debian's Kannel before the bridge, with the configuration that is shipped: message centre, bearerbox, smsbox, dakiyad."""
import os
import re
import socket
import urllib.parse

import smpp
from harness import SRCDIR, Process, Skip, test, wait_until
from proxy import Proxy
from stack import Stack
from talk import EN, HI, register, registered_once, times_seen

NUMBER, OTHER, BARRED = "919812345678", "919812345679", "919912345678"
BOXES = {"bearerbox": "/usr/sbin/bearerbox", "smsbox": "/usr/sbin/smsbox"}


def free_ports(n):
    """Kannel writes no port down, so they are chosen for it."""
    socks = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [s.getsockname()[1] for s in socks]
    for s in socks:
        s.close()
    return ports


def is_open(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def replaced(text, *pairs):
    """What is shipped, fitted to this machine; each word that is replaced must be there."""
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, str(new))
    return text


class Box(Process):
    def stop(self, seconds=0):
        return self.kill()  # it may take ten seconds to end, and what it loses is no test's business any more


class KannelStack(Stack):
    """smsc.py, bearerbox, smsbox, dakiyad. Kannel's log holds texts and numbers: it has a folder of its own."""

    def __init__(self, t, **options):
        for path in BOXES.values():
            if not os.access(path, os.X_OK):
                raise Skip("kannel is not installed")
        self.boxes, self.kannel = {}, t.folder / "kannel"
        for name in ("store", "dlr"):
            (self.kannel / name).mkdir(parents=True)
        self.admin, self.box, self.sendsms = free_ports(3)
        self.sendsms_password = "CHANGE-sendsms"
        self.from_kannel = t.own(Proxy(lambda: self.ports().get("sms_kannel") if self.dakiyad else None))
        start = options.pop("start", True)
        super().__init__(t, start=False, **options)
        self.smsc.receipts = True
        self.start_boxes()
        if start:
            self.start_dakiyad()

    def kannel_conf(self):
        return replaced(
            (SRCDIR / "etc/sms/kannel.conf").read_text(),
            ("/var/spool/kannel", self.kannel), ("/var/log/kannel", self.kannel), ("log-level = 1", "log-level = 0"),
            ("13000", self.admin), ("13001", self.box), ("13013", self.sendsms), ("smsc.operator.example", "127.0.0.1"),
            ("port = 2775", f"port = {self.smsc.port}"), ("CHANGE-system-id", self.smsc.system_id), ("CHANGE-smpp", self.smsc.password),
            ("http://127.0.0.1:8090", self.from_kannel.url), ("reconnect-delay = 5", "reconnect-delay = 1"),
            ("system-type", f"denied-prefix = {BARRED}\nsystem-type"),
            ("http-queue-delay = 5", "http-queue-delay = 1"), ("sms-resend-freq = 10", "sms-resend-freq = 1"))

    def start_boxes(self):
        conf = self.kannel / "kannel.conf"
        conf.write_text(self.kannel_conf())
        for (name, path), port in zip(BOXES.items(), (self.box, self.sendsms)):
            p = self.boxes[name] = self.t.own(Box(f"{name}-panic", (path, "-v", "4", conf), self.kannel))
            wait_until(f"{name} listens", lambda p=p, port=port: is_open(port) or not p.alive())
            assert p.alive(), f"{name} ended"
        wait_until("Kannel is bound", self.smsc.bound)

    def config(self):
        head, rest = super().config().split("links:\n")
        _, rest = rest.split("backends:\n")
        shipped = re.search(r"```yaml\n(links:.*?)```", (SRCDIR / "docs/kannel.md").read_text(), re.S)[1]
        (self.folder / "sendsms.password").write_text(self.sendsms_password)
        (self.folder / "kannel.token").write_text("CHANGE-token")
        links = replaced(shipped, ("13013", self.sendsms), ("listen: 127.0.0.1:8090", "listen: 127.0.0.1:0"),
                         ("http://127.0.0.1:8090", self.from_kannel.url), ("/etc/dakiya", self.folder))
        return f"""{head}sms_profiles: {SRCDIR / "etc/sms"}
{links}    reconnect_min: 20ms
    reconnect_max: 200ms
backends:
{rest}"""

    def brought(self):
        """Texts of the requests that Kannel has made."""
        return [urllib.parse.parse_qs(urllib.parse.urlsplit(r.path).query, errors="strict").get("text", [""])[0]
                for r in self.from_kannel.to("/sms?")]


@test("behind Debian's Kannel the whole conversation runs, in Hindi and English, long texts in parts both ways")
def whole(t):
    s = KannelStack(t)
    person, other = s.smsc.phone(NUMBER), s.smsc.phone(OTHER)
    assert register(person, HI) == registered_once(s, NUMBER, HI)
    register(other, EN)
    registered_once(s, OTHER)
    s.call_next()
    person.expect(HI.turn)
    for text in ("मुझे बताइये कि " * 12, "What [I] need to know is €uro " * 8, "não, õ", "नमस्ते 😀"):
        person.send(text)
        wait_until("it is brought whole, once", lambda text=text: s.brought().count(text) == 1)
        person.expect("HELP")
    wait_until("nothing is left", lambda: not s.depth())
    texts = list(s.smsc.texts)
    assert len(s.smsc.mt) > len(texts), "some took several parts"
    assert len({(x.number, x.text) for x in texts}) == len(texts) - 2, "none came twice but two answers to two questions"
    wait_until("the receipt of each is matched", lambda: s.metric("dakiya_mt_delivery_total", state="DELIVRD") == len(texts))
    assert s.metric("dakiya_submit_total", link="kannel", status="ok") == len(texts)
    s.smsc.fault("submit_sm", smpp.RINVDSTADR)
    other.send("HELP")
    wait_until("a refusal comes as a report", lambda: s.metric("dakiya_mt_delivery_total", state="REJECTD") == 1)
    s.smsc.phone(BARRED).send(EN.start)
    wait_until("where Kannel has no way that is final, in its words", lambda: any(
        x.startswith("permanent routable Kannel has no way to this number: Not routable.") for x in s.dead_letters()))
    assert "credentials" not in s.dakiyad.output(), "and the others do not wait for it"


@test("dakiyad, smsbox and bearerbox are killed in the middle of the conversation: it goes on, and nobody is registered twice")
def killed(t):
    s = KannelStack(t)
    person = s.smsc.phone(NUMBER)
    for i, (text, answer) in enumerate(EN.steps):
        if i == 1:
            s.boxes["smsbox"].kill()  # before it comes: what smsbox has taken and not brought, it loses
        sent = person.send(text)
        if i == 1:
            wait_until("bearerbox has it", lambda sent=sent: sent[0].state == "accepted")
            s.boxes["bearerbox"].kill()
            s.start_boxes()
        if i in (2, 4):
            s.restart_dakiyad()
        person.expect(answer, 30)
    registered_once(s, NUMBER)
    s.boxes["bearerbox"].kill()
    wait_until("smsbox takes nothing without it", lambda: not is_open(s.sendsms))
    s.call_next()
    wait_until("the link waits", lambda: s.metric("dakiya_link_state", link="kannel", state="wait") == 1)
    person.send(EN.call)
    s.boxes["smsbox"].kill()
    s.start_boxes()
    for text in (EN.turn, EN.calling):
        wait_until("both are told", lambda text=text: times_seen(person, text))
    wait_until("nothing is left", lambda: not s.depth())
    assert times_seen(person, EN.turn) == 1


@test("Redis away: Kannel asks again until the message is taken, once; a wrong password of sendsms is shouted about")
def away(t):
    s = KannelStack(t, start=False, fsync="always")
    s.sendsms_password = "wrong"
    s.start_dakiyad()
    person = s.smsc.phone(NUMBER)
    person.send(EN.start)
    s.dakiyad.wait_line("credentials refused")
    assert not s.smsc.texts
    s.sendsms_password = "CHANGE-sendsms"
    s.restart_dakiyad()
    person.expect(EN.ask_name)
    s.redis.kill()
    wait_until("it is known", lambda: s.metric("dakiya_store_up") == 0)
    person.send(EN.name)
    wait_until("it was refused", lambda: [r.status for r in s.from_kannel.to("/sms?")][-2:] == [503, 503])
    s.start_redis()
    person.expect(EN.ask_age, 20)
    assert times_seen(person, EN.ask_age) == 1
