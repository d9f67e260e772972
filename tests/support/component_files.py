"""A file of six parts, and its traces on an emulator."""

from __future__ import annotations

import os

import requests

from ftrack_orm import (
    RetryPolicy,
    Session,
)
from ftrack_orm.emulator import Emulator
from tests.support.emulator_records import sql

CHUNK = 64 * 1024
CONTENT = os.urandom(5 * CHUNK + 123)  # six parts
FAST = RetryPolicy(attempts=4, first_wait=0.01, longest_wait=0.02)


def components(emulator: Emulator) -> int:
    return int(sql(emulator, "select count(*) from Component")[0][0])


def stored(session: Session, component_id: str) -> bytes:
    """Return a component's file, got without our client's help."""
    url = session.get_component_url(component_id)
    assert url is not None
    answer = requests.get(url, timeout=10)
    assert answer.status_code == 200
    return answer.content


def puts(emulator: Emulator, component_id: str) -> list[int | None]:
    """Return the parts that arrived, in order; ``None`` is a whole file."""
    return [
        request.part_number
        for request in emulator.file_requests
        if (request.method, request.component_id) == ("PUT", component_id)
        and request.status == 200
    ]
