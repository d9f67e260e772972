"""Load missing attributes for a whole load group of entities in one request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ftrack_orm.entity.collection import TrackedList
from ftrack_orm.entity.entity import adopt
from ftrack_orm.entity.mapped import MappedValues
from ftrack_orm.entity.state import EntityState, InstanceState, LoadGroup
from ftrack_orm.entity.tracking import is_new, link_key, linked
from ftrack_orm.errors.entity import NotLoadedError
from ftrack_orm.errors.session import InspectionError
from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_query
from ftrack_orm.query.keys import keyed
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.select.projection import relation_names
from ftrack_orm.types import NOT_LOADED, EntityKey

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.select.projection import Loadable
    from ftrack_orm.unit_of_work.identity_map import IdentityMap

KEYS_PER_QUERY = 1000
"""Keys in one ``in`` list; servers fail somewhere in the thousands (protocol 5.5)."""

QUERIES_PER_REQUEST = 10
"""Queries that are sent together, which bounds the length of a request."""


class RowSource(Protocol):
    """Sends queries and builds entities; implemented by the session's core."""

    def fetch_rows(self, expressions: Sequence[str]) -> list[list[dict[str, Any]]]:
        """Return the rows of each expression, all requested together."""
        ...

    def build(self, rows: list[dict[str, Any]], group: LoadGroup) -> list[Any]:
        """Return rows as entities that load together with `group`."""
        ...


class Request(NamedTuple):
    """An attribute to load for those of `entities` that lack it."""

    attribute: AttributeInfo
    entities: Sequence[Entity]


class LazyLoader:
    """Loads missing attributes for all entities of a load group."""

    def __init__(self, source: RowSource, identity_map: IdentityMap, mode: str) -> None:
        """Store the arguments; nothing is sent.

        Args:
            source: sends the queries.
            identity_map: the entities that links lead to.
            mode: ``"auto"`` loads for the group, ``"single"`` for one entity,
                ``"strict"`` not at all.
        """
        self._source = source
        self._identity_map = identity_map
        self._mode = mode
        # Targets that the server did not return: without these, reading a broken link
        # would send a request each time.
        self._missing_targets: set[tuple[str, Any]] = set()

    def load_missing(self, entity: Entity, attribute: AttributeInfo) -> Any:
        """Load an attribute for the entity's load group; return the entity's value.

        Raises:
            NotLoadedError: the session is strict, the attribute can only be used in
                conditions, or the server no longer has the entity.
            InspectionError: a completer or debugger reads the attribute. A relation
                read by a completer returns an empty placeholder.
        """
        from ftrack_orm.inspection import inspector

        inspecting = inspector()
        if inspecting is not None:
            return stand_in(entity, attribute, inspecting)
        if self._mode == "strict":
            raise NotLoadedError(
                repr(entity),
                attribute.name,
                "This session loads nothing by itself: add "
                f".load({type(entity).__name__}.{attribute.name}) to the select.",
            )
        if attribute.restricted_projection:
            raise NotLoadedError(
                repr(entity),
                attribute.name,
                "It can only be used in conditions, not read.",
            )
        self.load_requests([Request(attribute, self.siblings(entity, attribute))])
        return self._value_of(entity, attribute)

    def load_together(
        self, entity: Entity, attributes: Iterable[AttributeInfo]
    ) -> None:
        """Load the attributes that an entity lacks, for its load group.

        Sends one request, or none in a strict session.
        """
        if self._mode == "strict" or is_new(entity):
            return
        # The entity decides: a test of all siblings would make a loop over them slow.
        self.load_requests(
            [
                Request(attribute, self.siblings(entity, attribute))
                for attribute in attributes
                if not is_loaded(entity, attribute)
            ]
        )

    def _value_of(self, entity: Entity, attribute: AttributeInfo) -> Any:
        value: Any = NOT_LOADED
        if attribute.kind is AttributeKind.LINK:
            value = linked(entity, attribute)
            if value is NOT_LOADED and attribute.nullable:
                key = link_key(entity, attribute)
                if (attribute.link_storage.root, key) in self._missing_targets:
                    return None
        elif is_loaded(entity, attribute):
            value = vars(entity)[attribute.name]
        if value is NOT_LOADED:
            raise NotLoadedError(
                repr(entity),
                attribute.name,
                "The server does not have it, or this user may not read it. Check that "
                "the entity still exists.",
            )
        return value

    def forget_missing_targets(self) -> None:
        """Query again for the targets of links that the server did not have."""
        self._missing_targets.clear()

    def load_paths(self, entities: Sequence[Entity], paths: Iterable[Loadable]) -> None:
        """Load the attributes that paths lead to, one request for each level.

        A link or collection loads the stored scalars of its targets.
        """
        branches: list[tuple[tuple[ast.Step, ...], Sequence[Entity]]] = [
            (getattr(path, "_steps", ()), entities) for path in paths
        ]
        while branches:
            level = [
                Request(attribute, members)
                for steps, owners in branches
                for attribute, members in _by_attribute(owners, steps[0].name).items()
            ]
            self.load_requests([*level, *_bare_targets(level)])
            branches = [
                (steps[1:], _targets_of(owners, steps[0].name))
                for steps, owners in branches
                if len(steps) > 1
            ]

    def load_requests(self, requests: Iterable[Request]) -> None:
        """Load attributes for the entities that lack them, all in one request."""
        target_keys: dict[str, dict[Any, None]] = {}
        owners: dict[type[Entity], dict[AttributeInfo, list[Entity]]] = {}
        for attribute, entities in requests:
            missing = [
                entity for entity in entities if not is_loaded(entity, attribute)
            ]
            self._record_projections(missing, attribute)
            if attribute.kind is AttributeKind.LINK:
                missing = self._collect_target_keys(missing, attribute, target_keys)
            for entity_class, members in _by_class(missing).items():
                owners.setdefault(entity_class, {})[attribute] = members
        queries: list[_Query] = []
        for target, keys in target_keys.items():
            queries += self._target_queries(target, tuple(keys))
        for entity_class, attributes in owners.items():
            queries += _owner_queries(entity_class.__ftrack__, attributes)
        self._send(queries)
        for target, keys in target_keys.items():
            type_info = self._identity_map.type_info(target)
            table = self._identity_map.tables.get(type_info.root, {})
            self._missing_targets.update(
                (type_info.root, key) for key in keys if key not in table
            )

    def siblings(self, entity: Entity, attribute: AttributeInfo) -> list[Entity]:
        """Return the entities for which `attribute` is loaded together."""
        state = entity.__ftrack_state__
        group = state.group
        if self._mode == "single" or group is None or is_new(entity):
            return [entity]
        siblings: list[Entity] = []
        for entity_class, keys in group.members.items():
            # A subtype may declare another attribute of the same name.
            if entity_class.__ftrack__.attributes.get(attribute.name) is not attribute:
                continue
            table = state.tables.get(entity_class.__ftrack__.root, {})
            for key in keys:
                sibling = table.get(key)
                if sibling is not None and _is_in(sibling, group):
                    siblings.append(sibling)
        return siblings if _is_in(entity, group) else [entity, *siblings]

    def _record_projections(
        self, missing: Sequence[Entity], attribute: AttributeInfo
    ) -> None:
        """Record the projections that a group lacked; its next page includes them."""
        if self._mode != "auto":
            return
        for entity_class, members in _by_class(missing).items():
            group = members[0].__ftrack_state__.group
            if group is not None:
                names = group.late_projections.setdefault(entity_class, [])
                projections = _projections(entity_class.__ftrack__, members, attribute)
                names.extend(name for name in projections if name not in names)

    # -- links by their keys ---------------------------------------------------------

    def _collect_target_keys(
        self,
        missing: Sequence[Entity],
        attribute: AttributeInfo,
        target_keys: dict[str, dict[Any, None]],
    ) -> list[Entity]:
        """Add the loaded keys of links to `target_keys`.

        Returns:
            The entities whose link has no loaded key.
        """
        storage = attribute.link_storage
        without_key = []
        for entity in missing:
            key = link_key(entity, attribute)
            if key is NOT_LOADED:
                without_key.append(entity)
            elif (storage.root, key) not in self._missing_targets:
                target_keys.setdefault(storage.target, {})[key] = None
        return without_key

    def _target_queries(self, target: str, keys: Sequence[Any]) -> Iterator[_Query]:
        type_info = self._identity_map.type_info(target)
        names = [scalar.server_name for scalar in type_info.stored_scalars]
        entity_keys = [key if isinstance(key, tuple) else (key,) for key in keys]
        group = LoadGroup()
        for text in keyed_queries(type_info, entity_keys, names):
            yield _Query(text, group)

    def _send(self, queries: Sequence[_Query]) -> None:
        """Send the queries, several to a request, and build their rows."""
        for start in range(0, len(queries), QUERIES_PER_REQUEST):
            chunk = queries[start : start + QUERIES_PER_REQUEST]
            results = self._source.fetch_rows([query.expression for query in chunk])
            for query, rows in zip(chunk, results, strict=True):
                self._source.build(rows, query.group)


class _Query(NamedTuple):
    expression: str
    group: LoadGroup


def stand_in(entity: Entity, attribute: AttributeInfo, inspecting: str) -> Any:
    """Return an empty value of a relation that is not loaded, for a completer.

    It has the attributes of a loaded value, so that ``task.status.`` can be completed.
    No entity refers to it.

    Raises:
        InspectionError: the attribute is a scalar, or a debugger reads it.
    """
    if inspecting != "completer" or attribute.kind is AttributeKind.SCALAR:
        raise InspectionError(inspecting)
    if attribute.kind is AttributeKind.MAPPED:
        return MappedValues._of(entity, attribute, {}, is_loaded=False)
    target = attribute.owner.type_named(attribute.target_type)
    state = InstanceState(EntityState.DETACHED, entity.__ftrack_state__.owner)
    target_stand_in = adopt(target.entity_class, {}, state)
    if attribute.kind is AttributeKind.LINK:
        return target_stand_in
    # One member, so that `task.notes[0].` can be completed.
    return TrackedList._of(entity, attribute, [target_stand_in])


def is_loaded(entity: Entity, attribute: AttributeInfo) -> bool:
    """Return whether reading the attribute needs no request."""
    if attribute.kind is AttributeKind.LINK:
        return linked(entity, attribute) is not NOT_LOADED
    value = vars(entity).get(attribute.name, NOT_LOADED)
    return value is not NOT_LOADED and getattr(value, "is_loaded", True)


def _is_in(entity: Entity, group: LoadGroup) -> bool:
    state = entity.__ftrack_state__
    return state.group is group and state.state is EntityState.PERSISTENT


def _by_class(entities: Iterable[Entity]) -> dict[type[Entity], list[Entity]]:
    classes: dict[type[Entity], list[Entity]] = {}
    for entity in entities:
        classes.setdefault(type(entity), []).append(entity)
    return classes


def _by_attribute(
    entities: Iterable[Entity], server_name: str
) -> dict[AttributeInfo, list[Entity]]:
    attributes: dict[AttributeInfo, list[Entity]] = {}
    for entity in entities:
        attribute = type(entity).__ftrack__.by_server_name.get(server_name)
        if attribute is not None:
            attributes.setdefault(attribute, []).append(entity)
    return attributes


def _bare_targets(requests: Iterable[Request]) -> Iterator[Request]:
    """Yield the stored scalars that targets of loaded relations lack."""
    for attribute, owners in requests:
        if attribute.kind not in (AttributeKind.LINK, AttributeKind.COLLECTION):
            continue
        scalars = attribute.owner.type_named(attribute.target_type).stored_scalars
        targets = _targets_of(owners, attribute.server_name)
        incomplete = [
            target
            for target in targets
            if any(scalar.name not in vars(target) for scalar in scalars)
        ]
        for scalar in scalars:
            members = [
                target for target in incomplete if scalar.name not in vars(target)
            ]
            if members:
                yield Request(scalar, members)
                break  # loading one scalar loads the others, see `_projections`


def _targets_of(entities: Iterable[Entity], server_name: str) -> list[Entity]:
    """Return the entities that a link or collection leads to, each once."""
    targets: dict[int, Entity] = {}
    for attribute, owners in _by_attribute(entities, server_name).items():
        for owner in owners:
            if attribute.kind is AttributeKind.LINK:
                value = linked(owner, attribute)
            else:
                value = vars(owner).get(attribute.name)
            for target in _as_targets(value):
                targets[id(target)] = target
    return list(targets.values())


def _as_targets(value: Any) -> Iterable[Entity]:
    if isinstance(value, list):
        return value
    return (value,) if hasattr(type(value), "__ftrack__") else ()


def _owner_queries(
    type_info: TypeInfo, attributes: Mapping[AttributeInfo, Sequence[Entity]]
) -> Iterator[_Query]:
    """Yield queries for the missing attributes of entities of one class.

    Attributes that the same entities lack share one query.
    """
    groups: dict[tuple[int, ...], list[AttributeInfo]] = {}
    for attribute, members in attributes.items():
        groups.setdefault(tuple(map(id, members)), []).append(attribute)
    for group_attributes in groups.values():
        members = attributes[group_attributes[0]]
        names = dict.fromkeys(
            name
            for attribute in group_attributes
            for name in _projections(type_info, members, attribute)
        )
        keys = [member.reference.key for member in members]
        group = members[0].__ftrack_state__.group or LoadGroup()
        for text in keyed_queries(type_info, keys, tuple(names)):
            yield _Query(text, group)


def _projections(
    type_info: TypeInfo, members: Sequence[Entity], attribute: AttributeInfo
) -> list[str]:
    """Return the projections that load an attribute.

    A stored scalar includes the others that are missing: a program that reads one
    attribute of an entity with only its key soon reads the next.
    """
    if attribute.kind is not AttributeKind.SCALAR:
        target = attribute.owner.type_named(str(attribute.target))
        return [
            f"{attribute.server_name}.{name}"
            for name in relation_names(attribute, target)
        ]
    if attribute not in type_info.stored_scalars:
        return [attribute.server_name]
    return [
        scalar.server_name
        for scalar in type_info.stored_scalars
        if any(scalar.name not in vars(member) for member in members)
    ]


def keyed_queries(
    type_info: TypeInfo, keys: Sequence[EntityKey], names: Sequence[str]
) -> Iterator[str]:
    """Yield queries for the entities with `keys`, of bounded length."""
    projections = tuple(ast.PathExpression.of(name) for name in names)
    for start in range(0, len(keys), KEYS_PER_QUERY):
        criteria = keyed(type_info.primary_key, keys[start : start + KEYS_PER_QUERY])
        yield compile_query(ast.Query(type_info.name, projections, criteria=criteria))
