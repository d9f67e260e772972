"""The jobs that studios write scripts for, as revisions or tools, on the demo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ftrack_models import (
    AssetVersion,
    ComponentLocation,
    Location,
    Sequence,
    Shot,
    Status,
    Task,
)
from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.migrations import Missing, Plan, make_plan
from ftrack_orm.migrations.plan_function import plan_function
from ftrack_orm.migrations.revision import LoadedModule, load_module
from tests.support.custom_attribute_configurations import SHOT_TYPE, configure
from tests.support.planning import (
    READS,
    actions_of,
    changes_of,
    send,
    session_on,
    subjects_of,
)
from tests.support.type_checkers import TYPING

JOBS = TYPING / "migrations"


def job(name: str) -> LoadedModule:
    return load_module(JOBS / f"{name}.py")


def planned(session: Session, name: str, /, **parameters: Any) -> Plan:
    loaded = job(name)
    return plan_function(
        session, loaded.up, kwargs=parameters, revision=loaded.revision
    )


def test_a_cascade_sets_the_shots_whose_tasks_are_done(
    session: Session, emulator: Emulator
) -> None:
    with session_on(emulator) as other:
        done = other.select(Status).where(Status.state.short == "DONE").first()
        assert done is not None
        for task in other.select(Task).where(Task.parent.name == "ot010_sh010"):
            task.status = done
        other.commit()
    cascade = job("job1_cascade").up
    task_ids = [task.id for task in session.select(Task).all()]

    plan = make_plan(session, cascade, task_ids)

    assert set(subjects_of(plan)) <= {"~ Shot.status_id set"}
    assert plan.changes > 0
    assert plan.risks == ["status"]
    assert plan.unaccepted_risks == ()
    send(session, plan)
    assert make_plan(session, cascade, task_ids).changes == 0


def test_values_of_shots_go_down_to_their_tasks(
    session: Session, emulator: Emulator
) -> None:
    with session_on(emulator) as other:
        for key in ("fstart", "fend", "handles"):
            configure(other, key, "number", 0.0)
    emulator.call_log.clear()

    plan = planned(session, "job2_push", project="bunny")

    tasks = session.select(Task).where(Task.project.name == "bunny")
    with_shot = [task for task in tasks if isinstance(task.parent, Shot)]
    assert subjects_of(plan)["~ Task.custom_attributes.fstart set"] == len(with_shot)
    assert all(
        change.before is Missing.UNSET
        for change in changes_of(plan)
        if change.attribute == "value"
    )
    assert len(plan.skipped) == tasks.count() - len(with_shot)
    send(session, plan)
    again = planned(session, "job2_push", project="bunny")
    assert again.changes == 0


def test_numbers_become_texts_and_the_old_values_go(
    session: Session, emulator: Emulator
) -> None:
    with session_on(emulator) as other:
        for key, kind in (("cut_no", "number"), ("cut_code", "text")):
            configure(other, key, kind, None, object_type_id=SHOT_TYPE)
        shots = other.select(Shot).order_by(Shot.name).limit(3).all()
        for number, shot in enumerate(shots, 12):
            shot.custom_attributes["cut_no"] = number + 0.5
        other.commit()
    emulator.call_log.clear()

    plan = planned(session, "job3_retype")

    assert subjects_of(plan) == {
        "~ Shot.custom_attributes.cut_code set": 3,
        "- Shot.custom_attributes.cut_no cleared": 3,
    }
    assert [len(unit.changes) for unit in plan.units()] == [2, 2, 2]
    assert {str(change.after) for change in changes_of(plan)} >= {"0012.5", "0014.5"}
    assert plan.revision == "20261126_7f3a"
    assert plan.risks == ["whole-server"]
    assert plan.unaccepted_risks == []
    # The configurations, keys, one page with its values, and the facts of the plan.
    assert len(emulator.call_log) == 4
    send(session, plan)
    assert planned(session, "job3_retype").changes == 0


def test_a_sequence_is_duplicated_with_all_below_it(
    session: Session, emulator: Emulator
) -> None:
    source = session.select(Sequence).where(Sequence.name == "sq010").one()
    emulator.call_log.clear()

    plan = planned(session, "job5_duplicate", source=source.id, name="sq999")

    assert actions_of(emulator) <= READS
    send(session, plan)
    twin = session.select(Sequence).where(Sequence.name == "sq999").one()
    below = session.select(Shot).where(Shot.parent_id == source.id).order_by(Shot.name)
    copies = session.select(Shot).where(Shot.parent_id == twin.id).order_by(Shot.name)
    assert [shot.name for shot in copies] == [shot.name for shot in below]
    for shot, copy in zip(below, copies, strict=True):
        assert dict(copy.custom_attributes) == dict(shot.custom_attributes)
        names = {task.name for task in shot.children}
        assert {task.name for task in copy.children} == names
    assert plan.irreversible == 0


def test_components_are_copied_with_their_files_first(
    session: Session, tmp_path: Path
) -> None:
    version = session.select(AssetVersion).first()
    assert version is not None
    project_id = version.project_id
    here = session.select(Location).where(Location.name == "ftrack.review").one()
    there = session.create(Location, {"name": "cold storage"}).data
    rows = session.select(ComponentLocation).where(
        ComponentLocation.location_id == here.id,
        ComponentLocation.component.version.asset.parent.project_id == project_id,
    )
    count = rows.count()
    for row in rows.limit(2):
        (tmp_path / (row.resource_identifier or "")).write_text("content")

    plan = planned(
        session,
        "job6_components",
        project=project_id,
        source=here.name,
        target=there.name,
        root=str(tmp_path),
        to=str(tmp_path / "copies"),
    )

    assert subjects_of(plan) == {"+ ComponentLocation created": 2}
    assert len(plan.skipped) == count - 2
    for unit in plan.units():
        [effect] = unit.effects
        assert effect.function == "ftrack_migration_job6_components:copy"
        assert str(effect.arguments[1]).startswith(str(tmp_path / "copies"))
    assert not (tmp_path / "copies").exists()


CUTS = """seq,shot,in,out
sq010,sq010_sh010,1001,1050
sq010,sq010_new,1001,1020
sq777,sq777_sh010,1001,1030
sq777,sq777_sh020,1001,1040
"""


def test_an_editorial_list_becomes_shots_with_tasks(
    session: Session, tmp_path: Path
) -> None:
    cuts = tmp_path / "cuts.csv"
    cuts.write_text(CUTS)

    plan = planned(session, "job8_editorial", project="bunny", cuts=cuts)

    subjects = subjects_of(plan)
    assert subjects["+ Sequence created"] == 1
    assert subjects["+ Shot created"] == 3
    assert plan.unit_count == 4
    send(session, plan)
    shot = session.select(Shot).where(Shot.name == "sq777_sh010").one()
    assert shot.custom_attributes["fend"] == 1030
    assert len(shot.children) == 6
    assert planned(session, "job8_editorial", project="bunny", cuts=cuts).changes == 0


def test_a_status_is_replaced_and_retired(session: Session) -> None:
    plan = planned(session, "replace_status")

    subjects = subjects_of(plan)
    assert subjects["~ Status.is_active set"] == 1
    assert subjects["~ AssetVersion.status_id set"] > 0
    assert subjects["- WorkflowSchemaStatus deleted"] > 0
    assert plan.risks == ["delete", "status"]
    assert plan.unaccepted_risks == []
    assert plan.irreversible == 0
    send(session, plan)
    assert planned(session, "replace_status").changes == 0


def test_make_plan_takes_the_revision_of_the_module(session: Session) -> None:
    with make_plan(session, job("replace_status").up) as plan:
        assert plan.revision == "20261126_9b10"
        assert plan.title == "Revise becomes In progress"
        assert plan.unaccepted_risks == []


@pytest.mark.parametrize(
    "name", [*sorted(path.stem for path in JOBS.glob("job*.py")), "replace_status"]
)
def test_every_job_is_a_revision_or_a_tool(name: str) -> None:
    loaded = job(name)

    assert loaded.name == (loaded.revision.id if loaded.revision else name)
    assert loaded.registry is not None
