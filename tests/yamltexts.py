"""YAML that a test reads as an issue, by both parsers, and what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from newsletter.document import Document, parse_document
from newsletter.errors import ContentError

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = "issues/2026-01.yaml"
BEGIN = "Write a key, a colon and a value on each line."
PLAIN = f"Make it a plain text file. {BEGIN}"


@pytest.fixture(scope="module", params=["libyaml", "pure"], autouse=True)
def parser(request: pytest.FixtureRequest) -> Iterator[None]:
    """Run every test with libyaml's parser and with PyYAML's own, which word and place their errors differently."""
    if request.param == "libyaml" and not yaml.__with_libyaml__:
        pytest.skip("PyYAML was built without libyaml")
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "pure":
            patch.delattr(yaml, "CSafeLoader", raising=False)
        yield


def parse(text: str | bytes) -> Document:
    """Return what *text* says, as an issue."""
    return parse_document(text if isinstance(text, bytes) else text.encode(), FILE)


def faults(text: str | bytes) -> list[str]:
    """Return what is said of *text*: each finding without the name of the file, its hint on lines of their own."""
    with pytest.raises(ContentError) as caught:
        parse(text)
    assert caught.value.message == f"{FILE} cannot be read"
    return [str(finding).removeprefix(f"{FILE}:") for finding in caught.value.findings]
