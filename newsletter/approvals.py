"""Who approved which bytes: one small file for each issue, ``approvals/2026-01.json``, meant to be committed.

It is an honest record and not a signature: whoever may write the file may write any name into it. Who put it there is
for git to say.
"""

from __future__ import annotations

import json
import re
import stat
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, NoReturn

from newsletter.build import compose_for
from newsletter.dates import format_day
from newsletter.errors import ConfigError, RefusedError, UsageError
from newsletter.files import inside, write_whole
from newsletter.message import HeaderError, header_text

if TYPE_CHECKING:
    from pathlib import Path

    from newsletter.build import Built
    from newsletter.config import Workspace
    from newsletter.message import Edition

FOLDER = "approvals"
_LIMIT = 4096  # bytes; two lines of at most 200 characters, each of up to four bytes, and three short ones


@dataclass(frozen=True, slots=True)
class Approval:
    """That *by* approved an issue on *when*, which is aware: exactly the bytes that *digest* is of."""

    issue: str
    subject: str
    digest: str
    by: str
    when: datetime

    @property
    def told(self) -> str:
        """Who and when, to a person: "by Amina Khan on Monday 5 January 2026"."""
        return f"by {self.by} on {format_day(self.when.date())}"


def approved_digest(edition: Edition, workspace: Workspace) -> str:
    """Return the SHA-256, in hexadecimal, of all that a reader of any list could see of *edition*.

    A message's digest covers its edition, sender and list, so the message to each list has its part. Beside them
    stands the greeting: a message holds only the room for it.
    """
    messages = {name: compose_for(name, edition, workspace).digest for name in workspace.config.lists}
    seen = {"edition": edition.digest, "greeting": workspace.config.greeting, "messages": messages}
    return sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()


def approval_file(issue: str) -> str:
    """Return the name of the file in which *issue* is approved, from the workspace's root on."""
    return f"{FOLDER}/{issue}.json"


def read_approval(root: Path, issue: str) -> Approval | None:
    """Return the approval of *issue* in the workspace *root*, None when there is none.

    Raises ConfigError for a file that is not, but for a Windows checkout's line ends, what `approve` writes.
    """
    path = inside(root, approval_file(issue))
    if path is None:
        _refuse(issue, "is a link that leads out of this workspace")
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe may never end
            _refuse(issue, "is not an ordinary file")
        with path.open("rb") as file:
            data = file.read(_LIMIT + 1)
    except FileNotFoundError:
        return None
    data = data.replace(b"\r\n", b"\n")
    approval = _read(data)
    if approval is None or approval.issue != issue or _written(approval) != data:
        _refuse(issue, f"is not what newsletter approve {issue} wrote there")
    return approval


def approve(workspace: Workspace, built: Built, by: str, now: datetime) -> Approval:
    """Record that *by* approves *built* at the moment *now*, which is aware; return what stands in the file.

    An earlier approval is replaced, and git keeps it; one of the same bytes by the same person stays as it is. Raises
    UsageError for a *by* that is no name, and ConfigError as `read_approval` does.
    """
    by, issue = _name(by), built.issue
    before = read_approval(workspace.root, issue.id)
    digest = approved_digest(built.edition, workspace)
    if before and (before.digest, before.by) == (digest, by):
        return before
    when = now.astimezone(workspace.config.zone).replace(microsecond=0)
    approval = Approval(issue.id, issue.subject, digest, by, when)
    write_whole(workspace.root / approval_file(issue.id), _written(approval))
    return approval


def refuse_unapproved(workspace: Workspace, built: Built) -> None:
    """Raise RefusedError unless exactly what readers would now get of *built* is approved.

    Raises ConfigError as `read_approval` does.
    """
    approval = read_approval(workspace.root, built.issue.id)
    if approval is None:
        state = "is not approved yet."
    elif approval.digest != approved_digest(built.edition, workspace):
        state = f"was approved {approval.told}, but what readers would get has changed since."
    else:
        return
    hint = f"Have it looked at, then:\nnewsletter approve {built.issue.id}"
    raise RefusedError(f"Not sent: {built.shown.subject} {state}", hint)


def _name(by: str) -> str:
    try:
        name = header_text(by.strip())
    except HeaderError:
        name = "@"
    if "@" in name:  # everybody who has the repository reads the file
        raise UsageError("this is not a name to approve with", 'Give a name and no address, as in --by "Sam Sample".')
    return name


def _written(approval: Approval) -> bytes:
    fields = asdict(approval) | {"when": approval.when.isoformat(timespec="seconds")}
    return (json.dumps(fields, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _read(data: bytes) -> Approval | None:
    """Return the approval that *data* holds, None where it holds none."""
    try:
        found = json.loads(data)
        if not all(isinstance(value, str) for value in found.values()):
            return None
        approval = Approval(**found | {"when": datetime.fromisoformat(found["when"])})
        named = _name(approval.by)
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError, UsageError):
        return None
    is_whole = re.fullmatch("[0-9a-f]{64}", approval.digest) and approval.when.utcoffset() is not None
    return approval if is_whole and named == approval.by else None


def _refuse(issue: str, fault: str) -> NoReturn:
    hint = f"Remove that file, look at the issue again, then: newsletter approve {issue}"
    raise ConfigError(f"{approval_file(issue)} {fault}, so it approves nothing", hint)
