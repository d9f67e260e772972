"""The example programs for the eight jobs of a pipeline: effects, requests, types."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import os
import re
import subprocess
import sys
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

ROOT = Path(__file__).resolve().parents[2]
JOBS = ROOT / "docs" / "examples" / "jobs"
FILES = sorted(JOBS.glob("*.py"))


def job(name: str) -> ModuleType:
    """Return the module of an example program."""
    module_name = f"jobs_{name}"
    if module_name not in sys.modules:
        spec = importlib.util.spec_from_file_location(module_name, JOBS / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        # A dataclass looks up its module while it is defined.
        sys.modules[module_name] = module
        spec.loader.exec_module(module)
    return sys.modules[module_name]


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


def bunny(session: Session) -> Project:
    return session.find(Project, name="bunny")


def test_there_are_eight_jobs() -> None:
    assert len(FILES) == 8


def test_cascading_statuses_takes_at_most_four_requests(emulator: Emulator) -> None:
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

    with new_session(emulator) as session:
        plan = job("cascade_status").cascade(session, changed)
        assert len(plan) == 6
        assert session.requests <= 4
        rows = session.select(Shot).where(Shot.id.in_(shot.id for shot in shots))
        names = [shot.status.name for shot in rows.order_by(Shot.name)]
        assert sorted(names) == ["Completed"] * 3 + ["In progress"] * 3
        assert not job("cascade_status").cascade(session, changed)


def test_pushing_frame_values_takes_at_most_six_requests(emulator: Emulator) -> None:
    with new_session(emulator) as session:
        project = bunny(session)
        before = session.requests
        plan = job("push_frame_values").push_frame_values(session, project)
        assert plan
        assert session.requests - before <= 6

    with new_session(emulator) as other:
        task = other.select(Task).where(Task.parent.name == "sq010_sh020").all()[0]
        assert isinstance(task.parent, Shot)
        for key in ("fstart", "fend", "handles"):
            assert task.custom_attributes[key] == task.parent.custom_attributes[key]
            assert task.custom_attributes.is_set(key)
        assert not job("push_frame_values").push_frame_values(other, bunny(other))


def test_moving_values_takes_one_request_for_each_block(emulator: Emulator) -> None:
    with new_session(emulator) as session:
        shot = session.find(Shot, name="sq010_sh010")
        handles = shot.custom_attributes["handles"]
        project = bunny(session)
        session.expire()
        before, commits = session.requests, len(writes(emulator))
        moved = job("move_values").move_values(
            session, project, "handles", "fstart", block=8
        )
        blocks = -(-moved // 8)
        assert blocks >= 3
        assert len(writes(emulator)) - commits == blocks
        # The rows of the shots, their stored values and the configurations.
        assert session.requests - before <= blocks + 3

    with new_session(emulator) as other:
        shot = other.find(Shot, name="sq010_sh010")
        assert shot.custom_attributes["fstart"] == handles
        assert not shot.custom_attributes.is_set("handles")
        again = job("move_values").move_values(
            other, bunny(other), "handles", "fstart", block=8
        )
        assert again == 0


def writes(emulator: Emulator) -> list[object]:
    """Return the requests that the emulator received and that write."""
    return [
        call
        for call in emulator.call_log.calls
        if any(operation["action"] == "update" for operation in call.operations)
    ]


def test_ensuring_configurations_takes_at_most_two_requests(
    emulator: Emulator,
) -> None:
    with new_session(emulator) as session:
        plan = job("ensure_attributes").ensure_attributes(session)
        assert len(plan) == 5
        assert session.requests <= 2

    with new_session(emulator) as other:
        assert not job("ensure_attributes").ensure_attributes(other)
        assert other.requests <= 2
        lens = other.find(CustomAttributeConfiguration, key="lens")
        assert lens.label == "Lens (mm)"
        assert {role.name for role in lens.read_security_roles} == {
            "API",
            "Administrator",
        }
        lens.label = "Wrong"
        other.commit()
        assert len(job("ensure_attributes").ensure_attributes(other)) == 1
        shot = other.find(Shot, name="sq010_sh010")
        assert shot.custom_attributes["lens"] == 35


def test_duplicating_a_structure_takes_at_most_five_requests(
    emulator: Emulator,
) -> None:
    with new_session(emulator) as session:
        source = session.find(Sequence, name="sq010")
        session.find(Shot, name="sq010_sh010").metadata["cut"] = "7"
        session.commit()
        session.expunge_all()
        source = session.find(Sequence, name="sq010")
        before = session.requests
        copy_id = job("duplicate_structure").duplicate(session, source, "sq990").id
        assert session.requests - before <= 5

    with new_session(emulator) as other:
        source = other.find(Sequence, name="sq010")
        copied = other.get(Sequence, copy_id)
        assert copied is not None
        assert structure(other, source) == structure(other, copied)
        shot = other.find(Shot, name="sq010_sh010", parent=copied)
        original = other.find(Shot, name="sq010_sh010", parent=source)
        assert shot.metadata["cut"] == "7"
        assert dict(shot.custom_attributes) == dict(original.custom_attributes)


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


def test_moving_components_takes_at_most_four_requests(
    emulator: Emulator, tmp_path: Path
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    with new_session(emulator) as session:
        project = bunny(session)
        count = 0
        for row in session.select(ComponentLocation).where(
            ComponentLocation.location.has(Location.name == "ftrack.unmanaged"),
            ComponentLocation.component.version.asset.parent.project_id == project.id,
        ):
            file = old / str(row.resource_identifier).lstrip("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(str(row.component_id))
            count += 1
        before = session.requests
        arguments = (project, "ftrack.unmanaged", "ftrack.connect", old, new)
        plan = job("move_components").move_components(session, *arguments)
        assert session.requests - before <= 4
        assert len(plan) == 2 * count
        files = [file for file in new.rglob("*") if file.is_file()]
        assert len(files) == count
        assert not any(file.name.endswith(".part") for file in files)
        assert not job("move_components").move_components(session, *arguments)


def test_project_schemas_take_two_requests_in_each_direction(
    emulator: Emulator,
) -> None:
    with new_session(emulator) as session:
        exported = job("project_schemas").export_schemas(session)
        assert session.requests <= 2
    json.dumps([dataclasses.asdict(schema) for schema in exported])
    renamed = [
        dataclasses.replace(schema, name=f"{schema.name} 2") for schema in exported
    ]

    with new_session(emulator) as session:
        plan = job("project_schemas").import_schemas(session, [*renamed, *exported])
        assert plan
        assert session.requests <= 2
        assert not job("project_schemas").import_schemas(session, renamed)

    with new_session(emulator) as other:
        copies = {
            schema.name: comparable(schema)
            for schema in job("project_schemas").export_schemas(other)
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


def test_building_a_hierarchy_takes_at_most_five_requests(emulator: Emulator) -> None:
    program = job("build_hierarchy")
    cuts = [program.Cut("sq500", f"sq500_sh{n:03}", 1001, 1100) for n in range(10, 60)]
    mixed = [
        *cuts[5:],
        program.Cut("sq500", "sq500_sh090", 1001, 1080),
        program.Cut("sq010", "sq010_sh010", 1001, 1033),
        program.Cut("sq600", "sq600_sh010", 1001, 1099),
    ]
    for edit, changes in ((cuts, 351), (cuts, 0), (mixed, None), (mixed, 0)):
        with new_session(emulator) as session:
            project = bunny(session)
            before = session.requests
            plan = program.build(session, project, edit)
            assert session.requests - before <= 5
            assert changes is None or len(plan) == changes

    with new_session(emulator) as other:
        shot = other.find(Shot, name="sq010_sh010")
        assert shot.custom_attributes["fend"] == 1033
        assert len(other.find(Sequence, name="sq500").children) == 51


# -- types -----------------------------------------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_program_casts_or_uses_any(path: Path) -> None:
    text = path.read_text("utf-8")
    assert re.search(r"\b(cast|Any)\b|type: ignore|pyright:", text) is None


@pytest.mark.slow
def test_mypy_finds_no_mistake(tmp_path: Path) -> None:
    source = os.pathsep.join(str(ROOT / part) for part in ("", "codegen", "generated"))
    command = [
        *(sys.executable, "-m", "mypy", "--strict", "--config-file="),
        f"--cache-dir={tmp_path}",
        *map(str, FILES),
    ]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": source},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert f"{len(FILES)} source files" in done.stdout


@pytest.mark.slow
def test_pyright_finds_no_mistake() -> None:
    command = [
        *(sys.executable, "-m", "pyright", "--outputjson"),
        *("--pythonpath", sys.executable),
        *("--project", str(ROOT / "tests" / "typing" / "examples.json")),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    report = json.loads(done.stdout)
    assert report["summary"]["filesAnalyzed"] == len(FILES)
    assert report["generalDiagnostics"] == []
