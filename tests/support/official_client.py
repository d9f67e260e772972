"""The official Python client, opened on an emulator as its users open it."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from ftrack_orm.emulator import Emulator

with warnings.catch_warnings():
    # The client's copy of pyparsing imports a deprecated module.
    warnings.simplefilter("ignore", DeprecationWarning)
    import ftrack_api


def connect(emulator: Emulator, folder: Path, **more: Any) -> Any:
    """Return a session of the official client, without plugins.

    Without a connection to the event hub too, unless `more` asks for one.
    """
    options = {**emulator.credentials, "auto_connect_event_hub": False, **more}
    return ftrack_api.Session(**options, plugin_paths=[], schema_cache_path=str(folder))


def make_project(session: Any) -> Any:
    """Return a new project, committed."""
    schema = session.query('ProjectSchema where name is "VFX"').one()
    project = session.create(
        "Project", {"name": "demo", "full_name": "Demo", "project_schema": schema}
    )
    session.commit()
    return project
