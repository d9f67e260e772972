"""A server that answers whatever bytes a test gives it, well-formed or not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ftrack_orm.transport.http import RequestsTransport
from tests.support.scripted_server import API_KEY, ScriptedServer, serving


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with serving() as server:
        yield server


@pytest.fixture
def transport(server: ScriptedServer) -> Iterator[RequestsTransport]:
    client = RequestsTransport(server.url, "jane", API_KEY, timeout=5)
    yield client
    client.close()
