# SPDX-License-Identifier: BSD-2-Clause
"""SIGHUP: packs change in place, the rest by stopping and starting inside the process, nobody notices."""
import re
import signal
import socket
import time

import harness
from harness import test, wait_until
from stack import Stack
from talk import EN, HI, register, registered_once, times_seen

NUMBER, OTHER = "919812345678", "919812345679"


def log_has(s, words, times=1):
    text = (s.folder / "dakiyad.log").read_text(errors="replace")
    return len(re.findall(words, text)) >= times


def reload(s, words, times=1):
    s.dakiyad.signal(signal.SIGHUP)
    wait_until(f"the log says {words}", lambda: log_has(s, words, times), 20)


def with_own_packs(t):
    s = Stack(t, start=False)
    s.change_packs(lambda text: text)
    s.start_dakiyad()
    return s


def talk(phone, steps):
    for typed, answer in steps:
        phone.ask(typed, answer)


def consent_waits(s, phone):
    """The person has said yes, and the backend takes its time."""
    talk(phone, EN.steps[:-1])
    slow = s.to_backend.fault(("slow", 1.5), times=1)
    phone.send(EN.consent)
    wait_until("the backend is asked", lambda: slow.hits)


def write_config(s):
    (s.folder / "dakiyad.yaml").write_text(s.config())


@test("SIGHUP changes the packs in place: the bind stays, a running dialogue goes on with the new texts")
def packs(t):
    s = with_own_packs(t)
    phone = s.smsc.phone(NUMBER)
    phone.ask(EN.start, EN.ask_name)
    binds = s.smsc.binds
    s.change_packs(lambda text: text.replace("Please send state and district", "RELOADED: state and district"))
    reload(s, "reloaded")
    talk(phone, EN.steps[1:3])
    phone.ask(EN.sex, "RELOADED: state and district")
    talk(phone, EN.steps[4:])
    registered_once(s, NUMBER)
    assert s.smsc.binds == binds, "the link was bound again"


@test("a turn that waits for the backend ends with the packs it began with, and they are freed")
def running(t):
    s = with_own_packs(t)
    phone = s.smsc.phone(NUMBER)
    consent_waits(s, phone)
    s.change_packs(lambda text: text.replace("Token {", "Number {"))
    reload(s, "reloaded")
    reload(s, "reloaded", 2)
    phone.expect(EN.token)
    registered_once(s, NUMBER)


@test("a broken pack or configuration is refused with its place, and everything stays as it was")
def refused(t):
    s = with_own_packs(t)
    phone = s.smsc.phone(NUMBER)
    phone.ask(EN.start, EN.ask_name)
    s.change_packs(lambda text: text.replace("steps:", "stepps:"))
    reload(s, r"reload refused.*service\.yaml:\d+:\d+:")
    s.change_packs(lambda text: text)
    s.more = "nonsense: 1"
    write_config(s)
    reload(s, r"reload refused.*dakiyad\.yaml:\d+:\d+:")
    talk(phone, EN.steps[1:])
    registered_once(s, NUMBER)


@test("another configuration takes effect without a loss: what is under way ends, the link is bound anew")
def configuration(t):
    s = Stack(t)
    phone, other = s.smsc.phone(NUMBER), s.smsc.phone(OTHER)
    other.ask(HI.start, HI.ask_name)
    consent_waits(s, phone)
    s.link = "system_type: RELOAD"
    write_config(s)
    (s.folder / "ports").unlink()
    reload(s, "reload.*changes=configuration")
    phone.expect(EN.token, 20)
    s.wait_ready()
    wait_until("bound with the new system_type", lambda: s.smsc.last_bind.system_type == "RELOAD", 10)
    talk(other, HI.steps[1:])
    registered_once(s, NUMBER)
    registered_once(s, OTHER, HI)
    assert times_seen(phone, EN.token) == 1, phone.inbox()


def give_way(s, config):
    """To what ran before: this one's port is taken."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        (s.folder / "dakiyad.yaml").write_text(config.replace(
            'events: {listen: "127.0.0.1:0"}', f'events: {{listen: "127.0.0.1:{taken.getsockname()[1]}"}}'))
        reload(s, "not started.*cannot listen")
        wait_until("it runs again", lambda: log_has(s, r"INFO ready ", 2), 20)
    s.wait_ready()


@test("a configuration that cannot be started gives way to the one that ran before")
def cannot_start(t):
    s = Stack(t)
    phone = s.smsc.phone(NUMBER)
    phone.ask(EN.start, EN.ask_name)
    give_way(s, s.config())
    talk(phone, EN.steps[1:])
    registered_once(s, NUMBER)


@test("the configuration that ran before goes on with its packs as they were, also when those on the disk fit it no more")
def old_packs(t):
    s = with_own_packs(t)
    phone = s.smsc.phone(NUMBER)
    phone.ask(EN.start, EN.ask_name)
    other = s.config().replace(str(s.services), f"{harness.SRCDIR}/services/")
    s.change_packs(lambda text: text.replace("steps:", "stepps:"))
    give_way(s, other)
    talk(phone, EN.steps[1:])
    registered_once(s, NUMBER)


@test("SIGTERM while a reload waits for what is under way ends the process")
def terminated(t):
    s = Stack(t, more="drain_timeout: 300ms")
    phone = s.smsc.phone(NUMBER)
    consent_waits(s, phone)
    s.link = "system_type: RELOAD"
    write_config(s)
    reload(s, "reload.*changes=configuration")
    assert s.dakiyad.stop(20) == 0
    s.start_dakiyad()
    phone.expect(EN.token, 20)
    register(s.smsc.phone(OTHER))


@test("a reload while Redis is away: what was paused goes on in the new configuration, answered once")
def paused(t):
    s = Stack(t, more="drain_timeout: 300ms", fsync="always")
    phone = s.smsc.phone(NUMBER)
    for typed, answer in EN.steps[:-1]:
        phone.ask(typed, answer)
    slow = s.to_backend.fault(("slow", 0.5), times=1)
    phone.send(EN.consent)
    wait_until("the backend is asked", lambda: slow.hits)
    s.redis.kill()
    wait_until("a turn is paused", lambda: "state=paused" in s.dakiyad.output())
    s.link = "system_type: RELOAD"
    write_config(s)
    reload(s, "reload.*changes=configuration")
    wait_until("it runs again", lambda: log_has(s, r"INFO ready ", 2), 20)
    wait_until("bound again", lambda: s.smsc.last_bind.system_type == "RELOAD")
    s.start_redis()
    phone.expect(EN.token, 20)
    registered_once(s, NUMBER)


@test("a second SIGHUP while a reload waits for what is under way is not lost: the newest configuration runs")
def twice(t):
    s = Stack(t)
    phone = s.smsc.phone(NUMBER)
    for typed, answer in EN.steps[:-1]:
        phone.ask(typed, answer)
    slow = s.to_backend.fault(("slow", 1.5), times=1)
    phone.send(EN.consent)
    wait_until("the backend is asked", lambda: slow.hits)
    for name, said in (("FIRST", "changes=configuration"), ("SECOND", "waits_for=stop")):
        s.link = f"system_type: {name}"
        write_config(s)
        reload(s, "reload.*" + said)
    phone.expect(EN.token, 20)
    wait_until("bound with the newest", lambda: s.smsc.last_bind.system_type == "SECOND", 10)
    assert s.smsc.binds == 2, s.smsc.binds
    registered_once(s, NUMBER)


@test("signals in a row, also between two configurations of which one does not start, end nothing but by SIGTERM")
def in_a_row(t):
    s = Stack(t, redis="embedded", more="drain_timeout: 50ms")
    phone = s.smsc.phone(NUMBER)
    phone.ask(EN.start, EN.ask_name)
    good = s.config()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        (s.folder / "dakiyad.yaml").write_text(good.replace(
            'events: {listen: "127.0.0.1:0"}', f'events: {{listen: "127.0.0.1:{taken.getsockname()[1]}"}}'))
        s.dakiyad.signal(signal.SIGHUP)
        while not log_has(s, "not started.*cannot listen"):
            assert s.dakiyad.alive()
            s.dakiyad.signal(signal.SIGHUP)
            time.sleep(0.005)
    (s.folder / "dakiyad.yaml").write_text(good)
    s.dakiyad.signal(signal.SIGHUP)
    s.wait_ready()
    phone.ask(EN.name, EN.ask_age)


@test("many signals at once are one reload")
def many(t):
    s = Stack(t)
    phone = s.smsc.phone(NUMBER)
    phone.ask(EN.start, EN.ask_name)
    s.dakiyad.signal(signal.SIGSTOP)
    for _ in range(5):  # a standing process keeps one of them; the rest come while it reads
        s.dakiyad.signal(signal.SIGHUP)
    s.dakiyad.signal(signal.SIGCONT)
    for _ in range(200):
        s.dakiyad.signal(signal.SIGHUP)
        time.sleep(0.0005)
    phone.ask(EN.name, EN.ask_age, 3)
    wait_until("it has reloaded", lambda: log_has(s, "reloaded"))
    assert not log_has(s, "reloaded", 20), "each signal was a reload"
