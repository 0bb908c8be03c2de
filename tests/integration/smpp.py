# SPDX-License-Identifier: BSD-2-Clause
"""SMPP 3.4 for the tests, written from the specification and sharing nothing with src/codec, so that
an encoding mistake there cannot agree with itself. PDUs to and from octets, the texts inside them
(GSM 03.38, UCS-2, UDH), and nothing that opens a socket."""
import struct

import hindi

COMMANDS = {
    "generic_nack": 0x80000000, "bind_receiver": 0x1, "bind_transmitter": 0x2, "query_sm": 0x3,
    "submit_sm": 0x4, "deliver_sm": 0x5, "unbind": 0x6, "replace_sm": 0x7, "cancel_sm": 0x8,
    "bind_transceiver": 0x9, "outbind": 0xB, "enquire_link": 0x15, "alert_notification": 0x102, "data_sm": 0x103,
}
NAMES = {v: k for k, v in COMMANDS.items()}
RESP = 0x80000000
for _name, _id in list(COMMANDS.items()):
    if _id < 0x100 and _name != "outbind" or _name == "data_sm":
        COMMANDS[_name + "_resp"] = _id | RESP
        NAMES[_id | RESP] = _name + "_resp"

ROK, RINVMSGLEN, RINVCMDLEN, RINVCMDID, RINVBNDSTS, RALYBND = 0, 1, 2, 3, 4, 5
RSYSERR, RINVDSTADR, RBINDFAIL, RINVPASWD, RINVSYSID, RMSGQFUL = 8, 0xB, 0xD, 0xE, 0xF, 0x14
RTHROTTLED, RX_T_APPN, RX_P_APPN, RX_R_APPN, RUNKNOWNERR = 0x58, 0x64, 0x65, 0x66, 0xFF

_ADDRESSES = [("source_addr_ton", 1), ("source_addr_npi", 1), ("source_addr", "c21"),
              ("dest_addr_ton", 1), ("dest_addr_npi", 1), ("destination_addr", "c21")]
_SM = [("service_type", "c6")] + _ADDRESSES + [
    ("esm_class", 1), ("protocol_id", 1), ("priority_flag", 1),
    ("schedule_delivery_time", "c17"), ("validity_period", "c17"), ("registered_delivery", 1),
    ("replace_if_present_flag", 1), ("data_coding", 1), ("sm_default_msg_id", 1), ("short_message", "sm")]
_BIND = [("system_id", "c16"), ("password", "c9"), ("system_type", "c13"), ("interface_version", 1),
         ("addr_ton", 1), ("addr_npi", 1), ("address_range", "c41")]
FIELDS = {  # mandatory parameters in order: octets of an integer, cMAX a C string, sm length and text
    "bind_receiver": _BIND, "bind_transmitter": _BIND, "bind_transceiver": _BIND,
    "bind_receiver_resp": [("system_id", "c16")], "bind_transmitter_resp": [("system_id", "c16")],
    "bind_transceiver_resp": [("system_id", "c16")],
    "submit_sm": _SM, "deliver_sm": _SM,
    "submit_sm_resp": [("message_id", "c65")], "deliver_sm_resp": [("message_id", "c65")],
    "data_sm": [("service_type", "c6")] + _ADDRESSES + [("esm_class", 1), ("registered_delivery", 1),
                                                        ("data_coding", 1)],
    "data_sm_resp": [("message_id", "c65")],
    "query_sm": [("message_id", "c65")] + _ADDRESSES[:3],
    "query_sm_resp": [("message_id", "c65"), ("final_date", "c17"), ("message_state", 1), ("error_code", 1)],
    "cancel_sm": [("service_type", "c6"), ("message_id", "c65")] + _ADDRESSES, "cancel_sm_resp": [],
    "replace_sm": [("message_id", "c65")] + _ADDRESSES[:3] + [
        ("schedule_delivery_time", "c17"), ("validity_period", "c17"), ("registered_delivery", 1),
        ("sm_default_msg_id", 1), ("short_message", "sm")], "replace_sm_resp": [],
    "outbind": [("system_id", "c16"), ("password", "c9")],
    "alert_notification": [("source_addr_ton", 1), ("source_addr_npi", 1), ("source_addr", "c65"),
                           ("esme_addr_ton", 1), ("esme_addr_npi", 1), ("esme_addr", "c65")],
    "enquire_link": [], "enquire_link_resp": [], "unbind": [], "unbind_resp": [], "generic_nack": [],
}
TLV_RECEIPTED_ID, TLV_PAYLOAD, TLV_STATE, TLV_SC_VERSION = 0x001E, 0x0424, 0x0427, 0x0210
TLV_USSD_OP, TLV_ITS_SESSION, TLV_REFERENCE, TLV_1501 = 0x0501, 0x1383, 0x0204, 0x1501
TLV_SAR_REF, TLV_SAR_TOTAL, TLV_SAR_SEQ = 0x020C, 0x020E, 0x020F


class Malformed(Exception):
    """These octets are no PDU that the specification allows."""


class Pdu:
    """One PDU; its mandatory parameters are attributes (str for C strings, bytes for short_message)."""

    def __init__(self, command, seq=0, status=0, tlvs=(), **fields):
        self.command, self.seq, self.status, self.tlvs = command, seq, status, list(tlvs)
        known = dict(FIELDS.get(command, ()))
        for name in fields:
            if name not in known:
                raise ValueError(f"{command} has no field {name}")
        for name, kind in known.items():
            empty = b"" if kind == "sm" else 0 if isinstance(kind, int) else ""
            setattr(self, name, fields.get(name, empty))

    def tlv(self, tag):
        return next((v for t, v in self.tlvs if t == tag), None)

    def reply(self, status=0, **fields):
        return Pdu(self.command + "_resp", self.seq, status, **fields)

    def __repr__(self):
        body = {n: getattr(self, n) for n, _ in FIELDS.get(self.command, ())}
        return f"{self.command} seq={self.seq} status={self.status:#x} {body} {self.tlvs}"


def encode(pdu):
    """Octets of one PDU. Refuses values the specification does not allow: we are strict here."""
    body = b""
    bare = pdu.status != 0 and pdu.command.endswith("_resp")
    for name, kind in () if bare else FIELDS[pdu.command]:
        value = getattr(pdu, name)
        if kind == "sm":
            if len(value) > 254:
                raise ValueError("short_message over 254 octets")
            body += bytes([len(value)]) + value
        elif isinstance(kind, int):
            body += value.to_bytes(kind, "big")
        else:
            raw = value.encode("latin-1") + b"\0"
            if len(raw) > int(kind[1:]):
                raise ValueError(f"{name} over {kind[1:]} octets")
            body += raw
    for tag, value in pdu.tlvs:
        body += struct.pack(">HH", tag, len(value)) + value
    return struct.pack(">IIII", 16 + len(body), COMMANDS[pdu.command], pdu.status, pdu.seq) + body


def decode(octets):
    """One whole PDU. Malformed names what a strict message centre would refuse."""
    if len(octets) < 16:
        raise Malformed("no room for a header")
    length, command_id, status, seq = struct.unpack(">IIII", octets[:16])
    if length != len(octets):
        raise Malformed(f"command_length {length}, but {len(octets)} octets")
    name = NAMES.get(command_id)
    if name is None:
        raise Malformed(f"unknown command {command_id:#x}")
    pdu, at = Pdu(name, seq, status), 16
    if at == length and status and name.endswith("_resp"):
        return pdu
    for field, kind in FIELDS[name]:
        value, at = _field(octets, at, field, kind)
        setattr(pdu, field, value)
    while at < length:
        if at + 4 > length:
            raise Malformed("a TLV's head runs past the end")
        tag, size = struct.unpack_from(">HH", octets, at)
        at += 4
        if at + size > length:
            raise Malformed(f"TLV {tag:#06x} runs past the end")
        pdu.tlvs.append((tag, octets[at:at + size]))
        at += size
    return pdu


def _field(octets, at, field, kind):
    if isinstance(kind, int):
        if at + kind > len(octets):
            raise Malformed(f"{field} runs past the end")
        return int.from_bytes(octets[at:at + kind], "big"), at + kind
    if kind == "sm":
        if at >= len(octets) or at + 1 + octets[at] > len(octets):
            raise Malformed("short_message runs past the end")
        if octets[at] > 254:
            raise Malformed("sm_length 255")
        return octets[at + 1:at + 1 + octets[at]], at + 1 + octets[at]
    limit = int(kind[1:])
    end = octets.find(b"\0", at, at + limit)
    if end < 0:
        raise Malformed(f"{field} has no end within {limit} octets")
    return octets[at:end].decode("latin-1"), end + 1


class Framer:
    """Octets as TCP brings them, to whole PDUs."""

    def __init__(self):
        self.rest = b""

    def feed(self, octets):
        self.rest += octets
        out = []
        while len(self.rest) >= 4:
            length = int.from_bytes(self.rest[:4], "big")
            if not 16 <= length <= 65536:
                raise Malformed(f"command_length {length}")
            if len(self.rest) < length:
                break
            out.append(self.rest[:length])
            self.rest = self.rest[length:]
        return out


# ---- texts -------------------------------------------------------------------------------------

GSM = ("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
       "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà")
GSM_ESCAPED = {0x0A: "\f", 0x14: "^", 0x28: "{", 0x29: "}", 0x2F: "\\", 0x3C: "[", 0x3D: "~",
               0x3E: "]", 0x40: "|", 0x65: "€"}
_TO_GSM = {c: bytes([i]) for i, c in enumerate(GSM) if i != 0x1B}
_TO_GSM.update({c: bytes([0x1B, i]) for i, c in GSM_ESCAPED.items()})
assert len(GSM) == 128


def gsm_encode(text):
    """Unpacked septets, or None when the text does not fit the alphabet."""
    try:
        return b"".join(_TO_GSM[c] for c in text)
    except KeyError:
        return None


def gsm_decode(octets):
    out, escaped = [], False
    for o in octets:
        if o > 127:
            raise Malformed(f"{o:#x} is no septet")
        if escaped:
            out.append(GSM_ESCAPED.get(o, GSM[o]))
        elif o != 0x1B:
            out.append(GSM[o])
        escaped = o == 0x1B and not escaped
    return "".join(out)


def octets_text(octets, data_coding):
    if data_coding in (8, 72):
        if len(octets) % 2:
            raise Malformed("UCS-2 of an odd length")
        return octets.decode("utf-16-be")
    if data_coding == 3:
        return octets.decode("latin-1")
    if data_coding == 1:
        return octets.decode("ascii")
    if data_coding in (0, 15):
        return gsm_decode(octets)
    raise Malformed(f"data_coding {data_coding} is no text")


def pack(septets, bit=0):
    """Eight septets in seven octets, the first in the lowest bits, from this bit on."""
    n = sum(o << bit + 7 * i for i, o in enumerate(septets))
    return n.to_bytes((bit + 7 * len(septets) + 7) // 8, "little")


def unpack(octets, bit=0):
    n = int.from_bytes(octets, "little") >> bit
    return bytes(n >> 7 * i & 0x7F for i in range((8 * len(octets) - bit) // 7))


def udh_split(octets):
    """(elements by identifier, what follows the header)."""
    if not octets or 1 + octets[0] > len(octets):
        raise Malformed("the UDH runs past the end")
    header, elements, at = octets[1:1 + octets[0]], {}, 0
    while at < len(header):
        if at + 2 > len(header) or at + 2 + header[at + 1] > len(header):
            raise Malformed("a UDH element runs past the header")
        elements[header[at]] = header[at + 2:at + 2 + header[at + 1]]
        at += 2 + header[at + 1]
    return elements, octets[1 + octets[0]:]


class Part:
    """What one submit_sm or deliver_sm carries: its text and its place in a longer one."""

    def __init__(self, pdu, packed=False):
        octets = getattr(pdu, "short_message", b"") or pdu.tlv(TLV_PAYLOAD) or b""
        whole, elements = len(octets), {}
        self.ref, self.total, self.seq = None, 1, 1
        if pdu.esm_class & 0x40 and pdu.tlv(TLV_SAR_REF):
            raise Malformed("SAR and a UDH together")
        if pdu.esm_class & 0x40:
            elements, octets = udh_split(octets)
            if 0 in elements:
                self.ref, self.total, self.seq = elements[0]
            elif 8 in elements:
                self.ref, self.total, self.seq = struct.unpack(">HBB", elements[8])
        elif pdu.tlv(TLV_SAR_REF):
            self.ref = int.from_bytes(pdu.tlv(TLV_SAR_REF), "big")
            self.total, self.seq = pdu.tlv(TLV_SAR_TOTAL)[0], pdu.tlv(TLV_SAR_SEQ)[0]
        if not 1 <= self.seq <= self.total:
            raise Malformed(f"part {self.seq} of {self.total}")
        if packed and pdu.data_coding == 0:
            octets = unpack(octets, -(whole - len(octets)) * 8 % 7)
            octets = octets[:-1] if octets[-1:] == b"\r" else octets
        self.units = len(octets) // (2 if pdu.data_coding in (8, 72) else 1)
        self.shift = {0x24, 0x25} & set(elements)
        if self.shift:
            if elements.get(0x24) != b"\x06" or elements.get(0x25) != b"\x06" or pdu.data_coding != 0:
                raise Malformed(f"shift tables {elements} with data_coding {pdu.data_coding}")
            self.text = hindi.decode(octets)
        else:
            self.text = octets_text(octets, pdu.data_coding)


class Joiner:
    """Parts to whole texts, in any order."""

    def __init__(self):
        self.waiting = {}

    def add(self, key, part):
        """The whole text, or None while parts are missing."""
        if part.total == 1:
            return part.text
        parts = self.waiting.setdefault((key, part.ref, part.total), {})
        parts[part.seq] = part.text
        if len(parts) < part.total:
            return None
        del self.waiting[(key, part.ref, part.total)]
        return "".join(parts[i] for i in range(1, part.total + 1))


def text_parts(text, ref=7, wide_ref=False):
    """[(esm_class, data_coding, short_message)]: how a phone's network would cut this text."""
    octets, coding, single = gsm_encode(text), 0, 160
    if octets is None:
        octets, coding, single = text.encode("utf-16-be"), 8, 140
    if len(octets) <= single:
        return [(0, coding, octets)]
    head = 7 if wide_ref else 6
    room = (160 - (8 if wide_ref else 7)) if coding == 0 else (140 - head) // 2 * 2
    cut = []
    while octets:
        n = min(room, len(octets))
        if n < len(octets) and coding == 0 and octets[n - 1] == 0x1B:
            n -= 1
        if n < len(octets) and coding == 8 and 0xD8 <= octets[n - 2] <= 0xDB:
            n -= 2
        cut.append(octets[:n])
        octets = octets[n:]
    out = []
    for i, piece in enumerate(cut, 1):
        if wide_ref:
            udh = bytes([6, 8, 4, ref >> 8, ref & 255, len(cut), i])
        else:
            udh = bytes([5, 0, 3, ref & 255, len(cut), i])
        out.append((0x40, coding, udh + piece))
    return out
