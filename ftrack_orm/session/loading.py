"""Rows of a reply to entities: the hot path of reading.

A reply is one tree of dictionaries. Each dictionary becomes the ``__dict__`` of its
entity, as it is; what has to change in it (time, links, collections) is worked out
once for each type and set of attributes, in a `LoadingPlan`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ftrack_orm.codec import decode_datetime, decode_scalar
from ftrack_orm.entity.base import adopt
from ftrack_orm.entity.collection import TrackedList
from ftrack_orm.entity.instance import own_state, set_state
from ftrack_orm.entity.mapped import MappedValues
from ftrack_orm.entity.state import Batch, EntityState, InstanceState, Owner
from ftrack_orm.schema.model import AttributeKind
from ftrack_orm.schema.names import python_name
from ftrack_orm.session.collecting import collector_waiting

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute import AttributeInfo
    from ftrack_orm.entity.base import Entity
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.unit_of_work.identity_map import IdentityMap

_BARE_REFERENCE = 2
"""Members of a reference to an entity with a key of one value: type and key."""


class LoadingPlan:
    """What to do with the data of one type and one set of attributes.

    Attributes:
        is_reference: whether there is nothing but the key.
        datetimes, links: names whose values are to be replaced, where not null.
        collections, mapped: the attributes that become containers.
        variables: names whose values may hold time.
        renamed: server and Python names where they differ.
        unknown: names the models do not have; they are dropped (protocol 3.7).
        foreign_keys: names of foreign keys and of the links they stand for.
    """

    __slots__ = (
        "collections",
        "datetimes",
        "foreign_keys",
        "is_plain",
        "is_reference",
        "links",
        "mapped",
        "renamed",
        "unknown",
        "variables",
    )

    def __init__(self, info: TypeInfo, names: Sequence[str]) -> None:
        known = [
            info.by_server_name[name] for name in names if name in info.by_server_name
        ]
        self.is_reference = set(names) <= set(info.key)
        self.unknown = tuple(name for name in names if name not in info.by_server_name)
        self.renamed = tuple(
            (attribute.server_name, attribute.name)
            for attribute in known
            if attribute.server_name != attribute.name
        )
        self.datetimes = _names(known, lambda a: a.format == "date-time")
        self.links = _names(known, lambda a: a.kind is AttributeKind.LINK)
        self.variables = _names(known, lambda a: a.type == "variable")
        self.collections = tuple(
            (a.name, a) for a in known if a.kind is AttributeKind.COLLECTION
        )
        self.mapped = tuple(
            (a.name, a) for a in known if a.kind is AttributeKind.MAPPED
        )
        self.foreign_keys = _foreign_keys(info, known)
        self.is_plain = not (
            self.datetimes
            or self.links
            or self.variables
            or self.collections
            or self.mapped
            or self.renamed
            or self.unknown
        )


def _names(
    attributes: list[AttributeInfo], wanted: Callable[[AttributeInfo], bool]
) -> tuple[str, ...]:
    return tuple(a.name for a in attributes if wanted(a))


def _foreign_keys(
    info: TypeInfo, known: list[AttributeInfo]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the foreign keys among `known` and the links that come without them."""
    names = {attribute.name for attribute in known}
    found = []
    for attribute in known:
        if attribute.format != "foreign_key":
            continue
        links = info.links_by_foreign_key.get(attribute.name, ())
        absent = tuple(link.name for link in links if link.name not in names)
        if absent:
            found.append((attribute.name, absent))
    for link in known:
        if link.kind is AttributeKind.LINK and link.foreign_key is not None:
            holder = python_name(link.foreign_key)
            if holder not in names:
                found.append((holder, (link.name,)))
    return tuple(found)


class TypeLoading:
    """What loading needs of one concrete type, looked up once."""

    __slots__ = ("entities", "entity_class", "info", "key", "plans")

    def __init__(self, entity_class: type[Entity], entities: dict[Any, Entity]) -> None:
        self.entity_class = entity_class
        self.info = entity_class.__ftrack__
        self.entities = entities
        self.key: str | tuple[str, ...] = (
            self.info.key[0] if len(self.info.key) == 1 else self.info.key
        )
        self.plans: dict[tuple[str, ...], LoadingPlan] = {}


class RowLoader:
    """Turns the data of replies into entities of one session."""

    def __init__(
        self,
        owner: Owner,
        identity_map: IdentityMap,
        resolve: Callable[[str], type[Entity]],
    ) -> None:
        """Prepare loading.

        Args:
            owner: the session, as entities see it.
            identity_map: where entities are kept.
            resolve: type name to class, for every type a server may answer with.
        """
        self._owner = owner
        self._identity_map = identity_map
        self._resolve = resolve
        self._types: dict[str, TypeLoading] = {}
        self._times: dict[str, datetime] = {}
        batch = Batch()
        self._state = self._clean_state(batch)
        self._members = batch.members

    def _clean_state(self, batch: Batch) -> InstanceState:
        return InstanceState(EntityState.PERSISTENT, self._owner, batch, shared=True)

    def load(self, rows: Sequence[dict[str, Any]], batch: Batch) -> list[Any]:
        """Return the rows as entities, in order; the rows are used up.

        An entity that is known keeps its object: new values are taken, local edits
        and values that the rows lack stay.
        """
        state = batch.state
        if state is None:
            state = batch.state = self._clean_state(batch)
        outer = self._state, self._members
        self._state, self._members = state, batch.members
        try:
            build = self._build
            with collector_waiting():
                return [build(row) for row in rows]
        finally:
            self._state, self._members = outer

    def _type(self, name: str) -> TypeLoading:
        entities = self._identity_map.of_type(name)
        loading = TypeLoading(self._resolve(name), entities)
        self._types[name] = loading
        return loading

    def forget_types(self) -> None:
        """Forget what was looked up of types, after the identity map was cleared."""
        self._types.clear()

    def _build(self, data: dict[str, Any]) -> Any:
        """Return one entity; written out, as every call here counts per entity."""
        name = data.pop("__entity_type__")
        loading = self._types.get(name) or self._type(name)
        names = tuple(data)
        plan = loading.plans.get(names)
        if plan is None:
            plan = loading.plans[names] = LoadingPlan(loading.info, names)
        key = loading.key
        identity = (
            data[key] if type(key) is str else tuple([data[part] for part in key])
        )
        entity = loading.entities.get(identity)
        if entity is None:
            entity_class = loading.entity_class
            entity = adopt(entity_class, data, self._state)
            loading.entities[identity] = entity
            try:
                self._members[entity_class].append(entity)
            except KeyError:
                self._members[entity_class] = [entity]
            if not plan.is_plain:
                self._convert(entity, plan, data)
        elif not plan.is_reference:
            if not plan.is_plain:
                self._convert(entity, plan, data)
            self._merge(entity, plan, data)
        return entity

    def _target(self, data: dict[str, Any]) -> Any:
        """Return the entity a link leads to; most links repeat one that is known.

        A server sends an entity once in full and then as type and key (protocol 3.6).
        """
        if len(data) == _BARE_REFERENCE:
            loading = self._types.get(data["__entity_type__"])
            if loading is not None and type(loading.key) is str:
                entity = loading.entities.get(data.get(loading.key))
                if entity is not None:
                    state = entity.__ftrack_state__
                    if state is not self._state:
                        # It came with this result too, and loads together with it.
                        self._join_known(entity, state)
                    return entity
        return self._build(data)

    def _convert(self, entity: Entity, plan: LoadingPlan, data: dict[str, Any]) -> None:
        """Replace what is not yet as Python has it, in place."""
        for name in plan.unknown:
            del data[name]
        for served, name in plan.renamed:
            data[name] = data.pop(served)
        times = self._times
        for name in plan.datetimes:
            value = data[name]
            if value is not None:
                text = value["value"] if type(value) is dict else value
                time = times.get(text)
                data[name] = self._time(text) if time is None else time
        target = self._target
        for name in plan.links:
            value = data[name]
            if value is not None:
                data[name] = target(value)
        for name, attribute in plan.collections:
            members = [target(value) for value in data[name] or ()]
            data[name] = TrackedList.of(entity, attribute, members)
        for name, attribute in plan.mapped:
            data[name] = self._mapped(entity, attribute, data[name] or ())
        for name in plan.variables:
            data[name] = decode_scalar(data[name])

    def _time(self, text: str) -> datetime:
        # Times repeat: dates of a schedule, moments of one import.
        if len(self._times) > 100_000:
            self._times.clear()
        time = self._times[text] = decode_datetime(text)
        return time

    def _mapped(
        self, entity: Entity, attribute: AttributeInfo, rows: Sequence[dict[str, Any]]
    ) -> MappedValues[Any]:
        names = attribute.key_value_attributes or {}
        key, value = names.get("key", "key"), names.get("value", "value")
        values: dict[str, Any] = {}
        row_keys: dict[str, str] = {}
        for row in rows:
            values[row[key]] = decode_scalar(row.get(value))
            if "configuration_id" in row:
                row_keys[row[key]] = row["configuration_id"]
        return MappedValues(entity, attribute, values, row_keys)

    def _merge(self, entity: Entity, plan: LoadingPlan, data: dict[str, Any]) -> None:
        """Take new values into a known entity, sparing local edits."""
        values = vars(entity)
        if values is data:
            return
        state = entity.__ftrack_state__
        self._join_known(entity, state)
        committed = state.committed
        for name, links in plan.foreign_keys:
            self._agree(values, data, name, links, committed)
        if committed:
            self._merge_beside_edits(values, data, committed)
        elif not plan.collections and not plan.mapped:
            values.update(data)
        else:
            for name, value in data.items():
                current = values.get(name)
                if type(current) is TrackedList:
                    list.__setitem__(current, slice(None), value)
                elif type(current) is MappedValues:
                    current.values_by_key = value.values_by_key
                    current.row_keys = value.row_keys
                    current.is_partial = value.is_partial
                else:
                    values[name] = value

    def _join_known(self, entity: Entity, state: InstanceState) -> None:
        if state.batch is self._state.batch:
            return
        if state.shared:
            set_state(entity, self._state)
        else:
            own_state(entity).batch = self._state.batch
        self._members.setdefault(type(entity), []).append(entity)

    def _agree(
        self,
        values: dict[str, Any],
        data: dict[str, Any],
        name: str,
        links: tuple[str, ...],
        committed: dict[str, Any] | None,
    ) -> None:
        """Forget a loaded link, or foreign key, that the other end has outdated."""
        if committed and (
            name in committed or any(link in committed for link in links)
        ):
            return
        if name not in data:
            # The link came without its key: the key follows.
            if name in values:
                target = data[links[0]]
                values[name] = None if target is None else target.reference.key[0]
        elif data[name] != values.get(name):
            for link in links:
                values.pop(link, None)

    def _merge_beside_edits(
        self, values: dict[str, Any], data: dict[str, Any], committed: dict[str, Any]
    ) -> None:
        for name, value in data.items():
            if name not in committed:
                values[name] = value
            elif isinstance(value, TrackedList):
                committed[name] = list(value)
            elif isinstance(value, MappedValues):
                current = values.get(name)
                if isinstance(current, MappedValues) and current.is_partial:
                    current.complete(value)
                committed[name] = dict(value.values_by_key)
            else:
                committed[name] = value
