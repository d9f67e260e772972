"""The conversions that the rows of one type and one set of attributes need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ftrack_orm.schema.attribute_kind import AttributeKind

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.type_info import TypeInfo


class LinkStep(NamedTuple):
    """The conversion of a link in a row to the key that an entity stores.

    Attributes:
        name: Python name of the link.
        holder: Python name of the attribute that stores the key, ``None`` when the
            row has that attribute.
        stores_reference: whether the link itself stores the key, as a `Reference`.
        clears_key: whether a null link means a null key. Of two links with the same
            foreign key, one is null because the target is not of its type.
    """

    name: str
    holder: str | None
    stores_reference: bool
    clears_key: bool


class LoadingPlan:
    """The conversions of rows of one type and one set of attributes.

    Made once for all rows of a query, so that a row costs only the conversions it
    needs.

    Attributes:
        is_reference: whether a row has only the key.
        datetimes: names whose values are decoded as time, unless they are null.
        links: the conversion of each link.
        collections, mapped: the attributes whose values become containers.
        variables: names whose values may be of any scalar type, time and lists
            included.
        renamed: server and Python names where they differ.
        unknown: names that the models lack; they are dropped (protocol 3.7).
        is_plain: whether a row needs no conversion.
    """

    __slots__ = (
        "collections",
        "datetimes",
        "is_plain",
        "is_reference",
        "links",
        "mapped",
        "renamed",
        "unknown",
        "variables",
    )

    def __init__(self, type_info: TypeInfo, names: Sequence[str]) -> None:
        attributes = [
            type_info.by_server_name[name]
            for name in names
            if name in type_info.by_server_name
        ]
        self.is_reference = set(names) <= set(type_info.primary_key)
        self.unknown = tuple(
            name for name in names if name not in type_info.by_server_name
        )
        self.renamed = _renamed(attributes)
        self.datetimes = _names(attributes, lambda a: a.format == "date-time")
        self.variables = _names(attributes, lambda a: a.type in ("variable", None))
        self.links = _link_steps(type_info, attributes)
        self.collections = _of_kind(attributes, AttributeKind.COLLECTION)
        self.mapped = _of_kind(attributes, AttributeKind.MAPPED)
        self.is_plain = not (
            self.datetimes
            or self.links
            or self.variables
            or self.collections
            or self.mapped
            or self.renamed
            or self.unknown
        )


def _renamed(attributes: list[AttributeInfo]) -> tuple[tuple[str, str], ...]:
    """Return server and Python name of the attributes where they differ."""
    return tuple((a.server_name, a.name) for a in attributes if a.server_name != a.name)


def _names(
    attributes: list[AttributeInfo], matches: Callable[[AttributeInfo], bool]
) -> tuple[str, ...]:
    return tuple(
        a.name for a in attributes if a.kind is AttributeKind.SCALAR and matches(a)
    )


def _of_kind(
    attributes: list[AttributeInfo], kind: AttributeKind
) -> tuple[tuple[str, AttributeInfo], ...]:
    return tuple((a.name, a) for a in attributes if a.kind is kind)


def _link_steps(
    type_info: TypeInfo, attributes: list[AttributeInfo]
) -> tuple[LinkStep, ...]:
    names = {attribute.name for attribute in attributes}
    steps = []
    for link in attributes:
        if link.kind is not AttributeKind.LINK:
            continue
        holders = link.link_storage.holders
        if not holders:
            steps.append(LinkStep(link.name, None, True, False))
            continue
        holder = holders[0] if len(holders) == 1 else None
        if holder in names:
            holder = None
        twins = type_info.links_by_foreign_key.get(holder or "", ())
        clears_key = all(
            type_info.type_named(twin.link_storage.target).is_kind_of(
                link.link_storage.target
            )
            for twin in twins
        )
        steps.append(LinkStep(link.name, holder, False, clears_key))
    return tuple(steps)
