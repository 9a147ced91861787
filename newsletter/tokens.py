"""The secret of a workspace, and what is derived from it: keys of addresses, and unsubscribe tokens.

    .newsletter/key -> a subkey for each purpose -> address_key, unsubscribe_token

The ledger, the opt-outs and every unsubscribe link in mail that has been sent hang on this one key. So it is made once,
with the strictest of rights, and never made anew where it is damaged.
"""

from __future__ import annotations

import hmac
import os
import secrets
import stat
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from typing import TYPE_CHECKING

from newsletter.addresses import canonical
from newsletter.errors import ConfigError
from newsletter.files import write_private

if TYPE_CHECKING:
    from pathlib import Path

_KEY_LENGTH = 32  # bytes
_RESTORE = "Copy it back from a backup of this folder: without it the opt-outs and what was sent cannot be read."
_VERSION = b"\x01"
_KEY_ID_LENGTH = 4
_ADDRESS_LENGTH = 16
_TAG_LENGTH = 16


def workspace_key(state: Path) -> bytes:
    """Return the 32 bytes kept in the file "key" of the folder *state*; on first use make both, for the owner alone.

    Two processes that make it at once end with one key. Raises ConfigError when what is there is no key, or when it can
    be neither read nor made.
    """
    path = state / "key"
    try:
        if not os.path.lexists(path):
            _refuse_to_forget(state)
            write_private(path, secrets.token_bytes(_KEY_LENGTH))
        return _read_key(path)
    except OSError as error:
        hint = "Check that the folder can be written to, or set NEWSLETTER_STATE to one that can."
        raise ConfigError(f"the workspace's key cannot be read or made in {state}: {error.strerror}", hint) from None


def address_key(key: bytes, canonical_address: str) -> bytes:
    """Return the 32 bytes that stand for an address where it must not be kept itself: HMAC-SHA256 (RFC 2104).

    *canonical_address* is what `canonical` returns. Without *key* nobody can try addresses against the result.
    """
    return _hmac(key, "address", canonical_address.encode())


def person_key(key: bytes, address: str) -> bytes:
    """Return the 16 bytes that stand for whoever has *address*, however it is written: in ledger, tokens and files.

    The first half of `address_key`: 128 bits keep a million people apart. Raises ValueError when it is no address.
    """
    return address_key(key, canonical(address))[:_ADDRESS_LENGTH]


def audience_key(key: bytes, audience: str) -> bytes:
    """Return the 16 bytes that stand for a list which a provider keeps, by its id there; no person has the same."""
    return _hmac(key, "audience", audience.encode())[:_ADDRESS_LENGTH]


def unsubscribe_token(key: bytes, *, list_name: str, person: bytes) -> str:
    """Return a token that takes *person*, a `person_key`, off *list_name*: for ever, without the address.

    Letters, digits, "-" and "_": base64url (RFC 4648, without padding) of version, key id, 16 bytes of the address
    key, list, and a 16-byte HMAC tag.
    """
    body = _VERSION + key_id(key) + person + list_name.encode()
    return urlsafe_b64encode(body + _tag(key, body)).rstrip(b"=").decode("ascii")


def read_token(key: bytes, token: str) -> tuple[str, bytes]:
    """Return the list of a token, and the first 16 bytes of the address key.

    Raises ValueError, the same for whatever is wrong: cut short, changed, of another workspace, not a token at all.
    """
    content = _decode(token)
    body, tag = content[:-_TAG_LENGTH], content[-_TAG_LENGTH:]
    if not hmac.compare_digest(tag, _tag(key, body)):  # what is not even base64 takes this way too
        raise ValueError("not an unsubscribe token of this workspace")
    start = len(_VERSION) + _KEY_ID_LENGTH
    end = start + _ADDRESS_LENGTH
    return body[end:].decode(), body[start:end]


def key_id(key: bytes) -> bytes:
    """Return 4 bytes by which *key* is told from another without telling anything of it."""
    return _subkey(key, "key id")[:_KEY_ID_LENGTH]


def _refuse_to_forget(state: Path) -> None:
    """Raise ConfigError where mail was made with a key that is gone: a new one would not know whom it went to."""
    is_used = any((state / name).exists() for name in ("outbox", "ledger.db", "people.db"))
    if is_used and not os.path.lexists(state / "key"):  # another process may have begun since: it makes the key first
        raise ConfigError(f"the workspace's key is gone: {state / 'key'}", _RESTORE)


def _read_key(path: Path) -> bytes:
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode) or found.st_size != _KEY_LENGTH:
        raise ConfigError(f"the workspace's key is damaged: {path}", _RESTORE)
    return path.read_bytes()


@lru_cache(maxsize=16)
def _subkey(key: bytes, purpose: str) -> bytes:
    """Derive a key for one *purpose* alone, so that what is shown for one tells nothing about another."""
    return hmac.digest(key, f"newsletter {purpose}".encode(), "sha256")


@lru_cache(maxsize=16)
def _begun(key: bytes, purpose: str) -> hmac.HMAC:
    """Return the HMAC under that subkey, of nothing yet: to go on from a copy of it costs half of beginning anew."""
    return hmac.new(_subkey(key, purpose), digestmod="sha256")


def _tag(key: bytes, body: bytes) -> bytes:
    return _hmac(key, "unsubscribe token", body)[:_TAG_LENGTH]


def _hmac(key: bytes, purpose: str, content: bytes) -> bytes:
    ours = _begun(key, purpose).copy()
    ours.update(content)
    return ours.digest()


def _decode(token: str) -> bytes:
    """Return the bytes of a token, or none. Of all the spellings that base64 has for the same bytes, one is a token."""
    try:
        content = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return b""
    return content if urlsafe_b64encode(content).rstrip(b"=").decode("ascii") == token else b""
