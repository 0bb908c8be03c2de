# SPDX-License-Identifier: BSD-2-Clause
"""India's DLT rules on a link: TLVs on the wire, and texts that do not match their template."""
import hashlib

from harness import test, wait_until
from stack import Stack
from talk import EN, HI, register

NUMBER, ENTITY = "919812345678", "1001234567890123456"
TMS = ["1302157225275643280", "1302157225275643281"]


def dlt(more="", entity=ENTITY):
    return f'dlt: {{entity_id: "{entity}"{", " + more if more else ""}}}'


def templates(text):
    """Every template id of this catalogue line."""
    return [line.split('"')[1] for line in text.splitlines() if line.strip().startswith("dlt:")]


@test("every message carries entity and template as bare digits, every segment of a long one too")
def tlvs(t):
    s = Stack(t, link=dlt())
    register(s.smsc.phone(NUMBER), HI)
    known = [i for f in s.packs() for i in templates(f.read_text())]
    assert any(m.part.total > 1 for m in s.smsc.mt)
    for m in s.smsc.mt:
        assert m.pdu.tlv(0x1400) == ENTITY.encode(), m.pdu
        assert m.pdu.tlv(0x1401).decode() in known, m.pdu
        assert m.pdu.tlv(0x1402) is None
    assert s.metric("dakiya_dlt_total") == 0 and s.metric("dakiya_dead_letters_total") == 0


@test("tags, the terminating NUL and the chain's hash are as the link says")
def tags(t):
    s = Stack(t, link=dlt(f"entity_tag: 0x1401, template_tag: 0x1400, chain_tag: 0x1405, nul_terminate: true, "
                          f"chain: {TMS}"))
    s.smsc.phone(NUMBER).ask(EN.start, EN.ask_name)
    pdu = s.smsc.mt[-1].pdu
    assert pdu.tlv(0x1401) == ENTITY.encode() + b"\0" and pdu.tlv(0x1400)[-1:] == b"\0"
    chain = hashlib.sha256(",".join([ENTITY] + TMS).encode()).hexdigest()
    assert pdu.tlv(0x1405) == chain.encode() + b"\0"


@test("without an entity nothing of it is on the wire")
def off(t):
    s = Stack(t)
    s.smsc.phone(NUMBER).ask(EN.start, EN.ask_name)
    assert not s.smsc.mt[-1].pdu.tlvs


@test("strict: a text that does not match is refused before it is sent, with the portals' code and its words")
def strict(t):
    s = Stack(t, link=dlt("var_max: 2"))
    phone = s.smsc.phone(NUMBER)
    phone.ask(EN.start, EN.ask_name)
    phone.send("CANCEL")  # the answer names the keyword REG: three characters
    wait_until("it is a dead letter", lambda: s.metric("dakiya_dead_letters_total", reason="dlt") == 1)
    assert s.metric("dakiya_dlt_total", link="smsc1", code="635") == 1
    look = s.look()
    dead = [str(look("LINDEX", k, 0)) for k in look.keys("dky:*:dead")]
    assert len(dead) == 1 and "dlt 0x27b DLT: a variable is longer" in dead[0], dead
    assert len(phone.inbox()) == 1
    phone.ask(EN.start, EN.ask_name)  # and the rest goes on


@test("warn: the same text is sent, and the log and a metric say what the portals will say")
def warn(t):
    s = Stack(t, link=dlt("var_max: 2, mode: warn"))
    phone = s.smsc.phone(NUMBER)
    phone.ask(EN.start, EN.ask_name)
    phone.ask("CANCEL", "send REG")
    assert s.metric("dakiya_dlt_total", link="smsc1", code="635") == 1
    assert s.metric("dakiya_dead_letters_total") == 0
    assert "dlt doubted" in s.dakiyad.output() and "a variable is longer" in s.dakiyad.output()


@test("mode off carries the TLVs and looks at nothing")
def unlooked(t):
    s = Stack(t, link=dlt("var_max: 2, mode: off"))
    phone = s.smsc.phone(NUMBER)
    phone.ask(EN.start, EN.ask_name)
    phone.ask("CANCEL", "send REG")
    assert s.smsc.mt[-1].pdu.tlv(0x1400) and s.metric("dakiya_dlt_total") == 0


@test("smart text and DLT on one link are refused: one would undo what the other needs")
def smart(t):
    s = Stack(t, backend=False, start=False, redis="embedded", link=dlt() + "\n    smart_text: true")
    assert "octet for octet" in s.check_config()
    s.link = dlt("mode: off") + "\n    smart_text: true"
    assert "good" in s.check_config()
