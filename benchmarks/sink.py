"""A mail server that takes everything and keeps nothing but the count: quicker than what is measured against it.

    .venv/bin/python benchmarks/sink.py

Prints its port, and for every line on its stdin how many messages it has taken so far.
"""

from __future__ import annotations

import asyncio
import sys

END = b"\r\n.\r\n"


class Sink(asyncio.Protocol):
    """One connection. Offers PIPELINING; looks at the bytes only as far as it must."""

    taken = 0

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.in_body = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer every whole command, and every whole message."""
        self.buffer += data
        answers = bytearray()
        while True:
            if self.in_body:
                end = self.buffer.find(END)
                if end < 0:
                    break
                del self.buffer[: end + len(END)]
                self.in_body = False
                Sink.taken += 1
                answers += b"250 2.0.0 Ok: queued as %d\r\n" % Sink.taken
            else:
                end = self.buffer.find(b"\r\n")
                if end < 0:
                    break
                command = bytes(self.buffer[:4]).upper()
                del self.buffer[: end + 2]
                answers += self.answer(command)
        if answers:
            self.transport.write(bytes(answers))

    def answer(self, command: bytes) -> bytes:
        """Return the answer to one command."""
        if command == b"EHLO":
            return b"250-sink\r\n250-PIPELINING\r\n250 SIZE 100000000\r\n"
        if command == b"DATA":
            self.in_body = True
            return b"354 go\r\n"
        if command == b"QUIT":
            self.transport.write(b"221 bye\r\n")
            self.transport.close()
            return b""
        return b"250 Ok\r\n"


async def main() -> None:
    """Serve until stdin ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Sink, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(Sink.taken, flush=True)
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
