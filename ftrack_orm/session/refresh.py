"""Load entities again, and unload them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ftrack_orm.entity.collection import TrackedList
from ftrack_orm.entity.mapped import is_mapped
from ftrack_orm.entity.state import NEW, EntityState, LoadGroup
from ftrack_orm.entity.tracking import unload_value
from ftrack_orm.errors.entity import NotLoadedError
from ftrack_orm.errors.session import DetachedEntityError
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.select.projection import relation_names
from ftrack_orm.session.lazy_loader import QUERIES_PER_REQUEST, keyed_queries
from ftrack_orm.unit_of_work.apply import roll_back

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.session.core import SessionCore


def refresh(core: SessionCore, entities: Sequence[Entity]) -> None:
    """Drop the local edits of entities, and load their loaded attributes again.

    Raises:
        DetachedEntityError: one is not in the session, or not committed yet; nothing
            was changed.
        NotLoadedError: the server no longer has one.
    """
    for entity in entities:
        _require_persistent(core, entity, "refresh it")
    roll_back(core.work, core.identity_map, entities)
    core.lazy.forget_missing_targets()
    core.forget_look_ups()
    queries = _queries(entities)
    group = LoadGroup()
    refreshed: set[int] = set()
    for start in range(0, len(queries), QUERIES_PER_REQUEST):
        for rows in core.fetch_rows(queries[start : start + QUERIES_PER_REQUEST]):
            refreshed.update(id(entity) for entity in core.build(rows, group))
    for entity in entities:
        if id(entity) not in refreshed:
            raise NotLoadedError(
                repr(entity), "id", "The server no longer has the entity."
            )


def _queries(entities: Sequence[Entity]) -> list[str]:
    """Return the queries for the loaded attributes of the entities of each class."""
    classes: dict[type[Entity], list[Entity]] = {}
    for entity in entities:
        classes.setdefault(type(entity), []).append(entity)
    return [
        text
        for entity_class, members in classes.items()
        for text in keyed_queries(
            entity_class.__ftrack__,
            [member.reference.key for member in members],
            _loaded_projections(members),
        )
    ]


def _loaded_projections(members: Sequence[Entity]) -> tuple[str, ...]:
    """Return the projections of the stored scalars and of all loaded attributes."""
    type_info = type(members[0]).__ftrack__
    names = {scalar.server_name: None for scalar in type_info.stored_scalars}
    for attribute in type_info.attributes.values():
        if attribute.restricted_projection or attribute.kind is AttributeKind.LINK:
            continue
        if not any(attribute.name in vars(member) for member in members):
            continue
        if attribute.kind is AttributeKind.SCALAR:
            names[attribute.server_name] = None
            continue
        target = type_info.type_named(str(attribute.target))
        for name in relation_names(attribute, target):
            names[f"{attribute.server_name}.{name}"] = None
    return tuple(names)


def expire(core: SessionCore, entities: Iterable[Entity]) -> None:
    """Unload the values of entities; local edits stay.

    Raises:
        DetachedEntityError: one is not in the session; nothing was changed.
    """
    selected = list(entities)
    for entity in selected:
        _require_persistent(core, entity, "expire it")
    core.lazy.forget_missing_targets()
    core.forget_look_ups()
    for entity in selected or tuple(core.identity_map):
        if entity.__ftrack_state__.state is EntityState.PERSISTENT:
            _unload(entity)


def _unload(entity: Entity) -> None:
    type_info = type(entity).__ftrack__
    values = vars(entity)
    owner = entity.__ftrack_state__.owner
    if owner is not None:
        # Its foreign keys are unloaded, so the collections of its owners can no longer
        # be derived from them.
        owner.relations.unload_members(entity)
    for name in tuple(values):
        attribute = type_info.attributes.get(name)
        if attribute is None or name in type_info.python_primary_key:
            continue
        value = values[name]
        if type(value) is TrackedList:
            value.is_loaded = False
        elif is_mapped(value):
            value.unload()
        elif attribute.kind is AttributeKind.SCALAR:
            unload_value(entity, name)
        elif not hasattr(type(value), "__ftrack__"):
            values.pop(name)


def _require_persistent(core: SessionCore, entity: Entity, action: str) -> None:
    state = entity.__ftrack_state__
    if state.owner is not core or state.state in NEW:
        raise DetachedEntityError(repr(entity), action)
