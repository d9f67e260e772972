"""The invariants of a session's memory, checked without a request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ftrack_orm import EntityState, Session
from ftrack_orm.entity.collection import TrackedList
from ftrack_orm.entity.mapped import MappedValues
from ftrack_orm.entity.relation_storage import PairStorage
from ftrack_orm.entity.tracking import bare_key
from ftrack_orm.schema.attribute_kind import AttributeKind

KEY_NAMES = {"id"}


def entities_of(session: Session) -> list[Any]:
    """Return the entities in the identity map of a session."""
    return list(session._core.identity_map)


def check_memory(session: Session) -> None:
    """Assert what holds for the memory of a session at any moment."""
    check_identity(session)
    entities = entities_of(session)
    for entity in entities:
        check_links(session, entity)
        for _, collection in collections_of(entity):
            check_members(session, collection, entities)
            check_pairs(collection)


def check_identity(session: Session) -> None:
    """Assert that an entity is in one place of the identity map, under its key."""
    core = session._core
    seen: set[int] = set()
    for root, table in core.identity_map.tables.items():
        for key, entity in table.items():
            state = entity.__ftrack_state__
            assert id(entity) not in seen, f"{entity!r} is in two places"
            seen.add(id(entity))
            assert bare_key(entity) == key, f"{entity!r} is under {key!r}"
            assert type(entity).__ftrack__.root == root
            assert state.owner is core, f"{entity!r} is not the session's"
            assert state.state in (
                EntityState.PENDING,
                EntityState.PERSISTENT,
                EntityState.DELETED,
            ), f"{entity!r} is {state.state}"
            assert state.tables is core.identity_map.tables
    for entity in core.work:
        assert entity.__ftrack_state__.owner is core, f"{entity!r} has left"


def check_links(session: Session, entity: Any) -> None:
    """Assert that each link is the session's one entity for its key."""
    for link in type(entity).__ftrack__.relations:
        if link.kind is not AttributeKind.LINK:
            continue
        holders = link.link_storage.holders
        if len(holders) != 1 or holders[0] not in vars(entity):
            continue
        key = vars(entity)[holders[0]]
        if key is None:
            held = vars(entity).get(link.name)
            assert held is None, f"{entity!r}.{link.name} has no key but {held!r}"
            continue
        table = session._core.identity_map.tables.get(link.link_storage.root, {})
        target = table.get(key)
        if target is None:
            continue
        if type(target).__ftrack__.is_kind_of(link.link_storage.target):
            shown = getattr(entity, link.name)
            assert shown is target, f"{entity!r}.{link.name} is {shown!r}"


def collections_of(entity: Any) -> Iterator[tuple[str, TrackedList[Any]]]:
    """Yield the loaded collections of an entity."""
    for name, value in tuple(vars(entity).items()):
        if type(value) is TrackedList and value.is_loaded:
            yield name, value


def check_members(
    session: Session, collection: TrackedList[Any], entities: list[Any]
) -> None:
    """Assert that the members are those whose keys lead to the owner."""
    owner, name = collection.owner, collection._attribute.name
    assert vars(owner)[name] is collection, f"{owner!r}.{name} is another object"
    where = f"{owner!r}.{name}"
    for member in collection:
        state = member.__ftrack_state__
        is_guest = state.state is EntityState.TRANSIENT and state.owner is None
        assert is_guest or state.owner is session._core, f"{member!r} in {where}"
    shown = [member for member in collection if member.__ftrack_state__.owner]
    assert len({id(one) for one in collection}) == len(collection), f"twice in {where}"
    storage = collection._storage
    if isinstance(storage, PairStorage):
        return
    wanted = {storage.remote: bare_key(owner), **storage.filters}
    led = [
        entity
        for entity in entities
        if type(entity).__ftrack__.is_kind_of(storage.target)
        and all(vars(entity).get(key) == value for key, value in wanted.items())
    ]
    assert {id(one) for one in shown} == {id(one) for one in led}, (
        f"{where} shows {shown}, the keys lead {led}"
    )


def check_pairs(collection: TrackedList[Any]) -> None:
    """Assert that both loaded ends of a many-to-many relation agree."""
    storage, owner = collection._storage, collection.owner
    if not isinstance(storage, PairStorage) or storage.is_computed:
        return
    for entity in owner.__ftrack_state__.tables.get(storage.root, {}).values():
        for name, other in collections_of(entity):
            ends = other._storage
            if not isinstance(ends, PairStorage) or ends.near != storage.far:
                continue
            here = any(member is entity for member in collection)
            there = any(member is owner for member in other)
            assert here == there, (
                f"{owner!r}.{collection._attribute.name} and {entity!r}.{name}"
            )


class Containers:
    """The containers that were seen of entities, each one object for life."""

    def __init__(self) -> None:
        self._seen: dict[tuple[int, str], tuple[Any, Any]] = {}

    def check(self, session: Session) -> None:
        """Assert that each container is the one that was seen first."""
        for entity in entities_of(session):
            for name, value in vars(entity).items():
                if not isinstance(value, TrackedList | MappedValues):
                    continue
                _, first = self._seen.setdefault((id(entity), name), (entity, value))
                assert first is value, f"{entity!r}.{name} is another object"


def shown(session: Session) -> dict[tuple[str, str], Any]:
    """Return every value in memory by entity and name, for comparison."""
    memory: dict[tuple[str, str], Any] = {}
    for entity in (*entities_of(session), *session._core.work):
        name = f"{type(entity).__name__} {bare_key(entity)}"
        memory[name, "state"] = entity.__ftrack_state__.state
        committed = entity.__ftrack_state__.committed
        memory[name, "committed"] = dict(committed) if committed else None
        for attribute, value in vars(entity).items():
            if isinstance(value, MappedValues):
                value = (value.values_by_key, dict(value.edits))
            elif isinstance(value, list):
                value = [id(one) for one in value]
            memory[name, attribute] = value
    return memory
