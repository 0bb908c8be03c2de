# SPDX-License-Identifier: BSD-2-Clause
"""What breaks, each as a function with a name: it breaks something, waits a little, mends it. Several run at
once; the lock of a part is held while that part is not there."""
import os
import re
import resource
import signal
import time

FAULTS = {}


def fault(name, twice=1, needs=()):
    """twice: how many times what is open at that moment may be said again. needs: what World must have."""
    def mark(fn):
        fn.name, fn.twice, fn.needs = name, twice, needs
        FAULTS[name] = fn
        return fn
    return mark


def pause(w, rand, short=0.8):
    """A part stays away for a moment; in the long form sometimes for many."""
    longest = 8.0 if w.long and rand.random() < 0.2 else short
    time.sleep(rand.uniform(0, longest))  # the fault itself, not a wait for something


def ended(part, number):
    def run(w, rand):
        with w.locks[part]:
            w.end_part(part, number)
            pause(w, rand)
            w.begin_part(part)
    return run


def halted(part):
    def run(w, rand):
        with w.locks[part]:
            began = time.monotonic()
            w.halt(part, 30 if w.long and rand.random() < 0.1 else rand.uniform(0.5, 3.5))
            if part == "operator":
                w.books.holds.append((began, time.monotonic()))
    return run


for _part in ("dakiyad", "redis", "backend", "operator", "second"):
    _needs = ("second",) if _part == "second" else ()
    fault(f"kill -9 {_part}", 2 if _part in ("dakiyad", "second") else 1, _needs)(ended(_part, signal.SIGKILL))
    fault(f"SIGTERM {_part}", 1, _needs)(ended(_part, signal.SIGTERM))
    fault(f"SIGSTOP {_part}", 1, _needs)(halted(_part))


@fault("dakiyad and redis killed together", 2)
def both(w, rand):
    with w.locks["dakiyad"], w.locks["redis"]:
        w.end_part("dakiyad", signal.SIGKILL)
        w.end_part("redis", signal.SIGKILL)
        pause(w, rand)
        w.begin_part("redis")
        w.begin_part("dakiyad")


# ---- wires

def wire(part, *orders):
    """The orders one after the other; between them time goes by; at last everything passes again."""
    def run(w, rand):
        with w.locks[part]:
            line, began = w.wire if part == "operator" else w.redis_wire, time.monotonic()
            for order in orders:
                line.order(*(x(rand) if callable(x) else x for x in order))
                pause(w, rand, 2.5)
            line.order("go")
            if part == "operator":
                w.books.holds.append((began, time.monotonic()))
    return run


def some_octets(rand):
    return rand.randrange(1, 400)


for _part in ("operator", "redis"):
    fault(f"{_part}: link cut")(wire(_part, ("cut",)))
    fault(f"{_part}: link half-open")(wire(_part, ("hold",), ("cut",)))
    fault(f"{_part}: link stalls")(wire(_part, ("hold",)))
    fault(f"{_part}: link slow", 2)(wire(_part, ("slow", 2000)))
    fault(f"{_part}: link cut in mid-message", 3)(wire(_part, *3 * [("after", some_octets)]))


def http(name, proxy, *actions):
    @fault(f"{name}")
    def run(w, rand):
        with w.locks["http"]:
            for _ in range(4):
                action = rand.choice(actions)
                if proxy == "to_backend":
                    w.backend_does(action, 6)
                else:
                    w.to_bridge.fault(action, times=3)
                time.sleep(rand.uniform(0, 0.3))
            w.to_bridge.clear()
            w.backend_does()


http("backend answers badly", "to_backend", 500, 503, "garbage", "half", b"\x00\x01 hello\r\n\r\n")
http("answers of the backend are lost", "to_backend", "lost", "drop", "half")
http("answers to the backend are lost", "to_bridge", "lost", "drop", "half")


# ---- redis-server, alive and unwilling

def unwilling(name, begin, end, twice=1):
    @fault(name, twice)
    def run(w, rand):
        with w.locks["redis"]:
            r = w.look()
            try:
                begin(w, r, rand)
                pause(w, rand, 2.0)
                end(w, r, rand)
            finally:
                r.close()


def config(**settings):
    def run(w, r, rand):
        for key, value in settings.items():
            r("CONFIG", "SET", key.replace("_", "-"), value)
    return run


def nothing(w, r, rand):
    pass


def busy(w, r, rand):
    """A script that runs too long: everybody else is answered BUSY."""
    r("CONFIG", "SET", "busy-reply-threshold", "50")
    r.sock.settimeout(20)
    r("EVAL", "local t = redis.call('TIME') local e = t[1] * 1000 + t[2] / 1000 + ARGV[1] "
      "repeat t = redis.call('TIME') until t[1] * 1000 + t[2] / 1000 > e return 1", 0,
      int(rand.uniform(300, 3000)))


def full(w, rand):
    """The disk is full: no write of redis-server goes through."""
    size = max((f.stat().st_size for f in (w.folder / "appendonlydir").iterdir()), default=0)
    resource.prlimit(w.pid("redis"), resource.RLIMIT_FSIZE, (size + rand.randrange(0, 300), resource.RLIM_INFINITY))


@fault("redis: disk full")
def disk_full(w, rand):
    with w.locks["redis"]:
        full(w, rand)
        pause(w, rand, 3.0)
        if w.redis.alive():
            resource.prlimit(w.pid("redis"), resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            pause(w, rand, 0.3)
        if not w.redis.alive():  # appendfsync always: it leaves rather than lie
            w.redis.wait()
            w.begin_part("redis")


@fault("redis: disk read-only", needs=("read-only",))
def read_only(w, rand):
    """Under a server that runs, and under one that is started: that one cannot."""
    with w.locks["redis"]:
        w.read_only.touch()
        pause(w, rand, 2.0)
        if rand.random() < 0.5 and w.redis.alive():
            w.end_part("redis", signal.SIGKILL)
            started = w.start_redis(wait=False)
            assert started.wait() != 0, "redis-server began on a disk that cannot be written"
            pause(w, rand, 1.0)
        w.read_only.unlink()
        pause(w, rand, 0.3)
        if not w.redis.alive():  # or appendfsync always: it leaves rather than lie
            w.redis.wait()
            w.begin_part("redis")


def snapshot_fails(w, r, rand):
    """MISCONF: a snapshot is wanted and cannot be written."""
    config(save="3600 1", stop_writes_on_bgsave_error="yes", rdbcompression="no")(w, r, rand)
    r("CONFIG", "SET", "rdb-key-save-delay", "0")
    (w.folder / "dump.rdb").mkdir(exist_ok=True)  # it cannot be put in the place of a folder
    r("BGSAVE")
    deadline = time.monotonic() + 3
    while b"rdb_last_bgsave_status:err" not in r("INFO", "persistence") and time.monotonic() < deadline:
        time.sleep(0.01)


unwilling("redis: MISCONF", snapshot_fails, config(save=""))
unwilling("redis: maxmemory", config(maxmemory="1"), config(maxmemory="0"))
unwilling("redis: READONLY", lambda w, r, rand: r("REPLICAOF", "127.0.0.1", "1"),
          lambda w, r, rand: r("REPLICAOF", "NO", "ONE"))
unwilling("redis: BUSY", busy, nothing)
unwilling("redis: scripts flushed", lambda w, r, rand: r("SCRIPT", "FLUSH"),
          lambda w, r, rand: r("SCRIPT", "FLUSH"))


@fault("redis: LOADING")
def loading(w, rand):
    with w.locks["redis"]:
        w.end_part("redis", signal.SIGKILL)
        w.start_redis("--key-load-delay", rand.randrange(50, 500), "--loading-process-events-interval-bytes", "1024")


# ---- what the system refuses to dakiyad

def processor_s(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@fault("dakiyad: no file descriptors", 2)
def no_descriptors(w, rand):
    with w.locks["dakiyad"], w.locks["operator"]:
        pid = w.pid("dakiyad")
        hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)[1]
        began, used = time.monotonic(), processor_s(pid)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (len(os.listdir(f"/proc/{pid}/fd")) - 2, hard))
        w.wire.order("cut")
        pause(w, rand, 2.0)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (hard, hard))
        took, used = time.monotonic() - began, processor_s(pid) - used
        if took > 0.5 and used > 0.7 * took:
            w.books.say(f"without descriptors dakiyad used {used:.1f} s of processor in {took:.1f} s")


@fault("dakiyad: no memory", 2)
def no_memory(w, rand):
    """From some moment of its start on, when it needs most."""
    with w.locks["dakiyad"]:
        w.end_part("dakiyad", signal.SIGKILL)
        w.start_dakiyad(wait=False)
        time.sleep(rand.uniform(0, 0.08))
        pid = w.pid("dakiyad")
        with open(f"/proc/{pid}/status", encoding="ascii") as f:
            size = int(re.search(r"VmSize:\s+(\d+)", f.read())[1]) * 1024
        resource.prlimit(pid, resource.RLIMIT_AS, (size + rand.randrange(0, 1 << 20), resource.RLIM_INFINITY))
        pause(w, rand, 1.0)
        # It, or the loader before it, says so and leaves, or may do so yet; whoever looks after it starts it again.
        w.dakiyad.signal(signal.SIGKILL)
        status = w.dakiyad.wait()
        assert status in (-signal.SIGKILL, -signal.SIGABRT, 1, 127), f"dakiyad ended with {status}"
        w.begin_part("dakiyad")


@fault("dakiyad: clock steps", 1, ("clock",))
def clock_steps(w, rand):
    for _ in range(3):
        w.clock.step(rand.choice((-90, -10, 10, 90, 240)))
        pause(w, rand, 0.6)
    w.clock.step(0)


@fault("midnight elsewhere", 1, ("midnight",))
def midnight(w, rand):
    """It comes by itself, at a moment of its own; others may break something just then."""
    time.sleep(max(0.0, w.midnight - w.now()) + 0.3)


@fault("dakiyad: reload")
def reload(w, rand):
    """Configuration and packs are read again; the second time the file is broken, and nothing may change."""
    with w.locks["dakiyad"]:
        path, good = w.folder / "dakiyad.yaml", w.config()
        for text in (good, good + "nonsense: [1\n", good):
            path.write_text(text)
            w.dakiyad.signal(signal.SIGHUP)
            pause(w, rand, 0.5)
