"""Clocks and id makers, which are parameters so that runs are repeatable."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

Clock: TypeAlias = Callable[[], datetime]
"""Returns the current time; naive means UTC."""

IdMaker: TypeAlias = Callable[[], str]
"""Returns a new id on every call."""


_LAST_SERIES: Final = 0xFFFF


def system_clock() -> datetime:
    """Return the system time, in UTC."""
    return datetime.now(UTC)


def random_id() -> str:
    """Return a new uuid4, as official clients make them."""
    return str(uuid.uuid4())


class FixedClock:
    """A clock whose time changes only by `advance` and `set`.

    ::

        clock = FixedClock("2024-05-06T07:08:09")
        emulator = Emulator(clock=clock, ids=CountedIds())
        clock.advance(hours=2)
    """

    def __init__(self, moment: datetime | str) -> None:
        """Create a clock with the time `moment`.

        Args:
            moment: a datetime or ISO text; naive means UTC.

        Raises:
            ValueError: the text is not an ISO datetime.
        """
        self._start = _aware(moment)
        self._now = self._start

    def __repr__(self) -> str:
        return f"FixedClock({self._now.isoformat()!r})"

    def __call__(self) -> datetime:
        """Return its time, in UTC."""
        return self._now

    def advance(
        self,
        *,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
    ) -> None:
        """Move the time forward by the sum of the arguments."""
        self._now += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)

    def set(self, moment: datetime | str) -> None:
        """Set the time to `moment`.

        Args:
            moment: a datetime or ISO text; naive means UTC.

        Raises:
            ValueError: the text is not an ISO datetime.
        """
        self._now = _aware(moment)

    def reset(self) -> None:
        """Set the time to that of its creation."""
        self._now = self._start


class CountedIds:
    """Ids that count from one, in the format of uuid4.

    The same requests return the same ids in every run. Emulators that share data need
    different ids: give each a different `series`.
    """

    def __init__(self, series: int = 0) -> None:
        """Create an id maker.

        Args:
            series: number from 0 to 65,535 that all of its ids contain.

        Raises:
            ValueError: `series` is out of range.
        """
        if not 0 <= series <= _LAST_SERIES:
            raise ValueError(f"series must be from 0 to {_LAST_SERIES}, not {series}")
        self._series = series
        self._numbers = itertools.count(1)

    def __call__(self) -> str:
        """Return the next id."""
        # The digits 4 and 8 are the version and variant of uuid4, which parsers check.
        return f"{self._series:08x}-0000-4000-8000-{next(self._numbers):012x}"

    def reset(self) -> None:
        """Restart the count at one."""
        self._numbers = itertools.count(1)


def _aware(moment: datetime | str) -> datetime:
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def canonical(moment: datetime) -> str:
    """Return `moment` as it is stored: naive UTC ISO text with whole seconds.

    The server stores neither fractions of seconds nor offsets (protocol 3.1).
    """
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment.replace(microsecond=0).isoformat()
