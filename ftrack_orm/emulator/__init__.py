"""An ftrack server in the box: the same wire protocol on SQLite (`server.Emulator`)."""

from __future__ import annotations
