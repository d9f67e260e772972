"""The reference data of a studio's package: statuses, types and other rows."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

from ftrack_orm import Session, StaleReferenceError, UnknownReferenceError
from ftrack_orm.emulator import Emulator
from tests.support.imported_packages import imported_package
from tests.support.studio import studio_emulator, write_studio_package


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    folder = tmp_path_factory.mktemp("studio")
    write_studio_package(folder)
    with imported_package("studio_models", folder) as package:
        yield package


@pytest.fixture
def reference(models: ModuleType) -> Any:
    return importlib.import_module("studio_models.reference")


@pytest.fixture
def emulator() -> Emulator:
    return studio_emulator()


@pytest.fixture
def session(emulator: Emulator, models: ModuleType) -> Iterator[Session]:
    with Session(transport=emulator.transport(), models=models.registry) as opened:
        yield opened


def test_reference_data_costs_no_request(
    emulator: Emulator, session: Session, models: Any, reference: Any
) -> None:
    task = (
        session.select(models.Task).where(models.Task.status.name != "Approved").first()
    )
    assert task is not None
    before = len(emulator.calls)
    task.status = reference.statuses.approved
    assert task.status_id == reference.statuses["Approved"].id
    assert reference.statuses.approved.name == "Approved"
    assert reference.statuses.approved == reference.statuses["Approved"]
    assert len(emulator.calls) == before
    session.commit()
    assert len(emulator.calls) == before + 1
    criterion = models.Task.status.is_(reference.statuses.approved)
    assert task in session.select(models.Task).where(criterion).all()


def test_reference_data_is_a_collection(reference: Any) -> None:
    names = {status.name for status in reference.statuses}
    assert len(names) == len(reference.statuses) == 11
    assert "Approved" in reference.statuses
    assert reference.statuses.get("Aproved") is None
    with pytest.raises(UnknownReferenceError, match="Did you mean 'approved'"):
        _ = reference.statuses.aproved
    with pytest.raises(KeyError, match="Did you mean 'Approved'"):
        reference.statuses["Aproved"]


def test_a_console_completes_the_rows_and_their_names(reference: Any) -> None:
    statuses = reference.statuses
    assert dir(statuses)[:2] == ["approved", "client_approved"]
    assert len([name for name in dir(statuses) if not name.startswith("_")]) == 12
    assert set(statuses._ipython_key_completions_()) == {row.name for row in statuses}


def test_a_row_is_not_shared(reference: Any) -> None:
    reference.statuses.approved.name = "changed"
    assert reference.statuses.approved.name == "Approved"


def test_a_row_that_the_server_lost_is_named_at_commit(
    session: Session, models: Any, reference: Any
) -> None:
    lost = reference.asset_types.camera
    session.delete(models.AssetType, lost.id)
    asset = session.select(models.Asset).first()
    assert asset is not None
    asset.type = lost
    with pytest.raises(StaleReferenceError, match="no longer has 'Camera'") as info:
        session.commit()
    assert info.value.rows == (("AssetType", "Camera", lost.id),)
    asset.type = reference.asset_types.rig
    session.commit()
    assert asset.type.name == "Rig"
