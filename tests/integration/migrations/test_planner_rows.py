"""Custom values, copies, deletes and effects of a planner."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from ftrack_models import (
    Appointment,
    AssetVersion,
    ContextCustomAttributeValue,
    Event,
    List,
    Note,
    Project,
    Sequence,
    Shot,
    Task,
    TypedContext,
    User,
)
from ftrack_orm import (
    PlanningError,
    Session,
    ValueKindError,
)
from ftrack_orm.emulator import Emulator
from ftrack_orm.migrations import Missing, PlannedEffect, Planner, make_plan
from tests.support.custom_attribute_configurations import SHOT_TYPE, configure
from tests.support.planning import (
    READS,
    actions_of,
    changes_of,
    facts_of,
    send,
    session_on,
    subjects_of,
)

SHOT = "sq010_sh010"


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


def test_a_copy_has_a_stored_value_that_equals_the_default(
    emulator: Emulator, session: Session
) -> None:
    """Without it the copy would inherit the value of its parent."""
    hierarchical = {"is_hierarchical": True, "object_type_id": None}
    rate = configure(
        session, "rate", "number", 24.0, entity_type="show", **hierarchical
    )
    owner = session.select(Shot).where(Shot.name == SHOT).one()
    key = (rate, owner.id)
    session.update("ContextCustomAttributeValue", key, {"value": 24.0})
    sources: list[Shot] = []

    def up(plan: Planner) -> None:
        shots = plan.select(Shot).where(Shot.parent.name == "sq010")
        shots = shots.load(Shot.custom_attributes, Shot.metadata).order_by(Shot.name)
        sources.extend(plan.each(shots, page=3))
        calls = len(emulator.call_log)
        for shot in sources:
            plan.copy(shot).name = f"copy of {shot.name}"
        # The configurations, and the stored values of all.
        assert len(emulator.call_log) == calls + 2

    with session_on(emulator) as other, make_plan(other, up) as plan:
        (value,) = (each for each in changes_of(plan) if each.key[0] == rate)
        send(other, plan)
    copy = session.select(Shot).where(Shot.name == f"copy of {SHOT}").one()
    assert (value.key[1], value.after) == (copy.id, 24.0)


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
        row = session.get(Appointment, change.key)
        assert row is not None
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
        first: Any = plan.select(List).first()
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


def test_lists_are_values_too(session: Session, emulator: Emulator) -> None:
    with session_on(emulator) as other:
        config = '{"multiSelect": true, "data": "[]"}'
        configure(
            other, "tags", "enumerator", ["a"], object_type_id=SHOT_TYPE, config=config
        )

    def up(plan: Planner) -> None:
        tags = plan.values("tags", of=Shot, kind=list[str])
        for shot, names in tags.effective(plan.select(Shot).limit(2)):
            tags.set(shot, [*names, "b"])

    plan = make_plan(session, up)

    assert [change.after for change in changes_of(plan)] == [["a", "b"]] * 2
    send(session, plan)


def test_attributes_of_a_project_reach_below_forgotten_entities(
    session: Session, emulator: Emulator
) -> None:
    project = session.select(Project).where(Project.name == "bunny").one()
    with session_on(emulator) as other:
        configure(
            other,
            "take",
            "number",
            0.0,
            object_type_id=SHOT_TYPE,
            project_id=project.id,
        )

    def up(plan: Planner) -> None:
        show = plan.find(Project, Project.name == "bunny")
        made: list[Sequence] = []
        for sequence in plan.each(plan.select(Sequence).limit(2), page=1):
            first = Shot(name="x", parent=sequence, custom_attributes={"take": 1.0})
            plan.add(first)
            made.append(plan.add(Sequence(name=f"{sequence.name}_b", parent=show)))
        for parent in made:
            plan.add(Shot(name="y", parent=parent, custom_attributes={"take": 2.0}))

    plan = make_plan(session, up)

    assert subjects_of(plan) == {
        "+ Sequence created": 2,
        "+ Shot created": 4,
        "~ Shot.custom_attributes.take set": 4,
    }
    send(session, plan)
    shots = session.select(Shot).where(Shot.name.in_(["x", "y"])).all()
    takes = [shot.custom_attributes["take"] for shot in shots]
    assert (takes.count(1), takes.count(2)) == (2, 2)


def test_a_key_that_the_server_makes_cannot_be_planned(session: Session) -> None:
    def up(plan: Planner) -> None:
        plan.add(Event(action="x", insert="insert"))

    with pytest.raises(PlanningError, match="gets its key from the server"):
        make_plan(session, up)


def test_a_value_row_of_a_context_is_deleted_as_the_plain_row(session: Session) -> None:
    def up(plan: Planner) -> None:
        shot = plan.find(Shot, Shot.name == SHOT)
        rows = plan.select(ContextCustomAttributeValue).where(
            ContextCustomAttributeValue.entity_id == shot.id
        )
        for row in plan.each(rows):
            plan.remove(row)

    plan = make_plan(session, up)

    assert {change.entity_type for change in changes_of(plan)} == {
        "CustomAttributeValue"
    }
    send(session, plan)
    assert make_plan(session, up).changes == 0
