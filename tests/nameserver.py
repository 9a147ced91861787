"""A name server on loopback, in the real wire format: it knows the zone of a test, is silent, or fails."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from socketserver import BaseRequestHandler, ThreadingUDPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset

if TYPE_CHECKING:
    from collections.abc import Iterator


class NameServer(ThreadingUDPServer):
    """What it knows is in *zone*, a line a record: ``example.net TXT "v=spf1 -all"``.

    SILENT and FAILING in place of a type: nothing is answered for that name, or that the server failed.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Question)
        self.zone = ""
        self.asked: list[tuple[str, str]] = []

    def resolver(self, seconds: float = 10.0) -> dns.resolver.Resolver:
        """Return a resolver that asks this server alone, for so many seconds."""
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], int(self.server_address[1])
        resolver.lifetime = seconds
        return resolver

    def known(self, name: str) -> dict[str, list[str]]:
        """Return what the zone has of *name*, by type."""
        found: dict[str, list[str]] = {}
        for line in filter(None, map(str.strip, self.zone.splitlines())):
            owner, kind, *value = line.split(maxsplit=2)
            if owner == name:
                found.setdefault(kind, []).extend(value)
        return found


class Question(BaseRequestHandler):
    """One datagram."""

    server: NameServer

    def handle(self) -> None:
        """Answer it as the zone says, aliases followed."""
        data, socket = self.request
        query = dns.message.from_wire(data)
        (question,) = query.question
        name, kind = question.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype)
        self.server.asked.append((name, kind))
        known = self.server.known(name)
        if "SILENT" in known:
            return
        answer = dns.message.make_response(query)
        answer.flags |= dns.flags.RA
        if "FAILING" in known:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif not known:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        while known:
            for shown in {kind, "CNAME"} & set(known):
                answer.answer.append(dns.rrset.from_text_list(f"{name}.", 60, "IN", shown, known[shown]))
            name = known.get("CNAME", [""])[0].removesuffix(".")
            known = self.server.known(name) if name else {}
        socket.sendto(_fitting(query, answer), self.client_address)


def _fitting(query: dns.message.Message, answer: dns.message.Message) -> bytes:
    """Return the answer as it fits into a datagram of the size that was asked for; one that does not is cut."""
    try:
        return bytes(answer.to_wire(max_size=query.payload or 512))
    except dns.exception.TooBig:
        cut: Any = dns.message.make_response(query)
        cut.flags |= dns.flags.TC
        return bytes(cut.to_wire())


@contextmanager
def answering() -> Iterator[NameServer]:
    """Run a name server for one `with`."""
    with NameServer() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            with suppress(OSError):
                server.shutdown()
