"""The jobs of a studio: planned, applied, interrupted, verified and undone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from ftrack_models import AssetVersion, ComponentLocation, Location, Sequence, Shot
from ftrack_orm import Session
from ftrack_orm.emulator import Emulator, FixedClock
from ftrack_orm.migrations import Plan, apply, plan_undo, resume, verify
from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.plan_function import plan_function
from ftrack_orm.migrations.probes import initialize
from ftrack_orm.migrations.revision import load_module
from ftrack_orm.migrations.status import mark_revision
from tests.support.custom_attribute_configurations import SHOT_TYPE, configure
from tests.support.cut_transport import CutTransport, Killed
from tests.support.migration_plans import connect, content, fast_options
from tests.support.type_checkers import TYPING

CUTS: Final = """seq,shot,in,out
sq010,sq010_new,1001,1020
sq777,sq777_sh010,1001,1030
"""

JOBS: Final = ("push", "retype", "duplicate", "components", "editorial", "status")


@pytest.fixture
def emulator() -> Emulator:
    return Emulator(seed="demo", clock=FixedClock("2024-05-06"))


def planned(session: Session, name: str, /, **parameters: Any) -> Plan:
    """Return the plan of a file, as the command line makes it."""
    path = TYPING / "migrations" / f"{name}.py"
    loaded = load_module(path)
    return plan_function(
        session,
        loaded.up,
        kwargs=parameters,
        revision=loaded.revision,
        code_digest=loaded.digest,
        source=path,
    )


def prepare(session: Session, job: str, folder: Path) -> tuple[str, dict[str, Any]]:
    """Prepare the server for a job; return the name of its file and its parameters."""
    match job:
        case "push":
            for key in ("fstart", "fend", "handles"):
                configure(session, key, "number", 0.0)
            return "job2_push", {"project": "bunny"}
        case "retype":
            for key, kind in (("cut_no", "number"), ("cut_code", "text")):
                configure(session, key, kind, None, object_type_id=SHOT_TYPE)
            for number, shot in enumerate(session.select(Shot), 12):
                shot.custom_attributes["cut_no"] = number + 0.5
            session.commit()
            return "job3_retype", {}
        case "duplicate":
            source = session.select(Sequence).where(Sequence.name == "sq010").one()
            return "job5_duplicate", {"source": source.id, "name": "sq999"}
        case "components":
            return "job6_components", _files(session, folder)
        case "editorial":
            cuts = folder / "cuts.csv"
            cuts.write_text(CUTS)
            return "job8_editorial", {"project": "bunny", "cuts": cuts}
    return "replace_status", {}


def _files(session: Session, folder: Path) -> dict[str, Any]:
    version = session.select(AssetVersion).first()
    assert version is not None
    here = session.select(Location).where(Location.name == "ftrack.review").one()
    there = session.create(Location, {"name": "cold storage"}).data
    rows = session.select(ComponentLocation).where(
        ComponentLocation.location_id == here.id,
        ComponentLocation.component.version.asset.parent.project_id
        == version.project_id,
    )
    for row in rows.limit(3):
        (folder / (row.resource_identifier or "")).write_text("content")
    (folder / "copies").mkdir()
    return {
        "project": version.project_id,
        "source": here.name,
        "target": there.name,
        "root": str(folder),
        "to": str(folder / "copies"),
    }


def rows_of(emulator: Emulator) -> list[str]:
    """Return the rows but those that an undo leaves."""
    return [
        line
        for line in content(emulator)
        if not json.loads(line)["__entity_type__"].endswith("StatusChange")
    ]


@pytest.mark.parametrize("job", JOBS)
def test_a_job_is_applied_verified_and_undone(
    emulator: Emulator, tmp_path: Path, job: str
) -> None:
    session = connect(emulator)
    initialize(RunClient(session))
    name, parameters = prepare(session, job, tmp_path)
    before = rows_of(emulator)
    folder = tmp_path / "plans"
    options = fast_options(chunk=20)
    with planned(connect(emulator), name, **parameters) as plan:
        assert plan.changes
        plan.save(folder / "a.plan")
        units = plan.unit_count
        for needed in plan.file.meta("needs") or ():
            mark_revision(RunClient(session), needed, "applied")
    transport = CutTransport(emulator.transport(), 5, "after")
    with Plan.open(folder / "a.plan") as plan:
        try:
            outcome = apply(connect(emulator, transport), plan, options=options)
        except Killed:
            outcome = resume(
                connect(emulator), folder=folder, by_force=True, options=options
            )
    assert (outcome.applied, outcome.skipped) == (units, 0)
    if job == "components":
        assert len(list((tmp_path / "copies").iterdir())) == units
    assert verify(connect(emulator), outcome.run, folder=folder).different == 0
    with planned(connect(emulator), name, **parameters) as again:
        assert again.changes == 0 or job == "duplicate"
    with plan_undo(connect(emulator), outcome.run, folder=folder) as reverse:
        assert list(reverse.skipped()) == []
        undone = apply(connect(emulator), reverse, options=options)
    assert (undone.applied, undone.skipped) == (units, 0)
    assert rows_of(emulator) == before
