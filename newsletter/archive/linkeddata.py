"""Dates as search engines read them: schema.org's Event and CourseInstance, in JSON-LD."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from newsletter.calendar import bounds

if TYPE_CHECKING:
    from collections.abc import Iterable

    from newsletter.calendar import Entry
    from newsletter.config import Config

_SCHEMA = "https://schema.org"
_ONLINE = ("online", "webinar")  # how a location begins that is no place


def linked_data(entries: Iterable[Entry], config: Config) -> str:
    """Return the JSON-LD of *entries*, fit to stand inside a script element; empty without any."""
    ours = {"@type": "Organization", "name": config.organisation} | ({"url": config.website} if config.website else {})
    graph = [_course(entry, config, ours) if entry.is_session else _event(entry, config, ours) for entry in entries]
    if not graph:
        return ""
    told = json.dumps({"@context": _SCHEMA, "@graph": graph}, ensure_ascii=False, separators=(",", ":"))
    # "</script" in a title would end the element (https://html.spec.whatwg.org/#restrictions-for-contents-of-script-elements).
    return told.replace("<", "\\u003c")


def _course(entry: Entry, config: Config, ours: dict[str, str]) -> dict[str, Any]:
    """Return a session: search engines want a CourseInstance inside its Course."""
    instance = _event(entry, config, ours) | {"@type": "CourseInstance"}
    return {"@type": "Course", "name": entry.title, "provider": ours, "hasCourseInstance": instance}


def _event(entry: Entry, config: Config, ours: dict[str, str]) -> dict[str, Any]:
    start, end = bounds(entry.span, config.zone)
    state = "EventCancelled" if entry.is_cancelled else "EventScheduled"
    told: dict[str, Any] = {
        "@type": "Event",
        "@id": f"urn:newsletter:{entry.uid.partition('@')[0]}",
        "name": entry.title,
        "startDate": start.isoformat(),
        "endDate": entry.span.last.isoformat() if entry.span.start is None else end and end.isoformat(),
        "eventStatus": f"{_SCHEMA}/{state}",
        "organizer": ours if entry.is_session else None,
        **_where(entry),
    }
    if entry.url:
        told |= {"offers": {"@type": "Offer", "url": entry.url}} if entry.is_session else {"url": entry.url}
    return {key: value for key, value in told.items() if value is not None}


def _where(entry: Entry) -> dict[str, Any]:
    if not entry.location:
        return {}
    is_online = entry.location.casefold().startswith(_ONLINE)
    mode = "OnlineEventAttendanceMode" if is_online else "OfflineEventAttendanceMode"
    online = {"@type": "VirtualLocation"} | ({"url": entry.url} if entry.url else {"name": entry.location})
    place = online if is_online else {"@type": "Place", "name": entry.location}
    return {"eventAttendanceMode": f"{_SCHEMA}/{mode}", "location": place}
