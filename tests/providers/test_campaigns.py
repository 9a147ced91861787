"""The contract of a service that keeps the list: one campaign for each send, whatever fails and whoever else sends."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any

import pytest
from fakes.wire import Moment, answering, endless, hanging, portal, redirect, reset_after, reset_before, truncated
from providers.batches import ACCEPTED, UNKNOWN, a_send
from providers.campaigns import ALL_HAVE_IT, AMINA, BEN, KEEPERS, NAME, PASS
from providers.waits import SERVER_TIME, WAITS

from newsletter.errors import ConfigError, NewsletterError, RefusedError
from newsletter.providers import BusyError, CampaignProvider, provider_names, provider_type
from newsletter.providers._campaign import HttpCampaign

if TYPE_CHECKING:
    from fakes.wire import Fault
    from providers.campaigns import Hall, Told

SOON = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2)


def assert_sent_once(hall: Hall, told: Told) -> None:
    """One campaign is there, and each person has one copy."""
    assert (ACCEPTED, None) == (told.outcome, told.error)
    assert 1 == len(hall.fake.stages())
    assert ALL_HAVE_IT == hall.fake.got


def test_every_service_is_here() -> None:
    """Whoever adds a service that keeps lists adds its row to the contract."""
    kinds = {name: provider_type(name) for name in provider_names()}
    services = {name for name, kind in kinds.items() if issubclass(kind, HttpCampaign)}
    assert {keeper.name for keeper in KEEPERS} == services
    assert all(issubclass(kinds[name], CampaignProvider) for name in services)


def test_sent(hall: Hall) -> None:
    """Each subscriber gets one copy in which they see nobody else; who has left gets none."""
    hall.fake.join(hall.list, "gone@example.org", "Gone")
    hall.fake.leave("gone@example.org", "unsubscribed")
    told = hall.launch()
    assert_sent_once(hall, told)
    assert told.result is not None
    assert told.result.id
    copies = {copy.to: (copy.visible, copy.reference) for copy in hall.fake.copies}
    assert {address: ([address], NAME) for address in ALL_HAVE_IT} == copies


def test_opens_and_clicks_are_not_tracked(hall: Hall) -> None:
    """Nowhere but at Brevo, which cannot do without: there nothing works until somebody has said so."""
    hall.launch()
    assert [not hall.keeper.untracked] * 3 == [bool(copy.tracked) for copy in hall.fake.copies]
    if not hall.keeper.untracked:
        with pytest.raises(ConfigError, match="counts who opens and clicks"):
            hall.open(tracking="off")


def test_twice(hall: Hall) -> None:
    """The second time the campaign is found, and is not started again."""
    first, second = hall.launch(), hall.launch()
    assert_sent_once(hall, first)
    assert_sent_once(hall, second)
    assert second.result is not None
    assert "started before" == second.result.reason


def test_once_more_while_the_list_has_grown(hall: Hall) -> None:
    """Who joined since gets nothing by the same send."""
    hall.launch()
    hall.fake.join(hall.list, "dev@example.org", "Dev")
    assert_sent_once(hall, hall.launch())


# --- what fails, and when ---


@pytest.mark.parametrize("step", ["create", "fill"])
@pytest.mark.parametrize("fault", [reset_before(), reset_after(), truncated(), portal(), endless()],
                         ids=["reset before", "reset after", "truncated", "portal", "endless"])  # fmt: skip
def test_a_failure_on_the_way(step: str, fault: Fault, hall: Hall) -> None:
    """Nothing is started unless a good answer has no body to lose; the same again ends with one campaign."""
    hall.fake.next(fault, on=getattr(hall.keeper, step))
    told = hall.launch(seconds=5)
    assert told.outcome in {"", ACCEPTED}
    assert (ALL_HAVE_IT if told.outcome else {}) == hall.fake.got
    assert_sent_once(hall, hall.launch())


@pytest.mark.parametrize("fault", [reset_after(), truncated(), endless()], ids=["reset", "truncated", "endless"])
def test_the_answer_to_the_start_is_lost(fault: Fault, hall: Hall) -> None:
    """The state says that it was started; each has one copy, and a second run changes nothing."""
    hall.fail_start(fault)
    assert_sent_once(hall, hall.launch(seconds=5))
    assert_sent_once(hall, hall.launch())


def test_the_start_is_lost(hall: Hall) -> None:
    """A request that broke off may have been read: nobody knows, until the same is asked for again."""
    hall.fail_start(reset_before())
    told = hall.launch()
    assert (UNKNOWN, {}) == (told.outcome, hall.fake.got)
    assert_sent_once(hall, hall.launch())


def test_nothing_is_heard_of_the_start(hall: Hall) -> None:
    """Neither of the start nor of the state: nobody knows; the same again finds the campaign."""
    hall.fail_start(hanging(Moment.PROCESSED))
    hall.fake.after_processing = lambda seen, _answer: (
        reset_after() if seen.method == "GET" and ALL_HAVE_IT == hall.fake.got else None
    )
    told = hall.launch(seconds=1)
    assert UNKNOWN == told.outcome
    hall.fake.after_processing = None
    assert_sent_once(hall, hall.launch())


@pytest.mark.parametrize("fault", [portal(), redirect("https://elsewhere.example.org/"),
                                   redirect("https://elsewhere.example.org/", 302)],
                         ids=["portal", "307", "302"])  # fmt: skip
def test_somebody_else_answers_the_start(fault: Fault, hall: Hall) -> None:
    """It counts for nothing, and is not followed; nobody has anything, and nobody is said to."""
    hall.fail_start(fault)
    told = hall.launch()
    assert (UNKNOWN, {}) == (told.outcome, hall.fake.got)
    assert_sent_once(hall, hall.launch())


def test_the_service_is_down(hall: Hall) -> None:
    """Before anything was made nothing is in doubt; at the start it is, until it is looked at again."""
    hall.fake.next(hall.fake.down())
    assert isinstance(hall.launch().error, RefusedError)
    hall.fail_start(hall.fake.down())
    assert UNKNOWN == hall.launch().outcome
    assert_sent_once(hall, hall.launch())


@pytest.mark.parametrize("status", [401, 403])
def test_the_key_is_refused(status: int, hall: Hall) -> None:
    """Nothing is started, and waiting mends nothing."""
    said = {"message": "no", "detail": "no"}
    for part in ("", hall.keeper.create, hall.keeper.start):
        skips = hall.keeper.before_start if part == hall.keeper.start else 0
        hall.fake.next(*[PASS] * skips, answering(status, said), on=part)
        told = hall.launch()
        assert isinstance(told.error, ConfigError)
        assert {} == hall.fake.got


def test_too_quick(hall: Hall) -> None:
    """Nothing was started; for how long to wait is told where the service tells."""
    for part in ("", hall.keeper.create, hall.keeper.start):
        skips = hall.keeper.before_start if part == hall.keeper.start else 0
        hall.fake.next(*[PASS] * skips, hall.fake.busy(2), on=part)
        told = hall.launch()
        assert isinstance(told.error, BusyError)
        assert (hall.keeper.busy, {}) == (told.error.seconds, hall.fake.got)
    assert_sent_once(hall, hall.launch())


@pytest.mark.parametrize(("headers", "said", "seconds"), WAITS)
def test_too_quick_at_the_start(headers: dict[str, str], said: str, seconds: float, hall: Hall) -> None:
    """Nothing was started; for how long to wait is read from whatever the service says it by, and clamped."""
    hall.fail_start(answering(429, {"message": said}, {**SERVER_TIME, **headers}))
    told = hall.launch()
    assert isinstance(told.error, BusyError)
    assert (seconds, {}) == (told.error.seconds, hall.fake.got)


@pytest.mark.parametrize("status", [400, 404, 422])
def test_the_start_is_refused(status: int, hall: Hall) -> None:
    """Nothing was sent, and why is said."""
    hall.fail_start(answering(status, {"detail": "the plan ends today", "message": "the plan ends today"}))
    told = hall.launch()
    assert isinstance(told.error, RefusedError)
    assert "the plan ends today" in told.error.message
    assert {} == hall.fake.got
    assert_sent_once(hall, hall.launch())


def test_no_key_is_ever_shown(hall: Hall, caplog: pytest.LogCaptureFixture) -> None:
    """Not in an error, not in a log, not in what a debugger prints."""
    caplog.set_level(logging.DEBUG)
    key = hall.fake.key
    for status in (400, 401, 403, 429, 500):
        hall.fake.next(answering(status, {"message": f"bad key {key} of {AMINA}", "detail": key}))
        told = hall.launch()
        assert told.error is not None
        shown = f"{told.error!r} {told.error.message} {told.error.hint}"
        assert key not in shown
        assert AMINA not in shown
    provider = hall.open()
    printed = f"{provider!r} {vars(provider)!r} {provider.service!r} {provider.start('1', None)!r} {provider.account}"
    assert key not in printed + caplog.text


# --- other people, and other computers ---


def at_once(hall: Hall, number: int) -> list[Told]:
    """Launch from several computers at the same moment."""
    told: list[Told] = []
    barrier = Barrier(number)

    def send() -> None:
        barrier.wait()
        told.append(hall.launch())

    threads = [Thread(target=send) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def test_several_drafts(hall: Hall) -> None:
    """Of those that bear our reference the one that was made first is sent; the others are deleted."""
    hall.fake.numbers = 997  # of numbers the least is the first, and not the first by letters
    provider = hall.open()
    made = [provider.create(a_send(url=None), provider.audience(), NAME) for _ in range(5)]
    told = hall.launch()
    assert_sent_once(hall, told)
    assert told.result is not None
    assert made[0] == told.result.id


def let_another_send(hall: Hall, after: str) -> list[Told]:
    """Have another computer send, from begin to end, after our first request that begins so; return what it is told."""
    told: list[Told] = []

    def meanwhile(seen: Any, _answer: Any) -> None:
        if f"{seen.method} {seen.path}".startswith(after):
            hall.fake.after_processing = None
            told.append(hall.launch())

    hall.fake.after_processing = meanwhile
    return told


@pytest.mark.parametrize("number", [2, 5])
def test_two_computers_at_once(number: int, hall: Hall) -> None:
    """Each person has one copy; whoever came second found it started, or gives the same command again."""
    told = at_once(hall, number)
    assert ACCEPTED in [one.outcome for one in told]
    assert ALL_HAVE_IT == hall.fake.got
    assert_sent_once(hall, hall.launch())


def test_another_computer_in_the_gap(hall: Hall) -> None:
    """Between our look and our making another one has made its own: the older one is sent, ours is deleted."""
    others = let_another_send(hall, hall.keeper.create)
    assert_sent_once(hall, hall.launch())
    assert [ACCEPTED] == [one.outcome for one in others]


def test_another_computer_is_quicker(hall: Hall) -> None:
    """Between our last look and our start another one has started it: it is started, and not refused."""
    others = let_another_send(hall, hall.keeper.fill)
    assert_sent_once(hall, hall.launch())
    assert [ACCEPTED] == [one.outcome for one in others]


def test_a_campaign_that_a_person_has_stopped(hall: Hall) -> None:
    """It is not started: somebody had a reason."""
    hall.fake.next(*[PASS] * hall.keeper.before_start, reset_before(), on=hall.keeper.start)
    hall.launch()
    hall.fake.stop()
    told = hall.launch()
    assert isinstance(told.error, RefusedError)
    assert f"the campaign {NAME} was stopped" in told.error.message
    assert {} == hall.fake.got


def test_the_service_finds_it_not_ready(hall: Hall) -> None:
    """It is not started, and what the service says is handed on."""
    if not hall.keeper.says_unready:  # it looks through nothing
        assert "" == hall.open().readiness("1")
        return
    hall.fake.unready()
    told = hall.launch()
    assert isinstance(told.error, RefusedError)
    assert hall.keeper.says_unready in told.error.message
    assert {} == hall.fake.got


# --- later ---


def test_scheduled(hall: Hall) -> None:
    """It leaves at its time, and not before; the same again changes nothing."""
    assert ACCEPTED == hall.launch(at=SOON).outcome
    assert {} == hall.fake.got
    assert ACCEPTED == hall.launch(at=SOON).outcome
    hall.fake.ahead = SOON - datetime.now(UTC) + timedelta(minutes=1)
    assert [SOON] * 3 == [copy.due for copy in hall.fake.copies]
    assert_sent_once(hall, hall.launch(at=SOON))


def test_a_schedule_by_full_steps(hall: Hall) -> None:
    """What the service cannot do is declared, for the command to refuse it before the network."""
    schedule = hall.open().schedule
    assert schedule is not None
    assert (timedelta(minutes=hall.keeper.step), True) == (schedule.step, schedule.can_cancel)


def test_cancelled(hall: Hall) -> None:
    """What was scheduled never leaves."""
    told = hall.launch(at=SOON)
    assert told.result is not None
    hall.open().cancel(a_send(url=None, at=SOON), [told.result.id])
    hall.fake.ahead = timedelta(days=10)
    assert {} == hall.fake.got


def test_cancelled_by_whoever_was_quicker(hall: Hall) -> None:
    """Cancelled before by a command that was cut off, or deleted there by a person: it is cancelled all the same."""
    told = hall.launch(at=SOON)
    assert told.result is not None
    for _ in range(2):
        hall.open().cancel(a_send(url=None, at=SOON), [told.result.id])
    hall.fake.campaigns.clear()
    hall.open().cancel(a_send(url=None, at=SOON), [told.result.id])
    hall.fake.ahead = timedelta(days=10)
    assert {} == hall.fake.got


def test_cancelled_by_its_name(hall: Hall) -> None:
    """Whoever was killed before the id was recorded can take it back all the same; what is not there is no success."""
    with pytest.raises(RefusedError):
        hall.open().cancel(a_send(url=None, at=SOON), [])
    assert ACCEPTED == hall.launch(at=SOON).outcome
    hall.open().cancel(a_send(url=None, at=SOON), [])
    hall.fake.ahead = timedelta(days=10)
    assert {} == hall.fake.got


def test_cancelled_at_a_web_address_where_nothing_is(hall: Hall) -> None:
    """Whoever says of everything that it is not there is not believed."""
    told = hall.launch(at=SOON)
    assert told.result is not None
    hall.fake.lists.clear()
    with pytest.raises(NewsletterError):
        hall.open().cancel(a_send(url=None, at=SOON), ["999"])


def test_cancelled_too_late(hall: Hall) -> None:
    """What has left is not said to be cancelled."""
    told = hall.launch()
    assert told.result is not None
    with pytest.raises(RefusedError):
        hall.open().cancel(a_send(url=None), [told.result.id])
    assert ALL_HAVE_IT == hall.fake.got


# --- tests ---


def test_a_test(hall: Hall) -> None:
    """One copy goes to each address asked for, no campaign is left behind, and nobody else gets anything."""
    before = {key: dict(one.people) for key, one in hall.fake.lists.items()}
    assert None is hall.test(AMINA, BEN)
    assert ({AMINA: 1, BEN: 1}, []) == (hall.fake.got, hall.fake.stages())
    assert before == {key: one.people for key, one in hall.fake.lists.items()}
    assert ACCEPTED == hall.launch().outcome


def test_a_test_to_a_stranger(hall: Hall) -> None:
    """Either it gets there, or nobody gets anything and that is said; no campaign is left behind."""
    error = hall.test(AMINA, "stranger@example.org")
    expected = {AMINA: 1, "stranger@example.org": 1} if hall.keeper.tests_strangers else {}
    assert (expected, [], hall.keeper.tests_strangers) == (hall.fake.got, hall.fake.stages(), error is None)
    assert error is None or "stranger" not in f"{error.message} {error.hint}"


def test_a_test_that_fails(hall: Hall) -> None:
    """Even then no campaign is left behind."""
    hall.fake.after_processing = lambda seen, _answer: (
        reset_after() if seen.method == "POST" and seen.path.lower().endswith(("/test", "sendtest", "draft")) else None
    )
    assert isinstance(hall.test(AMINA), NewsletterError)
    assert [] == hall.fake.stages()
