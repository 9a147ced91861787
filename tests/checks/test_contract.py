"""The contract of checks: a code of its own, an explanation, and a finding only where there is a fault.

Each file ``examples_*.py`` beside this one gives EXAMPLES: by the name of a check, an issue that it minds and one that
it does not.
"""

from __future__ import annotations

import ast
import inspect
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from checks.bench import Example, found

from newsletter import checks, registry
from newsletter.checks import Check, all_checks
from newsletter.findings import CODES

HERE = Path(__file__).parent
CHECKS = {check.name: check for check in all_checks()}


def _examples() -> dict[str, tuple[Example, Example]]:
    found: dict[str, tuple[Example, Example]] = {}
    for path in sorted(HERE.glob("examples_*.py")):
        spec = spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        assert found.keys() & module.EXAMPLES.keys() == set(), f"{path.name} has an example that is there already"
        found |= module.EXAMPLES
    return found


EXAMPLES = _examples()


def test_every_check_has_its_examples() -> None:
    """There is an example for each check, and none for a check that is gone."""
    assert sorted(CHECKS) == sorted(EXAMPLES)


def test_codes_are_unique() -> None:
    """No two checks share a code, and each code says what its check reads."""
    codes = [check.code for check in CHECKS.values()]
    assert len(CHECKS) == len({*codes, *CODES}) - len(CODES)
    assert codes == [code for code in codes if len(code) == 4 and code[:2] in {"N1", "N2"} and code[2:].isdigit()]


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_check_explains_itself(check: Check) -> None:
    """The docstring names the fault in a line and then says why it matters."""
    head, _, why = check.explanation.partition("\n\n")
    assert (1, True, True) == (len(head.splitlines()), head.endswith("."), len(why) > 40)


@pytest.mark.parametrize("name", sorted(CHECKS.keys() & EXAMPLES.keys()))
def test_check_minds_the_fault_alone(name: str) -> None:
    """Each check finds its fault once, with a hint and its own severity, and finds none where there is none."""
    trips, passes = EXAMPLES[name]
    check = CHECKS[name]
    (finding,) = found(trips, check.code)
    assert (check.severity, True, []) == (finding.severity, bool(finding.hint), found(passes, check.code))


@pytest.mark.parametrize("name", CHECKS)
def test_checks_know_nothing_of_each_other(name: str) -> None:
    """A check imports no other check, and reads neither clock nor file nor network."""
    path = inspect.getsourcefile(registry.plugin(checks.PACKAGE, name, kind="check"))
    tree = ast.parse(Path(path or "").read_text("utf-8"))
    imported = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    outside = {"os", "time", "pathlib", "socket", "requests", "http"}
    assert set() == {one for one in imported if one.startswith("newsletter.checks.") or one.split(".")[0] in outside}
