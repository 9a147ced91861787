"""The outbox: one .eml a person in ``.newsletter/outbox/``. The default, and a rehearsal: nothing leaves this computer.

A copy is written once under a name that derives from the person, and synced to the disk; what is there already is not
written again. So the outbox delivers each copy exactly once, however often a send is interrupted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from newsletter.errors import ConfigError
from newsletter.files import write_private
from newsletter.message import copy_for
from newsletter.providers import Addressee, BatchProvider, Outcome, Result, Send

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


class Outbox(BatchProvider):
    """Writes each copy to a file of its own."""

    is_rehearsal: ClassVar[bool] = True
    is_repeatable: ClassVar[bool] = True
    carries_images: ClassVar[bool] = True

    @property
    def account(self) -> str:
        """There is one outbox."""
        return "outbox"

    def submit(self, send: Send, people: Sequence[Addressee], *, key: str = "") -> Iterator[Result]:  # noqa: ARG002
        """Write the copies, each whole and on the disk before it counts.

        Raises ConfigError when the disk refuses, or when a file of that name holds something else.
        """
        for number, person in enumerate(people):
            path, data = (
                self._folder(send) / f"{person.key}.eml",
                copy_for(send.message, person.recipient, date=send.date),
            )
            try:
                if not write_private(path, data) and path.read_bytes() != data:
                    yield from self._left(people[number:])
                    raise ConfigError(f"{path.name} in the outbox is another message", "Move the file away.")
            except OSError as error:
                yield from self._left(people[number:])
                hint = "Make room or mend the folder, then give the same command again: it goes on where it stopped."
                raise ConfigError(f"the outbox cannot be written: {error.strerror}", hint) from error
            yield Result(person.key, Outcome.ACCEPTED)

    def where(self, send: Send) -> str:
        """Return the folder."""
        return self._folder(send).as_posix()

    def _folder(self, send: Send) -> Path:
        return self.machine.state / "outbox" / send.name

    def _left(self, people: Sequence[Addressee]) -> Iterator[Result]:
        return (Result(person.key, Outcome.PLANNED) for person in people)
