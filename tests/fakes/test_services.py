"""The fakes of the services that are handed people: what holds for all, so that a client's mistake shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakes.mailgun import FakeMailgun
from fakes.plain import ask, send
from fakes.postmark import FakePostmark
from fakes.resend import FakeResend
from fakes.sendgrid import FakeSendGrid
from fakes.ses import FakeSes

if TYPE_CHECKING:
    from fakes.ground import Fake

AMINA, BEN = "amina@example.org", "ben@example.org"
MOST = {FakeMailgun: 1_000, FakePostmark: 500, FakeSendGrid: 1_000, FakeSes: 50, FakeResend: 100}


def test_copies_as_they_are_delivered(fake: Fake) -> None:
    """Each person gets one copy with their own values, in which they see nobody else."""
    assert send(fake, [AMINA, BEN]).status < 300
    told = [(copy.to, copy.visible, copy.subject, copy.reference) for copy in fake.copies]
    assert [(one, [one], "January", "2026-01") for one in (AMINA, BEN)] == told
    bodies = [(copy.html.partition("\n")[0], copy.text.partition("\n")[0]) for copy in fake.copies]
    assert [(f"<p>Dear {one}</p>", f"Dear {one}") for one in (AMINA, BEN)] == bodies


def test_tracking_is_on_unless_switched_off(fake: Fake) -> None:
    """A client that does not say no is tracked; at Resend the domain alone decides."""
    if isinstance(fake, FakeResend):
        fake.tracks = frozenset({"opens", "clicks"})
    send(fake, [AMINA], tracked=True)
    if isinstance(fake, FakeResend):
        fake.tracks = frozenset()
    send(fake, [BEN])
    assert {AMINA: {"opens", "clicks"}, BEN: set()} == {copy.to: copy.tracked for copy in fake.copies}


def test_a_wrong_key(fake: Fake) -> None:
    """Nothing is done for a stranger."""
    name = "X-Postmark-Server-Token" if isinstance(fake, FakePostmark) else "Authorization"
    path = {FakeMailgun: "/v3/mg.example.org/messages", FakePostmark: "/email/batch", FakeSendGrid: "/v3/mail/send",
            FakeSes: "/v2/email/outbound-bulk-emails", FakeResend: "/emails/batch"}[type(fake)]  # fmt: skip
    refused = ask(fake, "POST", path, b"{}", **{name: "Bearer wrong"})
    expected = {FakeMailgun: 401, FakePostmark: 401, FakeSendGrid: 401, FakeSes: 403, FakeResend: 403}[type(fake)]
    assert (expected, {}) == (refused.status, fake.got)
    assert fake.key.encode() not in refused.body


def test_those_who_have_left_get_nothing(fake: Fake) -> None:
    """Whatever the service answers, who has left for a reason it knows gets no copy, and the others do."""
    for reason in fake.reasons:
        fake.leave(AMINA, reason)
        send(fake, [AMINA, BEN])
        fake.left[reason].clear()
    assert {BEN: len(fake.reasons)} == fake.got


def test_the_most_people_of_one_call(fake: Fake) -> None:
    """The documented number of people is taken; with one more nobody gets anything."""
    most = MOST[type(fake)]
    people = [f"p{number}@example.org" for number in range(most + 1)]
    assert send(fake, people).status in {400, 422}
    assert {} == fake.got
    assert send(fake, people[:most]).status < 300
    assert most == len(fake.copies)


def test_too_quick_and_out_of_order(fake: Fake) -> None:
    """Either way nothing is done."""
    fake.next(fake.busy(7), fake.down())
    first, second = send(fake, [AMINA]), send(fake, [AMINA])
    assert (429, True, {}) == (first.status, second.status >= 500, fake.got)


def test_a_bad_address(fake: Fake) -> None:
    """Mailgun, SendGrid and Resend refuse all for one; Postmark and SES refuse that one alone."""
    fake.refuse(AMINA)
    said = send(fake, [AMINA, BEN])
    refuses_all = {FakeMailgun: 400, FakeSendGrid: 400, FakeResend: 422}
    expected = (refuses_all[type(fake)], {}) if type(fake) in refuses_all else (200, {BEN: 1})
    assert expected == (said.status, fake.got)
