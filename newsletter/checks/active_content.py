"""The email holds something that runs, or an unsafe link.

Mail programs take scripts, forms, frames and the like out, and filters count them as signs of fraud. Links in VML,
which Word alone draws, are out of reach of keyboards. Links begin with https://, http://, mailto: or tel:.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newsletter.checks import Mail, Remark
from newsletter.findings import Severity
from newsletter.message import UNSUBSCRIBE
from newsletter.page import cut, tally
from newsletter.page.texts import squeezed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.page import Element

CODE = "N205"
SEVERITY = Severity.ERROR
_ACTIVE = frozenset({
    "script", "form", "input", "button", "select", "textarea", "iframe", "frame", "frameset", "object", "embed",
    "applet", "svg", "math", "audio", "video", "canvas", "base", "template", "portal", "dialog",
})  # fmt: skip
_LINKS = ("href", "action", "formaction", "xlink:href", "cite")
_SAFE = re.compile(r"(?:https?://|mailto:|tel:|#)", re.IGNORECASE)
_SAFE_PICTURE = re.compile(r"(?:https?://|cid:)", re.IGNORECASE)


def check(mail: Mail) -> Iterator[Remark]:
    """Yield an error for each kind of thing that does not belong into an email."""
    everything = mail.page.everything
    active = [one for one in everything if one.tag in _ACTIVE or _refreshes(one)]
    if active:
        message = tally(active, "cannot stand in an email", "elements cannot stand in an email")
        yield Remark(mail.place, message, "Take it out; a link that looks like a button does for most.")
    handlers = [f"{one} with {name}" for one in everything for name in one.attributes if re.fullmatch(r"on\w+", name)]
    if handlers:
        yield Remark(mail.place, tally(handlers, "would run a script", "elements would run a script"), "Take it out.")
    vml = [one for one in everything if one.tag.startswith("v:") and "href" in one.attributes]
    if vml:
        hint = "Make the button of a cell with a link in it, as the macro solid in the packaged parts.html."
        message = tally(vml, "is a link that keyboards cannot reach", "links in VML cannot be reached by keyboard")
        yield Remark(mail.place, message, hint)
    yield from _links(mail)


def _refreshes(element: Element) -> bool:
    return element.tag == "meta" and element.attributes.get("http-equiv", "").strip().lower() == "refresh"


def _links(mail: Mail) -> Iterator[Remark]:
    unsafe = [
        (one, value)
        for one in mail.page.everything
        for names, safe in ((_LINKS, _SAFE), (("src", "background"), _SAFE_PICTURE))
        for name in names
        if (value := squeezed(one.attributes.get(name, ""))) and value != UNSUBSCRIBE and not safe.match(value)
    ]
    if unsafe:
        things = [f'"{cut(value, 50)}" in <{one.tag}>' for one, value in unsafe]
        message = tally(things, "is no link that an email can hold", "links are none that an email can hold")
        hint = "Links begin with https://, http://, mailto: or tel:; pictures come from the issue or from theme: logo:."
        yield Remark(mail.place, message, hint)
