#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""line.py LISTEN TARGET: a wire between two programs, as a process of its own, so that it can be killed and
stopped like the machine at its other end. LISTEN and TARGET are a port of loopback or the path of a socket.
Prints its address when it listens. Orders, a line each, on standard input:
    hold         nothing passes any more, no connection ends: half-open      go   everything passes again
    slow OCTETS  so many octets a second and direction                       cut  all connections end now
    after OCTETS so many octets more from the target's side, then cut: in the middle of a PDU"""
import asyncio
import os
import socket
import sys


class Line:
    def __init__(self, target):
        self.target = target
        self.go, self.rate, self.left, self.writers = asyncio.Event(), 0, None, set()
        self.go.set()

    def cut(self):
        self.left = None
        for w in list(self.writers):
            w.transport.abort()

    async def pump(self, reader, writer, counts):
        while octets := await reader.read(512 if self.rate else 65536):
            await self.go.wait()
            if counts and self.left is not None:
                octets, self.left = octets[:self.left], self.left - len(octets)
            writer.write(octets)
            await writer.drain()
            if counts and self.left is not None and self.left <= 0:
                self.cut()
            if self.rate:
                await asyncio.sleep(len(octets) / self.rate)
        if writer.can_write_eof():
            writer.write_eof()

    async def carry(self, reader, writer):
        self.writers.add(writer)
        other = None
        try:
            await self.go.wait()
            there, other = await connect(self.target)
            self.writers.add(other)
            await asyncio.gather(self.pump(reader, other, False), self.pump(there, writer, True))
        except OSError:
            pass
        for w in (writer, other):
            if w:
                self.writers.discard(w)
                w.transport.abort()

    def order(self, words):
        if words[0] == "hold":
            self.go.clear()
        elif words[0] == "go":
            self.rate, self.left = 0, None
            self.go.set()
        elif words[0] == "slow":
            self.rate = int(words[1])
        elif words[0] == "after":
            self.left = int(words[1])
        elif words[0] == "cut":
            self.cut()


async def connect(address):
    if address.startswith("/"):
        return await asyncio.open_unix_connection(address)
    return await asyncio.open_connection("127.0.0.1", int(address))


async def main(listen, target):
    line = Line(target)
    if listen.startswith("/"):
        if os.path.exists(listen):
            os.unlink(listen)
        server, name = await asyncio.start_unix_server(line.carry, listen), listen
    else:
        server = await asyncio.start_server(line.carry, "127.0.0.1", int(listen))
        name = server.sockets[0].getsockname()[1]
        for s in server.sockets:
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    print(f"listening {name}", flush=True)
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while said := await orders.readline():
        line.order(said.decode().split())
    server.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:3]))
