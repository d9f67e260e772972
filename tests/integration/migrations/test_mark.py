"""`migrate mark` records what a person knows, and loses nothing that runs recorded."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ftrack_orm import Session
from ftrack_orm.cli.group import group
from ftrack_orm.emulator import Emulator
from ftrack_orm.errors.migration_runs import RunStoppedError, UnknownRunError
from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.options import RunOptions
from ftrack_orm.migrations.plan_store import PLAN_FOLDER
from ftrack_orm.migrations.runs import apply, resume
from ftrack_orm.migrations.status import mark_revision
from ftrack_orm.migrations.undo import plan_undo
from tests.support.migration_plans import (
    content,
    fast_options,
    history_of,
    make_file,
    ready,
    renames,
)
from tests.support.server_variables import name_server

REVISION = "20261126_7f3a"


def apply_in(session: Session, folder: Path, options: RunOptions | None = None) -> str:
    """Apply a plan of the revision that is kept in a folder; return its run."""
    with make_file(renames(session), folder / "a.plan", revision=REVISION) as plan:
        return apply(session, plan, options=options or fast_options()).run


def cancelled() -> RunOptions:
    """Return the options of a run that ends after its first chunk."""
    cancel = threading.Event()
    return fast_options(
        chunk=9,
        cancel=cancel,
        on_event=lambda event: cancel.set() if event["event"] == "chunk" else None,
    )


def test_a_revision_is_not_marked_before_its_run_has_ended(
    emulator: Emulator, tmp_path: Path
) -> None:
    """Marked as pending, its next plan would repeat what the run has written."""
    session = ready(emulator)
    client = RunClient(session)
    with pytest.raises(RunStoppedError) as stopped:
        apply_in(session, tmp_path, cancelled())
    run = stopped.value.run
    before = history_of(session)

    with pytest.raises(UnknownRunError, match=f"migrate resume {run}"):
        mark_revision(client, REVISION, "pending")
    with pytest.raises(UnknownRunError, match=f"migrate resume {run}"):
        mark_revision(client, REVISION, "applied")

    assert history_of(session) == before
    assert resume(session, run, folder=tmp_path, options=fast_options()).run == run
    mark_revision(client, REVISION, "pending")
    assert history_of(session).revision(REVISION) is None


def test_an_applied_revision_keeps_the_record_of_its_runs(
    emulator: Emulator, tmp_path: Path
) -> None:
    session = ready(emulator)
    run = apply_in(session, tmp_path)
    before = history_of(session)
    mark_revision(RunClient(session), REVISION, "applied")
    assert history_of(session) == before
    assert history_of(session).applied_runs(REVISION) == (run,)


def test_a_revision_that_was_undone_and_marked_has_no_run(
    emulator: Emulator, tmp_path: Path
) -> None:
    """The undo of the revision would otherwise undo its last run: the undo."""
    session = ready(emulator)
    run = apply_in(session, tmp_path)
    with plan_undo(session, run, folder=tmp_path) as undo:
        apply(session, undo, options=fast_options())
    mark_revision(RunClient(session), REVISION, "applied")
    before = content(emulator)
    with pytest.raises(UnknownRunError, match="marked as applied by hand"):
        plan_undo(session, REVISION, folder=tmp_path)
    assert content(emulator) == before


# -- names -----------------------------------------------------------------------------


@pytest.fixture
def folder(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """Return a folder with the file of the revision; the emulator is served."""
    emulator.start()
    name_server(monkeypatch, emulator)
    monkeypatch.chdir(tmp_path)
    Path("migrations").mkdir()
    Path("migrations", "a.py").write_text(
        "from ftrack_orm.migrations import Revision\n\n"
        f'revision = Revision("{REVISION}", "a title")\n\n\n'
        "def up(plan):\n    pass\n"
    )
    yield tmp_path
    emulator.stop()


def migrate(*arguments: str) -> Result:
    return CliRunner().invoke(group, ["migrate", *arguments])


def test_a_part_of_an_id_names_the_revision(emulator: Emulator, folder: Path) -> None:
    session = ready(emulator)
    result = migrate("mark", "7f3a", "applied")
    assert result.stdout == f"{REVISION} is marked as applied.\n"
    assert list(history_of(session).revisions) == [REVISION]
    assert migrate("mark", "7f3a", "pending").exit_code == 0
    run = apply_in(session, folder / PLAN_FOLDER)
    assert migrate("verify", "7f3a").stdout.startswith(f"Run {run}: 0 of ")
    assert migrate("undo", "7f3a").exit_code == 0


def test_a_misspelt_id_is_not_recorded(emulator: Emulator, folder: Path) -> None:
    session = ready(emulator)
    result = migrate("mark", "20261126_7f3b", "applied")
    assert result.exit_code == 1
    assert REVISION in result.stderr
    assert not history_of(session).revisions
