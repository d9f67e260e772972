"""Plans in the folder of this computer."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from ftrack_orm.errors.migrations import PlanFileError
from ftrack_orm.migrations import Plan
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.plan_store import store_plan
from tests.support.migration_plans import make_file, update


def stored(folder: Path, value: float = 2.0) -> Path:
    with Plan(make_file([[update("Task", "t", "bid", 1.0, value)]])) as plan:
        return store_plan(plan, folder, "r1")


def test_the_name_has_the_digest_of_the_plan(tmp_path: Path) -> None:
    path = stored(tmp_path)
    with PlanFile.open(path) as file:
        assert path.name == f"r1-{file.check_digest()[:8]}.plan"
    assert stored(tmp_path, 3.0) != path


def test_an_equal_plan_is_replaced(tmp_path: Path) -> None:
    assert stored(tmp_path) == stored(tmp_path)
    assert len(list(tmp_path.iterdir())) == 1


def test_a_plan_whose_run_has_begun_stays(tmp_path: Path) -> None:
    """The run may have to be resumed from its file."""
    first = stored(tmp_path)
    with PlanFile.open(first) as file:
        file.record_run("1a2b3c4d5e", "applying")
    second = stored(tmp_path)
    assert second.name == f"{first.stem}-2.plan"
    assert stored(tmp_path) == second
    with PlanFile.open(first) as file:
        assert file.runs() == {"1a2b3c4d5e": "applying"}


def test_a_plan_stays_until_the_one_that_replaces_it_is_complete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = stored(tmp_path)

    with Plan(make_file([[update("Task", "t", "bid", 1.0, 2.0)]])) as plan:
        monkeypatch.setattr(PlanFile, "_wait_for_disk", full)
        with pytest.raises(PlanFileError, match="disk is full"):
            store_plan(plan, tmp_path, "r1")
    assert list(tmp_path.iterdir()) == [path]
    with PlanFile.open(path) as file:
        file.check_digest()


def full(file: PlanFile) -> None:
    raise sqlite3.OperationalError("database or disk is full")
