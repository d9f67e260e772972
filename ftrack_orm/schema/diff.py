"""Compare two schemas: list the added, removed and changed types and attributes.

Each type lists its inherited attributes too, so a change of a base repeats in every
subtype. The comparison reports it once, at the type that introduced it.
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
    """A type that only the new schema has; `definition` is the whole type."""

    type_name: str
    definition: EntitySchema = field(repr=False)

    def __str__(self) -> str:
        base = f" ({self.definition.base})" if self.definition.base else ""
        return f"{self.type_name}{base}: type added"


@lazy_dataclass(frozen=True, slots=True)
class TypeRemoved:
    """A type that only the old schema has; `definition` is the whole type."""

    type_name: str
    definition: EntitySchema = field(repr=False)

    def __str__(self) -> str:
        return f"{self.type_name}: type removed"


@lazy_dataclass(frozen=True, slots=True)
class TypeChanged:
    """One property of a type differs; `facet` is its name in `EntitySchema`.

    For ``required``, ``immutable`` and ``computed`` only names without an attribute
    are compared here; a name with one is a change of that attribute.
    """

    type_name: str
    facet: str
    old: Any
    new: Any

    def __str__(self) -> str:
        return (
            f"{self.type_name}: {self.facet} changed from {_text(self.old)} "
            f"to {_text(self.new)}"
        )


@lazy_dataclass(frozen=True, slots=True)
class AttributeAdded:
    """An attribute that only the new schema has; `definition` is its whole schema."""

    type_name: str
    attribute: str
    definition: Attribute = field(repr=False)

    def __str__(self) -> str:
        return (
            f"{self.type_name}.{self.attribute}: attribute added "
            f"({_description(self.definition)})"
        )


@lazy_dataclass(frozen=True, slots=True)
class AttributeRemoved:
    """An attribute that only the old schema has; `definition` is its whole schema."""

    type_name: str
    attribute: str
    definition: Attribute = field(repr=False)

    def __str__(self) -> str:
        return (
            f"{self.type_name}.{self.attribute}: attribute removed "
            f"({_description(self.definition)})"
        )


@lazy_dataclass(frozen=True, slots=True)
class AttributeChanged:
    """One property of an attribute differs; `facet` is its name in `Attribute`."""

    type_name: str
    attribute: str
    facet: str
    old: Any
    new: Any

    def __str__(self) -> str:
        return (
            f"{self.type_name}.{self.attribute}: {self.facet} changed from "
            f"{_text(self.old)} to {_text(self.new)}"
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
"""The fields of `Attribute` that are compared."""

NAME_SETS: Final = ("required", "immutable", "computed")
"""Lists of attribute names in a type; each `Attribute` has a flag of the same name."""


def _names_without_attribute(
    name_set: str,
) -> Callable[[EntitySchema], tuple[str, ...]]:
    """Return a function that reads the names in a list without an attribute."""

    def read(entity_schema: EntitySchema) -> tuple[str, ...]:
        names: tuple[str, ...] = getattr(entity_schema, name_set) or ()
        return tuple(name for name in names if name not in entity_schema.attributes)

    return read


# Servers differ in the wire form of the base ($mixin or classifiers) and in whether
# they send empty lists; neither changes the meaning. Only `primary_key` has an order.
_TYPE_FACETS: Final[Mapping[str, Callable[[EntitySchema], Any]]] = {
    "base": lambda entity_schema: entity_schema.base,
    "type": lambda entity_schema: entity_schema.type,
    "primary_key": lambda entity_schema: entity_schema.primary_key,
    "default_projections": lambda entity_schema: entity_schema.default_projections,
    "system_projections": lambda entity_schema: entity_schema.system_projections or (),
    "alias_for": lambda entity_schema: entity_schema.alias_for,
    "mixin": lambda entity_schema: {
        name: value
        for name, value in (entity_schema.mixin or {}).items()
        if name != "$ref"
    },
    "metadata": lambda entity_schema: entity_schema.metadata or {},
    "extra": lambda entity_schema: entity_schema.extra,
    **{name_set: _names_without_attribute(name_set) for name_set in NAME_SETS},
}
_UNORDERED: Final = frozenset(
    {"default_projections", "system_projections", "enum", *NAME_SETS}
)
# Not inherited: equal changes of a type and its base are two changes, not one.
_UNINHERITED: Final = frozenset({"base", "alias_for", "mixin"})

_ORDER: Final[Mapping[type[SchemaChange], int]] = {
    TypeRemoved: 0,
    TypeAdded: 1,
    TypeChanged: 2,
    AttributeRemoved: 3,
    AttributeAdded: 4,
    AttributeChanged: 5,
}


def diff_schemas(old: Schema, new: Schema) -> tuple[SchemaChange, ...]:
    """Return the changes from `old` to `new`, sorted by type and attribute.

    The order of types, attributes and unordered lists does not matter. A change that
    a type shares with its base is reported at the base only.
    """
    changes_by_type = {
        name: _type_changes(name, old.types.get(name), new.types.get(name))
        for name in {**old.types, **new.types}
    }
    changes = [
        change
        for name, by_identity in changes_by_type.items()
        for identity, change in by_identity.items()
        # A removed attribute was inherited in the old schema; the new one may have
        # moved the type below another base.
        if identity
        not in _inherited(
            name, changes_by_type, old if type(change) is AttributeRemoved else new
        )
    ]
    return tuple(sorted(changes, key=_sort_key))


def _inherited(
    name: str,
    changes_by_type: Mapping[str, Mapping[str, SchemaChange]],
    schema: Schema,
) -> Collection[str]:
    """Return the identities of the changes of the nearest base in both schemas."""
    for base in schema.bases(name)[1:]:
        changes = changes_by_type[base.name]
        if not any(
            isinstance(change, TypeAdded | TypeRemoved) for change in changes.values()
        ):
            return changes.keys()
    return ()


def _type_changes(
    name: str, old: EntitySchema | None, new: EntitySchema | None
) -> dict[str, SchemaChange]:
    """Return the changes of one type by identity, including inherited ones."""
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
        old_value, new_value = read(old), read(new)
        if not _is_same(facet, old_value, new_value):
            yield TypeChanged(new.name, facet, old_value, new_value)


def _attribute_changes(old: EntitySchema, new: EntitySchema) -> Iterator[SchemaChange]:
    for name, attribute in old.attributes.items():
        if name not in new.attributes:
            yield AttributeRemoved(old.name, name, attribute)
    for name, attribute in new.attributes.items():
        old_attribute = old.attributes.get(name)
        if old_attribute is None:
            yield AttributeAdded(new.name, name, attribute)
            continue
        for facet in ATTRIBUTE_FACETS:
            old_value = getattr(old_attribute, facet)
            new_value = getattr(attribute, facet)
            if not _is_same(facet, old_value, new_value):
                yield AttributeChanged(new.name, name, facet, old_value, new_value)


# -- comparing ---------------------------------------------------------------


def _is_same(facet: str, old: Any, new: Any) -> bool:
    # Nearly all pairs end here; building the canonical texts is far slower.
    if old is new:
        return True
    if type(old) is type(new) is str:
        return bool(old == new)
    return _canonical(facet, old) == _canonical(facet, new)


def _canonical(facet: str, value: Any) -> str:
    """Return a text that is the same for values of the same meaning.

    The text is JSON, for Python's ``==`` does not distinguish 0 from False.
    """
    if value is UNSET or isinstance(value, AttributeKind):
        return repr(value)
    if facet in _UNORDERED and isinstance(value, Collection):
        value = sorted({_json_text(item) for item in value})
    return _json_text(value)


def _json_text(value: Any) -> str:
    # `json` cannot encode a MappingProxyType: `default` copies it into a dict.
    return json.dumps(value, sort_keys=True, default=dict)


def _identity(change: SchemaChange) -> str:
    """Return a text that is the same for the same change of another type."""
    match change:
        case TypeAdded() | TypeRemoved():
            parts = [change.type_name]
        case TypeChanged(facet=facet) if facet in _UNINHERITED:
            parts = [change.type_name, facet]
        case TypeChanged(facet=facet):
            parts = [facet, *_old_and_new(change)]
        case AttributeRemoved():
            # Without the definition: subtypes may have refined the attribute that
            # they lose together with the base.
            parts = [change.attribute]
        case AttributeAdded(definition=definition):
            values = (
                _canonical(facet, getattr(definition, facet))
                for facet in ATTRIBUTE_FACETS
            )
            parts = [change.attribute, *values]
        case AttributeChanged(facet=facet):
            parts = [change.attribute, facet, *_old_and_new(change)]
    return json.dumps([type(change).__name__, *parts])


def _old_and_new(change: TypeChanged | AttributeChanged) -> tuple[str, str]:
    return _canonical(change.facet, change.old), _canonical(change.facet, change.new)


def _sort_key(change: SchemaChange) -> tuple[str, int, str, str]:
    return (
        change.type_name,
        _ORDER[type(change)],
        getattr(change, "attribute", ""),
        getattr(change, "facet", ""),
    )


# -- text for people ---------------------------------------------------------


def _description(attribute: Attribute) -> str:
    if attribute.kind is AttributeKind.LINK:
        return f"link to {attribute.target}"
    if attribute.kind is AttributeKind.COLLECTION:
        return f"collection of {attribute.target}"
    if attribute.kind is AttributeKind.MAPPED:
        return f"mapping of {attribute.target}"
    return " ".join(part for part in (attribute.type, attribute.format) if part)


def _text(value: Any) -> str:
    if value is UNSET:
        return "nothing"
    if isinstance(value, AttributeKind):
        return value.value
    return _json_text(value)
