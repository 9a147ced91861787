"""For how long to wait, in each way that services say it, and how many seconds that is."""

from __future__ import annotations

from newsletter.providers._http import LIMIT_WAIT

SERVER_TIME = {"Date": "Mon, 05 Jan 2026 09:00:00 GMT"}
NOON = 1767603600  # the same moment in Unix time

WAITS: list[tuple[dict[str, str], str, float]] = [
    ({"Retry-After": "7"}, "", 7),
    ({"Retry-After": "Mon, 05 Jan 2026 09:01:30 GMT"}, "", 90),
    ({"x-sib-ratelimit-reset": "12"}, "", 12),
    ({"ratelimit-reset": "3"}, "", 3),
    ({"X-RateLimit-Reset": str(NOON + 45)}, "", 45),
    ({}, "account-requests-per-sec limit exceeded, try again after 120 seconds", 120),
    ({"Retry-After": "86400"}, "", LIMIT_WAIT),
    ({"Retry-After": "Mon, 05 Jan 2026 08:00:00 GMT"}, "", 0),
    ({"X-RateLimit-Reset": str(NOON - 45)}, "", 0),
    ({"Retry-After": "soon"}, "", 0),
    ({"Retry-After": "-5"}, "", 0),
    ({}, "", 0),
]
