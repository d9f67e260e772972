"""Both checkers, in their strict modes, see a studio's own words.

A wrong line ends in ``# E``; a line that reveals a type ends in that type:
``# T: float``. About every other line the checkers must be silent.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.support.studio import write_studio_package
from tests.support.type_checkers import (
    ROOT,
    TYPING,
    Findings,
    Place,
    run_mypy,
    run_pyright,
)

PREAMBLE = """\
from ftrack_orm import Session
from studio_models import Shot, Task
session = Session()
shot = session.select(Shot).one()
task = session.select(Task).one()
"""
"""The names that the examples of the documentation use."""


def examples() -> str:
    """Return the examples of the documentation as one module."""
    text = (ROOT / "docs" / "codegen.md").read_text("utf-8")
    blocks = re.findall(r"^```py\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return PREAMBLE + "".join(blocks).replace("company_models", "studio_models")


CASES = {
    path.name: path.read_text("utf-8")
    for path in sorted((TYPING / "studio_cases").glob("*.py"))
} | {"examples.py": examples()}


def marked(marker: str) -> dict[Place, str]:
    """Return the text behind a marker by place."""
    return {
        (name, number): line.partition(marker)[2].strip()
        for name, text in CASES.items()
        for number, line in enumerate(text.splitlines(), 1)
        if marker in line
    }


WRONG = sorted([*marked("# E"), *marked("# both checkers")])
TYPES = marked("# T: ")


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package of the studio and with the cases."""
    folder = tmp_path_factory.mktemp("studio")
    write_studio_package(folder)
    (folder / "cases").mkdir()
    for name, text in CASES.items():
        (folder / "cases" / name).write_text(text, "utf-8")
    settings = {
        # The modules of the cases' words; the others are as in the stock package.
        "include": [
            "cases",
            *(
                f"studio_models/{name}.py"
                for name in ("context", "names", "project", "reference", "shot", "task")
            ),
        ],
        "extraPaths": [str(ROOT), "."],
        "pythonVersion": "3.11",
        "typeCheckingMode": "strict",
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    return folder


@pytest.fixture(scope="module")
def mypy(packages: Path) -> Findings:
    files = [
        *(packages / "cases").glob("*.py"),
        *(packages / "studio_models").iterdir(),
    ]
    return run_mypy(
        files=[path for path in files if path.suffix == ".py"],
        packages=packages,
    )


@pytest.fixture(scope="module")
def pyright(packages: Path) -> Findings:
    return run_pyright(packages)


@pytest.mark.parametrize("place", WRONG, ids=str)
def test_a_wrong_word_is_reported_by_both_checkers(
    place: Place, mypy: Findings, pyright: Findings
) -> None:
    assert (place in mypy.codes, place in pyright.codes) == (True, True)


@pytest.mark.parametrize("place", TYPES, ids=str)
def test_a_word_has_one_type_to_both_checkers(
    place: Place, mypy: Findings, pyright: Findings
) -> None:
    expected = TYPES[place]
    assert (mypy.types.get(place), pyright.types.get(place)) == (expected, expected)


def test_right_code_and_the_package_are_clean(
    mypy: Findings, pyright: Findings
) -> None:
    for findings in (mypy, pyright):
        assert {place for place in findings.codes if place not in WRONG} == set()


def test_there_are_enough_lines_of_either_kind() -> None:
    assert len(WRONG) >= 40
    assert len(TYPES) >= 20
