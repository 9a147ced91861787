"""Templates compiled once for all the workspaces of a process: that is half of what the first build of each costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment


def compile_once() -> None:
    """Have Jinja2 keep what it compiles for newsletter by the text it was made of: one that is changed is another."""
    from jinja2 import Environment  # noqa: PLC0415  whoever does not build need not pay for it

    compile_source: Any = Environment.compile
    kept: dict[tuple[Any, ...], Any] = {}

    def compiled(self: Environment, source: str, *of: Any, **named: Any) -> Any:
        if type(self).__module__ != "newsletter.render":
            return compile_source(self, source, *of, **named)
        key = (source, of, *named.items())
        if key not in kept:
            kept[key] = compile_source(self, source, *of, **named)
        return kept[key]

    setattr(Environment, "compile", compiled)  # noqa: B010  it is another's method
