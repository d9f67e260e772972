"""The entities that a server deletes together with those that a plan deletes.

A plan counts them. Entities that it moves away before the delete are not among them.
Changes of one after the delete would be lost, and are refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from ftrack_orm.errors.planning import PlanningError
from ftrack_orm.migrations.cascaded_rows import CascadedRows
from ftrack_orm.migrations.deleted_rows import CascadeCounter
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.selection import Selection
from ftrack_orm.migrations.unit_order import texts_of
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
    """The cascades of the deletes of one plan, and the changes before them.

    They are on the disk, so that their number needs no memory.
    """

    def __init__(self, core: SessionCore, file: PlanFile) -> None:
        self._core = core
        self._changed: Selection | None = None
        self._members = CascadedRows(file)

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
        self._add(changes)
        if not references:
            return {}
        models = self._core.models
        counter = CascadeCounter(
            models.type_info, self._core.fetch_rows, is_gone=self._is_gone
        )
        counts = counter.count(references)
        self._members.add(counter.members)
        return counts

    def close(self) -> None:
        """Delete the record of the changes."""
        if self._changed is not None:
            self._changed.close()

    def _add(self, changes: Iterable[Change]) -> None:
        """Record the deletes, and the updates of attributes that hold an owner."""
        changed: list[EntityKey] = []
        for change in changes:
            if isinstance(change, DeleteChange):
                changed.append(_deleted(change.reference))
            elif isinstance(change, UpdateChange):
                moved = [name for name in change.values if name in OWNERS]
                changed += [_moved(name, change.reference) for name in moved]
        if changed:
            self._changed = self._changed or Selection()
            self._changed.add(changed)

    def _is_gone(self, attribute: str, row: Reference) -> bool:
        if self._changed is None:
            return False
        return _deleted(row) in self._changed or _moved(attribute, row) in self._changed

    def _require_kept(self, changes: Iterable[Change]) -> None:
        if not self._members:
            return
        for change in changes:
            if isinstance(change, DeleteChange):
                continue
            key = change.reference.key
            # Rows of metadata and of custom attributes have the key of their owner.
            if any(map(self._members.has_key, {key, key[:1], key[1:]})):
                raise PlanningError(
                    f"{change.reference} is changed after a delete that the server "
                    "extends to it. Change it in a loop over plan.each() before the "
                    "loop that removes, or remove an entity of plan.find() or "
                    "plan.index(): their edits are planned when the function ends, "
                    "and deletes come last."
                )


def _deleted(reference: Reference) -> EntityKey:
    return ("", json.dumps(reference.key))


def _moved(attribute: str, reference: Reference) -> EntityKey:
    return (attribute, json.dumps(reference.key))


def bound_units(file: PlanFile) -> int:
    """Return the number of units that cannot be undone for an entity that is lost.

    Their former values refer to an entity whose delete no plan can undo.
    """
    deletes = file.execute(
        "select key, unit from operations where cascade is not null"
    ).fetchall()
    if not deletes:
        return 0
    lost = {json.loads(key)[0] for key, _ in deletes}
    units = {unit for _, unit in deletes}
    rows = file.execute("select unit, before from operations where cascade is null")
    bound = {
        unit
        for unit, before in rows
        if unit not in units and not lost.isdisjoint(texts_of(json.loads(before)))
    }
    return len(bound)
