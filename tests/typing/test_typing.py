"""mypy and pyright report each wrong line, and read the types of each right one.

A wrong line ends in the codes that it must be reported with:
``# E: mypy[arg-type] pyright[reportArgumentType]``; a line that reveals a type ends in
that type: ``# T: Path[str]``. About every other line the checkers must be silent.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.type_checkers import (
    Findings,
    Place,
    case_files,
    plain_type,
    run_mypy,
    run_pyright,
)

_ERROR = re.compile(r"# E: mypy\[([\w, -]*)\] pyright\[([\w, ]*)\]$")
_TYPE = re.compile(r"# T: (.+)$")


def expected_codes() -> dict[Place, tuple[set[str], set[str]]]:
    """Return the codes of mypy and of pyright for each wrong line."""
    expected = {}
    for place, line in _lines("# E:"):
        match = _ERROR.search(line)
        assert match is not None, f"{place}: {line}"
        mypy, pyright = (set(codes.split(", ")) for codes in match.groups())
        expected[place] = (mypy, pyright)
    return expected


def expected_types() -> dict[Place, str]:
    """Return the type of each line that reveals one."""
    expected = {}
    for place, line in _lines("# T:"):
        match = _TYPE.search(line)
        assert match is not None, f"{place}: {line}"
        expected[place] = match[1]
    return expected


def _lines(marker: str) -> list[tuple[Place, str]]:
    return [
        ((path.name, number), line)
        for path in case_files()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if marker in line
    ]


def _name(place: Place) -> str:
    return f"{place[0]}:{place[1]}"


WRONG = expected_codes()
RIGHT = expected_types()


@pytest.fixture(scope="module")
def mypy() -> Findings:
    return run_mypy()


@pytest.fixture(scope="module")
def pyright() -> Findings:
    return run_pyright()


@pytest.mark.parametrize("place", WRONG, ids=_name)
def test_a_wrong_line_is_reported_by_both_checkers(
    place: Place, mypy: Findings, pyright: Findings
) -> None:
    found = (mypy.codes.get(place, set()), pyright.codes.get(place, set()))
    assert found == WRONG[place]


@pytest.mark.parametrize("place", RIGHT, ids=_name)
def test_a_right_line_has_one_type_to_both_checkers(
    place: Place, mypy: Findings, pyright: Findings
) -> None:
    assert (mypy.types.get(place), pyright.types.get(place)) == (
        RIGHT[place],
        RIGHT[place],
    )


def test_nothing_else_is_reported(mypy: Findings, pyright: Findings) -> None:
    for findings in (mypy, pyright):
        assert {place for place in findings.codes if place not in WRONG} == set()
        assert {place for place in findings.types if place not in RIGHT} == set()


def test_no_wrong_line_goes_unseen_by_a_checker() -> None:
    assert [place for place, codes in WRONG.items() if {""} in codes] == []


def test_there_are_enough_lines_of_either_kind() -> None:
    assert len(WRONG) >= 40
    assert len(RIGHT) >= 40


def test_a_file_of_right_code_expects_no_error() -> None:
    assert {Path(name).stem.split("_")[0] for name, _ in WRONG} == {"wrong"}
    assert {Path(name).stem.split("_")[0] for name, _ in RIGHT} == {"right"}


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("ftrack_orm.query.path.Path[str]", "Path[str]"),
        ("datetime.datetime | None", "datetime | None"),
        ("type[ftrack_models.task.Task]", "type[Task]"),
        ("Literal['a'] | Literal['b'] | None", "Literal['a', 'b'] | None"),
        ("list[TypedDict('a.LinkItem', {'id': str})]", "list[LinkItem]"),
        ("tuple[str, tuple[int, ...], fallback=a.Reference]", "Reference"),
        ("tuple[Any, ...]", "tuple[Any, ...]"),
    ],
)
def test_types_are_compared_in_one_form(written: str, plain: str) -> None:
    assert plain_type(written) == plain
