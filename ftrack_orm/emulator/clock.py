"""Time and ids, injected so that a run can be repeated exactly."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

Clock: TypeAlias = Callable[[], datetime]
"""Returns the current time; naive means UTC."""

IdMaker: TypeAlias = Callable[[], str]
"""Returns a new id, never the same twice."""


def system_clock() -> datetime:
    """Return the time of the machine, in UTC."""
    return datetime.now(UTC)


def random_id() -> str:
    """Return a new uuid4, as official clients make them."""
    return str(uuid.uuid4())


def canonical(moment: datetime) -> str:
    """Return `moment` as stored and served: naive UTC ISO text with whole seconds.

    The server keeps neither fractions nor offsets (protocol 3.1).
    """
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment.replace(microsecond=0).isoformat()
