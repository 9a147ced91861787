"""Whole sends through a service, with a ledger on the disk: each once, whatever is lost; and what is asked later."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from fakes.wire import answering, reset_after, reset_before
from providers.batches import ACCEPTED, KEY, PLANNED, a_send, all_of, horizon_of, people, submitted

from newsletter.commands.refusals import refuse_images, refuse_unschedulable
from newsletter.errors import ConfigError, NewsletterError, RefusedError
from newsletter.message import InlineImage
from newsletter.mime import LONGEST_TEXT
from newsletter.records import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from providers.batches import Desk

    from newsletter.providers._service import HttpBatch

ENOUGH = 2_500
PAGE = {"mailgun": 1_000, "postmark": 1_000, "sendgrid": 500, "ses": 1_000, "resend": 100}  # of those who have left
CALLS = {"mailgun": 3, "postmark": 5, "sendgrid": 3, "ses": 50, "resend": 25}


def everybody(number: int) -> Counter[str]:
    """One copy for each."""
    return Counter(f"p{n}@example.org" for n in range(number))


def test_calls_at_the_largest_batch(desk: Desk) -> None:
    """As few requests as the service allows, and each person once; a second run with this ledger sends nothing."""
    desk.plan(ENOUGH, desk.batch.most)
    assert Counter({State.ACCEPTED: ENOUGH}) == desk.deliver(batch=str(desk.batch.most))
    assert CALLS[desk.batch.name] == len(desk.fake.calls(desk.batch.route))
    assert everybody(ENOUGH) == desk.fake.got
    assert Counter({State.ACCEPTED: ENOUGH}) == desk.deliver(batch=str(desk.batch.most))
    assert CALLS[desk.batch.name] == len(desk.fake.calls(desk.batch.route))


def test_an_answer_is_lost(desk: Desk) -> None:
    """Where repeats are ignored it is repeated; where one can look it up, that settles it; else it stays unknown."""
    desk.plan(6, 2)
    desk.fake.next(reset_after(), on=desk.batch.route)
    if desk.batch.settled == "replayed":
        assert Counter({State.ACCEPTED: 6}) == desk.deliver()
        first, *_, last = desk.fake.calls(desk.batch.route)
        assert (first.body, first.headers) == (last.body, last.headers)
    else:
        assert Counter({State.ACCEPTED: 4, State.UNKNOWN: 2}) == desk.deliver()
        assert (2 if desk.batch.settled == "looked up" else 0) == desk.settle()
        expected = Counter(
            {State.ACCEPTED: 6} if desk.batch.settled == "looked up" else {State.ACCEPTED: 4, State.UNKNOWN: 2}
        )
        assert expected == desk.deliver()
        assert 3 == len(desk.fake.calls(desk.batch.route))
    assert everybody(6) == desk.fake.got


def test_a_request_is_lost(desk: Desk) -> None:
    """What never arrived is found by nobody: unknown it stays, unless a repeat does no harm. Nobody gets two."""
    desk.plan(6, 2)
    desk.fake.next(reset_before(), on=desk.batch.route)
    stood = desk.deliver()
    assert 0 == desk.settle()
    if desk.batch.settled == "replayed":
        assert (Counter({State.ACCEPTED: 6}), everybody(6)) == (stood, desk.fake.got)
    else:
        assert Counter({State.ACCEPTED: 4, State.UNKNOWN: 2}) == stood == desk.deliver()
        assert everybody(6) - everybody(2) == desk.fake.got


def test_asked_to_wait(desk: Desk) -> None:
    """A send waits as long as it is asked to, and goes on by itself."""
    desk.plan(2, 2)
    desk.fake.next(answering(429, {"message": "no"}, {"Retry-After": "40"}), on=desk.batch.route)
    assert Counter({State.ACCEPTED: 2}) == desk.deliver()
    assert ([40], everybody(2)) == (desk.waits, desk.fake.got)


def test_the_key_is_refused_in_a_send(desk: Desk) -> None:
    """It stops at once: everybody waits for the next run."""
    desk.plan(6, 2)
    desk.fake.next(answering(401, {"message": "no"}), on=desk.batch.route)
    assert Counter({State.PLANNED: 6}) == desk.deliver()
    assert 1 == len(desk.fake.calls(desk.batch.route))
    assert Counter({State.ACCEPTED: 6}) == desk.deliver()
    assert everybody(6) == desk.fake.got


def test_requests_of_few_bytes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that is too large for the service is parted, and everybody is in one part of it."""
    provider, those = desk.open(), people(9)
    whole = len(provider.request(a_send(), those, KEY).body)
    most = len(provider.request(a_send(), those[:4], KEY).body)
    monkeypatch.setattr(type(provider), "most_bytes", most)
    assert all_of(ACCEPTED, those) == submitted(provider, a_send(), those).outcomes
    sizes = [len(seen.body) for seen in desk.fake.calls(desk.batch.route)]
    assert whole > most >= max(sizes)
    assert everybody(9) == desk.fake.got


def test_the_longest_names(desk: Desk) -> None:
    """Whatever fits into a message of ours fits into the fields of the service, a full request of it."""
    longest = ["\N{SNOWMAN}&<" * (LONGEST_TEXT // 3)] * min(desk.batch.most, 100)
    those = [
        replace(one, recipient=replace(one.recipient, name=name, greeting=f"Hello {name},"))
        for one, name in zip(people(len(longest)), longest, strict=True)
    ]
    told = desk.submit(those)
    assert (all_of(ACCEPTED, those), None) == (told.outcomes, told.error)
    assert [[copy.to] for copy in desk.fake.copies] == [copy.visible for copy in desk.fake.copies]


def test_pictures(desk: Desk) -> None:
    """A picture cannot travel inside these messages: refused before anybody is asked anything."""
    message = a_send().message
    picture = InlineImage("logo@newsletter", "png", "logo.png", b"x")
    with pytest.raises(ConfigError, match="pictures"):
        refuse_images(replace(message, edition=replace(message.edition, images=(picture,))), desk.open())
    assert [] == desk.fake.log


def test_later(desk: Desk) -> None:
    """Where a service can send later it does so at its time, within its horizon; where it cannot, it is not asked."""
    provider, now = desk.open(), desk.fake.now
    horizon = horizon_of(provider)
    if horizon is None:
        with pytest.raises(RefusedError, match="cannot send it later"):
            refuse_unschedulable(now + timedelta(hours=1), provider, now)
        return
    with pytest.raises(RefusedError, match="too far ahead"):
        refuse_unschedulable(now + horizon + timedelta(minutes=1), provider, now)
    at = (now + horizon).replace(second=0, microsecond=0)
    refuse_unschedulable(at, provider, now)
    assert all_of(ACCEPTED, people(3)) == submitted(provider, a_send(at=at), people(3)).outcomes
    assert ([], {at}) == (desk.fake.copies, {copy.due for copy in desk.fake.delivered})
    desk.fake.ahead = horizon
    assert everybody(3) == desk.fake.got


def test_taken_back(desk: Desk) -> None:
    """Where a service can take back what is scheduled, nobody gets it; elsewhere that is said, and nothing done."""
    provider, at = desk.open(), (desk.fake.now + timedelta(days=1)).replace(microsecond=0)
    schedule = provider.schedule
    if schedule is None or not schedule.can_cancel:
        with pytest.raises(RefusedError, match="cannot take back"):
            provider.cancel(a_send(at=at), ["one"])
        return
    told = submitted(provider, a_send(at=at), people(3))
    ids = sorted({result.id for result in told.results})
    assert 1 == len(ids)
    with pytest.raises(RefusedError, match="did not say what it calls"):
        provider.cancel(a_send(at=at), [])
    for _ in range(2):  # the first may have been cut off before it was written down
        desk.open().cancel(a_send(at=at), ids)
    with pytest.raises(RefusedError, match="refuses this"):
        provider.cancel(a_send(at=at), ["of nothing"])
    desk.fake.ahead = timedelta(days=2)
    assert {} == desk.fake.got


def test_who_has_left(desk: Desk) -> None:
    """All who have, over as many pages as it takes, each with the reason; later only those who left since."""
    reasons = [reason for reason in desk.fake.reasons for _ in range(PAGE[desk.batch.name] + 3)]
    for number, reason in enumerate(reasons):
        desk.fake.leave(f"p{number}@example.org", reason)
    left = list(desk.open().departures(None))
    assert {f"p{n}@example.org": reason for n, reason in enumerate(reasons)} == {
        one.address: one.reason for one in left
    }
    assert len(reasons) == len(left)
    assert all(abs(one.when - datetime.now(UTC)) < timedelta(hours=1) for one in left)
    desk.fake.ahead = timedelta(days=10)
    desk.fake.leave("zoe@example.org", "bounced")
    since = list(desk.open().departures(desk.fake.now - timedelta(days=5)))
    assert [("zoe@example.org", "bounced")] == [(one.address, one.reason) for one in since]


def test_figures(desk: Desk) -> None:
    """What the service counted of this send and of no other; where it tells nothing, that is said."""
    desk.fake.ahead = datetime(2026, 1, 5, 12, tzinfo=UTC) - datetime.now(UTC)
    if desk.batch.figures is None:
        with pytest.raises(RefusedError, match="tells no figures"):
            desk.open().report(a_send())
        return
    desk.submit(people(4))
    other = replace(a_send(), edition=2)
    submitted(desk.open(), other, people(2))
    for number, reason in enumerate(("bounced", "unsubscribed", "complained")):
        desk.fake.delivered.sort(key=lambda copy: copy.reference, reverse=True)  # the first edition's come last
        desk.fake.leave(f"p{number}@example.org", reason)
    assert desk.batch.figures == desk.open().report(a_send())


def test_who_we_are_there(desk: Desk) -> None:
    """A good key is said to be good, and nothing is sent; a wrong one is an error that does not show it."""
    assert (desk.batch.verified,) == desk.open().verify()
    assert {} == desk.fake.got
    wrong = dict.fromkeys(desk.fake.secrets, "wrong-key-0123456789")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(type(desk.fake), "secrets", wrong)
        provider = desk.open()
    with pytest.raises(ConfigError) as caught:
        provider.verify()
    assert "wrong-key" not in f"{caught.value} {caught.value.hint}"


ASKED: list[Callable[[HttpBatch], object]] = [
    lambda provider: provider.verify(),
    lambda provider: list(provider.departures(None)),
    lambda provider: list(provider.look_up(a_send(), people(2))),
    lambda provider: provider.report(a_send()),
]


@pytest.mark.parametrize("ask", ASKED)
@pytest.mark.parametrize("said", [{}, [], "<html>", {"errors": []}])
def test_an_answer_that_makes_no_sense(ask: Callable[[HttpBatch], object], said: object, desk: Desk) -> None:
    """Whoever asks a service gets an error of ours for an answer that is none, or an answer: never a crash."""
    desk.fake.after_processing = lambda _seen, answer: replace(answer, body=said)
    with suppress(NewsletterError):
        ask(desk.open())


BAD: dict[str, list[dict[str, str]]] = {
    "mailgun": [{"region": "uk"}, {"domain": ""}, {"domain": "mg.example.org/x"}, {"batch": "1001"}],
    "postmark": [{"stream": "Not A Stream"}, {"batch": "501"}],
    "sendgrid": [{"region": "uk"}, {"batch": "1001"}],
    "ses": [{"region": "London"}, {"batch": "51"}],
    "resend": [{"batch": "101"}],
}


def test_settings(desk: Desk) -> None:
    """What cannot be is an error that names the setting; the secret must be there."""
    for bad in [*BAD[desk.batch.name], {"batch": "0"}, {"batch": "many"}, {"colour": "red"}]:
        with pytest.raises(ConfigError) as caught:
            desk.open(**bad)
        assert f"{next(iter(bad))}" in caught.value.message
        assert caught.value.hint
    assert [] == desk.fake.log
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(type(desk.fake), "secrets", {})
        with pytest.raises(ConfigError, match=r"missing|no key"):
            desk.open()


def test_a_path_before_it(desk: Desk) -> None:
    """The web address may have a path of its own, as that of a gateway; only a last part of it would be lost."""
    with type(desk.fake)(prefix="/gateway/mail", **desk.batch.options) as fake:
        desk.fake = fake
        assert all_of(ACCEPTED, people(2)) == desk.submit(people(2)).outcomes
        assert (desk.batch.verified.partition(";")[0],) == tuple(one.partition(";")[0] for one in desk.open().verify())
        assert everybody(2) == fake.got


def test_ses_tells_of_each(desk: Desk) -> None:
    """What is wrong with one person rejects them; whatever else SES names lets them wait."""
    if desk.batch.name != "ses":
        return
    told = {"p0": "MESSAGE_REJECTED", "p1": "INVALID_PARAMETER", "p2": "ACCOUNT_THROTTLED", "p3": "TRANSIENT_FAILURE",
            "p4": "ACCOUNT_SENDING_PAUSED", "p5": "MAIL_FROM_DOMAIN_NOT_VERIFIED"}  # fmt: skip
    desk.fake.statuses.update({f"{name}@example.org": status for name, status in told.items()})  # type: ignore[attr-defined]
    outcomes = desk.submit(people(7)).outcomes
    assert ["rejected"] * 2 + ["planned"] * 4 + ["accepted"] == [outcomes[f"p{n}"] for n in range(7)]


def test_ses_takes_the_keys_of_amazons_tools(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key for a while comes with its token; a profile is found where Amazon's tools keep it, or said to be none."""
    if desk.batch.name != "ses":
        return
    own = desk.fake.secrets
    monkeypatch.setattr(type(desk.fake), "secrets", {**own, "AWS_SESSION_TOKEN": "token-0123456789abcdef"})
    assert all_of(ACCEPTED, people(2)) == desk.submit(people(2)).outcomes
    assert "token-0123456789abcdef" == desk.fake.log[-1].headers["x-amz-security-token"]
    kept = "\n".join(f"{name.lower()} = {value}" for name, value in own.items())
    (desk.state / "credentials").write_text(f"[office]\n{kept}\n", "utf-8")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(desk.state / "credentials"))
    monkeypatch.setattr(type(desk.fake), "secrets", {})
    assert "the key is good" in desk.open(profile="office").verify()[0]
    with pytest.raises(ConfigError, match="there is no key for Amazon SES"):
        desk.open(profile="other")


def test_postmark_tells_of_each(desk: Desk) -> None:
    """Who has left there is rejected, and says so; out of credit, nobody is, and the send stops."""
    if desk.batch.name != "postmark":
        return
    desk.fake.own_unsubscribe = False  # type: ignore[attr-defined]
    desk.fake.leave("p1@example.org", "complained")
    told = desk.submit(people(3))
    assert ["accepted", "rejected", "accepted"] == [one.outcome for one in told.results]
    assert "406 inactive at Postmark: has bounced, complained or unsubscribed there" == told.results[1].reason
    spent = {"ErrorCode": 405, "Message": "Not allowed to send."}
    desk.fake.next(answering(200, [spent] * 3), on="/email/batch")
    told = desk.submit(people(3))
    assert all_of(PLANNED, people(3)) == told.outcomes
    assert isinstance(told.error, ConfigError)
    taken = {"ErrorCode": 0, "Message": "OK", "MessageID": "one"}
    desk.fake.next(answering(200, [taken, spent, spent]), on="/email/batch")
    assert ["accepted", "planned", "planned"] == [one.outcome for one in desk.submit(people(3)).results]


def test_resend_has_quotas(desk: Desk) -> None:
    """Out of the day's quota, waiting a little does not help: the send stops, and nobody was taken."""
    if desk.batch.name != "resend":
        return
    desk.plan(4, 2)
    desk.fake.next(desk.fake.used_up(), on="/emails/batch")  # type: ignore[attr-defined]
    assert Counter({State.PLANNED: 4}) == desk.deliver()
    assert ([], 1) == (desk.waits, len(desk.fake.calls("POST")))


def test_resend_tracks_by_the_domain(desk: Desk) -> None:
    """A domain that tracks its readers is refused; a key that may only send cannot ask, and sends."""
    if desk.batch.name != "resend":
        return
    desk.fake.tracks = frozenset({"opens"})  # type: ignore[attr-defined]
    told = desk.submit(people(2))
    assert all_of(PLANNED, people(2)) == told.outcomes
    assert isinstance(told.error, ConfigError)
    assert "Resend tracks the readers of example.org" == told.error.message
    assert [] == desk.fake.calls("POST")
    restricted = {"statusCode": 401, "name": "restricted_api_key", "message": "This API key is restricted."}
    desk.fake.next(answering(401, restricted), answering(401, restricted), on="/domains")
    assert all_of(ACCEPTED, people(2)) == desk.submit(people(2)).outcomes
    assert "the key may send, and nothing else" in desk.open().verify()[0]


def test_mailgun_on_a_path_that_leads_nowhere(desk: Desk) -> None:
    """Mailgun answers there with a cheerful 200: nobody was taken, and the web address is named."""
    if desk.batch.name != "mailgun":
        return
    provider = desk.open(url=f"{desk.fake.url}/v3")
    told = submitted(provider, a_send(), people(3))
    assert all_of(PLANNED, people(3)) == told.outcomes
    assert isinstance(told.error, ConfigError)
    assert "the web address leads to Mailgun, but to nothing there" == told.error.message
    with pytest.raises(ConfigError):
        provider.verify()
