"""``ftrack-orm migrate``: exit codes, JSON, questions, and files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from ftrack_orm.cli.group import group
from ftrack_orm.cli.migrate import COMMANDS
from ftrack_orm.emulator import Emulator
from ftrack_orm.emulator.errors import Invalid
from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.history import LOCK
from ftrack_orm.migrations.history_store import METADATA
from ftrack_orm.migrations.lock import lock_row
from ftrack_orm.migrations.planned_change import PlannedChange
from ftrack_orm.migrations.probes import initialize
from ftrack_orm.migrations.runs import apply
from tests.support.cut_transport import CutTransport, Killed
from tests.support.migration_plans import (
    connect,
    content,
    fast_options,
    history_of,
    job_states,
    make_file,
    update,
)
from tests.support.server_variables import name_server

BIDS = "select id, bid from Task order by id"


class Terminal:
    """Runs commands in a folder, against an emulator over HTTP.

    Attributes:
        emulator: the server.
        folder: the working directory.
    """

    def __init__(self, emulator: Emulator, folder: Path) -> None:
        self.emulator = emulator
        self.folder = folder

    def run(self, *arguments: str, answer: str | None = None) -> Result:
        """Return the result of a command; none shows the key."""
        result = CliRunner().invoke(group, ["migrate", *arguments], input=answer)
        key = self.emulator.credentials["api_key"]
        assert key not in result.output
        assert key not in result.stderr
        return result

    def changes(self, count: int = 40) -> list[list[PlannedChange]]:
        """Return a unit for each of the first tasks."""
        rows = RunClient(connect(self.emulator)).rows(BIDS)
        return [
            [update("Task", row["id"], "bid", row["bid"], 7.5)] for row in rows[:count]
        ]

    def write_revision(self, name: str) -> None:
        """Write a revision that changes nothing to the folder of revisions."""
        folder = self.folder / "migrations"
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.py").write_text(
            "from ftrack_orm.migrations import Planner, Revision\n"
            f"revision = Revision({name!r}, 'nothing')\n"
            "def up(plan: Planner) -> None: ...\n"
        )

    def plan(self, groups: list[list[PlannedChange]] | None = None, **meta: Any) -> str:
        """Return the path of a plan in the folder of plans."""
        folder = self.folder / ".ftrack_orm" / "plans"
        path = folder / f"{len(list(folder.glob('*')))}.plan"
        make_file(groups or self.changes(), path, **meta).close()
        return str(path)


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[Emulator, bytes]]:
    with Emulator(seed="demo") as emulator:
        yield emulator, emulator.snapshot()


@pytest.fixture
def fresh(
    served: tuple[Emulator, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Terminal:
    """Return a terminal to a server without a history."""
    emulator, snapshot = served
    emulator.restore(snapshot)
    emulator.faults.clear()
    monkeypatch.chdir(tmp_path)
    name_server(monkeypatch, emulator)
    return Terminal(emulator, tmp_path)


@pytest.fixture
def terminal(fresh: Terminal) -> Terminal:
    """Return a terminal to a server with a history."""
    initialize(RunClient(connect(fresh.emulator)))
    return fresh


def lines_of(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.mark.parametrize("name", list(COMMANDS))
def test_each_command_explains_itself_with_an_example(
    fresh: Terminal, name: str
) -> None:
    result = fresh.run(name, "--help")
    assert result.exit_code == 0
    assert f"ftrack-orm migrate {name}" in " ".join(result.output.split())


def test_an_unknown_command_is_a_usage_error(fresh: Terminal) -> None:
    assert fresh.run("sideways").exit_code == 2


def test_init_asks_and_reports(fresh: Terminal) -> None:
    assert fresh.run("init").exit_code == 5
    assert history_of(connect(fresh.emulator)).init is None
    result = fresh.run("init", "--report", "report.json", answer="y\n")
    assert result.exit_code == 0
    assert "yes  batch atomic" in result.output
    report = json.loads((fresh.folder / "report.json").read_text())
    assert all(report["probes"].values())
    assert report["server_id"] is None
    assert (fresh.folder / ".ftrack_orm" / ".gitignore").read_text() == "*\n"
    again = fresh.run("init", "--json")
    assert json.loads(again.stdout)["is_new"] is False


def test_init_shows_its_results_where_no_file_can_be_written(fresh: Terminal) -> None:
    (fresh.folder / "file").touch()
    result = fresh.run("init", "--yes", "--report", "file/report.json")
    assert result.exit_code == 1
    assert "yes  batch atomic" in result.stdout
    assert "file/report.json: " in result.stderr
    (fresh.folder / ".ftrack_orm").touch()
    result = fresh.run("init", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["is_new"] is False
    assert ".ftrack_orm/.gitignore: " in result.stderr


def test_init_names_missing_guarantees(fresh: Terminal) -> None:
    fresh.emulator.faults.deviations.is_not_atomic = True
    try:
        result = fresh.run("init", "--yes")
    finally:
        fresh.emulator.faults.deviations.is_not_atomic = False
    assert result.exit_code == 0
    assert "NO   batch atomic" in result.output
    assert "a refused batch leaves nothing" in result.output


def test_apply_asks_for_the_number_of_changes(terminal: Terminal) -> None:
    plan = terminal.plan(title="bids")
    before = content(terminal.emulator)
    for answer in (None, "39\n", "yes\n"):
        result = terminal.run("apply", plan, answer=answer)
        assert result.exit_code == 5
        assert "bids: 40 changes in 40 units" in result.stderr
    assert content(terminal.emulator) == before
    result = terminal.run("apply", plan, answer="40\n")
    assert result.exit_code == 0
    assert "40 units applied" in result.stdout
    assert content(terminal.emulator) != before


def test_apply_writes_lines_of_json(terminal: Terminal) -> None:
    result = terminal.run("apply", terminal.plan(title="bids"), "--yes", "--json")
    assert result.exit_code == 0
    lines = lines_of(result)
    assert [line["event"] for line in lines] == ["begin", "chunk", "chunk", "end"]
    assert lines[0]["total"] == 40
    assert {line["run"] for line in lines} == {lines[0]["run"]}
    assert lines[-1]["applied"] == 40


def test_a_reviewed_digest_confirms_a_plan(terminal: Terminal) -> None:
    plan = terminal.plan()
    assert terminal.run("apply", plan, "--expect", "12ab").exit_code == 5
    result = terminal.run("apply", plan, "--yes", "--max-changes", "39")
    assert result.exit_code == 5
    assert "more than 39" in result.stderr
    with make_file(terminal.changes()) as file:
        digest = file.check_digest()
    assert terminal.run("apply", plan, "--expect", digest).exit_code == 0


def test_risks_that_a_revision_does_not_accept_are_refused(terminal: Terminal) -> None:
    plan = terminal.plan(revision="r1", accepts=["status"], risks=["delete", "status"])
    result = terminal.run("apply", plan, "--yes")
    assert result.exit_code == 5
    assert "accepts=['delete']" in result.stderr


@pytest.mark.parametrize("content_of_file", [None, b"text"])
def test_a_file_that_is_no_plan_fails(
    terminal: Terminal, content_of_file: bytes | None
) -> None:
    path = terminal.folder / "a.plan"
    if content_of_file is not None:
        path.write_bytes(content_of_file)
    result = terminal.run("apply", str(path), "--yes")
    assert result.exit_code == 1
    assert "migrate plan" in result.stderr


def test_units_that_are_left_out_have_an_exit_code(terminal: Terminal) -> None:
    groups = terminal.changes()
    plan = terminal.plan(groups, revision="r1")
    edited = groups[39][0].key[0]
    # After the first rows were compared, before the last ones are.
    terminal.emulator.faults.pass_on(4)
    session = connect(terminal.emulator)
    terminal.emulator.faults.call_before(
        lambda: session.update("Task", edited, {"bid": 1.25})
    )
    result = terminal.run("apply", plan, "--yes", "--chunk", "10")
    assert result.exit_code == 4
    assert "left out: unit 40" in result.stdout
    assert "Plan them again with `ftrack-orm migrate plan r1`" in result.stdout


def test_a_held_lock_has_an_exit_code(terminal: Terminal) -> None:
    terminal.write_revision("r1")
    client = RunClient(connect(terminal.emulator))
    client.send([METADATA.create_row(LOCK, lock_row("r", "ana", "x"))])
    plan = terminal.plan()
    result = terminal.run("apply", plan, "--yes", "--json")
    assert result.exit_code == 6
    error = lines_of(result)[-1]
    assert (error["event"], error["exit_code"]) == ("error", 6)
    assert "ana" in result.stderr
    assert "locked by run r of ana" in terminal.run("status").stdout
    assert terminal.run("mark", "r1", "applied").exit_code == 6
    assert terminal.run("unlock").exit_code == 5
    assert terminal.run("unlock", answer="y\n").exit_code == 0
    assert "There is no lock" in terminal.run("unlock").stdout
    assert terminal.run("apply", plan, "--yes").exit_code == 0
    client.send([METADATA.create_row("x", {}), METADATA.delete_row("x")])


@pytest.mark.parametrize("requests", range(2, 11))
def test_a_server_that_refuses_stops_the_run(terminal: Terminal, requests: int) -> None:
    groups = terminal.changes()
    plan = terminal.plan(groups)
    task = str(groups[30][0].key[0])
    terminal.emulator.faults.pass_on(requests)
    terminal.emulator.faults.refuse(Invalid("Not today."), times=20)
    result = terminal.run("apply", plan, "--yes", "--chunk", "10", "--load", "100%")
    terminal.emulator.faults.clear()
    assert result.exit_code == 7, task
    status = terminal.run("status")
    assert "migrate resume" in status.stdout
    result = terminal.run("resume", "--take-over")
    assert result.exit_code == 0, result.stderr
    assert terminal.run("resume").exit_code == 1


def test_an_undo_keeps_many_edits_and_lists_them(terminal: Terminal) -> None:
    plan = terminal.plan()
    run = lines_of(terminal.run("apply", plan, "--yes", "--json"))[0]["run"]
    session = connect(terminal.emulator)
    for change in terminal.changes(30):
        session.update("Task", change[0].key, {"bid": 9.0})

    refused = terminal.run("undo", run, "--apply", "--yes", "--single-request")
    assert refused.exit_code == 5
    assert "without --single-request" in refused.stderr

    result = terminal.run("undo", run, "--apply", "--yes")
    assert result.exit_code == 4
    assert "10 units applied, 0 were so already, 30 in conflict" in result.stdout
    bids = [row["bid"] for row in RunClient(session).rows(BIDS)]
    assert bids[:30] == [9.0] * 30
    assert 7.5 not in bids


def test_undo_and_verify_a_run(terminal: Terminal) -> None:
    before = content(terminal.emulator)
    plan = terminal.plan(revision="r1", title="bids")
    run = lines_of(terminal.run("apply", plan, "--yes", "--json"))[0]["run"]
    assert terminal.run("verify", run).exit_code == 0
    assert terminal.run("verify", "r1").exit_code == 0
    session = connect(terminal.emulator)
    task = str(terminal.changes()[3][0].key[0])
    session.update("Task", task, {"bid": 9.0})
    result = terminal.run("verify", run, "--json")
    assert result.exit_code == 3
    assert json.loads(result.stdout)["different"] == 1
    session.update("Task", task, {"bid": 7.5})
    result = terminal.run("undo", "r1")
    assert result.exit_code == 0
    assert content(terminal.emulator) != before
    path = Path(result.stdout.split()[-1])
    assert path.stat().st_mode & 0o777 == 0o600
    result = terminal.run("undo", run, "--apply", "--yes", "--json")
    assert result.exit_code == 0
    assert lines_of(result)[0]["units"] == 40
    assert content(terminal.emulator) == before
    status = json.loads(terminal.run("status", "--json").stdout)
    assert status["format"] == 1
    assert [row["state"] for row in status["runs"]] == ["undone", "applied"]
    assert status["revisions"][0]["state"] == "undone"


REVISION = """from ftrack_models import Shot
from ftrack_orm.migrations import Planner, Revision

revision = Revision("20261126_7f3a", "notes", accepts=["whole-server"])


def up(plan: Planner) -> None:
    for shot in plan.each(plan.select(Shot)):
        shot.description = "moved"
"""


def test_an_unconfirmed_apply_names_a_short_digest(terminal: Terminal) -> None:
    refused = terminal.run("apply", terminal.plan(), answer="1\n")
    assert refused.exit_code == 5
    digest = refused.stderr.rstrip().removesuffix(".").rpartition(" ")[2]
    assert len(digest) == 12


def test_an_empty_history_has_nothing_to_resume(terminal: Terminal) -> None:
    assert terminal.run("status").stdout == "no revision and no run\nno lock\n"
    resumed = terminal.run("resume")
    assert resumed.exit_code == 1
    assert resumed.stderr.startswith("Error: No run can be chosen: no run was inter")


def test_an_undo_is_planned_as_a_plan_is(terminal: Terminal) -> None:
    run = lines_of(terminal.run("apply", terminal.plan(), "--yes", "--json"))[0]["run"]
    folder = terminal.folder / ".ftrack_orm" / "plans"
    former = set(folder.iterdir())
    first = terminal.run("undo", run)
    assert terminal.run("undo", run).stdout == first.stdout
    [path] = set(folder.iterdir()) - former
    last = first.stdout.splitlines()[-1]
    assert last == (
        f"Nothing was changed. ftrack-orm migrate apply "
        f"{path.relative_to(terminal.folder)}"
    )
    assert terminal.run("undo", run, "--out", "u.plan").exit_code == 0
    assert set(folder.iterdir()) - former == {path}

    applied = terminal.run("undo", run, "--apply", "--yes")
    assert "Nothing was changed" not in applied.stdout
    assert "ftrack-orm migrate apply" not in applied.stdout
    assert terminal.run("clean", "--days", "0").exit_code == 0
    assert not path.exists()


def test_an_undo_without_changes_is_not_saved(terminal: Terminal) -> None:
    changes = terminal.changes(1)
    task = str(changes[0][0].key[0])
    connect(terminal.emulator).update("Task", task, {"bid": 7.5})
    run = lines_of(terminal.run("apply", terminal.plan(changes), "--yes", "--json"))
    folder = terminal.folder / ".ftrack_orm" / "plans"
    former = set(folder.iterdir())
    result = terminal.run("undo", run[0]["run"])
    assert result.stdout.splitlines()[-1] == "Nothing to do."
    assert set(folder.iterdir()) == former
    document = lines_of(terminal.run("undo", run[0]["run"], "--json"))[0]
    assert (document["path"], document["units"]) == (None, 0)


def test_status_names_the_job_of_a_run_that_holds_the_lock(terminal: Terminal) -> None:
    transport = CutTransport(terminal.emulator.transport(), 3, "before")
    with (
        make_file(terminal.changes(), title="studio configuration") as plan,
        pytest.raises(Killed),
    ):
        apply(connect(terminal.emulator, transport), plan, options=fast_options())
    assert job_states(terminal.emulator) == ["running"]
    lines = terminal.run("status").stdout.splitlines()
    assert lines[-1].endswith("; its job is shown as running until then")

    # The plan was a temporary file.
    lost = terminal.run("resume", "--take-over")
    assert lost.exit_code == 1
    assert "`ftrack-orm migrate unlock`, then `ftrack-orm studio apply`" in lost.stderr
    assert terminal.run("unlock", "--yes").exit_code == 0
    assert job_states(terminal.emulator) == []


def test_status_compares_the_files_with_the_history(terminal: Terminal) -> None:
    folder = terminal.folder / "migrations"
    folder.mkdir()
    file = folder / "20261126_7f3a_notes.py"
    file.write_text(REVISION)
    result = terminal.run("status", "--exit-code")
    assert result.exit_code == 3
    assert "20261126_7f3a  pending  notes" in result.stdout
    result = terminal.run("plan", "20261126_7f3a", "--out", "a.plan")
    assert result.exit_code == 0, result.output
    assert terminal.run("apply", "a.plan", "--yes").exit_code == 0
    result = terminal.run("status", "--exit-code")
    assert result.exit_code == 0
    assert "20261126_7f3a  applied  notes" in result.stdout
    file.write_text(REVISION.replace("moved", "gone"))
    assert "its file has changed" in terminal.run("status").stdout


def test_a_revision_waits_for_those_that_it_needs(terminal: Terminal) -> None:
    terminal.write_revision("r1")
    plan = terminal.plan(revision="r2", needs=["r1"])
    result = terminal.run("apply", plan, "--yes")
    assert result.exit_code == 5
    assert "migrate plan r1" in result.stderr
    assert terminal.run("mark", "r1", "applied").exit_code == 0
    assert terminal.run("apply", plan, "--yes").exit_code == 0


def test_a_misspelt_revision_is_not_marked(terminal: Terminal) -> None:
    terminal.write_revision("20261126_7f3a")
    before = content(terminal.emulator)
    result = terminal.run("mark", "20261126_7f3b", "applied")
    assert result.exit_code == 1
    assert "Did you mean '20261126_7f3a'" in result.stderr
    assert content(terminal.emulator) == before


def test_a_revision_is_marked_by_a_part_of_its_id(terminal: Terminal) -> None:
    terminal.write_revision("20261126_7f3a")
    result = terminal.run("mark", "7f3a", "applied")
    assert result.stdout == "20261126_7f3a is marked as applied.\n"
    (terminal.folder / "migrations" / "20261126_7f3a.py").unlink()
    assert terminal.run("mark", "7f3a", "pending").exit_code == 0
    assert terminal.run("mark", "7f3a", "applied").exit_code == 1


def test_mark_changes_the_history_alone(terminal: Terminal) -> None:
    terminal.write_revision("r1")
    before = content(terminal.emulator)
    assert terminal.run("mark", "r1", "applied").exit_code == 0
    assert "r1  applied" in terminal.run("status").stdout
    plan = terminal.plan(revision="r1")
    assert terminal.run("apply", plan, "--yes").exit_code == 5
    assert terminal.run("mark", "r1", "pending").exit_code == 0
    assert content(terminal.emulator) == before
    assert terminal.run("apply", plan, "--yes").exit_code == 0


def test_a_server_without_history_is_named(fresh: Terminal) -> None:
    result = fresh.run("apply", fresh.plan(), "--yes")
    assert result.exit_code == 5
    assert "migrate init" in result.stderr
    assert "migrate init" in fresh.run("status").stdout
    fresh.write_revision("r1")
    assert fresh.run("mark", "r1", "applied").exit_code == 5


@pytest.mark.parametrize("load", ["0", "101%", "much"])
def test_a_load_is_a_part_of_the_time(terminal: Terminal, load: str) -> None:
    result = terminal.run("apply", terminal.plan(), "--yes", "--load", load)
    assert result.exit_code == 2


def test_one_request_is_enough_for_a_small_plan(terminal: Terminal) -> None:
    plan = terminal.plan()
    result = terminal.run("apply", plan, "--yes", "--single-request", "--json")
    assert result.exit_code == 0
    assert lines_of(result)[-1]["applied"] == 40
