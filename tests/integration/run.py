#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run.py [-l] [-k] [-n TIMES] [PATTERN ...]: the integration tests, on real parts.

PATTERN  only tests whose name or file contains it      -l  list them
-k       keep every test's folder                       -n  run the choice so many times
DK_BUILDDIR is the build tree with the programs (default: the nearest of build/, .).
One line a test, then `N passed, N failed, N skipped`; exit 1 when one failed.
"""
import argparse
import importlib
import os
import pathlib
import sys
import tempfile
import time
import traceback

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

import harness  # noqa: E402


def collect(patterns):
    for path in sorted(HERE.glob("test_*.py")):
        importlib.import_module(path.stem)
    return [t for t in harness.TESTS
            if not patterns or any(p in t.name or p in t.file for p in patterns)]


def run_one(test, keep):
    """"ok", "FAIL" or "skip", and why."""
    folder = tempfile.mkdtemp(prefix="dk-it-")
    case = harness.Case(folder)
    why = ""
    try:
        test.run(case)
        case.end()
        word = "ok"
    except harness.Skip as reason:
        word, why = "skip", str(reason)
    except Exception:
        word, why = "FAIL", traceback.format_exc()
    case.stop()
    if word == "FAIL":
        why += case.evidence()
    if keep or (word == "FAIL" and os.environ.get("DK_KEEP")):
        why += f"\nkept {folder}"
    else:
        case.remove()
    return word, why


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("-l", "--list", action="store_true")
    ap.add_argument("-k", "--keep", action="store_true")
    ap.add_argument("-n", "--times", type=int, default=1)
    ap.add_argument("pattern", nargs="*")
    args = ap.parse_args()
    tests = collect(args.pattern) * args.times
    if args.list:
        for t in tests:
            print(f"{t.file}: {t.name}")
        return 0
    count = {"ok": 0, "FAIL": 0, "skip": 0}
    for t in tests:
        began = time.monotonic()
        word, why = run_one(t, args.keep)
        count[word] += 1
        note = f": {why}" if word == "skip" else ""
        print(f"{word} {t.name} ({time.monotonic() - began:.1f} s){note}", flush=True)
        if word == "FAIL" or (why and word == "ok"):
            print("    " + why.replace("\n", "\n    "), flush=True)
    print(f"{count['ok']} passed, {count['FAIL']} failed, {count['skip']} skipped")
    return 1 if count["FAIL"] or not tests else 0


if __name__ == "__main__":
    sys.exit(main())
