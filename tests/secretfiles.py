"""A state folder with a file of secrets, and what reading one from there says."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from newsletter import credentials
from newsletter.credentials import read_secret
from newsletter.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

posix = pytest.mark.skipif(os.name != "posix", reason="Windows has neither modes nor links for everybody")
KEY = "k3y-0f-the-service"


@pytest.fixture(autouse=True)
def _no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Know no secret of another test, and no keyring."""
    monkeypatch.setattr(credentials, "_spellings", set())
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    for name in ("SMTP_PASSWORD", "SMTP_PASSWORD__EARLY_YEARS"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """A function that writes secrets.env into the state folder."""

    def write(text: str | bytes, mode: int = 0o600) -> Path:
        path = tmp_path / "secrets.env"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        path.chmod(mode)
        return path

    return write


def read(state: Path, **options: Any) -> str:
    """Return the text of the secret SMTP_PASSWORD."""
    return read_secret("SMTP_PASSWORD", state=state, **options).reveal()


def refusal(state: Path, **options: Any) -> ConfigError:
    """Return the error that reading SMTP_PASSWORD ends with."""
    with pytest.raises(ConfigError) as caught:
        read(state, **options)
    assert 3 == caught.value.exit_code
    return caught.value
