"""The JSON that commands write has the declared shape."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pydantic import TypeAdapter, ValidationError

from ftrack_orm import Session
from ftrack_orm.cli.group import group
from ftrack_orm.emulator import Emulator
from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.history import LOCK
from ftrack_orm.migrations.history_store import METADATA
from ftrack_orm.migrations.lock import lock_row
from ftrack_orm.migrations.probes import initialize
from tests.support.json_documents import (
    DIFF,
    EVENT,
    PLAN,
    PLANS,
    STATUS,
    read_document,
    read_events,
)
from tests.support.migration_plans import connect, make_file, update
from tests.support.server_variables import name_server

REVISION = """from ftrack_models import Shot, Task
from ftrack_orm.migrations import Planner, Revision

revision = Revision("{name}", "notes", needs={needs}, accepts=["whole-server"])


def up(plan: Planner) -> None:
    for shot in plan.each(plan.select(Shot)):
        if shot.name == "sq010_sh010":
            plan.skip(shot, "is not to be moved")
        else:
            shot.description = "moved"
            shot.metadata["moved"] = "yes"
"""


@pytest.fixture
def session(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Session]:
    """The demo over HTTP, with a history and two revisions."""
    emulator.start()
    name_server(monkeypatch, emulator)
    monkeypatch.chdir(tmp_path)
    Path("migrations").mkdir()
    for name, needs in (("a_1", []), ("b_2", ["a_1"])):
        text = REVISION.format(name=name, needs=needs)
        Path("migrations", f"{name}.py").write_text(text)
    session = connect(emulator)
    initialize(RunClient(session))
    yield session
    emulator.stop()


def run(*arguments: str, code: int = 0) -> Result:
    result = CliRunner().invoke(group, arguments)
    assert result.exit_code == code, result.output
    return result


def planned() -> Any:
    return read_document(PLANS, run("migrate", "plan", "--json").stdout)


def status() -> Any:
    return read_document(STATUS, run("migrate", "status", "--json").stdout)


def test_a_plan_has_its_shape(session: Session) -> None:
    document = planned()
    (plan,) = document["plans"]
    assert document["waiting"] == ["b_2"]
    assert {count["verb"] for count in plan["counts"]} == {"created", "set"}
    assert [row["reason"] for row in plan["skipped"]] == ["is not to be moved"]
    assert Path(plan["file"]).exists()
    del session


def test_a_status_has_its_shape_at_each_state(session: Session) -> None:
    assert status()["pending"] == ["a_1", "b_2"]
    (plan,) = planned()["plans"]
    run("migrate", "apply", plan["file"], "--yes")
    assert [row["state"] for row in status()["revisions"]] == ["applied"]
    run("migrate", "undo", "a_1", "--apply", "--yes")
    run("migrate", "mark", "b_2", "applied")
    client = RunClient(session)
    client.send([METADATA.create_row(LOCK, lock_row("r", "ana", "x"))])
    document = status()
    client.send([METADATA.delete_row(LOCK)])
    assert document["lock"]["user"] == "ana"
    assert [row["state"] for row in document["revisions"]] == ["undone", "applied"]


def test_the_status_of_a_new_server_has_its_shape(session: Session) -> None:
    client = RunClient(session)
    client.send([METADATA.delete_row("init")])
    document = status()
    assert (document["server_id"], document["probes"]) == (None, None)


def test_the_lines_of_a_run_have_their_shape(session: Session, tmp_path: Path) -> None:
    rows = RunClient(session).rows("select id, bid, status_id from Task order by id")
    groups = [[update("Task", row["id"], "bid", row["bid"], 7.5)] for row in rows[:400]]
    session.update("Task", rows[3]["id"], {"bid": 1.25})
    refused = rows[7]
    groups[7] = [
        update("Task", refused["id"], "status_id", refused["status_id"], "nowhere")
    ]
    make_file(groups, tmp_path / "a.plan", title="bids").close()
    arguments = ("apply", "a.plan", "--yes", "--json", "--on-error", "skip")
    result = run("migrate", *arguments, code=4)
    events = read_events(result.stdout)
    kinds = [event["event"] for event in events]
    assert (kinds[0], kinds[-1]) == ("begin", "end")
    assert set(kinds) == {"begin", "chunk", "conflict", "error", "end"}
    assert events[-1]["refused"] == 1


def test_the_line_of_a_stopped_run_has_its_shape(
    session: Session, tmp_path: Path
) -> None:
    task = RunClient(session).rows("select id, status_id from Task limit 1")[0]
    change = update("Task", task["id"], "status_id", task["status_id"], "nowhere")
    make_file([[change]], tmp_path / "a.plan").close()
    result = run("migrate", "apply", "a.plan", "--yes", "--json", code=7)
    events = read_events(result.stdout)
    assert [event["event"] for event in events] == ["begin", "error", "error"]
    assert events[-1]["exit_code"] == 7
    make_file([[change]], tmp_path / "b.plan", server_id="another").close()
    result = run("migrate", "apply", "b.plan", "--yes", "--json", code=5)
    (event,) = read_events(result.stdout)
    assert (event["run"], event["exit_code"]) == (None, 5)


def test_a_diff_has_its_shape(session: Session) -> None:
    run("studio", "init")
    path = Path("studio/status.toml")
    text = path.read_text(encoding="utf-8")
    added = '\n[[status]]\nname = "On air"\nstate = "DONE"\n'
    path.write_text(text + added, encoding="utf-8")
    document = read_document(DIFF, run("studio", "diff", "--json").stdout)
    assert [row["action"] for row in document["differences"]] == ["create"]
    path.write_text(text.replace('"Revise"', '"Revised"'), encoding="utf-8")
    document = read_document(DIFF, run("studio", "check", "--json", code=3).stdout)
    actions = {row["action"] for row in document["differences"]}
    assert actions >= {"create", "unlisted"}
    path.write_text(text + added, encoding="utf-8")
    plan = read_document(PLAN, run("studio", "plan", "--json").stdout)
    assert plan["changes"] > 0
    del session


@pytest.mark.parametrize(
    ("adapter", "document"),
    [
        (PLANS, {"format": 1, "plans": []}),
        (PLANS, {"format": 2, "plans": [], "waiting": []}),
        (EVENT, {"event": "later", "run": "0123456789"}),
        (EVENT, {"event": "error", "run": 5, "text": "refused"}),
    ],
)
def test_another_shape_is_refused(adapter: TypeAdapter[Any], document: Any) -> None:
    with pytest.raises(ValidationError):
        read_document(adapter, json.dumps(document))
