# SPDX-License-Identifier: BSD-2-Clause
"""scripts/run, as a newcomer meets it: both stories, the addresses, Ctrl-C, and nothing left behind."""
import os
import pathlib
import re
import signal
import subprocess

from harness import SRCDIR, builddir, program, test, wait_until
from ussd import exchange


def left_behind(folder):
    """Processes that name something in the folder, or stand in it."""
    found = []
    for p in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            words = (p / "cmdline").read_bytes().decode("utf-8", "replace")
            if str(folder) in words or str(folder) in os.readlink(p / "cwd"):
                found.append(words.replace("\0", " "))
        except OSError:
            continue
    return found


def with_ctrl_c():
    """As in a terminal, also when whoever runs the tests ignores it: a shell gives that to what it puts aside."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def run(t, *options):
    for name in ("dakiyad", "dakiya-backend", "dakiya-sim"):
        program(name)
    temp = t.folder / "tmp"
    temp.mkdir()
    out = open(t.folder / "run.log", "wb")
    popen = subprocess.Popen([SRCDIR / "scripts/run", *options], stdin=subprocess.DEVNULL, stdout=out,
                             stderr=out, start_new_session=True, preexec_fn=with_ctrl_c,
                             env={**os.environ, "TMPDIR": str(temp), "DK_BUILDDIR": str(builddir())})
    out.close()
    return popen, temp


def log(t):
    return (t.folder / "run.log").read_text(encoding="utf-8", errors="replace")


@test("scripts/run --once plays both stories, ends with 0 and leaves nothing behind")
def once(t):
    popen, temp = run(t, "--once")
    status = popen.wait(60)
    assert status == 0, log(t)
    assert log(t).count("every expected message came") == 2, log(t)
    assert not list(temp.iterdir()) and not left_behind(temp), left_behind(temp)


@test("scripts/run --once says so when a message does not come")
def fails(t):
    story = t.folder / "wrong.story"
    story.write_text("phone 98########\n> HELP\n< *no such words*\n", encoding="utf-8")
    popen, temp = run(t, "--once", str(story))
    assert popen.wait(60) == 1, log(t)
    assert "wrong.story:3: expected  *no such words*" in log(t) and "end of dakiyad.log" in log(t), log(t)
    assert not list(temp.iterdir()) and not left_behind(temp), left_behind(temp)


@test("scripts/run stays up with its addresses until Ctrl-C, which ends every process it started")
def stays(t):
    popen, temp = run(t)
    wait_until("the addresses are printed", lambda: "queue desk   http://127.0.0.1:" in log(t), 60)
    assert len(left_behind(temp)) >= 4 and popen.poll() is None
    handset = re.search(r"handset      http://127.0.0.1:(\d+)/", log(t))[1]
    assert exchange(int(handset), "GET", "/", None, {})[0].status == 200
    control = "unix:" + str(next(temp.iterdir()) / "control")
    answer = subprocess.run([program("dakiya-sim"), "tell", "--control", control, "stats"],
                            capture_output=True, text=True).stdout
    assert "bound=1 " in answer, answer
    os.killpg(popen.pid, signal.SIGINT)  # as a terminal does
    status = popen.wait(30)
    assert status == 130, status
    assert not list(temp.iterdir()) and not left_behind(temp), left_behind(temp)
