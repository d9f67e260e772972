"""Rows of a demo production, with its ids and random numbers."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

from ftrack_orm.emulator.seed.planter import Planter, seeded_id
from ftrack_orm.types import JSONObject

_FLUSH_SIZE: Final = 20_000
"""Rows to collect before they are inserted: more need memory, fewer statements."""


class Rows:
    """Collects the rows of one production and inserts them by type.

    Attributes:
        planter: inserts the rows.
        key: distinguishes the ids of this production from those of others.
        random: random numbers, the same on every run.
    """

    def __init__(self, planter: Planter, key: object) -> None:
        self.planter = planter
        self.key = key
        # Repeatable, not secret. A text seed, because Python's hash of other objects
        # may differ between runs.
        self.random = random.Random(str(key))  # noqa: S311
        self._rows: dict[str, list[JSONObject]] = {}
        self._count = 0

    def id(self, *parts: object) -> str:
        """Return the id for `parts` in this production, the same on every run."""
        return seeded_id(self.key, *parts)

    def add(self, entity_type: str, /, **values: object) -> JSONObject:
        """Add a row and return it; all rows of a type must have the same attributes."""
        self._rows.setdefault(entity_type, []).append(values)
        self._count += 1
        return values

    def chance(self, probability: float) -> bool:
        """Return true with this probability."""
        return self.random.random() < probability

    def choose(self, weighted: Sequence[tuple[str, int]]) -> str:
        """Return one of the texts at random, by weight."""
        choices, weights = zip(*weighted, strict=True)
        return str(self.random.choices(choices, weights)[0])

    def flush_if_many(self) -> None:
        """Insert the collected rows if they are more than `_FLUSH_SIZE`."""
        if self._count > _FLUSH_SIZE:
            self.flush()

    def flush(self) -> None:
        """Insert the collected rows."""
        rows, self._rows, self._count = self._rows, {}, 0
        for entity_type, rows_of_type in rows.items():
            self.planter.add(entity_type, rows_of_type)
