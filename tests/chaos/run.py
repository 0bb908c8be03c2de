#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run.py [--rounds N] [--seed N] [--round N] [--faults NAME,...] [-j JOBS] [-k] [-l]: the ledger under faults.

Without --rounds: the short form that CI runs, every fault at least once.
--rounds N  the long form: N rounds of one to four faults chosen by the seed, some of them long
--round N   only this one of them     --faults a,b  each round has these     -l  list the faults
A round is a world of its own: people talk, faults happen, everything settles, the books are compared.
One line a round, the books at the end, then `N passed, N failed, N skipped`; exit 1 when one failed."""
import argparse
import collections
import multiprocessing
import os
import pathlib
import random
import sys
import tempfile
import threading
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration")]
sys.dont_write_bytecode = True

import books  # noqa: E402
import faults  # noqa: E402
import harness  # noqa: E402
from people import Caller, Desk, Notices, Person, Portal  # noqa: E402
from talk import EN, HI  # noqa: E402
from world import ANSWER, WINDOW, World  # noqa: E402

PEOPLE, CALLERS = 16, 4
SHORT = (
    ("kill -9 dakiyad", "kill -9 dakiyad", "dakiyad: reload"),
    ("SIGTERM dakiyad", "SIGSTOP dakiyad"),
    ("kill -9 redis", "kill -9 redis", "redis: scripts flushed"),
    ("SIGTERM redis", "SIGSTOP redis", "redis: LOADING"),
    ("kill -9 backend", "SIGTERM backend", "SIGSTOP backend"),
    ("kill -9 operator", "SIGTERM operator", "SIGSTOP operator", "operator: link slow"),
    ("dakiyad and redis killed together", "operator: link cut", "operator: link cut in mid-message"),
    ("kill -9 second", "SIGTERM second", "SIGSTOP second"),
    ("operator: link half-open", "operator: link stalls"),
    ("redis: link cut", "redis: link half-open", "redis: link stalls", "redis: link slow",
     "redis: link cut in mid-message"),
    ("backend answers badly", "answers of the backend are lost", "answers to the backend are lost"),
    ("redis: disk full", "redis: MISCONF", "redis: maxmemory", "redis: READONLY", "redis: BUSY"),
    ("redis: disk read-only", "redis: disk read-only"),
    ("midnight elsewhere", "kill -9 dakiyad", "kill -9 backend"),
    ("dakiyad: no file descriptors", "dakiyad: no memory"),
    ("dakiyad: clock steps", "kill -9 dakiyad"),
)


class Plan:
    """What happens in a round; all of it follows from seed and number."""

    def __init__(self, seed, number, names=None, long=False):
        self.seed, self.number, self.long = seed, number, long
        self.rand = random.Random(f"{seed}/{number}")
        if names is None:
            names = self.rand.choices(sorted(faults.FAULTS), k=self.rand.choice((1, 2, 2, 3, 4)))
        self.names, self.seconds = names, 8.0 if long else 4.0
        self.short_lives = number % 3 == 2 and not self.needs() & {"clock", "midnight"}
        self.fsync = "everysec" if number % 2 else "always"

    def needs(self):
        return {what for x in self.names for what in faults.FAULTS[x].needs}

    def again(self):
        form = f"--rounds {self.number}" if self.long else ""
        return f"tests/chaos/run.py {form} --round {self.number} --seed {self.seed} --faults '{','.join(self.names)}'"


def suffer(world, plan, fn, at, rand):
    b = world.books
    b.over.wait(max(0.0, at - time.monotonic()))
    began = time.monotonic()
    try:
        fn(world, rand)
    except Exception:
        b.say(f"{fn.name}: {traceback.format_exc()}")
    b.note(fn.name, began, time.monotonic())


def settled(world, all_of_them, notices):
    if any(x.thread.is_alive() for x in all_of_them) or world.smsc.pending_mo() or world.depth():
        return False
    if world.midnight and not (world.day_has_ended() and (not notices or notices.are_told())):
        return False
    return not world.rows("SELECT 1 FROM event WHERE state = 'PENDING' LIMIT 1")


def live_through(case, plan, b):
    world = World(case, b, plan.short_lives, plan.needs(), fsync=plan.fsync)
    world.long = plan.long
    people = [Person(world, str(919810000000 + i), HI if i % 2 else EN, i % 3 > 0,
                     random.Random(f"{plan.seed}/{plan.number}/{i}")) for i in range(PEOPLE)]
    desk, portal = Desk(world, 14, 918800000000), Portal(world, 919820000000)
    callers = [Caller(world, str(919850000000 + i), ANSWER) for i in range(CALLERS)]
    notices = Notices(world, 919860000000) if world.midnight and "clock" not in plan.needs() else None
    desk.fill()
    for c in callers:
        c.enrol()
    world.backend_does()
    if world.midnight:
        world.midnight_in(random.Random(f"{plan.seed}/{plan.number}/midnight").uniform(1.0, plan.seconds - 0.5))
    b.began, b.wall = time.monotonic(), world.now()
    all_of_them = [*people, *callers, desk, portal] + ([notices] if notices else [])
    for x in all_of_them:
        x.thread.start()
    threads = []
    for name in plan.names:
        fn = faults.FAULTS[name]
        b.sum["window"] += 2 * WINDOW * fn.twice
        at = b.began + plan.rand.uniform(0.2, plan.seconds - 1)
        rand = random.Random(plan.rand.random())
        threads.append(threading.Thread(target=suffer, args=(world, plan, fn, at, rand)))
        threads[-1].start()
    b.over.wait(plan.seconds)
    for t in threads:
        t.join()
    b.over.set()
    b.until = time.monotonic() + (150 if plan.long else 60)
    try:
        harness.wait_until("everything settled", lambda: settled(world, all_of_them, notices),
                           b.until - time.monotonic())
    except AssertionError:
        b.say(f"not settled: people {[p.number for p in (*people, *callers) if p.thread.is_alive()]}, "
              f"messages {len(world.smsc.pending_mo())}, inbox, outbox and kept questions {world.depth()}")
    b.close(world, people, callers, desk, portal, notices)


def run_one(plan, keep):
    began, folder = time.monotonic(), tempfile.mkdtemp(prefix="dk-chaos-")
    case, b, skip = harness.Case(folder), books.Books(), None
    try:
        live_through(case, plan, b)
        case.end()
    except harness.Skip as reason:
        skip = str(reason)
    except Exception:
        b.say(traceback.format_exc())
    finally:
        b.over.set()
        b.until, b.closed = 0, True
        case.stop()
    why = "\n".join(b.wrong[:8])
    if b.wrong:
        why += case.evidence(25)
    if keep or (b.wrong and os.environ.get("DK_KEEP")):
        why += f"\nkept {folder}"
    else:
        case.remove()
    return plan, skip, time.monotonic() - began, why, len(b.wrong), b.sum


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--rounds", type=int)
    ap.add_argument("--seed", type=int, default=int(os.environ.get("DK_SEED") or time.time()))
    ap.add_argument("--round", type=int)
    ap.add_argument("--faults")
    ap.add_argument("-j", "--jobs", type=int, default=3)
    ap.add_argument("-k", "--keep", action="store_true")
    ap.add_argument("-l", "--list", action="store_true")
    args = ap.parse_args()
    if args.list:
        print("\n".join(faults.FAULTS))
        return 0
    names = args.faults.split(",") if args.faults else None
    if args.rounds:
        plans = [Plan(args.seed, i, names, True) for i in range(1, args.rounds + 1)]
    elif names:
        plans = [Plan(args.seed, args.round or 1, names)]
    else:
        plans = [Plan(args.seed, i + 1, x) for i, x in enumerate(SHORT)]
    plans = [p for p in plans if args.round in (None, p.number)]
    forgotten = set(faults.FAULTS) - {x for some in SHORT for x in some}
    assert not forgotten, f"not in the short form: {forgotten}"
    return report(plans, args)


def report(plans, args):
    count, total = collections.Counter(), collections.Counter()
    print(f"    (seed {args.seed})", flush=True)
    with multiprocessing.get_context("fork").Pool(min(args.jobs, len(plans)), maxtasksperchild=1) as pool:
        for plan, skip, seconds, why, wrong, books_sum in pool.imap_unordered(
                lift, [(p, args.keep) for p in plans], chunksize=1):
            word = "skip" if skip else "FAIL" if wrong else "ok"
            count[word] += 1
            total.update(books_sum)
            name = f"{plan.number}: {', '.join(plan.names)}" + (" (short lives)" if plan.short_lives else "")
            print(f"{word} round {name} ({seconds:.1f} s)" + (f": {skip}" if skip else ""), flush=True)
            if why:
                print("    " + why.strip().replace("\n", "\n    "), flush=True)
            if word == "FAIL":
                print(f"    again: {plan.again()}", flush=True)
    print(f"the books of {len(plans)} rounds, seed {args.seed}\n{books.table(total)}")
    print(f"{count['ok']} passed, {count['FAIL']} failed, {count['skip']} skipped")
    return 1 if count["FAIL"] else 0


def lift(work):
    return run_one(*work)


if __name__ == "__main__":
    sys.exit(main())
