"""The commands that plan, show and begin revisions."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ftrack_models import Status
from ftrack_orm import Session, WriteWhilePlanningError
from ftrack_orm.cli.group import group
from ftrack_orm.cli.migrate_files import new_revision
from ftrack_orm.cli.migrate_plan import plan_revisions, show_plan
from ftrack_orm.cli.migrate_run import apply_plan
from ftrack_orm.emulator import Emulator
from ftrack_orm.errors.snapshot import UnknownProjectError
from ftrack_orm.migrations.history_id import HISTORY_ID
from ftrack_orm.migrations.revision import load_folder
from tests.support.migration_plans import connect, history_of, ready
from tests.support.planning import READS, actions_of, session_on
from tests.support.server_variables import name_server

TOOL = '''"""Sets the bid of the tasks of a project."""
from ftrack_models import Task


def up(plan, *, project: str, bid: float = 3.0):
    for task in plan.each(plan.select(Task).where(Task.project.name == project)):
        task.bid = bid
'''

REVISION = """from ftrack_models import Status
from ftrack_orm.migrations import Revision

revision = Revision({id!r}, {title!r}, needs={needs}, accepts={accepts})


def up(plan):
    status = plan.find(Status, Status.name == "Revise")
    {line}
"""


def write_revision(
    folder: Path,
    name: str,
    *,
    needs: tuple[str, ...] = (),
    accepts: tuple[str, ...] = (),
    line: str = "status.is_active = False",
) -> None:
    folder.mkdir(exist_ok=True)
    text = REVISION.format(
        id=name, title=f"the title of {name}", needs=needs, accepts=accepts, line=line
    )
    (folder / f"{name}.py").write_text(text)


@pytest.fixture
def server(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Emulator]:
    """The demo over HTTP, in a folder with a tool."""
    emulator.start()
    name_server(monkeypatch, emulator)
    monkeypatch.chdir(tmp_path)
    Path("tool.py").write_text(TOOL)
    yield emulator
    emulator.stop()


def plan(*arguments: str) -> Result:
    return CliRunner().invoke(plan_revisions, arguments)


def plan_json(*arguments: str) -> Any:
    result = plan(*arguments, "--json")
    assert result.exception is None, result.output
    return json.loads(result.stdout)


def test_a_tool_is_planned_and_saved(server: Emulator) -> None:
    result = plan("tool.py", "--set", "project=bunny", "--set", "bid=7")

    assert result.exit_code == 0, result.output
    assert "Task.bid set" in result.output
    assert "Nothing was changed. ftrack-orm migrate apply" in result.output
    [file] = Path(".ftrack_orm", "plans").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.name.startswith("tool-")
    assert actions_of(server) <= READS
    assert os.environ["FTRACK_API_KEY"] not in result.output
    assert os.environ["FTRACK_API_KEY"].encode() not in file.read_bytes()


def test_the_same_plan_is_made_again(server: Emulator) -> None:
    first = plan_json("tool.py", "--set", "project=bunny")
    second = plan_json("tool.py", "--set", "project=bunny")

    assert first["format"] == 1
    [one], [two] = first["plans"], second["plans"]
    assert one["digest"] == two["digest"]
    assert one["file"] == two["file"]
    assert one["parameters"]["keywords"] == {"project": "bunny", "bid": 3.0}
    assert (one["api_user"], one["roles"]) == ("admin", ["Administrator"])
    assert one["server_url"] == server.server_url
    assert one["server_id"] is None


def test_the_server_id_is_that_of_the_history(server: Emulator) -> None:
    with session_on(server) as session:
        write_history(session, "init", {"server_id": "s-1"})

    [document] = plan_json("tool.py", "--set", "project=bunny")["plans"]

    assert document["server_id"] == "s-1"


def write_history(session: Session, key: str, value: dict[str, Any]) -> None:
    if session.get(session.model("FileComponent"), HISTORY_ID) is None:
        session.create(
            "FileComponent", {"id": HISTORY_ID, "name": "history", "file_type": ".json"}
        )
    session.create(
        "Metadata",
        {
            "parent_id": HISTORY_ID,
            "parent_type": "FileComponent",
            "key": key,
            "value": json.dumps(value),
        },
    )


def test_exit_codes(server: Emulator) -> None:
    assert plan("tool.py", "--set", "project=bunny", "--exit-code").exit_code == 3
    assert plan("tool.py", "--set", "project=none", "--exit-code").exit_code == 0
    assert plan("tool.py", "other.py", "--set", "project=x").exit_code == 2
    del server


def test_pending_revisions_are_planned_and_others_wait(
    server: Emulator, tmp_path: Path
) -> None:
    folder = tmp_path / "migrations"
    write_revision(folder, "a_1")
    write_revision(folder, "b_2", needs=("a_1",), line="status.sort = 77")
    write_revision(folder, "c_3", line="status.color = '#111111'")
    write_revision(folder, "d_4", line="status.name = 'Retake'")

    before = plan_json()
    assert (
        "\nb_2 waits for a_1, which it needs. To apply all of them: ftrack-orm migrate "
        "apply b_2\n" in plan().stdout
    )
    with session_on(server) as session:
        write_history(session, "rev/a_1", {"state": "applied"})
        write_history(session, "rev/c_3", {"state": "applying"})
        write_history(session, "rev/d_4", {"state": "undoing"})
    after = plan_json()

    assert [item["revision"] for item in before["plans"]] == ["a_1", "c_3", "d_4"]
    assert before["waiting"] == ["b_2"]
    assert [item["revision"] for item in after["plans"]] == ["b_2"]
    assert after["waiting"] == ["c_3", "d_4"]
    line = "c_3 waits for its run to end: ftrack-orm migrate resume"
    assert line in plan().stdout.splitlines()
    assert "ftrack-orm migrate mark a_1 pending" in str(plan("a_1").exception)
    assert "`ftrack-orm migrate resume`" in str(plan("c_3").exception)
    assert "The undo of the revision d_4 has not ended" in str(plan("d_4").exception)


def test_a_revision_is_found_by_a_part_and_needs_those_before(
    server: Emulator, tmp_path: Path
) -> None:
    folder = tmp_path / "migrations"
    write_revision(folder, "20261126_7f3a")
    write_revision(folder, "20261127_0001", needs=("20261126_7f3a",))

    [document] = plan_json("7f3a")["plans"]
    refused = plan("0001")

    assert document["title"] == "the title of 20261126_7f3a"
    assert "needs 20261126_7f3a, which is not applied" in str(refused.exception)
    del server


def test_a_risk_that_is_not_accepted_saves_nothing(
    server: Emulator, tmp_path: Path
) -> None:
    folder = tmp_path / "migrations"
    line = "plan.remove(plan.find(Shot, Shot.name == 'sq010_sh010'))"
    write_revision(folder, "a_1", line=f"from ftrack_models import Shot; {line}")

    result = plan("a_1")

    assert result.exit_code == 5
    assert 'add accepts=["delete", "irreversible"] to the revision' in result.output
    assert "the plan was not saved" in result.output
    assert not Path(".ftrack_orm").exists()
    write_revision(
        folder,
        "a_1",
        line=f"from ftrack_models import Shot; {line}",
        accepts=("delete", "irreversible"),
    )
    accepted = plan("a_1")
    assert accepted.exit_code == 0
    assert "all but 1 delete that no plan can undo" in accepted.output
    del server


def test_a_write_while_planning_is_an_error(server: Emulator, tmp_path: Path) -> None:
    write_revision(
        tmp_path / "migrations", "a_1", line="status.sort = 9; plan.session.commit()"
    )
    assert isinstance(plan("a_1").exception, WriteWhilePlanningError)
    assert actions_of(server) <= READS


def test_a_saved_plan_is_shown(server: Emulator, tmp_path: Path) -> None:
    page = tmp_path / "plan.html"
    plan("tool.py", "--set", "project=bunny", "--out", "a.plan", "--html", str(page))
    runner = CliRunner()

    text = runner.invoke(show_plan, ["a.plan", "--samples", "1"])
    lines = runner.invoke(show_plan, ["a.plan", "--json"]).stdout.splitlines()
    some = runner.invoke(show_plan, ["a.plan", "--where", "title=/animation"])
    none = runner.invoke(show_plan, ["a.plan", "--where", "type=Shot", "--json"])
    wrong = runner.invoke(show_plan, ["a.plan", "--where", "colour=red"])

    assert "Task.bid set" in text.output
    units = [json.loads(line) for line in lines]
    assert [unit["unit"] for unit in units] == list(range(1, len(units) + 1))
    assert units[0]["changes"][0][0] == "update"
    assert "       ~ Task.bid  " in some.output
    assert " -> 3" in some.output
    assert none.stdout == ""
    assert wrong.exit_code == 2
    html = page.read_text()
    assert html.startswith("<!doctype html>")
    assert "http" not in html.replace(server.server_url, "")


def test_an_existing_file_is_not_replaced(server: Emulator) -> None:
    Path("a.plan").write_text("mine")
    result = plan("tool.py", "--set", "project=bunny", "--out", "a.plan")

    assert result.exception is not None
    assert Path("a.plan").read_text() == "mine"
    del server


def test_a_new_revision_can_be_planned(server: Emulator, tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    write_revision(folder, "a_1", line="pass")
    runner = CliRunner()

    result = runner.invoke(new_revision, ['Cut "no" \\ becomes code', "--needs", "a_1"])

    assert result.exit_code == 0, result.output
    [_, new] = sorted(load_folder(folder), key=lambda module: module.name != "a_1")
    assert new.revision is not None
    assert new.revision.title == 'Cut "no" \\ becomes code'
    assert new.revision.needs == ("a_1",)
    assert new.path.parent.name.endswith("_cut_no_becomes_code")
    assert str(new.path.relative_to(tmp_path)) in result.output
    with session_on(server) as session:
        write_history(session, "rev/a_1", {"state": "applied"})
    assert "Nothing to do." in plan(new.name).output


def test_two_pending_revisions_that_write_one_attribute_are_refused(
    server: Emulator, tmp_path: Path
) -> None:
    folder = tmp_path / "migrations"
    write_revision(folder, "a_1", line="status.sort = 77")
    write_revision(folder, "b_2", line="status.sort = 78")

    result = plan("b_2")
    write_revision(folder, "b_2", line="status.sort = 78", needs=("a_1",))

    assert result.exit_code == 5
    assert 'FM107 a_1 and b_2 both write sort, in no order. Add needs=["a_1"]' in (
        result.output
    )
    assert not Path(".ftrack_orm").exists()
    assert plan("a_1").exit_code == 0
    write_revision(folder, "c_3", line="status.bid = 1")
    assert plan("tool.py", "--set", "project=bunny").exit_code == 0
    del server


def test_a_user_who_may_not_see_all_projects_names_those_of_the_plan(
    server: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = server.add_user("bob", role="User", projects=["bunny"])
    monkeypatch.setenv("FTRACK_API_USER", credentials["api_user"])
    monkeypatch.setenv("FTRACK_API_KEY", credentials["api_key"])

    settings = ("tool.py", "--set", "project=bunny")
    refused = plan(*settings)
    unknown = plan(*settings, "--project", "nope")
    result = plan(*settings, "--project", "bunny")

    assert refused.exit_code == 5
    assert "FM109 bob has no role on all projects" in refused.output
    assert "no project 'nope'" in str(unknown.exception)
    assert result.exit_code == 0, result.output
    assert "as bob (User)" in result.output
    assert "may not see all rows" in result.output


@pytest.mark.parametrize("name", ["new", "plan", "show"])
def test_each_command_is_in_the_group_and_shows_an_example(name: str) -> None:
    result = CliRunner().invoke(group, ["migrate", name, "--help"])

    assert result.exit_code == 0
    assert f"Example: ftrack-orm migrate {name}" in " ".join(result.output.split())


def test_revisions_after_one_that_left_units_out_are_named(
    server: Emulator, tmp_path: Path
) -> None:
    session = ready(server)
    folder = tmp_path / "migrations"
    line = 'plan.session.select(plan.session.model("Task")).first().status_id = "none"'
    write_revision(folder, "a_1", accepts=("status",), line=line)
    write_revision(folder, "b_2", line="status.sort = 99")
    result = CliRunner().invoke(apply_plan, ["--yes", "--on-error", "skip"])
    assert result.exit_code == 4
    assert "migrate apply b_2" in result.stderr
    states = {name: row["state"] for name, row in history_of(session).revisions.items()}
    assert states == {"a_1": "applied"}
    assert CliRunner().invoke(apply_plan, ["b_2", "--yes"]).exit_code == 0


def test_an_applied_revision_is_planned_again(server: Emulator, tmp_path: Path) -> None:
    ready(server)
    write_revision(tmp_path / "migrations", "20261126_7f3a")
    runner = CliRunner()
    applied = runner.invoke(apply_plan, ["7f3a", "--yes"])
    assert applied.exit_code == 0, applied.output
    (run,) = history_of(connect(server)).runs
    again = plan("7f3a")
    assert again.exit_code == 0, again.output
    assert (
        f"  continues     {run}, without 0 changes that were made there\n"
        in again.output
    )
    assert again.output.endswith("\nNothing to do.\n")
    with connect(server) as session:
        session.select(Status).where(Status.name == "Revise").one().is_active = True
        session.commit()
    again = plan("7f3a")
    assert (
        f"  continues     {run}, without 1 change that was made there\n" in again.output
    )
    assert again.output.endswith("\nNothing to do.\n")
    assert plan_json("7f3a")["plans"][0]["earlier_runs"] == [run]
    refused = runner.invoke(apply_plan, ["7f3a", "--yes"])
    assert refused.exit_code == 1
    assert "ftrack-orm migrate plan 20261126_7f3a" in str(refused.exception)


def test_a_plan_that_cannot_be_checked_leaves_no_file(
    server: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del server
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    result = plan("tool.py", "--set", "project=bunny", "--project", "nothing")
    assert isinstance(result.exception, UnknownProjectError)
    assert list(folder.iterdir()) == []
