"""One server for all checks, put back before each, and the official client on it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from ftrack_orm.emulator import Emulator
from tests.support.official_client import connect
from tests.support.official_hub import LIMIT, Connect
from tests.support.official_studio import NOW, Studio
from tests.support.schemas import recorded


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """Everything that is made once."""
    folder = tmp_path_factory.mktemp("schema-cache")
    with Emulator(schema=recorded(), clock=lambda: NOW) as emulator:
        sessions = [connect(emulator, folder) for _ in range(2)]
        yield Studio(emulator, emulator.snapshot(), *sessions)
        for session in sessions:
            session.close()


@pytest.fixture
def emulator(studio: Studio) -> Emulator:
    """The server as planted, asked nothing yet."""
    studio.emulator.restore(studio.planted)
    studio.emulator.forget()
    return studio.emulator


@pytest.fixture
def session(studio: Studio, emulator: Emulator) -> Any:
    """A session of the client that knows nothing yet."""
    studio.session.reset()
    emulator.forget()
    return studio.session


@pytest.fixture
def fresh(studio: Studio, session: Any) -> Any:
    """Another session, which sees what the first has committed."""
    studio.second.reset()
    return studio.second


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for files and caches."""
    return tmp_path


@pytest.fixture
def project(session: Any) -> Any:
    """A project of the schema VFX, committed."""
    schema = session.query('ProjectSchema where name is "VFX"').one()
    made = session.create(
        "Project", {"name": "bunny", "full_name": "Bunny", "project_schema": schema}
    )
    session.commit()
    return made


@pytest.fixture
def shot(session: Any, project: Any) -> Any:
    """A shot in a sequence, committed."""
    sequence = session.create("Sequence", {"name": "sq010", "parent": project})
    made = session.create("Shot", {"name": "sh010", "parent": sequence})
    session.commit()
    return made


@pytest.fixture
def task(session: Any, shot: Any) -> Any:
    """A task of the shot, committed."""
    kind = session.query('Type where name is "Animation"').one()
    made = session.create("Task", {"name": "anim", "parent": shot, "type": kind})
    session.commit()
    return made


@pytest.fixture
def admin(session: Any) -> Any:
    """The calling user."""
    return session.query('User where username is "admin"').one()


@pytest.fixture
def jane(session: Any) -> Any:
    """Another user, committed."""
    made = session.create("User", {"username": "jane", "email": "jane@example.com"})
    session.commit()
    return made


@pytest.fixture
def asset(session: Any, shot: Any) -> Any:
    """An asset of the shot, committed."""
    kind = session.query('AssetType where short is "geo"').one()
    made = session.create("Asset", {"name": "hero", "type": kind, "parent": shot})
    session.commit()
    return made


@pytest.fixture
def version(session: Any, asset: Any, task: Any) -> Any:
    """The first version of the asset, committed."""
    made = session.create("AssetVersion", {"asset": asset, "task": task})
    session.commit()
    return made


@pytest.fixture
def picture(folder: Path) -> Path:
    """A picture of 600 by 300."""
    path = folder / "plate.png"
    Image.new("RGB", (600, 300), (10, 90, 30)).save(path)
    return path


@pytest.fixture
def frames(folder: Path) -> str:
    """Three frames of one to three bytes, as a sequence's path."""
    for number in range(1, 4):
        (folder / f"frame.{number:04d}.exr").write_bytes(b"x" * number)
    return str(folder / "frame.%04d.exr [1-3]")


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("schema-cache")


@pytest.fixture
def connected(emulator: Emulator, cache: Path) -> Iterator[Connect]:
    """Open sessions whose event hubs are connected; they are closed afterwards."""
    opened = []

    def open_session(**more: Any) -> Any:
        session = connect(emulator, cache, auto_connect_event_hub=True, **more)
        opened.append(session)
        # The client connects in a thread, which closing the session does not await.
        session._auto_connect_event_hub_thread.join(LIMIT)
        emulator.event_hub.wait_until(
            lambda: any(
                session.event_hub.id in each.subscriptions
                for each in emulator.event_hub.router.connections
            )
        )
        return session

    yield open_session
    for session in opened:
        session.close()
    emulator.event_hub.reset()


@pytest.fixture
def hub(connected: Connect) -> Any:
    """The event hub of a session."""
    return connected().event_hub
