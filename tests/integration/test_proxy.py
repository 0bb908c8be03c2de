# SPDX-License-Identifier: BSD-2-Clause
"""The faults of the HTTP proxy and the little Redis client do what the tests rely on."""
import http.client
import http.server
import shutil
import threading

from harness import Skip, test, wait_until
from proxy import Proxy
from resp import Redis


class Echo(http.server.BaseHTTPRequestHandler):
    done = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        Echo.done.append(body)
        self.send_response(201)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def pair(t):
    Echo.done.clear()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    server.stop = server.shutdown
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    t.own(server)
    return t.own(Proxy(lambda: server.server_port))


def post(proxy, body=b"hello", timeout=5):
    conn = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=timeout)
    try:
        conn.request("POST", "/v1/x", body)
        answer = conn.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException) as e:
        return None, type(e).__name__
    finally:
        conn.close()


@test("the proxy passes requests on and writes them down")
def passes(t):
    proxy = pair(t)
    assert post(proxy) == (201, b"hello") and Echo.done == [b"hello"]
    assert proxy.requests[0].body == b"hello" and proxy.requests[0].status == 201


@test("the proxy's faults: a status, garbage, no answer, half of one, an answer lost, a late one")
def faults(t):
    proxy = pair(t)
    for action, status, done in ((500, 500, 0), ("garbage", 200, 0), ("drop", None, 0), (b"nonsense", None, 0),
                                 ("lost", None, 1), ("half", None, 1), (("slow", 0.05), 201, 1)):
        Echo.done.clear()
        proxy.fault(action, "/v1", 1)
        assert post(proxy)[0] == status and len(Echo.done) == done, action
        assert post(proxy)[0] == 201, f"only once: {action}"
    proxy.fault("silent")
    assert post(proxy, timeout=0.2) == (None, "TimeoutError")
    proxy.clear()
    assert post(proxy)[0] == 201


@test("the proxy can be away and come back on its port")
def away(t):
    proxy = pair(t)
    port = proxy.port
    proxy.down()
    assert post(proxy) == (None, "ConnectionRefusedError")
    proxy.up()
    assert proxy.port == port and post(proxy)[0] == 201


@test("the little Redis client reads what a real server answers")
def redis(t):
    if not shutil.which("redis-server"):
        raise Skip("redis-server is not installed")
    path = t.folder / "r.sock"
    t.start("redis", "redis-server", "--port", "0", "--unixsocket", path, "--save", "")
    wait_until("the socket is there", path.exists)
    r = Redis(path)
    assert r("SET", "a", b"\r\n\xff") == b"OK" and r("GET", "a") == b"\r\n\xff" and r("GET", "b") is None
    assert r("HSET", "h", "x", 1, "y", 2) == 2 and r("HGETALL", "h") == [b"x", b"1", b"y", b"2"]
    assert r.keys() == [b"a", b"h"]
    try:
        r("NONSENSE")
    except RuntimeError as e:
        assert "unknown" in str(e)
    else:
        raise AssertionError("an error was taken for an answer")
    r.close()
