"""The workspace in which a story of `test_machine` plays: its files, its ledger, and the hands that work on them."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
)
from madeup import (
    Rehearsal,
    Service,
    World,
    lay_out,
    person,
)

from newsletter.ledger import FILE, Ledger, open_ledger
from newsletter.lock import locked
from newsletter.people import open_people
from newsletter.records import Record, State
from newsletter.tokens import workspace_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from newsletter.providers import AnyProvider

NAMES = (FILE, f"{FILE}-journal")


class Stage(RuleBasedStateMachine):
    """One workspace, and what is done in it outside of any command."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.workspace = lay_out(self.folder)
        self.state = self.workspace.state
        self.secret = workspace_key(self.state)
        self.listed = dict.fromkeys((0, 1, 2, 3), str.lower)  # who is in the file, and how they are written there

    def opened(self) -> Any:
        """The ledger, open."""
        return open_ledger(self.state, self.secret)

    def people(self) -> Any:
        """The people, open."""
        return open_people(self.state, self.secret)

    @contextmanager
    def reading(self) -> Iterator[Ledger]:
        """A copy of the ledger, open: what the next command finds must not hang on who looked first."""
        folder = self.folder / "read"
        self.put(self.files(), folder)
        with open_ledger(folder, self.secret) as opened:
            yield opened

    def records(self) -> tuple[Record, ...]:
        """All sends."""
        with self.reading() as opened:
            return opened.records()

    def one_of_the_records(self, data: st.DataObject) -> Record:
        """Any send."""
        return data.draw(st.sampled_from(self.records()))

    def provider(self, *, rehearsal: bool) -> AnyProvider:
        """A provider for a rehearsal or for a real send."""
        return Rehearsal(self.world) if rehearsal else Service(self.world)

    def files(self) -> dict[str, bytes]:
        """The ledger and its journal, as they are on the disk."""
        found: dict[str, bytes] = {}
        for name in NAMES:
            with suppress(FileNotFoundError):
                found[name] = (self.state / name).read_bytes()
        return found

    def put(self, files: dict[str, bytes], folder: Path | None = None) -> None:
        """Put these into their place, or into another folder."""
        folder = folder or self.state
        folder.mkdir(mode=0o700, exist_ok=True)
        for name in NAMES:
            (folder / name).unlink(missing_ok=True)
            if name in files:
                (folder / name).write_bytes(files[name])
                (folder / name).chmod(0o600)

    def settle(self, record: Record, *, sent: bool) -> None:
        """Settle who has it, or who has it not, by what the service knows; who is not unknown is named in vain."""
        where = record.rehearsal, record.issue, record.edition
        with locked(self.state / "lock"), self.opened() as opened:
            opened.recover()
            people = opened.people(record, *State)
            chosen = [one for one in people if ((*where, one.person.hex()) in self.world.taken) is sent]
            unknown = sum(one.state is State.UNKNOWN for one in chosen)
            assert unknown == opened.resolve(record, sent=sent, persons=[one.person for one in chosen])

    def write_list(self) -> None:
        """Write the list's file. The editor is always on it."""
        addresses = [writes(person(one).address) for one, writes in self.listed.items()]
        text = "\n".join(["email", "editor@example.org", *addresses, ""])
        (self.folder / "lists/practitioners.csv").write_text(text, "utf-8")

    def size(self, list_name: str) -> int:
        """How many people are on a list, whether they have opted out or not."""
        with self.people() as people:
            return people.unnamed(()).get("friends", (0, 0))[0] if list_name == "friends" else 1 + len(self.listed)
