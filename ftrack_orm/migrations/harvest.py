"""Turn the pending changes of a session into the units of a plan."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.entity.naming import label_of
from ftrack_orm.entity.tracking import bare_key
from ftrack_orm.errors.planning import PlanningError
from ftrack_orm.migrations.before_values import (
    VALUE_ROW,
    BeforeValues,
    Stored,
    is_value_row,
)
from ftrack_orm.migrations.cascades import PlannedCascades
from ftrack_orm.migrations.deleted_rows import (
    creatable_names,
    has_dependents,
    row_data,
)
from ftrack_orm.migrations.earlier_runs import EarlierRuns
from ftrack_orm.migrations.history_id import is_of_history
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.plan_summary import PlanSummary
from ftrack_orm.migrations.planned_change import (
    Missing,
    PlannedChange,
    PlannedEffect,
    PlannedUnit,
)
from ftrack_orm.migrations.same_value import same_value
from ftrack_orm.migrations.titles import title_of
from ftrack_orm.migrations.unit_order import divide
from ftrack_orm.migrations.wire_values import WireValues
from ftrack_orm.types import EntityKey, Reference
from ftrack_orm.unit_of_work.changes import (
    Change,
    CreateChange,
    DeleteChange,
    UpdateChange,
)
from ftrack_orm.unit_of_work.plan import FlushPlan

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.session.core import SessionCore

METADATA = "Metadata"

RECORD: Final = "record of the configuration"
"""The subject of the rows that an apply of studio configuration leaves."""


@dataclass(slots=True)
class Pending:
    """The changes of one harvest.

    Attributes:
        plan: the changes, in an order in which they can be sent.
        owners: the changed entities by bare key.
        units: the number of the unit of entities that share one, by bare key.
        effects: the effects of each unit.
        stored: the stored custom values that are known.
    """

    plan: FlushPlan
    owners: Mapping[Any, Entity] = field(default_factory=dict)
    units: Mapping[Any, int] = field(default_factory=dict)
    effects: Mapping[int, Sequence[PlannedEffect]] = field(default_factory=dict)
    stored: Stored = field(default_factory=dict)


class Harvester:
    """Writes units to a plan file, and gathers their summary.

    Attributes:
        cascades: the entities that are deleted with others.
        summary: counts, samples and risks of the units written so far.
        names: names of entities by id, for people.
        attribute_keys: the keys of changed custom attributes by configuration.
    """

    def __init__(
        self, core: SessionCore, file: PlanFile, earlier: EarlierRuns | None = None
    ) -> None:
        self._core = core
        self._file = file
        self._earlier = earlier
        self._wire = WireValues(core.models.primary_key)
        self._number = 0
        self.cascades = PlannedCascades(core, file)
        self.summary = PlanSummary()
        self.names: dict[str, str] = {}
        self.attribute_keys: dict[str, str] = {}

    def harvest(self, pending: Pending) -> None:
        """Write the units of `pending`; reads the values that are not loaded.

        Raises:
            PlanningError: a change cannot be planned.
        """
        changes = pending.plan.changes
        before = BeforeValues(self._core, self._wire, pending.stored)
        is_new = {
            change.reference.key[0]
            for change in changes
            if isinstance(change, CreateChange) and len(change.reference.key) == 1
        }
        before.read(changes, is_new=is_new)
        deletes = self._read_deletes(changes, before)
        planned: list[PlannedChange] = []
        owners: list[Any] = []
        for change in changes:
            for part in self._planned(change, before, is_new, deletes):
                remaining = self._earlier.remaining(part) if self._earlier else part
                if remaining is not None:
                    planned.append(remaining)
                    owners.append(_owner_key(change.reference))
        groups: list[Hashable] = [pending.units.get(key, (key,)) for key in owners]
        self._write(planned, owners, groups, pending)

    def _write(
        self,
        planned: Sequence[PlannedChange],
        owners: Sequence[Any],
        groups: Sequence[Hashable],
        pending: Pending,
    ) -> None:
        open_effects = dict(pending.effects)
        units: list[PlannedUnit] = []
        for indexes in divide(planned, groups):
            numbers = dict.fromkeys(groups[index] for index in indexes)
            effects = [
                effect
                for number in numbers
                if isinstance(number, int)
                for effect in open_effects.pop(number, ())
            ]
            changes = [planned[index] for index in indexes]
            keys = [owners[index] for index in indexes]
            units.append(self._unit(changes, keys, effects, pending.owners))
        # Effects whose units change nothing.
        for effects_alone in open_effects.values():
            remaining = list(filter(self._is_remaining, effects_alone))
            if remaining:
                units.append(self._unit((), (), remaining, {}))
        self._file.add(iter(units))

    def _is_remaining(self, effect: PlannedEffect) -> bool:
        return self._earlier is None or self._earlier.is_remaining(effect)

    def _unit(
        self,
        changes: Sequence[PlannedChange],
        keys: Sequence[Any],
        effects: Iterable[PlannedEffect],
        owners: Mapping[Any, Entity],
    ) -> PlannedUnit:
        self._number += 1
        distinct = list(dict.fromkeys(keys))
        titles = {
            key: self._title(key, change, owners.get(key))
            for key, change in reversed(list(zip(keys, changes, strict=True)))
        }
        title = titles[distinct[0]] if distinct else "effects only"
        if len(distinct) > 1:
            title = f"{title} and {len(distinct) - 1} more"
        unit = PlannedUnit(self._number, title, tuple(changes), tuple(effects))
        subjects = [
            (self._subject(change, owners.get(key)), titles[key])
            for key, change in zip(keys, changes, strict=True)
        ]
        self.summary.add(unit, subjects)
        return unit

    # -- names for people ------------------------------------------------------------

    def _title(self, key: Any, change: PlannedChange, owner: Entity | None) -> str:
        if is_of_history(change.entity_type, change.key):
            return "history"
        if owner is None:
            return f"{change.entity_type} {key}"
        label = label_of(owner)
        if label:
            self.names.setdefault(str(key), label)
        return title_of(owner)

    def _subject(self, change: PlannedChange, owner: Entity | None) -> str:
        owner_type = None if owner is None else type(owner).__ftrack__.name
        if is_of_history(change.entity_type, change.key):
            return RECORD
        if is_value_row(change.entity_type):
            configuration = self._core.configurations.find(str(change.key[0]))
            key = str(change.key[0])
            if configuration is not None:
                self.attribute_keys[key] = configuration.key
                key = configuration.key
            return f"{owner_type or change.entity_type}.custom_attributes.{key}"
        if change.entity_type == METADATA and owner_type != METADATA:
            return f"{owner_type or METADATA}.metadata.{change.key[-1]}"
        if change.attribute is not None:
            return f"{change.entity_type}.{change.attribute}"
        return change.entity_type

    # -- changes ---------------------------------------------------------------------

    def _planned(
        self,
        change: Change,
        before: BeforeValues,
        is_new: set[Any],
        deletes: Mapping[Reference, PlannedChange],
    ) -> Iterator[PlannedChange]:
        entity_type, key = change.reference
        if isinstance(change, CreateChange):
            if not key:
                raise PlanningError(
                    f"A new {entity_type} gets its key from the server, so that it "
                    "cannot be planned. Create it without a plan."
                )
            data = self._wire.encode(entity_type, change.values)
            yield PlannedChange("create", entity_type, key, None, Missing.ABSENT, data)
        elif isinstance(change, DeleteChange):
            if change.reference in deletes:
                yield deletes[change.reference]
        else:
            yield from self._planned_update(change, before, is_new)

    def _planned_update(
        self, change: UpdateChange, before: BeforeValues, is_new: set[Any]
    ) -> Iterator[PlannedChange]:
        entity_type, key = change.reference
        after = self._wire.encode(entity_type, change.values)
        for name, value in after.items():
            replaced = before.of_update(change, name, is_new=key[0] in is_new)
            if not same_value(name, replaced, value):
                yield PlannedChange("update", entity_type, key, name, replaced, value)

    def _read_deletes(
        self, changes: Sequence[Change], before: BeforeValues
    ) -> dict[Reference, PlannedChange]:
        """Return the deletes of rows that exist, with the data to undo them."""
        rows: dict[str, list[EntityKey]] = {}
        references: list[Reference] = []
        planned: dict[Reference, PlannedChange] = {}
        for change in changes:
            if not isinstance(change, DeleteChange):
                continue
            reference = change.reference
            if is_value_row(reference.entity_type):
                value = before.stored.get(reference.key, Missing.UNSET)
                if not isinstance(value, Missing):
                    # Servers delete the plain row only (protocol 3.5).
                    planned[reference] = PlannedChange(
                        "delete",
                        VALUE_ROW,
                        reference.key,
                        None,
                        {"value": value},
                        Missing.UNSET,
                    )
            else:
                rows.setdefault(reference.entity_type, []).append(reference.key)
                references.append(reference)
        infos = {name: self._core.models.type_info(name) for name in rows}
        before.fetch(
            (infos[name], creatable_names(infos[name]), keys)
            for name, keys in rows.items()
        )
        counts = self.cascades.count(changes, references)
        for reference in references:
            row = before.row(reference)
            if row is None:
                continue
            type_info = infos[reference.entity_type]
            counted = counts[reference]
            planned[reference] = PlannedChange(
                "delete",
                *reference,
                None,
                row_data(type_info, row, self._wire),
                Missing.ABSENT,
                counted if counted or has_dependents(type_info) else None,
            )
        return planned


def owners_of(entities: Iterable[Entity]) -> dict[Any, Entity]:
    """Return entities by bare key."""
    return {bare_key(entity): entity for entity in entities}


def _owner_key(reference: Reference) -> Any:
    """Return the bare key of the entity that a change belongs to."""
    entity_type, key = reference
    if entity_type == METADATA:
        return key[0]
    if is_value_row(entity_type):
        return key[1]
    return key[0] if len(key) == 1 else key
