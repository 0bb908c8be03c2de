# SPDX-License-Identifier: BSD-2-Clause
"""What breaks, each as a function with a name: it breaks something, waits a little, mends it. Several run at
once; the lock of a part is held while that part is not there."""
import signal
import time

FAULTS = {}


def fault(name, twice=1):
    """twice: how many times what is open at that moment may be said again."""
    def mark(fn):
        fn.name, fn.twice = name, twice
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


for _part in ("dakiyad", "redis", "backend", "operator"):
    fault(f"kill -9 {_part}", 2 if _part == "dakiyad" else 1)(ended(_part, signal.SIGKILL))
    fault(f"SIGTERM {_part}")(ended(_part, signal.SIGTERM))
    fault(f"SIGSTOP {_part}")(halted(_part))


@fault("dakiyad and redis killed together", 2)
def both(w, rand):
    with w.locks["dakiyad"], w.locks["redis"]:
        w.end_part("dakiyad", signal.SIGKILL)
        w.end_part("redis", signal.SIGKILL)
        pause(w, rand)
        w.begin_part("redis")
        w.begin_part("dakiyad")
