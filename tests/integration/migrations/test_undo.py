"""A run is undone by a plan; its limits are listed, later edits are conflicts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ftrack_models import Folder, Sequence as ShotSequence, Shot
from ftrack_orm import ServerPermissionDeniedError, Session
from ftrack_orm.emulator import Emulator, FixedClock
from ftrack_orm.errors.migration_runs import (
    PlanNotFoundError,
    RunStoppedError,
    StalePlanError,
    UnknownRunError,
)
from ftrack_orm.migrations import Planner, make_plan
from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.comparison import verify
from ftrack_orm.migrations.options import Outcome
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.planned_change import (
    Missing,
    PlannedChange,
)
from ftrack_orm.migrations.runs import apply
from ftrack_orm.migrations.undo import plan_undo, reverse
from ftrack_orm.operations import Create
from ftrack_orm.types import JSON
from tests.support.migration_plans import (
    FSTART,
    content,
    create,
    delete,
    fast_options,
    history_of,
    make_file,
    metadata,
    ready,
    update,
)
from tests.support.mixed_plan import mixed_changes, new_id


@pytest.fixture
def emulator() -> Emulator:
    return Emulator(seed="demo", clock=FixedClock("2024-05-06"))


def apply_in(
    session: Session,
    folder: Path,
    groups: list[list[PlannedChange]],
    *,
    upload: bool = False,
    **meta: Any,
) -> Outcome:
    """Apply a plan that is kept in a folder."""
    options = fast_options(chunk=9, conflict_limit=1.0, upload=upload)
    with make_file(groups, folder / "a.plan", **meta) as plan:
        return apply(session, plan, options=options)


def undo_in(
    session: Session, run: str, folder: Path, **options: Any
) -> tuple[Outcome, list[tuple[str, str, str, str]]]:
    """Undo a run; return the outcome, and the units that cannot be undone."""
    with plan_undo(session, run, folder=folder) as plan:
        skipped = list(plan.skipped())
        options = {"chunk": 9, "conflict_limit": 1.0, **options}
        return apply(session, plan, options=fast_options(**options)), skipped


def test_each_change_has_a_reverse() -> None:
    key = (FSTART, "s")
    value_type = "ContextCustomAttributeValue"
    pairs = [
        (update("Task", "t", "name", "a", "b"), update("Task", "t", "name", "b", "a")),
        (create("Task", ("t",), name="a"), delete("Task", ("t",), name="a")),
        (
            update(value_type, key, "value", Missing.UNSET, 4.0),
            PlannedChange(
                "delete", value_type, key, None, {"value": 4.0}, Missing.UNSET
            ),
        ),
        (
            update(value_type, key, "value", 1.0, 4.0),
            update(value_type, key, "value", 4.0, 1.0),
        ),
    ]
    for change, expected in pairs:
        assert reverse(change) == expected
        assert reverse(expected) == change


def test_undo_restores_all_rows(emulator: Emulator, tmp_path: Path) -> None:
    session = ready(emulator)
    before = content(emulator)
    groups = mixed_changes(session, 4)
    run = apply_in(session, tmp_path, groups, revision="r1", title="mixed").run
    outcome, skipped = undo_in(session, run, tmp_path)
    assert outcome.applied == len(groups)
    assert skipped == []
    after = content(emulator)
    assert [line for line in after if "StatusChange" not in line] == [
        line for line in before if "StatusChange" not in line
    ]
    history = history_of(session)
    assert (history.run(run) or {})["state"] == "undone"
    assert (history.revision("r1") or {})["state"] == "undone"


def test_an_undone_revision_can_be_applied_and_undone_again(
    emulator: Emulator, tmp_path: Path
) -> None:
    session = ready(emulator)
    groups = mixed_changes(session, 1)[:3]
    before = content(emulator)
    for number in ("1", "2"):
        folder = tmp_path / number
        outcome = apply_in(session, folder, groups, revision="r1")
        assert outcome.applied == 3
        undo_in(session, "r1", folder)
    assert [line for line in content(emulator) if "StatusChange" not in line] == [
        line for line in before if "StatusChange" not in line
    ]


def test_an_undo_is_a_run_that_can_be_undone(
    emulator: Emulator, tmp_path: Path
) -> None:
    session = ready(emulator)
    task = RunClient(session).rows("select id, name from Task order by id")[0]
    groups = [[update("Task", task["id"], "name", task["name"], "new")]]
    run = apply_in(session, tmp_path, groups).run
    with plan_undo(session, run, tmp_path / "undo.plan", folder=tmp_path) as plan:
        undo = apply(session, plan, options=fast_options())
    outcome, _ = undo_in(session, undo.run, tmp_path)
    assert outcome.applied == 1
    names = RunClient(session).rows("select id, name from Task order by id")
    assert names[0]["name"] == "new"


def test_later_edits_are_conflicts_and_stay(emulator: Emulator, tmp_path: Path) -> None:
    session = ready(emulator)
    tasks = RunClient(session).rows("select id, bid from Task order by id")[:6]
    groups = [[update("Task", task["id"], "bid", task["bid"], 1.5)] for task in tasks]
    run = apply_in(session, tmp_path, groups).run
    session.update("Task", tasks[2]["id"], {"bid": 99.0})
    outcome, _ = undo_in(session, run, tmp_path)
    assert (outcome.applied, outcome.conflicts) == (5, 1)
    bids = RunClient(session).rows("select id, bid from Task order by id")[:6]
    expected = [task["bid"] for task in tasks]
    expected[2] = 99.0
    assert [row["bid"] for row in bids] == expected


def test_units_that_were_left_out_are_not_undone(
    emulator: Emulator, tmp_path: Path
) -> None:
    session = ready(emulator)
    tasks = RunClient(session).rows("select id, bid from Task order by id")[:6]
    groups = [
        [
            update("Task", task["id"], "bid", task["bid"], 1.5),
            metadata("Task", task["id"], "a", "b"),
        ]
        for task in tasks
    ]
    session.update("Task", tasks[1]["id"], {"bid": 99.0})  # a conflict
    session.update("Task", tasks[2]["id"], {"bid": 1.5})  # half done already
    session.create(
        "Metadata",
        {"parent_id": tasks[3]["id"], "parent_type": "Task", "key": "a", "value": "b"},
    )
    session.update("Task", tasks[3]["id"], {"bid": 1.5})  # done already
    before = content(emulator)
    outcome = apply_in(session, tmp_path, groups)
    assert (outcome.applied, outcome.already, outcome.conflicts) == (4, 1, 1)
    assert history_of(session).skipped(outcome.run) == [
        {"conflicts": "2", "already": "4", "parts": {"3": "2"}}
    ]
    undone, _ = undo_in(session, outcome.run, tmp_path)
    assert undone.applied == 4
    assert content(emulator) == before


def test_deletes_that_took_other_rows_are_listed(
    emulator: Emulator, tmp_path: Path
) -> None:
    session = ready(emulator)
    rows = RunClient(session).rows("select id, name, bid from Task order by id")
    groups = [
        [delete("Task", (rows[0]["id"],), name=rows[0]["name"])],
        [update("Task", rows[1]["id"], "bid", rows[1]["bid"], 1.5)],
    ]
    run = apply_in(session, tmp_path, groups).run
    outcome, skipped = undo_in(session, run, tmp_path)
    assert outcome.applied == 1
    assert [reason for *_, reason in skipped] == [
        f"the rows deleted with Task({rows[0]['id']}) cannot be restored"
    ]


def new_task(session: Session) -> tuple[str, list[PlannedChange]]:
    """Return the id of a new task, and its creation."""
    shot = RunClient(session).rows("select id, project_id from Shot order by id")[0]
    task = new_id("a task")
    values = {"name": "new", "parent_id": shot["id"], "project_id": shot["project_id"]}
    return task, [create("Task", (task,), **values), metadata("Task", task, "a", "b")]


def is_there(session: Session, task: str) -> bool:
    """Return whether the server has a task."""
    rows = RunClient(session).rows("select id from Task")
    return any(row["id"] == task for row in rows)


def test_a_created_entity_with_later_rows_stays(
    emulator: Emulator, tmp_path: Path
) -> None:
    session = ready(emulator)
    task, changes = new_task(session)
    run = apply_in(session, tmp_path, [changes]).run
    user = RunClient(session).rows("select id from User")[0]["id"]
    note = {
        "parent_id": task,
        "parent_type": "Task",
        "content": "Nice",
        "user_id": user,
    }
    session.create("Note", note)
    outcome, skipped = undo_in(session, run, tmp_path)
    assert outcome.run == ""
    assert "belongs to" in skipped[0][3]
    assert is_there(session, task)


def test_a_row_that_appears_before_the_delete_keeps_its_owner(
    emulator: Emulator, tmp_path: Path
) -> None:
    session = ready(emulator)
    task, changes = new_task(session)
    run = apply_in(session, tmp_path, [changes]).run
    user = RunClient(session).rows("select id from User")[0]["id"]
    note = {
        "parent_id": task,
        "parent_type": "Task",
        "content": "Nice",
        "user_id": user,
    }
    with plan_undo(session, run, folder=tmp_path) as plan:
        session.create("Note", note)
        outcome = apply(session, plan, options=fast_options(conflict_limit=1.0))
        assert (outcome.applied, outcome.conflicts) == (0, 1)
        assert "below" in outcome.details[0]
        assert is_there(session, task)


def test_an_undo_can_stop_before_a_row_that_appeared(
    emulator: Emulator, tmp_path: Path
) -> None:
    session = ready(emulator)
    task, changes = new_task(session)
    run = apply_in(session, tmp_path, [changes]).run
    with plan_undo(session, run, folder=tmp_path) as plan:
        session.create(
            "Metadata",
            {"parent_id": task, "parent_type": "Task", "key": "z", "value": "y"},
        )
        with pytest.raises(RunStoppedError, match="more below it"):
            apply(session, plan, options=fast_options(on_conflict="stop"))
    assert is_there(session, task)


def test_an_edited_child_keeps_its_created_parent(
    emulator: Emulator, tmp_path: Path
) -> None:
    session = ready(emulator)
    project = RunClient(session).rows("select id from Project order by id")[0]["id"]
    shot, task = new_id("new shot"), new_id("new task")
    groups = [
        [create("Shot", (shot,), name="new", parent_id=project, project_id=project)],
        [create("Task", (task,), name="new", parent_id=shot, project_id=project)],
    ]
    run = apply_in(session, tmp_path, groups).run
    session.update("Task", task, {"name": "edited"})
    outcome, skipped = undo_in(session, run, tmp_path)
    assert skipped == []
    assert (outcome.applied, outcome.conflicts) == (0, 2)
    assert is_there(session, task)


def test_a_run_is_undone_from_an_empty_folder(
    emulator: Emulator, tmp_path: Path
) -> None:
    session = ready(emulator)
    before = content(emulator)
    groups = mixed_changes(session, 1)[:3]
    run = apply_in(session, tmp_path / "here", groups, upload=True).run
    outcome, _ = undo_in(session, run, tmp_path / "there")
    assert outcome.applied == 3
    assert (tmp_path / "there" / f"{run}.plan").stat().st_mode & 0o777 == 0o600
    assert [line for line in content(emulator) if "StatusChange" not in line] == [
        line for line in before if "StatusChange" not in line
    ]


def test_a_run_without_upload_needs_its_folder(
    emulator: Emulator, tmp_path: Path
) -> None:
    session = ready(emulator)
    run = apply_in(session, tmp_path / "here", mixed_changes(session, 1)[:1]).run
    with pytest.raises(PlanNotFoundError, match="without an upload") as caught:
        plan_undo(session, run, folder=tmp_path / "there")
    assert "neither undone nor verified" in str(caught.value)
    assert "unlock" not in str(caught.value)


def test_only_applied_runs_are_undone(emulator: Emulator, tmp_path: Path) -> None:
    session = ready(emulator)
    groups = mixed_changes(session, 1)[:3]
    run = apply_in(session, tmp_path, groups).run
    with plan_undo(session, run, folder=tmp_path) as stale:
        undo_in(session, run, tmp_path)
        with pytest.raises(StalePlanError, match="no longer applied"):
            apply(session, stale, options=fast_options())
    with pytest.raises(UnknownRunError, match="undone"):
        plan_undo(session, run, folder=tmp_path)
    with pytest.raises(UnknownRunError, match="does not have it"):
        plan_undo(session, "nothing", folder=tmp_path)


def test_an_interrupted_run_is_continued_before_it_is_undone(
    emulator: Emulator, tmp_path: Path
) -> None:
    session = ready(emulator)
    groups = [*mixed_changes(session, 1)[:3], [create("Task", ("x",), parent_id="?")]]
    with pytest.raises(RunStoppedError) as caught:
        apply_in(session, tmp_path, groups)
    with pytest.raises(UnknownRunError, match="migrate resume"):
        plan_undo(session, caught.value.run, folder=tmp_path)


def test_an_undo_in_one_request_keeps_owners_too(
    emulator: Emulator, tmp_path: Path
) -> None:
    session = ready(emulator)
    task, changes = new_task(session)
    run = apply_in(session, tmp_path, [changes]).run
    with plan_undo(session, run, folder=tmp_path) as plan:
        session.create(
            "Metadata",
            {"parent_id": task, "parent_type": "Task", "key": "z", "value": "y"},
        )
        options = fast_options(single_request=True)
        with pytest.raises(StalePlanError, match="below"):
            apply(session, plan, options=options)


def archived(plan: Planner) -> None:
    """Move the shots of a sequence to a new folder."""
    source = plan.find(ShotSequence, ShotSequence.name == "sq010")
    folder = plan.add(Folder(name="archive", parent=source.project))
    for shot in plan.each(plan.select(Shot).where(Shot.parent_id == source.id)):
        shot.parent = folder


@pytest.mark.parametrize("chunk", [3, 500])
def test_a_new_entity_to_which_the_run_moved_others_is_undone(
    emulator: Emulator, tmp_path: Path, chunk: int
) -> None:
    session = ready(emulator)
    before = content(emulator)
    with make_plan(session, archived) as plan:
        plan.save(tmp_path / "a.plan")
    with PlanFile.open(tmp_path / "a.plan") as file:
        run = apply(session, file, options=fast_options(chunk=chunk)).run
    outcome, skipped = undo_in(session, run, tmp_path, chunk=chunk)
    assert (outcome.applied, outcome.conflicts, skipped) == (11, 0, [])
    assert content(emulator) == before


@pytest.mark.parametrize("chunk", [3, 500])
def test_a_new_entity_stays_with_the_others_that_stay(
    emulator: Emulator, tmp_path: Path, chunk: int
) -> None:
    """One was moved on since; another was moved there by somebody else."""
    session = ready(emulator)
    with make_plan(session, archived) as plan:
        plan.save(tmp_path / "a.plan")
    with PlanFile.open(tmp_path / "a.plan") as file:
        run = apply(session, file, options=fast_options()).run
    folder = session.select(Folder).where(Folder.name == "archive").one()
    moved = session.select(Shot).where(Shot.parent_id == folder.id).all()
    with plan_undo(session, run, folder=tmp_path) as undo:
        session.update("Shot", moved[0].id, {"parent_id": moved[1].id})
        other = session.select(Shot).where(Shot.name == "sq020_sh010").one()
        session.update("Shot", other.id, {"parent_id": folder.id})
        options = fast_options(conflict_limit=1.0, chunk=chunk)
        outcome = apply(session, undo, options=options)
    assert (outcome.applied, outcome.conflicts) == (9, 2)
    assert f"Shot({other.id})" in outcome.details[-1]


# -- verify ----------------------------------------------------------------------------


def test_verify_finds_the_values_that_differ(
    emulator: Emulator, tmp_path: Path
) -> None:
    session = ready(emulator)
    groups = mixed_changes(session, 2)
    run = apply_in(session, tmp_path, groups).run
    result = verify(session, run, folder=tmp_path)
    assert result.changes == sum(map(len, groups))
    assert result.different == 0
    tasks = {
        change.key[0]
        for group in groups
        for change in group
        if change.attribute == "name"
    }
    edited = min(map(str, tasks))
    session.update("Task", edited, {"name": "edited"})
    result = verify(session, run, folder=tmp_path)
    assert result.different == 1
    assert ': Task.name is "edited", not ' in result.texts[0]


def test_verify_compares_times_as_the_server_stores_them(
    emulator: Emulator, tmp_path: Path
) -> None:
    session = ready(emulator)
    task = RunClient(session).rows("select id, start_date from Task order by id")[0]
    moment: JSON = {"__type__": "datetime", "value": "2024-01-02T05:04:05.5+02:00"}
    change = update("Task", task["id"], "start_date", task["start_date"], moment)
    run = apply_in(session, tmp_path, [[change]]).run
    assert verify(session, run, folder=tmp_path).different == 0
    outcome, _ = undo_in(session, run, tmp_path)
    assert outcome.applied == 1


def test_rows_that_the_server_makes_with_an_entity_go_with_it(
    emulator: Emulator, tmp_path: Path
) -> None:
    """The caller is a recipient of a new note; a schema has object types at once."""
    session = ready(emulator)
    before = content(emulator)
    task = str(RunClient(session).rows("select id from Task")[0]["id"])
    note, schema = new_id("note"), new_id("schema")
    groups = [
        [
            create(
                "Note",
                (note,),
                id=note,
                content="x",
                parent_id=task,
                parent_type="Task",
            )
        ],
        [create("ProjectSchema", (schema,), id=schema, name="Commercial")],
    ]
    run = apply_in(session, tmp_path, groups).run
    outcome, skipped = undo_in(session, run, tmp_path)
    assert (outcome.applied, skipped) == (2, [])
    assert content(emulator) == before


def test_a_note_with_another_recipient_stays(
    emulator: Emulator, tmp_path: Path
) -> None:
    session = ready(emulator)
    task = str(RunClient(session).rows("select id from Task")[0]["id"])
    note = new_id("note")
    values = {"content": "x", "parent_id": task, "parent_type": "Task"}
    run = apply_in(
        session, tmp_path, [[create("Note", (note,), id=note, **values)]]
    ).run
    users = RunClient(session).rows('select id from User where username is_not "admin"')
    reader = str(users[0]["id"])
    session.call([Create("Recipient", {"note_id": note, "resource_id": reader})])
    _, skipped = undo_in(session, run, tmp_path)
    [(_, _, _, reason)] = skipped
    assert reader in reason
    rows = RunClient(session).rows("select id from Note")
    assert note in {row["id"] for row in rows}


def test_an_undo_that_cannot_be_planned_leaves_no_file(
    emulator: Emulator, tmp_path: Path
) -> None:
    session = ready(emulator)
    shot = session.select(Shot).limit(1).one()
    task = create("Task", (new_id("t"),), name="new", parent_id=shot.id)
    with make_file([[task]], tmp_path / "a.plan") as plan:
        run = apply(session, plan, options=fast_options()).run
    path = tmp_path / "undo.plan"
    # The second request reads the rows below the task.
    emulator.faults.pass_on(1)
    emulator.faults.deny_permission("Not yours.")
    with pytest.raises(ServerPermissionDeniedError, match="Not yours"):
        plan_undo(session, run, path, folder=tmp_path)
    assert not path.exists()
    with plan_undo(session, run, path, folder=tmp_path) as undo:
        assert undo.unit_count() == 1
