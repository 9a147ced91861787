"""The template language of Brevo and of Buttondown, both after Django's, as much of it as a newsletter may use.

Values are escaped where they are put in, once, even where a filter has done so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import ChainableUndefined, Environment, TemplateSyntaxError
from markupsafe import Markup, escape

if TYPE_CHECKING:
    from collections.abc import Mapping

_ENGINES = {is_html: Environment(autoescape=is_html, undefined=ChainableUndefined) for is_html in (True, False)}  # noqa: S701  text is not HTML
for _engine in _ENGINES.values():
    _engine.filters["force_escape"] = lambda value: Markup(escape(str(value)))  # noqa: S704  it is escaped


def render(template: str, data: Mapping[str, Any], *, is_html: bool) -> str:
    """Fill in *template*. Raises ValueError when it cannot be read."""
    try:
        return _ENGINES[is_html].from_string(template).render(data)
    except TemplateSyntaxError as error:
        raise ValueError(str(error)) from None
