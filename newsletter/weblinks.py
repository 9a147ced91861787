"""Web addresses as links hold them: the host they lead to, and what can be told of them without opening them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_network
from urllib.parse import unquote, urlsplit


class Answer(StrEnum):
    """What fetching a link said."""

    WORKS = "works"
    BROKEN = "broken"
    UNSURE = "could not tell"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one web address, and why in a few words."""

    answer: Answer
    why: str = ""


_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")
_UNICAST = ip_network("2000::/3")  # all of IPv6 that the internet routes
# Where no website for everybody is, whatever this Python's own list says: the registries of special addresses,
# https://www.iana.org/assignments/iana-ipv4-special-registry and iana-ipv6-special-registry, with multicast; 6to4 and
# Teredo (2002::/16, in 2001::/23), which stand for an IPv4 address and so may lead anywhere; and 168.63.129.16,
# https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16.
_SPECIAL = [
    ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
        "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
        "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
    )
]  # fmt: skip

# RFC 6761 and 6762, and the names that ICANN and the home networking working group keep for private networks.
_INSIDE = (".localhost", ".local", ".internal", ".lan", ".home.arpa")
_SHORTENERS = {
    "bit.ly", "bitly.com", "bl.ink", "buff.ly", "cutt.ly", "dlvr.it", "goo.gl", "is.gd", "lnkd.in", "ow.ly", "qrco.de",
    "rb.gy", "rebrand.ly", "shorturl.at", "t.co", "t.ly", "tiny.cc", "tinyurl.com", "v.gd",
}  # fmt: skip
_TRACKING = {
    "fbclid", "gclid", "gbraid", "wbraid", "dclid", "msclkid", "twclid", "ttclid", "igshid", "yclid", "li_fat_id",
    "mc_cid", "mc_eid", "_hsenc", "_hsmi", "mkt_tok", "vero_id", "oly_anon_id", "oly_enc_id", "_openstat",
}  # fmt: skip

# Whoever opens these does something: so no program does.
_ACTION = re.compile(
    r"(?<![a-z])(?:unsub(?:scribe)?|opt[-_ ]?out|confirm|cancel|verify|verification|activate|delete|revoke"
    r"|(?:log|sign)[-_ ]?out|(?:cart|basket)/add|add[-_ ]to[-_ ](?:cart|basket))(?![a-z])"
)
# These do something only where they stand alone: /leave/5 and ?do=leave, not /leave-of-absence, which is a page.
_DEED = re.compile(
    r"(?:approve|accept|decline|remove|leave|stop|withdraw|deregister|disable|erase|purge|rsvp|vote|del"
    r"|log[-_ ]?off|opt[-_ ]?in)-?(?:\.[a-z]{2,5})?"
)
_SEARCH = {"q", "query", "search", "keyword", "keywords", "term", "topic"}
_SECRET_NAME = re.compile(
    r"token|(?<![a-z])(?:(?:api|access|secret)?key|sig(?:nature)?|o?auth|authentication|authorization|secret"
    r"|pass(?:word|wd|code|phrase)?|pwd|credentials?|otp|jwt|hash|hmac|session[-_]?id)(?![a-z])|^sid$|^code$"
)
_HUMP = re.compile("(?<=[a-z])(?=[A-Z])")  # cancelBooking is two words
_RUN = re.compile(r"[A-Za-z0-9]{16,}")
# A number in 32 digits or more, a UUID (RFC 9562), a JSON Web Token (RFC 7519).
_TOKEN = re.compile(
    r"(?i:(?<![0-9a-z])(?:[0-9a-f]{32,}|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})(?![0-9a-z]))"
    r"|(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}",
    re.ASCII,
)
_LONG_WORD = re.compile(r"[\w-]{20,}", re.ASCII)
_BESIDE_DIGIT = re.compile("(?<=[a-z])(?=[0-9])|(?<=[0-9])(?=[a-z])", re.IGNORECASE)


def host_of(url: str) -> str:
    """Return the host that the web address *url* leads to, as the network knows it, or "" when it is no web address.

    It is in small letters, a name that is not ASCII in punycode (``xn--``).
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".") if parts.scheme in {"http", "https"} else ""
    if host.isascii():
        return host
    import idna  # noqa: PLC0415

    try:
        return idna.encode(host).decode("ascii")
    except idna.IDNAError:  # reading refuses these
        return host


def readable(host: str) -> str:
    """Return *host* with the letters that its punycode stands for."""
    import idna  # noqa: PLC0415

    def label(text: str) -> str:
        try:
            return idna.decode(text)
        except idna.IDNAError:
            return text

    return ".".join(map(label, host.split(".")))


def are_kin(one: str, other: str) -> bool:
    """Say whether of two hosts one is the other or a part of it: gov.uk and www.gov.uk."""
    one, other = one.removeprefix("www."), other.removeprefix("www.")
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def number_of(host: str) -> IPv4Address | IPv6Address | None:
    """Return the IP address that *host* is, in any way that browsers read one: ``127.1``, ``0x7f.1``, ``2130706433``.

    See https://url.spec.whatwg.org/#concept-ipv4-parser. None for a name, and for a number that is no address.
    """
    try:
        if ":" in host:
            return IPv6Address(host)
        *high, low = [_whole(part) for part in host.split(".", 4)]
    except ValueError:
        return None
    if len(high) > 3 or any(number > 255 for number in high) or low >= 256 ** (4 - len(high)):
        return None
    return IPv4Address(low + sum(number << 8 * (3 - at) for at, number in enumerate(high)))


def _whole(part: str) -> int:
    if not _NUMBER.fullmatch(part):
        raise ValueError(part)
    if part.startswith("0x"):
        return int(part[2:] or "0", 16)
    return int(part, 8 if part.startswith("0") else 10)


def is_number(host: str) -> bool:
    """Say whether *host* is meant as an IP address: no name ends in a number."""
    return ":" in host or bool(_NUMBER.fullmatch(host.rpartition(".")[2]))


def is_inside(host: str) -> bool:
    """Say whether *host* is a name that only the network round a computer knows."""
    return bool(host) and not is_number(host) and ("." not in host or host.endswith(_INSIDE))


def is_shortener(host: str) -> bool:
    """Say whether *host* is a well-known service that hides where a link leads."""
    return host.removeprefix("www.") in _SHORTENERS


def trackers(url: str) -> list[str]:
    """Return the names of those parameters of *url* that only track readers."""
    return [name for pair in urlsplit(url).query.split("&") if _tracks(name := pair.partition("=")[0])]


def clean(url: str) -> str:
    """Return the web address *url* as it should be written: without what tracks, and over https."""
    query = urlsplit(url).query
    kept = "&".join(pair for pair in query.split("&") if not _tracks(pair.partition("=")[0]))
    if kept != query:
        url = url.replace(f"?{query}", f"?{kept}" if kept else "", 1)
    return re.sub("^http://", "https://", url, flags=re.IGNORECASE) if has_name(host_of(url)) else url


def has_name(host: str) -> bool:
    """Say whether *host* is a name that can be that of a website for everybody."""
    return bool(host) and not is_number(host) and not is_inside(host)


def _tracks(name: str) -> bool:
    return name.lower().startswith("utm_") or name.lower() in _TRACKING


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Say whether *address* can be that of a website for everybody."""
    if address.version == 6 and address not in _UNICAST:
        return False
    return not any(address in network for network in _SPECIAL)


def hazard(url: str) -> str:
    """Return why only a person opens *url*: it may do something, or give a secret away; else the empty string."""
    parts = urlsplit(url)
    path, query = (unquote(unquote(text)) for text in (parts.path, parts.query))
    words = _HUMP.sub("-", f"{path}&{query}").lower()
    pairs = [piece.partition("=") for piece in re.split("[&;?/]", words)]
    if _ACTION.search(words) or any(_does(name, value) for name, _, value in pairs):
        return "it looks like an action"
    is_secret = any(is_pair and _SECRET_NAME.search(name) for name, is_pair, _value in pairs)
    is_token = _TOKEN.search(f"{path}?{query}") or any(map(_is_mixed, _LONG_WORD.findall(f"{path}?{query}")))
    return "it may carry a token" if is_secret or is_token or _has_long_run(path, query) else ""


def _does(name: str, value: str) -> bool:
    return bool(_DEED.fullmatch(name) or (name not in _SEARCH and _DEED.fullmatch(value)))


def _is_mixed(run: str) -> bool:
    """Say whether *run* looks like Base64 (RFC 4648 §5): small, large and digits change about too often for words."""
    humps, digits = len(_HUMP.findall(run)), len(_BESIDE_DIGIT.findall(run))
    return bool(humps and digits) and 5 * (humps + digits) >= len(run)


def _has_long_run(path: str, query: str) -> bool:
    # In the path only the longest runs count: names of pages have hyphens, files of GOV.UK lie under 24 such digits.
    in_query = any(_has_digit(run) or len(run) >= 24 for run in _RUN.findall(query))
    return in_query or any(_has_digit(run) and len(run) >= 40 for run in _RUN.findall(path))


def _has_digit(run: str) -> bool:
    return any(sign.isdigit() for sign in run)
