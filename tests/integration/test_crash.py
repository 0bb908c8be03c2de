# SPDX-License-Identifier: BSD-2-Clause
"""kill -9 at any moment: accepted messages lost 0, nobody registered twice, the talk goes on."""
import os
import random
import threading
import time

from harness import test, wait_until
from stack import Stack
from talk import EN, HI, LANGS, register, registered_once, tokens

SEED = int(os.environ.get("DK_SEED") or time.time())
# Never the same text twice in a row: that could be the network, repeating itself.
TALK = (("HELP", "PANJI|REG to register"), ("STATUS", "संख्या|बारी|You are no|next turn"),
        ("WHO", "सरकारी|government"), ("REPEAT", "संख्या|बारी|You are no|next turn"))
DELAYS = (0.0, 0.001, 0.003, 0.008, 0.02)  # seconds from the message to the kill


def nothing_lost(s):
    wait_until("every message of a phone was taken", lambda: not s.smsc.pending_mo(), 20)
    wait_until("inbox and outbox are empty", lambda: not s.depth(), 20)


def killed_at_every_step(t, lang, delays, number, **options):
    s = Stack(t, **options)
    for step in range(len(lang.steps)):
        for delay in delays:
            number += 1

            def kill(i, step=step, delay=delay):
                if i == step:
                    time.sleep(delay)  # the moment of the kill, not a wait for something
                    s.restart_dakiyad()
            phone = s.smsc.phone(str(number))
            token = register(phone, lang, 30, kill)
            assert registered_once(s, str(number), lang) == token, f"step {step}, {delay} s"
    nothing_lost(s)


@test("killed after each message of the conversation, at small delays, the bridge goes on with it (Redis stays)")
def every_step(t):
    killed_at_every_step(t, EN, DELAYS, 919812340000)


@test("killed after each message of the Hindi conversation, with the embedded Redis, the bridge goes on")
def every_step_embedded(t):
    killed_at_every_step(t, HI, (0.0, 0.004), 919812350000, redis="embedded")


@test("killed with Redis at its side, both come back and the conversation goes on")
def with_redis(t):
    s = Stack(t, fsync="always")
    for step in range(len(EN.steps)):
        def kill(i, step=step):
            if i == step:
                s.kill_dakiyad()
                s.redis.kill()
                s.start_redis()
                s.start_dakiyad()
        number = str(919812360000 + step)
        register(s.smsc.phone(number), EN, 30, kill)
        registered_once(s, number)
    nothing_lost(s)


@test("killed before the turn notice is out, the bridge sends it after the restart, once or twice, never not")
def alerts(t):
    s = Stack(t)
    for i, delay in enumerate(DELAYS):
        phone = s.smsc.phone(str(919812370000 + i))
        register(phone)
        s.call_next()
        time.sleep(delay)
        s.restart_dakiyad()
        phone.expect(EN.turn, 20)
        time_killed = threading.Timer(delay, s.kill_dakiyad)
        time_killed.start()
        phone.send(EN.call)
        time_killed.join()
        s.start_dakiyad()
        phone.expect(EN.calling, 20)
        (token,) = s.rows("SELECT token_id FROM token WHERE msisdn = ?", phone.number)[0]
        s.used(token)
        s.restart_dakiyad()
        phone.expect(EN.prescription, 20)
    nothing_lost(s)


@test("killed while it is away from the backend, or the backend killed too, nobody is registered twice")
def both(t):
    s = Stack(t)
    rand = random.Random(SEED)
    for i in range(6):
        def kill(step):
            if step == len(EN.steps) - 1:
                time.sleep(rand.uniform(0, 0.01))
                s.kill_dakiyad()
                s.backend.kill()
                s.start_backend()
                s.start_dakiyad()
        number = str(919812380000 + i)
        register(s.smsc.phone(number), EN, 30, kill)
        registered_once(s, number)
    nothing_lost(s)


@test("after a kill the same text again is answered each time, never met with silence, and registers nobody twice")
def same_text(t):
    s = Stack(t)
    phone = s.smsc.phone("919812391000")
    register(phone)
    s.to_backend.fault(("slow", 0.5), "current", times=1)
    phone.send("STATUS")
    wait_until("it was taken", lambda: not s.smsc.pending_mo(), 20)
    s.restart_dakiyad()
    phone.expect("You are no|next turn", 20)
    time.sleep(3.2)  # the person reads, and writes
    for _ in range(4):
        phone.ask("STATUS", "You are no|next turn", 20)
    # The same word twice running, as answers to two questions, in normal running.
    phone = s.smsc.phone("919812391001")
    for text, answer in EN.steps[:2]:
        phone.ask(text, answer)
    phone.ask("2", EN.steps[2][1])
    phone.ask("2", EN.steps[3][1])
    assert [x.text for x in s.smsc.to(phone.number)][-1] != [x.text for x in s.smsc.to(phone.number)][-2]
    nothing_lost(s)


@test("what was accepted before a kill is answered before what the person writes after it")
def in_order(t):
    s = Stack(t)
    for i in range(6):
        phone = s.smsc.phone(str(919812392000 + 37 * i))
        register(phone)
        asked = s.to_backend.fault("silent")
        phone.send("STATUS")
        wait_until("the backend is asked", lambda asked=asked: asked.hits == 1)
        s.kill_dakiyad()
        s.to_backend.clear()
        phone.send("HELP")
        s.start_dakiyad()
        phone.expect("REG to register", 20)
        assert "You are no" in phone.inbox()[-2] or "next turn" in phone.inbox()[-2], phone.inbox()[-2:]
    nothing_lost(s)


@test("an input during whose turn the bridge ends again and again becomes a dead letter, holds up nobody, and is told to the person")
def poison(t):
    s = Stack(t, backend_more="timeout: 60s")
    phone = s.smsc.phone("919812390000")
    for text, answer in EN.steps[:-1]:
        phone.ask(text, answer)
    asked = s.to_backend.fault("silent")
    phone.send(EN.consent)
    said = time.monotonic()
    wait_until("the backend is asked", lambda: asked.hits == 1)
    # Eight runs after the first; each time it is found, run, and killed in the middle of it.
    for run in range(2, 10):
        s.restart_dakiyad()
        wait_until(f"the backend is asked in run {run}", lambda run=run: asked.hits == run)
    s.restart_dakiyad()
    wait_until("it is a dead letter", lambda: s.metric("dakiya_dead_letters_total", reason="poison") == 1)
    phone.expect("could not work on your last message")
    phone.expect(EN.ask_consent)
    nothing_lost(s)
    s.to_backend.clear()
    register(s.smsc.phone("919812390001"), EN)
    wait_until("a person may have read it and say the same again", lambda: time.monotonic() > said + 3.5)
    phone.ask(EN.consent, EN.ask_consent)  # it might be the network's repeat of the first
    phone.ask(EN.consent, EN.token)


@test("twelve people talk at once while the bridge is killed 20 times: every message is answered, one token each")
def many(t):
    print(f"    (seed {SEED})", flush=True)
    rand = random.Random(SEED)
    s = Stack(t)
    over, wrong, talks = threading.Event(), [], [0]

    def talk(i):
        number = str(919812390000 + i)
        lang = LANGS["hi" if i % 2 else "en"]
        phone = s.smsc.phone(number)
        try:
            register(phone, lang, 40)
            while not over.is_set():
                for text, answer in TALK:
                    phone.ask(text, answer, 40)
                talks[0] += 1
            registered_once(s, number, lang)
        except Exception as e:
            wrong.append(f"{number}: {e}")

    people = [threading.Thread(target=talk, args=(i,)) for i in range(12)]
    for p in people:
        p.start()
    for _ in range(20):
        time.sleep(rand.uniform(0.005, 0.2))
        s.restart_dakiyad()
    over.set()
    for p in people:
        p.join()
    assert not wrong, wrong
    assert talks[0] > 12, "the killing left nobody time to talk"
    nothing_lost(s)


@test("a link cut with submits outstanding loses nothing")
def cut(t):
    s = Stack(t)
    for i in range(8):
        s.smsc.fault("submit_sm", "drop after" if i % 2 else "drop", when=lambda pdu: True)
        number = str(919812345600 + i)
        token = register(s.smsc.phone(number), EN, 20)
        assert tokens(s, number)[0][0] == token
    s.smsc.fault("deliver_sm_resp", "drop")
    register(s.smsc.phone("919812345699"), EN, 20)
    nothing_lost(s)
