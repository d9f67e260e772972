"""Check the rows of `find_or_add`, and the values that identify their entities."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from ftrack_orm.entity.collection import TrackedList
from ftrack_orm.entity.mapped import MappedValues
from ftrack_orm.entity.targets import target_of
from ftrack_orm.entity.tracking import is_new
from ftrack_orm.errors.entity import (
    AttributeValueError,
    IdentificationError,
    ReadOnlyAttributeError,
    UnknownAttributeError,
)
from ftrack_orm.errors.query import CriterionError
from ftrack_orm.errors.root import shortened
from ftrack_orm.errors.session import InvalidArgumentError
from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.query.criterion import require_about
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.session.row_comparison import as_stored

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.type_info import TypeInfo

Identity: TypeAlias = tuple[Any, ...]
"""The values of the identifying attributes; a link as the bare key of its target."""


@lazy_dataclass(frozen=True, slots=True)
class IdentifiedRow:
    """One row of the caller.

    Attributes:
        values: all values by Python name.
        identity: the identifying values.
        targets: the entities of identifying links; ``None`` for a scalar and for a
            reference.
        entity: the row itself, if it is a new entity.
    """

    values: Mapping[str, Any]
    identity: Identity
    targets: tuple[Any, ...]
    entity: Any


def identifying_attributes(type_info: TypeInfo, by: Any) -> list[AttributeInfo]:
    """Return the identifying attributes.

    Raises:
        CriterionError: one is no scalar or link of the type itself.
        IdentificationError: there is none.
    """
    paths = [by] if hasattr(by, "_attribute") or isinstance(by, str) else list(by)
    attributes = [_identifying_attribute(type_info, path) for path in paths]
    if not attributes:
        raise IdentificationError(
            type_info.name, (), "by= names no attribute", "Name attributes of the rows."
        )
    return attributes


def _identifying_attribute(type_info: TypeInfo, path: Any) -> AttributeInfo:
    name = path
    if not isinstance(path, str):
        steps = getattr(path, "_steps", ())
        if len(steps) != 1:
            raise CriterionError(
                f"{shortened(path)} cannot identify a {type_info.name}. Pass its own "
                f"scalars and links, read on the class, as in {type_info.name}.name."
            )
        require_about(type_info, path._root)
        name = path._attribute.name
    attribute = type_info.attributes.get(name) or type_info.by_server_name.get(name)
    if attribute is None:
        raise UnknownAttributeError(type_info.name, name, type_info.attributes)
    if attribute.kind not in (AttributeKind.SCALAR, AttributeKind.LINK):
        raise CriterionError(
            f"{type_info.name}.{name} holds several values and cannot identify an "
            "entity. Pass scalars and links."
        )
    return attribute


def identified_rows(
    type_info: TypeInfo, rows: Any, names: Sequence[AttributeInfo]
) -> list[IdentifiedRow]:
    """Return the checked rows, in order.

    Args:
        type_info: the type of the entities.
        rows: mappings by Python or server name, and new entities.
        names: the identifying attributes.

    Raises:
        InvalidArgumentError: `rows` is no list of such rows.
        IdentificationError: a row lacks an identifying value.
        UnknownAttributeError, AttributeValueError: a value is wrong.
    """
    if isinstance(rows, Mapping | str) or not isinstance(rows, Iterable):
        raise InvalidArgumentError("find_or_add()", rows, "a list of rows")
    return [_row(type_info, row, names) for row in rows]


def _row(
    type_info: TypeInfo, row: Any, names: Sequence[AttributeInfo]
) -> IdentifiedRow:
    entity = None
    if isinstance(row, Mapping):
        values = dict(_checked_values(type_info, row))
    elif hasattr(type(row), "__ftrack__") and is_new(row):
        if not type(row).__ftrack__.is_kind_of(type_info.name):
            raise InvalidArgumentError(
                "find_or_add()", row, f"rows of {type_info.name}"
            )
        entity, values = row, dict(_values_of(row))
    else:
        raise InvalidArgumentError(
            "find_or_add()", row, f"mappings or new entities of {type_info.name}"
        )
    parts = [_identifying_value(type_info, name, values, entity) for name in names]
    identity = tuple(value for value, _ in parts)
    return IdentifiedRow(values, identity, tuple(target for _, target in parts), entity)


def _checked_values(
    type_info: TypeInfo, row: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        attribute = type_info.attributes.get(name) or type_info.by_server_name.get(name)
        if attribute is None:
            raise UnknownAttributeError(type_info.name, name, type_info.attributes)
        if attribute.read_only and attribute.server_name not in type_info.primary_key:
            raise ReadOnlyAttributeError(
                type_info.name,
                attribute.name,
                "the server sets it, clients only read it",
            )
        try:
            checked = _checked_value(attribute, value)
        except AttributeValueError as error:
            # The check knows the type that declares the attribute only.
            error.locate(type_info.name, f"{type_info.name}.{attribute.name}")
            raise
        yield attribute.name, checked


def _checked_value(attribute: AttributeInfo, value: Any) -> Any:
    if attribute.kind is AttributeKind.SCALAR:
        value = attribute.validate(value)
        # A value with fractions of a second never equals the stored one, so that each
        # run would send it again (protocol 3.1).
        return as_stored(value) if attribute.format == "date-time" else value
    if attribute.kind is AttributeKind.LINK and value is not None:
        target_of(attribute, value)
    return value


def _values_of(entity: Entity) -> Iterator[tuple[str, Any]]:
    """Yield the values that were set on a new entity, its key excluded."""
    type_info = type(entity).__ftrack__
    for name, value in vars(entity).items():
        attribute = type_info.attributes.get(name)
        if attribute is None or attribute.server_name in type_info.primary_key:
            continue
        if isinstance(value, MappedValues):
            yield name, dict(value.edits)
        elif not isinstance(value, TrackedList) or value:
            yield name, value


def _identifying_value(
    type_info: TypeInfo, attribute: AttributeInfo, values: Mapping[str, Any], row: Any
) -> tuple[Any, Any]:
    """Return the identifying value of a row, and the target of a link.

    Raises:
        IdentificationError: the row has no such value.
    """
    value = values.get(attribute.name)
    is_stated = attribute.name in values and attribute.nullable
    if attribute.kind is AttributeKind.SCALAR:
        if value is not None or is_stated:
            return value, None
    elif value is not None:
        target = target_of(attribute, value)
        if target.reference is not None and len(target.reference.key) == 1:
            return target.reference.key[0], target.entity
    else:
        holders = attribute.link_storage.holders
        key = values.get(holders[0]) if len(holders) == 1 else None
        if key is not None:
            return key, None if row is None else _target_in(row, attribute)
        if is_stated:
            return None, None
    raise IdentificationError(
        type_info.name,
        (attribute.name,),
        f"a row has no {attribute.name}, or one without a single key",
        "Give each row a value for every attribute of by=.",
    )


def _target_in(row: Any, link: AttributeInfo) -> Any:
    target = vars(row).get(link.name)
    return target if hasattr(type(target), "__ftrack__") else None
