# SPDX-License-Identifier: BSD-2-Clause
"""One-time codes over real SMPP, Redis and HTTP: in CGHS's dialogue and for portals; and that no code is
ever in a log, a metric or Redis."""
import hashlib
import hmac
import json
import re
import time

import smpp
from harness import SRCDIR, test, wait_until
from stack import SANITIZERS, SECRET, Stack

EN_CODE = r"Your CGHS OTP is (?P<code>\d{6})"
KEY = "otp-secret-of-the-tests"


def otp(**options):
    return "otp: {secret: " + KEY + "".join(f", {k}: {v}" for k, v in options.items()) + "}"


def begin(s, number="919812345678", text="CGHS", pattern=EN_CODE):
    """A phone in English that has asked for a code; the phone and the code."""
    phone = s.smsc.phone(number)
    phone.ask("ENG", "English")
    return phone, phone.ask(text, pattern)["code"]


def other(code):
    return f"{(int(code) + 1) % 1000000:06d}"


def everything(s):
    """All keys and values of the bridge's Redis, as octets."""
    r = s.look()
    try:
        out = []
        for key in r.keys("*"):
            kind = r("TYPE", key)
            read = {b"string": ("GET", key), b"hash": ("HGETALL", key), b"list": ("LRANGE", key, 0, -1),
                    b"zset": ("ZRANGE", key, 0, -1)}[kind]
            out += [key, r(*read)]
        return repr(out).encode()
    finally:
        r.close()


def nowhere(s, *codes):
    """Not in Redis, its file (as sent; what people type passes through the inbox), logs or metrics."""
    places = {"redis": everything(s), "/metrics": s.http("/metrics")[1].encode(),
              "/logs": s.http("/logs?level=debug&limit=10000")[1].encode()}
    for log in s.folder.glob("dakiyad*.log"):
        places[log.name] = log.read_bytes()
    for code in codes:
        for form in (code.encode(), code.encode("utf-16-be"), code.encode("utf-16-be").hex().encode(),
                     code.encode().hex().encode()):
            for name, octets in places.items():
                assert form not in octets, f"{name} holds a code"


def smpp_text(value):
    return value.decode() if isinstance(value, bytes) else value


def append_only(s):
    return b"".join(f.read_bytes() for f in s.folder.rglob("*.aof"))


@test("a code comes in lane otp, is wrong, then right, and stands nowhere but in the message")
def whole(t):
    s = Stack(t, more=otp())
    phone, code = begin(s)
    message = s.smsc.mt[-1].pdu
    assert s.metric("dakiya_mt_total", **{"class": "otp", "outcome": "sent"}) == 1
    until = smpp_text(message.validity_period)  # YYMMDDhhmmss000R: ten minutes, less what it took
    assert re.fullmatch(r"000000001000000R|00000000095\d000R", until), until
    assert code.encode() not in append_only(s), "the append-only file holds a code"
    nowhere(s, code)
    phone.ask(other(code), "This OTP is wrong")
    phone.ask(code[:3] + " " + code[3:], "Verified. Please send your CGHS beneficiary id")
    wait_until("nothing is left", lambda: not s.depth())
    nowhere(s, code, other(code))
    assert s.metric("dakiya_otp_total", outcome="verified") == 1
    assert s.metric("dakiya_otp_total", outcome="otp-wrong") == 1


@test("not even the log of the wire shows a code, coming or going, in either alphabet")
def wire(t):
    s = Stack(t, more=otp(), start=False)
    config = s.config
    s.config = lambda: config().replace("level: debug", "level: wire")
    s.start_dakiyad()
    phone = s.smsc.phone("919812345678")
    code = phone.ask("सीजीएचएस", r"ओटीपी (?P<code>\d{6}) है")["code"]
    phone.ask("".join(chr(0x966 + int(c)) for c in code), "सत्यापन हुआ")
    log = (s.folder / "dakiyad.log").read_text()
    assert "pdu out" in log and "submit_sm" in log
    digits = "".join(chr(0x966 + int(c)) for c in code)
    for form in (code, digits, code.encode("utf-16-be").hex(), digits.encode("utf-16-be").hex()):
        assert form not in log and form.upper() not in log, "the log of the wire holds a code"
    s.t.ending.clear()  # at this level texts and numbers are in the log on purpose
    assert s.dakiyad.stop(20) == 0


@test("five wrong codes use one up; then only a new one helps")
def attempts(t):
    s = Stack(t, more=otp(resend="0s"))
    phone, code = begin(s)
    for _ in range(5):
        phone.ask(other(code), "This OTP is wrong")
    phone.ask(code, "no longer valid")
    new = phone.ask("NEW", EN_CODE)["code"]
    phone.ask(new, "Verified")


@test("a code dies at the end of its life, and is not sent after it")
def life(t):
    s = Stack(t, more=otp(life="1500ms", resend="0s"))
    phone, code = begin(s)
    time.sleep(1.6)
    phone.ask(code, "no longer valid")
    refused = s.smsc.fault("submit_sm", smpp.RTHROTTLED, times=10 ** 6)
    sent = len(s.smsc.mt)
    phone.send("NEW")
    wait_until("the code was refused by the centre", lambda: refused.hits > 0)
    wait_until("it is given up", lambda: s.metric("dakiya_dead_letters_total", **{"class": "otp"}) == 1)
    refused.left = 0
    phone.ask("HELP", "6 digits of the CGHS OTP")
    assert not [m for m in s.smsc.texts[sent:] if "Your CGHS OTP" in m.text]


@test("a new code waits for the pause, then replaces the old one")
def resend(t):
    s = Stack(t, more=otp(resend="2s"))
    phone, old = begin(s)
    began = time.monotonic()
    phone.ask("NEW", "has just been sent")
    assert time.monotonic() - began < 2, "the machine was too slow for this test"
    time.sleep(2.1)
    new = phone.ask("NEW", EN_CODE)["code"]
    if old != new:
        phone.ask(old, "This OTP is wrong")
    phone.ask(new, "Verified")


@test("an older code that is not sent yet is replaced by the newest")
def newest(t):
    s = Stack(t, more=otp(resend="0s"))
    phone, first = begin(s)
    blocked = s.smsc.fault("submit_sm", smpp.RMSGQFUL, times=10 ** 6)
    for n in (2, 3):
        phone.send("NEW")
        wait_until("a code waits", lambda n=n: s.metric("dakiya_otp_total", outcome="sent") == n)
    wait_until("the centre refused", lambda: blocked.hits > 0)
    wait_until("the older one was dropped",
               lambda: s.metric("dakiya_mt_total", **{"class": "otp", "outcome": "replaced"}) == 1)
    blocked.left = 0
    code = phone.expect(EN_CODE, 40)["code"]
    phone.ask(code, "Verified", 20)
    assert len([x for x in phone.inbox() if "Your CGHS OTP" in x]) == 2, phone.inbox()


@test("under strict DLT rules a code goes out with its template")
def strict(t):
    s = Stack(t, more=otp(), link='dlt: {entity_id: "1001234567890123456"}')
    phone, code = begin(s)
    pdu = s.smsc.mt[-1].pdu
    assert pdu.tlv(0x1401).decode().startswith("110717"), pdu
    phone.ask(code, "Verified")
    assert s.metric("dakiya_dead_letters_total") == 0 and s.metric("dakiya_dlt_total") == 0


# ---- portals

def post(s, path, body, secret=SECRET, key=None, port=None):
    raw = json.dumps(body).encode()
    stamp = str(int(time.time()))
    mac = hmac.new(secret.encode(), stamp.encode() + b"." + raw, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-Dakiya-Timestamp": stamp, "X-Dakiya-Signature": "sha256=" + mac}
    if key:
        headers["Idempotency-Key"] = key
    status, text = s.request(port or s.ports()["events"], "POST", path, raw, headers)
    return status, json.loads(text) if text else None


NUMBER = "919812345671"
ASK = {"msisdn": NUMBER, "purpose": "portal", "lang": "en"}


@test("a portal has a code sent and verified; a repeat with its key sends nothing twice")
def portal(t):
    s = Stack(t, more=otp(resend="0s"))
    phone = s.smsc.phone(NUMBER)
    status, a = post(s, "/v1/otp", ASK, key="k1")
    assert status == 202 and a["resend_after_s"] == 0 and a["expires_at"].endswith("Z"), (status, a)
    code = phone.expect(r"^Your OTP is (?P<code>\d{6})\. Valid 10 minutes\. Do not share it\.$")["code"]
    assert post(s, "/v1/otp", ASK, key="k1")[0] == 202
    nowhere(s, code)
    status, a = post(s, "/v1/otp/verify", {**ASK, "code": other(code)}, key="v1")
    assert (status, a["code"], a["attempts_left"]) == (422, "otp-wrong", 4), (status, a)
    assert post(s, "/v1/otp/verify", {**ASK, "code": other(code)}, key="v1")[1]["attempts_left"] == 4
    assert post(s, "/v1/otp/verify", {**ASK, "purpose": "another", "code": code})[0] == 410
    status, a = post(s, "/v1/otp/verify", {**ASK, "code": code}, key="v2")
    assert (status, a["verified"]) == (200, True), (status, a)
    assert post(s, "/v1/otp/verify", {**ASK, "code": code}, key="v2") == (200, a)
    assert post(s, "/v1/otp/verify", {**ASK, "code": code}, key="v3")[0] == 410
    hindi = s.smsc.phone("919812345672")
    assert post(s, "/v1/otp", {"msisdn": hindi.number, "purpose": "portal", "lang": "hi"})[0] == 202
    hindi.expect(r"^आपका ओटीपी \d{6} है। 10 मिनट तक वैध। किसी को न बताएं।$")
    wait_until("nothing is left", lambda: not s.depth())
    assert len(phone.inbox()) == 1, phone.inbox()


@test("a portal hears when it must wait, and what it wrote wrong")
def limits(t):
    s = Stack(t, more=otp(resend="1s", burst=2, prefix=3))
    assert post(s, "/v1/otp", ASK)[0] == 202
    status, a = post(s, "/v1/otp", ASK)
    assert (status, a["code"]) == (429, "otp-too-soon"), (status, a)
    time.sleep(1.1)
    assert post(s, "/v1/otp", ASK)[0] == 202
    time.sleep(1.1)
    assert post(s, "/v1/otp", ASK)[1]["code"] == "otp-limit"
    assert post(s, "/v1/otp", {**ASK, "msisdn": "919812345999"})[0] == 202
    status, a = post(s, "/v1/otp", {**ASK, "msisdn": "919812345998"})  # the fourth to 9198123...
    assert (status, a["code"]) == (429, "otp-limit"), (status, a)
    assert post(s, "/v1/otp", {**ASK, "msisdn": "919899945998"})[0] == 202
    for bad in ({**ASK, "msisdn": "12"}, {**ASK, "purpose": ""}, {**ASK, "purpose": "a b"}, {**ASK, "purpose": "x" * 32},
                {**ASK, "lang": 5}, {**ASK, "code": "123456"}, [], {}):
        assert post(s, "/v1/otp", bad)[0] == 400, bad
    for bad in ({**ASK, "code": "12345"}, {**ASK, "code": "1234567"}, {**ASK, "code": "12345x"}, ASK):
        assert post(s, "/v1/otp/verify", bad)[0] == 400, bad
    for path in ("/v1/otp", "/v1/otp/verify"):
        status, a = post(s, path, {**ASK, "code": "123456"}, secret="another secret of somebody")
        assert (status, a["code"]) == (401, "bad-signature"), (status, a)
    assert s.metric("dakiya_otp_total", outcome="sent") == 4


@test("a code asked of one process is verified by another, and after both were killed")
def processes(t):
    s = Stack(t, more=otp(resend="0s") + "\ninstance: a")
    (s.folder / "b.yaml").write_text(
        s.config().replace("instance: a", "instance: b").replace("/ports", "/ports-b"))
    b = t.start("dakiyad-b", s.dakiyad_path, "-c", s.folder / "b.yaml", env=SANITIZERS)
    wait_until("the second is ready", lambda: (s.folder / "ports-b").exists())
    port_b = int(re.search(r"events=(\d+)", (s.folder / "ports-b").read_text())[1])
    phone = s.smsc.phone(NUMBER)
    wait_until("its store is up", lambda: post(s, "/v1/otp", ASK, port=port_b)[0] == 202)
    code = phone.expect(r"OTP is (?P<code>\d{6})")["code"]
    assert post(s, "/v1/otp/verify", {**ASK, "code": other(code)})[1]["attempts_left"] == 4
    assert post(s, "/v1/otp/verify", {**ASK, "code": other(code)}, port=port_b)[1]["attempts_left"] == 3
    b.kill()
    s.restart_dakiyad()
    assert post(s, "/v1/otp/verify", {**ASK, "code": code})[0] == 200


@test("without a secret in the configuration one is made, kept with the state, and survives a kill")
def own_secret(t):
    s = Stack(t, redis="embedded", more="otp: {resend: 0s}")
    secret = s.folder / "state/otp.secret"
    assert re.fullmatch(r"[0-9a-f]{64}", secret.read_text()) and secret.stat().st_mode & 0o777 == 0o600
    phone = s.smsc.phone(NUMBER)
    assert post(s, "/v1/otp", ASK)[0] == 202
    code = phone.expect(r"OTP is (?P<code>\d{6})")["code"]
    s.restart_dakiyad()  # it may find the Redis of the one that was killed in its last moment, and be without for another
    assert wait_until("Redis is there", lambda: (lambda n: n != 503 and n)(
        post(s, "/v1/otp/verify", {**ASK, "code": code})[0])) == 200


@test("CGHS whole: code, beneficiary id, form, speciality, referral, token, turn, call, own centre's medicine")
def cghs(t):
    s = Stack(t, backend=False, more=otp())
    text = (SRCDIR / "etc/backend-rules.yaml").read_text()
    head, mine = text.split("\n  cghs:\n", 1)
    mine = re.sub(r"hours:\n +value: \{.*\n", "hours:\n          value: null\n", mine, count=1)
    (s.folder / "backend-rules.yaml").write_text(f"{head}\n  cghs:\n{mine}")
    s.backend = t.start("backend", s.backend_path, "--listen", "127.0.0.1:0", "--db", s.folder / "backend.db",
                        "--bridge", s.to_bridge.url, "--secret-file", s.folder / "secret", "--rules",
                        s.folder / "backend-rules.yaml", "--lists", SRCDIR / "etc/backend-lists.yaml",
                        "--port-file", s.folder / "backend.port", env=SANITIZERS)
    s.backend.wait_line("ready ")
    phone, code = begin(s)
    phone.ask(code, "beneficiary id")
    phone.ask("9999999", "full name")
    phone.ask("Asha Rani", "How old")
    phone.ask("41", "Female")
    phone.ask("1", "Do you agree")
    phone.ask("yes", "not in the list")
    phone.ask("1000103", "Which specialist")
    phone.ask("3", "medical officer")
    ack = phone.ask("yes", r"Id (?P<id>\d+), token (?P<token>\d+), your number in the queue is 1")
    phone.ask("STATUS", f"Token {ack['token']} Asha, CGHS Eye: yours is the next turn")
    called = s.desk("POST", "/v1/queues/cghs-eye/call-next")
    phone.expect("it is your turn. Reply CALL")
    phone.ask("CALL", "specialist's call")
    s.used(called["token_id"])
    phone.expect(r"e-prescription \d+ is ready. Collect medicine at your CGHS wellness centre")
    phone.ask("CGHS MEDICINE", "wellness centre, R K Puram")
    phone.ask("CGHS", "Which specialist")  # verified: no code again
    phone.ask("1", "medical officer")
    phone.ask("no", "First get a referral")
