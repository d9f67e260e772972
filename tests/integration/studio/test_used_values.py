"""Options and statuses that go are counted among the entities that have them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ftrack_models import Shot, Status, Task
from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.errors.studio import StudioPlanError
from ftrack_orm.studio.applying import apply_studio
from ftrack_orm.studio.model import Studio
from ftrack_orm.studio.planning import ACCEPTABLE, plan_studio
from tests.support.migration_plans import fast_options, ready

TIER: dict[str, Any] = {
    "key": "tier",
    "on": "Shot",
    "type": "enumerator",
    "label": "Tier",
    "multiple": True,
    "read": ["*"],
    "write": ["*"],
}
OPTIONS = {"low": "Low", "mid": "Middle", "high": "High"}


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Emulator, bytes]]:
    """Return a demo production whose shots have a tier."""
    with Emulator(seed="demo") as emulator:
        with ready(emulator) as session:
            apply_studio(session, tiers(**OPTIONS), options=fast_options())
        with Session(transport=emulator.transport()) as session:
            for shot, tier in zip(
                session.select(Shot).limit(3),
                (["low"], ["low", "mid"], ["mid"]),
                strict=True,
            ):
                shot.custom_attributes["tier"] = tier
            session.commit()
        yield emulator, emulator.snapshot()


@pytest.fixture
def session(server: tuple[Emulator, bytes]) -> Iterator[Session]:
    """Return a session on the production as it was."""
    emulator, snapshot = server
    emulator.restore(snapshot)
    emulator.call_log.clear()
    with Session(transport=emulator.transport(), check_schema="ignore") as session:
        yield session


def studio(**kinds: Any) -> Studio:
    """Return a configuration that manages the given kinds alone."""
    return Studio.model_validate({"studio": {"manage": list(kinds)}, **kinds})


def tiers(**options: str) -> Studio:
    """Return a configuration with the options of one enumerator."""
    return studio(attribute=[{**TIER, "options": options}])


def test_an_option_that_values_use_stays(session: Session) -> None:
    with pytest.raises(StudioPlanError, match="FM203") as caught:
        plan_studio(session, tiers(high="High"))
    assert "2 of 'low', 2 of 'mid'" in str(caught.value)
    assert "migrate new" in str(caught.value)


def test_an_option_that_no_value_uses_goes(session: Session) -> None:
    wanted = tiers(low="Low", mid="Middle")
    with plan_studio(session, wanted) as plan:
        assert plan.changes > 0
        assert plan.findings == []
    apply_studio(session, wanted, options=fast_options())
    with plan_studio(session, wanted) as plan:
        assert plan.changes == 0


def test_a_renamed_menu_is_no_removal(session: Session) -> None:
    with plan_studio(session, tiers(low="Lowest", mid="Middle", high="High")) as plan:
        assert plan.changes > 0
        assert plan.findings == []


def test_a_retired_status_is_counted(session: Session) -> None:
    status = session.select(Status).where(Status.name == "Completed").one()
    tasks = session.select(Task).where(Task.status_id == status.id).count()
    wanted = studio(status=[{"name": "Completed", "active": False}])

    with plan_studio(session, wanted) as plan:
        [finding] = plan.findings

    assert tasks > 1
    assert (finding.code, finding.severity) == ("FM206", "warn")
    assert "TypedContext entities have it" in finding.message
    assert "--recipe replace-status" in finding.message


def test_a_status_that_nothing_has_is_no_finding(
    server: tuple[Emulator, bytes], session: Session
) -> None:
    session.create(Status, {"name": "Unused", "is_active": True, "state": None})
    wanted = studio(status=[{"name": "Unused", "active": False}])
    with plan_studio(session, wanted) as plan:
        assert plan.changes > 0
        assert plan.findings == []


def test_a_renamed_object_type_is_refused_until_it_is_accepted(
    session: Session,
) -> None:
    wanted = studio(object_type=[{"name": "Cut", "renamed_from": "Sequence"}])
    with pytest.raises(StudioPlanError, match=r"FM207.*--accept FM207"):
        plan_studio(session, wanted)
    with plan_studio(session, wanted, accepts=ACCEPTABLE) as plan:
        assert [(each.code, each.severity) for each in plan.findings] == [
            ("FM207", "warn")
        ]
    done = apply_studio(session, wanted, accepts=ACCEPTABLE, options=fast_options())
    assert done.changes == 1
