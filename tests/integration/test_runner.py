# SPDX-License-Identifier: BSD-2-Clause
"""The harness itself: it must see a failure, or no green line means anything."""
import sys

from harness import Process, test, wait_until


@test("waiting for what never comes fails with what it waited for")
def never(t):
    try:
        wait_until("the moon is cheese", lambda: False, 0.02)
    except AssertionError as e:
        assert "the moon is cheese" in str(e)
    else:
        raise AssertionError("wait_until passed")


@test("a program that ends early is noticed, with its log")
def ends_early(t):
    p = t.start("early", sys.executable, "-c", "print('so long')")
    try:
        p.wait_line("ready")
    except AssertionError as e:
        assert "ended (0)" in str(e), e
    else:
        raise AssertionError("its end was not noticed")
    assert "so long" in t.evidence()


@test("a program that ignores SIGTERM is killed by its own process id")
def stubborn(t):
    code = "import signal; signal.signal(15, signal.SIG_IGN); print('up', flush=True); signal.pause()"
    p = Process("stubborn", [sys.executable, "-c", code], t.folder)
    p.wait_line("up")
    assert p.stop(0.1) == -9
    assert not p.alive()
