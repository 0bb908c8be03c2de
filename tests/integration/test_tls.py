# SPDX-License-Identifier: BSD-2-Clause
"""Links over TLS: who may be the message centre, and who not."""
import signal
import ssl

from harness import test, wait_until
from smsc import Smsc
from stack import Stack
from talk import EN, HI, register
from tls_front import Certificates, TlsFront

NUMBER = "919812345678"


class TlsStack(Stack):
    """As Stack, with a TLS front between bridge and message centre."""

    def __init__(self, t, front, smsc, **more):
        self.front = t.own(front)
        super().__init__(t, smsc=smsc, **more)

    def config(self):
        return super().config().replace(f"port: {self.smsc.port}\n", f"port: {self.front.port}\n")


def begin(t, make, link, trusted=None, **front):
    """(certificates, stack) with the front's certificate made by make(certificates); started or not."""
    certs, smsc = Certificates(t.folder), Smsc()
    (t.folder / "trusted.pem").write_bytes((trusted or certs).ca.read_bytes())
    s = TlsStack(t, TlsFront(smsc.port, make(certs), **{k: v(certs) for k, v in front.items()}), smsc, start=False,
                 link="tls: true\n    " + link.format(ca=certs.ca, folder=t.folder))
    s.start_dakiyad(wait=False)
    return certs, s


@test("a link speaks TLS with a centre whose certificate is vouched for, and comes back after a cut")
def good(t):
    _, s = begin(t, lambda c: c.make("smsc"), "ca_file: {ca}")
    s.wait_ready()
    register(s.smsc.phone(NUMBER), HI)
    s.smsc.drop()
    register(s.smsc.phone("919812345679"))
    assert s.front.handshakes >= 2 and set(s.front.versions) <= {"TLSv1.2", "TLSv1.3"}


@test("the name in the certificate may be given when it is not the host connected to")
def named(t):
    _, s = begin(t, lambda c: c.make("smsc", "DNS:smsc.test"), "ca_file: {ca}\n    tls_name: smsc.test")
    s.wait_ready()
    s.smsc.phone(NUMBER).ask(EN.start, EN.ask_name)


def never(t, make, link, said, **front):
    """The link never binds, no octet of SMPP leaves, and the log says why; the process lives."""
    _, s = begin(t, make, link, **front)
    s.dakiyad.wait_line(said)
    wait_until("it goes on trying", lambda: len(s.front.refused) + s.front.handshakes >= 3, 20)
    assert not s.smsc.binds and not s.smsc.seen, "nothing was said to a stranger"
    assert s.dakiyad.alive() and s.http("/readyz")[0] == 503
    assert s.dakiyad.output().count("ERR") >= 1


@test("a centre whose certificate has another name is refused")
def other_name(t):
    never(t, lambda c: c.make("smsc", "DNS:other.test,IP:127.0.0.9"), "ca_file: {ca}", "IP address mismatch")


@test("a centre whose certificate has another host name is refused")
def other_host(t):
    never(t, lambda c: c.make("smsc", "DNS:other.test"), "ca_file: {ca}\n    tls_name: smsc.test", "ostname mismatch")


@test("a centre whose certificate has expired is refused")
def expired(t):
    never(t, lambda c: c.make("smsc", days=-1), "ca_file: {ca}", "certificate has expired")


@test("a centre with a certificate that it made itself is refused")
def self_signed(t):
    never(t, lambda c: c.make("smsc", self_signed=True), "ca_file: {ca}", "self-signed certificate")


@test("a centre is refused when the system knows nobody who vouches for it")
def unknown_ca(t):
    never(t, lambda c: c.make("smsc"), "window: 100", "unable to get local issuer certificate")


@test("a centre that offers nothing newer than TLS 1.1 is refused")
def too_old(t):
    _, s = begin(t, lambda c: c.make("smsc"), "ca_file: {ca}", newest=lambda c: ssl.TLSVersion.TLSv1_1)
    wait_until("it tries and is refused", lambda: len(s.front.refused) >= 2, 20)
    assert not s.smsc.seen and not s.front.handshakes and "TLS: " in s.dakiyad.output()


@test("without verification anybody is let in, and the log warns of it")
def unverified(t):
    _, s = begin(t, lambda c: c.make("smsc", self_signed=True), "tls_verify: false")
    s.wait_ready()
    s.smsc.phone(NUMBER).ask(EN.start, EN.ask_name)
    assert "tls not verified" in s.dakiyad.output()


@test("a centre that asks for a client certificate gets it")
def client(t):
    def make(certs):
        certs.make("ours", "DNS:dakiya.test")
        return certs.make("smsc")
    _, s = begin(t, make, "ca_file: {ca}\n    cert_file: {folder}/ours.pem\n    key_file: {folder}/ours.key",
                 client_ca=lambda c: c.ca)
    s.wait_ready()
    s.smsc.phone(NUMBER).ask(EN.start, EN.ask_name)
    assert s.front.subjects[0]["subject"] == ((("commonName", "ours"),),)


@test("a centre that asks for a client certificate and gets none does not let us in; a plain one neither")
def no_client(t):
    _, s = begin(t, lambda c: c.make("smsc"), "ca_file: {ca}", client_ca=lambda c: c.ca)
    wait_until("it tries and is refused", lambda: len(s.front.refused) >= 2, 20)
    assert not s.smsc.seen
    s.kill_dakiyad()
    s.front.port = s.smsc.port  # a centre without TLS: our hello is no PDU
    s.smsc.broken.clear()
    s.start_dakiyad(wait=False)
    wait_until("the hello arrives", lambda: s.smsc.broken, 20)
    assert not s.smsc.binds
    s.kill_dakiyad()
    s.smsc.broken.clear()


@test("SIGHUP reads the certificates again: what was refused is let in, and a bad file changes nothing")
def renewed(t):
    strangers = Certificates(t.folder / "strangers")
    certs, s = begin(t, lambda c: c.make("smsc"), "ca_file: {folder}/trusted.pem", trusted=strangers)
    s.dakiyad.wait_line("certificate is not accepted")
    (t.folder / "trusted.pem").write_bytes(certs.ca.read_bytes())
    s.dakiyad.signal(signal.SIGHUP)
    s.wait_ready()
    (t.folder / "trusted.pem").write_text("no certificate")
    s.dakiyad.signal(signal.SIGHUP)
    s.dakiyad.wait_line("tls not renewed")
    s.smsc.drop()
    register(s.smsc.phone(NUMBER))


@test("files that cannot be used end the start with a sentence that names them")
def files(t):
    certs, smsc = Certificates(t.folder), Smsc()
    ours, key = certs.make("ours")
    other, _ = certs.make("other")
    (t.folder / "bad.pem").write_text("nothing")
    s = TlsStack(t, TlsFront(smsc.port, (ours, key)), smsc, start=False, backend=False)
    for more, said in ((f"ca_file: {t.folder}/none.pem", "none.pem cannot be used"),
                       (f"ca_file: {t.folder}/bad.pem", "bad.pem cannot be used"),
                       (f"cert_file: {t.folder}/bad.pem", "bad.pem cannot be used"),
                       (f"cert_file: {ours}", "ours.pem cannot be used"),
                       (f"cert_file: {other}\n    key_file: {key}", "ours.key cannot be used")):
        s.link = "tls: true\n    " + more
        s.start_dakiyad(wait=False)
        assert s.dakiyad.wait() == 1 and said in s.dakiyad.output(), s.dakiyad.output()
    s.dakiyad = None
