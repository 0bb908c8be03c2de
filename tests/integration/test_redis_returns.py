# SPDX-License-Identifier: BSD-2-Clause
"""Redis comes back, and everybody at once wants something: no stampede, and nothing lost."""
import os
import re
import signal

from harness import test, wait_until
from stack import Stack

RATE, WINDOW, CONNECTIONS = 30, 10, 4
UNDER_WAY, WAITING = 30, 150


def connections_made(s):
    """To Redis since it started, this look too."""
    r = s.look()
    try:
        return int(re.search(rb"total_connections_received:(\d+)", r("INFO", "stats"))[1])
    finally:
        r.close()


@test("when Redis is back, connections, calls to the backend and texts a second stay within their bounds, and nobody is forgotten")
def returns(t):
    s = Stack(t, link=f"window: {WINDOW}\n    rate: {RATE}", more=f"redis_timeout: 1s\nlimits: {{connections: {CONNECTIONS}}}",
              backend_more="timeout: 20s")
    phones = [s.smsc.phone(str(919812330000 + i)) for i in range(UNDER_WAY + WAITING)]
    first, rest = phones[:UNDER_WAY], phones[UNDER_WAY:]
    s.to_backend.fault(("slow", 0.05))
    held = s.smsc.fault("submit_sm", "silence", WINDOW)  # so that some are on their way just now
    for phone in first:
        phone.send("STATUS")
    wait_until("those are with the bridge", lambda: not s.smsc.pending_mo() and held.hits >= WINDOW, 30)
    s.redis.kill()
    for phone in rest:
        phone.send("STATUS")
    wait_until("each of the network's window was refused", lambda: sum(len(m.statuses) > 2 for m in s.smsc.mo) >= WINDOW, 30)
    refused = s.smsc.count("deliver_sm_resp", 0x64)
    wait_until("and again and again", lambda: s.smsc.count("deliver_sm_resp", 0x64) > refused + 3 * WINDOW, 30)
    s.start_redis()
    open_calls = []
    wait_until("all are answered", lambda: open_calls.append(len(s.to_backend.conns)) or all(x.inbox() for x in phones), 60)
    made = connections_made(s)
    wait_until("nothing is left", lambda: not s.depth(), 30)
    calls = s.to_backend.to("/tokens/current")
    twice = sum(len(x.inbox()) - 1 for x in phones)
    times = [x.at for x in s.smsc.texts]
    spread = max(times) - min(times)
    print(f"  {len(phones)} people: {made} connections to Redis, {len(calls)} calls on at most {max(open_calls)} connections, "
          f"{len(times)} texts in {spread:.1f} s, {twice} twice")
    assert max(open_calls) <= CONNECTIONS, max(open_calls)
    assert len(calls) <= len(phones) + WINDOW, len(calls)
    assert spread > 0.7 * len(times) / RATE, spread
    assert twice <= WINDOW, twice
    assert made < 10, made  # one of the bridge; this test and its start of the server have looked, too


@test("what was sent while Redis was away is not sent again by the next process, when the last one had time to say so")
def told_in_time(t):
    s = Stack(t, more="drain_timeout: 60s")
    s.smsc.fault("submit_sm", lambda pdu: s.redis.kill() and None)
    phone = s.smsc.phone("919812330000")
    phone.send("HELP")
    phone.expect("PANJI", 20)
    wait_until("Redis is gone", lambda: s.depth() == -1)
    s.dakiyad.signal(signal.SIGTERM)
    s.dakiyad.wait_line("stopping", 20)
    s.dakiyad.wait_line("attempt=7", 30)  # it has tried to say so meanwhile
    s.start_redis()
    assert s.dakiyad.wait(30) == 0
    s.start_dakiyad()
    wait_until("nothing is left", lambda: not s.depth(), 30)
    assert len(phone.inbox()) == 1, phone.inbox()


def dies_with_an_answer_on_its_way(s, phone):
    s.smsc.fault("submit_sm", "silence", 2)
    phone.send("HELP")
    wait_until("its answer is on its way", lambda: s.smsc.count("submit_sm") == 2)
    s.kill_dakiyad()


@test("Redis is full when the bridge starts: what waits to leave leaves, and what was accepted is gone on with once there is room")
def full(t):
    s = Stack(t, more="peer_timeout: 2s")
    asks, waits = s.smsc.phone("919812330000"), s.smsc.phone("919812330001")
    asked = s.to_backend.fault("silent")
    asks.send("STATUS")
    wait_until("the backend is asked", lambda: asked.hits)
    dies_with_an_answer_on_its_way(s, waits)
    redis = s.look()
    redis("CONFIG", "SET", "maxmemory", "1")
    s.start_dakiyad(wait=False)
    waits.expect("PANJI", 20)
    assert not asks.inbox()
    redis("CONFIG", "SET", "maxmemory", "0")
    redis.close()
    asks.expect(".", 20)
    wait_until("nothing is left", lambda: not s.depth(), 30)


@test("a page of the outbox that Redis refuses to give is read again, without another connection")
def page_refused(t):
    s = Stack(t, more="peer_timeout: 2s")
    phone = s.smsc.phone("919812330000")
    dies_with_an_answer_on_its_way(s, phone)
    redis = s.look()
    redis("ACL", "SETUSER", "default", "-zrangebylex")
    s.start_dakiyad()
    s.dakiyad.wait_line("NOPERM", 20)
    redis("ACL", "SETUSER", "default", "+zrangebylex")
    redis.close()
    phone.expect("PANJI", 20)
    wait_until("nothing is left", lambda: not s.depth(), 30)


@test("what Redis does late, for a connection that was given up, is answered and sent within seconds")
def late(t):
    s = Stack(t)
    asks, is_called = s.smsc.phone("919812335001"), s.smsc.phone("919812335002")
    r = s.look()
    s.to_backend.fault(("slow", 0.5))
    asks.send("HELLO STATUS")
    inbox = wait_until("it is in the inbox", lambda: next(iter(r.keys("dky:*:in")), None))
    entry = r("HGETALL", inbox)
    asks.expect("PANJI")
    block = s.smsc.fault("bind", "drop", 10 ** 6)
    s.smsc.drop()
    assert s.event({"id": "late-1", "type": "token.called", "service": "esanjeevani", "msisdn": is_called.number,
                    "data": {"token": 7}})[0] == 202
    outbox = wait_until("it is in the outbox", lambda: next(iter(r.keys("dky:*:o:*")), None))
    member, = r("ZRANGE", outbox, 0, -1)
    block.left = 0
    is_called.expect("Token 7|टोकन 7", 20)
    wait_until("nothing is left", lambda: not s.depth())
    r("HSET", inbox, *entry)  # as an *accept* and a *commit* do whose connection is gone
    r("ZADD", outbox, 0, member)
    r.close()
    asks.expect("PANJI", 40)
    is_called.expect("Token 7|टोकन 7", 40)
    wait_until("nothing is left", lambda: not s.depth())


@test("a stop while Redis stands still and texts wait for their link touches nothing that is gone")
def stop_without(t):
    s = Stack(t, backend=False, more="drain_timeout: 50ms")
    s.smsc.fault("bind", "drop", 10 ** 6)
    s.smsc.drop()
    for i in range(20):
        assert s.event({"id": f"stop-{i}", "type": "token.called", "service": "esanjeevani", "data": {"token": i},
                        "msisdn": str(919812336000 + i)})[0] == 202
    wait_until("they are in the outbox", lambda: s.depth() == 20)
    redis = s.redis_pid()
    for _ in range(5):
        assert s.dakiyad.stop() == 0
        s.start_dakiyad(wait=False)
        s.dakiyad.wait_line("redis up")  # it reads what is there, page by page
        os.kill(redis, signal.SIGSTOP)
        try:
            assert s.dakiyad.stop() == 0
        finally:
            os.kill(redis, signal.SIGCONT)
    assert s.depth() == 20
