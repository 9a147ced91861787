"""The section types: one file each, beside ``templates/sections/<type>.html`` and ``.txt``. Nothing else names one."""

from __future__ import annotations

from typing import cast

from newsletter import registry
from newsletter.model import Section

PACKAGE = __name__


def section_types() -> tuple[str, ...]:
    """Return the names of all section types, sorted."""
    return registry.names(PACKAGE)


def section_type(name: str) -> type[Section]:
    """Return the model of the section type *name*: the one Section that its file defines.

    Raises UsageError, with the nearest name, for a type that does not exist.
    """
    module = registry.plugin(PACKAGE, name, kind="section type")
    return cast("type[Section]", registry.defined_in(module, Section))
