# SPDX-License-Identifier: BSD-2-Clause
"""What operators see, and how the bridge starts and stops."""
import re
import signal
import subprocess
import time

from harness import SRCDIR, program, test, wait_until
from stack import Stack
from talk import EN, register

NUMBER = "919812345678"


@test("a start with a redis-server of its own, and the end of it, warn of nothing")
def quiet_start(t):
    s = Stack(t, redis="embedded")
    register(s.smsc.phone(NUMBER))
    assert s.dakiyad.stop() == 0
    said, took = s.dakiyad.output(), {}
    for stamp, what in re.findall(r"T[\d:]+:([\d.]+)Z INFO (redis-server started|redis up server)", said):
        took[what] = float(stamp)
    slow = (took["redis up server"] - took["redis-server started"]) % 60 > 0.5  # then it may say that it waits
    assert not re.search(" ERR " if slow else " (WARN|ERR) ", said), said


@test("/healthz, /readyz and /metrics tell the state of link, Redis and messages")
def endpoints(t):
    s = Stack(t)
    register(s.smsc.phone(NUMBER))
    assert s.http("/healthz") == (200, "ok\n")
    status, text = s.http("/readyz")
    assert status == 200 and "link smsc1: ok" in text and "redis: ok" in text
    status, text = s.http("/metrics")
    assert status == 200
    for line in text.rstrip("\n").split("\n"):
        assert re.fullmatch(r"# (HELP|TYPE) \w+ .*|\w+(\{(\w+=\"[^\"]*\",?)*\})? [-+.eE0-9]+|\w+\{.*\} \+?Inf", line), line
    names = set(re.findall(r"^# TYPE (\w+) ", text, re.M))
    families = {n for n in names if n.startswith("dakiya_")}
    assert len(families) >= 15, families
    typed = {re.sub(r"_(bucket|sum|count)$", "", n) for n in re.findall(r"^(dakiya_\w+)[{ ]", text, re.M)}
    assert typed <= names | families, typed - names
    assert s.http("/nothing")[0] == 404
    s.smsc.fault("bind", "drop", 10 ** 6)
    s.smsc.drop()
    wait_until("/readyz says no", lambda: s.http("/readyz")[0] == 503)
    assert "link smsc1: ok" not in s.http("/readyz")[1] and s.http("/healthz")[0] == 200


@test("the alert rules wake somebody for what they are about, nobody on a good night, and name metrics that there are")
def rules(t):
    path = SRCDIR / "etc/prometheus-rules.yaml"
    night = t.folder / "night.yaml"
    night.write_text((SRCDIR / "tests/integration/prometheus.yaml").read_text().replace("RULES", str(path)))
    done = subprocess.run(["promtool", "test", "rules", night], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    _, text = Stack(t).http("/metrics")
    there = set(re.findall(r"^# TYPE (dakiya_\w+) ", text, re.M))
    named = set(re.findall(r"dakiya_\w+", "".join(re.findall(r"expr: (.*)", path.read_text()))))
    assert {re.sub("_bucket$", "", n) for n in named} <= there, named - there


@test("/logs shows a turn by its trace, masked, and filters by level")
def logs(t):
    s = Stack(t)
    register(s.smsc.phone(NUMBER))
    status, text = s.http("/logs?limit=500")
    assert status == 200 and "turn" in text
    trace = re.search(r"trace=([0-9a-f]{16})", text)[1]
    _, one = s.http(f"/logs?trace={trace}&level=debug")
    assert one and all(trace in line for line in one.rstrip("\n").split("\n"))
    _, errors = s.http("/logs?level=error")
    assert not any(" INFO " in x or "level=info" in x for x in errors.split("\n"))
    assert s.http("/logs?level=loud")[0] == 400 and s.http("/logs?trace=zz")[0] == 400
    s.check_private("/logs", text)


@test("logs, metrics and /logs hold no full number, no text and no password at debug level")
def private(t):
    s = Stack(t)
    phone = s.smsc.phone(NUMBER)
    register(phone)
    phone.ask("my secret is 4711-0815", ".")
    s.call_next()
    phone.expect(EN.turn)
    log = s.dakiyad.output()
    assert "turn" in log
    for what, text in (("the log", log), ("/metrics", s.http("/metrics")[1]),
                       ("/logs", s.http("/logs?level=debug&limit=10000")[1])):
        s.check_private(what, text)
        assert s.smsc.password not in text.replace("secret_file", ""), what


@test("SIGTERM finishes what runs, unbinds and leaves with 0")
def drains(t):
    s = Stack(t)
    phone = s.smsc.phone(NUMBER)
    for text, answer in EN.steps[:-1]:
        phone.ask(text, answer)
    s.to_backend.fault(("slow", 0.5), "/v1/registrations", 1)
    (mo,) = phone.send(EN.consent)
    wait_until("the backend is asked", lambda: s.to_backend.to("/v1/registrations"))
    began = time.monotonic()
    s.dakiyad.signal(signal.SIGTERM)
    assert s.dakiyad.wait(15) == 0
    assert time.monotonic() - began < 12 and mo.state == "accepted"
    assert s.smsc.count("unbind") == 1
    s.start_dakiyad()
    phone.expect(EN.token, 20)


@test("SIGTERM with nobody answering ends within the drain time")
def drains_bounded(t):
    s = Stack(t, more="drain_timeout: 1s")
    phone = s.smsc.phone(NUMBER)
    s.smsc.fault("submit_sm", "silence", 100)
    s.smsc.fault("unbind", "silence", 100)
    phone.send(EN.start)
    wait_until("a submit waits", lambda: s.smsc.count("submit_sm"))
    began = time.monotonic()
    s.dakiyad.signal(signal.SIGTERM)
    assert s.dakiyad.wait(15) == 0 and time.monotonic() - began < 8
    with s.smsc.lock:
        s.smsc.faults.clear()
    s.start_dakiyad()
    phone.expect(EN.ask_name, 20)


def run(*argv):
    done = subprocess.run(argv, capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


@test("dakiyad -t takes a good configuration and names every mistake of a bad one with its place")
def checks(t):
    s = Stack(t, start=False, backend=False)
    good, bad = s.folder / "good.yaml", s.folder / "bad.yaml"
    good.write_text(s.config())
    code, _, err = run(program("dakiyad"), "-t", "-c", str(good))
    assert code == 0, err
    bad.write_text(s.config() + "nonsense: 1\nredis_timeout: quick\n")
    code, _, err = run(program("dakiyad"), "-t", "-c", str(bad))
    assert code == 1
    lines = s.config().count("\n")
    assert re.search(rf"bad\.yaml:{lines + 1}:\d+: .*nonsense", err), err
    assert re.search(rf"bad\.yaml:{lines + 2}:\d+: ", err), err
    code, _, err = run(program("dakiyad"), "-c", str(bad))
    assert code == 1 and "bad.yaml" in err
    for section in ("events", "ops"):
        bad.write_text(re.sub(rf'(?m)^{section}:.*', f'{section}: {{listen: "127.0.0.1"}}', s.config()))
        code, _, err = run(program("dakiyad"), "-t", "-c", str(bad))
        assert code == 1 and re.search(r'bad\.yaml:\d+:\d+: "127\.0\.0\.1" is not an address and port', err), err
    code, _, err = run(program("dakiyad"), "-t", "-c", str(s.folder / "none.yaml"))
    assert code == 1 and "none.yaml" in err


@test("dakiyad -T prints a configuration that -t takes")
def prints(t):
    s = Stack(t, start=False, backend=False)
    good, printed = s.folder / "good.yaml", s.folder / "printed.yaml"
    good.write_text(s.config())
    code, out, err = run(program("dakiyad"), "-T", "-c", str(good))
    assert code == 0 and "reconnect_max" in out, err
    assert "secret: " + s.smsc.password not in out
    code, out, _ = run(program("dakiyad"), "-V")
    assert code == 0 and re.search(r"\d+\.\d+\.\d+", out)


@test("the sample configuration in etc/ is taken by dakiyad -t")
def sample(t):
    from harness import SRCDIR
    text = (SRCDIR / "etc/dakiyad.yaml").read_text()
    for name in ("smsc1.password", "health.secret"):
        (t.folder / name).write_text("secret")
    text = text.replace("/etc/dakiya/", f"{t.folder}/").replace("/usr/local/share/dakiya/services", f"{SRCDIR}/services")
    (t.folder / "dakiyad.yaml").write_text(text)
    code, _, err = run(program("dakiyad"), "-t", "-c", str(t.folder / "dakiyad.yaml"))
    assert code == 0, err
