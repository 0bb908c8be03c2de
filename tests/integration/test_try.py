# SPDX-License-Identifier: BSD-2-Clause
"""dakiyactl try: the phone in the terminal, straight against packs, typed at through a pipe."""
import os
import re
import shutil
import subprocess

from harness import SRCDIR, program, test
from stack import SANITIZERS, Stack

PACK = SRCDIR / "services/esanjeevani"


class Trial:
    def __init__(self, *args, typed=()):
        done = subprocess.run([program("dakiyactl"), "try", *map(str, args)], input="".join(f"{x}\n" for x in typed),
                              capture_output=True, text=True, timeout=30, env={**os.environ, **SANITIZERS})
        self.out, self.err, self.status = done.stdout, done.stderr, done.returncode
        assert "Sanitizer" not in self.err and "runtime error" not in self.err, self.err

    def has(self, *patterns):
        """Each comes, after the one before."""
        at = 0
        for p in patterns:
            found = re.search(p, self.out[at:], re.M)
            assert found, f"{p!r} does not come after {at} in\n{self.out}\n{self.err}"
            at += found.end()


@test("somebody registers in Hindi on USSD at a pipe, and a real backend gives the token")
def real_backend(t):
    s = Stack(t, start=False)
    url = f"http://127.0.0.1:{s.port_of('backend.port')}"
    typed = ["1", "राम कुमार", "३५", "२", "बिहार, पटना", "1"]
    r = Trial(PACK, "--ussd", "--lang", "hi", "--backend", url, typed=typed)
    assert r.status == 0, (r.out, r.err)
    r.has(r"^╭─ USSD$", r"^│ डॉक्टर से सलाह$", r"^╰─ \[\d\d of 70 UCS-2\]", r"^→ health POST /v1/tokens ",
          r"^← 404 .*not-registered", r"^╰─ \[\d\d of 70 UCS-2\] esanjeevani/register$", r"^ussd> राम कुमार$",
          r"^→ health POST /v1/registrations ", r"^← 201 ", r"^╭─ SMS reply, text esanjeevani/token",
          r"^│ टोकन \d+, ", r"^╰─ \[\d+ UCS-2, 2 segments\]", r"^│ टोकन \d+, ",
          r"^╰─ \[\d\d of 70 UCS-2\] .* · the session ends$")
    # What was shown is what the backend holds; a second trial uses keys of its own.
    token = re.search(r"^│ टोकन (\d+),", r.out, re.M).group(1)
    mine = s.desk("GET", "/v1/tokens/current?service=esanjeevani&msisdn=919812345678")
    assert str(mine["token"]) == token, mine
    again = Trial(PACK, "--sms", "--lang", "en", "--backend", f"health={url}", typed=["STATUS"])
    again.has(r"^→ health GET /v1/tokens/current", r"^← 200 ", r"^╭─ SMS reply", r"^╰─ \[\d+ GSM-7, \d segments?\]")


@test("a screen is as long as its profile has it, and what is too long for it goes on with 9")
def profile(t):
    lengths = {}
    for name in ("generic", "small"):
        path = t.folder / f"{name}.yaml"
        text = (SRCDIR / "etc/ussd/generic.yaml").read_text()
        path.write_text(text + ("ucs2: 60\n" if name == "small" else ""))
        r = Trial(PACK, "--lang", "hi", "--profile", path)
        r.has(r"^│ 9 आगे$")
        used, holds = map(int, re.search(r"\[(\d+) of (\d+) UCS-2\]", r.out).groups())
        assert used <= holds
        lengths[name] = (holds, used)
    assert lengths["generic"][0] == 70 and lengths["small"][0] == 60 and lengths["small"][1] < lengths["generic"][1]
    assert Trial(PACK, "--profile", t.folder / "none.yaml").status == 1


@test("answers are typed in, or picked among those that the pack knows, and remembered")
def typed_answers(t):
    r = Trial(PACK, "--lang", "en", typed=["1", "7", ":drop", ":redial", "2", ":wait 20m", ":redial", "1", ""])
    r.has(r"^  2  201 \{\"token\":1,\"position\":1\} → issued$", r"^  7  404 \{\"code\":\"not-registered\"\}", r"^answer> 7$",
          r"^← 404 ", r"esanjeevani/register$", r"^  · the signal is lost$", r"^│ 1 ", r"^ussd> 2$",
          r"^  · .*ends the session after 180 s$", r"^  · 20m later$", r"^  =  404 ", r"^← 404 ")
    assert r.status == 0, (r.out, r.err)
    bad = Trial(PACK, "--lang", "en", typed=["1", "certainly", "201 {", "2"])
    bad.has(r"that is no answer", r"that is no answer", r"the session ends$")
    assert bad.status == 1


@test("a late backend closes the screen, an absent one is asked again when the clock is moved")
def late_and_away(t):
    r = Trial(PACK, "--lang", "en", typed=["1", "late", "201 {\"token\": 7, \"position\": 3}"])
    r.has(r"had to leave before the answer", r"SMS", r"the session ends$", r"^╭─ SMS reply", r"^│ .*7")
    r = Trial(PACK, "--sms", "--lang", "en",
              typed=["TOKEN", "away", ":wait 1m", "away", "201 {\"token\": 7, \"position\": 3}"])
    r.has(r"^╭─ SMS reply, text common/", r"kept and asked again in 15 s", r"^sms> :wait 1m", r"^→ health POST",
          r"^answer> away", r"asked again in 30 s", r"^→ health POST", r"^│ .*7", r"1m later")
    assert r.status == 0, (r.out, r.err)


@test("events and one-time codes can be tried too")
def events_and_codes(t):
    r = Trial(PACK, "--sms", "--lang", "en", typed=[':event token.called {"token": 12}', ":event token.called {}",
                                                    ":event bihar:token.called {}"])
    r.has(r"^╭─ SMS alert, text esanjeevani/", r"^│ .*12", r"nothing is said of it \(bad_event\)",
          r"nothing is said of it \(unknown_service\)")
    r = Trial(SRCDIR / "services/cghs", "--sms", "--lang", "en", typed=["CGHS", "5", "000000", "123456"])
    r.has(r"^→ @bridge POST /v1/otp ", r"^← 202, by the bridge", r"^╭─ SMS otp", r"^│ .*123456", r"^← 422", r"^← 200")


@test("mistakes of a pack are told as dakiyad -t tells them, with file, line and column")
def wrong_pack(t):
    for name in ("common", "esanjeevani"):
        shutil.copytree(SRCDIR / "services" / name, t.folder / "services" / name)
    file = t.folder / "services/esanjeevani/service.yaml"
    text = file.read_text()
    wrong = re.sub(r"next: issued\b", "next: isued", text, count=1)
    assert wrong != text
    file.write_text(wrong)
    line = [i for i, x in enumerate(file.read_text().split("\n"), 1) if "next: isued" in x][0]
    r = Trial(file.parent, typed=["1"])
    assert r.status == 1 and r.out == "", r.out
    told = [x for x in r.err.split("\n") if f"service.yaml:{line}:" in x]
    assert told and re.search(rf"esanjeevani/service\.yaml:{line}:\d+: .*isued", told[0]), r.err
    s = Stack(t, start=False, backend=False)
    s.services = t.folder / "services"
    assert told[0].split("/services/")[-1] in s.check_config()
    assert Trial(t.folder / "nothing").status == 1
    assert Trial("--lang", "hi").status == 2 and Trial(PACK, "--loud").status == 2
    assert Trial(PACK, "--lang", "fr").status == 2


@test("steps that were never reached are named, and make the status 3")
def coverage(t):
    r = Trial(PACK, "--lang", "en", "--coverage", typed=["1", "7", "Ram", ":coverage"])
    assert r.status == 3, r.out
    first, last = [set(x.replace(" ", "").split(",")) for x in re.findall(r"^  never: (.*)", r.out, re.M)]
    assert first == last and "sex" in last and "register" not in last and "age" not in last, last
    reached, all_steps = map(int, re.search(r"^esanjeevani: (\d+) of (\d+) steps reached", r.out, re.M).groups())
    assert reached + len(last) == all_steps and reached >= 4
