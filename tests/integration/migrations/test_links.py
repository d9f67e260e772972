"""Custom attribute links in plans: rows with a type for each of their ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ftrack_models import (
    ContextCustomAttributeLinkFrom,
    CustomAttributeLinkConfiguration,
    Sequence as ShotSequence,
    Shot,
    User,
    UserCustomAttributeLink,
)
from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.migrations import Planner
from ftrack_orm.migrations.comparison import verify
from ftrack_orm.migrations.plan_function import plan_function
from ftrack_orm.migrations.runs import apply
from ftrack_orm.migrations.undo import plan_undo
from tests.support.migration_plans import content, fast_options, ready
from tests.support.studio import links


@pytest.fixture
def session(emulator: Emulator) -> Session:
    """Return a session to a server with a link from shots to users."""
    session = ready(emulator)
    [row] = [each for each in links() if each["key"] == "supervisor"]
    session.create("CustomAttributeLinkConfiguration", row)
    return session


def new_shot(plan: Planner) -> Shot:
    sequence = plan.select(ShotSequence).order_by(ShotSequence.id).first()
    assert sequence is not None
    return plan.add(Shot(name="linked", parent=sequence))


def ends(plan: Planner) -> tuple[CustomAttributeLinkConfiguration, User]:
    configurations = CustomAttributeLinkConfiguration
    return (
        plan.find(configurations, configurations.key == "supervisor"),
        plan.find(User, User.username == "admin"),
    )


def link_to(plan: Planner) -> None:
    configuration, user = ends(plan)
    shot = new_shot(plan)
    link = UserCustomAttributeLink(
        configuration=configuration, from_id=shot.id, user=user
    )
    plan.add(link)


def link_from(plan: Planner) -> None:
    configuration, user = ends(plan)
    link = ContextCustomAttributeLinkFrom(
        configuration=configuration, context=new_shot(plan), to_id=user.id
    )
    plan.add(link)


@pytest.mark.parametrize("up", [link_to, link_from])
def test_a_new_entity_goes_with_its_link(
    emulator: Emulator,
    session: Session,
    tmp_path: Path,
    up: Callable[[Planner], None],
) -> None:
    before = content(emulator)
    with plan_function(session, up, path=tmp_path / "a.plan") as plan:
        outcome = apply(session, plan, options=fast_options())
    assert verify(session, outcome.run, folder=tmp_path).different == 0
    with plan_undo(session, outcome.run, folder=tmp_path) as undo:
        assert list(undo.skipped()) == []
        assert apply(session, undo, options=fast_options()).applied == outcome.applied
    assert content(emulator) == before
