"""A plan file keeps its units, protects them, and notices edits."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ftrack_orm.errors.migrations import PlanEditedError, PlanFileError
from ftrack_orm.migrations.plan import Plan
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.planned_change import (
    Missing,
    PlannedChange,
    PlannedEffect,
    PlannedUnit,
)
from ftrack_orm.operations import Create, Delete, Update

CREATE = PlannedChange(
    "create", "Metadata", ("s", "k"), None, Missing.ABSENT, {"key": "k", "value": "é"}
)
NAME = PlannedChange("update", "Shot", ("s",), "name", "old", "new")
CODE = PlannedChange("update", "Shot", ("s",), "code", None, 3.5)
VALUE = PlannedChange(
    "delete",
    "ContextCustomAttributeValue",
    ("c", "s"),
    None,
    {"value": 12.0},
    Missing.UNSET,
)
UNITS = (
    PlannedUnit(1, "sh010", (NAME, CODE, CREATE)),
    PlannedUnit(2, "sh020", (VALUE,), (PlannedEffect("jobs:copy", ("a",), {"b": 1}),)),
)


def make_file(path: Path) -> PlanFile:
    """Return a finished plan of `UNITS`."""
    file = PlanFile.create(path)
    file.add(iter(UNITS))
    file.finish()
    return file


def test_units_come_back_equal(tmp_path: Path) -> None:
    make_file(tmp_path / "a.plan").close()
    with PlanFile.open(tmp_path / "a.plan") as file:
        assert tuple(file.units()) == UNITS
        assert tuple(file.units(2, 2)) == UNITS[1:]
        assert file.unit_count() == 2


def test_updates_of_one_entity_are_one_operation() -> None:
    assert list(UNITS[0].operations()) == [
        Update("Shot", ("s",), {"name": "new", "code": 3.5}),
        Create("Metadata", {"key": "k", "value": "é"}, ("s", "k")),
    ]
    assert list(UNITS[1].operations()) == [
        Delete("ContextCustomAttributeValue", ("c", "s"))
    ]


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    make_file(tmp_path / "folder" / "a.plan").close()
    mode = (tmp_path / "folder" / "a.plan").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_an_edited_plan_is_refused(tmp_path: Path) -> None:
    make_file(tmp_path / "a.plan").close()
    connection = sqlite3.connect(tmp_path / "a.plan")
    connection.execute("update operations set after = '{\"value\":1}' where seq = 1")
    connection.commit()
    connection.close()
    with PlanFile.open(tmp_path / "a.plan") as file, pytest.raises(PlanEditedError):
        file.check_digest()


def test_equal_units_have_equal_digests(tmp_path: Path) -> None:
    first, second = (make_file(tmp_path / f"{name}.plan") for name in "ab")
    with first, second:
        assert first.check_digest() == second.check_digest()


def test_an_unfinished_plan_is_refused(tmp_path: Path) -> None:
    with (
        PlanFile.create(tmp_path / "a.plan") as file,
        pytest.raises(PlanFileError, match="interrupted"),
    ):
        file.check_digest()


def durability(file: PlanFile) -> int:
    """Return how a transaction waits for the disk: 0 not at all, 2 for all of it."""
    (level,) = file._connection.execute("pragma synchronous").fetchone()
    return int(level)


def test_a_file_that_cannot_be_written_is_an_error_of_the_package(
    tmp_path: Path,
) -> None:
    with PlanFile.create(tmp_path / "a.plan") as file:
        file._connection.execute("pragma query_only = true")
        unit = PlannedUnit(1, "a unit", ())
        writes: list[Callable[[], object]] = [
            lambda: file.add(iter([unit])),
            lambda: file.add_skipped("Task", "t", "Task t", "a reason"),
            lambda: file.record_run("r1", "new"),
            lambda: file.record_step("r1", 0, {}),
            lambda: file.set_meta("title", "bids"),
        ]
        for write in writes:
            with pytest.raises(PlanFileError, match="Free space on the disk"):
                write()
        file.record_end("r1")


def test_only_the_end_of_a_plan_waits_for_the_disk(tmp_path: Path) -> None:
    with PlanFile.create(tmp_path / "a.plan") as file:
        file.add(iter(UNITS))
        assert durability(file) == 0
        file.finish()
        assert durability(file) == 2
        file.copy_to(tmp_path / "b.plan")
    with PlanFile.open(tmp_path / "b.plan") as copy:
        assert durability(copy) == 2
        assert copy.check_digest()


def test_facts_are_stored_together(tmp_path: Path) -> None:
    with PlanFile.create(tmp_path / "a.plan") as file:
        with pytest.raises(TypeError):
            file.add_facts({"title": "a", "names": object()})  # type: ignore[dict-item] # no JSON
        assert file.meta("title") is None
        file.add_facts({"title": "a", "names": None})
        assert file.meta("title") == "a"


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text.plan").write_text("no database at all, only some text" * 99)
    with pytest.raises(PlanFileError, match="no plan file"):
        PlanFile.open(tmp_path / "text.plan")
    with pytest.raises(PlanFileError, match="no such file"):
        PlanFile.open(tmp_path / "absent.plan")
    make_file(tmp_path / "a.plan").close()
    with pytest.raises(PlanFileError, match="exists"):
        PlanFile.create(tmp_path / "a.plan")


def test_runs_and_steps_are_kept(tmp_path: Path) -> None:
    with make_file(tmp_path / "a.plan") as file:
        file.record_run("r1", "applying")
        file.record_step("r1", 0, {"upto": 0})
        file.record_step("r1", 1, {"upto": 2})
        assert file.runs() == {"r1": "applying"}
        assert list(file.steps("r1")) == [(0, {"upto": 0}), (1, {"upto": 2})]


def test_an_irreversible_delete_keeps_the_size_of_its_cascade(tmp_path: Path) -> None:
    row = PlannedChange(
        "delete",
        "Shot",
        ("s",),
        None,
        {"name": "sh010"},
        Missing.ABSENT,
        {"Task": 3, "Note": 1},
    )
    with PlanFile.create(tmp_path / "a.plan") as file:
        file.add(iter([PlannedUnit(1, "sh010", (row, NAME))]))
        [unit] = file.units()

    assert unit.changes == (row, NAME)
    assert [change.is_irreversible for change in unit.changes] == [True, False]


def test_a_plan_can_be_closed_by_another_thread() -> None:
    """The garbage collector runs in any thread, and closes a plan that was dropped."""
    file = PlanFile.create()
    plan = Plan(file, is_temporary=True)
    with ThreadPoolExecutor(1) as threads:
        threads.submit(plan.close).result()
    assert not file.path.exists()
