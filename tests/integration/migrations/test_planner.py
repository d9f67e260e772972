"""Each word of the planner, on the demo production in process."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from ftrack_models import (
    Project,
    Sequence,
    Shot,
    Status,
    Task,
)
from ftrack_orm import (
    LateEditError,
    MultipleResultsError,
    NoResultError,
    PlanningError,
    Session,
)
from ftrack_orm.emulator import Emulator
from ftrack_orm.migrations import Missing, Planner, make_plan
from tests.support.incomplete import incomplete
from tests.support.planning import (
    changes_of,
    facts_of,
    send,
    session_on,
    subjects_of,
)

SHOT = "sq010_sh010"


# -- find, each, units -----------------------------------------------------------------


def test_an_edited_entity_is_a_unit_with_its_rows(session: Session) -> None:
    def up(plan: Planner) -> None:
        shot = plan.find(Shot, Shot.name == SHOT)
        shot.description = "new"
        shot.custom_attributes["fstart"] = 990.0
        shot.metadata["source"] = "edit"
        plan.find(Status, Status.name == "Revise").is_active = False

    plan = make_plan(session, up)

    assert [len(unit.changes) for unit in plan.units()] == [3, 1]
    assert facts_of(plan) == [
        ("update", "Shot", "description", "", "new"),
        ("update", "ContextCustomAttributeValue", "value", 1001, 990.0),
        ("create", "Metadata", None, Missing.ABSENT, "…"),
        ("update", "Status", "is_active", True, False),
    ]


def test_a_value_that_is_set_to_itself_is_no_change(session: Session) -> None:
    def up(plan: Planner) -> None:
        shot = plan.find(Shot, Shot.name == SHOT)
        shot.custom_attributes["fstart"] = 1001.0
        shot.name = SHOT
        shot.description = "x"
        shot.description = ""

    plan = make_plan(session, up)

    assert (plan.changes, plan.requests, plan.unit_count) == (0, 0, 0)


def test_find_reads_an_entity_once(session: Session, emulator: Emulator) -> None:
    def up(plan: Planner) -> None:
        first = plan.find(Status, Status.name == "Revise")
        calls = len(emulator.call_log)
        assert plan.find(Status, Status.name == "Revise") is first
        assert len(emulator.call_log) == calls

    assert make_plan(session, up).changes == 0


def test_find_wants_exactly_one(session: Session) -> None:
    def none(plan: Planner) -> None:
        plan.find(Shot, Shot.name == "none")

    def several(plan: Planner) -> None:
        plan.find(Task, Task.name == "animation")

    with pytest.raises(NoResultError):
        make_plan(session, none)
    with pytest.raises(MultipleResultsError):
        make_plan(session, several)


def test_each_reads_keys_first_and_reaches_entities_that_no_longer_match(
    session: Session, emulator: Emulator
) -> None:
    seen: list[str] = []

    def up(plan: Planner) -> None:
        tasks = plan.select(Task).where(Task.description == "")
        for task in plan.each(tasks, page=50):
            if not seen:
                with session_on(emulator) as other:
                    for found in other.select(Task):
                        found.description = "by another"
                    other.commit()
            seen.append(task.id)
            task.bid = 7.0

    plan = make_plan(session, up)

    assert len(seen) == len(set(seen)) == 139
    assert subjects_of(plan) == {"~ Task.bid set": 139}


def test_each_keeps_the_order_and_limit_of_its_select(session: Session) -> None:
    names: list[str] = []

    def up(plan: Planner) -> None:
        shots = plan.select(Shot).order_by(Shot.name.desc()).limit(5)
        names.extend(shot.name for shot in plan.each(shots, page=2))

    make_plan(session, up)

    expected = session.select(Shot).order_by(Shot.name.desc()).limit(5).all()
    assert names == [shot.name for shot in expected]


def test_attributes_that_were_loaded_late_come_with_the_next_page(
    session: Session, emulator: Emulator
) -> None:
    def up(plan: Planner) -> None:
        for task in plan.each(plan.select(Task), page=20):
            assert task.type is not None
            task.description = task.type.name

    emulator.call_log.clear()
    make_plan(session, up)

    # The keys, seven pages, the types of the first page, and the facts of the plan;
    # later pages bring the types along.
    assert len(emulator.call_log) <= 12


def test_an_edit_after_the_page_is_refused_even_if_the_error_is_caught(
    session: Session,
) -> None:
    def up(plan: Planner) -> None:
        last: list[Task] = []
        for task in plan.each(plan.select(Task), page=10):
            if last and task is not last[-1]:
                try:
                    last[0].bid = 3.0
                except LateEditError:
                    last[0].description = "x"
            last.append(task)

    with pytest.raises(LateEditError) as caught:
        make_plan(session, up)
    assert "Task" in caught.value.entity


@pytest.mark.parametrize("edit", ["scalar", "link", "row", "remove", "value"])
def test_every_kind_of_late_edit_is_refused(session: Session, edit: str) -> None:
    def up(plan: Planner) -> None:
        values = plan.values("fstart", of=Shot, kind=float)
        select = plan.select(Shot).load(Shot.metadata)
        first, *_ = list(plan.each(select))
        match edit:
            case "scalar":
                first.description = "x"
            case "link":
                first.status = plan.find(Status, Status.name == "Revise")
            case "row":
                first.metadata["a"] = "b"
            case "remove":
                plan.remove(first)
            case _:
                values.set(first, 1.0)

    with pytest.raises(LateEditError):
        make_plan(session, up)


def test_entities_of_find_can_be_edited_after_pages(session: Session) -> None:
    def up(plan: Planner) -> None:
        old = plan.find(Status, Status.name == "Revise")
        for task in plan.each(plan.select(Task), page=20):
            task.bid = 1.0
        old.is_active = False

    assert subjects_of(make_plan(session, up)) == {
        "~ Task.bid set": 139,
        "~ Status.is_active set": 1,
    }


def test_nested_loops_harvest_the_inner_page_alone(session: Session) -> None:
    def up(plan: Planner) -> None:
        for shot in plan.each(plan.select(Shot), page=5):
            shot.description = "before"
            for task in plan.each(plan.select(Task).where(Task.parent_id == shot.id)):
                task.description = shot.name
            shot.description = "after"

    plan = make_plan(session, up)

    shots = [change for change in changes_of(plan) if change.entity_type == "Shot"]
    assert all(change.after == "after" for change in shots)
    assert len(shots) == 24


def test_new_entities_come_before_those_that_refer_to_them(session: Session) -> None:
    def up(plan: Planner) -> None:
        project = plan.find(Project, Project.name == "bunny")
        for sequence in plan.each(plan.select(Sequence), page=1):
            twin = plan.add(Sequence(name=f"{sequence.name}_b", parent=project))
            shot = plan.add(Shot(name=f"{sequence.name}_new", parent=twin))
            plan.add(Task(name="layout", parent=shot))

    plan = make_plan(session, up)

    types = [change.entity_type for change in changes_of(plan)]
    assert types[:3] == ["Sequence", "Shot", "Task"]
    assert all(len(unit.changes) == 1 for unit in plan.units())
    send(session, plan)
    assert (
        session.select(Task).where(Task.parent.name.like("%_new")).count()
        == len(types) // 3
    )


def test_an_entity_that_others_need_is_planned_with_them(session: Session) -> None:
    def up(plan: Planner) -> None:
        shots = plan.index(plan.select(Shot), Shot.name)
        for task in plan.each(plan.select(Task).limit(3), page=1):
            assert task.parent_id is not None
            shot = shots.ensure(
                incomplete(Shot, name=f"n_{task.id[:6]}", parent_id=task.parent_id)
            )
            plan.add(Task(name="extra", parent=shot))

    plan = make_plan(session, up)

    created = [change.entity_type for change in changes_of(plan)]
    assert created == ["Shot", "Task"] * 3


# -- units -----------------------------------------------------------------------------


def test_a_unit_holds_the_edits_of_its_block(session: Session) -> None:
    def up(plan: Planner) -> None:
        for shot in plan.each(plan.select(Shot).limit(4), page=2):
            with plan.unit():
                shot.description = "x"
                plan.add(Task(name="extra", parent=shot))

    plan = make_plan(session, up)

    assert [len(unit.changes) for unit in plan.units()] == [2, 2, 2, 2]


def test_an_earlier_edit_of_an_entity_joins_its_unit(session: Session) -> None:
    def up(plan: Planner) -> None:
        shot = plan.find(Shot, Shot.name == SHOT)
        shot.description = "x"
        with plan.unit():
            shot.description = "y"
            plan.add(Task(name="extra", parent=shot))

    assert plan_sizes(session, up) == [2]


def plan_sizes(session: Session, up: object) -> list[int]:
    plan = make_plan(session, up)  # type: ignore[arg-type] # a function of the tests
    return [len(unit.changes) for unit in plan.units()]


def test_units_with_a_common_entity_are_one(session: Session) -> None:
    def up(plan: Planner) -> None:
        project = plan.find(Project, Project.name == "bunny")
        for shot in plan.each(plan.select(Shot).limit(3), page=1):
            with plan.unit():
                shot.description = "x"
                project.metadata[shot.name] = "seen"

    assert plan_sizes(session, up) == [6]


def test_units_that_need_each_other_are_one(session: Session) -> None:
    def up(plan: Planner) -> None:
        project = plan.find(Project, Project.name == "bunny")
        with plan.unit():
            first = plan.add(Sequence(name="a", parent=project))
            second = Shot(name="b1", parent=project)
        with plan.unit():
            other = plan.add(Sequence(name="b", parent=project))
            plan.add(Shot(name="a1", parent=first))
        second.parent = other
        with plan.unit():
            plan.add(second)
            first.description = "with b1"

    assert plan_sizes(session, up) == [4]


# -- index -----------------------------------------------------------------------------


def test_an_index_gets_adds_and_reports(session: Session) -> None:
    left: list[str] = []

    def up(plan: Planner) -> None:
        project = plan.find(Project, Project.name == "bunny")
        sequences = plan.index(plan.select(Sequence), Sequence.name)
        assert "sq010" in sequences
        assert "none" not in sequences
        assert sequences.get("none") is None
        old = sequences.ensure(Sequence(name="sq010", parent=project))
        assert old is sequences.get("sq010")
        new = sequences.ensure(
            Sequence(name="sq999", parent=project, description="new")
        )
        assert sequences.ensure(Sequence(name="sq999", parent=project)) is new
        left.extend(entity.name for entity in sequences.untouched())

    plan = make_plan(session, up)

    assert subjects_of(plan) == {"+ Sequence created": 1}
    assert "sq010" not in left
    assert sorted(left) == ["ot010", "sq020", "sw010"]


def test_ensure_sets_the_values_that_differ(session: Session) -> None:
    def up(plan: Planner) -> None:
        shots = plan.index(
            plan.select(Shot).load(Shot.custom_attributes), Shot.parent_id, Shot.name
        )
        first = plan.find(Shot, Shot.name == SHOT)
        shots.ensure(
            incomplete(
                Shot,
                name=SHOT,
                parent_id=first.parent_id,
                description="other",
                custom_attributes={"fstart": 1001.0, "fend": 5.0},
            )
        )

    assert facts_of(make_plan(session, up)) == [
        ("update", "Shot", "description", "", "other"),
        ("update", "ContextCustomAttributeValue", "value", 1045, 5.0),
    ]


def test_a_key_of_several_entities_is_refused_when_it_is_used(session: Session) -> None:
    def up(plan: Planner) -> None:
        tasks = plan.index(plan.select(Task), Task.name)
        tasks.get("animation")

    with pytest.raises(MultipleResultsError):
        make_plan(session, up)


def test_a_path_through_links_is_a_key(session: Session) -> None:
    def up(plan: Planner) -> None:
        tasks = plan.index(plan.select(Task), Task.parent.name, Task.name)
        task = tasks.get((SHOT, "animation"))
        assert task is not None
        task.bid = 1.0

    assert make_plan(session, up).changes == 1


# -- several loops over the same entities ----------------------------------------------


def test_two_loops_may_edit_different_attributes(session: Session) -> None:
    def up(plan: Planner) -> None:
        for task in plan.each(plan.select(Task), page=50):
            task.bid = 1.0
        for task in plan.each(plan.select(Task), page=40):
            task.description = "x"

    plan = make_plan(session, up)

    assert subjects_of(plan) == {"~ Task.bid set": 139, "~ Task.description set": 139}
    send(session, plan)


@pytest.mark.parametrize("edit", ["attribute", "value", "delete"])
def test_two_loops_may_not_edit_the_same_value(session: Session, edit: str) -> None:
    def up(plan: Planner) -> None:
        starts = plan.values("fstart", of=Shot, kind=float)
        for shot in plan.each(plan.select(Shot).limit(3)):
            shot.description = "a"
            starts.set(shot, 1.0)
        for shot in plan.each(plan.select(Shot).limit(3)):
            if edit == "attribute":
                shot.description = "b"
            elif edit == "value":
                starts.clear(shot)
            else:
                plan.remove(shot)

    with pytest.raises(LateEditError, match=r"Shot|CustomAttributeValue"):
        make_plan(session, up)


def test_the_edits_of_a_loop_that_was_left_are_planned(session: Session) -> None:
    def up(plan: Planner) -> None:
        for index, task in enumerate(plan.each(plan.select(Task), page=10)):
            task.bid = 1.0
            if index == 14:
                break

    assert subjects_of(make_plan(session, up)) == {"~ Task.bid set": 15}


def edited(plan: Planner, shot: Shot) -> None:
    shot.description = "half"
    raise ValueError("no number")


def edited_before(plan: Planner, shot: Shot) -> None:
    shot.description = "before"
    with plan.unit():
        shot.description = "half"
        raise ValueError("no number")


def created(plan: Planner, shot: Shot) -> None:
    plan.add(Task(name="new", parent=shot))
    raise ValueError("no number")


def set_value(plan: Planner, shot: Shot) -> None:
    plan.values("fstart", of=Shot, kind=float).set(shot, 3.0)
    raise ValueError("no number")


def inside(plan: Planner, shot: Shot) -> None:
    values = plan.values("fstart", of=Shot, kind=float)
    values.set(shot, 3.0)
    try:
        with plan.unit():
            values.set(shot, 4.0)
            raise ValueError("no number")
    except ValueError:
        pass


@pytest.mark.parametrize("edit", [edited, edited_before, created, set_value, inside])
def test_a_part_of_a_unit_is_not_planned(
    session: Session, edit: Callable[[Planner, Shot], None]
) -> None:
    def up(plan: Planner) -> None:
        shots = plan.select(Shot).where(Shot.parent.name == "sq010")
        for shot in plan.each(shots, page=3):
            try:
                with plan.unit():
                    edit(plan, shot)
            except ValueError as error:
                plan.skip(shot, str(error))

    with pytest.raises(PlanningError, match="ValueError: no number"):
        make_plan(session, up)


def test_a_unit_that_fails_before_its_edits_is_left_out(session: Session) -> None:
    def up(plan: Planner) -> None:
        shot = plan.find(Shot, Shot.name == SHOT)
        shot.description = "before"
        with plan.unit():
            shot.name = "new"
            with pytest.raises(ValueError, match="new"), plan.unit():
                raise ValueError(shot.name)
        with pytest.raises(ValueError, match="new"), plan.unit():
            raise ValueError(shot.name)

    assert len(facts_of(make_plan(session, up))) == 2


def test_a_unit_around_a_loop_holds_all_of_it(session: Session) -> None:
    def up(plan: Planner) -> None:
        with plan.unit():
            for task in plan.each(plan.select(Task).limit(30), page=10):
                task.bid = 1.0

    assert plan_sizes(session, up) == [30]
