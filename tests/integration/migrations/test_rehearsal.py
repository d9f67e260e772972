"""A rehearsal ends where it began, or lists the differences."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ftrack_models import Status, Task
from ftrack_orm import Session
from ftrack_orm.cli.group import group
from ftrack_orm.cli.rehearsal import Rehearser, differences_of, rows_of
from ftrack_orm.cli.snapshot_file import SnapshotFacts, write_snapshot
from ftrack_orm.cli.snapshot_reading import SnapshotReader
from ftrack_orm.emulator import Emulator
from ftrack_orm.migrations import Verification, verify
from ftrack_orm.migrations.revision import load_module

HEAD = """from ftrack_models import Shot, Status, Task
from ftrack_orm.migrations import Planner, Revision

"""
TASKS = "plan.select(Task).where(Task.project.name == 'bunny')"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(name: str, body: str, *, needs: str = "", accepts: str = "") -> Path:
    """Write the file of a revision."""
    path = Path("migrations", f"{name}.py")
    path.parent.mkdir(exist_ok=True)
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    path.write_text(
        f"{HEAD}revision = Revision({name!r}, 'title of {name}', needs=[{needs}], "
        f"accepts=[{accepts}])\n\n\ndef up(plan: Planner) -> None:\n{lines}"
    )
    return path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(group, ["migrate", "rehearse", *arguments])


def rehearsed(*arguments: str, code: int = 0) -> Any:
    """Return the document of a rehearsal on the demo."""
    result = run(*arguments, "--seed", "demo", "--json")
    assert result.exit_code == code, (result.output, result.exception)
    return json.loads(result.stdout)


def test_two_revisions_end_where_they_began() -> None:
    write(
        "a_1",
        f"for task in plan.each({TASKS}):\n"
        "    task.bid = 7.5\n"
        "    task.metadata['was'] = 'x'\n"
        "plan.add(Status(name='On air', sort=9, color='#112233', is_active=True))",
    )
    write(
        "b_2",
        "status = plan.find(Status, Status.name == 'On air')\nstatus.name = 'Aired'",
        needs="'a_1'",
    )

    document = rehearsed()

    first, second = document["modules"]
    assert document["is_restored"] is True
    assert document["differences"] == []
    assert (first["name"], second["name"]) == ("a_1", "b_2")
    assert 0 < first["before_kill"] < first["units"]
    assert second["units"] == 1
    for module in (first, second):
        assert module["different"] == module["conflicts"] == module["refused"] == 0
        assert module["requests"] > 5
    text = run("a_1", "--seed", "demo").stdout
    assert "The end is the beginning" in text
    assert "and resumed" in text


def test_a_delete_that_cannot_be_undone_is_listed() -> None:
    write(
        "a_1",
        "plan.remove(plan.find(Shot, Shot.name == 'sq010_sh010'))",
        accepts="'delete', 'irreversible'",
    )

    document = rehearsed(code=1)

    assert document["is_restored"] is False
    [module] = document["modules"]
    assert len(module["not_undone"]) == 1
    assert "Shot: 1 gone" in document["differences"]
    text = run("--seed", "demo").stdout
    assert "The end is not the beginning" in text
    assert "not undone    1 units" in text


def test_a_risk_or_an_effect_refuses_a_rehearsal() -> None:
    path = write("a_1", "plan.remove(plan.find(Shot, Shot.name == 'sq010_sh010'))")
    refused = run("--seed", "demo")
    assert refused.exit_code == 5
    assert "FM101" in refused.stderr

    path.write_text(
        f"import os\n{HEAD}def up(plan):\n"
        "    with plan.unit():\n"
        "        plan.effect(os.mkdir, 'made')\n"
        "        plan.find(Status, Status.name == 'Revise').sort = 9\n"
    )
    effect = run(str(path), "--seed", "demo")
    assert effect.exit_code == 5
    assert "it has effects" in effect.stderr
    assert not Path("made").exists()


def test_a_snapshot_is_rehearsed_without_a_server() -> None:
    with (
        Emulator(seed="demo") as emulator,
        Session(transport=emulator.transport(), check_schema="ignore") as session,
    ):
        reader = SnapshotReader(session)
        rows = list(
            reader.read(["bunny"], without=(), on_rows=lambda name, count: None)
        )
        facts = SnapshotFacts("x", ["bunny"], False, reader.schema.to_json())
        write_snapshot(Path("bunny.snapshot"), facts, rows)
    write("a_1", f"for task in plan.each({TASKS}):\n    task.bid = 7.5")
    # The frozen models of a revision are compared with the snapshot's schema.
    assert CliRunner().invoke(group, ["migrate", "freeze", "a_1"]).exit_code == 0

    result = run("a_1", "--snapshot", "bunny.snapshot")

    assert result.exit_code == 0, result.output
    assert "107 changes in 107 units" in result.stdout
    assert run("a_1").exit_code == 2

    # By default, those that the server of the snapshot does not have.
    write_snapshot(Path("bunny.snapshot"), replace(facts, applied=["a_1"]), rows)
    write("b_2", f"for task in plan.each({TASKS}):\n    task.bid = 1.0", needs="'a_1'")
    document = json.loads(run("--snapshot", "bunny.snapshot", "--json").stdout)
    assert [module["name"] for module in document["modules"]] == ["b_2"]
    assert document["is_restored"] is True


def test_every_kind_of_difference_is_listed() -> None:
    with (
        Emulator(seed="standard") as emulator,
        Session(transport=emulator.transport()) as session,
    ):
        before = rows_of(emulator)
        gone = session.create(Status, {"name": "Gone", "is_active": True})
        there = rows_of(emulator)
        session.delete(Status, [gone.data.id])
        session.create(Status, {"name": "New", "is_active": True})
        first = session.select(Status).where(Status.name == "Approved").one()
        session.update(Status, first.reference.key, {"sort": 99})
        after = rows_of(emulator)
    assert list(differences_of(before, before)) == []
    assert list(differences_of(there, after)) == [
        "Status: 1 gone; 1 new; 1 changed (sort)"
    ]


def test_an_edit_between_run_and_undo_is_a_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write("a_1", f"for task in plan.each({TASKS}):\n    task.bid = 7.5")
    plans = tmp_path / "plans"
    plans.mkdir()
    with Emulator(seed="demo") as emulator:

        def edit(session: Session, run: str, *, folder: Path) -> Verification:
            with Session(transport=emulator.transport()) as other:
                first = other.select(Task).where(Task.project.name == "bunny")[0]
                other.update(Task, first.reference.key, {"bid": 1.0})
            return verify(session, run, folder=folder)

        module = load_module(path)
        monkeypatch.setattr("ftrack_orm.cli.rehearsal.verify", edit)
        rehearser = Rehearser(emulator, "ftrack_models", plans)
        result = rehearser.rehearse([module], {}, {"a_1": module})
    assert not result.is_restored
    assert result.modules[0].different == 1
    assert result.modules[0].conflicts == 1
    assert result.differences == ("Task: 1 changed (bid)",)
