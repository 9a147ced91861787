"""What the other issues said, as far as this one can be compared with them.

Reading an issue takes tens of milliseconds, so what it said is kept by its content in the cache, and in this process.
"""

from __future__ import annotations

import json
import stat
from dataclasses import asdict
from datetime import date
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from newsletter.cache import keep, kept
from newsletter.dates import restored_span
from newsletter.files import inside
from newsletter.findings import Place
from newsletter.load import issue_ids, load_issue
from newsletter.past import Dated, Kept, Past, Told, months_between, said
from newsletter.rawtext import LIMIT_BYTES

if TYPE_CHECKING:
    from pathlib import Path

    from newsletter.config import Workspace

_MONTHS = 12  # before and after
_FORM = "4"  # rises when the same file would be read, or what it said be kept, in another way


def recall(workspace: Workspace, issue: str) -> tuple[tuple[Past, ...], tuple[str, ...]]:
    """Return what the issues of the months around *issue* said, and the files of those that cannot be read.

    The oldest come first. Whatever is wrong with another issue, this raises nothing.
    """
    others: list[Past] = []
    unread: list[str] = []
    for other in issue_ids(workspace.root):
        if other != issue and abs(months_between(issue, other)) <= _MONTHS:
            past = _recall_one(workspace, other)
            if past:
                others.append(past)
            else:
                unread.append(f"issues/{other}.yaml")
    return tuple(others), tuple(unread)


def _recall_one(workspace: Workspace, issue: str) -> Past | None:
    path = inside(workspace.root, f"issues/{issue}.yaml")
    try:
        stamp = _stamp(path) if path else None
    except OSError:
        return None
    if path is None or stamp is None:
        return None
    return _recall_file(workspace.root, issue, workspace.state / "cache" / "memory", path, stamp)


def _stamp(path: Path) -> tuple[int, ...] | None:
    """Return what tells this state of a file from every other; None for what is no file: a pipe may never end."""
    now = path.stat()
    return (
        (now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns) if stat.S_ISREG(now.st_mode) else None
    )


@lru_cache(maxsize=256)  # each issue is a neighbour of two dozen others
def _recall_file(root: Path, issue: str, folder: Path, path: Path, stamp: tuple[int, ...]) -> Past | None:
    """Return what the issue in the file *path* said, None when it cannot be read. *stamp* is that of the file now."""
    try:
        with path.open("rb") as stream:
            data = stream.read(LIMIT_BYTES + 1)
        facts = folder / f"{sha256(f'{_FORM} {issue} '.encode() + data).hexdigest()}.json"
        if (body := kept(facts)) is not None:
            return _past(json.loads(body))
        past = said(load_issue(root, issue))
        if _stamp(path) == stamp:  # else it was written meanwhile, and is not what the name of the cache says
            keep(facts, json.dumps(asdict(past), default=str).encode())  # str() of a date or time is its ISO form
    except Exception:  # noqa: BLE001  another issue, whatever is wrong with it, must never stop this one
        return None
    return past


def _past(told: dict[str, Any]) -> Past:
    return Past(
        told["issue"],
        told["subject"],
        told["draft"],
        tuple(
            Dated(**{**one, "span": restored_span(one["span"]), "place": Place(**one["place"])})
            for one in told["events"]
        ),
        tuple(Kept(**{**one, "place": Place(**one["place"]), "days": _days(one["days"])}) for one in told["kept"]),
        tuple(Told(**{**one, "place": Place(**one["place"])}) for one in told["news"]),
    )


def _days(kept: list[str]) -> tuple[date, ...]:
    return tuple(map(date.fromisoformat, kept))
