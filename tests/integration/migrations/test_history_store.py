"""The history is in settings on a server that refuses its component."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from ftrack_orm.cli.migrate_history import init, status
from ftrack_orm.emulator import Emulator
from ftrack_orm.errors.migration_runs import (
    NoHistoryStoreError,
    PlanNotFoundError,
    PlanRefusedError,
    UnsafeServerError,
)
from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.history_id import HISTORY_ID, SETTING_GROUP
from ftrack_orm.migrations.planned_change import PlannedChange
from ftrack_orm.migrations.probes import initialize
from ftrack_orm.migrations.runs import apply, resume
from ftrack_orm.migrations.status import describe_history
from ftrack_orm.migrations.undo import plan_undo
from ftrack_orm.studio.applying import apply_studio
from ftrack_orm.studio.model import Studio
from ftrack_orm.studio.pull import pull_studio
from tests.support.migration_plans import (
    connect,
    create,
    delete,
    fast_options,
    make_file,
    ready,
    update,
)
from tests.support.server_variables import name_server


def emulator(*refused: str, seed: str = "demo") -> Emulator:
    """Return a server that refuses to create entities of some types."""
    server = Emulator(seed=seed)
    server.faults.deviations.refused_creates = tuple(refused)
    return server


def settings(server: Emulator) -> list[str]:
    """Return the names of the settings that hold the history."""
    return sorted(
        row["name"] for row in server.dump() if row.get("group") == SETTING_GROUP
    )


def bids(server: Emulator) -> list[float]:
    """Return the bids of the tasks, by id."""
    client = RunClient(connect(server))
    rows = client.rows("select id, bid from Task order by id")
    return [row["bid"] for row in rows]


def changes(server: Emulator) -> list[list[PlannedChange]]:
    """Return a unit for each of 30 tasks."""
    client = RunClient(connect(server))
    rows = client.rows("select id, bid from Task order by id")[:30]
    return [[update("Task", row["id"], "bid", row["bid"], 7.5)] for row in rows]


@pytest.mark.parametrize("refused", ["FileComponent", "Metadata"])
def test_a_refused_first_store_gives_the_second(refused: str) -> None:
    server = emulator(refused)
    first = initialize(RunClient(connect(server)))
    assert (first.store, first.requests, first.is_new) == ("setting", 7, True)
    assert all(first.guarantees.to_json().values())
    assert settings(server) == ["init"]
    assert not [row for row in server.dump() if row.get("id") == HISTORY_ID]
    again = initialize(RunClient(connect(server)))
    assert (again.store, again.requests, again.is_new) == ("setting", 1, False)
    assert again.server_id == first.server_id


@pytest.mark.parametrize(
    "deviation",
    ["creates_overwrite", "deletes_ignore_missing", "is_not_atomic", "reads_first"],
)
def test_the_second_store_is_measured(deviation: str) -> None:
    server = emulator("FileComponent")
    setattr(server.faults.deviations, deviation, True)
    guarantees = initialize(RunClient(connect(server))).guarantees.to_json()
    assert list(guarantees.values()).count(False) == 1


def test_a_replaced_id_gives_the_second_store(tmp_path: Path) -> None:
    """A history under another id would not be found again."""
    server = emulator()
    server.faults.deviations.ids_are_replaced = True
    before = server.dump()
    first = initialize(RunClient(connect(server)))
    # The six, the first create, and three that take it back.
    assert (first.store, first.requests) == ("setting", 10)
    results = first.guarantees.to_json()
    assert [name for name, is_given in results.items() if not is_given] == [
        "fixed_id_accepted"
    ]
    new = [row["__entity_type__"] for row in server.dump() if row not in before]
    assert set(new) == {"Setting", "Event"}
    session = connect(server)
    with make_file(changes(server), tmp_path / "a.plan") as plan:
        apply(session, plan, options=fast_options())
    assert bids(server)[:30] == [7.5] * 30
    note = [[create("Note", ("n1",), id="n1", content="x")]]
    with (
        make_file(note, tmp_path / "b.plan") as plan,
        pytest.raises(UnsafeServerError, match="keep the client's ids"),
    ):
        apply(session, plan, options=fast_options())


def test_both_stores_refused_is_an_error() -> None:
    server = emulator("FileComponent", "Setting")
    before = server.dump()
    with pytest.raises(NoHistoryStoreError, match="components or settings") as caught:
        initialize(RunClient(connect(server)))
    assert caught.value.exit_code == 5
    assert set(caught.value.reasons) == {"metadata", "setting"}
    assert server.dump() == before


def test_a_run_is_killed_resumed_and_undone(tmp_path: Path) -> None:
    server = emulator("FileComponent")
    session = ready(server)
    before = bids(server)

    def die(event: object) -> None:
        if isinstance(event, dict) and event["event"] == "chunk":
            raise KeyboardInterrupt

    with make_file(changes(server), tmp_path / "a.plan") as plan:
        options = fast_options(chunk=5, conflict_limit=1.0, upload=True, on_event=die)
        with pytest.raises(KeyboardInterrupt):
            apply(session, plan, options=options)
    run = next(iter(RunClient(session).read_history().runs))
    assert any(name.startswith(f"run/{run}#") for name in settings(server))
    quick = fast_options(chunk=5, conflict_limit=1.0)
    elsewhere = tmp_path / "elsewhere"
    with pytest.raises(PlanNotFoundError, match="without an upload"):
        resume(connect(server), run, folder=elsewhere, by_force=True, options=quick)
    other = connect(server)
    outcome = resume(other, run, folder=tmp_path, by_force=True, options=quick)
    assert outcome.applied == 30
    assert bids(server)[:30] == [7.5] * 30
    described = describe_history(RunClient(connect(server)).read_history())
    assert [row["state"] for row in described["runs"]] == ["applied"]
    assert described["lock"] is None
    with plan_undo(other, run, folder=tmp_path) as reverse:
        assert apply(other, reverse, options=quick).applied == 30
    assert bids(server) == before
    assert not [row for row in server.dump() if row.get("id") == HISTORY_ID]


def test_a_plan_in_one_request_is_recorded() -> None:
    server = emulator("FileComponent")
    session = ready(server)
    with make_file(changes(server)) as plan:
        options = fast_options(single_request=True)
        run = apply(session, plan, options=options).run
    assert settings(server) == ["init", f"run/{run}"]


def test_a_plan_cannot_change_the_settings_of_the_history() -> None:
    server = emulator("FileComponent")
    session = ready(server)
    change = delete("Setting", ("init", SETTING_GROUP), value="{}")
    with (
        make_file([[change]]) as plan,
        pytest.raises(PlanRefusedError, match="the history of migrations itself"),
    ):
        apply(session, plan, options=fast_options())


def test_a_studio_is_applied_and_then_unchanged() -> None:
    with emulator("FileComponent", seed="standard") as server:
        session = ready(server)
        on_air = {"name": "On air", "state": "DONE", "color": "#112233"}
        wanted = Studio.model_validate(
            {"studio": {"manage": ["status"]}, "status": [on_air]}
        )
        options = fast_options()
        assert apply_studio(session, wanted, options=options).changes == 1
        assert any(name.startswith("studio/status/") for name in settings(server))
        assert apply_studio(session, wanted, options=options).runs == ()
        groups = {each.group for each in pull_studio(session).setting}
        assert SETTING_GROUP not in groups


def test_the_commands_report_the_second_store(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    with emulator("FileComponent") as server:
        name_server(monkeypatch, server)
        runner = CliRunner()
        result = runner.invoke(init, ["--yes"])
        assert result.exit_code == 0, result.output
        assert "settings of the group ftrack_orm" in result.stdout
        assert "copy its plan file" in result.stdout
        shown = runner.invoke(status, ["--json"])
        assert shown.exit_code == 0, shown.output
        assert json.loads(shown.stdout)["probes"]["batch_atomic"] is True
