# SPDX-License-Identifier: BSD-2-Clause
"""Centres of other versions of SMPP, and how addresses are typed."""
from harness import test, wait_until
from smsc import Smsc
from stack import Stack
from talk import EN, HI, register

NUMBER = "919812345678"


@test("a centre of SMPP 3.3: no transceiver and no TLV, ids in hex and in decimal; the whole talk, with receipts")
def older(t):
    smsc = Smsc(receipts=True)
    smsc.bind_tlvs = []
    smsc.message_id, smsc.receipt_id = (lambda n: f"{n + 200:x}"), (lambda message_id: str(int(message_id, 16)))
    s = Stack(t, smsc=smsc, link="interface_version: 3.3\n    bind: pair")
    register(s.smsc.phone(NUMBER), HI)
    binds = [p for p in s.smsc.seen if p.command.startswith("bind_")]
    assert {p.command for p in binds} == {"bind_transmitter", "bind_receiver"}, binds
    assert {p.interface_version for p in binds} == {0x33}
    wait_until("every receipt is matched", lambda: s.metric("dakiya_receipts_matched_total", outcome="matched") >= len(HI.steps))
    assert not [p for p in s.smsc.seen if p.tlvs], "a TLV for a centre that knows none"


@test("the bind of 5.0, and types of number as the operator wants them")
def typed(t):
    s = Stack(t, link="""interface_version: 5.0
    bind_ton: 1
    bind_npi: 1
    source_ton: 0
    source_npi: 9
    dest_ton: 2
    dest_npi: 8""")
    s.smsc.phone(NUMBER).ask(EN.start, EN.ask_name)
    bind = s.smsc.last_bind
    assert (bind.interface_version, bind.addr_ton, bind.addr_npi) == (0x50, 1, 1)
    (mt,) = [p for p in s.smsc.seen if p.command == "submit_sm"]
    assert (mt.source_addr_ton, mt.source_addr_npi, mt.dest_addr_ton, mt.dest_addr_npi) == (0, 9, 2, 8)


@test("what an older centre cannot be asked for is refused when the configuration is checked")
def refused(t):
    s = Stack(t, start=False, backend=False, redis="embedded")
    for link, said in (("interface_version: 34", "is 3.3, 3.4 or 5.0, not 34"),
                       ("interface_version: 3.3", "has no transceiver: write bind: pair"),
                       ("tlvs: false\n    long_messages: sar", "long_messages of link smsc1 needs TLVs"),
                       ("tlvs: false\n    long_messages: payload", "long_messages of link smsc1 needs TLVs"),
                       ("tlvs: false\n    ussd: generic", "USSD of link smsc1 needs TLVs"),
                       ("tlvs: false\n    dlt: {entity_id: '1101'}", "dlt of link smsc1 needs TLVs")):
        s.link = link
        assert said in s.check_config(), (link, s.check_config())
    s.link = "interface_version: '0x33'\n    bind: pair"
    assert "needs" not in s.check_config() and "interface_version" not in s.check_config(), s.check_config()
