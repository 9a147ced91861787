"""Families of plug-ins: one file each, found by its name, told with the nearest one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from newsletter import registry
from newsletter.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILES = {
    "__init__": "",
    "_shared": "class Base: pass",
    "apple": "from fruits._shared import Base\nclass Apple(Base): pass",
    "pear": "from fruits.apple import Apple\nfrom fruits._shared import Base\nclass Pear(Base): pass",
    "none": "from fruits.apple import Apple",
    "twins": "from fruits._shared import Base\nclass One(Base): pass\nclass Two(Base): pass",
    "broken": "raise RuntimeError",
}


@pytest.fixture(autouse=True)
def fruits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package of plug-ins that can be imported."""
    (tmp_path / "fruits").mkdir()
    for name, source in FILES.items():
        (tmp_path / f"fruits/{name}.py").write_text(source, "utf-8")
    (tmp_path / "fruits/notes.txt").touch()
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for name in [name for name in sys.modules if name.split(".")[0] == "fruits"]:
        del sys.modules[name]


def test_plugins_are_named_by_their_files_and_not_imported() -> None:
    """The names come sorted, shared ground left out, and a broken plug-in hinders no other."""
    assert ("apple", "broken", "none", "pear", "twins") == registry.names("fruits")
    assert "fruits.broken" not in sys.modules


def test_plugin_defines_one_class() -> None:
    """The class of a plug-in is the one it defines itself, not one that it imports."""
    module = registry.plugin("fruits", "pear", kind="fruit")
    assert module.Pear is registry.defined_in(module, module.Base)


@pytest.mark.parametrize(("name", "found"), [("none", 0), ("twins", 2)])
def test_plugin_with_none_or_two_is_a_mistake_of_ours(name: str, found: int) -> None:
    """A file that defines no class of its family, or two, cannot be used."""
    base = registry.plugin("fruits", "pear", kind="fruit").Base
    with pytest.raises(TypeError, match=f"^fruits.{name} must define one Base, it defines {found}$"):
        registry.defined_in(registry.plugin("fruits", name, kind="fruit"), base)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("appel", 'Did you mean "apple"?'),
        ("Apple", 'Did you mean "apple"?'),
        ("x", "There is: apple, broken, none, pear, twins."),
        ("_shared", "There is: apple, broken, none, pear, twins."),
        ("", "There is: apple, broken, none, pear, twins."),
        ("os.path", "There is: apple, broken, none, pear, twins."),
    ],
)
def test_unknown_plugin_is_told_with_the_nearest(name: str, hint: str) -> None:
    """A name that is no plug-in is never imported, and told with the nearest one or with all."""
    with pytest.raises(UsageError) as caught:
        registry.plugin("fruits", name, kind="fruit")
    assert (f'"{name}" is not a fruit', hint) == (caught.value.message, caught.value.hint)
