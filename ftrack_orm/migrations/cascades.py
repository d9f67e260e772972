"""The entities that a server deletes together with those that a plan deletes.

A plan counts them. What it moves away before the delete is not among them, and what it
changes after the delete would be lost: that is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from ftrack_orm.errors.planning import PlanningError
from ftrack_orm.migrations.deleted_rows import CascadeCounter
from ftrack_orm.migrations.selection import Selection
from ftrack_orm.schema.ownership import ATTACHED, OWNED
from ftrack_orm.types import EntityKey, Reference
from ftrack_orm.unit_of_work.changes import Change, DeleteChange, UpdateChange

if TYPE_CHECKING:
    from ftrack_orm.session.core import SessionCore

OWNERS: Final = frozenset(
    attribute for pairs in (*OWNED.values(), ATTACHED) for _, attribute in pairs
)
"""Attributes that hold the owner of a row."""


class PlannedCascades:
    """The cascades of the deletes of one plan, and the moves before them.

    Both are on the disk, so that their number needs no memory.
    """

    def __init__(self, core: SessionCore) -> None:
        self._core = core
        self._moves: Selection | None = None
        self._members: Selection | None = None

    def count(
        self, changes: Sequence[Change], references: Sequence[Reference]
    ) -> Mapping[Reference, Mapping[str, int]]:
        """Return the numbers of entities deleted with each of `references`, by type.

        Sends one request for each level of the hierarchy below them.

        Args:
            changes: the changes of one harvest.
            references: the deleted entities of it.

        Raises:
            PlanningError: one of the changes is of an entity that an earlier delete
                takes with it.
        """
        self._require_kept(changes)
        self._add_moves(changes)
        if not references:
            return {}
        models = self._core.models
        counter = CascadeCounter(
            models.type_info, self._core.fetch_rows, is_moved=self._is_moved
        )
        counts = counter.count(references)
        if counter.members:
            self._members = self._members or Selection()
            self._members.add(each.key for each in counter.members)
        return counts

    def close(self) -> None:
        """Delete the record."""
        for selection in (self._moves, self._members):
            if selection is not None:
                selection.close()

    def _add_moves(self, changes: Iterable[Change]) -> None:
        moves = [
            (name, json.dumps(change.reference.key))
            for change in changes
            if isinstance(change, UpdateChange)
            for name in change.values
            if name in OWNERS
        ]
        if moves:
            self._moves = self._moves or Selection()
            self._moves.add(moves)

    def _is_moved(self, attribute: str, key: EntityKey) -> bool:
        move = (attribute, json.dumps(key))
        return self._moves is not None and move in self._moves

    def _require_kept(self, changes: Iterable[Change]) -> None:
        if self._members is None:
            return
        for change in changes:
            if isinstance(change, DeleteChange):
                continue
            key = change.reference.key
            # Rows of metadata and of custom attributes have the key of their owner.
            if any(owner in self._members for owner in (key, key[:1], key[1:])):
                raise PlanningError(
                    f"{change.reference} is changed after a delete that the server "
                    "extends to it. Change it in a loop over plan.each() before the "
                    "loop that removes, or remove an entity of plan.find() or "
                    "plan.index(): their edits are planned when the function ends, "
                    "and deletes come last."
                )
