# SPDX-License-Identifier: BSD-2-Clause
"""Many open USSD sessions: the short form of bench/ussd."""
import os
import subprocess
import sys

from harness import SRCDIR, builddir, test
from stack import SANITIZERS


@test("three thousand open USSD sessions: the process does not grow with them, one takes under 400 octets of Redis")
def many(t):
    env = {**os.environ, **SANITIZERS}
    env["ASAN_OPTIONS"] = env.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"  # what is free counts as used
    run = subprocess.run([sys.executable, SRCDIR / "bench/ussd", "--sessions", "3000", "--seconds", "1", "--check",
                          "--build", builddir()], env=env, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0 and "octets a session" in run.stdout, run.stdout + run.stderr
