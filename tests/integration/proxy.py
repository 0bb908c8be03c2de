# SPDX-License-Identifier: BSD-2-Clause
"""A door between two HTTP programs: a port that stays while they restart, every request written
down, and faults to order. It answers on HTTP/1.1 connections that stay open, as real servers do."""
import http.client
import socket
import threading
import time


class Request:
    def __init__(self, method, path, headers, body):
        self.method, self.path, self.headers, self.body = method, path, headers, body
        self.at, self.status = time.monotonic(), None  # status: what the caller got

    def __repr__(self):
        return f"{self.method} {self.path} -> {self.status}"


class Rule:
    def __init__(self, action, part, times):
        self.action, self.part, self.left, self.hits = action, part, times, 0


class Proxy:
    """target: a function that gives the port to forward to, or None while nobody is there."""

    def __init__(self, target):
        self.target = target
        self.lock, self.gone = threading.Condition(), False
        self.requests, self.rules, self.conns = [], [], set()
        self.listener, self.port = None, 0
        self.up()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def fault(self, action, part="", times=10 ** 9):
        """For requests whose path contains part, so many times:
        an integer: that status, with a problem document; the request goes no further
        "garbage": 200 with something that is no JSON     "drop": close without an answer
        "silent": no answer until clear()                 "half": the head of an answer, then close
        "lost": the other side does it, but its answer is dropped
        ("slow", seconds): the answer comes later         bytes: these very octets"""
        rule = Rule(action, part, times)
        with self.lock:
            self.rules.append(rule)
        return rule

    def clear(self):
        with self.lock:
            self.rules.clear()
            self.lock.notify_all()

    def down(self):
        """Nobody listens: connections are refused, the open ones cut."""
        with self.lock:
            listener, self.listener = self.listener, None
            conns = list(self.conns)
        _shut(listener)
        for c in conns:
            _shut(c)

    def up(self):
        listener = socket.create_server(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        with self.lock:
            self.listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def stop(self):
        self.gone = True
        self.clear()
        if self.listener:
            self.down()

    def to(self, part):
        with self.lock:
            return [r for r in self.requests if part in r.path]

    # ---- threads

    def _accept(self, listener):
        while True:
            try:
                conn, _ = listener.accept()
            except OSError:
                return
            conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.lock:
                self.conns.add(conn)
            threading.Thread(target=self._serve, args=(conn,), daemon=True).start()

    def _serve(self, conn):
        try:
            stream = conn.makefile("rb")
            while True:
                request = _read_request(stream)
                if not request:
                    break
                with self.lock:
                    self.requests.append(request)
                    rule = next((r for r in self.rules if r.left > 0 and r.part in request.path), None)
                    if rule:
                        rule.left, rule.hits = rule.left - 1, rule.hits + 1
                if not self._answer(conn, request, rule):
                    break
        except OSError:
            pass
        with self.lock:
            self.conns.discard(conn)
        _shut(conn)

    def _answer(self, conn, request, rule):
        """False: close the connection."""
        action = rule.action if rule else None
        if action in ("drop", "silent"):
            with self.lock:
                while action == "silent" and rule in self.rules and not self.gone:
                    self.lock.wait()
            return False
        if isinstance(action, int):
            request.status = action
            conn.sendall(_response(action, b'{"title":"x","status":%d,"code":"made-up"}' % action,
                                   "application/problem+json"))
            return True
        if isinstance(action, bytes):
            conn.sendall(action)
            return False
        if action == "garbage":
            request.status = 200
            conn.sendall(_response(200, b"<html>It works!</html>", "application/json"))
            return True
        done = self._forward(request)
        if isinstance(action, tuple):
            with self.lock:
                self.lock.wait_for(lambda: self.gone or rule not in self.rules, action[1])
        if done is None or action == "lost":
            return False
        if action == "half":
            conn.sendall(_response(*done)[:60])
            return False
        request.status = done[0]
        conn.sendall(_response(*done))
        return True

    def _forward(self, request):
        port = self.target()
        if not port:
            return None
        try:
            other = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            other.request(request.method, request.path, request.body or None,
                          {k: v for k, v in request.headers.items()
                           if k not in ("connection", "content-length", "host", "expect")})
            answer = other.getresponse()
            body = answer.read()
            other.close()
            return answer.status, body, answer.getheader("Content-Type", "")
        except (OSError, http.client.HTTPException):
            return None


def _shut(sock):
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    sock.close()


def _read_request(stream):
    line = stream.readline(8192)
    if not line.strip():
        return None
    method, path, _ = line.decode("latin-1").split(" ", 2)
    headers = {}
    while True:
        line = stream.readline(8192).decode("latin-1").strip()
        if not line:
            break
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return Request(method, path, headers, stream.read(int(headers.get("content-length", 0))))


def _response(status, body, kind):
    head = (f"HTTP/1.1 {status} {http.client.responses.get(status, 'Odd')}\r\nContent-Type: {kind}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n")
    return head.encode("latin-1") + body
