"""The example programs for the eight jobs of a pipeline: effects and requests.

The programs use a session of the studio's package. Their effects are read with the
stock models, in another session.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ftrack_models import (
    ComponentLocation,
    CustomAttributeConfiguration,
    Location,
    Project,
    Sequence,
    Shot,
    Status,
    Task,
    TypedContext,
    TypedContextLink,
)
from ftrack_orm import Session
from ftrack_orm.emulator import Emulator
from tests.support.jobs_studio import PACKAGE, PROGRAMS, add_keys, importable_jobs


class Jobs:
    """The example programs and sessions of the studio's package.

    Args:
        modules: the programs and the package by name.
    """

    def __init__(self, modules: dict[str, ModuleType]) -> None:
        self._modules = modules

    def program(self, name: str) -> ModuleType:
        """Return a program's module."""
        return self._modules[name]

    def session(self, emulator: Emulator) -> Any:
        """Return a new session of the studio's package."""
        return self._modules[PACKAGE].StudioSession(transport=emulator.transport())

    def find(self, session: Session, entity_type: str, name: str) -> Any:
        """Return the entity of a name as an instance of the studio's class."""
        entity_class = getattr(self._modules[PACKAGE], entity_type)
        return session.find(entity_class, name=name)


@pytest.fixture(scope="module")
def jobs(jobs_package: Path) -> Iterator[Jobs]:
    with importable_jobs(jobs_package) as modules:
        yield Jobs(modules)


@pytest.fixture(scope="module")
def seeded() -> Iterator[tuple[Emulator, bytes]]:
    emulator = Emulator(seed="demo")
    yield emulator, emulator.snapshot()
    emulator.close()


@pytest.fixture
def emulator(seeded: tuple[Emulator, bytes]) -> Emulator:
    emulator, snapshot = seeded
    emulator.restore(snapshot)
    return emulator


def new_session(emulator: Emulator) -> Session:
    return Session(transport=emulator.transport())


def test_there_are_eight_jobs() -> None:
    assert len(PROGRAMS) == 8


def test_cascading_statuses_takes_two_requests(jobs: Jobs, emulator: Emulator) -> None:
    with new_session(emulator) as artist:
        shots = artist.select(Shot).where(Shot.project.name == "bunny").all()[:6]
        done = artist.find(Status, name="Completed")
        going = artist.find(Status, name="In progress")
        for index, shot in enumerate(shots):
            shot.status = artist.find(Status, name="Not started")
            tasks = [child for child in shot.children if isinstance(child, Task)]
            for task in tasks:
                task.status = done
            if index % 2:
                tasks[-1].status = going
        artist.commit()
        changed = [child.id for shot in shots for child in shot.children]

    cascade = jobs.program("cascade_status").cascade
    with jobs.session(emulator) as session:
        assert len(cascade(session, changed)) == 6
        assert session.requests == 2

    with new_session(emulator) as other:
        rows = other.select(Shot).where(Shot.id.in_(shot.id for shot in shots))
        names = [shot.status.name for shot in rows.order_by(Shot.name)]
        assert sorted(names) == ["Completed"] * 3 + ["In progress"] * 3
    with jobs.session(emulator) as again:
        assert not cascade(again, changed)
        assert again.requests == 1


def test_pushing_frame_values_takes_four_requests(
    jobs: Jobs, emulator: Emulator
) -> None:
    push = jobs.program("push_frame_values").push_frame_values
    with jobs.session(emulator) as session:
        project = jobs.find(session, "Project", "bunny")
        before = session.requests
        assert push(session, project)
        assert session.requests - before == 4

    with new_session(emulator) as other:
        tasks = other.select(Task).where(Task.parent.name == "sq010_sh020").all()
        assert tasks
        for task in tasks:
            assert isinstance(task.parent, Shot)
            for key in ("fstart", "fend", "handles"):
                value = task.parent.custom_attributes[key]
                assert task.custom_attributes[key] == value
                assert task.custom_attributes.is_set(key)
    with jobs.session(emulator) as again:
        project = jobs.find(again, "Project", "bunny")
        assert not push(again, project)


def test_moving_values_takes_one_request_for_each_block(
    jobs: Jobs, emulator: Emulator
) -> None:
    add_keys(emulator)
    move = jobs.program("move_values").move_values
    with new_session(emulator) as other:
        handles = other.find(Shot, name="sq010_sh010").custom_attributes["handles"]
    with jobs.session(emulator) as session:
        project = jobs.find(session, "Project", "bunny")
        before, commits = session.requests, len(writes(emulator))
        moved = move(session, project, block=8)
        blocks = -(-moved // 8)
        assert blocks >= 3
        assert len(writes(emulator)) - commits == blocks
        assert session.requests - before == blocks + 1

    with new_session(emulator) as other:
        shot = other.find(Shot, name="sq010_sh010")
        assert shot.custom_attributes["cut_handles"] == handles
        assert shot.custom_attributes.is_set("cut_handles")
        assert not shot.custom_attributes.is_set("handles")
    with jobs.session(emulator) as again:
        assert move(again, jobs.find(again, "Project", "bunny"), block=8) == 0


def writes(emulator: Emulator) -> list[object]:
    """Return the requests that the emulator received and that write."""
    return [
        call
        for call in emulator.call_log.calls
        if any(operation["action"] == "update" for operation in call.operations)
    ]


def test_ensuring_configurations_takes_two_requests(
    jobs: Jobs, emulator: Emulator
) -> None:
    ensure = jobs.program("ensure_attributes").ensure_attributes
    with jobs.session(emulator) as session:
        assert len(ensure(session)) == 5
        assert session.requests == 2

    with new_session(emulator) as other:
        lens = other.find(CustomAttributeConfiguration, key="lens")
        roles = {role.name for role in lens.read_security_roles}
        assert (lens.label, roles) == ("Lens (mm)", {"API", "Administrator"})
        shot = other.find(Shot, name="sq010_sh010")
        assert shot.custom_attributes["lens"] == 35
    with jobs.session(emulator) as again:
        assert not ensure(again)
        assert again.requests == 2

    with new_session(emulator) as other:
        other.find(CustomAttributeConfiguration, key="lens").label = "Wrong"
        other.commit()
    with jobs.session(emulator) as last:
        assert len(ensure(last)) == 1


def test_duplicating_a_structure_takes_five_requests(
    jobs: Jobs, emulator: Emulator
) -> None:
    with new_session(emulator) as artist:
        artist.find(Shot, name="sq010_sh010").metadata["cut"] = "7"
        artist.commit()
    with jobs.session(emulator) as session:
        source = jobs.find(session, "Sequence", "sq010")
        before = session.requests
        copied = jobs.program("duplicate_structure").duplicate(session, source, "sq990")
        copy_id = copied.id
        assert session.requests - before == 5

    with new_session(emulator) as other:
        original = other.find(Sequence, name="sq010")
        copy = other.get(Sequence, copy_id)
        assert copy is not None
        assert structure(other, original) == structure(other, copy)
        shot = other.find(Shot, name="sq010_sh010", parent=copy)
        like = other.find(Shot, name="sq010_sh010", parent=original)
        assert shot.metadata["cut"] == "7"
        assert dict(shot.custom_attributes) == dict(like.custom_attributes)


def structure(session: Session, root: Sequence) -> tuple[object, object]:
    """Return what is below a sequence, and the links inside it, by names."""
    below = (
        session.select(TypedContext)
        .where(TypedContext.ancestors.any(TypedContext.id == root.id))
        .load(TypedContext.parent)
        .all()
    )
    by_id = {entity.id: entity for entity in below}
    names = {
        entity.id: (
            entity.parent.name if entity.parent_id in by_id else "",
            entity.name,
        )
        for entity in below
        if entity.parent is not None
    }
    links = session.select(TypedContextLink).where(TypedContextLink.from_id.in_(names))
    return (
        sorted((*names[entity.id], type(entity).__name__) for entity in below),
        sorted(
            (names[link.from_id], names[link.to_id], link.type or "")
            for link in links
            if link.to_id in names
        ),
    )


def test_moving_components_takes_four_requests(
    jobs: Jobs, emulator: Emulator, tmp_path: Path
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    with new_session(emulator) as artist:
        project_id = artist.find(Project, name="bunny").id
        count = 0
        for row in artist.select(ComponentLocation).where(
            ComponentLocation.location.has(Location.name == "ftrack.unmanaged"),
            ComponentLocation.component.version.asset.parent.project_id == project_id,
        ):
            file = old / str(row.resource_identifier).lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(str(row.component_id))
            count += 1

    move = jobs.program("move_components").move_components
    for changes, requests in ((2 * count, 4), (0, 3)):
        with jobs.session(emulator) as session:
            project = jobs.find(session, "Project", "bunny")
            before = session.requests
            names = ("ftrack.unmanaged", "ftrack.connect")
            assert len(move(session, project, *names, old, new)) == changes
            assert session.requests - before == requests
    files = [file for file in new.rglob("*") if file.is_file()]
    assert len(files) == count
    assert not any(file.name.endswith(".part") for file in files)
    with new_session(emulator) as other:
        rows = other.select(ComponentLocation).where(
            ComponentLocation.location.has(Location.name == "ftrack.connect"),
            ComponentLocation.component.version.asset.parent.project_id == project_id,
        )
        assert rows.count() == count


def test_project_schemas_take_two_requests_in_each_direction(
    jobs: Jobs, emulator: Emulator
) -> None:
    program = jobs.program("project_schemas")
    with jobs.session(emulator) as session:
        exported = program.export_schemas(session)
        assert session.requests == 2
    json.dumps([dataclasses.asdict(schema) for schema in exported])
    renamed = [
        dataclasses.replace(schema, name=f"{schema.name} 2") for schema in exported
    ]

    with jobs.session(emulator) as session:
        assert program.import_schemas(session, [*renamed, *exported])
        assert session.requests == 2
    with jobs.session(emulator) as again:
        assert not program.import_schemas(again, [*renamed, *exported])

    with jobs.session(emulator) as other:
        copies = {
            schema.name: comparable(schema) for schema in program.export_schemas(other)
        }
        for schema in exported:
            assert copies[f"{schema.name} 2"] == copies[schema.name]


def comparable(schema: Any) -> object:
    """Return an exported schema without its name and the order of many-to-many."""
    values = dataclasses.asdict(schema)
    del values["name"]
    for name in ("task_types", "task_statuses", "version_statuses"):
        values[name].sort()
    values["rules"].sort(key=lambda rules: rules["object_type"])
    return values


def test_building_a_hierarchy_takes_at_most_four_requests(
    jobs: Jobs, emulator: Emulator
) -> None:
    program = jobs.program("build_hierarchy")
    cuts = [program.Cut("sq500", f"sq500_sh{n:03}", 1001, 1100) for n in range(10, 60)]
    mixed = [
        *cuts[5:],
        program.Cut("sq500", "sq500_sh090", 1001, 1080),
        program.Cut("sq010", "sq010_sh010", 1001, 1033),
        program.Cut("sq600", "sq600_sh010", 1001, 1099),
    ]
    runs = ((cuts, 351, 3), (cuts, 0, 3), (mixed, 16, 4), (mixed, 0, 3))
    for edit, changes, requests in runs:
        with jobs.session(emulator) as session:
            project = jobs.find(session, "Project", "bunny")
            before = session.requests
            plan = program.build(session, project, edit)
            assert (len(plan), session.requests - before) == (changes, requests)

    with new_session(emulator) as other:
        shot = other.find(Shot, name="sq010_sh010")
        assert shot.custom_attributes["fend"] == 1033
        assert len(other.find(Sequence, name="sq500").children) == 51
