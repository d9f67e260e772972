"""A started server and two sessions of the official client on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ftrack_orm.emulator import Emulator

NOW = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Studio:
    """A started server, its data as planted, and two sessions of the client."""

    emulator: Emulator
    planted: bytes
    session: Any
    second: Any
