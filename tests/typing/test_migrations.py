"""Revisions and tools are checked in full: ``mypy --strict`` and pyright's strict mode.

The jobs of a studio are clean, and each line that ends in ``# E`` is an error in both.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.type_checkers import (
    TYPING,
    Findings,
    Place,
    case_files,
    run_mypy,
    run_pyright,
)

FOLDER = TYPING / "migrations"

WRONG: set[Place] = {
    (path.name, number)
    for path in case_files(FOLDER)
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
    if line.endswith("# E")
}


@pytest.fixture(scope="module")
def mypy() -> Findings:
    return run_mypy(FOLDER)


@pytest.fixture(scope="module")
def pyright() -> Findings:
    return run_pyright(FOLDER)


def test_each_mistake_is_reported_by_mypy_and_nothing_else(mypy: Findings) -> None:
    assert set(mypy.codes) == WRONG


def test_each_mistake_is_reported_by_pyright_and_nothing_else(
    pyright: Findings,
) -> None:
    assert set(pyright.codes) == WRONG


def test_there_are_enough_mistakes_and_all_in_one_file() -> None:
    assert len(WRONG) >= 25
    assert {name for name, _ in WRONG} == {"wrong.py"}
    assert len(list(map(Path, case_files(FOLDER)))) >= 8
