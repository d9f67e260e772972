"""The working days of the demo, and its present time.

A moment is an integer: minutes on a calendar without weekends. Moments can be compared
and subtracted without regard to weekends.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Final

from ftrack_orm.emulator.seed.planter import EPOCH

_MINUTES: Final = 24 * 60
_MONDAY: Final = datetime.fromisoformat(EPOCH).date()
_WEEK: Final = 5

TODAY: Final = 57
"""The present day of the demo: working days since the Monday of `EPOCH`."""


def moment(day: int, hour: float = 0) -> int:
    """Return the moment at `hour` of a working day; day 0 is the day of `EPOCH`."""
    return day * _MINUTES + round(hour * 60)


def day_of(moment: int) -> int:
    """Return the working day of a moment."""
    return moment // _MINUTES


@cache
def date_of(day: int) -> str:
    """Return the date of a working day, as ISO text."""
    weeks, days = divmod(day, _WEEK)
    return (_MONDAY + timedelta(weeks=weeks, days=days)).isoformat()


def text(moment: int) -> str:
    """Return a moment as the ISO text that is stored."""
    day, minutes = divmod(moment, _MINUTES)
    hour, minute = divmod(minutes, 60)
    return f"{date_of(day)}T{hour:02d}:{minute:02d}:00"


NOW: Final = moment(TODAY, 18)
"""The present time of the demo; nothing in it happened later."""
