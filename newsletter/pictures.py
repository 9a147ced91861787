"""Whether the pictures that an email links to are on the web: readers would see empty frames."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from newsletter.submission import NoAnswerError, NotSentError, Request, submit, way_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.config import Workspace
    from newsletter.message import Message
    from newsletter.submission import Way

_SECONDS = 20.0  # for one picture


def unpublished(message: Message, workspace: Workspace) -> Iterator[tuple[str, str]]:
    """Yield each picture that *message* links to and that does not answer, and why; each is fetched once.

    A website without encryption is not asked, unless it is on this very computer.
    """
    base = workspace.config.archive_url or ""
    links = re.findall(rf'{re.escape(base)}images/[^"\s]+', message.edition.html) if base else []
    if not links:
        return
    way = way_of(workspace.ca, workspace.config.network.proxy, seconds=_SECONDS)
    for link in dict.fromkeys(links):
        if why := _missing(link, way):
            yield link, why


def _missing(link: str, way: Way) -> str:
    try:
        answer = submit(Request("GET", link, {}, b""), way)
    except NotSentError as error:
        return "" if link.startswith("http://") and error.stop else str(error)
    except NoAnswerError as error:
        return str(error)
    if answer.status == 200 and answer.headers.get("content-type", "").startswith("image/"):
        return ""
    return f"it answers {answer.status}, {answer.headers.get('content-type', 'without a type')}"
