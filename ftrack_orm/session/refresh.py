"""Load entities anew, and unload them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ftrack_orm.entity.collection import TrackedList
from ftrack_orm.entity.mapped import MappedValues
from ftrack_orm.entity.state import NEW, EntityState, LoadGroup
from ftrack_orm.entity.tracking import forget
from ftrack_orm.errors import DetachedEntityError, NotLoadedError
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.select.projection import relation_names
from ftrack_orm.session.lazy_loader import QUERIES_PER_REQUEST, keyed_queries
from ftrack_orm.unit_of_work.apply import roll_back

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.session.core import Workspace


def refresh(space: Workspace, entities: Sequence[Entity]) -> None:
    """Drop the local edits of entities, and load anew what is loaded of them.

    Raises:
        DetachedEntityError: one is not the session's, or not committed yet; nothing
            was changed.
        NotLoadedError: the server no longer has one.
    """
    for entity in entities:
        _require_persistent(space, entity, "refresh it")
    roll_back(space.work, space.identity_map, entities)
    space.lazy.forget_absent()
    classes: dict[type[Entity], list[Entity]] = {}
    for entity in entities:
        classes.setdefault(type(entity), []).append(entity)
    queries = [
        text
        for entity_class, members in classes.items()
        for text in keyed_queries(
            entity_class.__ftrack__,
            [member.reference.key for member in members],
            _loaded_projections(members),
        )
    ]
    group = LoadGroup()
    arrived: set[int] = set()
    for start in range(0, len(queries), QUERIES_PER_REQUEST):
        for rows in space.rows_of(queries[start : start + QUERIES_PER_REQUEST]):
            arrived.update(id(entity) for entity in space.take(rows, group))
    for entity in entities:
        if id(entity) not in arrived:
            raise NotLoadedError(
                repr(entity), "id", "The server no longer has the entity."
            )


def _loaded_projections(members: Sequence[Entity]) -> tuple[str, ...]:
    """Return the projections of the stored scalars, and of all that is loaded."""
    info = type(members[0]).__ftrack__
    names = {scalar.server_name: None for scalar in info.stored_scalars}
    for attribute in info.attributes.values():
        if attribute.restricted_projection or attribute.kind is AttributeKind.LINK:
            continue
        if not any(attribute.name in vars(member) for member in members):
            continue
        if attribute.kind is AttributeKind.SCALAR:
            names[attribute.server_name] = None
            continue
        target = info.type_named(str(attribute.target))
        for name in relation_names(attribute, target):
            names[f"{attribute.server_name}.{name}"] = None
    return tuple(names)


def expire(space: Workspace, entities: Iterable[Entity]) -> None:
    """Unload the values of entities; local edits stay.

    Raises:
        DetachedEntityError: one is not the session's; nothing was changed.
    """
    chosen = list(entities)
    for entity in chosen:
        _require_persistent(space, entity, "expire it")
    space.lazy.forget_absent()
    for entity in chosen or tuple(space.identity_map):
        if entity.__ftrack_state__.state is EntityState.PERSISTENT:
            _unload(entity)


def _unload(entity: Entity) -> None:
    info = type(entity).__ftrack__
    values = vars(entity)
    owner = entity.__ftrack_state__.owner
    if owner is not None:
        # Its keys are unloaded: the collections that show it are not whole any more.
        owner.relations.distrust_members(entity)
    for name in tuple(values):
        attribute = info.attributes.get(name)
        if attribute is None or name in info.key_names:
            continue
        value = values[name]
        if type(value) is TrackedList:
            value.is_loaded = False
        elif type(value) is MappedValues:
            value.unload()
        elif attribute.kind is AttributeKind.SCALAR:
            forget(entity, name)
        elif not hasattr(type(value), "__ftrack__"):
            values.pop(name)


def _require_persistent(space: Workspace, entity: Entity, action: str) -> None:
    state = entity.__ftrack_state__
    if state.owner is not space or state.state in NEW:
        raise DetachedEntityError(repr(entity), action)
