"""Run by the fork server: processes that it forks share what emulators build once."""

from __future__ import annotations

from ftrack_orm.emulator import Emulator
from tests.support.emulator_client import Client

# Imports alone would leave the tables and statements of the schema to each process,
# which take most of the time of its start and first requests.
with Emulator() as _emulator:
    _emulator.start()
    _client = Client(_emulator)
    _client.create("Shot", name="shot", parent_id=_client.project())
    _client.query('select name, parent.name from Shot where name is "shot"')
