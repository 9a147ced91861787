"""Families of plug-ins: one file each in a sub-package, found by the name of the file."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING

from newsletter.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType


@cache
def names(package: str) -> tuple[str, ...]:
    """Return the names of the plug-ins in *package*, sorted, importing none of them.

    A file whose name begins with an underscore is shared ground of the family, not a plug-in.
    """
    folder = import_module(package).__path__
    return tuple(sorted(module.name for module in iter_modules(folder) if not module.name.startswith("_")))


def plugin(package: str, name: str, *, kind: str, others: Iterable[str] = ()) -> ModuleType:
    """Import the plug-in *name* of *package*. *kind* is what messages call the family: "section type".

    Raises UsageError, with the nearest name of these or *others*, when there is no such plug-in.
    """
    known = names(package)
    if name not in known:
        there = sorted({*known, *others})
        hint = did_you_mean(name, there) or f"There is: {', '.join(there)}."
        raise UsageError(f'"{name}" is not a {kind}', hint)
    return import_module(f"{package}.{name}")


def defined_in(module: ModuleType, base: type) -> type:
    """Return the one class that *module* itself derives from *base*. Raises TypeError for none or several."""
    found = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, base) and value.__module__ == module.__name__
    ]
    if len(found) != 1:
        raise TypeError(f"{module.__name__} must define one {base.__name__}, it defines {len(found)}")
    return found[0]
