"""Trees that a plan copies: applied, verified and undone."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftrack_models import (
    Asset,
    AssetVersion,
    CustomAttributeConfiguration,
    Note,
    Project,
    Shot,
    Task,
)
from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from ftrack_orm.migrations import Planner
from ftrack_orm.migrations.comparison import verify
from ftrack_orm.migrations.plan_function import make_plan, plan_function
from ftrack_orm.migrations.runs import apply
from ftrack_orm.migrations.undo import plan_undo
from tests.support.migration_plans import content, fast_options, ready
from tests.support.planning import changes_of


@pytest.fixture
def session(emulator: Emulator) -> Session:
    """Return a session to a server with two projects."""
    session = ready(emulator)
    schema = session.find(Project, name="bunny").project_schema
    other = Project(name="other", full_name="Other", project_schema=schema)
    session.add_all([other, Shot(name="target", parent=other)])
    session.commit()
    return session


def move_copies(plan: Planner) -> None:
    """Copy a shot with its tasks, assets, versions and notes to another project."""
    target = plan.find(Shot, Shot.name == "target")
    source = plan.find(Shot, Shot.name == "sq010_sh010", Shot.project.name == "bunny")
    tasks: dict[str | None, Task] = {}
    for task in plan.each(plan.select(Task).where(Task.parent_id == source.id)):
        copy = tasks[task.id] = plan.copy(task)
        copy.parent = target
        copy.metadata["source"] = task.id
    assets = plan.index(
        plan.select(Asset).where(Asset.context_id == source.id), Asset.id
    )
    new = {}
    for asset in assets.untouched():
        new[asset.id] = plan.copy(asset)
        new[asset.id].parent = target
    versions = plan.select(AssetVersion).where(AssetVersion.asset_id.in_(new))
    for version in plan.each(versions):
        copied = plan.copy(version)
        copied.asset = new[version.asset_id or ""]
        copied.task = tasks.get(version.task_id)
    notes: dict[str | None, Note] = {}
    written = plan.select(Note).where(Note.parent_id.in_([*filter(None, tasks)]))
    for note in plan.each(written.order_by(Note.date)):
        reply = notes[note.id] = plan.copy(note)
        reply.parent_id = tasks[note.parent_id].id
        reply.in_reply_to_id = None
    for first in notes.values():
        user = first.user_id
        plan.add(Note(content="a reply", in_reply_to_id=first.id, user_id=user))


def test_copies_in_another_project_are_verified_and_undone(
    emulator: Emulator, session: Session, tmp_path: Path
) -> None:
    before = content(emulator)
    with plan_function(session, move_copies, path=tmp_path / "a.plan") as plan:
        created = {count.subject: count.count for count in plan.counts}
        assert {"Task", "Asset", "AssetVersion", "Note"} <= created.keys()
        outcome = apply(session, plan, options=fast_options())
    assert verify(session, outcome.run, folder=tmp_path).texts == ()
    other = session.find(Project, name="other").id
    tasks = session.select(Task).where(Task.project_id == other)
    assert tasks.count() == created["Task"]
    with plan_undo(session, outcome.run, folder=tmp_path) as undo:
        assert list(undo.skipped()) == []
        assert apply(session, undo, options=fast_options()).details == ()
    assert content(emulator) == before


def test_a_copy_gets_the_custom_attributes_of_its_own_project(
    session: Session,
) -> None:
    """The configuration of a project hides the global one (protocol 6.7)."""
    [common] = session.select(CustomAttributeConfiguration).where(
        CustomAttributeConfiguration.key == "fstart"
    )
    row = {
        name: getattr(common, name)
        for name in ("key", "label", "type_id", "entity_type", "object_type_id")
    }
    other = session.find(Project, name="other")
    theirs = session.create(
        "CustomAttributeConfiguration",
        {**row, "config": common.config, "default": 1.0, "project_id": other.id},
    )

    def up(plan: Planner) -> None:
        copy = plan.copy(
            plan.find(Shot, Shot.name == "sq010_sh010", Shot.project.name == "bunny")
        )
        copy.parent = plan.find(Shot, Shot.name == "target")

    with make_plan(session, up) as plan:
        keys = [change.key[0] for change in changes_of(plan)]
    assert theirs.data.reference.key[0] in keys
    assert common.id not in keys
