"""Build entities from the rows of a response: the hot path of reading.

A response is one tree of dictionaries. Each dictionary itself becomes the ``__dict__``
of its entity, so that an entity needs no second dictionary and plain values are never
touched. Values that need a conversion (time, links, collections) are replaced in place;
a `LoadingPlan` determines them once for each type and set of attributes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ftrack_orm.codec import decode_datetime, decode_scalar
from ftrack_orm.entity.collection import TrackedList
from ftrack_orm.entity.entity import adopt
from ftrack_orm.entity.mapped import MappedValues, is_mapped
from ftrack_orm.entity.relation_index import RelationIndex
from ftrack_orm.entity.relations import tracked_value
from ftrack_orm.entity.state import EntityState, InstanceState, LoadGroup, Owner
from ftrack_orm.entity.subclass_fields import complete
from ftrack_orm.entity.tracking import bare_key, set_state, store, unshared_state
from ftrack_orm.errors.transport import ResponseFormatError
from ftrack_orm.gc_pause import gc_paused
from ftrack_orm.session.loading_plan import LoadingPlan
from ftrack_orm.session.mapped_rows import mapped_rows
from ftrack_orm.session.row_values import drop_nested

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.unit_of_work.identity_map import IdentityMap

_BARE_REFERENCE = 2
"""Members of a reference to an entity with a key of one value: type and key."""

Adopt = Callable[[Any, dict[str, Any], InstanceState], Any]
"""Creates an entity of a class whose ``__dict__`` is the row itself."""


class TypeLoading:
    """The parts of one concrete type that its rows need, looked up once.

    Attributes:
        entity_class: the class of the session for the type.
        adopt: creates an entity from a row.
        type_info: the type.
        entities: the identity map's table of the type's root.
        remotes: the loaded collections whose members are of the type.
        key: the name of the primary key; a tuple for a key of several attributes.
        plans: the loading plan of each set of attributes in rows.
    """

    __slots__ = (
        "adopt",
        "entities",
        "entity_class",
        "key",
        "plans",
        "remotes",
        "type_info",
    )

    def __init__(
        self,
        entity_class: type[Entity],
        adopt: Adopt,
        entities: dict[Any, Entity],
        remotes: dict[str, dict[Any, list[TrackedList[Any]]]],
    ) -> None:
        self.entity_class = entity_class
        self.adopt = adopt
        self.type_info = entity_class.__ftrack__
        self.entities = entities
        self.remotes = remotes
        self.key: str | tuple[str, ...] = (
            self.type_info.primary_key[0]
            if len(self.type_info.primary_key) == 1
            else self.type_info.primary_key
        )
        self.plans: dict[tuple[str, ...], LoadingPlan] = {}


class RowLoader:
    """Turns the rows of responses into entities of one session."""

    def __init__(
        self,
        owner: Owner,
        identity_map: IdentityMap,
        relations: RelationIndex,
        resolve: Callable[[str], type[Entity]],
    ) -> None:
        """Store the parts of the session that loading needs.

        Args:
            owner: the session, as its entities use it.
            identity_map: the entities of the session.
            relations: the loaded collections.
            resolve: type name to class, for every type that a server may send.
        """
        self._owner = owner
        self._identity_map = identity_map
        self._relations = relations
        self._resolve = resolve
        self._types: dict[str, TypeLoading] = {}
        self._times: dict[str, datetime] = {}
        group = LoadGroup()
        self._state = self._clean_state(group)
        self._members = group.members
        self._regrouped: set[int] = set()
        self._new_instances: list[Entity] = []
        # Set while the results of a write are stored: no hook of a user's class may
        # run before the write's outcome is recorded.
        self.defers_hooks = False

    def _clean_state(self, group: LoadGroup) -> InstanceState:
        # One state for all unchanged entities of a group: an entity gets a separate
        # one at its first edit.
        tables = self._identity_map.tables
        return InstanceState(
            EntityState.PERSISTENT, self._owner, group, tables=tables, shared=True
        )

    def build(self, rows: Sequence[dict[str, Any]], group: LoadGroup) -> list[Any]:
        """Return the rows as entities, in order; the rows must not be used again.

        An entity in memory remains the same object: it gets the new values, except
        where it has local edits, and values that the rows lack stay.

        Raises:
            ResponseFormatError: a row does not have the form of the protocol; no new
                entity of the rows remains in the identity map.
        """
        state = group.state
        # After `expunge_all` an open result continues with entities of new tables.
        if state is None or state.tables is not self._identity_map.tables:
            state = group.state = self._clean_state(group)
        outer = self._state, self._members, self._regrouped
        self._state, self._members, self._regrouped = state, group.members, set()
        counts = {
            entity_class: len(keys) for entity_class, keys in group.members.items()
        }
        try:
            build_row = self._build_row
            with gc_paused():
                entities = [build_row(row) for row in rows]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            self._remove_built(group, counts)
            raise ResponseFormatError(
                "The server sent an entity that does not have the form of the protocol "
                f"({type(error).__name__}: {error}). Try again, or report it to the "
                "server's administrator."
            ) from error
        except BaseException:
            self._remove_built(group, counts)
            raise
        finally:
            self._state, self._members, self._regrouped = outer
        if self._new_instances and not self.defers_hooks:
            self.run_hooks()
        return entities

    def run_hooks(self) -> None:
        """Set the fields of new entities of users' subclasses; run their hooks.

        Called when all rows are built, because ``model_post_init`` may read other
        entities of the result, or load more.
        """
        # Emptied first: a hook that loads entities calls this method again.
        instances, self._new_instances = self._new_instances, []
        complete(instances)

    def drop_echoes(self, results: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return the data of results that have values new to memory.

        Most results of a commit only repeat the values that were sent.
        """
        # One loop without calls: a call for each row would cost more than the
        # comparison. Consecutive rows are mostly of one type.
        rows = []
        last_name: object = None
        key_name: object = None
        entities: dict[Any, Entity] = {}
        for result in results:
            data = result.get("data")
            if type(data) is not dict or "__entity_type__" not in data:
                continue
            name = data.pop("__entity_type__")
            if name != last_name:
                loading = self._types.get(name)
                last_name = name
                key_name = None if loading is None else loading.key
                entities = {} if loading is None else loading.entities
            if type(key_name) is str:
                entity = entities.get(data.get(key_name))
                if entity is not None and data.items() <= entity.__dict__.items():
                    continue
            data["__entity_type__"] = name
            rows.append(data)
        return rows

    def _remove_built(self, group: LoadGroup, counts: dict[type[Entity], int]) -> None:
        """Remove the entities of a failed call from the identity map and the group.

        Args:
            group: the load group.
            counts: the number of its members before the call, by class.
        """
        self._new_instances.clear()
        for entity_class, keys in group.members.items():
            table = self._identity_map.table(entity_class.__ftrack__.root)
            start = counts.get(entity_class, 0)
            for key in keys[start:]:
                entity = table.get(key)
                if entity is None or id(entity) in self._regrouped:
                    continue  # it was in memory before the call
                if entity.__ftrack_state__ is self._state:
                    drop_nested(vars(entity))
                    self._relations.remove_entity(entity)
                    del table[key]
            del keys[start:]

    def _type_loading(self, name: str) -> TypeLoading:
        entity_class = self._resolve(name)
        root = entity_class.__ftrack__.root
        is_generated = entity_class.__ftrack__.extension is None
        loading = TypeLoading(
            entity_class,
            adopt if is_generated else self._adopt_subclass,
            self._identity_map.table(root),
            self._relations.remotes(root),
        )
        self._types[name] = loading
        return loading

    def _adopt_subclass(
        self, entity_class: Any, data: dict[str, Any], state: InstanceState
    ) -> Any:
        """Create an entity of a user's subclass; `run_hooks` sets its added fields."""
        entity = adopt(entity_class, data, state)
        self._new_instances.append(entity)
        return entity

    def forget_types(self) -> None:
        """Drop the lookups of types, after the identity map was cleared."""
        self._types.clear()
        # The old state refers to the old tables, and with them to every entity.
        self._state = self._clean_state(LoadGroup())

    def _build_row(self, data: dict[str, Any]) -> Any:
        """Return the entity of one row, new or merged into the one in memory."""
        # Written out: a function call for each entity would be measurable.
        name = data.pop("__entity_type__")
        loading = self._types.get(name) or self._type_loading(name)
        names = tuple(data)
        plan = loading.plans.get(names)
        if plan is None:
            plan = loading.plans[names] = LoadingPlan(loading.type_info, names)
        key = loading.key
        identity = (
            data[key] if type(key) is str else tuple([data[part] for part in key])
        )
        entity = loading.entities.get(identity)
        if entity is None:
            if identity is None or (type(identity) is tuple and None in identity):
                raise ValueError("an entity without a key")
            entity_class = loading.entity_class
            entity = loading.adopt(entity_class, data, self._state)
            # Before the links are converted: a link inside the row may lead back to
            # this entity.
            loading.entities[identity] = entity
            try:
                self._members[entity_class].append(identity)
            except KeyError:
                self._members[entity_class] = [identity]
            if not plan.is_plain:
                self._convert(entity, plan, data)
                self._fill_containers(entity, plan, data)
            if loading.remotes:
                self._relations.add_loaded(entity)
        elif plan.is_reference:
            self._join_group(entity, entity.__ftrack_state__)
        else:
            if not plan.is_plain:
                self._convert(entity, plan, data)
            self._merge(entity, plan, data, loading)
        return entity

    def _build_target(self, data: dict[str, Any]) -> Any:
        """Return the entity that a link leads to.

        A server sends an entity once in full and then as type and key (protocol 3.6),
        so most targets are in memory.
        """
        if len(data) == _BARE_REFERENCE:
            loading = self._types.get(data["__entity_type__"])
            if loading is not None and type(loading.key) is str:
                entity = loading.entities.get(data.get(loading.key))
                if entity is not None:
                    state = entity.__ftrack_state__
                    if state is not self._state:
                        # It is part of this result, so it loads together with it.
                        self._join_group(entity, state)
                    return entity
        return self._build_row(data)

    def _convert(self, entity: Entity, plan: LoadingPlan, data: dict[str, Any]) -> None:
        """Replace the values that have another form in Python, in place."""
        for name in plan.unknown:
            del data[name]
        for server_name, name in plan.renamed:
            data[name] = data.pop(server_name)
        times = self._times
        for name in plan.datetimes:
            value = data[name]
            if value is not None:
                text = value["value"] if type(value) is dict else value
                time = times.get(text)
                data[name] = self._time(text) if time is None else time
        if plan.links:
            self._convert_links(plan, data)
        build_target = self._build_target
        for name, _ in plan.collections:
            data[name] = [build_target(value) for value in data[name] or ()]
        for name, attribute in plan.mapped:
            data[name] = mapped_rows(attribute, data[name] or ())
        for name in plan.variables:
            data[name] = tracked_value(entity, name, decode_scalar(data[name]))

    def _convert_links(self, plan: LoadingPlan, data: dict[str, Any]) -> None:
        """Build the targets of links; replace the links by the targets' keys."""
        for name, holder, stores_reference, clears_key in plan.links:
            value = data.pop(name)
            if value is not None:
                target = self._build_target(value)
                if holder is not None:
                    data[holder] = bare_key(target)
                elif stores_reference:
                    data[name] = target.reference
            elif stores_reference or (clears_key and holder is not None):
                data[holder or name] = None

    def _fill_containers(
        self, entity: Entity, plan: LoadingPlan, data: dict[str, Any]
    ) -> None:
        """Create the containers of an entity that is new to the session."""
        key = bare_key(entity) if plan.collections else None
        for name, attribute in plan.collections:
            members = data[name]
            collection: TrackedList[Any] = TrackedList._of(entity, attribute)
            data[name] = collection
            self._relations.register(collection, key)
            collection.fill(members, key)
        for name, attribute in plan.mapped:
            data[name] = MappedValues._of(entity, attribute, *data[name])

    def _time(self, text: str) -> datetime:
        # Times repeat within a result, such as the dates of a schedule or the time of
        # an import, so decoded times are cached.
        if len(self._times) > 100_000:
            self._times.clear()
        time = self._times[text] = decode_datetime(text)
        return time

    # -- entities in memory ------------------------------------------------------------

    def _merge(
        self,
        entity: Entity,
        plan: LoadingPlan,
        data: dict[str, Any],
        loading: TypeLoading,
    ) -> None:
        """Store new values in an entity in memory, except where it has local edits."""
        values = vars(entity)
        if values is data:
            return
        state = entity.__ftrack_state__
        if state.state is EntityState.PENDING:
            # The server has an entity that the session is creating: the outcome of its
            # create is unknown. The session's values stay, as they may be sent again.
            for name, value in data.items():
                if name not in values and not isinstance(value, list | tuple):
                    values[name] = value
            return
        self._join_group(entity, state)
        for name, attribute in plan.collections:
            self._store_members(entity, attribute, data.pop(name))
        for name, attribute in plan.mapped:
            self._store_rows(entity, attribute, data.pop(name))
        # `store` respects local edits and moves members between loaded collections.
        # Entities without either, which are most, take the faster path.
        if state.committed or loading.remotes or plan.variables:
            for name, value in data.items():
                store(entity, name, value)
        else:
            values.update(data)

    def _store_members(
        self, entity: Entity, attribute: AttributeInfo, members: list[Any]
    ) -> None:
        collection = vars(entity).get(attribute.name)
        if type(collection) is not TrackedList:
            collection = vars(entity)[attribute.name] = TrackedList._of(
                entity, attribute
            )
        self._relations.register(collection, bare_key(entity))
        collection.store(members)

    def _store_rows(
        self, entity: Entity, attribute: AttributeInfo, rows: tuple[Any, Any, Any]
    ) -> None:
        current = vars(entity).get(attribute.name)
        if is_mapped(current):
            current.store(*rows)
        else:
            vars(entity)[attribute.name] = MappedValues._of(entity, attribute, *rows)

    def _join_group(self, entity: Entity, state: InstanceState) -> None:
        if state.group is self._state.group:
            return
        self._regrouped.add(id(entity))
        if state.state in (EntityState.PENDING, EntityState.DELETED):
            unshared_state(entity).group = self._state.group
        elif state.shared:
            set_state(entity, self._state)
        else:
            state.group = self._state.group
        self._members.setdefault(type(entity), []).append(bare_key(entity))
