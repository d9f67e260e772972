"""One attribute of an entity class: the schema's values and how to check others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema

from ftrack_orm.entity.relation_storage import (
    CollectionStorage,
    LinkStorage,
    collection_storage,
    link_storage,
)
from ftrack_orm.entity.serialization import core_schema_of
from ftrack_orm.entity.validators import Check, check_for
from ftrack_orm.errors.entity import AttributeValueError
from ftrack_orm.schema.attribute_kind import EMPTY, MEMBERSHIP_ATTRIBUTES, AttributeKind
from ftrack_orm.types import JSON, UNSET, Sentinel

if TYPE_CHECKING:
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.schema.model import Attribute


class AttributeInfo:
    """One attribute of an entity class: the schema's values and how to check others.

    Attributes:
        name: the Python name.
        server_name: the name on the wire.
        kind, type, format, target, default, alias_for, description,
        key_value_attributes, restricted_projection, transform, enum, extra: as in
            `ftrack_orm.schema.model.Attribute`.
        nullable: whether ``None`` is a value.
        read_only: whether only the server sets it.
        exact: the type whose values need no further check, or ``None``.
        check: checks any other value.
        owner: the entity type whose class declares it.
        fast: the type whose values may be set with no further thought, or ``None``
            where setting means more than keeping a value.
        is_watched: whether links, collections or the entity's identity depend on it.
    """

    __slots__ = (
        "_collection_storage",
        "_foreign_key",
        "_inverse",
        "_link_storage",
        "alias_for",
        "check",
        "default",
        "description",
        "enum",
        "exact",
        "extra",
        "fast",
        "format",
        "is_watched",
        "key_value_attributes",
        "kind",
        "name",
        "nullable",
        "owner",
        "read_only",
        "restricted_projection",
        "server_name",
        "target",
        "transform",
        "type",
    )

    name: str
    server_name: str
    owner: TypeInfo
    check: Check
    exact: type | None
    fast: type | None
    is_watched: bool

    def __init__(
        self,
        *,
        kind: AttributeKind = AttributeKind.SCALAR,
        type: str | None = "string",
        format: str | None = None,
        target: str | None = None,
        default: Any = UNSET,
        alias_for: str | None = None,
        description: str | None = None,
        key_value_attributes: Mapping[str, str] | None = None,
        restricted_projection: bool | None = None,
        transform: Mapping[str, str] | None = None,
        enum: tuple[JSON, ...] | None = None,
        extra: Mapping[str, Any] = EMPTY,
        nullable: bool = True,
        read_only: bool = False,
    ) -> None:
        self.kind = kind
        self.type = type
        self.format = format
        self.target = target
        self.default = default
        self.alias_for = alias_for
        self.description = description
        self.key_value_attributes = key_value_attributes
        self.restricted_projection = restricted_projection
        self.transform = transform
        self.enum = enum
        self.extra = extra
        self.nullable = nullable
        self.read_only = read_only
        self._foreign_key: str | Sentinel | None = UNSET
        self._inverse: tuple[str, str] | Sentinel | None = UNSET
        self._link_storage: LinkStorage | None = None
        self._collection_storage: CollectionStorage | None = None

    def bind(self, name: str, server_name: str, owner: TypeInfo) -> None:
        """Settle the names and prepare the check; called once by the metaclass."""
        self.name = name
        self.server_name = server_name
        self.owner = owner
        self.exact, self.check = check_for(
            self.kind, self.type, self.format, self.enum, server_name
        )
        # Not every key that relations are made of has the format: `Note.parent_id`.
        self.is_watched = (
            self.format == "foreign_key"
            or server_name.endswith("_id")
            or server_name in owner.primary_key
            or (owner.name, server_name) in MEMBERSHIP_ATTRIBUTES
        )
        is_plain = (
            self.kind is AttributeKind.SCALAR
            and not self.read_only
            and not self.is_watched
        )
        self.fast = self.exact if is_plain else None

    @property
    def has_default(self) -> bool:
        """Return whether the schema gives a default."""
        return self.default is not UNSET

    @property
    def foreign_key(self) -> str | None:
        """Return the server name of the attribute that holds a link's key."""
        if self._foreign_key is UNSET:
            registry = self.owner.registry
            self._foreign_key = (
                registry._relations.foreign_key(self.owner.name, self.server_name)
                if registry is not None and self.kind is AttributeKind.LINK
                else None
            )
        return self._foreign_key  # type: ignore[return-value] # UNSET is replaced

    @property
    def inverse(self) -> tuple[str, str] | None:
        """Return type and attribute (server names) that show the other end."""
        if self._inverse is UNSET:
            registry = self.owner.registry
            self._inverse = (
                registry._relations.inverse(self.owner.name, self.server_name)
                if registry is not None and self.kind is not AttributeKind.SCALAR
                else None
            )
        return self._inverse  # type: ignore[return-value] # UNSET is replaced

    @property
    def link_storage(self) -> LinkStorage:
        """Return how a link is kept in memory."""
        if self._link_storage is None:
            self._link_storage = link_storage(self)
        return self._link_storage

    @property
    def collection_storage(self) -> CollectionStorage:
        """Return how the members of a collection are kept in memory."""
        if self._collection_storage is None:
            self._collection_storage = collection_storage(self)
        return self._collection_storage

    @property
    def target_type(self) -> str:
        """Return the type that a link or collection leads to on the server.

        The schema names ``Task`` where the server keeps every typed context.
        """
        if self.kind is AttributeKind.LINK:
            return self.link_storage.target
        return self.collection_storage.target

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Return a flat schema: no link's target is ever built with its owner."""
        return core_schema_of(self)

    def validate(self, value: Any) -> Any:
        """Return `value` in the form it is kept in.

        Raises:
            AttributeValueError: the attribute cannot take it.
        """
        if type(value) is self.exact:
            return value
        if value is None:
            if self.nullable:
                return None
            raise AttributeValueError(
                self.owner.name, self.name, value, f"{self.check.expected}, not None"
            )
        kept, problem = self.check.run(value)
        if problem is not None:
            raise AttributeValueError(self.owner.name, self.name, value, problem)
        return kept

    def to_schema(
        self, *, required: bool, immutable: bool, computed: bool
    ) -> Attribute:
        """Return the attribute as the schema has it."""
        from ftrack_orm.schema.model import Attribute

        return Attribute(
            name=self.server_name,
            kind=self.kind,
            type=self.type,
            format=self.format,
            target=self.target,
            default=self.default,
            alias_for=self.alias_for,
            description=self.description,
            key_value_attributes=self.key_value_attributes,
            restricted_projection=self.restricted_projection,
            transform=self.transform,
            enum=self.enum,
            extra=self.extra,
            required=required,
            immutable=immutable,
            computed=computed,
        )
