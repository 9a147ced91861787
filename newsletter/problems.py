"""What pydantic found wrong, told in the author's words: one finding a fault, each with its place and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from newsletter.dates import DateError
from newsletter.errors import did_you_mean
from newsletter.findings import (
    MISSING_KEY,
    TWO_WAY_DATE,
    UNKNOWN_KEY,
    UNREADABLE_DATE,
    WRONG_KIND,
    Finding,
    Place,
    Severity,
    Trail,
)
from newsletter.written import Fault, Faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic_core import ErrorDetails

    from newsletter.document import Document

Model = TypeVar("Model", bound=BaseModel)

# pydantic's error types for a value of the wrong kind, and what was expected instead.
_KINDS = {
    "string_type": ("text", 'Write one line of text. Text with a comma, colon or bracket can stand in "quotes".'),
    "tuple_type": ("a list", 'Write each item on a line of its own, beginning with "- ".'),
    "is_instance_of": ("a date in words", 'Write it as in "3 February 2026".'),
    "dict_type": ("keys and values", "Write each key on a line of its own, as in key: value."),
    "model_type": ("keys and values", "Write each key on a line of its own, as in key: value."),
    "model_attributes_type": ("keys and values", "Write each key on a line of its own, as in key: value."),
}


def validate(
    model: type[Model], value: Any, document: Document, *, under: Trail = (), context: dict[str, Any] | None = None
) -> tuple[Model | None, list[Finding]]:
    """Read *value*, which stands at *under* in *document*, as a *model*: the value or None, and every fault found."""
    try:
        return model.model_validate(value, context=context), []
    except ValidationError as error:
        faults = error.errors(include_url=False)
        misspelt = {trail for fault in faults if (trail := _meant(fault, model))}
        told = [fault for fault in faults if fault["type"] != "missing" or fault["loc"] not in misspelt]
        return None, [finding for fault in told for finding in _findings(fault, model, document, under)]


def told(place: Place, code: str, message: str, hint: str = "", severity: Severity = Severity.ERROR) -> Finding:
    """Return a finding whose words, which quote the file, are short and harmless to a terminal."""
    message = _printable(" ".join(message.split()))
    return Finding(place, severity, code, message if len(message) <= 200 else message[:197] + "...", _printable(hint))


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() or c == "\n" else " " if c.isspace() else "?" for c in text)


def _findings(fault: ErrorDetails, model: type[BaseModel], document: Document, under: Trail) -> Iterator[Finding]:
    trail = (*under, *fault["loc"])
    cause = fault.get("ctx", {}).get("error")
    if isinstance(cause, Faults):
        for one in cause.faults:
            yield told(document.place(trail, one.line), one.code, one.message, one.hint)
    elif fault["type"] == "too_short" and fault["input"]:
        return  # what is there has faults of its own, which are told
    elif fault["type"] == "missing" and trail in document.keys:
        yield told(document.place(trail), MISSING_KEY, f'"{trail[-1]}" is empty', "Write something after the colon.")
    else:
        code, message, hint = _words(fault, model)
        is_key = trail[-1:] == ("[key]",)
        at_key = is_key or code == UNKNOWN_KEY
        place = document.key_place(trail[:-1] if is_key else trail) if at_key else document.place(trail)
        yield told(place, code, message, hint)


def _meant(fault: ErrorDetails, model: type[BaseModel]) -> Trail | None:
    """Return the trail of the key that an unknown one was probably meant to be."""
    if fault["type"] != "extra_forbidden":
        return None
    above, key = fault["loc"][:-1], str(fault["loc"][-1])
    known = _keys_at(model, above)
    return next(((*above, near) for near in known if did_you_mean(key, [near]) == did_you_mean(key, known) != ""), None)


def _words(fault: ErrorDetails, model: type[BaseModel]) -> tuple[str, str, str]:
    """Return code, message and hint for one of pydantic's faults."""
    kind, key = fault["type"], next((part for part in reversed(fault["loc"]) if isinstance(part, str)), "")
    cause = fault.get("ctx", {}).get("error")
    if isinstance(cause, Fault):
        return cause.code, cause.message, cause.hint
    if isinstance(cause, DateError):
        return TWO_WAY_DATE if cause.two_ways else UNREADABLE_DATE, cause.message, cause.hint
    if kind == "extra_forbidden":
        known = _keys_at(model, fault["loc"][:-1])
        hint = did_you_mean(key, known) or f"The keys here are: {', '.join(known)}."
        return UNKNOWN_KEY, f'unknown key "{key}"', hint
    if kind == "missing":
        return MISSING_KEY, f'"{key}" is missing', f"Add a line that begins with {key}:."
    if kind in _KINDS:
        expected, hint = _KINDS[kind]
        hint = _with_keys(fault, model) or hint
        return WRONG_KIND, f'"{key}" should be {expected}, and is {_kind_of(fault["input"])}', hint
    if kind in {"string_too_short", "too_short"}:
        return MISSING_KEY, f'"{key}" is empty', "Write something there, or take the key out."
    return WRONG_KIND, f'"{key}": {fault["msg"][0].lower()}{fault["msg"][1:]}', ""


def _kind_of(value: Any) -> str:
    return "a list" if isinstance(value, list) else "a group of keys" if isinstance(value, dict) else "text"


def _with_keys(fault: ErrorDetails, model: type[BaseModel]) -> str:
    """Return how to write a group of keys that is none, with the keys that it must have; empty for other faults."""
    inner = _model_at(model, fault["loc"]) if fault["type"] == "model_type" else None
    fields = inner.model_fields.items() if inner else ()
    keys = ", ".join(f"{field.alias or name}: ..." for name, field in fields if field.is_required())
    lead = f"{fault['loc'][-1]}:" if isinstance(fault["loc"][-1], str) else "-"
    return f"Write it as in {lead} {{{keys}}}" if keys else ""


def _keys_at(model: type[BaseModel], trail: Trail) -> list[str]:
    """Return the keys that may stand at *trail* below *model*, as an author writes them."""
    inner = _model_at(model, trail)
    return [field.alias or name for name, field in inner.model_fields.items()] if inner else []


def _model_at(model: type[BaseModel], trail: Trail) -> type[BaseModel] | None:
    """Return the model of what stands at *trail* below *model*; None where that is no group of known keys."""
    for part in trail:
        if isinstance(part, str):
            field = next((f for name, f in model.model_fields.items() if part in (name, f.alias)), None)
            inner = _model_in(field.annotation) if field else None
            if inner is None:
                return None
            model = inner
    return model


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the model inside an annotation such as ``tuple[Course, ...]`` or ``Image | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (_model_in(argument) for argument in getattr(annotation, "__args__", ()))
    return next(filter(None, inner), None)
