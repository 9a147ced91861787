"""A mailing service that takes everything and keeps nothing but the count: quicker than what is measured against it.

    .venv/bin/python benchmarks/httpsink.py

Speaks as much of Mailgun, Postmark and Resend as a client needs. Prints its port, and for every line on its stdin how
many people it has been handed so far. It counts a mark that each person's part of a body holds once.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys

# By the end of the path: what is there once for each person, and what is said.
MARKS = {b"/messages": b'name="to"', b"/email/batch": b'"To":', b"/emails/batch": b'"to":'}
HEAD = re.compile(rb"(\w+) (\S+) HTTP/1\.1\r\n")
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
STREAM = {"ID": "broadcast", "SubscriptionManagementConfiguration": {"UnsubscribeHandlingType": "Postmark"}}


class Service(asyncio.Protocol):
    """One connection. Looks at the bytes only as far as it must."""

    taken = 0

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.missing = 0  # bytes of the body that have not come yet; 0 between requests
        self.path = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note where answers go."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer a request once it is whole; a client sends no second one before."""
        self.pieces.append(data)
        if self.missing:
            self.missing -= len(data)
        else:
            head, end, body = b"".join(self.pieces).partition(b"\r\n\r\n")
            found = HEAD.match(head)
            if not end or not found:
                return
            length = LENGTH.search(head)
            self.path = found[2].partition(b"?")[0]
            self.missing = (int(length[1]) if length else 0) - len(body)
            self.pieces = [body]
        if self.missing <= 0:
            self.missing = 0
            self.transport.write(self.answer(b"".join(self.pieces)))
            self.pieces = []

    def answer(self, body: bytes) -> bytes:
        """Count who is in *body*, and return the answer."""
        mark = next((mark for end, mark in MARKS.items() if self.path.endswith(end)), b"")
        people = body.count(mark) if mark else 0
        if not people and self.path.endswith(b"/messages"):  # a form without files may come as a query
            people = body.count(b"&to=") + body.startswith(b"to=")
        Service.taken += people
        if self.path.endswith(b"/email/batch"):
            said: object = [{"ErrorCode": 0, "Message": "OK", "MessageID": f"{n}"} for n in range(people)]
        elif self.path.endswith(b"/emails/batch"):
            said = {"data": [{"id": f"{n}"} for n in range(people)]}
        else:
            said = {"id": "<one@mg.example.org>", "message": "Queued. Thank you.", "data": [], **STREAM}
            if self.path.endswith(b"/messages"):
                said = {"id": "<one@mg.example.org>", "message": "Queued. Thank you."}
        told = json.dumps(said).encode()
        return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(told), told)


async def main() -> None:
    """Serve until stdin ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Service, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(Service.taken, flush=True)
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
