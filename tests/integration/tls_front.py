# SPDX-License-Identifier: BSD-2-Clause
"""TLS before a message centre, and the certificates for it, made by openssl in the test's folder."""
import select
import shutil
import socket
import ssl
import subprocess
import threading

from harness import Skip

NAMES = "DNS:smsc.test,IP:127.0.0.1"


class Certificates:
    """A CA of our own and what it signs. All of it is made anew for each test and worth nothing."""

    def __init__(self, folder):
        if not shutil.which("openssl"):
            raise Skip("openssl is not installed")
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.ca = folder / "ca.pem"
        self._run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "ca.key", "-out", self.ca,
                  "-subj", "/CN=test CA", "-days", "2")

    def _run(self, *argv):
        done = subprocess.run(["openssl", *map(str, argv)], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def make(self, name, names=NAMES, days=2, self_signed=False):
        """(certificate, key)"""
        key, csr, cert = (self.folder / f"{name}.{x}" for x in ("key", "csr", "pem"))
        new = ["req", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-subj", f"/CN={name}", "-addext",
               f"subjectAltName={names}"]
        if self_signed:
            self._run(*new, "-x509", "-out", cert, "-days", days)
        else:
            self._run(*new, "-out", csr)
            self._run("x509", "-req", "-in", csr, "-CA", self.ca, "-CAkey", self.folder / "ca.key",
                      "-CAcreateserial", "-days", days, "-copy_extensions", "copy", "-out", cert)
        return cert, key


class TlsFront:
    """A port that speaks TLS and passes the octets on to another, one thread a connection."""

    def __init__(self, to_port, pair, client_ca=None, newest=None):
        self.to_port, self.handshakes, self.refused, self.subjects, self.versions = to_port, 0, [], [], []
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*map(str, pair))
        if client_ca:
            self.context.verify_mode = ssl.CERT_REQUIRED
            self.context.load_verify_locations(str(client_ca))
        if newest:
            self.context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
            self.context.set_ciphers("ALL:@SECLEVEL=0")
            self.context.maximum_version = newest
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self):
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()

    def _accept(self):
        while True:
            try:
                conn, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(conn,), daemon=True).start()

    def _serve(self, conn):
        try:
            conn.settimeout(10)
            conn = self.context.wrap_socket(conn, server_side=True)
        except (OSError, ssl.SSLError) as e:
            self.refused.append(str(e))
            return
        self.handshakes += 1
        self.versions.append(conn.version())
        self.subjects.append(conn.getpeercert())
        try:
            with conn, socket.create_connection(("127.0.0.1", self.to_port)) as inner:
                while True:
                    ready = [conn] if conn.pending() else select.select([conn, inner], [], [])[0]
                    for a, b in ((conn, inner), (inner, conn)):
                        if a in ready:
                            octets = a.recv(65536)
                            if not octets:
                                return
                            b.sendall(octets)
        except OSError:
            pass
