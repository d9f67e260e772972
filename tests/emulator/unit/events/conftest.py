"""Fixtures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ftrack_orm.emulator.events.listener import Listener
from tests.support.emulator_client import (
    Client,
)


@pytest.fixture
def updates(client: Client) -> Iterator[Listener]:
    with client.emulator.event_hub.subscribe("topic=ftrack.update") as listener:
        yield listener


@pytest.fixture
def project(client: Client) -> str:
    return client.project()


@pytest.fixture
def shot(client: Client, project: str) -> str:
    return str(client.create("Shot", name="sh010", parent_id=project)["id"])


@pytest.fixture
def task(client: Client, shot: str) -> str:
    return str(client.create("Task", name="anim", parent_id=shot)["id"])
