#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""soak.py [--minutes N] [-k]: everything at once, for long, and nothing grows.

Questions by SMS, USSD menus, events, one-time codes and receipts; every few seconds all links are cut. Resident
memory, descriptors, the size of Redis and the time to an answer are sampled, and the medians of the second and of
the last quarter compared; what was said twice is counted against the links that were cut. Under sanitizers memory is not compared, and what they say at the exit fails the run.
Two lines of figures at the end, then `N passed, N failed, N skipped`."""
import argparse
import itertools
import pathlib
import re
import sys
import tempfile
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration")]
sys.dont_write_bytecode = True

import harness  # noqa: E402
import smsc  # noqa: E402
from stack import Stack  # noqa: E402
from steady import CODES, Samples, Traffic, level, p99  # noqa: E402
from ussd import VENDORS, UssdPhone  # noqa: E402

WINDOW, MO_WINDOW = 50, 20
PEOPLE, CALLERS = 1999, 199  # of each kind; primes, so that nobody says the same thing twice in a row
CUT_EVERY = 7.0
REDIS_EACH = 1.5  # KiB that a message may leave behind for its day: marks of what was taken, receipts


class Callers:
    """People who dial the menu, look, and hang up."""

    def __init__(self, stack):
        self.smsc, self.vendor, self.n, self.shown, self.missed = stack.smsc, VENDORS[0], 0, 0, 0

    def dial(self):
        self.n += 1
        phone = UssdPhone(self.smsc, str(919840000000 + self.n % CALLERS), self.vendor)
        phone.read = len(phone.screens())
        try:
            phone.dial(seconds=2)
            self.shown += 1
        except AssertionError:
            self.missed += 1  # its link was cut
        phone.tell(self.vendor.abort)


def slopes(samples, traffic, began, ended, sane):
    """(what, before, after, is it level)"""
    rows = []
    for name, share, slack in (("dakiyad descriptors", 0, 4), ("backend descriptors", 0, 4),
                               *((() if sane else (("dakiyad KiB", 0.05, 512), ("backend KiB", 0.10, 2048))))):
        before, after = samples.quarters(name)
        rows.append((name, before, after, level(before, after, share, slack)))
    before, after = samples.quarters("redis KiB")
    between = len(traffic.asked) * 5 / 8  # messages from the middle of one quarter to that of the other
    rows.append(("redis KiB", before, after, level(before, after, 0.05, REDIS_EACH * between)))
    q = (ended - began) / 4
    for kind in ("sms", "otp", "alert"):
        before = p99(traffic.latency(kind, began + q, began + 2 * q))
        after = p99(traffic.latency(kind, began + 3 * q, ended))
        rows.append((f"p99 s of {kind}", round(before, 3), round(after, 3), level(before, after, 1.0, 1.0)))
    return rows


def run(t, minutes):
    centre = smsc.Smsc(mo_window=MO_WINDOW, receipts=True)
    stack = Stack(t, smsc=centre,
                  link=f"window: {WINDOW}\n    ussd: generic\n    ussd_code: '*123#'\n    ussd_from: '56161'",
                  more=f"{CODES}partitions: 16\nussd_profiles: {harness.SRCDIR}/etc/ussd\n")
    with open(f"/proc/{stack.dakiyad.pid}/maps") as f:
        sane = "libasan" in f.read()
    traffic, callers = Traffic(stack, PEOPLE), Callers(stack)
    texts = itertools.cycle(("HELP", "STATUS", "REG", "WHO"))
    traffic.every(0.05, lambda: traffic.text(next(texts)))
    traffic.every(0.25, traffic.code)
    traffic.every(0.25, traffic.alert)
    traffic.every(0.25, callers.dial)
    traffic.every(CUT_EVERY, centre.drop)
    began, samples = time.monotonic(), Samples(stack, 1.0)
    while time.monotonic() < began + minutes * 60:
        traffic.collect()
        time.sleep(0.1)  # the pace of looking, not a wait for something
    ended = time.monotonic()
    traffic.stop()
    samples.stop()
    wrong = []
    try:
        harness.wait_until("everything accepted is answered", lambda: not traffic.unanswered(), 30)
    except AssertionError:
        wrong.append(f"never answered: {[(a.kind, a.number) for a in traffic.unanswered()][:10]}")
    rows = slopes(samples, traffic, began, ended, sane)
    wrong += [f"{name} grew from {before:g} to {after:g}" for name, before, after, is_level in rows if not is_level]
    # One who asks something else in the middle is answered, and asked again what was open.
    with open(stack.dakiyad.log, encoding="utf-8", errors="replace") as log:
        came_back = sum(int(n) - 1 for line in log for n in re.findall(r" replies=([2-9])\b", line))
    twice = sum(traffic.twice.values()) - came_back
    if not 0 <= twice <= (centre.binds - 1) * (WINDOW + MO_WINDOW):
        wrong.append(f"{twice} texts said twice")
    if callers.missed > callers.shown / 10:
        wrong.append(f"{callers.missed} dialled and saw nothing, {callers.shown} saw the menu")
    print(f"  {len(traffic.asked)} messages and {callers.shown} screens in {(ended - began) / 60:.1f} minutes, "
          f"{centre.binds} binds, {came_back} questions came back, {twice} texts said twice\n  "
          + "; ".join(f"{name} {before:g} -> {after:g}" for name, before, after, _ in rows), flush=True)
    return wrong


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--minutes", type=float, default=2.0)
    ap.add_argument("-k", "--keep", action="store_true")
    args = ap.parse_args()
    case = harness.Case(tempfile.mkdtemp(prefix="dk-soak-"))
    try:
        wrong = run(case, args.minutes)
        case.end()
    except Exception:
        wrong = [traceback.format_exc()]
    finally:
        case.stop()
    print("\n".join([f"{'FAIL' if wrong else 'ok'} soak of {args.minutes:g} minutes", *wrong]))
    if wrong:
        print(case.evidence(25))
    if args.keep:
        print(f"kept {case.folder}")
    else:
        case.remove()
    print(f"{int(not wrong)} passed, {int(bool(wrong))} failed, 0 skipped")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
