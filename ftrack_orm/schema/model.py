"""A server's schema as typed values, with nothing of the `query_schemas` reply lost.

Values of the reply are stored unchanged (`alias_for`, `system_projections`), next to
the values derived from them (`kind`, `base`, `classifiers`).
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
        kind: the form of its value.
        type: ``type`` as served; ``None`` if absent (links).
        format: ``format`` as served, or ``None``.
        target: the type a link, collection or mapped array refers to.
        default: the served default, `UNSET` if there is none; ``"{uid}"`` requires
            the client to send a new uuid4.
        alias_for: the internal name, or ``None``.
        description: as served, or ``None``.
        key_value_attributes: for mapped arrays, the attributes of the target that
            hold key and value.
        restricted_projection: true if queries may filter by it but not select it.
        transform: as served; present if the value is a schema id on the wire.
        enum: the allowed values, or ``None``.
        extra: the other members of the served property, and those whose value has a
            type that the protocol does not allow.
        required: listed in the type's ``required``.
        immutable: listed in the type's ``immutable``.
        computed: listed in the type's ``computed``.
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
        """Return whether the schema defines a default."""
        return self.default is not UNSET

    @property
    def is_relation(self) -> bool:
        """Return whether the value refers to other entities."""
        return self.kind is not AttributeKind.SCALAR

    def to_json(self) -> JSONObject:
        """Return the property as served, except for the order of its members."""
        content: JSONObject = dict(self.extra)
        if self.type is not None:
            content["type"] = self.type
        if self.target is not None:
            if self.kind is AttributeKind.LINK:
                content["$ref"] = self.target
            else:
                content["items"] = {**content.get("items", {}), "$ref": self.target}
        if self.default is not UNSET:
            content["default"] = self.default
        for key in ("format", "alias_for", "description", "restricted_projection"):
            value = getattr(self, key)
            if value is not None:
                content[key] = value
        for key in ("key_value_attributes", "transform"):
            mapping = getattr(self, key)
            if mapping is not None:
                content[key] = dict(mapping)
        if self.enum is not None:
            content["enum"] = list(self.enum)
        return content


@lazy_dataclass(frozen=True, slots=True)
class EntitySchema:
    """One type of the schema.

    Attributes:
        name: the type's ``id``, used as ``entity_type`` on the wire.
        attributes: every attribute by server name, including inherited ones, in
            served order.
        primary_key: names of the key attributes, in order.
        base: the type it inherits from, read from ``$mixin`` or, in the older form,
            from ``alias_for`` and classifiers; ``None`` for a root.
        type: ``type`` as served, nearly always ``"object"``; ``None`` if absent.
        required, immutable, default_projections: as served, in order.
        computed, system_projections: as served, ``None`` if absent.
        alias_for: as served: an internal name, a mapping with ``id`` and
            ``classifiers``, or ``None``.
        mixin: ``$mixin`` as served, or ``None``.
        metadata: as served, or ``None``.
        extra: the other members of the served type, and those whose value has a type
            that the protocol does not allow.
        absent: those of ``properties``, ``primary_key``, ``required``, ``immutable``
            and ``default_projections`` that the server did not send.
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
        """Return the internal table name: that in ``alias_for``, else the name."""
        if self.alias_for is None:
            return self.name
        if isinstance(self.alias_for, str):
            return self.alias_for
        return str(self.alias_for["id"])

    @property
    def classifiers(self) -> Mapping[str, str]:
        """Return internal names and values that select the type's rows in its table.

        Empty for a type that shares its table with no other type.
        """
        if isinstance(self.alias_for, Mapping):
            classifiers: Mapping[str, str] = self.alias_for.get("classifiers", EMPTY)
            return classifiers
        return EMPTY

    @property
    def is_group_by(self) -> bool:
        """Return whether ``group by`` is allowed (protocol 4.1)."""
        return bool(self.metadata and self.metadata.get("group_by"))

    def to_json(self) -> JSONObject:
        """Return the type as served, except for the order of its members."""
        content: JSONObject = dict(self.extra)
        content["id"] = self.name
        if self.type is not None:
            content["type"] = self.type
        if "properties" not in self.absent:
            content["properties"] = {
                name: attribute.to_json() for name, attribute in self.attributes.items()
            }
        for key in ("primary_key", "required", "immutable", "default_projections"):
            if key not in self.absent:
                content[key] = list(getattr(self, key))
        for key in ("computed", "system_projections"):
            names = getattr(self, key)
            if names is not None:
                content[key] = list(names)
        for key, value in (
            ("alias_for", self.alias_for),
            ("$mixin", self.mixin),
            ("metadata", self.metadata),
        ):
            if value is not None:
                content[key] = value if isinstance(value, str) else dict(value)
        return content


@lazy_dataclass(frozen=True, slots=True)
class Schema:
    """Every type of a server by name, in served order."""

    types: Mapping[str, EntitySchema] = field(default_factory=dict)

    def __getitem__(self, name: str) -> EntitySchema:
        """Return the type called `name`.

        Raises:
            UnknownEntityTypeError: there is none; the error suggests similar names.
        """
        entity_schema = self.types.get(name)
        if entity_schema is None:
            raise UnknownEntityTypeError(name, self.types)
        return entity_schema

    def __contains__(self, name: object) -> bool:
        return name in self.types

    def __iter__(self) -> Iterator[EntitySchema]:
        return iter(self.types.values())

    def __len__(self) -> int:
        return len(self.types)

    def bases(self, name: str) -> tuple[EntitySchema, ...]:
        """Return the type and the types it inherits from, nearest first.

        The result is empty if there is no such type.
        """
        chain: list[EntitySchema] = []
        current: str | None = name
        while current is not None and current in self.types:
            entity_schema = self.types[current]
            # `parse_schema` breaks cycles, but a Schema can also be built by hand.
            if any(base.name == entity_schema.name for base in chain):
                break
            chain.append(entity_schema)
            current = entity_schema.base
        return tuple(chain)

    def subtypes(self, name: str) -> tuple[EntitySchema, ...]:
        """Return the type and all types that inherit from it, in served order."""
        root = self[name].name
        return tuple(
            candidate
            for candidate in self.types.values()
            if any(base.name == root for base in self.bases(candidate.name))
        )

    def to_json(self) -> list[JSONObject]:
        """Return the result of `query_schemas`."""
        return [entity_schema.to_json() for entity_schema in self.types.values()]
