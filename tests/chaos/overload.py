#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""overload.py [--seconds N] [-k] [SCENE ...]: three times what can be carried, for a while.

SCENE    backend: it answers slowly, on few connections    link: the centre takes few texts a second
What must hold: phones' messages are refused upstream with a temporary error and nothing that was accepted is
lost or said twice; one-time codes and alerts come within a second throughout; memory stays level; a question
after the end is answered as quickly as one before. Ends with `N passed, N failed, N skipped`."""
import argparse
import multiprocessing
import pathlib
import sys
import tempfile
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "integration")]
sys.dont_write_bytecode = True

import harness  # noqa: E402
import smpp  # noqa: E402
import smsc  # noqa: E402
from people import kind_of  # noqa: E402
from stack import Stack  # noqa: E402
from steady import CODES, Samples, Traffic, level, p99  # noqa: E402

TIMES = 3
CONNECTIONS, DELAY = 4, 0.2  # the slow backend: 20 questions a second at most
SUBMITS = 40  # a second: what the slow link takes; agreed is a little less
RECOVERED = 6.0  # seconds after the end


class Scene:
    def __init__(self, t, name, limits, link=""):
        centre = smsc.Smsc(mo_window=20)
        centre.retry_s = 2.0
        self.name = name
        self.stack = Stack(t, smsc=centre, link=f"window: 20{link}", backend_more="timeout: 4s", more=(
            f"partitions: 4\nlimits: {{{limits}}}\n" + CODES))
        self.traffic = Traffic(self.stack)


def backend_scene(t):
    """Each question goes to a backend that has four connections and takes 200 ms."""
    s = Scene(t, "backend", f"turns: 400, connections: {CONNECTIONS}")
    s.stack.to_backend.fault(("slow", DELAY))
    s.text, s.rate = "STATUS", CONNECTIONS / DELAY
    return s


def link_scene(t):
    """Each answer goes to a centre that takes 40 submits a second and throttles the rest."""
    s = Scene(t, "link", "turns: 100, queue: 32", f"\n    rate: {SUBMITS - 4}")
    room = {"at": time.monotonic(), "n": float(SUBMITS)}

    def throttle(_pdu):
        now = time.monotonic()
        room["n"] = min(SUBMITS / 5, room["n"] + (now - room["at"]) * SUBMITS)
        room["at"] = now
        if room["n"] < 1:
            return smpp.RTHROTTLED
        room["n"] -= 1
        return 0
    s.stack.smsc.fault("submit_sm", throttle, 10 ** 9)
    s.text, s.rate = "HELP", SUBMITS / 2  # of two segments each
    return s


def drive(traffic, text, rate, seconds):
    """So many new people a second; what they got is collected meanwhile."""
    began, n = time.monotonic(), 0
    while (now := time.monotonic()) < began + seconds:
        while n < (now - began) * rate:
            traffic.text(text)
            n += 1
        traffic.collect()
        time.sleep(0.05)
    return began, time.monotonic()


def quick(scene, limit):
    """How long one question takes; None when it was not answered in time."""
    a = scene.traffic.text(scene.text)
    end = time.monotonic() + limit
    while a.answered is None and time.monotonic() < end:
        time.sleep(0.01)
        scene.traffic.collect()
    return a.seconds() if a.answered else None


def run(scene, seconds):
    t, s = scene.traffic, scene.stack
    wrong = []
    calm_from, calm_to = drive(t, scene.text, scene.rate / 3, 3.0)
    harness.wait_until("the calm is over", lambda: not t.unanswered(), 20)
    calm = p99(t.latency("sms", calm_from, calm_to))
    t.every(0.4, t.code)
    t.every(0.4, t.alert)
    samples = Samples(s, 0.25)
    began, ended = drive(t, scene.text, scene.rate * TIMES, seconds)
    with s.smsc.lock:  # what the network still holds it gives up
        given_up = [m for m in s.smsc.mo if m.state == "queued"]
        for m in given_up:
            m.state = "refused"
    back = None
    while time.monotonic() < ended + RECOVERED + 5 and back is None:
        took = quick(scene, 5.0)
        if took is not None and took <= 2 * calm + 0.5:
            back = time.monotonic() - ended - took
    t.stop()
    samples.stop()
    try:
        harness.wait_until("everything accepted is answered", lambda: not t.unanswered(), 30)
    except AssertionError:
        wrong.append(f"{len(t.unanswered())} accepted messages were never answered")
    sms = [a for a in t.asked if a.kind == "sms" and began <= a.at < ended]
    taken = sum(a.is_accepted() for a in sms)
    codes, alerts = t.latency("otp", began, ended), t.latency("alert", began, ended)
    throttled = s.metric("dakiya_mo_total", outcome="full")
    rss = samples.quarters("dakiyad KiB", began, ended)
    kept = sum((kind_of(x.text) or "").startswith("kept") for x in s.smsc.texts)
    print(f"  {scene.name}: {len(sms)} asked in {ended - began:.0f} s, {taken} accepted ({taken / (ended - began):.0f}/s, "
          f"could carry {scene.rate:g}/s), refused {throttled:.0f} times, kept for later {kept}\n"
          f"    p99 of codes {p99(codes):.3f} s ({len(codes)}), of alerts {p99(alerts):.3f} s ({len(alerts)}), refused "
          f"{dict(t.refused)}\n"
          f"    p99 of answers before {calm:.3f} s; as quick again {'never' if back is None else f'{back:.1f} s'} after "
          f"the end; resident {rss[0]:.0f} -> {rss[1]:.0f} KiB", flush=True)
    for what, holds in (
            ("phones' messages were not throttled", throttled > 0),
            ("codes took more than a second", codes and p99(codes) < 1.0),
            ("alerts took more than a second", alerts and p99(alerts) < 1.0),
            ("codes or alerts were refused", not t.refused),
            (f"said twice: {dict(t.twice)}", not t.twice),
            ("memory grew", level(*rss, 0.05, 512)),
            ("less than a third of what can be carried was carried", taken >= scene.rate * (ended - began) / 3),
            ("questions were put off", kept == 0),
            (f"not as quick as before within {RECOVERED:g} s", back is not None and back <= RECOVERED)):
        if not holds:
            wrong.append(what)
    return wrong


def play(name, seconds, keep):
    """One scene in a folder of its own; was it good?"""
    began = time.monotonic()
    case = harness.Case(tempfile.mkdtemp(prefix="dk-overload-"))
    try:
        wrong = run(SCENES[name](case), seconds)
        case.end()
    except Exception:
        wrong = [traceback.format_exc()]
    finally:
        case.stop()
    said = [f"{'FAIL' if wrong else 'ok'} overload: {name} ({time.monotonic() - began:.1f} s)", *wrong]
    if wrong:
        said.append(case.evidence(25))
    if keep:
        said.append(f"kept {case.folder}")
    else:
        case.remove()
    print("\n".join(said), flush=True)
    return not wrong


SCENES = {"backend": backend_scene, "link": link_scene}


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--seconds", type=float, default=10.0)
    ap.add_argument("-k", "--keep", action="store_true")
    ap.add_argument("scene", nargs="*", choices=[*SCENES, []])
    args = ap.parse_args()
    work = [(name, args.seconds, args.keep) for name in args.scene or SCENES]
    with multiprocessing.get_context("fork").Pool(len(work)) as pool:
        good = sum(pool.starmap(play, work, chunksize=1))
    print(f"{good} passed, {len(work) - good} failed, 0 skipped")
    return 0 if good == len(work) else 1


if __name__ == "__main__":
    sys.exit(main())
