"""What an author may write: the kinds of text, each with what it refuses, as pydantic types.

Every scalar of a YAML file arrives here as text. A fault is raised as `Fault`; pydantic gathers them all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    InstanceOf,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
)

from newsletter import prose
from newsletter.dates import Span, read_span
from newsletter.findings import BAD_IMAGE, BAD_TEXT, MISSING_KEY, UNSAFE_LINK, WRONG_KIND
from newsletter.mime import HeaderError, header_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from urllib.parse import SplitResult

# What a link may be. Relative links and "//host" mean nothing in an email.
LINK_SCHEMES = ("https", "http", "mailto", "tel")
_LINK_HINT = "A link begins with https://, http://, mailto: or tel:."
_NOT_IN_LINKS = re.compile(r'[\\"<>^`{|}]')  # RFC 3986 has them escaped; programs differ in what they take them for
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*|[0-9A-Fa-f.]*:[0-9A-Fa-f:.]*")  # a name, or the inside of an IPv6's []
_CREDENTIALS = re.compile(r"^([\w+.-]*:(?://)?|//).*@")

LIMIT_MARKDOWN = 50_000  # characters
LIMIT_LINKS = 1_000  # the parser looks for the end of each beginning: its time grows with the square

_PLACEHOLDER = re.compile(r"NL_[A-Z_]+_NL")  # ours, of message.py: what each person's copy is filled in at


class Fault(ValueError):
    """What a validator raises: pydantic gathers these, so that all faults of a file are told at once."""

    def __init__(self, code: str, message: str, hint: str = "", *, line: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.line = line  # of the text, from 0, that the fault stands on


class Faults(ValueError):
    """Several faults of one text, which a validator raises at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults)
        self.faults = faults


def _one_line(text: str) -> str:
    return without_placeholder(" ".join(text.split()))


def without_placeholder(text: str) -> str:
    """Return *text* when it holds none of the marks that are filled in for each person, else raise Fault."""
    if found := _PLACEHOLDER.search(text):
        raise Fault(BAD_TEXT, f'"{found[0]}" has a meaning of its own here', "Write it in another way.")
    return text


def header(text: str) -> str:
    """Return *text* when it can stand in a mail header, else raise Fault."""
    try:
        return header_text(text)
    except HeaderError as error:
        raise Fault(BAD_TEXT, f"{str(error)[0].lower()}{str(error)[1:]}", "Write it again, in plain words.") from error


def _sendable(text: str) -> str:
    """Return the Markdown *text*, its lines untouched, or raise all that cannot be sent of it."""
    if not text.strip():
        raise Fault(MISSING_KEY, "there is no text here", "Write something there, or take the key out.")
    _simple(text)
    faults = [fault for link in prose.links(text) if (fault := _link_fault(link))]
    if faults:
        raise Faults(faults)
    without_placeholder(text)
    without_placeholder(prose.to_html(text))  # the author's NL&#95;... and NL\_... are whole only here
    without_placeholder(prose.to_text(text))
    return text


def _simple(text: str) -> None:
    """Refuse the Markdown that would take minutes to read, or come out with something missing."""
    if len(text) > LIMIT_MARKDOWN:
        hint = "Put it into several sections, or link to a page with all of it."
        raise Fault(BAD_TEXT, f"this text is longer than {LIMIT_MARKDOWN:,} characters", hint)
    if max(map(text.count, ("[", "//", "mailto:"))) > LIMIT_LINKS:
        message = f"this text has more than {LIMIT_LINKS:,} brackets or links"
        raise Fault(BAD_TEXT, message, "Put it into several sections.")
    if (line := prose.too_deep(text)) is not None:
        hint = "Write it with fewer lists and quotations inside each other."
        raise Faults([Fault(BAD_TEXT, "nested too deeply", hint, line=line)])


def _link_fault(link: prose.ProseLink) -> Fault | None:
    if link.is_image:
        hint = "Give the section image: {src: images/..., alt: ...} instead."
        return Fault(BAD_IMAGE, "a picture inside the text", hint, line=link.line)
    try:
        safe_link(link.url)
    except Fault as fault:
        return Fault(fault.code, fault.message, fault.hint, line=link.line)
    return None


def safe_link(url: str) -> str:
    """Return *url* when it can stand as a link in an email, else raise Fault.

    Browsers drop blanks and control characters inside a scheme, so any of them is refused, not mended.
    """
    shown = _CREDENTIALS.sub(r"\1...@", url)  # a password or an address is never printed
    if any(character.isspace() or not character.isprintable() for character in url) or not _has_parts(url):
        hint = "Write it without blanks, as https://example.org/page."
        raise Fault(UNSAFE_LINK, f'"{shown}" is not a web address', hint)
    parts = urlsplit(url)
    if parts.scheme not in LINK_SCHEMES:
        raise Fault(UNSAFE_LINK, f'"{shown}" is not a link that can be sent', _link_hint(url))
    if not (parts.hostname if parts.scheme in ("https", "http") else parts.netloc or parts.path):
        raise Fault(UNSAFE_LINK, f'"{shown}" leads nowhere', _LINK_HINT)
    if found := _NOT_IN_LINKS.search(url):
        hint = f"In a link, write %{ord(found[0]):02X} for {found[0]}."
        raise Fault(UNSAFE_LINK, f'"{shown}" is not a link that can be sent', hint)
    if hint := _misleading(parts):
        raise Fault(UNSAFE_LINK, f'"{shown}" is not a link that can be sent', hint)
    return without_placeholder(url)


def _has_parts(url: str) -> bool:
    try:
        _ = urlsplit(url).port
    except ValueError:
        return False
    return True


def _misleading(parts: SplitResult) -> str:
    """Return what to write instead of a link that may not do what it seems to do, or the empty string."""
    if parts.scheme == "tel":
        return "" if re.fullmatch(r"[0-9+()-]+", parts.path) else "Write the number alone, as in tel:+441130000000."
    if parts.scheme == "mailto":
        is_one = re.fullmatch(r"[^\s@,;]+@[^\s@,;]+", unquote(parts.path))
        headers = {name.lower() for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
        return (
            "" if is_one and headers <= {"subject", "body"} else "Write one address, and at most ?subject= and &body=."
        )
    if "@" in parts.netloc:
        return f"It leads to {parts.hostname}: what stands before the @ only looks like the address. Leave it out."
    return "" if _is_host(parts.hostname or "") else "Look at the name between // and the next /: it is none."


def _is_host(name: str) -> bool:
    if not name.isascii():
        import idna  # noqa: PLC0415

        try:
            name = idna.encode(name).decode("ascii")
        except idna.IDNAError:
            return False
    return bool(_HOST.fullmatch(name))


def _link_hint(url: str) -> str:
    host = url.split("/", 1)[0]
    if "." not in host or ":" in url:
        return _LINK_HINT
    return f'Write "{"mailto:" if "@" in host else "https://"}{url}".'


def _yes_or_no(value: Any) -> Any:
    # YAML 1.2 spells its truth values in these ways; "yes" and "no" are words.
    if isinstance(value, str) and value in {"true", "True", "TRUE", "false", "False", "FALSE"}:
        return value.lower() == "true"
    if isinstance(value, bool):
        return value
    message = f'"{value}" is neither true nor false' if isinstance(value, str) else "this is neither true nor false"
    raise Fault(WRONG_KIND, message, "Write true or false.")


def _span(value: Any, info: ValidationInfo) -> Any:
    return read_span(value, near=(info.context or {}).get("near")) if isinstance(value, str) else value


Line = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True), AfterValidator(_one_line)]
Title = Annotated[Line, AfterValidator(header)]  # a line that also stands in a mail header
Markdown = Annotated[str, AfterValidator(_sendable), WithJsonSchema({"type": "string", "minLength": 1})]
Link = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True), AfterValidator(safe_link)]
When = Annotated[
    InstanceOf[Span],
    BeforeValidator(_span),
    WithJsonSchema({"type": "string", "examples": ["Tuesday 3 February 2026, 9am to 3.30pm", "3 to 8 February 2026"]}),
]
YesNo = Annotated[bool, BeforeValidator(_yes_or_no), WithJsonSchema({"type": "boolean"})]


class Written(BaseModel):
    """Something an author wrote in YAML: frozen, and strict about keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def line_or_keys(schema: dict[str, Any], example: str) -> dict[str, Any]:
    """Return a JSON Schema for something that is written as one line of text or with keys of its own."""
    return {"anyOf": [{"type": "string", "examples": [example]}, schema]}
