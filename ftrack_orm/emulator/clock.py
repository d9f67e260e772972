"""Time and ids, injected so that a run can be repeated exactly."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

Clock: TypeAlias = Callable[[], datetime]
"""Returns the current time; naive means UTC."""

IdMaker: TypeAlias = Callable[[], str]
"""Returns a new id, never the same twice."""


_LAST_SERIES: Final = 0xFFFF


def system_clock() -> datetime:
    """Return the time of the machine, in UTC."""
    return datetime.now(UTC)


def random_id() -> str:
    """Return a new uuid4, as official clients make them."""
    return str(uuid.uuid4())


class FixedClock:
    """A clock that stands still until it is told otherwise.

    ::

        clock = FixedClock("2024-05-06T07:08:09")
        emulator = Emulator(clock=clock, ids=CountedIds())
        clock.advance(hours=2)
    """

    def __init__(self, moment: datetime | str) -> None:
        """Stop the clock at `moment`, a datetime or ISO text; naive means UTC.

        Raises:
            ValueError: the text is no moment.
        """
        self._start = _aware(moment)
        self._now = self._start

    def __repr__(self) -> str:
        return f"FixedClock({self._now.isoformat()!r})"

    def __call__(self) -> datetime:
        """Return the moment at which it stands, in UTC."""
        return self._now

    def advance(
        self,
        *,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
    ) -> None:
        """Let so much time pass."""
        self._now += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)

    def set(self, moment: datetime | str) -> None:
        """Go to `moment`."""
        self._now = _aware(moment)

    def reset(self) -> None:
        """Go back to where it started."""
        self._now = self._start


class CountedIds:
    """Ids that count from one, in the form of those that servers make.

    The same requests get the same ids, in another run too. Two emulators that share
    data need different ones: give each a `series` of its own.
    """

    def __init__(self, series: int = 0) -> None:
        """Count ids of a series, from 0 to 65,535.

        Raises:
            ValueError: there is no such series.
        """
        if not 0 <= series <= _LAST_SERIES:
            raise ValueError(f"series must be from 0 to {_LAST_SERIES}, not {series}")
        self._series = series
        self._numbers = itertools.count(1)

    def __call__(self) -> str:
        """Return the next id."""
        # Version 4 and its variant stand where readers of such ids look for them.
        return f"{self._series:08x}-0000-4000-8000-{next(self._numbers):012x}"

    def reset(self) -> None:
        """Count from one again."""
        self._numbers = itertools.count(1)


def _aware(moment: datetime | str) -> datetime:
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def canonical(moment: datetime) -> str:
    """Return `moment` as stored and served: naive UTC ISO text with whole seconds.

    The server keeps neither fractions nor offsets (protocol 3.1).
    """
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment.replace(microsecond=0).isoformat()
