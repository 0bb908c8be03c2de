#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run.py [-l] [-k] [-n TIMES] [-j JOBS] [--retry N] [--valgrind] [PATTERN ...]: the integration tests, on real parts.

PATTERN  only tests whose name or file contains it      -l  list them
-k       keep every test's folder                       -n  run the choice so many times
-j       so many at once (3): they wait more than they work
--retry  up to N tests that failed in company run once more, alone; one that passes then is called unsteady
--valgrind  our programs run under memcheck; what it finds fails the test. By hand: hours, not minutes
DK_BUILDDIR is the build tree with the programs (default: the nearest of build/, .).
One line a test, then `N passed, N failed, N skipped`; exit 1 when one failed.
"""
import argparse
import importlib
import multiprocessing
import os
import pathlib
import sys
import tempfile
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
FOLDERS = [HERE, HERE.parent / "web"]
sys.path[:0] = map(str, FOLDERS)
sys.dont_write_bytecode = True

import harness  # noqa: E402


def collect(patterns):
    for path in sorted(p for folder in FOLDERS for p in folder.glob("test_*.py")):
        importlib.import_module(path.stem)
    return [t for t in harness.TESTS
            if not patterns or any(p in t.name or p in t.file for p in patterns)]


def run_one(test, keep):
    """The test's name; "ok", "FAIL" or "skip"; seconds; and why."""
    began = time.monotonic()
    folder = tempfile.mkdtemp(prefix="dk-it-")
    case = harness.Case(folder)
    word, why = "FAIL", "interrupted"
    try:
        test.run(case)
        case.end()
        word, why = "ok", ""
    except harness.Skip as reason:
        word, why = "skip", str(reason)
    except Exception:
        why = traceback.format_exc()
    finally:
        case.stop()
    found = case.memcheck()
    if found:
        word, why = "FAIL", why + found
    if word == "FAIL":
        why += case.evidence()
    if keep or (word == "FAIL" and os.environ.get("DK_KEEP")):
        why += f"\nkept {folder}"
    else:
        case.remove()
    return test.name, word, time.monotonic() - began, why


def tell(result, prefix=""):
    """Prints one result; its word."""
    name, word, seconds, why = result
    print(f"{prefix}{word} {name} ({seconds:.1f} s){f': {why}' if word == 'skip' else ''}", flush=True)
    if word != "skip" and why:
        print("    " + why.strip().replace("\n", "\n    "), flush=True)
    return word


def run_nth(n_keep):
    return run_one(CHOSEN[n_keep[0]], n_keep[1])


def run_in_pool(n_keep):
    return n_keep[0], run_nth(n_keep)


CHOSEN = []  # what the worker processes, forked after it is filled, take their tests from


def results(keep, jobs):
    """Tells of each test as it ends; its place in CHOSEN and its word."""
    work = [(i, keep) for i in range(len(CHOSEN))]
    if jobs == 1:
        yield from ((i, tell(result)) for i, result in map(run_in_pool, work))
        return
    with multiprocessing.get_context("fork").Pool(jobs, maxtasksperchild=1) as pool:
        yield from ((i, tell(result)) for i, result in pool.imap_unordered(run_in_pool, work, chunksize=1))


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("-l", "--list", action="store_true")
    ap.add_argument("-k", "--keep", action="store_true")
    ap.add_argument("-n", "--times", type=int, default=1)
    ap.add_argument("-j", "--jobs", type=int, default=3)
    ap.add_argument("--retry", type=int, default=0)
    ap.add_argument("--valgrind", action="store_true")
    ap.add_argument("pattern", nargs="*")
    args = ap.parse_args()
    if args.valgrind:
        shims = tempfile.TemporaryDirectory(prefix="dk-memcheck-")
        harness.under_memcheck(shims.name)
    CHOSEN.extend(collect(args.pattern) * args.times)
    if args.list:
        for t in CHOSEN:
            print(f"{t.file}: {t.name}")
        return 0
    count, failed = {"ok": 0, "FAIL": 0, "skip": 0}, []
    for i, word in results(args.keep, args.jobs):
        count[word] += 1
        if word == "FAIL":
            failed.append(i)
    if len(failed) <= args.retry:
        for i in failed:
            if tell(run_nth((i, args.keep)), "alone: ") == "ok":
                count["FAIL"], count["ok"] = count["FAIL"] - 1, count["ok"] + 1
                print(f"UNSTEADY {CHOSEN[i].name}: failed in company, passed alone", flush=True)
    print(f"{count['ok']} passed, {count['FAIL']} failed, {count['skip']} skipped")
    return 1 if count["FAIL"] or not CHOSEN else 0


if __name__ == "__main__":
    sys.exit(main())
