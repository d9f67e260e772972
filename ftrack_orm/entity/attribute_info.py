"""The attribute of an entity class: schema options, value check and storage."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema

from ftrack_orm.entity.annotation import UNANNOTATED, read_annotation
from ftrack_orm.entity.relation_storage import (
    CollectionStorage,
    LinkStorage,
    collection_storage,
    link_storage,
)
from ftrack_orm.entity.serialization import core_schema_of
from ftrack_orm.entity.validators import Check, check_for
from ftrack_orm.errors.entity import AttributeValueError
from ftrack_orm.schema.attribute_kind import (
    COLLECTIONS,
    MEMBERSHIP_ATTRIBUTES,
    AttributeKind,
)
from ftrack_orm.schema.implied import (
    RELATION_TYPES,
    foreign_key_link,
    implied_options,
)
from ftrack_orm.schema.names import python_name
from ftrack_orm.types import JSON, UNSET, Sentinel

if TYPE_CHECKING:
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.schema.model import Attribute

    class AttributeOptions(TypedDict, total=False):
        """The schema options of an attribute declaration, see `attribute`."""

        type: str | None
        format: str | None
        ref: str | None
        references: str
        alias_for: str | None
        description: str | None
        key_value_attributes: Mapping[str, str] | None
        restricted_projection: bool | None
        transform: Mapping[str, str] | None
        enum: tuple[JSON, ...] | None
        extra: Mapping[str, Any]


# In the body of `AttributeInfo` the name `type` is the schema's type.
_Class: TypeAlias = type[Any]


class AttributeInfo:
    """An attribute of an entity class: schema options, value check and storage.

    Attributes:
        name: the Python name.
        server_name: the name on the wire.
        kind, type, format, target, default, alias_for, description,
        key_value_attributes, restricted_projection, transform, enum, extra: as in
            `ftrack_orm.schema.model.Attribute`.
        annotation: the parsed annotation.
        stated_options: the options written in the declaration.
        nullable: whether ``None`` is a valid value.
        read_only: whether only the server sets the attribute.
        exact: the type whose values are valid without a check, or ``None``.
        is_required: whether a create must send a value.
        owner: the entity type whose class declares the attribute.
        fast: the type whose values ``__setattr__`` stores directly, or ``None`` where
            an assignment needs a check or changes relations.
        is_watched: whether links, collections or the entity's identity depend on it.
    """

    __slots__ = (
        "_check",
        "_collection_storage",
        "_enum",
        "_foreign_key",
        "_inverse",
        "_link_storage",
        "_mapped_class",
        "alias_for",
        "annotation",
        "default",
        "description",
        "exact",
        "extra",
        "fast",
        "format",
        "is_required",
        "is_watched",
        "key_value_attributes",
        "kind",
        "name",
        "nullable",
        "owner",
        "read_only",
        "restricted_projection",
        "server_name",
        "stated_options",
        "target",
        "transform",
        "type",
    )

    name: str
    server_name: str
    owner: TypeInfo
    kind: AttributeKind
    type: str | None
    format: str | None
    target: str | None
    alias_for: str | None
    description: str | None
    key_value_attributes: Mapping[str, str] | None
    restricted_projection: bool | None
    transform: Mapping[str, str] | None
    extra: Mapping[str, Any]
    exact: _Class | None
    fast: _Class | None
    is_watched: bool

    def __init__(
        self,
        *,
        default: Any,
        read_only: bool,
        stated_options: AttributeOptions,
        is_required: bool = False,
    ) -> None:
        self.default = default
        self.read_only = read_only
        self.is_required = is_required
        self.stated_options = stated_options
        self.annotation = UNANNOTATED
        self.nullable = True
        self._check: Check | None = None
        self._enum: tuple[JSON, ...] | Sentinel | None = None
        self._foreign_key: str | Sentinel | None = UNSET
        self._inverse: tuple[str, str] | Sentinel | None = UNSET
        self._link_storage: LinkStorage | None = None
        self._collection_storage: CollectionStorage | None = None
        self._mapped_class: _Class | None = None

    def annotate(self, annotation: Any) -> None:
        """Parse the annotation and set `nullable` and `read_only` from it."""
        self.annotation = read_annotation(annotation)
        self.nullable = self.annotation.nullable
        # No annotation marks a read-only relation: `init=False` does.
        self.read_only = self.read_only or self.annotation.head == "ReadOnly"

    def bind(self, name: str, server_name: str, owner: TypeInfo) -> None:
        """Set names and options and choose the check; the metaclass calls it once.

        The links of a class must be bound before its scalars: the options of a foreign
        key follow from its link.
        """
        self.name = name
        self.server_name = server_name
        self.owner = owner
        self._apply_options()
        # Parsing every `Literal` at import would cost one parser run each, so the
        # values are parsed when the first value is checked.
        may_be_enumeration = self._enum is UNSET or bool(self._enum)
        self.exact = None
        if not may_be_enumeration:
            self.exact, self._check = check_for(
                self.kind, self.type, self.format, None, server_name
            )
        self.is_watched = self._holds_key()
        is_plain = (
            self.kind is AttributeKind.SCALAR
            and not self.read_only
            and not self.is_watched
        )
        self.fast = self.exact if is_plain else None

    def _holds_key(self) -> bool:
        """Return whether links, collections or the entity's identity depend on it."""
        # The server leaves out the format of some foreign keys: `Note.parent_id`.
        return (
            self.format == "foreign_key"
            or self.server_name.endswith("_id")
            or self.server_name in self.owner.primary_key
            or (self.owner.name, self.server_name) in MEMBERSHIP_ATTRIBUTES
        )

    def _apply_options(self) -> None:
        """Set the schema options: the stated ones, else the implied ones."""
        stated = self.stated_options
        redefined = self.owner.base
        inherited = redefined.attributes.get(self.name) if redefined else None
        references = stated.get("references")
        if references is None and inherited is None:
            references = self._linked_key()
        options = implied_options(
            self.annotation.head, self.annotation.inner, inherited, references
        )
        is_literal = self.annotation.inner == "Literal"
        self._enum = stated.get("enum", UNSET if is_literal else None)
        options.update(stated)
        self.type = options["type"]
        self.format = options["format"]
        self.target = options["ref"]
        self.alias_for = options["alias_for"]
        self.description = options["description"]
        self.key_value_attributes = options["key_value_attributes"]
        self.restricted_projection = options["restricted_projection"]
        self.transform = options["transform"]
        self.extra = options["extra"]
        self.kind = AttributeKind.SCALAR
        if self.target is not None:
            self.kind = COLLECTIONS.get(self.type, AttributeKind.LINK)

    def _linked_key(self) -> str | None:
        """Return ``"Status.id"`` for the scalar ``status_id`` of a link ``status``."""
        link_name = foreign_key_link(self.server_name)
        if link_name is None or self.annotation.head in RELATION_TYPES:
            return None
        link = self.owner.attributes.get(python_name(link_name))
        if link is None or link.annotation.head not in RELATION_TYPES:
            return None
        return f"{link.target}.id" if link.kind is AttributeKind.LINK else None

    @property
    def enum(self) -> tuple[JSON, ...] | None:
        """Return the allowed values, ``None`` without such a restriction."""
        if self._enum is UNSET:
            self._enum = self.annotation.literal_values()
        return self._enum  # type: ignore[return-value] # UNSET is replaced

    @property
    def check(self) -> Check:
        """Return the check for values that are not of the type `exact`."""
        if self._check is None:
            self._check = check_for(
                self.kind, self.type, self.format, self.enum, self.server_name
            )[1]
        return self._check

    @property
    def documentation(self) -> str:
        """Return the docstring of the attribute, an empty text if it has none."""
        from ftrack_orm.entity.source_docs import docstring_of

        return docstring_of(self)

    def documentation_of(self, key: str) -> str:
        """Return the docstring of a key of a mapping, else that of the attribute."""
        from ftrack_orm.entity.source_docs import docstring_of_key

        return docstring_of_key(self, key)

    @property
    def has_default(self) -> bool:
        """Return whether the schema has a default."""
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
        """Return the type and attribute of the relation's other end (server names)."""
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
        """Return the storage of a link."""
        if self._link_storage is None:
            self._link_storage = link_storage(self)
        return self._link_storage

    @property
    def collection_storage(self) -> CollectionStorage:
        """Return the storage of a collection."""
        if self._collection_storage is None:
            self._collection_storage = collection_storage(self)
        return self._collection_storage

    @property
    def mapped_class(self) -> _Class:
        """Return the class of a mapped attribute's values.

        It is the class that ``Custom[...]`` names, else `MappedValues`.
        """
        if self._mapped_class is None:
            self._mapped_class = self._find_mapped_class()
        return self._mapped_class

    @property
    def mapped_keys(self) -> Mapping[str, str]:
        """Return the keys of custom attributes by their names in a studio's package."""
        keys: Mapping[str, str] = getattr(self.mapped_class, "__keys__", {})
        return keys

    def _find_mapped_class(self) -> _Class:
        from ftrack_orm.entity.mapped import MappedValues

        if self.annotation.head != "Custom":
            # The class of a type that is newer than the models declares the attribute
            # again, and its base may be of a studio's package.
            base = self.owner.base
            inherited = None if base is None else base.attributes.get(self.name)
            return MappedValues if inherited is None else inherited.mapped_class
        # The module of the entity class defines or imports it.
        name = self.annotation.text.partition("[")[2].rstrip("]")
        named: _Class = getattr(sys.modules[self.owner.entity_class.__module__], name)
        return named

    @property
    def target_type(self) -> str:
        """Return the type of the entities that the server accepts as targets.

        The schema names ``Task`` for attributes whose targets are any typed context.
        """
        if self.kind is AttributeKind.LINK:
            return self.link_storage.target
        return self.collection_storage.target

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Return a flat core schema, so that building it builds no other class."""
        return core_schema_of(self)

    def validate(self, value: Any) -> Any:
        """Return `value` as it is stored.

        Raises:
            AttributeValueError: the value is not valid for the attribute.
        """
        if type(value) is self.exact:
            return value
        if value is None:
            if self.nullable:
                return None
            raise AttributeValueError(
                self.owner.name, self.name, value, f"{self.check.expected}, not None"
            )
        stored, expected = self.check.run(value)
        if expected is not None:
            raise AttributeValueError(self.owner.name, self.name, value, expected)
        return stored

    def to_schema(
        self, *, required: bool, immutable: bool, computed: bool
    ) -> Attribute:
        """Return the attribute as a node of the schema."""
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
