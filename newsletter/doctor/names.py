"""Looking things up in the DNS: the only module that asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import dns.exception
import dns.name
import dns.resolver

if TYPE_CHECKING:
    from collections.abc import Sequence

LIMIT = 5.0  # seconds for one question, however many servers are asked
_LIMIT_TRY = 2.0  # seconds for one server: a datagram may get lost
_DATAGRAM = 1232  # bytes of an answer that need no TCP, which some firewalls stop (https://www.dnsflagday.net/2020/)


class NoAnswerError(Exception):
    """It cannot be known what the DNS holds; the text says why."""


class Names:
    """The DNS as this computer sees it; tests bring a *resolver* of their own."""

    def __init__(self, resolver: dns.resolver.Resolver | None = None) -> None:
        try:
            self._resolver = resolver or dns.resolver.Resolver()
        except dns.exception.DNSException:  # a computer without any name server
            self._resolver = dns.resolver.Resolver(configure=False)
        self._resolver.lifetime, self._resolver.timeout = min(self._resolver.lifetime, LIMIT), _LIMIT_TRY
        self._resolver.use_edns(0, 0, _DATAGRAM)

    def records(self, name: str, kind: str) -> Sequence[Any]:
        """Return the records of *kind*, as "MX", that *name* has, aliases followed; none for what is no name.

        Raises NoAnswerError.
        """
        try:
            asked = dns.name.from_text(name)
        except dns.exception.DNSException:
            return ()
        try:
            return list(self._resolver.resolve(asked, kind, search=False))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, dns.resolver.YXDOMAIN):
            return ()
        except dns.resolver.NoNameservers as error:
            if any(answer for *_, answer in error.kwargs["errors"]):
                raise NoAnswerError("the name server answers with an error") from None
            raise NoAnswerError("no name server can be reached") from None
        except (dns.exception.DNSException, OSError):
            raise NoAnswerError("no name server answers in time") from None

    def texts(self, name: str) -> list[str]:
        """Return the TXT records of *name*; what is split into several strings is one text (RFC 7208 §3.3)."""
        return [b"".join(record.strings).decode("utf-8", "replace") for record in self.records(name, "TXT")]
