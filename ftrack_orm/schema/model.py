"""A server's schema as typed values: what `query_schemas` says, without loss.

The raw words of the server stay as they are (`alias_for`, `system_projections`);
beside them stands what they mean (`kind`, `base`, `classifiers`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from ftrack_orm.errors.entity import UnknownEntityTypeError
from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.schema.attribute_kind import EMPTY, AttributeKind
from ftrack_orm.types import JSON, UNSET, JSONObject, Sentinel

__all__ = ["EMPTY", "Attribute", "AttributeKind", "EntitySchema", "Schema"]


@lazy_dataclass(frozen=True, slots=True)
class Attribute:
    """One property of a type.

    Attributes:
        name: the server's name.
        kind: what it holds.
        type: ``type`` as served; ``None`` where there is none (links).
        format: ``format`` as served, or ``None``.
        target: the type a link, collection or mapped array refers to.
        default: the served default, `UNSET` when there is none; ``"{uid}"`` asks
            the client for a new uuid4.
        alias_for: the internal name, or ``None``.
        description: as served, or ``None``.
        key_value_attributes: for mapped arrays, which attributes of the target are
            key and value.
        restricted_projection: filter only, cannot be selected.
        transform: as served; present where the value is a schema id on the wire.
        enum: the allowed values, or ``None``.
        extra: keys of the property this class does not know, kept; a known key
            stands here when its value is not of the kind the protocol says.
        required: named in the type's ``required``.
        immutable: named in the type's ``immutable``.
        computed: named in the type's ``computed``.
    """

    name: str
    kind: AttributeKind
    type: str | None = None
    format: str | None = None
    target: str | None = None
    default: JSON | Sentinel = UNSET
    alias_for: str | None = None
    description: str | None = None
    key_value_attributes: Mapping[str, str] | None = None
    restricted_projection: bool | None = None
    transform: Mapping[str, str] | None = None
    enum: tuple[JSON, ...] | None = None
    extra: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    required: bool = False
    immutable: bool = False
    computed: bool = False

    @property
    def has_default(self) -> bool:
        """Return whether the schema gives a default."""
        return self.default is not UNSET

    @property
    def is_relation(self) -> bool:
        """Return whether the value is made of other entities."""
        return self.kind is not AttributeKind.SCALAR

    def to_json(self) -> JSONObject:
        """Return the property as the server wrote it."""
        served: JSONObject = dict(self.extra)
        if self.type is not None:
            served["type"] = self.type
        if self.target is not None:
            if self.kind is AttributeKind.LINK:
                served["$ref"] = self.target
            else:
                served["items"] = {**served.get("items", {}), "$ref": self.target}
        if self.default is not UNSET:
            served["default"] = self.default
        for key in ("format", "alias_for", "description", "restricted_projection"):
            value = getattr(self, key)
            if value is not None:
                served[key] = value
        for key in ("key_value_attributes", "transform"):
            mapping = getattr(self, key)
            if mapping is not None:
                served[key] = dict(mapping)
        if self.enum is not None:
            served["enum"] = list(self.enum)
        return served


@lazy_dataclass(frozen=True, slots=True)
class EntitySchema:
    """One type of the schema.

    Attributes:
        name: the type's ``id``, used as ``entity_type`` on the wire.
        attributes: every attribute by server name, inherited ones included, in
            served order.
        primary_key: names of the key attributes, in order.
        base: the type it inherits from, said by ``$mixin`` or, in the older form,
            by ``alias_for`` and classifiers; ``None`` for a root.
        type: ``type`` as served, nearly always ``"object"``; ``None`` when absent.
        required, immutable, default_projections: as served, in order.
        computed, system_projections: as served, ``None`` when absent.
        alias_for: as served: an internal name, a mapping with ``id`` and
            ``classifiers``, or ``None``.
        mixin: ``$mixin`` as served, or ``None``.
        metadata: as served, or ``None``.
        extra: keys of the type this class does not know, kept; a known key stands
            here when its value is not of the kind the protocol says.
        absent: which of ``properties``, ``primary_key``, ``required``,
            ``immutable`` and ``default_projections`` the server did not send.
    """

    name: str
    attributes: Mapping[str, Attribute]
    primary_key: tuple[str, ...]
    base: str | None = None
    type: str | None = "object"
    required: tuple[str, ...] = ()
    immutable: tuple[str, ...] = ()
    default_projections: tuple[str, ...] = ()
    computed: tuple[str, ...] | None = None
    system_projections: tuple[str, ...] | None = None
    alias_for: str | Mapping[str, Any] | None = None
    mixin: Mapping[str, Any] | None = None
    metadata: Mapping[str, Any] | None = None
    extra: Mapping[str, Any] = field(default_factory=lambda: EMPTY)
    absent: frozenset[str] = frozenset()

    @property
    def table(self) -> str:
        """Return the internal table name: that of ``alias_for``, else the name."""
        if self.alias_for is None:
            return self.name
        if isinstance(self.alias_for, str):
            return self.alias_for
        return str(self.alias_for["id"])

    @property
    def classifiers(self) -> Mapping[str, str]:
        """Return internal attribute name to value, for types that share a table."""
        if isinstance(self.alias_for, Mapping):
            classifiers: Mapping[str, str] = self.alias_for.get("classifiers", EMPTY)
            return classifiers
        return EMPTY

    @property
    def is_group_by(self) -> bool:
        """Return whether ``group by`` is allowed (protocol 4.1)."""
        return bool(self.metadata and self.metadata.get("group_by"))

    def to_json(self) -> JSONObject:
        """Return the type as the server wrote it, but for the order of keys."""
        served: JSONObject = dict(self.extra)
        served["id"] = self.name
        if self.type is not None:
            served["type"] = self.type
        if "properties" not in self.absent:
            served["properties"] = {
                name: attribute.to_json() for name, attribute in self.attributes.items()
            }
        for key in ("primary_key", "required", "immutable", "default_projections"):
            if key not in self.absent:
                served[key] = list(getattr(self, key))
        for key in ("computed", "system_projections"):
            names = getattr(self, key)
            if names is not None:
                served[key] = list(names)
        for key, value in (
            ("alias_for", self.alias_for),
            ("$mixin", self.mixin),
            ("metadata", self.metadata),
        ):
            if value is not None:
                served[key] = value if isinstance(value, str) else dict(value)
        return served


@lazy_dataclass(frozen=True, slots=True)
class Schema:
    """Every type of a server by name, in served order."""

    types: Mapping[str, EntitySchema] = field(default_factory=dict)

    def __getitem__(self, name: str) -> EntitySchema:
        """Return the type called `name`.

        Raises:
            UnknownEntityTypeError: there is none; near names are offered.
        """
        found = self.types.get(name)
        if found is None:
            raise UnknownEntityTypeError(name, self.types)
        return found

    def __contains__(self, name: object) -> bool:
        return name in self.types

    def __iter__(self) -> Iterator[EntitySchema]:
        return iter(self.types.values())

    def __len__(self) -> int:
        return len(self.types)

    def bases(self, name: str) -> tuple[EntitySchema, ...]:
        """Return the type and those it inherits from, nearest first."""
        chain: list[EntitySchema] = []
        current: str | None = name
        while current is not None and current in self.types:
            entity_type = self.types[current]
            if any(seen.name == entity_type.name for seen in chain):
                break
            chain.append(entity_type)
            current = entity_type.base
        return tuple(chain)

    def subtypes(self, name: str) -> tuple[EntitySchema, ...]:
        """Return the type and every type below it, in served order."""
        root = self[name].name
        return tuple(
            candidate
            for candidate in self.types.values()
            if any(base.name == root for base in self.bases(candidate.name))
        )

    def to_json(self) -> list[JSONObject]:
        """Return the list `query_schemas` answers with."""
        return [entity_type.to_json() for entity_type in self.types.values()]
