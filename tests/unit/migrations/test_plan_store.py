"""Plans in the folder of this computer."""

from __future__ import annotations

from pathlib import Path

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
