"""A frozen revision runs and type-checks when the schema has moved on."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import ftrack_models
from ftrack_codegen.package import generate_package, write_package
from ftrack_codegen.slicing import slice_schema
from ftrack_codegen.studio.snapshot import load_package_studio
from ftrack_models import CustomAttributeConfiguration, CustomAttributeType
from ftrack_orm import Session
from ftrack_orm.cli.freezing import freeze
from ftrack_orm.cli.planning import ModulePlanner, RevisionFolder
from ftrack_orm.emulator import Emulator
from ftrack_orm.errors.revisions import FreezeError, PreconditionError
from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.plan_function import plan_function
from ftrack_orm.migrations.precondition import (
    MissingName,
    check_precondition,
    missing_names,
)
from ftrack_orm.migrations.revision import load_module
from ftrack_orm.migrations.status import mark_revision
from ftrack_orm.schema.model import Schema
from tests.support.migration_plans import ready
from tests.support.studio import studio_emulator, studio_source
from tests.support.type_checkers import MYPY_FLAGS, ROOT, mypy_cache

REVISION = '''\
"""Descriptions of shots become upper case."""

from ftrack_models import Shot, Status
from ftrack_orm.migrations import Planner, Revision

revision = Revision("20261126_7f3a", "louder shots")


def up(plan: Planner) -> None:
    done = plan.find(Status, Status.name == "Completed")
    shots = plan.select(Shot).where(Shot.project.name == "bunny").load(Shot.status)
    for shot in plan.each(shots):
        shot.description = f"{shot.name.upper()} {shot.project.name}"
        shot.status = done
        shot.metadata["was"] = shot.status_id or ""
'''


@pytest.fixture
def revision(tmp_path: Path) -> Path:
    """Return the file of a revision that uses the installed models."""
    path = tmp_path / "r20261126_7f3a.py"
    path.write_text(REVISION, encoding="utf-8")
    return path


def schema() -> Schema:
    """Return the schema of the installed models."""
    return ftrack_models.registry.schema()


def test_the_slice_has_the_named_types_and_what_they_link_to() -> None:
    small = slice_schema(schema(), ["Task", "Shot", "Status"])
    assert set(small.types) == {
        *("Task", "Shot", "Status", "TypedContext", "Context"),  # named, and bases
        *("ContextCustomAttributeValue", "Metadata"),  # their rows
        *("BaseUser", "Component", "ObjectType", "Priority", "Project", "Resource"),
        *("State", "Type", "User", "CustomAttributeLink", "CustomAttributeLinkFrom"),
    }
    assert "children" in small["Shot"].attributes
    assert "appointments" not in small["Shot"].attributes
    assert missing_names(small, schema()) == ()


def planned(path: Path, emulator: Emulator) -> list[Any]:
    """Return the units that a revision plans on a server, as JSON."""
    module = load_module(path)
    with (
        Session(
            transport=emulator.transport(),
            models=module.registry,
            check_schema="ignore",
        ) as session,
        plan_function(session, module.up, revision=module.revision) as plan,
    ):
        return [[change.to_json() for change in unit.changes] for unit in plan.units()]


def test_a_frozen_revision_makes_the_same_plan(revision: Path) -> None:
    with Emulator(seed="demo") as emulator:
        before = planned(revision, emulator)
        frozen = freeze(revision)
        assert frozen.path == revision.with_suffix("") / "__init__.py"
        assert not revision.exists()
        assert "from .models import Shot, Status" in frozen.path.read_text()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert planned(frozen.path.parent, emulator) == before
    assert len(before) > 1


def test_a_second_freeze_is_refused_with_the_reason(revision: Path) -> None:
    frozen = freeze(revision)
    with pytest.raises(FreezeError, match="imports no generated models"):
        freeze(frozen.path.parent)


def test_a_name_that_is_no_type_is_refused(revision: Path) -> None:
    text = REVISION.replace("import Shot, Status", "import Shot, Status, registry")
    revision.write_text(text, encoding="utf-8")
    with pytest.raises(FreezeError, match="registry is no entity type"):
        freeze(revision)
    assert revision.read_text(encoding="utf-8") == text


def test_further_types_are_frozen_on_request(revision: Path) -> None:
    assert "ProjectSchema" not in slice_schema(schema(), ["Shot", "Status"])
    frozen = freeze(revision, extra=["ProjectSchema"])
    assert "ProjectSchema" in frozen.types


def type_errors(folder: Path, *paths: Path) -> list[str]:
    """Return the errors that mypy finds in a folder, in its strict mode."""
    source = os.pathsep.join(
        [*(str(ROOT / part) for part in ("", "codegen", "generated")), *map(str, paths)]
    )
    with mypy_cache(*MYPY_FLAGS) as cache:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "mypy", *MYPY_FLAGS, "--config-file="),
                *(f"--cache-dir={cache}", "--no-pretty", folder.name),
            ],
            cwd=folder.parent,
            env={**os.environ, "MYPYPATH": source},
            capture_output=True,
            text=True,
            check=False,
        )
    return [line for line in done.stdout.splitlines() if ": error:" in line]


def test_a_frozen_revision_type_checks(revision: Path) -> None:
    frozen = freeze(revision)
    wrong = frozen.path.read_text().replace("shot.status = done", "shot.status = shot")
    (frozen.path.parent / "wrong.py").write_text(wrong, encoding="utf-8")
    [error] = type_errors(frozen.path.parent)
    assert "wrong.py" in error


STUDIO_REVISION = '''\
"""The quality of approved shots becomes high."""

from ftrack_orm.migrations import Planner, Revision
from frozen_studio import Shot

revision = Revision("20261126_0b1e", "higher quality", accepts=["whole-server"])


def up(plan: Planner) -> None:
    shots = plan.select(Shot).where(Shot.custom_attributes.fend > 0)
    for shot in plan.each(shots.load(Shot.custom_attributes)):
        shot.custom_attributes.quality = "high"
        shot.custom_attributes["reviewed"] = True
'''


@pytest.fixture
def studio_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the file of a revision that uses the package of a studio."""
    source = studio_source()
    files = generate_package(
        source.parsed.schema, "frozen_studio", studio=source.studio
    )
    write_package(files, tmp_path / "frozen_studio")
    monkeypatch.syspath_prepend(str(tmp_path))
    path = tmp_path / "migrations" / "r20261126_0b1e.py"
    path.parent.mkdir()
    path.write_text(STUDIO_REVISION, encoding="utf-8")
    yield path
    for name in [name for name in sys.modules if name.startswith("frozen_studio")]:
        del sys.modules[name]


def test_a_frozen_revision_keeps_the_words_of_its_studio(studio_revision: Path) -> None:
    with studio_emulator() as emulator:
        before = planned(studio_revision, emulator)
        frozen = freeze(studio_revision)
        assert planned(frozen.path.parent, emulator) == before
    assert len(before) > 1
    studio = load_package_studio(frozen.path.parent / "models")
    assert studio is not None
    keys = {each.key for each in studio.custom_attributes}
    # The other attributes are not of interest when they go.
    assert keys == {"fend", "quality", "reviewed"}
    text = frozen.path.read_text()
    for number, (right, mistake) in enumerate(
        [('quality = "high"', 'quality = "higher"'), ('"reviewed"', '"fstart"')]
    ):
        path = frozen.path.parent / f"wrong_{number}.py"
        path.write_text(text.replace(right, mistake), encoding="utf-8")
    errors = type_errors(frozen.path.parent)
    files = sorted(error.partition(":")[0].rpartition("/")[2] for error in errors)
    assert files == ["wrong_0.py", "wrong_1.py"]


# -- the precondition ------------------------------------------------------------------


def without(name: str, attribute: str | None = None) -> Schema:
    """Return the schema of a server that lacks a type or an attribute."""
    types = dict(schema().types)
    if attribute is None:
        return Schema({key: value for key, value in types.items() if key != name})
    for key in types:
        attributes = dict(types[key].attributes)
        if any(base.name == name for base in schema().bases(key)):
            attributes.pop(attribute)
        types[key] = replace(types[key], attributes=attributes)
    return Schema(types)


def test_every_missing_name_is_named() -> None:
    small = slice_schema(schema(), ["Shot"])
    with pytest.raises(PreconditionError) as caught:
        check_precondition(
            "20261126_7f3a", missing_names(small, without("TypedContext", "bid"))
        )
    assert caught.value.missing == ("TypedContext.bid: gone",)
    assert "migrate mark 20261126_7f3a applied" in str(caught.value)
    assert missing_names(small, without("Shot")) == (MissingName("Shot", "gone"),)


def test_a_changed_kind_is_named_and_a_changed_default_is_not() -> None:
    small = slice_schema(schema(), ["Shot"])
    types = dict(schema().types)
    context = types["Context"]
    name = replace(context.attributes["name"], default="x")
    types["Context"] = replace(context, attributes={**context.attributes, "name": name})
    assert missing_names(small, Schema(types)) == ()


def test_additions_are_no_hindrance() -> None:
    small = slice_schema(schema(), ["Shot"])
    check_precondition("20261126_7f3a", missing_names(small, schema()))


VALUES_REVISION = """\
from ftrack_models import Shot
from ftrack_orm.migrations import Planner, Revision

revision = Revision("{name}", "frame ends")


def up(plan: Planner) -> None:
    plan.values("fend", of=Shot, kind=float)
    plan.values("handles", of=Shot, kind=float)
"""


def refusal(emulator: Emulator, folder: Path, name: str) -> tuple[str, ...]:
    """Return the names that a revision misses on a server."""
    with Session(transport=emulator.transport(), check_schema="ignore") as session:
        found = RevisionFolder.read(folder, session)
        planner = ModulePlanner(session, lambda models: session, found)
        with pytest.raises(PreconditionError) as caught:
            planner.require_precondition(found.modules[name])
    return caught.value.missing


def test_missing_custom_attributes_are_named_together(tmp_path: Path) -> None:
    for name in ("20261120_11aa", "20261126_7f3a"):
        path = tmp_path / f"r{name}.py"
        path.write_text(VALUES_REVISION.format(name=name), encoding="utf-8")
        freeze(path)
    with Emulator(seed="demo") as emulator, ready(emulator) as session:
        configuration = CustomAttributeConfiguration
        rows = session.select(configuration)
        found = RevisionFolder.read(tmp_path, session)
        planner = ModulePlanner(session, lambda models: session, found)
        planner.require_precondition(found.modules["20261126_7f3a"])
        text = session.find(CustomAttributeType, name="text")
        for row in rows.where(configuration.key.in_(["fend", "handles"])):
            values = {"id": row.id, "key": row.key, "label": "x", "entity_type": "task"}
            session.remove(row)
            session.commit()
            if row.key == "handles":
                session.create(
                    "CustomAttributeConfiguration",
                    {**values, "type_id": text.id, "config": "{}"},
                )
        assert refusal(emulator, tmp_path, "20261126_7f3a") == (
            "Shot.custom_attributes.fend: gone",
            "Shot.custom_attributes.handles: is text now, and was number",
        )
        mark_revision(RunClient(session), "20261120_11aa", "applied")
        assert refusal(emulator, tmp_path, "20261126_7f3a")[0] == (
            "Shot.custom_attributes.fend: gone (last seen by 20261120_11aa)"
        )


def test_missing_attributes_of_a_studio_are_named(studio_revision: Path) -> None:
    freeze(studio_revision)
    with studio_emulator() as emulator, ready(emulator) as session:
        configuration = CustomAttributeConfiguration
        for row in session.select(configuration).where(configuration.key == "quality"):
            session.remove(row)
        session.commit()
        assert refusal(emulator, studio_revision.parent, "20261126_0b1e") == (
            "Shot.custom_attributes.quality: gone",
        )
