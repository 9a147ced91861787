"""What the tests of the fakes share: loopback can be reached, and there is a fake of each service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fakes.brevo import FakeBrevo
from fakes.buttondown import FakeButtondown
from fakes.drafts import KEEPERS
from fakes.listmonk import FakeListmonk
from fakes.mailchimp import FakeMailchimp
from fakes.mailgun import FakeMailgun
from fakes.plain import FAKES
from fakes.postmark import FakePostmark
from fakes.resend import FakeResend
from fakes.sendgrid import FakeSendGrid
from fakes.ses import FakeSes
from pytest_socket import enable_socket, socket_allow_hosts

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _loopback() -> None:
    """Loopback can be reached."""
    enable_socket()
    socket_allow_hosts(["127.0.0.1"], allow_unix_socket=True)


@pytest.fixture(params=FAKES)
def fake(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Each of them in turn."""
    with request.param() as fake:
        yield fake


@pytest.fixture(params=KEEPERS)
def keeper(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Each of those that keep lists in turn."""
    with request.param() as fake:
        yield fake


@pytest.fixture
def mailgun() -> Iterator[FakeMailgun]:
    """Mailgun."""
    with FakeMailgun() as fake:
        yield fake


@pytest.fixture
def postmark() -> Iterator[FakePostmark]:
    """Postmark, with its own unsubscribe link switched off."""
    with FakePostmark(own_unsubscribe=True) as fake:
        yield fake


@pytest.fixture
def sendgrid() -> Iterator[FakeSendGrid]:
    """SendGrid."""
    with FakeSendGrid() as fake:
        yield fake


@pytest.fixture
def ses() -> Iterator[FakeSes]:
    """SES."""
    with FakeSes() as fake:
        yield fake


@pytest.fixture
def resend() -> Iterator[FakeResend]:
    """Resend."""
    with FakeResend() as fake:
        yield fake


@pytest.fixture
def mailchimp() -> Iterator[FakeMailchimp]:
    """Mailchimp."""
    with FakeMailchimp() as fake:
        yield fake


@pytest.fixture
def brevo() -> Iterator[FakeBrevo]:
    """Brevo."""
    with FakeBrevo() as fake:
        yield fake


@pytest.fixture
def listmonk() -> Iterator[FakeListmonk]:
    """The program listmonk."""
    with FakeListmonk() as fake:
        yield fake


@pytest.fixture
def buttondown() -> Iterator[FakeButtondown]:
    """Buttondown."""
    with FakeButtondown() as fake:
        yield fake
