# SPDX-License-Identifier: BSD-2-Clause
"""What every integration test stands on: real programs in a folder of the test's own, conditions
with a deadline instead of sleeps, and the logs when something fails. Programs are ended by the
process we started, never by name."""
import os
import pathlib
import re
import shutil
import subprocess
import time

SRCDIR = pathlib.Path(os.environ.get("DK_SRCDIR") or pathlib.Path(__file__).resolve().parents[2])
TESTS = []


class Skip(Exception):
    """This test cannot run here; the reason is printed."""


class Test:
    def __init__(self, name, run):
        self.name, self.run, self.file = name, run, run.__module__


def test(sentence):
    """Marks a test; its name is a sentence that is true when it passes."""
    def mark(fn):
        TESTS.append(Test(sentence, fn))
        return fn
    return mark


def builddir():
    given = os.environ.get("DK_BUILDDIR")
    tries = [given] if given else [SRCDIR / "build", SRCDIR / "build/test/plain", SRCDIR, "."]
    for d in tries:
        if d and (pathlib.Path(d) / "config.status").exists():
            return pathlib.Path(d).resolve()
    raise Skip("no build tree: set DK_BUILDDIR")


def program(name):
    path = builddir() / name
    if not path.exists():
        raise Skip(f"{name} is not built")
    return str(MEMCHECK_SHIMS / name if MEMCHECK_SHIMS else path)


SLOWER = 1  # how much longer everything may take
MEMCHECK_SHIMS = None  # the folder of what stands for our programs under memcheck
MEMCHECK = """#!/bin/sh
exec valgrind -q --leak-check=full --show-leak-kinds=definite,indirect --track-fds=yes --num-callers=30 \\
    --log-file="$DK_MEMCHECK/${{0##*/}}.%p.memcheck" '{}' "$@"
"""


# What it says at every exit: the number of descriptors, and its own log among them.
MEMCHECK_IDLE = re.compile(r"==\d+==(?: FILE DESCRIPTORS: \d+ open \(\d std\) at exit."
                           r"| Open file descriptor \d+:.*\n==\d+==    <inherited from parent>)?\s*")


def under_memcheck(folder):
    """From now on our programs run under valgrind, which is silent (-q) unless it has found something."""
    global SLOWER, MEMCHECK_SHIMS
    if not shutil.which("valgrind"):
        raise SystemExit("valgrind is not installed")
    SLOWER, MEMCHECK_SHIMS = 12, pathlib.Path(folder)
    for path in builddir().glob("dakiya*"):
        if path.is_file() and os.access(path, os.X_OK):
            (MEMCHECK_SHIMS / path.name).write_text(MEMCHECK.format(path))
            (MEMCHECK_SHIMS / path.name).chmod(0o755)


def wait_until(what, condition, seconds=10.0):
    """The condition's first true value; an error that says what never came true."""
    seconds *= SLOWER
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:g} s, but {what} did not come true")
        time.sleep(0.005)


class Process:
    """One program, its output in a file, ended by us."""

    def __init__(self, name, argv, folder, env=None):
        self.name, self.argv = name, [str(a) for a in argv]
        self.log = pathlib.Path(folder) / f"{name}.log"
        self.began = self.log.stat().st_size if self.log.exists() else 0
        with open(self.log, "ab") as out:
            self.popen = subprocess.Popen(self.argv, stdout=out, stderr=out, stdin=subprocess.DEVNULL,
                                          cwd=folder, env={**os.environ, **(env or {})})
        self.pid = self.popen.pid

    def alive(self):
        return self.popen.poll() is None

    def output(self):
        """What this run of the program has printed so far."""
        with open(self.log, "rb") as f:
            f.seek(self.began)
            return f.read().decode("utf-8", "replace")

    def wait_line(self, part, seconds=15.0):
        def seen():
            found = next((x for x in self.output().split("\n") if part in x), None)
            if not found and not self.alive():
                raise AssertionError(f"{self.name} ended ({self.popen.returncode}) before {part!r}")
            return found
        return wait_until(f"{self.name} printed {part!r}", seen, seconds)

    def signal(self, number):
        self.popen.send_signal(number)

    def wait(self, seconds=15.0):
        return self.popen.wait(seconds * SLOWER)

    def kill(self):
        if self.alive():
            self.popen.kill()
        return self.popen.wait()

    def stop(self, seconds=15.0):
        """SIGTERM; the exit status. -9 when it had to be killed."""
        if self.alive():
            self.popen.terminate()
        try:
            return self.popen.wait(seconds * SLOWER)
        except subprocess.TimeoutExpired:
            self.kill()
            return -9


class Case:
    """One running test: its folder, what it has started, and what must hold when it ends."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.started, self.ending = [], []
        os.environ["DK_MEMCHECK"] = str(folder)

    def start(self, name, *argv, env=None):
        p = Process(name, argv, self.folder, env)
        self.started.append(p)
        return p

    def at_end(self, fn):
        """Called when the test body has passed: a check that may fail it."""
        self.ending.append(fn)

    def own(self, thing):
        """thing.stop() is called when the test is over, whatever happened."""
        self.started.append(thing)
        return thing

    def end(self):
        for fn in self.ending:
            fn()

    def stop(self):
        for p in reversed(self.started):
            p.stop()

    def memcheck(self):
        """What valgrind found in programs of this test, all of which have ended."""
        found = ((f.name, f.read_text(errors="replace")) for f in sorted(self.folder.glob("*.memcheck")))
        return "".join(f"\n---- {name}\n{text}" for name, text in found if MEMCHECK_IDLE.sub("", text))

    def evidence(self, lines=40):
        """The ends of all logs, for a test that failed."""
        out = []
        for path in sorted(self.folder.rglob("*.log")):
            if any(p.name.startswith("chromium-") for p in path.parents):
                continue  # a browser's databases
            with open(path, encoding="utf-8", errors="replace") as f:
                tail = f.read().split("\n")[-lines - 1:]
            out.append(f"\n---- {path.name}\n" + "\n".join(tail).rstrip())
        for p in self.started:
            if hasattr(p, "story"):
                out.append("\n---- message centre\n" + p.story())
        return "".join(out)

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)
