"""Deletes take what the plan has seen, and no more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ftrack_models import Note, Sequence, Shot, Task, Timelog, User
from ftrack_orm import PlanningError, RunStoppedError, Session, StalePlanError
from ftrack_orm.emulator import Emulator
from ftrack_orm.migrations import Plan, Planner, apply, make_plan
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.preview import as_text
from ftrack_orm.migrations.undo import plan_undo
from tests.support.migration_plans import content, fast_options, ready
from tests.support.planning import changes_of, session_on


def merged(plan: Planner) -> None:
    """Move the shots of a sequence to another one and remove it."""
    source = plan.find(Sequence, Sequence.name == "sq010")
    target = plan.find(Sequence, Sequence.name == "sq020")
    for shot in plan.each(plan.select(Shot).where(Shot.parent_id == source.id)):
        shot.parent = target
        shot.description = "moved"
    plan.remove(source)


def without_animation(plan: Planner) -> None:
    task = plan.find(Task, Task.name == "animation", Task.parent.name == "sq010_sh010")
    plan.remove(task)


def add_note(emulator: Emulator) -> None:
    """Add a note to the task that `without_animation` removes."""
    with session_on(emulator) as other:
        task = other.select(Task).where(
            Task.name == "animation", Task.parent.name == "sq010_sh010"
        )
        author = other.select(User).where(User.username == "admin").one()
        note = Note(
            content="keep", parent_id=task.one().id, parent_type="Task", author=author
        )
        other.add(note)
        other.commit()


# -- planning --------------------------------------------------------------------------


def test_entities_that_the_plan_moves_away_are_not_counted(session: Session) -> None:
    """A page of moves is harvested before the delete, a single move with it."""

    def at_once(plan: Planner) -> None:
        source = plan.find(Sequence, Sequence.name == "sq010")
        target = plan.find(Sequence, Sequence.name == "sq020")
        for shot in plan.select(Shot).where(Shot.parent_id == source.id):
            shot.parent = target
        plan.remove(source)

    for up in (merged, at_once):
        plan = make_plan(session, up)
        delete = changes_of(plan)[-1]
        assert (delete.action, delete.entity_type) == ("delete", "Sequence")
        assert delete.cascade == {"CustomAttributeValue": 1}
        assert plan.cascade == {"CustomAttributeValue": 1}


def moved_late(plan: Planner) -> None:
    target = plan.find(Sequence, Sequence.name == "sq020")
    for shot in plan.each(plan.select(Shot).where(Shot.parent.name == "sq010")):
        shot.parent = target


def described_late(plan: Planner) -> None:
    for task in plan.each(plan.select(Task).where(Task.parent.name == "sq010_sh010")):
        task.metadata["a"] = "b"


@pytest.mark.parametrize("late", [moved_late, described_late])
def test_a_change_after_the_delete_that_takes_it_along_is_refused(
    session: Session, late: Callable[[Planner], None]
) -> None:
    def up(plan: Planner) -> None:
        for each in plan.each(plan.select(Sequence).where(Sequence.name == "sq010")):
            plan.remove(each)
        late(plan)

    with pytest.raises(PlanningError, match="before the loop that removes"):
        make_plan(session, up)


def all_tasks(plan: Planner) -> None:
    for task in plan.each(plan.select(Task).where(Task.project.name == "bunny")):
        plan.remove(task)


def tasks_and_shot(plan: Planner) -> None:
    """Remove a shot after its tasks, in two loops."""
    for task in plan.each(plan.select(Task).where(Task.parent.name == "sq010_sh010")):
        plan.remove(task)
    for shot in plan.each(plan.select(Shot).where(Shot.name == "sq010_sh010")):
        plan.remove(shot)


def test_an_entity_that_is_deleted_before_is_not_counted_again(
    session: Session,
) -> None:
    plan = make_plan(session, tasks_and_shot)
    delete = changes_of(plan)[-1]
    assert delete.entity_type == "Shot"
    assert delete.cascade is not None
    assert not {"Task", "Appointment", "Timelog"}.intersection(delete.cascade)
    assert plan.cascade["Appointment"] == 4


# -- undoing ---------------------------------------------------------------------------


def test_what_referred_to_a_lost_entity_is_listed_before_the_undo(
    emulator: Emulator, tmp_path: Path
) -> None:
    """The shots cannot be moved back to a sequence that is not created again."""

    def up(plan: Planner) -> None:
        merged(plan)
        plan.find(Sequence, Sequence.name == "sq020").description = "both"

    session = ready(emulator)
    with make_plan(session, up) as plan:
        plan.save(tmp_path / "a.plan")
        assert "1 delete that no plan can undo, and 10 units" in as_text(plan)
    with PlanFile.open(tmp_path / "a.plan") as file:
        run = apply(session, file, options=fast_options()).run
    with plan_undo(session, run, folder=tmp_path) as undo:
        reasons = [reason for *_, reason in undo.skipped()]
        assert len(reasons) == 11
        assert reasons[0].endswith("cannot be restored")
        assert all("it referred to Sequence(" in reason for reason in reasons[1:])
        outcome = apply(session, undo, options=fast_options())
    assert (outcome.applied, outcome.refused) == (1, 0)


# -- applying --------------------------------------------------------------------------


def planned(emulator: Emulator, up: Callable[[Planner], None]) -> tuple[Session, Plan]:
    session = ready(emulator)
    return session, make_plan(session, up)


def test_an_entity_that_was_added_since_keeps_its_owner(emulator: Emulator) -> None:
    session, plan = planned(emulator, without_animation)
    add_note(emulator)
    before = content(emulator)
    outcome = apply(session, plan, options=fast_options(conflict_limit=1.0))
    assert (outcome.applied, outcome.conflicts) == (0, 1)
    assert "more below it than the plan deletes: 1 Note, 1 " in outcome.details[0]
    assert content(emulator) == before


def test_a_run_of_one_request_keeps_it_too(emulator: Emulator) -> None:
    session, plan = planned(emulator, without_animation)
    add_note(emulator)
    with pytest.raises(StalePlanError, match=": 1 Note, 1 Recipient"):
        apply(session, plan, options=fast_options(single_request=True))


def test_a_run_can_stop_before_it(emulator: Emulator) -> None:
    session, plan = planned(emulator, without_animation)
    add_note(emulator)
    before = content(emulator)
    with pytest.raises(RunStoppedError, match=": 1 Note, 1 Recipient"):
        apply(session, plan, options=fast_options(on_conflict="stop"))
    assert content(emulator) == before


def test_a_delete_that_took_what_was_planned_is_applied(emulator: Emulator) -> None:
    session, plan = planned(emulator, without_animation)
    assert apply(session, plan, options=fast_options()).applied == 1


@pytest.mark.parametrize("chunk", [2, 500])
def test_links_of_two_deleted_entities_go_with_the_first(
    emulator: Emulator, chunk: int
) -> None:
    session, plan = planned(emulator, all_tasks)
    outcome = apply(session, plan, options=fast_options(chunk=chunk))
    assert (outcome.applied, outcome.conflicts) == (107, 0)


def test_what_the_plan_itself_has_added_goes_too(emulator: Emulator) -> None:
    def up(plan: Planner) -> None:
        shot = plan.find(Shot, Shot.name == "sq010_sh010")
        for task in plan.each(plan.select(Task).where(Task.parent_id == shot.id)):
            task.metadata["why"] = "it goes"
        plan.remove(shot)

    session, plan = planned(emulator, up)
    outcome = apply(session, plan, options=fast_options(chunk=2))
    assert (outcome.applied, outcome.conflicts) == (5, 0)


@pytest.mark.parametrize("chunk", [2, 500])
def test_a_task_that_was_edited_keeps_its_shot(emulator: Emulator, chunk: int) -> None:
    session, plan = planned(emulator, tasks_and_shot)
    with session_on(emulator) as other:
        of_shot = Task.parent.name == "sq010_sh010"
        task = other.select(Task).where(of_shot, Task.name == "animation").one()
        task.description = "edited"
        other.commit()
    options = fast_options(conflict_limit=1.0, chunk=chunk)
    outcome = apply(session, plan, options=options)
    assert (outcome.applied, outcome.conflicts) == (3, 2)
    assert ": 1 Task" in outcome.details[1]
    with session_on(emulator) as other:
        (left,) = other.select(Task).where(Task.parent.name == "sq010_sh010").all()
        assert left.description == "edited"


@pytest.mark.parametrize("chunk", [2, 500])
def test_a_shot_that_was_not_moved_keeps_its_sequence(
    emulator: Emulator, chunk: int
) -> None:
    session, plan = planned(emulator, merged)
    with session_on(emulator) as other:
        shot = other.select(Shot).where(Shot.name == "sq010_sh040").one()
        shot.description = "edited"
        other.commit()
    options = fast_options(conflict_limit=1.0, chunk=chunk)
    outcome = apply(session, plan, options=options)
    assert (outcome.applied, outcome.conflicts) == (9, 2)
    assert "more below it than the plan deletes" in outcome.details[1]
    with session_on(emulator) as other:
        shots = other.select(Shot).where(Shot.parent.name == "sq010").all()
        assert [shot.name for shot in shots] == ["sq010_sh040"]


@pytest.mark.parametrize("chunk", [2, 500])
def test_a_sequence_whose_shots_were_moved_is_removed(
    emulator: Emulator, chunk: int
) -> None:
    session, plan = planned(emulator, merged)
    outcome = apply(session, plan, options=fast_options(chunk=chunk))
    assert (outcome.applied, outcome.conflicts) == (11, 0)


def test_a_row_that_got_a_value_since_is_not_deleted(
    emulator: Emulator, tmp_path: Path
) -> None:
    """The row had no value of the attribute when its delete was planned."""
    session = ready(emulator)
    timelog = session.select(Timelog).limit(1).one()
    assert timelog.time_zone_offset is None

    def up(plan: Planner) -> None:
        plan.remove(plan.find(Timelog, Timelog.id == timelog.id))

    before = content(emulator)
    with make_plan(session, up) as plan:
        plan.save(tmp_path / "a.plan")
    with PlanFile.open(tmp_path / "a.plan") as file:
        run = apply(session, file, options=fast_options()).run
    with plan_undo(session, run, folder=tmp_path) as undo:
        (create,) = (change for unit in undo.units() for change in unit.changes)
        assert isinstance(create.after, dict)
        assert None not in create.after.values()
        apply(session, undo, options=fast_options())
    assert content(emulator) == before

    with make_plan(session, up) as plan:
        session.update("Timelog", timelog.id, {"time_zone_offset": 60})
        outcome = apply(session, plan, options=fast_options(conflict_limit=1.0))
    assert (outcome.applied, outcome.conflicts) == (0, 1)
