"""The environment variables that name a server, its user and the key."""

from __future__ import annotations

import pytest

from ftrack_orm.emulator import Credentials, Emulator


def server_variables(credentials: Credentials) -> dict[str, str]:
    """Return the variables that a session and the commands read."""
    return {
        "FTRACK_SERVER": credentials["server_url"],
        "FTRACK_API_USER": credentials["api_user"],
        "FTRACK_API_KEY": credentials["api_key"],
    }


def name_server(monkeypatch: pytest.MonkeyPatch, emulator: Emulator) -> None:
    """Let the environment of a test name an emulator that is served."""
    for name, value in server_variables(emulator.credentials).items():
        monkeypatch.setenv(name, value)
