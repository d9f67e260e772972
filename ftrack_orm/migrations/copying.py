"""Make new entities with the values of others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ftrack_orm.entity.mapped import METADATA, MappedValues
from ftrack_orm.entity.state import EntityState
from ftrack_orm.entity.tracking import is_new
from ftrack_orm.errors.planning import PlanningError
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.session.stored_values import record_stored_values

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.session.core import SessionCore

E = TypeVar("E", bound="Entity")

_MAPPED: Final = ("custom_attributes", "metadata")
"""The mapped attributes whose rows a copy gets."""


def copied(
    core: SessionCore,
    source: E,
    leave_out: Collection[str],
    others: Callable[[], Iterable[Entity]] = tuple,
) -> E:
    """Return a new entity with the writable values of another; it is not added.

    Custom attributes that have their default are left out, as the new entity gets the
    same default. One that children inherit is left out if no value is stored.

    Args:
        core: the session.
        source: the other entity.
        leave_out: server names of attributes to leave out.
        others: returns entities that may be copied next; a request that reads which
            values of the source are stored reads it for these, too.

    Raises:
        PlanningError: the source was harvested, and an attribute is not loaded.
    """
    type_info = type(source).__ftrack__
    values: dict[str, Any] = {}
    for scalar in type_info.stored_scalars:
        name = scalar.server_name
        if scalar.read_only or name in type_info.primary_key or name in leave_out:
            continue
        _require_loaded(source, scalar)
        value = getattr(source, scalar.name)
        if value is not None:
            values[scalar.name] = list(value) if isinstance(value, list) else value
    for name in _MAPPED:
        attribute = type_info.by_server_name.get(name)
        if attribute is None or attribute.kind is not AttributeKind.MAPPED:
            continue
        if name in leave_out:
            continue
        _require_loaded(source, attribute)
        rows = getattr(source, attribute.name)
        content = _own_rows(core, source, rows, attribute, others)
        if content:
            values[attribute.name] = content
    return type(source)(**values)


def _require_loaded(source: Entity, attribute: AttributeInfo) -> None:
    value = vars(source).get(attribute.name)
    is_loaded = attribute.name in vars(source) and getattr(value, "is_loaded", True)
    if source.__ftrack_state__.state is EntityState.DETACHED and not is_loaded:
        raise PlanningError(
            f"{source!r}.{attribute.name} is not loaded, and its page was forgotten. "
            f"Add .load({type(source).__name__}.{attribute.name}) to the select."
        )


def _own_rows(
    core: SessionCore,
    source: Entity,
    rows: MappedValues[Any],
    attribute: AttributeInfo,
    others: Callable[[], Iterable[Entity]],
) -> dict[str, Any]:
    content = {
        key: list(value) if isinstance(value, list) else value
        for key, value in rows.items()
    }
    if attribute.target == METADATA:
        return content
    own: dict[str, Any] = {}
    for key, value in content.items():
        configuration = core.configured(rows.row_keys.get(key, ""))
        if configuration is not None and configuration.default == value:
            if not configuration.is_hierarchical:
                continue
            # Without a stored default the copy inherits the value of its parent.
            if rows._custom_rows.stored is None and not is_new(source):
                entities = [source, *others()]
                record_stored_values(core, core.configurations, entities, attribute)
            if not rows.is_set(configuration.id):
                continue
        own[key] = value
    return own
