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

# By the end of the path: what is there once for each person.
MARKS = {b"/messages": b'name="to"', b"/email/batch": b'"To":', b"/emails/batch": b'"to":'}
IN_QUERY = b"&to="  # the same in a form without files, which may come as a query
HEAD = re.compile(rb"(\w+) (\S+) HTTP/1\.1\r\n")
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
STREAM = {"ID": "broadcast", "SubscriptionManagementConfiguration": {"UnsubscribeHandlingType": "Postmark"}}


class Service(asyncio.Protocol):
    """One connection. Counts while a body comes, so that nobody waits for it at the end, and keeps nothing of it."""

    taken = 0

    def __init__(self) -> None:
        self.waiting = b""  # what has come of a head; of a body, what may be the beginning of a mark
        self.missing = 0  # bytes of the body that have not come yet; 0 between requests
        self.path, self.mark = b"", b""
        self.people = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Note where answers go."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer a request once it is whole; a client sends no second one before."""
        if not self.missing:
            head, end, data = (self.waiting + data).partition(b"\r\n\r\n")
            found = HEAD.match(head)
            if not end or not found:
                self.waiting = head + end + data
                return
            length = LENGTH.search(head)
            self.missing = int(length[1]) if length else 0
            self.path, self.people, self.waiting = found[2].partition(b"?")[0], 0, b"&"
            self.mark = next((mark for end, mark in MARKS.items() if self.path.endswith(end)), b"\0")
            if b"application/x-www-form-urlencoded" in head:
                self.mark = IN_QUERY
        self.missing -= len(data)
        most = len(self.mark) - 1  # a mark may have come in two parts
        self.people += data.count(self.mark) + (self.waiting + data[:most]).count(self.mark)
        self.waiting = (self.waiting + data[-most:])[-most:] if most else b""
        if self.missing <= 0:
            self.missing, self.waiting = 0, b""
            self.transport.write(self.answer())

    def answer(self) -> bytes:
        """Count who is in the body, and return the answer."""
        Service.taken += self.people
        if self.path.endswith(b"/email/batch"):
            said: object = [{"ErrorCode": 0, "Message": "OK", "MessageID": f"{n}"} for n in range(self.people)]
        elif self.path.endswith(b"/emails/batch"):
            said = {"data": [{"id": f"{n}"} for n in range(self.people)]}
        elif self.path.endswith(b"/messages"):
            said = {"id": "<one@mg.example.org>", "message": "Queued. Thank you."}
        else:
            said = {"data": [], **STREAM}
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
