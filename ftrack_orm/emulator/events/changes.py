"""What a transaction has written: every row as it was before."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from ftrack_orm.schema.model import EntitySchema
from ftrack_orm.schema.relations import Association
from ftrack_orm.types import EntityKey, JSONObject

Place: TypeAlias = tuple[str, EntityKey]
"""Where a row stands: the root of its type's family, and its key."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row with its type, as both were at one moment: types can be renamed.

    Attributes:
        kind: its type.
        bases: names of its type and all that this inherits from, nearest first.
        values: stored values by column.
    """

    kind: EntitySchema
    bases: tuple[str, ...]
    values: JSONObject


@dataclass(slots=True)
class Changes:
    """Rows and memberships as they were when a transaction first touched them.

    What became of them is read at its end: whichever way a row was written, and how
    often, the difference is what there is to tell.

    Attributes:
        rows: what was there, ``None`` where nothing was.
        members: what was in collections that no entity type stands for, by
            collection and id of the owner.
    """

    rows: dict[Place, Row | None] = field(default_factory=dict)
    members: dict[tuple[Association, str], list[str]] = field(default_factory=dict)

    def note(self, place: Place, row: Row | None) -> None:
        """Remember what was there, unless something was noted before."""
        self.rows.setdefault(place, row)

    def note_members(
        self, collection: Association, owner_id: str, members: list[str]
    ) -> None:
        """Remember what was in a collection, unless something was noted before."""
        self.members.setdefault((collection, owner_id), members)
