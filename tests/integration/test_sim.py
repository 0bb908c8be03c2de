# SPDX-License-Identifier: BSD-2-Clause
"""dakiya-sim, driven from both sides: an ESME with the tests' own SMPP codec binds to it, and a
client of its control socket plays the phones."""
import json
import socket
import subprocess

import smpp
from backend_parts import Backend
from harness import program, test, wait_until
from smpp import Framer, Joiner, Part, Pdu, decode, encode

PHONE = "919812345678"


class Lines:
    """The control socket, line by line."""

    def __init__(self, path):
        self.conn = socket.socket(socket.AF_UNIX)
        self.conn.settimeout(10)
        self.conn.connect(str(path))
        self.file = self.conn.makefile("r", encoding="utf-8", newline="\n")

    def say(self, line):
        self.conn.sendall(line.encode() + b"\n")

    def read(self, *begin):
        """The next line that begins with one of these words."""
        while True:
            line = self.file.readline().rstrip("\n")
            if not line or not begin or line.split(" ")[0] in begin:
                return line

    def ask(self, line):
        self.say(line)
        return self.read("ok", "error", "stats")

    def stats(self):
        return {k: int(v) for k, v in (w.split("=") for w in self.ask("stats").split(" ")[1:])}

    def stop(self):
        self.conn.close()


class Esme:
    """Binds to the message centre and does what it is told."""

    def __init__(self, port, command="bind_transceiver", **fields):
        self.conn = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.framer, self.ready, self.seq = Framer(), [], 0
        bind = {"system_id": "dakiya", "password": "secret", "interface_version": 0x34}
        self.send(Pdu(command, 1, **{**bind, **fields}))
        self.bind_status = self.read().status

    def send(self, pdu):
        self.conn.sendall(encode(pdu))

    def read(self):
        while not self.ready:
            octets = self.conn.recv(65536)
            if not octets:
                return None
            self.ready = [decode(x) for x in self.framer.feed(octets)]
        return self.ready.pop(0)

    def take(self, status=0):
        """The next deliver_sm, answered."""
        pdu = self.read()
        assert pdu.command == "deliver_sm", pdu
        self.send(pdu.reply(status))
        return pdu

    def submit(self, number, text, **fields):
        for esm, coding, octets in smpp.text_parts(text):
            self.seq += 1
            self.send(Pdu("submit_sm", 100 + self.seq, source_addr="56161", destination_addr=number,
                          esm_class=esm, data_coding=coding, short_message=octets, **fields))
        return self.seq + 100

    def stop(self):
        self.conn.close()


def centre(t, *options):
    control, port_file = t.folder / "control", t.folder / "port"
    sim = t.start("smsc", program("dakiya-sim"), "smsc", "--control", f"unix:{control}",
                  "--port-file", port_file, "--retry", "30", *options)
    wait_until("the message centre is ready", port_file.exists)
    t.at_end(lambda: check(sim.stop() == 0))
    return int(port_file.read_text()), t.own(Lines(control))


def check(value):
    assert value


@test("the simulator's phone and an ESME exchange texts, long and short, Hindi and English")
def both_ways(t):
    port, phone = centre(t)
    esme = t.own(Esme(port))
    assert esme.bind_status == 0
    assert phone.ask("phone 9812345678") == f"ok phone {PHONE}"
    for text in ("REG", "पंजीकरण", "नमस्ते जी " * 40, "x" * 161, "[euro] € {ok}", ""):
        assert phone.ask(f"send {text}").startswith("ok sent"), text
        joiner, whole = Joiner(), None
        while whole is None:
            pdu = esme.take()
            assert (pdu.source_addr, pdu.destination_addr) == (PHONE, "56161")
            whole = joiner.add(pdu.source_addr, Part(pdu))
        assert whole == text and phone.read("taken", "refused").startswith("taken")
    for text in ("OK", "आपका टोकन 1234 है।\nकतार में 3 " * 9, "a\\b\r\nc"):
        esme.submit(PHONE, text)
        shown = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
        assert phone.read("sms") == f"sms 56161 {shown}"


@test("the simulator shows parts that come in any order, twice or mixed")
def any_order(t):
    port, phone = centre(t)
    esme = t.own(Esme(port))
    phone.ask(f"phone {PHONE}")
    one, two = smpp.text_parts("अ" * 150, ref=1), smpp.text_parts("ब" * 150, ref=2)
    for seq, (esm, coding, octets) in enumerate([two[2], one[0], one[2], one[0], two[0], one[1], two[1]]):
        esme.send(Pdu("submit_sm", seq + 5, source_addr="56161", destination_addr=PHONE, esm_class=esm,
                      data_coding=coding, short_message=octets))
        answer = esme.read()
        assert answer.status == 0 and answer.message_id
    assert phone.read("sms") == "sms 56161 " + "अ" * 150
    assert phone.read("sms") == "sms 56161 " + "ब" * 150
    assert phone.stats()["unfinished"] == 0


@test("the simulator keeps a message through refusals, lost links and silence, in order")
def kept(t):
    port, phone = centre(t, "--resp-timeout", "100")
    phone.ask(f"phone {PHONE}")
    for text in ("one", "two", "three"):
        phone.ask(f"send {text}")
    esme = t.own(Esme(port))
    assert [esme.take(s).short_message for s in (smpp.RX_T_APPN, smpp.RTHROTTLED)] == [b"one", b"one"]
    late = esme.read()  # not answered in time
    assert late.short_message == b"one"
    again = esme.read()
    assert again.short_message == b"one"
    esme.send(late.reply(smpp.RX_R_APPN))  # now it is: nobody waits for it any more
    esme.send(again.reply())
    assert esme.read().short_message == b"two"
    esme.stop()
    again = t.own(Esme(port, "bind_receiver"))
    assert [again.take().short_message for _ in range(2)] == [b"two", b"three"]
    assert [phone.read("taken") for _ in range(3)] == ["taken 1", "taken 2", "taken 3"]
    phone.ask("send four")
    assert again.take(smpp.RX_R_APPN).short_message == b"four"
    assert phone.read("refused").startswith("refused 4 ESME_RX_R_APPN")
    stats = phone.stats()
    assert (stats["mo_queued"], stats["mo_taken"], stats["mo_timeout"]) == (0, 3, 1), stats


@test("the simulator sends receipts when asked, late, once or twice, and until they are taken")
def receipts(t):
    port, phone = centre(t, "--receipt-delay", "20")
    esme = t.own(Esme(port))
    esme.submit(PHONE, "no receipt")
    assert esme.read().command == "submit_sm_resp"
    esme.submit(PHONE, "receipt", registered_delivery=1)
    message_id = esme.read().message_id
    receipt = esme.take(smpp.RX_T_APPN)
    assert esme.take().short_message == receipt.short_message
    assert receipt.esm_class == 4 and receipt.source_addr == PHONE and receipt.destination_addr == "56161"
    assert receipt.short_message.startswith(f"id:{message_id} sub:001 dlvrd:001 submit date:".encode())
    assert b" stat:DELIVRD err:000 text:" in receipt.short_message
    assert receipt.tlv(smpp.TLV_RECEIPTED_ID) == message_id.encode() + b"\0"
    assert receipt.tlv(smpp.TLV_STATE) == b"\x02"
    phone.ask("fault duplicate-receipt on")
    phone.ask("fault undelivered 1")
    esme.submit(PHONE, "failed", registered_delivery=2)
    assert esme.read().command == "submit_sm_resp"
    twice = [esme.take() for _ in range(2)]
    assert twice[0].short_message == twice[1].short_message and b"stat:UNDELIV" in twice[0].short_message


@test("every fault of the simulator does what its name says")
def faults(t):
    port, phone = centre(t, "--throttle", "1", "--enquire", "500", "--password", "secret")
    assert Esme(port, password="wrong").bind_status == smpp.RINVPASWD
    phone.ask("fault refuse-bind 1")
    assert Esme(port).bind_status == smpp.RBINDFAIL
    esme = t.own(Esme(port))
    asked = []

    def answer():  # on a slow machine it enquires before
        while (pdu := esme.read()).command == "enquire_link":
            asked.append(pdu)
        return pdu

    expected = [smpp.RTHROTTLED, smpp.RMSGQFUL, 0x45, 0]
    phone.ask("fault full 1")
    phone.ask("fault reject 1")
    for status in expected:
        esme.submit(PHONE, "x")
        assert answer().status == status
    phone.ask("fault lose 1")
    esme.submit(PHONE, "lost answer")
    phone.ask("fault delay 40")
    seq = esme.submit(PHONE, "y")
    assert answer().seq == seq
    phone.ask("fault delay 0")
    assert phone.stats()["mt_texts"] == 3  # nobody holds the phone, so its inbox has them
    assert phone.ask(f"phone {PHONE}").startswith("ok")
    assert [phone.read("sms") for _ in range(3)] == [f"sms 56161 {x}" for x in ("x", "lost answer", "y")]
    ask = asked[0] if asked else esme.read()
    assert ask.command == "enquire_link"
    esme.send(ask.reply())
    phone.ask("fault silent on")
    esme.send(Pdu("enquire_link", 900))
    read = phone.stats()["mt"]
    esme.submit(PHONE, "z")
    wait_until("it has read both", lambda: phone.stats()["mt"] > read)
    phone.ask("fault silent off")
    esme.send(Pdu("enquire_link", 901))
    answers = []
    while not answers or answers[-1].command != "enquire_link_resp":
        answers.append(esme.read())
    assert answers[-1].seq == 901 and all(a.command != "submit_sm_resp" for a in answers)
    phone.ask("fault unbind")
    while answers[-1].command != "unbind":
        answers.append(esme.read())
    esme.send(answers[-1].reply())
    assert esme.read() is None
    other = t.own(Esme(port))
    phone.ask("fault drop")
    assert other.read() is None
    assert phone.ask("fault nonsense") == 'error there is no fault "nonsense"'
    assert phone.ask("fault silent maybe") == "error fault silent wants on or off"


@test("the simulator refuses what SMPP forbids and carries on")
def hygiene(t):
    port, phone = centre(t, "--enquire", "60000")
    early = socket.create_connection(("127.0.0.1", port), timeout=10)
    early.sendall(encode(Pdu("submit_sm", 3, destination_addr=PHONE, short_message=b"x")))
    assert decode(early.recv(4096)).status == smpp.RINVBNDSTS
    early.close()
    esme = t.own(Esme(port, "bind_transmitter"))
    phone.ask(f"phone {PHONE}")
    phone.ask("send to the receiver")
    assert phone.stats()["mo_sent"] == 0
    receiver = t.own(Esme(port, "bind_receiver"))
    assert receiver.take().short_message == b"to the receiver"
    receiver.submit(PHONE, "x")
    assert receiver.read().status == smpp.RINVBNDSTS
    esme.send(Pdu("bind_transceiver", 4, system_id="dakiya"))
    assert esme.read().status == smpp.RALYBND
    esme.submit("NOTANUMBER", "x")
    assert esme.read().status == smpp.RINVDSTADR
    esme.send(Pdu("submit_sm", 9, destination_addr=PHONE, esm_class=0x40, short_message=b"\x20\x00\x03"))
    assert esme.read().status == smpp.RINVMSGLEN
    esme.send(Pdu("submit_sm", 9, destination_addr=PHONE, data_coding=8, short_message=b"\0x" * 71))
    assert esme.read().status == smpp.RINVMSGLEN
    esme.conn.sendall(bytes.fromhex("00000010" "00000077" "00000000" "00000005"))
    nack = esme.read()
    assert (nack.command, nack.status, nack.seq) == ("generic_nack", smpp.RINVCMDID, 5)
    esme.conn.sendall(bytes.fromhex("00000014" "00000004" "00000000" "00000006" "41414141"))
    assert esme.read().status == smpp.RINVCMDLEN
    esme.conn.sendall(bytes.fromhex("7fffffff" "00000004" "00000000" "00000006"))
    assert esme.read() is None


@test("the terminal phone works in a pipe and shows what came while it was away")
def terminal(t):
    port, phone = centre(t)
    esme = t.own(Esme(port))
    esme.submit(PHONE, "while away")
    esme.read()
    run = subprocess.Popen([program("dakiya-sim"), "phone", "9812345678", "--control",
                            f"unix:{t.folder / 'control'}", "--wait", "600"],
                           stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    run.stdin.write("REG\n")
    run.stdin.close()
    assert esme.take().short_message == b"REG"
    esme.submit(PHONE, "नाम लिखें")
    out = run.stdout.read()
    assert run.wait(10) == 0
    for part in ("56161 ◀ while away", "9812345678 ▶ REG", "56161 ◀ नाम लिखें"):
        assert part in out, out


def play(t, story, *options):
    (t.folder / "a.story").write_text(story, encoding="utf-8")
    return subprocess.run([program("dakiya-sim"), "play", t.folder / "a.story", "--control",
                           f"unix:{t.folder / 'control'}", *options], capture_output=True, text=True)


@test("a story passes only when every expected message came, in order, in time, and no other")
def story(t):
    port, phone = centre(t)
    esme = t.own(Esme(port))
    phone.ask(f"phone {PHONE}")
    for text in ("नाम?", "टोकन 1234, कतार में 4।", "late: 1234"):
        esme.submit("919800000001", text)
        esme.read()
    head = "phone 9800000001\n> REG\n"
    # what stands in the inbox before the story begins is shown, and is not an answer
    run = play(t, head + "within 200ms\n< *\n")
    assert run.returncode == 1 and "waiting from before: नाम?" in run.stdout, run.stdout
    assert "a.story:4: expected  *\n       but nothing came within 200 ms" in run.stdout, run.stdout
    assert esme.take().short_message == b"REG"

    def answered(expect, *texts):
        proc = subprocess.Popen([program("dakiya-sim"), "play", t.folder / "a.story", "--control",
                                 f"unix:{t.folder / 'control'}"], stdout=subprocess.PIPE, text=True)
        esme.take()
        for text in texts:
            esme.submit("919800000001", text)
            esme.read()
        out = proc.stdout.read()
        assert (proc.wait(10) == 0) == expect, out
        return out

    (t.folder / "a.story").write_text(head + "< नाम?\n< *टोकन {token}, *\n< late: {token}\n", encoding="utf-8")
    good = ("नाम?", "टोकन 1234, कतार में 4।", "late: 1234")
    assert "every expected message came" in answered(True, *good)
    assert "arrived   late: 999" in answered(False, *good[:2], "late: 999")
    assert "nothing should come, but this did: extra" in answered(False, *good, "extra")
    assert "a.story:3: expected  नाम?" in answered(False, *reversed(good))


@test("mistakes in a story are told with their lines before anything is played")
def mistakes(t):
    centre(t)
    run = play(t, "dial 5\nphone 98\n< {\nwithin soon\ndesk dance\nring mother\n")
    assert run.returncode == 2
    assert [line.split(":")[1] for line in run.stderr.strip().split("\n")] == list("123456"), run.stderr


@test("a script can tell the message centre one line and read the answer")
def tell(t):
    centre(t)

    def say(*words):
        run = subprocess.run([program("dakiya-sim"), "tell", "--control", f"unix:{t.folder / 'control'}", *words],
                             capture_output=True, text=True)
        return run.returncode, run.stdout
    assert say("fault", "throttle", "3") == (0, "fault throttle 3\n")
    status, out = say("stats")
    assert status == 0 and out.startswith("stats bound=0 "), out
    assert say("fault", "gremlins")[0] == 1
    assert "# fault throttle: " in say("help")[1]


def http_get(conn, path):
    conn.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    octets = b""
    while b"}" not in octets:
        octets += conn.recv(4096)
    head, body = octets.split(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n") and f"Content-Length: {len(body)}".encode() in head
    return json.loads(body)


@test("the load generator tells answers from duplicates, losses and refusals, and asks each phone once")
def load(t):
    out = open(t.folder / "out", "w+")
    run = subprocess.Popen([program("dakiya-load"), "--port-file", t.folder / "smpp", "--backend-listen",
                            "127.0.0.1:0", "--backend-port-file", t.folder / "http", "--window", "4", "--warm-up",
                            "0", "--seconds", "1", "--timeout", "300", "--receipts", "--name", "row"], stdout=out)
    wait_until("both ports are there", lambda: (t.folder / "smpp").exists() and (t.folder / "http").exists())
    web = socket.create_connection(("127.0.0.1", int((t.folder / "http").read_text())), timeout=10)
    esme = Esme(int((t.folder / "smpp").read_text()))
    esme.conn.settimeout(5)
    taken, receipts = 0, 0
    while run.poll() is None:
        try:
            pdu = esme.read()
        except ConnectionError:
            break
        if pdu is None:
            break
        if pdu.command == "submit_sm_resp":
            assert pdu.status == 0 and pdu.message_id
            continue
        assert pdu.command == "deliver_sm", pdu
        if pdu.esm_class == 4:
            receipts += 1
            esme.send(pdu.reply())
            continue
        taken += 1
        phone, text = pdu.source_addr, pdu.short_message.decode()
        assert len(text) == 23 and text.startswith("BENCH "), text
        esme.send(pdu.reply(smpp.RTHROTTLED if taken == 5 else 0))
        if taken in (5, 9):
            continue
        ref = http_get(web, f"/v1/position?msisdn={phone}")["ref"]
        assert ref == text[6:14]
        for _ in range(2 if taken == 13 else 1):
            esme.submit(phone, f"Answer {ref}.", registered_delivery=1 if taken == 17 else 0)
    assert run.wait(10) == 0
    out.seek(0)
    row = json.loads(out.read())
    assert (row["name"], row["mode"], row["value"]) == ("row", "window", 4)
    assert (row["lost"], row["refused"], row["duplicates"], row["receipts"], receipts) == (1, 1, 1, 1, 1), row
    assert row["answered"] + 2 <= row["begun"] <= row["answered"] + 6, row  # four may end while draining
    assert row["backend_repeats"] == 0 and row["latency_us"]["p50"] <= row["latency_us"]["max"]
    esme.stop()
    web.close()
    out.close()


@test("the desk of a story works on the real queue: others are seen, the person's turn comes")
def desk(t):
    port, _ = centre(t)
    esme, backend = t.own(Esme(port)), Backend(t)
    (t.folder / "a.story").write_text("""phone 9812345678
desk register-others 3
> token
< token {token}
desk call-next until 2 ahead
< two
desk call-next until {token}
> call
< yes
desk used {token_id} prescription
< done
""", encoding="utf-8")
    run = subprocess.Popen([program("dakiya-sim"), "play", t.folder / "a.story", "--desk",
                            f"http://127.0.0.1:{backend.port}", "--control", f"unix:{t.folder / 'control'}"],
                           stdout=subprocess.PIPE, text=True)
    assert esme.take().short_message == b"token"
    token = backend.take(PHONE)
    assert token["position"] == 4
    esme.submit(PHONE, f"token {token['token']}")
    wait_until("two are ahead", lambda: backend.current(PHONE)["ahead"] == 2)
    esme.submit(PHONE, "two")
    while (pdu := esme.read()).command != "deliver_sm":
        assert pdu.command == "submit_sm_resp"
    esme.send(pdu.reply())
    assert backend.current(PHONE)["state"] == "CALLED"
    backend.act("call", PHONE)
    esme.submit(PHONE, "yes")
    wait_until("it is used", lambda: backend.current(PHONE)["state"] == "USED")
    esme.submit(PHONE, "done")
    out = run.stdout.read()
    assert run.wait(10) == 0, out
    assert out.count("call next") == 4, out
    assert backend.get("/v1/queues/esanjeevani").json["tokens"] == [], "others are left in the queue"
    run = play(t, "phone 98########\ndesk call-next\n", "--desk", f"http://127.0.0.1:{backend.port}")
    assert run.returncode == 1 and "answer 404 queue-empty" in run.stdout, run.stdout
    run = play(t, "phone 98########\ndesk call-next\n")
    assert run.returncode == 1 and "no --desk URL" in run.stdout


@test("dakiya-sim shows what the other side begins: a notice is confirmed or not, a menu is answered in its session")
def pops_up(t):
    port, line = centre(t)
    bridge = t.own(Esme(port))
    line.ask("phone 9812345678")

    def show(op, session, text):
        bridge.submit("919812345678", text, service_type="USSD", dest_addr_ton=1,
                      tlvs=[(smpp.TLV_USSD_OP, bytes([op])), (smpp.TLV_ITS_SESSION, session)])
        status = None
        while status is None:  # the confirmation may come before it
            pdu = bridge.read()
            status = pdu.status if pdu.command == "submit_sm_resp" else told(pdu)
        return status

    def told(pdu):
        steps.append((pdu.tlv(smpp.TLV_USSD_OP), pdu.tlv(smpp.TLV_ITS_SESSION), pdu.short_message))
        bridge.send(pdu.reply(0))

    def step():
        while not steps:
            told(bridge.read())
        return steps.pop(0)

    steps = []
    assert show(3, b"\x90\x10", "Your turn") == 0 and line.read("end") == "end Your turn"
    assert step() == (b"\x13", b"\x90\x10", b"")
    line.ask("fault unnoticed 1")
    assert show(3, b"\x91\x10", "Not heard of") == 0 and line.read("end") == "end Not heard of"
    assert show(2, b"\x92\x10", "Your turn\n1 CALL") == 0 and line.read("screen").startswith("screen Your turn")
    assert show(3, b"\x93\x10", "Meanwhile") == 0x45, "one screen is open already"
    line.say("press 1")
    assert step() == (b"\x12", b"\x92\x10", b"1") and not steps
    assert show(0x11, b"\x92\x10", "Wait for the call") == 0 and line.read("end") == "end Wait for the call"
