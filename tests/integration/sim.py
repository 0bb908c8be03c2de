# SPDX-License-Identifier: BSD-2-Clause
"""dakiya-sim as the message centre of a Stack, where the tests' own does not do."""
import json
import threading

from harness import program
from stack import SANITIZERS
from ussd import exchange


class Sim:
    """dakiya-sim as the message centre of a Stack."""
    system_id, password = "dakiya", "secret"

    def __init__(self, t, *options):
        self.lock, self.mo, self.texts, self.broken = threading.Lock(), [], [], []  # what a Stack looks at
        files = [t.folder / "sim.port", t.folder / "web.port"]
        self.process = t.start("sim", program("dakiya-sim"), "smsc", "--web", "127.0.0.1:0", "--web-port-file", files[1],
                               "--port-file", files[0], "--system-id", self.system_id, "--password", self.password,
                               "--control", f"unix:{t.folder}/control", *options, env=SANITIZERS)
        self.process.wait_line("ready smpp")
        self.port, self.web = [int(f.read_text()) for f in files]
        self.url = f"http://127.0.0.1:{self.web}/"
        t.at_end(self.check_end)

    def check_end(self):
        status = self.process.stop()
        assert status == 0, f"dakiya-sim ended with {status}"

    def stop(self):
        self.process.stop()

    def request(self, method, path, body=None, kind="application/json"):
        """(status, object or text) of one request; body an object, or text as it is."""
        raw = body if isinstance(body, (str, bytes, type(None))) else json.dumps(body)
        answer, text, _ = exchange(self.web, method, path, raw, {"Content-Type": kind} if kind else {})
        try:
            return answer.status, json.loads(text) if text else None
        except ValueError:
            return answer.status, text
