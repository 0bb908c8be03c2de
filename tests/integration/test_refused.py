# SPDX-License-Identifier: BSD-2-Clause
"""What the system refuses to dakiyad: it says so, wastes nothing, and goes on when it may again."""
import os
import resource
import socket
import time

from harness import test, wait_until
from stack import Stack
from talk import register


@test("without file descriptors no connection is taken, the log stays short, and then all goes on")
def no_descriptors(t):
    s = Stack(t)
    register(s.smsc.phone("919812345678"))
    hard = resource.prlimit(s.dakiyad.pid, resource.RLIMIT_NOFILE)[1]
    used = len(os.listdir(f"/proc/{s.dakiyad.pid}/fd"))
    lines = s.dakiyad.output().count("\n")
    resource.prlimit(s.dakiyad.pid, resource.RLIMIT_NOFILE, (used, hard))
    began, callers = time.monotonic(), []
    for port in s.ports().values():
        callers += [socket.create_connection(("127.0.0.1", port)) for _ in range(8)]
    wait_until("it says so", lambda: "connection not taken" in s.dakiyad.output())
    wait_until("it tries again", lambda: s.dakiyad.output().count("connection not taken") > 2)
    said = s.dakiyad.output().count("\n") - lines
    assert said < 20 + 10 * (time.monotonic() - began), f"{said} lines in {time.monotonic() - began:.1f} s"
    resource.prlimit(s.dakiyad.pid, resource.RLIMIT_NOFILE, (hard, hard))
    wait_until("it answers", lambda: s.http("/healthz")[0] == 200)
    for c in callers:
        c.close()
    register(s.smsc.phone("919812345679"))
