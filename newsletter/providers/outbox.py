"""The outbox: one .eml a person in ``.newsletter/outbox/``. The default, and a rehearsal: nothing leaves this computer.

A copy is written once under a name that derives from the person, and synced to the disk; what is there already is not
written again. So the outbox delivers each copy exactly once, however often a send is interrupted.
"""

from __future__ import annotations

import os
import shlex
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from newsletter.errors import ConfigError, RefusedError
from newsletter.files import write_private
from newsletter.providers import Copy, Outcome, Provider, Result, Send

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_VERSION = "version"  # holds the digest of the message whose copies lie beside it


class Outbox(Provider):
    """Writes each copy to a file of its own."""

    is_rehearsal: ClassVar[bool] = True

    def done(self, send: Send) -> Mapping[str, datetime]:
        """Return what lies in the outbox; refuse copies of another version, so that no rehearsal mixes two."""
        folder = self._folder(send)
        if not folder.is_dir():
            return {}
        if self._version(send) not in {b"", send.digest.encode()}:
            remove = f"rmdir /s /q {_quoted(folder)}" if os.name == "nt" else f"rm -r {_quoted(folder)}"
            raise RefusedError(
                "Not sent: the outbox holds copies of another version of this issue.",
                f"To rehearse this version, remove them and send again:\n{remove}",
            )
        return {file.stem: datetime.fromtimestamp(file.stat().st_mtime, UTC) for file in folder.glob("*.eml")}

    def submit(self, send: Send, copies: Sequence[Copy]) -> Sequence[Result]:
        """Write the copies, each whole and on the disk before it counts. Raises ConfigError when the disk refuses."""
        try:
            write_private(self._folder(send) / _VERSION, send.digest.encode())
            if self._version(send) != send.digest.encode():
                raise RefusedError("Not sent: another version of this issue is being sent", "Let that one end first.")
            for copy in copies:
                write_private(self._folder(send) / f"{copy.key}.eml", copy.data)
        except OSError as error:
            hint = "Make room or mend the folder, then give the same command again: it goes on where it stopped."
            raise ConfigError(f"the outbox cannot be written: {error.strerror}", hint) from error
        return [Result(copy.key, Outcome.ACCEPTED) for copy in copies]

    def where(self, send: Send) -> str:
        """Return the folder."""
        return self._folder(send).as_posix()

    def _folder(self, send: Send) -> Path:
        return self.state / "outbox" / send.name

    def _version(self, send: Send) -> bytes:
        file = self._folder(send) / _VERSION
        return file.read_bytes() if file.is_file() else b""


def _quoted(folder: Path) -> str:
    """Return *folder* as it can be pasted into a shell."""
    return f'"{folder}"' if os.name == "nt" else shlex.quote(str(folder))
