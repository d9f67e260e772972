"""Turn the links that a client sent into columns, and check their targets."""

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

_ALIASES: Final[Mapping[str, tuple[str, str]]] = {
    "Schema": ("type_id", "object_type_id"),
}
"""Attributes that are two names of one value (protocol 6.6)."""

_VALUES: Final[Mapping[str, Mapping[str, Sequence[str]]]] = {
    "Appointment": {"type": ("assignment", "allocation")},
}
"""The permitted values of attributes, which the schema does not list (9.9)."""


def link_columns(
    relations: Relations, entity_schema: EntitySchema, name: str
) -> tuple[str, ...]:
    """Return the attributes of `entity_schema` that hold the key of link `name`.

    Raises:
        Invalid: the server computes the link, so clients cannot set it.
    """
    relation = relations.of(entity_schema.name, name)
    if isinstance(relation, ForeignKey):
        if relation.local is not None:
            return (relation.local,)
        return relation.composite
    raise Invalid(f"{entity_schema.name}.{name} is computed and cannot be set.")


def read_columns(
    request: RequestContext, entity_schema: EntitySchema, data: EntityData
) -> JSONObject:
    """Return column values for scalars and links; a link overrides its id attribute.

    Raises:
        Invalid: a link's target has another type than declared, a link is computed,
            or two names of one value have different values.
        BrokenReference: the target of a link does not exist.
    """
    columns = dict(data.scalars)
    for name, reference in data.links.items():
        link = link_columns(request.storage.relations, entity_schema, name)
        if reference is None:
            columns.update(dict.fromkeys(link))
            continue
        target = request.storage.relations.of(entity_schema.name, name).target
        check_exists(request, f"{entity_schema.name}.{name}", target, reference)
        columns.update(zip(link, reference.key, strict=True))
    _set_aliases(entity_schema, columns)
    _check_values(entity_schema, columns)
    _check_foreign_keys(request, entity_schema, columns, set(data.scalars))
    return columns


def _set_aliases(entity_schema: EntitySchema, columns: JSONObject) -> None:
    names = _ALIASES.get(entity_schema.name, ())
    values = [columns[name] for name in names if name in columns]
    if any(value != values[0] for value in values):
        raise Invalid(
            f"{' and '.join(names)} of {entity_schema.name} must have the same value."
        )
    if values:
        columns.update(
            (name, values[0]) for name in names if name in entity_schema.attributes
        )


def _check_values(entity_schema: EntitySchema, columns: JSONObject) -> None:
    for name, allowed in _VALUES.get(entity_schema.name, {}).items():
        if columns.get(name) not in (None, *allowed):
            raise Invalid(
                f"{entity_schema.name}.{name} must be one of {', '.join(allowed)}. "
                f'Got "{columns[name]}".'
            )


def check_exists(
    request: RequestContext, where: str, target: str, reference: Reference
) -> JSONObject:
    """Return the row that a reference leads to.

    Args:
        request: the request.
        where: type and attribute of the reference, for the error.
        target: the type that the row must have.
        reference: the reference; its type may be any type of the row's family.

    Raises:
        BrokenReference: there is no such row that the user may read.
        Invalid: the row has another type.
    """
    row = request.find_visible(request.root(reference.entity_type), *reference.key)
    if row is None:
        raise BrokenReference(f"{where} refers to {reference}, which does not exist.")
    if target in request.schema and not request.is_subtype(row["__type__"], target):
        raise Invalid(f"{where} must refer to {target}, not to {row['__type__']}.")
    return row


def _check_foreign_keys(
    request: RequestContext,
    entity_schema: EntitySchema,
    columns: JSONObject,
    names: set[str],
) -> None:
    targets = request.foreign_keys.of(entity_schema.name)
    for name in names & targets.keys():
        value = columns[name]
        if value is not None and request.find_visible(targets[name], value) is None:
            raise BrokenReference(
                f"{entity_schema.name}.{name} refers to {targets[name]} {value}, which "
                "does not exist."
            )
