"""A revision that another one needs stays applied as long as that one is."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftrack_models import Task
from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.errors.migration_runs import PlanRefusedError
from ftrack_orm.migrations.planned_change import PlannedChange
from ftrack_orm.migrations.runs import apply
from ftrack_orm.migrations.undo import plan_undo
from tests.support.migration_plans import (
    fast_options,
    history_of,
    make_file,
    ready,
    update,
)


class Server:
    """A server with the revision ``b``, which needs ``a``; both are applied."""

    def __init__(self, session: Session, folder: Path) -> None:
        self.session = session
        self.folder = folder
        row = session.select(Task).order_by(Task.id).limit(1).one()
        self.task = row.id
        self.apply("a", update("Task", self.task, "bid", row.bid, 7.5), needs=[])
        text = row.description
        self.apply("b", update("Task", self.task, "description", text, "x"), ["a"])

    def apply(self, revision: str, change: PlannedChange, needs: list[str]) -> None:
        path = self.folder / f"{revision}.plan"
        with make_file([[change]], path, revision=revision, needs=needs) as file:
            apply(self.session, file, options=fast_options())

    def undo(self, name: str) -> str:
        path = self.folder / f"undo-{name}-{len(list(self.folder.iterdir()))}.plan"
        with plan_undo(self.session, name, path, folder=self.folder) as file:
            return apply(self.session, file, options=fast_options()).run

    def states(self) -> dict[str, object]:
        rows = history_of(self.session).revisions
        return {name: row["state"] for name, row in rows.items()}


@pytest.fixture
def server(emulator: Emulator, tmp_path: Path) -> Server:
    return Server(ready(emulator), tmp_path)


def test_a_needed_revision_is_undone_after_those_that_need_it(server: Server) -> None:
    with pytest.raises(PlanRefusedError, match="ftrack-orm migrate undo b") as caught:
        server.undo("a")
    assert caught.value.exit_code == 5
    assert "the revision b, which is applied, needs this one" in str(caught.value)
    server.undo("b")
    server.undo("a")
    assert server.states() == {"a": "undone", "b": "undone"}


def test_an_undo_that_was_planned_before_is_refused(server: Server) -> None:
    first = server.undo("b")
    path = server.folder / "early.plan"
    with plan_undo(server.session, "a", path, folder=server.folder) as early:
        server.undo(first)
        with pytest.raises(PlanRefusedError, match="needs this one"):
            apply(server.session, early, options=fast_options())
    assert server.states() == {"a": "applied", "b": "applied"}


def test_a_revision_is_not_applied_again_without_those_that_it_needs(
    server: Server,
) -> None:
    undo_b, undo_a = server.undo("b"), server.undo("a")
    with pytest.raises(PlanRefusedError, match="it needs the revision a"):
        server.undo(undo_b)
    server.undo(undo_a)
    server.undo(undo_b)
    assert server.states() == {"a": "applied", "b": "applied"}
    with pytest.raises(PlanRefusedError, match="needs this one"):
        server.undo("a")
