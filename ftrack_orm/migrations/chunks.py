"""Cut the units of a plan into requests, and adapt their size to the server.

A unit is never split. The size begins low, doubles while requests are fast, then
follows an average of their durations. A failure halves it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pydantic_core import to_json

from ftrack_orm.migrations.planned_change import PlannedUnit
from ftrack_orm.types import EntityKey

MAX_OPERATIONS: Final = 500
"""Operations of the largest chunk."""

MAX_SINGLE: Final = 1_000
"""Operations of the largest plan that fits in one request."""

MAX_BYTES: Final = 1024 * 1024
"""Bytes of the new values of the largest chunk."""

_START: Final = 25
_TARGET: Final = 2.0
"""Seconds that a request should take."""

_WEIGHT: Final = 0.5
"""The weight of the newest duration in the average."""


class ChunkSize:
    """The number of operations in the next chunk."""

    def __init__(
        self, maximum: int = MAX_OPERATIONS, *, target: float = _TARGET
    ) -> None:
        """Begin with a small chunk.

        Args:
            maximum: operations of the largest chunk, at least 1.
            target: seconds that a request should take.
        """
        self._maximum = maximum
        self._target = target
        self._size = float(min(_START, maximum))
        self._average: float | None = None

    @property
    def operations(self) -> int:
        """Return the number of operations, at least 1."""
        return max(1, int(self._size))

    def record(self, seconds: float) -> None:
        """Adapt the size to the duration of a request that was applied.

        The next chunk is cut before that, so a size is seen two requests later. The
        size doubles only while four times the duration is within the target.
        """
        average = self._average
        average = (
            seconds if average is None else average + _WEIGHT * (seconds - average)
        )
        self._average = average
        if average > self._target:
            self._size = max(1.0, self._size * 0.8)
        else:
            factor = 2.0 if average < self._target / 4 else 1.1
            self._size = min(float(self._maximum), self._size * factor)

    def record_failure(self) -> None:
        """Halve the size after a timeout or a server error."""
        self._size = max(1.0, self._size / 2)
        self._average = None


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive units that share a request.

    Attributes:
        units: the units, in order.
        operations: the number of their operations.
    """

    units: tuple[PlannedUnit, ...]
    operations: int

    @property
    def last(self) -> int:
        """Return the number of the last unit."""
        return self.units[-1].number


def cut_chunk(
    units: Iterable[PlannedUnit],
    operations: int,
    *,
    max_units: int | None = None,
    max_bytes: int = MAX_BYTES,
) -> Chunk | None:
    """Return the first chunk of `units`; ``None`` when there are none.

    Reads one unit more than the chunk has. The first unit is in the chunk whatever its
    size.

    Args:
        units: the units that are left, in order.
        operations: the most operations.
        max_units: the most units.
        max_bytes: the most bytes of the new values.
    """
    chosen: list[PlannedUnit] = []
    count = size = 0
    for unit in units:
        unit_count = operation_count(unit)
        unit_size = len(to_json([change.after for change in unit.changes]))
        is_full = count + unit_count > operations or size + unit_size > max_bytes
        if chosen and (is_full or len(chosen) == max_units):
            break
        chosen.append(unit)
        count += unit_count
        size += unit_size
    return Chunk(tuple(chosen), count) if chosen else None


def operation_count(unit: PlannedUnit) -> int:
    """Return the number of operations of a unit; updates of one entity are one."""
    count = 0
    former: tuple[str, EntityKey] | None = None
    for change in unit.changes:
        entity = None
        if change.action == "update":
            entity = change.entity_type, change.key
        if entity is None or entity != former:
            count += 1
        former = entity
    return count


def load_pause(seconds: float, load: float) -> float:
    """Return the seconds to wait after a request, so that it is `load` of the time.

    Args:
        seconds: the duration of the request.
        load: a part of the time, above 0 and at most 1.
    """
    return seconds * (1.0 - load) / load


# -- the units that a request leaves out -----------------------------------------------


def encode_numbers(numbers: Iterable[int]) -> str:
    """Return ascending numbers as short text: ranges, each by its distance.

    ``5, 6, 7, 9`` are ``"5+2,2"``: 5 and the 2 after it, then 2 after the last.
    """
    parts: list[str] = []
    last = start = end = 0
    for number in numbers:
        if end and number == end + 1:
            end = number
            continue
        if end:
            parts.append(_range_text(start - last, end - start))
            last = end
        start = end = number
    if end:
        parts.append(_range_text(start - last, end - start))
    return ",".join(parts)


def decode_numbers(text: str) -> list[int]:
    """Return the numbers of a text that `encode_numbers` made."""
    numbers: list[int] = []
    last = 0
    for part in filter(None, text.split(",")):
        distance, _, more = part.partition("+")
        start = last + int(distance)
        last = start + int(more or 0)
        numbers.extend(range(start, last + 1))
    return numbers


def _range_text(distance: int, more: int) -> str:
    return f"{distance}+{more}" if more else str(distance)
