"""The page of behaviours, made from the modules beside this one."""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import tests.behaviours
from tests.behaviours.behaviour import Behaviour, Evidence

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "behaviours.md"
_OURS: Final = frozenset({"__main__", "behaviour", "page", "test_behaviours"})

_INTRODUCTION: Final = """\
# Behaviours of the emulator

Every server behaviour that the emulator implements, with its evidence and the tests
that would fail without it. Anything else raises an error that names it.

* *Documented*: official documentation, or an official client that relies on it.
* *Recorded*: a response of a real server.
* *Assumed*: a third party, or no source and the likeliest behaviour.

Sections are those of the [protocol reference](protocol.md). This page is generated:
change the tables in `tests/behaviours` and run `make behaviours`. A test compares the
page with the tables and finds every test by its name.
"""


@dataclass(frozen=True, slots=True)
class Area:
    """The behaviours of one module, under its title."""

    title: str
    behaviours: Sequence[Behaviour]


def areas() -> list[Area]:
    """Return every area, in the order of the modules' names."""
    return list(_areas())


def _areas() -> Iterator[Area]:
    for found in pkgutil.iter_modules(tests.behaviours.__path__):
        if found.name not in _OURS:
            module = importlib.import_module(f"tests.behaviours.{found.name}")
            title = (module.__doc__ or found.name).splitlines()[0].rstrip(".")
            yield Area(title, module.BEHAVIOURS)


def render() -> str:
    """Return the text of the page."""
    found = areas()
    counted = Counter(row.evidence for area in found for row in area.behaviours)
    summary = ", ".join(f"{counted[each]} {each.value}" for each in Evidence)
    total = f"{sum(counted.values())} behaviours: {summary}.\n"
    return "\n".join([_INTRODUCTION, total, *(_section(area) for area in found)])


def _section(area: Area) -> str:
    rows = "\n".join(_row(row) for row in area.behaviours)
    return (
        f"## {area.title}\n\n"
        "| Behaviour | Evidence | Source | Section | Tests |\n"
        "| --- | --- | --- | --- | --- |\n"
        f"{rows}\n"
    )


def _row(row: Behaviour) -> str:
    tests_ = "<br>".join(f"`{_short(name)}`" for name in row.tests)
    cells = (row.says, row.evidence.value, row.source, row.section)
    return f"| {' | '.join(map(_cell, cells))} | {_cell(tests_)} |"


def _short(name: str) -> str:
    path, _, function = name.partition("::")
    return f"{path.removeprefix('tests/')}::{function}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
