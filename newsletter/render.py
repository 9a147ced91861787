"""From an Issue to HTML and plain text: the only module that knows Jinja2.

What authors write is data, never a template. Templates may come from colleagues, so they run in Jinja2's sandbox,
which sees fields of our values and calls none of pydantic's methods.
"""

from __future__ import annotations

import re
import traceback
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from newsletter import prose
from newsletter.calendar import days_file
from newsletter.dates import Span, format_span
from newsletter.errors import TemplateError
from newsletter.message import GREETING, LIST_TITLE, UNSUBSCRIBE
from newsletter.past import normal
from newsletter.templates import find_template
from newsletter.theme import tones

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from jinja2.sandbox import ImmutableSandboxedEnvironment

    from newsletter.calendar import Entry
    from newsletter.config import Config
    from newsletter.model import Image, Issue, Picture

MEASURE = 512  # px: the text's full width inside the sheet of 600
_LOGO_WIDE = (240, 60)  # px: the room of a logo that stands on a line of its own


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture as the email shows it: where it is, its own size and the size shown, in whole pixels."""

    url: str
    width: int
    height: int
    shown_width: int
    shown_height: int


@dataclass(frozen=True, slots=True)
class Adding:
    """The link that adds a date to a reader's calendar: its visible text, and where it leads."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """An issue drawn: *html* with its style sheet still in the head, and *text*."""

    html: str
    text: str


def render(
    issue: Issue, config: Config, *, root: Path, logo: Picture | None = None, dates: tuple[Entry, ...] = ()
) -> Rendered:
    """Draw *issue*, whose dates are *dates*, with the templates of the workspace *root*. Raises TemplateError."""
    environment = _environment(root)
    values = _values(issue, config, logo) | _calendar_links(issue, config, dates)
    html = _run(environment, "email.html", values)
    text = _run(environment, "email.txt", values)
    return Rendered(_without_blank_lines(html), _tidy(text))


def draw(name: str, values: Mapping[str, Any], *, root: Path) -> str:
    """Draw the template *name* of the workspace *root*, a page of the web, with *values*. Raises TemplateError."""
    return _without_blank_lines(_run(_environment(root), name, dict(values)))


def content_id(picture: Picture) -> str:
    """Return a picture's name with its content's hash in it, so that it changes as the picture does."""
    stem, _, _ = picture.name.rpartition(".")
    safe = re.sub(r"[^A-Za-z0-9-]+", "-", stem).strip("-") or "picture"
    return f"{safe[:60]}.{sha256(picture.data).hexdigest()[:8]}.{'jpg' if picture.kind == 'jpeg' else picture.kind}"


def browser_url(issue: str, config: Config) -> str:
    """Return where the web version of an issue stands, or the empty string when no archive is hosted."""
    return f"{config.archive_url}{issue}.html" if config.archive_url else ""


def _values(issue: Issue, config: Config, logo: Picture | None) -> dict[str, Any]:
    palette = tones(config.theme.accent)
    about = config.about or ""
    return {
        "issue": issue,
        "language": config.language,
        "title": config.title,
        "title_in_sentence": _in_sentence(config.title),
        "organisation": config.organisation,
        "about": about.removeprefix(config.organisation) if about.startswith(config.organisation) else f". {about}",
        "reply_to": config.reply_mailbox.address,
        "reply_link": f"mailto:{quote(config.reply_mailbox.address, safe='@+')}",
        "postal_address": config.postal_address,
        "browser_url": browser_url(issue.id, config),
        "greeting": GREETING if config.greeting else "",
        "list_title": LIST_TITLE,
        "unsubscribe": UNSUBSCRIBE,
        "light": palette.light,
        "dark": palette.dark,
        "logo": _show(logo, config, _LOGO_WIDE) if logo else None,
        "logo_alt": config.theme.logo_alt or config.organisation,
        "pictures": {src: _show(picture, config) for src, picture in issue.pictures.items()},
    }


def _calendar_links(issue: Issue, config: Config, dates: tuple[Entry, ...]) -> dict[str, Any]:
    """Return the links to calendars: none without a hosted archive, and none that adds what is cancelled.

    A session has its own, days to know of have one for all of them.
    """
    archive = config.archive_url
    shown = [entry for entry in dates if archive and not entry.is_cancelled]
    days = sum(not entry.is_session for entry in shown)
    which = "this diary date" if days == 1 else "these diary dates"
    return {
        "adding": {(normal(entry.title), entry.span): Adding(entry.label, f"{archive}{entry.file}") for entry in shown},
        "days": Adding(f"Add {which} to your calendar", f"{archive}{days_file(issue.id)}") if days else None,
    }


def _in_sentence(title: str) -> str:
    """Return "Practitioner newsletter" as "the Practitioner newsletter", and "Our newsletter" as "our newsletter"."""
    first, _, rest = title.partition(" ")
    return f"{first.lower()} {rest}" if first.lower() in {"our", "the", "this", "your"} else f"the {title}"


def _show(picture: Picture, config: Config, room: tuple[int, int] = (MEASURE, 10_000)) -> Shown:
    # Word takes a picture's size from whole numbers in its attributes, and from nowhere else.
    scale = min(1, room[0] / picture.width, room[1] / picture.height)
    base = f"{config.archive_url}images/" if config.archive_url else "cid:"
    width, height = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    return Shown(base + content_id(picture), picture.width, picture.height, width, height)


@lru_cache(maxsize=4)
def _environment(root: Path) -> ImmutableSandboxedEnvironment:
    from jinja2 import FunctionLoader, StrictUndefined  # noqa: PLC0415
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    class Sandbox(ImmutableSandboxedEnvironment):
        def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
            is_method_of_ours = type(obj).__module__.startswith("newsletter.") and callable(value)
            return super().is_safe_attribute(obj, attr, value) and not is_method_of_ours

    def load(name: str) -> tuple[str, str, Callable[[], bool]]:
        path = find_template(root, name)
        stamp = path.stat().st_mtime_ns
        return (
            path.read_text("utf-8"),
            str(path),
            lambda: (now := find_template(root, name)) == path and (now.stat().st_mtime_ns == stamp),
        )

    environment = Sandbox(
        loader=FunctionLoader(load),
        autoescape=lambda name: bool(name and name.endswith(".html")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= _filters()
    return environment


def _filters() -> dict[str, Callable[..., Any]]:
    """Return what templates can do with our values: ``{{ course.description | markdown(top=4) }}``."""
    from jinja2 import pass_context  # noqa: PLC0415
    from markupsafe import Markup  # noqa: PLC0415

    @pass_context
    def picture(context: Mapping[str, Any], image: Image) -> Shown:
        shown: Shown = context["pictures"][image.src]
        return shown

    @pass_context
    def calendar(context: Mapping[str, Any], title: str, span: Span) -> Adding | None:
        adding: Adding | None = context["adding"].get((normal(title), span))
        return adding

    return {
        "markdown": lambda text, top=3: Markup(prose.to_html(text, top=top)),  # noqa: S704  nh3 has cleaned it
        "markdown_text": prose.to_text,
        "fill": _fill,
        "underlined": _underlined,
        "date": lambda span: prose.unbroken(format_span(span)),
        "timetable_date": timetable_date,
        "plain_date": format_span,
        "unbroken": prose.unbroken,
        "picture": picture,
        "calendar": calendar,
    }


def timetable_date(span: Span) -> str:
    """Return a date for the diary's narrow column: it breaks before the month, and a short month keeps its year."""
    held = re.sub(r"(?<=day) (?=\d)|(?<=\d) (?=to )|(?<=\bto) (?=\d)", "\N{NO-BREAK SPACE}", format_span(span))
    return re.sub(r"\b([A-Z][a-z]{2,5}) (?=\d{4})", "\\1\N{NO-BREAK SPACE}", held)


def _fill(text: str, mark: str = "") -> str:
    """Break *text* into lines, the first behind *mark* and the others as far in."""
    first, *rest = prose.fill(str(text), prose.WIDTH - len(mark)) or [""]
    return "\n".join([mark + first, *(" " * len(mark) + line for line in rest)])


def _underlined(text: str, rule: str) -> str:
    lines = prose.fill(text)
    return "\n".join([*lines, rule * max(map(len, lines))])


def _without_blank_lines(html: str) -> str:
    """Drop the blank lines that templates leave, but not those of an author's code block."""
    parts = re.split(r"(<pre\b.*?</pre>)", html, flags=re.DOTALL)
    return "".join(part if part.startswith("<pre") else re.sub(r"\n\s*\n", "\n", part) for part in parts)


def _tidy(text: str) -> str:
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"


def _run(environment: ImmutableSandboxedEnvironment, name: str, values: dict[str, Any]) -> str:
    """Run one template; whatever goes wrong in it is told by template and line."""
    from jinja2 import TemplateError as JinjaError  # noqa: PLC0415
    from jinja2 import TemplateSyntaxError  # noqa: PLC0415

    try:
        return environment.get_template(name).render(values)
    except TemplateSyntaxError as error:
        raise TemplateError(f"templates/{error.name}:{error.lineno}: {error.message}", "Mend that line.") from error
    except RecursionError as error:
        raise TemplateError(f"templates/{name}: a template includes itself", "Take that include out.") from error
    except (JinjaError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise TemplateError(f"{_template_line(error, name)}: {error}", "Mend that line.") from error


def _template_line(error: BaseException, name: str) -> str:
    """Return file and line of the innermost template in the traceback, which Jinja2 has put there."""
    frames = traceback.extract_tb(error.__traceback__)
    inner = [frame for frame in frames if frame.filename.endswith((".html", ".txt", ".css"))]
    if not inner:
        return f"templates/{name}"
    file = inner[-1].filename.replace("\\", "/").rpartition("templates/")[2]
    return f"templates/{file}:{inner[-1].lineno}"
