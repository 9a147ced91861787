"""The email watches its readers, or sends them on a detour.

Nothing in it may tell anybody who has opened it or clicked: no picture from elsewhere, no hidden pixel, no web font, no
link by way of a click counter. Pictures travel inside the message, or lie in your own archive (archive_url). A link of
yours that carries another address is a warning: it may be a redirect, or an honest link to share or to book.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from newsletter.checks import Mail, Remark
from newsletter.findings import Severity
from newsletter.page import cut, tally
from newsletter.page.appearance import Cascade
from newsletter.page.css import pixels, unescaped
from newsletter.page.texts import squeezed
from newsletter.weblinks import are_kin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.page import Element

CODE = "N204"
SEVERITY = Severity.ERROR

_FETCHED = ("src", "srcset", "background", "poster", "lowsrc", "dynsrc", "data", "icon", "longdesc", "xlink:href")
_OTHERS = frozenset({"script", "iframe", "frame", "object", "embed", "applet", "form", "base"})  # told by N205
_REMOTE = re.compile(r"(?:^|[\s,])(?:https?:|[\\/]{2})", re.IGNORECASE)
_TELLING = ("ping", "attributionsrc")
_IN_STYLE = re.compile(
    r"(?:url|image-set|(?<![\w-])(?:image|src))\s*\(|@import|@font-face|expression\s*\(|-moz-binding|behavior\s*:",
    re.IGNORECASE,
)
# Click counters and rewriters of the great mail services, and what mail filters make of links on their way in.
_REDIRECTS = frozenset({
    "awstrack.me", "click.pstmrk.it", "cmail19.com", "cmail20.com", "createsend1.com", "createsend2.com",
    "cudasvc.com", "emltrk.com", "exct.net", "hubspotemail.net", "hubspotlinks.com", "l.facebook.com",
    "l.instagram.com", "links.govdelivery.com", "list-manage.com", "lm.facebook.com", "lnks.gd", "mandrillapp.com",
    "mimecastprotect.com", "mjt.lu", "protect-eu.mimecast.com", "protect-uk.mimecast.com", "pstmrk.it", "rs6.net",
    "safelinks.protection.outlook.com", "secure-web.cisco.com", "sendgrid.net", "trackedlink.net",
    "urldefense.com", "urldefense.proofpoint.com",
})  # fmt: skip
_GOOGLE = re.compile(r"(?:www\.)?google\.[a-z.]{2,6}")
# Who shows, shares or signs in, and is told the address for that.
_SHOWN_BY = frozenset({
    "accounts.google.com", "api.whatsapp.com", "bsky.app", "calendar.google.com", "docs.google.com",
    "login.microsoftonline.com", "wa.me", "translate.google.com", "view.officeapps.live.com", "www.facebook.com",
    "facebook.com", "www.linkedin.com", "twitter.com", "x.com", "validator.w3.org",
})  # fmt: skip


_UNSURE = """\
Open the link in a browser. If you arrive elsewhere, write the address of that page. If not, write below check-ignore:
- {{code: {}, text: "{}", why: the reason}}"""


def check(mail: Mail) -> Iterator[Remark]:
    """Yield an error for each way in which the mail calls home."""
    everything = mail.page.everything
    yield from _pictures(mail)
    fetching = [str(one) for one in everything if one.tag == "link"]
    fetching += [f"{one} with a style that fetches" for one in everything if _fetches(one)]
    if fetching:
        message = tally(fetching, "would fetch something when the email is opened", "elements would fetch something")
        hint = "Take out <link>, url(), @import and @font-face; use a colour, or a picture with <img>."
        yield Remark(mail.place, message, hint)
    telling = [f"{one} with {name}" for one in everything for name in _TELLING if name in one.attributes]
    if telling:
        yield Remark(
            mail.place, tally(telling, "tells of clicks", "elements tell of clicks"), "Take the attribute out."
        )
    yield from _links(mail)


def _fetches(element: Element) -> bool:
    css = "".join(element.own) if element.tag == "style" else element.attributes.get("style", "")
    return bool(css) and _css_fetches(css)


@lru_cache(maxsize=512)
def _css_fetches(css: str) -> bool:
    return bool(_IN_STYLE.search(unescaped(css)))


def _pictures(mail: Mail) -> Iterator[Remark]:
    shown = Cascade(mail.page.rules)
    strange, tiny = [], []
    for one in mail.page.everything:
        addresses = [] if one.tag in _OTHERS else [one.attributes[name] for name in _FETCHED if name in one.attributes]
        remote = [address for address in addresses if _REMOTE.search(squeezed(address))]
        if any(not _is_own(address, mail.archive_url) for address in remote):
            strange.append(one)
        elif remote and (_is_tiny(one) or (one.is_hidden and not any(shown.rules(one)))):
            tiny.append(one)
    if strange:
        where = "your archive_url" if mail.archive_url else "the message itself"
        message = tally(strange, "is fetched from elsewhere", "pictures are fetched from elsewhere")
        hint = f"Show pictures from {where} alone: give them as image: in the issue, or as logo: in newsletter.yaml."
        yield Remark(mail.place, message, hint)
    if tiny:
        message = tally(tiny, "is a picture that nobody sees, as trackers are", "pictures cannot be seen")
        yield Remark(mail.place, message, "Take it out; make room with padding on a cell.")


def _is_own(address: str, archive_url: str) -> bool:
    """Tell whether a picture is one of the archive, the same for every reader."""
    if not archive_url or not address.startswith(f"{archive_url}images/"):
        return False
    return not re.search(r"[?#,\s\\]|NL_|\.\.", address)


def _is_tiny(element: Element) -> bool:
    sizes = [element.style.get(name) or element.attributes.get(name, "") for name in ("width", "height")]
    found = [pixels(f"{size}px" if size.isdecimal() else size) for size in sizes]
    return any(size is not None and size <= 2 for size in found)


def _links(mail: Mail) -> Iterator[Remark]:
    told: dict[str, tuple[str, bool]] = {}
    for one in mail.page.everything:
        href = squeezed(one.attributes.get("href", "")) if one.tag != "link" else ""
        if href and href not in told:
            told[href] = _detour(href)
    own = {link.url for link in mail.written}
    for href, (why, is_sure) in told.items():
        if not why:
            continue
        place, message = mail.place_of(href), f"{cut(href)} {why}"
        if is_sure or href not in own:
            hint = "Open the link in a browser, and write the address at which you arrive."
            yield Remark(place, message, hint, href)
        else:
            yield Remark(place, message, _UNSURE.format(CODE, href), href, Severity.WARNING)


def _detour(href: str) -> tuple[str, bool]:
    """Return why the link *href* may not lead straight to where it should, or nothing, and whether that is sure."""
    try:
        parts = urlsplit(href)
        host = (parts.hostname or "").lower().rstrip(".")
    except ValueError:
        return "", False
    if parts.scheme.lower() not in {"http", "https"} or not host:
        return "", False
    labels = host.split(".")
    is_google = bool(_GOOGLE.fullmatch(host))
    if {".".join(labels[n:]) for n in range(min(len(labels), 6))} & _REDIRECTS or (is_google and parts.path == "/url"):
        return f"leads through {cut(host, 40)}, which counts clicks or rewrites links", True
    if is_google or host in _SHOWN_BY:  # of Google's own pages, such as its maps, /url alone leads on
        return "", False
    values = [value for _, value in parse_qsl(parts.query[:4000]) + parse_qsl(parts.fragment[:4000])]
    others = [other for value in values if (other := _host(value)) and not are_kin(other, host)]
    return (f"carries another address, on {cut(others[0], 40)}: it may be a redirect" if others else ""), False


def _host(value: str) -> str:
    """Return the host of an address, maybe quoted twice, or the empty string for what is none."""
    value = unquote(value).lower()
    if not value.startswith(("http://", "https://", "//")):
        return ""
    try:
        return urlsplit(value).hostname or ""
    except ValueError:
        return ""
