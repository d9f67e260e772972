"""Where the parts of the demo put their rows, and get their ids and chances from."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

from ftrack_orm.emulator.seed.planter import Planter, seeded_id
from ftrack_orm.types import JSONObject

_ENOUGH: Final = 20_000
"""Rows that are held before they are inserted: memory, against fewer statements."""


class Rows:
    """Collects the rows of one production and inserts them type by type.

    Attributes:
        planter: what inserts them.
        key: tells the ids of this production from those of others.
        random: its chances, the same on every run.
    """

    def __init__(self, planter: Planter, key: object) -> None:
        self.planter = planter
        self.key = key
        # Repeatable, not secret; of a text Python makes the same seed everywhere.
        self.random = random.Random(str(key))  # noqa: S311
        self._rows: dict[str, list[JSONObject]] = {}
        self._held = 0

    def id(self, *parts: object) -> str:
        """Return the id of what `parts` name in this production."""
        return seeded_id(self.key, *parts)

    def add(self, entity_type: str, /, **values: object) -> JSONObject:
        """Add a row; all of one type have the same attributes. Return it."""
        self._rows.setdefault(entity_type, []).append(values)
        self._held += 1
        return values

    def chance(self, probability: float) -> bool:
        """Return true in that share of all cases."""
        return self.random.random() < probability

    def chosen(self, weighted: Sequence[tuple[str, int]]) -> str:
        """Return one of the texts, the more often the heavier it weighs."""
        choices, weights = zip(*weighted, strict=True)
        return str(self.random.choices(choices, weights)[0])

    def flush_if_many(self) -> None:
        """Insert what is held when it has become much."""
        if self._held > _ENOUGH:
            self.flush()

    def flush(self) -> None:
        """Insert what is held."""
        rows, self._rows, self._held = self._rows, {}, 0
        for entity_type, held in rows.items():
            self.planter.add(entity_type, held)
