"""Plans that are refused before the first write."""

from __future__ import annotations

import pytest

from ftrack_orm.emulator import Emulator
from ftrack_orm.errors.migration_runs import (
    LockedError,
    NotInitializedError,
    OtherServerError,
    PlanRefusedError,
    StalePlanError,
)
from ftrack_orm.errors.migrations import PlanEditedError
from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.history import LOCK
from ftrack_orm.migrations.history_id import HISTORY_ID
from ftrack_orm.migrations.history_store import METADATA
from ftrack_orm.migrations.lock import lock_row
from ftrack_orm.migrations.runs import apply
from tests.support.migration_plans import (
    connect,
    delete,
    fast_options,
    history_of,
    make_file,
    ready,
    renames,
)


@pytest.fixture
def emulator() -> Emulator:
    return Emulator(seed="demo")


def test_a_server_without_history_is_refused(emulator: Emulator) -> None:
    with make_file([]) as plan, pytest.raises(NotInitializedError, match="init"):
        apply(connect(emulator), plan)


def test_a_plan_of_another_server_is_refused(emulator: Emulator) -> None:
    session = ready(emulator)
    with (
        make_file(renames(session), server_id="other") as plan,
        pytest.raises(OtherServerError, match="other"),
    ):
        apply(session, plan, options=fast_options())
    with (
        make_file(renames(session), server_url="https://other") as plan,
        pytest.raises(OtherServerError, match="https://other"),
    ):
        apply(session, plan, options=fast_options())


def test_an_edited_plan_is_refused(emulator: Emulator) -> None:
    session = ready(emulator)
    with make_file(renames(session)) as plan:
        plan._connection.execute("update operations set after = '{\"value\": 1}'")
        with pytest.raises(PlanEditedError):
            apply(session, plan, options=fast_options())


def test_a_plan_is_applied_once(emulator: Emulator) -> None:
    session = ready(emulator)
    with make_file(renames(session), revision="r1") as plan:
        outcome = apply(session, plan, options=fast_options())
        with pytest.raises(StalePlanError, match=outcome.run):
            apply(session, plan, options=fast_options())
    with (
        make_file(renames(session), revision="r1") as plan,
        pytest.raises(StalePlanError, match="r1 is applied"),
    ):
        apply(session, plan, options=fast_options())


def test_conditions_of_the_caller_are_checked(emulator: Emulator) -> None:
    session = ready(emulator)
    with make_file(renames(session, 5)) as plan:
        with pytest.raises(PlanRefusedError, match="digest"):
            apply(session, plan, options=fast_options(expect="0" * 64))
        with pytest.raises(PlanRefusedError, match="10 changes"):
            apply(session, plan, options=fast_options(max_changes=9))
        digest = plan.check_digest()
        options = fast_options(expect=digest, max_changes=10)
        assert apply(session, plan, options=options).applied == 5


def test_the_history_itself_is_not_changed(emulator: Emulator) -> None:
    session = ready(emulator)
    change = delete("Metadata", (HISTORY_ID, "init"), value="{}")
    with (
        make_file([[change]]) as plan,
        pytest.raises(PlanRefusedError, match="history"),
    ):
        apply(session, plan, options=fast_options(conflict_limit=1.0))
    assert history_of(session).init is not None


def test_a_held_lock_is_refused(emulator: Emulator) -> None:
    session = ready(emulator)
    client = RunClient(session)
    client.send([METADATA.create_row(LOCK, lock_row("other", "ana", "x"))])
    with make_file(renames(session)) as plan:
        for single in (False, True):
            with pytest.raises(LockedError, match="ana") as caught:
                apply(session, plan, options=fast_options(single_request=single))
            assert caught.value.exit_code == 6
            assert caught.value.run == "other"
        client.send([METADATA.delete_row(LOCK)])
        assert apply(session, plan, options=fast_options()).applied == 60
