"""Both checkers, strict, accept the example programs and see a mistake in each.

A copy of each program has mistakes in the studio's words: keys of custom attributes and
names of statuses, types and project schemas.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Final

import pytest

from tests.support.jobs_studio import PACKAGE, PROGRAMS
from tests.support.type_checkers import (
    ROOT,
    Findings,
    Place,
    run_mypy,
    run_pyright,
)

MISTAKES: Final = {
    "build_hierarchy": [
        ("custom_attributes.fstart", "custom_attributes.fsart"),
        ("types.lighting", "types.lights"),
        ("= cut.last", "= str(cut.last)"),
    ],
    "cascade_status": [
        ("statuses.completed", "statuses.complete"),
        ('== "DONE"', '== "Done"'),
        ("statuses.in_progress", "types.animation"),
    ],
    "duplicate_structure": [
        ("root.name = name", "root.custom_attributes.fstart = 1"),
        (
            "(TypedContext.id == source.id)\n            |",
            '(TypedContext.status.name == "Aproved")\n            |',
        ),
    ],
    "ensure_attributes": [("object_types.asset_build", "object_types.asset")],
    "move_components": [
        (
            "asset.parent.project_id == project.id",
            'status.name == "Aproved"',
        ),
    ],
    "move_values": [
        ("= shot.custom_attributes[SOURCE]", '= shot.custom_attributes["handle"]'),
    ],
    "project_schemas": [
        (".order_by(ProjectSchema.name)", '.where(ProjectSchema.name == "Vfx")'),
        ("row.task_status.name for", "row.task_status.nam for"),
    ],
    "push_frame_values": [
        ("custom_attributes.fend =", "custom_attributes.fent ="),
        ("frames.handles", "frames.handle"),
        ("object_types.task", "object_types.tasks"),
    ],
}
"""Texts of each program, and the mistakes that replace them in its copy."""


def planted(name: str, text: str) -> tuple[str, list[Place]]:
    """Return the copy of a program with mistakes, and their places."""
    places = []
    for right, wrong in MISTAKES[name]:
        assert text.count(right) == 1, right
        line = text[: text.index(right)].count("\n") + 1
        text = text.replace(right, wrong)
        places.append((f"wrong_{name}.py", line))
    return text, places


COPIES: Final = {path.stem: planted(path.stem, path.read_text()) for path in PROGRAMS}
WRONG: Final = [place for _, places in COPIES.values() for place in places]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, jobs_package: Path) -> Path:
    """Return a folder with the programs, their copies and pyright's settings."""
    folder = tmp_path_factory.mktemp("programs")
    for path in PROGRAMS:
        shutil.copy(path, folder)
        text, _ = COPIES[path.stem]
        (folder / f"wrong_{path.name}").write_text(text, "utf-8")
    settings = {
        "include": ["."],
        "extraPaths": [str(ROOT), str(jobs_package)],
        "pythonVersion": "3.11",
        "typeCheckingMode": "strict",
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    return folder


@pytest.fixture(scope="module")
def mypy(folder: Path, jobs_package: Path) -> Findings:
    return run_mypy(folder, packages=jobs_package)


@pytest.fixture(scope="module")
def pyright(folder: Path) -> Findings:
    return run_pyright(folder)


@pytest.mark.slow
def test_both_checkers_see_the_mistakes_and_no_others(
    mypy: Findings, pyright: Findings
) -> None:
    for findings in (mypy, pyright):
        assert sorted(places(findings)) == sorted(WRONG)


def places(findings: Findings) -> list[Place]:
    """Return the places of errors, without those that only follow from another.

    To pyright's strict mode an expression with a mistake has an unknown type, which it
    reports again wherever the value goes.
    """
    return [
        place
        for place, codes in findings.codes.items()
        if not all(code.startswith("reportUnknown") for code in codes)
    ]


def test_every_program_has_a_mistake_of_the_studios_words() -> None:
    assert MISTAKES.keys() == {path.stem for path in PROGRAMS}


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_a_program_uses_the_package_without_a_cast(path: Path) -> None:
    text = path.read_text("utf-8")
    assert re.search(r"\b(cast|Any)\b|type: ignore|pyright:", text) is None
    assert f"from {PACKAGE} import" in text
    assert "ftrack_models" not in text
