"""Two schemas compared by meaning: what was added, removed and changed.

Types are flat, so a change to a base shows on every type below it as well. It is
reported once, at the type that introduced it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import field
from typing import Any, Final, TypeAlias

from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.schema.model import Attribute, AttributeKind, EntitySchema, Schema
from ftrack_orm.types import UNSET


@lazy_dataclass(frozen=True, slots=True)
class TypeAdded:
    """A type that only the new schema has; `definition` is all of it."""

    type_name: str
    definition: EntitySchema = field(repr=False)

    def __str__(self) -> str:
        base = f" ({self.definition.base})" if self.definition.base else ""
        return f"{self.type_name}{base}: type added"


@lazy_dataclass(frozen=True, slots=True)
class TypeRemoved:
    """A type that only the old schema has; `definition` is all of it."""

    type_name: str
    definition: EntitySchema = field(repr=False)

    def __str__(self) -> str:
        return f"{self.type_name}: type removed"


@lazy_dataclass(frozen=True, slots=True)
class TypeChanged:
    """Something said of a type itself differs; `facet` is its name in `EntitySchema`.

    For ``required``, ``immutable`` and ``computed`` only names without an attribute
    stand here; those with one are changes of that attribute.
    """

    type_name: str
    facet: str
    old: Any
    new: Any

    def __str__(self) -> str:
        return (
            f"{self.type_name}: {self.facet} changed from {_shown(self.old)} "
            f"to {_shown(self.new)}"
        )


@lazy_dataclass(frozen=True, slots=True)
class AttributeAdded:
    """An attribute that only the new schema has; `definition` is all of it."""

    type_name: str
    attribute: str
    definition: Attribute = field(repr=False)

    def __str__(self) -> str:
        return (
            f"{self.type_name}.{self.attribute}: attribute added "
            f"({_described(self.definition)})"
        )


@lazy_dataclass(frozen=True, slots=True)
class AttributeRemoved:
    """An attribute that only the old schema has; `definition` is all of it."""

    type_name: str
    attribute: str
    definition: Attribute = field(repr=False)

    def __str__(self) -> str:
        return (
            f"{self.type_name}.{self.attribute}: attribute removed "
            f"({_described(self.definition)})"
        )


@lazy_dataclass(frozen=True, slots=True)
class AttributeChanged:
    """One thing said of an attribute differs; `facet` is its name in `Attribute`."""

    type_name: str
    attribute: str
    facet: str
    old: Any
    new: Any

    def __str__(self) -> str:
        return (
            f"{self.type_name}.{self.attribute}: {self.facet} changed from "
            f"{_shown(self.old)} to {_shown(self.new)}"
        )


SchemaChange: TypeAlias = (
    TypeAdded
    | TypeRemoved
    | TypeChanged
    | AttributeAdded
    | AttributeRemoved
    | AttributeChanged
)

ATTRIBUTE_FACETS: Final = (
    "kind",
    "type",
    "format",
    "target",
    "default",
    "alias_for",
    "description",
    "key_value_attributes",
    "restricted_projection",
    "transform",
    "enum",
    "extra",
    "required",
    "immutable",
    "computed",
)
"""What is compared of an attribute."""

NAME_SETS: Final = ("required", "immutable", "computed")
"""Lists of names whose order means nothing, said of each attribute."""


def _unattached(name_set: str) -> Callable[[EntitySchema], tuple[str, ...]]:
    """Return a reader of the names in a list that no attribute bears."""

    def read(served: EntitySchema) -> tuple[str, ...]:
        names: tuple[str, ...] = getattr(served, name_set) or ()
        return tuple(name for name in names if name not in served.attributes)

    return read


# The wire form of the base ($mixin or classifiers) is no change of meaning, nor is
# whether an empty list is served or left out. Only `primary_key` has an order.
_TYPE_FACETS: Final[Mapping[str, Callable[[EntitySchema], Any]]] = {
    "base": lambda served: served.base,
    "type": lambda served: served.type,
    "primary_key": lambda served: served.primary_key,
    "default_projections": lambda served: served.default_projections,
    "system_projections": lambda served: served.system_projections or (),
    "alias_for": lambda served: served.alias_for,
    "mixin": lambda served: {
        key: value for key, value in (served.mixin or {}).items() if key != "$ref"
    },
    "metadata": lambda served: served.metadata or {},
    "extra": lambda served: served.extra,
    **{name_set: _unattached(name_set) for name_set in NAME_SETS},
}
_UNORDERED: Final = frozenset(
    {"default_projections", "system_projections", "enum", *NAME_SETS}
)
# A type says these for itself: that its base changed too makes them no repetition.
_OWN_FACETS: Final = frozenset({"base", "alias_for", "mixin"})

_ORDER: Final[Mapping[type[SchemaChange], int]] = {
    TypeRemoved: 0,
    TypeAdded: 1,
    TypeChanged: 2,
    AttributeRemoved: 3,
    AttributeAdded: 4,
    AttributeChanged: 5,
}


def diff_schemas(old: Schema, new: Schema) -> tuple[SchemaChange, ...]:
    """Return what makes `new` differ from `old`, sorted by type and attribute.

    The order in which types, attributes and unordered lists are served plays no
    part. A change that a type shares with its base is reported at the base alone.
    """
    found = {
        name: _type_changes(name, old.types.get(name), new.types.get(name))
        for name in {**old.types, **new.types}
    }
    changes = [
        change
        for name, by_identity in found.items()
        for identity, change in by_identity.items()
        # What is gone was inherited in the old schema, all else in the new one.
        if identity
        not in _inherited(name, found, old if type(change) is AttributeRemoved else new)
    ]
    return tuple(sorted(changes, key=_sort_key))


def _inherited(
    name: str, found: Mapping[str, Mapping[str, SchemaChange]], schema: Schema
) -> Collection[str]:
    """Return the identities of what changed in the nearest base both schemas have."""
    for base in schema.bases(name)[1:]:
        changes = found[base.name]
        if not any(isinstance(c, TypeAdded | TypeRemoved) for c in changes.values()):
            return changes.keys()
    return ()


def _type_changes(
    name: str, old: EntitySchema | None, new: EntitySchema | None
) -> dict[str, SchemaChange]:
    """Return the changes of one type by identity, the inherited ones included."""
    if old is None or new is None:
        change: SchemaChange
        if new is not None:
            change = TypeAdded(name, new)
        elif old is not None:
            change = TypeRemoved(name, old)
        else:
            return {}
        return {_identity(change): change}
    changes = [*_facet_changes(old, new), *_attribute_changes(old, new)]
    return {_identity(change): change for change in changes}


def _facet_changes(old: EntitySchema, new: EntitySchema) -> Iterator[SchemaChange]:
    for facet, read in _TYPE_FACETS.items():
        before, after = read(old), read(new)
        if not _is_same(facet, before, after):
            yield TypeChanged(new.name, facet, before, after)


def _attribute_changes(old: EntitySchema, new: EntitySchema) -> Iterator[SchemaChange]:
    for name, attribute in old.attributes.items():
        if name not in new.attributes:
            yield AttributeRemoved(old.name, name, attribute)
    for name, attribute in new.attributes.items():
        before = old.attributes.get(name)
        if before is None:
            yield AttributeAdded(new.name, name, attribute)
            continue
        for facet in ATTRIBUTE_FACETS:
            was, becomes = getattr(before, facet), getattr(attribute, facet)
            if not _is_same(facet, was, becomes):
                yield AttributeChanged(new.name, name, facet, was, becomes)


# -- comparing ---------------------------------------------------------------


def _is_same(facet: str, old: Any, new: Any) -> bool:
    if old is new:
        return True
    if type(old) is type(new) is str:
        return bool(old == new)
    return _canonical(facet, old) == _canonical(facet, new)


def _canonical(facet: str, value: Any) -> str:
    """Return a text that is equal for equal meaning.

    JSON text rather than Python's ``==``, for which 0 and False are the same.
    """
    if value is UNSET or isinstance(value, AttributeKind):
        return repr(value)
    if facet in _UNORDERED and isinstance(value, Collection):
        value = sorted({_json_text(item) for item in value})
    return _json_text(value)


def _json_text(value: Any) -> str:
    # `default` turns a read-only mapping into one that JSON knows.
    return json.dumps(value, sort_keys=True, default=dict)


def _identity(change: SchemaChange) -> str:
    """Return what a change says, but for the type it says it of."""
    match change:
        case TypeAdded() | TypeRemoved():
            parts = [change.type_name]
        case TypeChanged(facet=facet) if facet in _OWN_FACETS:
            parts = [change.type_name, facet]
        case TypeChanged(facet=facet):
            parts = [
                facet,
                _canonical(facet, change.old),
                _canonical(facet, change.new),
            ]
        case AttributeRemoved():
            # Gone from the base is gone from all below, however they refined it.
            parts = [change.attribute]
        case AttributeAdded(definition=definition):
            parts = [
                change.attribute,
                *(_canonical(of, getattr(definition, of)) for of in ATTRIBUTE_FACETS),
            ]
        case AttributeChanged(facet=facet):
            parts = [
                change.attribute,
                facet,
                _canonical(facet, change.old),
                _canonical(facet, change.new),
            ]
    return json.dumps([type(change).__name__, *parts])


def _sort_key(change: SchemaChange) -> tuple[str, int, str, str]:
    return (
        change.type_name,
        _ORDER[type(change)],
        getattr(change, "attribute", ""),
        getattr(change, "facet", ""),
    )


# -- showing -----------------------------------------------------------------


def _described(attribute: Attribute) -> str:
    if attribute.kind is AttributeKind.LINK:
        return f"link to {attribute.target}"
    if attribute.kind is AttributeKind.COLLECTION:
        return f"collection of {attribute.target}"
    if attribute.kind is AttributeKind.MAPPED:
        return f"mapping of {attribute.target}"
    return " ".join(part for part in (attribute.type, attribute.format) if part)


def _shown(value: Any) -> str:
    if value is UNSET:
        return "nothing"
    if isinstance(value, AttributeKind):
        return value.value
    return _json_text(value)
