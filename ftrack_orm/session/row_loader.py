"""Build entities from the rows of a response: the hot path of reading.

A response is one tree of dictionaries. Each dictionary becomes the ``__dict__`` of its
entity, as it is; the changes it needs (time, links, collections) are worked out once
for each type and set of attributes, in a `LoadingPlan`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ftrack_orm.codec import decode_datetime, decode_scalar
from ftrack_orm.entity.collection import TrackedList
from ftrack_orm.entity.entity import adopt
from ftrack_orm.entity.mapped import MappedValues
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
"""Makes an entity of a class whose ``__dict__`` is the row itself."""


class TypeLoading:
    """The facts of one concrete type that loading needs, looked up once."""

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
        """Prepare loading.

        Args:
            owner: the session, as its entities use it.
            identity_map: where entities are kept.
            relations: the loaded collections.
            resolve: type name to class, for every type a server may answer with.
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
        self._joined: set[int] = set()
        self._fresh: list[Entity] = []
        self.holds_hooks = False  # no hook runs before a write's outcome is noted

    def _clean_state(self, group: LoadGroup) -> InstanceState:
        tables = self._identity_map.tables
        return InstanceState(
            EntityState.PERSISTENT, self._owner, group, tables=tables, shared=True
        )

    def load(self, rows: Sequence[dict[str, Any]], group: LoadGroup) -> list[Any]:
        """Return the rows as entities, in order; the rows are used up.

        An entity that is known keeps its object: new values are taken, local edits
        and values that the rows lack stay.

        Raises:
            ResponseFormatError: a row is not as the protocol has it; no entity of the
                rows stays in the identity map.
        """
        state = group.state
        # After `expunge_all` a result goes on with entities of new tables.
        if state is None or state.tables is not self._identity_map.tables:
            state = group.state = self._clean_state(group)
        outer = self._state, self._members, self._joined
        self._state, self._members, self._joined = state, group.members, set()
        before = {kind: len(keys) for kind, keys in group.members.items()}
        try:
            build = self._build
            with gc_paused():
                entities = [build(row) for row in rows]
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            self._undo(group, before)
            raise ResponseFormatError(
                "The server answered with an entity that is not as the protocol has "
                f"it ({type(error).__name__}: {error}). Try again, or report it to the "
                "server's administrator."
            ) from error
        except BaseException:
            self._undo(group, before)
            raise
        finally:
            self._state, self._members, self._joined = outer
        if self._fresh and not self.holds_hooks:
            self.finish()
        return entities

    def finish(self) -> None:
        """Complete new entities of users' subclasses, now that all rows are in.

        Their ``model_post_init`` may read what the result holds, or load more.
        """
        fresh, self._fresh = self._fresh, []
        complete(fresh)

    def without_echoes(self, data_of_results: Iterable[Any]) -> list[dict[str, Any]]:
        """Return the entities in the data of results with values that memory has not.

        Most results of a commit hold just the values that were sent. One loop, as a
        call for each row would cost more than the comparison.
        """
        news = []
        types = self._types
        for data in data_of_results:
            if type(data) is not dict or "__entity_type__" not in data:
                continue
            name = data.pop("__entity_type__")
            loading = types.get(name)
            if loading is not None and type(loading.key) is str:
                entity = loading.entities.get(data.get(loading.key))
                if entity is not None and data.items() <= vars(entity).items():
                    continue
            data["__entity_type__"] = name
            news.append(data)
        return news

    def _undo(self, group: LoadGroup, before: dict[type[Entity], int]) -> None:
        """Forget the entities that a failed load has made."""
        self._fresh.clear()
        for kind, keys in group.members.items():
            table = self._identity_map.table(kind.__ftrack__.root)
            start = before.get(kind, 0)
            for key in keys[start:]:
                entity = table.get(key)
                if entity is None or id(entity) in self._joined:
                    continue  # known before
                if entity.__ftrack_state__ is self._state:
                    drop_nested(vars(entity))
                    self._relations.remove_entity(entity)
                    del table[key]
            del keys[start:]

    def _type(self, name: str) -> TypeLoading:
        entity_class = self._resolve(name)
        root = entity_class.__ftrack__.root
        is_plain = entity_class.__ftrack__.extension is None
        loading = TypeLoading(
            entity_class,
            adopt if is_plain else self._adopt_extended,
            self._identity_map.table(root),
            self._relations.remotes(root),
        )
        self._types[name] = loading
        return loading

    def _adopt_extended(
        self, entity_class: Any, data: dict[str, Any], state: InstanceState
    ) -> Any:
        """Make an entity of a user's subclass; `finish` sets its own fields."""
        entity = adopt(entity_class, data, state)
        self._fresh.append(entity)
        return entity

    def forget_types(self) -> None:
        """Forget the lookups of types, after the identity map was cleared."""
        self._types.clear()
        # The old state holds the old tables, and with them every entity.
        self._state = self._clean_state(LoadGroup())

    def _build(self, data: dict[str, Any]) -> Any:
        """Return one entity; written out, as every call here counts per entity."""
        name = data.pop("__entity_type__")
        loading = self._types.get(name) or self._type(name)
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
        elif not plan.is_reference:
            if not plan.is_plain:
                self._convert(entity, plan, data)
            self._merge(entity, plan, data, loading)
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
                        self._join_group(entity, state)
                    return entity
        return self._build(data)

    def _convert(self, entity: Entity, plan: LoadingPlan, data: dict[str, Any]) -> None:
        """Replace the values that Python has in another form, in place."""
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
        if plan.links:
            self._convert_links(plan, data)
        target = self._target
        for name, _ in plan.collections:
            data[name] = [target(value) for value in data[name] or ()]
        for name, attribute in plan.mapped:
            data[name] = mapped_rows(attribute, data[name] or ())
        for name in plan.variables:
            data[name] = tracked_value(entity, name, decode_scalar(data[name]))

    def _convert_links(self, plan: LoadingPlan, data: dict[str, Any]) -> None:
        """Build the targets of links; keep their keys."""
        for name, holder, keeps_reference, clears in plan.links:
            value = data.pop(name)
            if value is not None:
                linked = self._target(value)
                if holder is not None:
                    data[holder] = bare_key(linked)
                elif keeps_reference:
                    data[name] = linked.reference
            elif keeps_reference or (clears and holder is not None):
                data[holder or name] = None

    def _fill_containers(
        self, entity: Entity, plan: LoadingPlan, data: dict[str, Any]
    ) -> None:
        """Make the containers of an entity that is new to the session."""
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
        # Times repeat: dates of a schedule, moments of one import.
        if len(self._times) > 100_000:
            self._times.clear()
        time = self._times[text] = decode_datetime(text)
        return time

    # -- entities that are known -------------------------------------------------------

    def _merge(
        self,
        entity: Entity,
        plan: LoadingPlan,
        data: dict[str, Any],
        loading: TypeLoading,
    ) -> None:
        """Take new values into a known entity, sparing local edits."""
        values = vars(entity)
        if values is data:
            return
        state = entity.__ftrack_state__
        if state.state is EntityState.PENDING:
            # A create of unknown outcome: the session's own values stay.
            for name, value in data.items():
                if name not in values and not isinstance(value, list | tuple):
                    values[name] = value
            return
        self._join_group(entity, state)
        for name, attribute in plan.collections:
            self._store_members(entity, attribute, data.pop(name))
        for name, attribute in plan.mapped:
            self._store_rows(entity, attribute, data.pop(name))
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
        if type(current) is MappedValues:
            current.store(*rows)
        else:
            vars(entity)[attribute.name] = MappedValues._of(entity, attribute, *rows)

    def _join_group(self, entity: Entity, state: InstanceState) -> None:
        if state.group is self._state.group:
            return
        self._joined.add(id(entity))
        if state.state in (EntityState.PENDING, EntityState.DELETED):
            unshared_state(entity).group = self._state.group
        elif state.shared:
            set_state(entity, self._state)
        else:
            state.group = self._state.group
        self._members.setdefault(type(entity), []).append(bare_key(entity))
