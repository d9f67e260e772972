"""The page says what the tables say, and the tables name tests that exist and run."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache

import pytest

from ftrack_orm.emulator import errors
from ftrack_orm.emulator.actions import HANDLERS, UNSUPPORTED_ACTIONS
from tests.behaviours.behaviour import Behaviour
from tests.behaviours.page import PAGE, ROOT, areas, render

ROWS = [row for area in areas() for row in area.behaviours]
NAMED = sorted({name for row in ROWS for name in row.tests})


def test_the_page_is_what_the_tables_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "Run `make behaviours`."


@pytest.mark.parametrize("name", NAMED)
def test_a_named_test_exists_and_is_never_left_out(name: str) -> None:
    path, _, function = name.partition("::")
    if path.endswith(".mjs"):
        checks = (ROOT / path).read_text(encoding="utf-8")
        assert re.search(rf'\btest\(\s*"{re.escape(function)}"', checks)
        return
    decorators = _functions(path)[function.split("[")[0]]
    assert not re.search(r"\b(skip|skipif|xfail)\b", decorators)


def test_every_behaviour_is_said_once_and_has_a_test() -> None:
    said = Counter(row.says for row in ROWS)
    assert [text for text, times in said.items() if times > 1] == []
    assert [row.says for row in ROWS if not row.tests or not row.source] == []


@pytest.mark.parametrize("action", sorted({*HANDLERS, *UNSUPPORTED_ACTIONS}))
def test_every_action_is_in_a_table(action: str) -> None:
    assert any(f"`{action}`" in row.says for row in ROWS)


@pytest.mark.parametrize(
    "name", sorted({each.exception for each in errors.Refusal.__subclasses__()})
)
def test_every_error_is_in_a_table(name: str) -> None:
    assert any(name in row.says for row in ROWS)


def test_sections_are_those_of_the_protocol() -> None:
    assert [row for row in ROWS if not _SECTION.fullmatch(row.section)] == []


@pytest.mark.parametrize(
    "section",
    [
        *(f"1.{number}" for number in range(1, 9)),
        *(f"2.{number}" for number in range(1, 17)),
        *(f"3.{number}" for number in range(1, 9)),
        *(f"4.{number}" for number in range(1, 6)),
        *(f"5.{number}" for number in range(1, 6)),
        *(f"6.{number}" for number in range(1, 10)),
        *(f"7.{number}" for number in (1, 2, 3, 4, 6)),
        *(f"8.{number}" for number in range(1, 9)),
        "9",
        "B",
    ],
)
def test_every_section_has_a_behaviour(section: str) -> None:
    assert any(_is_in(row, section) for row in ROWS)


_SECTION = re.compile(
    r"(?:\d{1,2}(?:\.\d{1,2})?|[ABCD])(?:, (?:\d{1,2}(?:\.\d{1,2})?|[ABCD]))*"
)


def _is_in(row: Behaviour, section: str) -> bool:
    named = row.section.split(", ")
    return any(each == section or each.startswith(f"{section}.") for each in named)


@cache
def _functions(path: str) -> dict[str, str]:
    """Return the test functions of a file and the text of their decorators."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {
        name: "\n".join(ast.unparse(each) for each in node.decorator_list)
        for node, name in _named(tree, "")
    }


def _named(tree: ast.AST, prefix: str) -> list[tuple[ast.FunctionDef, str]]:
    found: list[tuple[ast.FunctionDef, str]] = []
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef):
            found.append((node, prefix + node.name))
        elif isinstance(node, ast.ClassDef):
            found.extend(_named(node, f"{prefix}{node.name}::"))
    return found
