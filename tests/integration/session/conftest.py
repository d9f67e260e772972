"""A demo production in process, put back to its beginning before every test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ftrack_models import (
    FileComponent,
    ReviewSession,
    ReviewSessionInvitee,
    User,
)
from ftrack_orm import (
    NO_RETRIES,
    Session,
)
from ftrack_orm.emulator import Emulator
from ftrack_orm.transfer import chunks
from tests.support.component_files import CHUNK, CONTENT
from tests.support.demo_production import a_shot, a_task, project
from tests.support.fault_matrix import (
    QUICK,
    Scene,
)


@pytest.fixture(scope="session")
def seeded() -> Iterator[tuple[Emulator, bytes]]:
    """One emulator for all tests, and its data as seeded."""
    emulator = Emulator(seed="demo")
    yield emulator, emulator.snapshot()
    emulator.close()


class Stage(NamedTuple):
    """The seeded data with the entities of a scene, and their ids."""

    snapshot: bytes
    component: str
    invitee: str


@pytest.fixture(scope="session")
def stage(seeded: tuple[Emulator, bytes]) -> Stage:
    """The entities of all scenes, made once."""
    emulator, snapshot = seeded
    emulator.restore(snapshot)
    with Session(transport=emulator.transport(), check_schema="ignore") as maker:
        component = maker.create(
            FileComponent, {"name": "plate", "file_type": ".mov", "size": 3}
        ).data
        review = maker.create(
            ReviewSession, {"name": "monday", "project": project(maker)}
        ).data
        invitee = maker.create(
            ReviewSessionInvitee,
            {"review_session": review, "name": "guest", "email": "guest@example.com"},
        ).data
    return Stage(emulator.snapshot(), component.id, invitee.id)


@pytest.fixture
def emulator(
    seeded: tuple[Emulator, bytes], request: pytest.FixtureRequest
) -> Emulator:
    """The emulator with the data of the demo seed, nothing asked of it yet.

    For a scene it has the entities of the stage, too.
    """
    emulator, snapshot = seeded
    if "scene" in request.fixturenames:
        snapshot = request.getfixturevalue("stage").snapshot
    emulator.restore(snapshot)
    emulator.faults.clear()
    emulator.call_log.clear()
    return emulator


@pytest.fixture
def session(emulator: Emulator) -> Iterator[Session]:
    """A session on the emulator that does not ask about the schema."""
    with Session(
        transport=emulator.transport(), check_schema="ignore", retry=NO_RETRIES
    ) as session:
        yield session


@pytest.fixture
def other(emulator: Emulator) -> Iterator[Session]:
    """A second session, for another user's view of the server."""
    with Session(
        transport=emulator.transport(), check_schema="ignore", retry=NO_RETRIES
    ) as session:
        yield session


@pytest.fixture
def over_http(emulator: Emulator) -> Iterator[Session]:
    """A session on the emulator through sockets, that does not repeat anything."""
    with Session(
        **emulator.start().credentials, check_schema="ignore", retry=NO_RETRIES
    ) as session:
        yield session


@pytest.fixture
def patient(emulator: Emulator) -> Iterator[Session]:
    with Session(
        **emulator.start().credentials, check_schema="ignore", retry=QUICK
    ) as session:
        yield session


@pytest.fixture
def scene(emulator: Emulator, stage: Stage, patient: Session) -> Scene:
    found = Scene(emulator, a_shot(patient), a_task(patient))
    found.extra = {
        "component": stage.component,
        "invitee": stage.invitee,
        "user": patient.select(User).where(User.username == "anna").one(),
    }
    emulator.call_log.clear()
    return found


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNKS", ((1 << 30, CHUNK),))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "plate.0001.exr"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def clean(emulator: Emulator) -> Iterator[Emulator]:
    emulator.file_faults.clear()
    yield emulator
    emulator.file_faults.clear()


@pytest.fixture
def uploaded(over_http: Session, clean: Emulator, path: Path) -> FileComponent:
    component: Any = over_http.create_component(path)[0].data
    assert isinstance(component, FileComponent)
    return component


@pytest.fixture
def paging(emulator: Emulator) -> Iterator[Session]:
    """A session with pages of five rows."""
    with Session(
        transport=emulator.transport(),
        check_schema="ignore",
        retry=NO_RETRIES,
        page_size=5,
    ) as session:
        yield session
