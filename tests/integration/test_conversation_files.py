# SPDX-License-Identifier: BSD-2-Clause
"""The same conversation files in the pure engine, on the whole system over SMPP, and over HTTP."""
import os
import re
import subprocess

from harness import SRCDIR, builddir, program, test
from sim import Sim
from stack import SANITIZERS
from ussd import AGGREGATORS, port, stack

FILES = sorted((SRCDIR / "tests/conv/ways").glob("*.conv"))


def run(*args):
    done = subprocess.run([str(a) for a in args], capture_output=True, text=True, timeout=60,
                          env={**os.environ, **SANITIZERS, "DK_SRCDIR": str(SRCDIR)})
    return done.returncode, done.stdout + done.stderr


class Ways:
    def __init__(self, t, aggregators):
        self.t, self.aggregators = t, aggregators
        self.s = stack(t, vendor="generic", aggregators=aggregators, smsc=Sim(t))

    def engine(self, file):
        return run(builddir() / "tests/conv/conv_run", file)

    def smpp(self, file):
        return run(program("dakiya-sim"), "play", file, "--control", f"unix:{self.t.folder}/control",
                   *self.desk())

    def desk(self):
        return "--desk", f"http://127.0.0.1:{self.s.port_of('backend.port')}"

    def http(self, file, i=0, sms=True):
        name = self.aggregators[i].name
        door = port(self.s, i)
        path = {"infobip": "/session"}.get(name, self.aggregators[i].path)
        if name == "airtel-comviva":
            path += "?userid=dakiya&password=secret"
        more = ["--control", f"unix:{self.t.folder}/control"] if sms else []
        return run(program("dakiya-sim"), "play", file, "--http-ussd", f"http://127.0.0.1:{int(door)}{door.prefix}{path}",
                   "--profile", SRCDIR / f"etc/ussd/{name}.yaml", *self.desk(), *more)


@test("one conversation file holds in the pure engine, over SMPP and over HTTP, and fails in each where a text differs")
def three_ways(t):
    w = Ways(t, [a for a in AGGREGATORS if a.name == "africastalking"])
    assert len(FILES) == 3
    for file in FILES:
        for way in (w.engine, w.smpp, w.http):
            status, out = way(file)
            assert status == 0, f"{way.__name__} {file.name}\n{out}"
        # One word that somebody reads is another one, in the last expectation but one: no way may miss it.
        lines = file.read_text().split("\n")
        at = [i for i, x in enumerate(lines) if re.match(r"(screen|end|<\w*) ", x)][-2]
        lines[at] = lines[at].replace("*", "x*", 1) if "*" in lines[at] else lines[at] + "x"
        wrong = t.folder / file.name
        wrong.write_text("\n".join(lines))
        for way in (w.engine, w.smpp, w.http):
            status, out = way(wrong)
            assert status == 1 and f"{file.name}:{at + 1}: " in out, f"{way.__name__} {lines[at]}\n{out}"


@test("every HTTP profile plays the same file, also without looking for its SMS")
def every_profile(t):
    w = Ways(t, AGGREGATORS)
    file = next(f for f in FILES if f.name == "ussd-hi.conv")
    alone = t.folder / "alone.conv"  # without what is sent when the session is over
    alone.write_text(file.read_text().split("# The session is over")[0])
    for i, a in enumerate(AGGREGATORS):
        if a.hang_up is None or not a.named:  # nobody tells of a lost session, or the session has no name
            continue
        status, out = w.http(file, i)
        assert status == 0, f"{a.name}\n{out}"
    short = t.folder / "short.conv"
    short.write_text("phone 98########\ndial *123*8#\nscreen Doctor's advice\\n1 *\n> 5\nscreen *name*\n> Ram\nscreen *age*\n")
    for i, a in enumerate(AGGREGATORS):
        status, out = w.http(short, i, sms=False)
        assert status == 0, f"{a.name}\n{out}"
    status, out = w.http(alone, 0, sms=False)
    assert status == 0 and "nobody looks for the SMS" in out, out


@test("what only the engine's clock can do is refused on a network, and a file's mistakes are told by line")
def refused(t):
    Sim(t)
    control = f"unix:{t.folder}/control"
    (t.folder / "wait.conv").write_text("phone 9800000001\nwait 5m\n")
    status, out = run(program("dakiya-sim"), "play", t.folder / "wait.conv", "--control", control)
    assert status == 1 and "wait.conv:2: only the clock of the pure engine" in out, out
    (t.folder / "bad.conv").write_text("phone 9800000001\nring\n<sms x\ndial 123\n")
    for args in ((program("dakiya-sim"), "play", "--control", control), (builddir() / "tests/conv/conv_run",)):
        status, out = run(*args, t.folder / "bad.conv")
        assert status != 0 and [x for x in re.findall(r"bad\.conv:(\d)", out)] == ["2", "3", "4"], out
