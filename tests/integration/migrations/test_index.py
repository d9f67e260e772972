"""`Planner.index` with entities that the same plan adds and removes."""

from __future__ import annotations

from ftrack_models import Sequence as ShotSequence, Shot, Task
from ftrack_orm import Session
from ftrack_orm.migrations import Planner, make_plan
from tests.support.planning import changes_of, facts_of


def sequence_of(plan: Planner) -> ShotSequence:
    return plan.find(
        ShotSequence,
        ShotSequence.name == "sq010",
        ShotSequence.project.name == "bunny",
    )


def test_a_new_entity_gets_the_values_of_a_later_one(session: Session) -> None:
    def up(plan: Planner) -> None:
        below = Task.project.name == "bunny"
        tasks = plan.index(plan.select(Task).where(below), Task.parent.name, Task.name)
        shot = plan.add(Shot(name="added", parent=sequence_of(plan)))
        first = tasks.ensure(Task(name="extra", parent=shot))
        assert tasks.ensure(Task(name="extra", parent=shot, bid=7.0)) is first
        assert tasks.get(("added", "extra")) is first

    with make_plan(session, up) as plan:
        values = {change.entity_type: change.after for change in changes_of(plan)}
    assert isinstance(values["Task"], dict)
    assert values["Task"]["bid"] == 7.0
    assert len(values) == 2


def test_a_removed_entity_is_not_returned(session: Session) -> None:
    def up(plan: Planner) -> None:
        of_bunny = plan.select(Shot).where(Shot.project.name == "bunny")
        shots = plan.index(of_bunny, Shot.name)
        parent = sequence_of(plan)
        plan.remove(shots.ensure(Shot(name="added", parent=parent)))
        assert shots.get("added") is None
        shots.ensure(Shot(name="added", parent=parent, description="again"))
        old = shots.get("sq010_sh010")
        assert old is not None
        plan.remove(old)
        assert "sq010_sh010" not in shots
        assert shots.get("sq010_sh010") is None

    with make_plan(session, up) as plan:
        facts = [fact[:2] for fact in facts_of(plan)]
    assert facts == [("create", "Shot"), ("delete", "Shot")]
