"""What the fakes of services that keep lists share: people on lists, campaigns, and copies to everybody on a list.

A fake derives from `ListKeeper` and gives what `Fake` asks for, its routes, and

- `fill_in(text, person, *, is_html)`: its own merge syntax, really put in.
- `draw_up(campaign, person)`: one person's copy, with what the service adds by itself.

So one test speaks to all of them: `make_list`, `join`, `leave`, `stop` and `unready` are a person's clicks in the
console; `stages` says where each campaign stands, in the service's own words.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

from fakes.ground import Copy, Fake, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime


@dataclass
class Person:
    """Somebody on one list; *status* in the words of `Fake.leave`, or empty while they get what is sent."""

    address: str
    name: str
    joined: datetime
    changed: datetime
    number: int
    status: str = ""

    @property
    def first_name(self) -> str:
        """The first word of the name."""
        return self.name.partition(" ")[0]


@dataclass
class List:
    """A list and the people on it, by their address in small letters."""

    id: str
    name: str
    people: dict[str, Person] = field(default_factory=dict)

    def active(self) -> list[Person]:
        """Those who get what is sent to the list."""
        return [person for person in self.people.values() if not person.status]


class ListKeeper(Fake):
    """A service with lists and campaigns; what a campaign is made of is the service's own JSON."""

    stopped: ClassVar[str] = ""  # the status of a campaign that a person has stopped

    def __init__(self, *, prefix: str = "") -> None:
        super().__init__(prefix=prefix)
        self.lists: dict[str, List] = {}
        self.campaigns: dict[str, dict[str, Any]] = {}
        self.numbers = 100

    def number(self) -> int:
        """Return a number that nothing here has yet."""
        with self.lock:
            self.numbers += 1
            return self.numbers

    def list_id(self) -> str:
        """Return the id of a new list."""
        return str(self.number())

    def make_list(self, name: str, *people: tuple[str, str]) -> str:
        """Make a list with *people*, address and name each, and return its id."""
        made = List(self.list_id(), name)
        self.lists[made.id] = made
        for address, called in people:
            self.join(made.id, address, called)
        return made.id

    def join(self, list_id: str, address: str, name: str = "") -> Person:
        """Put somebody on a list."""
        person = Person(address, name, self.now, self.now, self.number())
        self.lists[list_id].people[address.lower()] = person
        return person

    def stranger(self, address: str) -> Person:
        """Return somebody of whom nothing is known."""
        return Person(address, "", self.now, self.now, 0)

    def leave(self, address: str, reason: str) -> None:
        """Note on every list why somebody gets nothing more."""
        super().leave(address, reason)
        for one in self.lists.values():
            if person := one.people.get(address.lower()):
                self.set_status(person, reason)

    def set_status(self, person: Person, status: str) -> None:
        """Change what somebody gets, now."""
        person.status, person.changed = status, self.now

    def stages(self) -> list[str]:
        """Where each campaign stands, in the order they were made."""
        with self.lock:
            return [self.status(campaign) for campaign in self.campaigns.values()]

    def status(self, campaign: Mapping[str, Any]) -> str:
        """Where a campaign stands by now."""
        return str(campaign["status"])

    def stop(self) -> None:
        """Stop every campaign, as a person does in the console: what has not left yet never does."""
        for campaign in self.campaigns.values():
            campaign["status"] = self.stopped
            self.withdraw(campaign)

    def unready(self) -> None:
        """See to it that the service finds the next campaign unfit to be sent."""
        raise NotImplementedError

    def campaign(self, key: str) -> dict[str, Any]:
        """Return a campaign. Raises Refused as the service says that there is none."""
        if key not in self.campaigns:
            raise self.unknown()
        return self.campaigns[key]

    def unknown(self) -> Refused:
        """Return what is said of what is not there."""
        return Refused(404, self.missing_body())

    def missing_body(self) -> Any:
        """Return the body of a 404."""
        return {"message": "Not found"}

    def deliver(self, campaign: Mapping[str, Any], people: Iterable[Person], due: datetime) -> None:
        """Hand a copy of *campaign* to each of *people*, when it is *due*."""
        copies = [self.draw_up(campaign, person) for person in people]
        self.delivered += [replace(copy, due=due) for copy in copies]

    def withdraw(self, campaign: Mapping[str, Any]) -> None:
        """Keep back what has not left yet."""
        keep = [copy for copy in self.delivered if copy.id != str(campaign["id"]) or copy.due <= self.now]
        self.delivered[:] = keep

    def draw_up(self, campaign: Mapping[str, Any], person: Person) -> Copy:
        """Return one person's copy; its `due` is set later."""
        raise NotImplementedError

    def got_of(self, campaign: Mapping[str, Any]) -> list[Copy]:
        """Return the copies of *campaign* that have been delivered."""
        return [copy for copy in self.copies if copy.id == str(campaign["id"])]

    def counted(self, campaign: Mapping[str, Any], reason: str) -> int:
        """Return how many who got *campaign* have since left for *reason*."""
        people = {copy.to.lower() for copy in self.got_of(campaign)}
        return len(people & set(self.left[reason]))


def page(items: list[Any], offset: int, count: int, most: int) -> list[Any]:
    """Return one page; a service gives no more than *most* at once."""
    return items[offset : offset + min(count, most)]


def whole(seen_query: Mapping[str, list[str]], name: str, default: int) -> int:
    """Return a number that was asked for. Raises ValueError."""
    return int((seen_query.get(name) or [str(default)])[0])


def one(seen_query: Mapping[str, list[str]], name: str, default: str = "") -> str:
    """Return the last value of *name* in a query."""
    return (seen_query.get(name) or [default])[-1]


def chosen(value: Any, fields: Iterable[str]) -> Any:
    """Return of *value* only what *fields* name, as "campaigns.settings.title"; in lists, of each."""
    heads: dict[str, list[str]] = {}
    for name in fields:
        head, _, rest = name.partition(".")
        heads.setdefault(head, []).extend([rest] if rest else [])
    if isinstance(value, list):
        return [chosen(item, fields) for item in value]
    return {head: chosen(value[head], heads[head]) if heads[head] else value[head] for head in heads if head in value}
