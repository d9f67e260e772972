"""Each word of the planner, on the demo production in process."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from ftrack_models import (
    Appointment,
    AssetVersion,
    List,
    Note,
    Project,
    Sequence,
    Shot,
    Status,
    Task,
    TypedContext,
    User,
)
from ftrack_orm import (
    LateEditError,
    MultipleResultsError,
    NoResultError,
    PlanningError,
    Session,
    ValueKindError,
)
from ftrack_orm.emulator import Emulator
from ftrack_orm.migrations import Missing, PlannedEffect, Planner, make_plan
from tests.support.planning import (
    READS,
    actions_of,
    changes_of,
    facts_of,
    send,
    session_on,
    subjects_of,
)


@pytest.fixture(scope="module")
def seeded() -> Iterator[tuple[Emulator, bytes]]:
    emulator = Emulator(seed="demo")
    yield emulator, emulator.snapshot()
    emulator.close()


@pytest.fixture
def emulator(seeded: tuple[Emulator, bytes]) -> Emulator:
    emulator, snapshot = seeded
    emulator.restore(snapshot)
    emulator.call_log.clear()
    return emulator


@pytest.fixture
def session(emulator: Emulator) -> Iterator[Session]:
    with session_on(emulator) as session:
        yield session


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
    seen = []

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
    names = []

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
    assert {change.after for change in shots} == {"after"}
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
            shot = shots.ensure(Shot(name=f"n_{task.id[:6]}", parent_id=task.parent_id))
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
            Shot(
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


# -- values ----------------------------------------------------------------------------


def test_stored_yields_stored_values_and_no_defaults(session: Session) -> None:
    found: list[float] = []

    def up(plan: Planner) -> None:
        numbers = plan.values("fps", of=Sequence, kind=float)
        found.extend(value for _, value in numbers.stored(plan.select(Sequence)))

    make_plan(session, up)

    assert set(found) == {24.0}
    assert all(isinstance(value, float) for value in found)


def test_effective_yields_defaults_too(session: Session) -> None:
    found: list[int] = []

    def up(plan: Planner) -> None:
        for task in plan.each(plan.select(Shot).limit(1)):
            del task.custom_attributes["handles"]
        values = plan.values("handles", of=Shot, kind=int)
        found.extend(value for _, value in values.effective(plan.select(Shot)))

    make_plan(session, up)
    assert len(found) == 24


def test_set_and_clear_are_rows_with_what_they_replace(session: Session) -> None:
    def up(plan: Planner) -> None:
        start = plan.values("fstart", of=Shot, kind=float)
        handles = plan.values("handles", of=Shot, kind=float)
        for shot, value in start.stored(plan.select(Shot).where(Shot.name == SHOT)):
            handles.set(shot, value)
            start.clear(shot)
            start.clear(shot)

    plan = make_plan(session, up)

    assert facts_of(plan) == [
        ("update", "ContextCustomAttributeValue", "value", 8, 1001.0),
        ("delete", "CustomAttributeValue", None, "…", Missing.UNSET),
    ]
    assert changes_of(plan)[1].before == {"value": 1001}
    assert plan.unit_count == 1
    send(session, plan)
    assert make_plan(session, up).changes == 0


def test_a_value_without_a_row_replaces_unset(
    session: Session, emulator: Emulator
) -> None:
    with session_on(emulator) as other:
        shot = other.select(Shot).where(Shot.name == SHOT).one()
        del shot.custom_attributes["fend"]
        other.commit()

    def by_values(plan: Planner) -> None:
        ends = plan.values("fend", of=Shot, kind=float)
        ends.set(plan.find(Shot, Shot.name == SHOT), 5.0)

    def by_mapping(plan: Planner) -> None:
        plan.find(Shot, Shot.name == SHOT).custom_attributes["fend"] = 5.0

    for up in (by_values, by_mapping):
        [fact] = facts_of(make_plan(session, up))
        assert fact[2:] == ("value", Missing.UNSET, 5.0)


def test_a_default_that_is_cleared_is_no_change(
    session: Session, emulator: Emulator
) -> None:
    def up(plan: Planner) -> None:
        plan.values("fend", of=Shot, kind=float).clear(
            plan.find(Shot, Shot.name == SHOT)
        )

    send(session, make_plan(session, up))

    assert make_plan(session, up).changes == 0


@pytest.mark.parametrize(
    ("key", "kind"), [("fstart", str), ("fstart", bool), ("none", float)]
)
def test_another_kind_or_key_is_refused_at_once(
    session: Session, emulator: Emulator, key: str, kind: type
) -> None:
    def up(plan: Planner) -> None:
        plan.values(key, of=Shot, kind=kind)

    with pytest.raises(ValueKindError) as caught:
        make_plan(session, up)
    assert (caught.value.key, caught.value.owner) == (key, "Shot")


def test_a_misspelt_key_offers_the_right_one(session: Session) -> None:
    def up(plan: Planner) -> None:
        plan.values("fstrat", of=Shot, kind=datetime)

    with pytest.raises(ValueKindError, match="fstart"):
        make_plan(session, up)


def test_a_value_of_a_new_entity_is_part_of_it(session: Session) -> None:
    def up(plan: Planner) -> None:
        project = plan.find(Project, Project.name == "bunny")
        start = plan.values("fstart", of=Shot, kind=float)
        shot = plan.add(Shot(name="new", parent=project))
        start.set(shot, 5.0)

    plan = make_plan(session, up)

    assert facts_of(plan) == [
        ("create", "Shot", None, Missing.ABSENT, "…"),
        ("update", "ContextCustomAttributeValue", "value", Missing.UNSET, 5.0),
    ]
    send(session, plan)
    stored = session.select(Shot).where(Shot.name == "new").one()
    assert stored.custom_attributes["fstart"] == 5.0


# -- copy, remove, skip, effect --------------------------------------------------------


def test_a_copy_has_the_writable_values_of_its_source(session: Session) -> None:
    def up(plan: Planner) -> None:
        source = plan.find(Shot, Shot.name == SHOT)
        twin = plan.copy(source, leave_out=[Shot.status_id])
        twin.name = "twin"

    plan = make_plan(session, up)
    send(session, plan)

    source = session.select(Shot).where(Shot.name == SHOT).one()
    twin = session.select(Shot).where(Shot.name == "twin").one()
    assert twin.parent_id == source.parent_id
    assert twin.priority_id == source.priority_id
    assert dict(twin.custom_attributes) == dict(source.custom_attributes)
    assert dict(twin.metadata) == dict(source.metadata)
    assert twin.id != source.id


def test_a_copy_of_a_forgotten_entity_needs_what_was_loaded(session: Session) -> None:
    def up(plan: Planner) -> None:
        first, *_ = list(plan.each(plan.select(Shot)))
        plan.copy(first)

    with pytest.raises(PlanningError, match="custom_attributes is not loaded"):
        make_plan(session, up)


def test_a_deleted_row_can_be_created_again(session: Session) -> None:
    def up(plan: Planner) -> None:
        for row in plan.each(plan.select(Appointment).limit(2)):
            plan.remove(row)

    plan = make_plan(session, up)

    deleted = changes_of(plan)
    assert plan.irreversible == 0
    assert plan.risks == ["delete"]
    for change in deleted:
        row = session.select(Appointment).where(Appointment.id == change.key[0]).one()
        assert change.before == {
            "type": row.type,
            "resource_id": row.resource_id,
            "context_id": row.context_id,
        }


def test_a_delete_that_takes_others_along_counts_them(session: Session) -> None:
    def up(plan: Planner) -> None:
        plan.remove(plan.find(Shot, Shot.name == SHOT))

    plan = make_plan(session, up)

    shot = session.select(Shot).where(Shot.name == SHOT).one()
    tasks = session.select(Task).where(Task.parent_id == shot.id).count()
    assert plan.irreversible == 1
    assert set(plan.risks) == {"delete", "irreversible"}
    assert plan.cascade["Task"] == tasks
    before = {type_name: count_rows(session, type_name) for type_name in plan.cascade}
    send(session, plan)
    for type_name, count in plan.cascade.items():
        assert before[type_name] - count_rows(session, type_name) == count, type_name


def count_rows(session: Session, type_name: str) -> int:
    return session.select(session.model(type_name)).count()


def test_children_are_deleted_before_their_parents(session: Session) -> None:
    def up(plan: Planner) -> None:
        shot = plan.find(Shot, Shot.name == SHOT)
        plan.remove(shot)
        for task in plan.each(plan.select(Task).where(Task.parent_id == shot.id)):
            plan.remove(task)

    plan = make_plan(session, up)

    types = [change.entity_type for change in changes_of(plan)]
    assert types[-1] == "Shot"
    send(session, plan)


def test_a_skipped_entity_is_reported(session: Session) -> None:
    def up(plan: Planner) -> None:
        plan.skip(plan.find(Shot, Shot.name == SHOT), "is not for today")

    plan = make_plan(session, up)

    [(entity_type, _, title, reason)] = plan.skipped
    assert (entity_type, title, reason) == ("Shot", f"Shot {SHOT}", "is not for today")


CALLED: list[str] = []


def record_call(name: str, *, count: int = 1) -> None:
    CALLED.append(f"{name}{count}")


def test_an_effect_is_recorded_and_not_called(session: Session) -> None:
    def up(plan: Planner) -> None:
        for shot in plan.each(plan.select(Shot).limit(2)):
            with plan.unit():
                plan.effect(record_call, shot.name, count=2)
                shot.description = "x"
        plan.effect(record_call, "last")

    plan = make_plan(session, up)

    assert CALLED == []
    units = list(plan.units())
    assert [len(unit.changes) for unit in units] == [1, 1, 0]
    assert units[0].effects[0].keywords == {"count": 2}
    assert units[2].effects == (PlannedEffect(f"{__name__}:record_call", ("last",)),)


def test_an_effect_that_a_run_could_not_call_is_refused(session: Session) -> None:
    def inner(name: str) -> None:
        del name

    def local(plan: Planner) -> None:
        plan.effect(inner, "x")

    def value(plan: Planner) -> None:
        plan.effect(record_call, SHOT, count=float("nan"))  # type: ignore[arg-type] # refused at run time

    for up in (local, value):
        with pytest.raises(PlanningError):
            make_plan(session, up)


# -- relations, and values that were not loaded --------------------------------------


def test_values_that_were_not_loaded_are_read_in_one_request_a_page(
    session: Session, emulator: Emulator
) -> None:
    def up(plan: Planner) -> None:
        for task in plan.each(plan.select(Task).only(Task.name), page=70):
            task.description = "x"
            task.bid = 3.0

    plan = make_plan(session, up)

    assert all(
        change.before == ""
        for change in changes_of(plan)
        if change.attribute == "description"
    )
    # Keys, two pages, what they replace, and the facts of the plan.
    assert len(emulator.call_log) == 6


def test_members_of_a_collection_replace_the_members_before(session: Session) -> None:
    def up(plan: Planner) -> None:
        first = plan.select(List).first()
        assert first is not None
        items = list(first.items)
        first.items.remove(items[0])

    plan = make_plan(session, up)

    kinds = {(change.action, change.entity_type) for change in changes_of(plan)}
    assert plan.changes == 1
    assert kinds <= {("update", type_name) for type_name in _list_types(session)}
    [change] = changes_of(plan)
    assert isinstance(change.before, list)
    assert isinstance(change.after, list)
    assert len(change.before) == len(change.after) + 1


def _list_types(session: Session) -> list[str]:
    return [name for name in session.registry if name.endswith("List")]


def test_a_link_is_its_foreign_key(session: Session) -> None:
    def up(plan: Planner) -> None:
        user = plan.find(User, User.username == "anna")
        for version in plan.each(plan.select(AssetVersion).limit(1)):
            version.user = user
        note = plan.add(Note(content="hello", author=user))
        plan.find(Shot, Shot.name == SHOT).notes.append(note)

    plan = make_plan(session, up)

    assert "Note" in {change.entity_type for change in changes_of(plan)}
    send(session, plan)


def test_planning_only_reads(session: Session, emulator: Emulator) -> None:
    def up(plan: Planner) -> None:
        for context in plan.each(plan.select(TypedContext), page=30):
            context.description = "x"
            context.metadata["seen"] = "yes"

    make_plan(session, up)

    assert actions_of(emulator) <= READS
