"""From what a client sent to the columns of a row: links, and where they point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from ftrack_orm.emulator.errors import BrokenReference, Invalid
from ftrack_orm.schema.model import EntitySchema
from ftrack_orm.schema.relations import ForeignKey, Relations
from ftrack_orm.types import JSONObject, Reference

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext
    from ftrack_orm.emulator.wire import EntityData

_SAME: Final[Mapping[str, tuple[str, str]]] = {
    "Schema": ("type_id", "object_type_id"),
}
"""Attributes that hold one value between them (protocol 6.6)."""

_VALUES: Final[Mapping[str, Mapping[str, Sequence[str]]]] = {
    "Appointment": {"type": ("assignment", "allocation")},
}
"""The values that an attribute may have, where the schema does not say (9.9)."""


def link_columns(
    relations: Relations, entity_type: EntitySchema, name: str
) -> tuple[str, ...]:
    """Return the attributes of `entity_type` that hold the key of link `name`.

    Raises:
        Invalid: the server works the link out, so nobody can set it.
    """
    relation = relations.of(entity_type.name, name)
    if isinstance(relation, ForeignKey):
        if relation.local is not None:
            return (relation.local,)
        return relation.composite
    raise Invalid(f"{entity_type.name}.{name} is computed and cannot be set.")


def read_columns(
    request: RequestContext, entity_type: EntitySchema, data: EntityData
) -> JSONObject:
    """Return stored values by column for scalars and links; a link wins over its id.

    Raises:
        Invalid: a link to another type than declared, or one nobody can set, or two
            values for what is one.
        BrokenReference: the entity linked to does not exist.
    """
    columns = dict(data.scalars)
    for name, reference in data.links.items():
        locals_ = link_columns(request.storage.relations, entity_type, name)
        if reference is None:
            columns.update(dict.fromkeys(locals_))
            continue
        target = request.storage.relations.of(entity_type.name, name).target
        check_exists(request, f"{entity_type.name}.{name}", target, reference)
        columns.update(zip(locals_, reference.key, strict=True))
    _set_same(entity_type, columns)
    _check_values(entity_type, columns)
    _check_foreign_keys(request, entity_type, columns, set(data.scalars))
    return columns


def _set_same(entity_type: EntitySchema, columns: JSONObject) -> None:
    names = _SAME.get(entity_type.name, ())
    values = [columns[name] for name in names if name in columns]
    if any(value != values[0] for value in values):
        raise Invalid(f"{' and '.join(names)} of {entity_type.name} are the same.")
    if values:
        columns.update(
            (name, values[0]) for name in names if name in entity_type.attributes
        )


def _check_values(entity_type: EntitySchema, columns: JSONObject) -> None:
    for name, allowed in _VALUES.get(entity_type.name, {}).items():
        if columns.get(name) not in (None, *allowed):
            raise Invalid(
                f"{entity_type.name}.{name} must be one of {', '.join(allowed)}. "
                f'Got "{columns[name]}".'
            )


def check_exists(
    request: RequestContext, where: str, target: str, reference: Reference
) -> JSONObject:
    """Return the row that is referred to.

    Args:
        request: the request.
        where: type and attribute, for the error.
        target: the type it has to be of.
        reference: as sent; the type in it may be any of the family.

    Raises:
        BrokenReference: there is none that the user may read.
        Invalid: it is of another type.
    """
    row = request.find_visible(request.root(reference.entity_type), *reference.key)
    if row is None:
        raise BrokenReference(f"{where} refers to {reference}, which does not exist.")
    if target in request.schema and not request.is_subtype(row["__type__"], target):
        raise Invalid(f"{where} must refer to {target}, not to {row['__type__']}.")
    return row


def _check_foreign_keys(
    request: RequestContext,
    entity_type: EntitySchema,
    columns: JSONObject,
    sent: set[str],
) -> None:
    targets = request.foreign_keys.of(entity_type.name)
    for name in sent & targets.keys():
        value = columns[name]
        if value is not None and request.find_visible(targets[name], value) is None:
            raise BrokenReference(
                f"{entity_type.name}.{name} refers to {targets[name]} {value}, which "
                "does not exist."
            )
