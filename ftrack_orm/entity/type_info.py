"""`TypeInfo`, the description of an entity class and its type in the schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.entity.attribute_info import AttributeInfo
from ftrack_orm.entity.core_schemas import make_serializer
from ftrack_orm.entity.keys import key_of
from ftrack_orm.entity.state import OWNERS
from ftrack_orm.entity.subclass_fields import Extension, extension_of
from ftrack_orm.entity.subtypes import is_only_owner
from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.schema.attribute_kind import EMPTY, AttributeKind
from ftrack_orm.schema.implied import NAME_LISTS, merge_names
from ftrack_orm.schema.names import python_name
from ftrack_orm.types import EntityKey, Keys

if TYPE_CHECKING:
    from pydantic_core import SchemaSerializer

    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.registry import Registry
    from ftrack_orm.query.protocols import TypeLike
    from ftrack_orm.schema.model import Attribute, EntitySchema

FORMER_NAME: Final = "entity_type_"
"""The former Python name of the attribute ``entity_type``; it is still understood."""


@lazy_dataclass(frozen=True, slots=True, kw_only=True)
class TypeOptions:
    """The options of an entity type, by server names.

    See `ftrack_orm.schema.model.EntitySchema` for their meaning.
    """

    entity_type: str
    key: tuple[str, ...]
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
    absent: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    """Attributes of the base that the subtype does not have."""


def inherit_options(
    entity_type: str, stated: Mapping[str, Any], base: TypeInfo | None
) -> TypeOptions:
    """Return the options of a class: the stated ones, and the base's for the rest.

    A list of names may contain ``...``, which means the other names of the base.
    ``alias_for``, ``type``, ``extra``, ``absent`` and ``lacking`` are not inherited.
    """
    if base is None:
        return TypeOptions(entity_type=entity_type, **{"key": ("id",), **stated})
    options = base.all_options
    values: dict[str, Any] = {
        "key": options.key,
        "metadata": options.metadata,
        "mixin": {"$ref": base.name},
        **stated,
    }
    for name in NAME_LISTS:
        inherited = getattr(options, name)
        names = values.get(name, inherited)
        if names is not None and ... in names:
            names = merge_names(names, inherited or ())
        values[name] = names
    return TypeOptions(entity_type=entity_type, **values)


class TypeInfo:
    """The description of an entity class.

    Attributes:
        name: the name of the type on the wire.
        primary_key: server names of the primary key, in order.
        attributes: all attributes by Python name, inherited ones included.
        own_attributes: the attributes that the class declares.
        options: the options that the class states, with the key of the base where it
            states none.
        base: the description of the base class, ``None`` for a root type.
        registry: the registry of the other classes.
        entity_class: the class.
    """

    def __init__(
        self,
        entity_type: str,
        stated_options: Mapping[str, Any],
        own_attributes: Mapping[str, AttributeInfo],
        base: TypeInfo | None,
        registry: Registry | None,
    ) -> None:
        base_key: tuple[str, ...] = ("id",) if base is None else base.primary_key
        options = TypeOptions(
            entity_type=entity_type, **{"key": base_key, **stated_options}
        )
        self.options = options
        self._stated_options = stated_options
        self.name: str = entity_type
        self.primary_key: tuple[str, ...] = options.key
        self.base = base
        self.registry = registry
        self.own_attributes = own_attributes
        inherited = base.attributes if base is not None else {}
        self.attributes: dict[str, AttributeInfo] = {
            **{
                name: attribute
                for name, attribute in inherited.items()
                if attribute.server_name not in options.lacking
            },
            **own_attributes,
        }
        self.entity_class: type[Entity]

    def __repr__(self) -> str:
        return f"TypeInfo({self.name})"

    @cached_property
    def all_options(self) -> TypeOptions:
        """Return the options of the type, those of the base included."""
        # A user's subclass describes the same type and states nothing.
        if self.base is not None and self.base.name == self.name:
            return self.base.all_options
        return inherit_options(self.name, self._stated_options, self.base)

    @cached_property
    def python_primary_key(self) -> tuple[str, ...]:
        """Return the Python names of the primary key, in order."""
        return tuple(python_name(name) for name in self.primary_key)

    @cached_property
    def by_server_name(self) -> dict[str, AttributeInfo]:
        """Return all attributes by server name."""
        return {
            attribute.server_name: attribute for attribute in self.attributes.values()
        }

    @cached_property
    def stored_scalars(self) -> tuple[AttributeInfo, ...]:
        """Return the scalars that the server stores, the default of a select.

        Computed attributes, paths (``link``, ``_link``), picture addresses and
        deprecated attributes cost the server work or repeat other values, so they are
        loaded when they are read.
        """
        computed = set(self.all_options.computed or ())
        return tuple(
            attribute
            for attribute in self.attributes.values()
            if attribute.kind is AttributeKind.SCALAR
            and attribute.type not in ("object", None)
            and attribute.server_name not in computed
            and attribute.server_name not in ("link", "_link")
            and "deprecated" not in (attribute.description or "")
        )

    @cached_property
    def required_values(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return the attributes that a create must send.

        Each has the server names under which it can be sent: a link is sent as its
        foreign key where it has one.
        """
        return tuple(
            (attribute.name, (attribute.foreign_key or "", attribute.server_name))
            for attribute in self.attributes.values()
            if attribute.is_required
        )

    @cached_property
    def links_by_foreign_key(self) -> dict[str, tuple[AttributeInfo, ...]]:
        """Return the links of each foreign key by Python name of the foreign key."""
        links: dict[str, tuple[AttributeInfo, ...]] = {}
        for attribute in self.attributes.values():
            if (
                attribute.kind is AttributeKind.LINK
                and attribute.foreign_key is not None
            ):
                holder = python_name(attribute.foreign_key)
                links[holder] = (*links.get(holder, ()), attribute)
        return links

    @cached_property
    def root(self) -> str:
        """Return the name of the topmost base type.

        The server stores a type and its subtypes in one table, so a key is unique
        among all types with the same root.
        """
        return self.name if self.base is None else self.base.root

    @cached_property
    def extension(self) -> Extension | None:
        """Return the parts that a user's subclass adds, ``None`` if there are none."""
        return extension_of(self.entity_class)

    @cached_property
    def serializer(self) -> SchemaSerializer:
        """Return the pydantic serializer for the loaded values of the class."""
        return make_serializer(self.entity_class)

    @cached_property
    def relations(self) -> tuple[AttributeInfo, ...]:
        """Return the links, collections and mapped attributes."""
        return tuple(
            attribute
            for attribute in self.attributes.values()
            if attribute.kind is not AttributeKind.SCALAR
        )

    def type_named(self, name: str) -> TypeInfo:
        """Return another type of the same models.

        Raises:
            UnknownEntityTypeError: the models have no such type.
        """
        if name == self.name or self.registry is None:
            return self
        return self.registry.resolve(name).__ftrack__

    def is_kind_of(self, name: str) -> bool:
        """Return whether this is the type `name` or inherits from it."""
        type_info: TypeInfo | None = self
        while type_info is not None:
            if type_info.name == name:
                return True
            type_info = type_info.base
        return False

    def is_only_owner(self, name: str, base: TypeLike) -> bool:
        """Return whether only this one of the subtypes of `base` has `name`."""
        return is_only_owner(self, name, base)

    def known_keys(self, attribute: AttributeInfo) -> list[str]:
        """Return the keys of a mapped attribute in memory of any session, sorted."""
        from ftrack_orm.entity.listing import declared_keys

        keys = set(declared_keys(attribute))
        return sorted(keys.union(*(one.known_keys(self, attribute) for one in OWNERS)))

    def key_of(self, keys: Keys) -> EntityKey:
        """Return `keys` as this type's primary key, see `key_of`.

        Raises:
            EntityKeyError: the number of values is wrong, or a value is not valid.
        """
        return key_of(self, keys)

    def _in_server_order(self) -> Iterator[AttributeInfo]:
        """Yield all attributes in the order of servers: declared ones come first."""
        yield from self.own_attributes.values()
        if self.base is not None:
            for attribute in self.base._in_server_order():
                if (
                    attribute.name in self.attributes
                    and attribute.name not in self.own_attributes
                ):
                    yield attribute

    def _attribute_schemas(self) -> dict[str, Attribute]:
        """Return the schemas of the attributes by server name."""
        required = frozenset(self.all_options.required)
        immutable = frozenset(self.all_options.immutable)
        computed = frozenset(self.all_options.computed or ())
        return {
            attribute.server_name: attribute.to_schema(
                required=attribute.server_name in required,
                immutable=attribute.server_name in immutable,
                computed=attribute.server_name in computed,
            )
            for attribute in self._in_server_order()
        }

    def to_schema(self) -> EntitySchema:
        """Return the schema of the type, inherited attributes included."""
        from ftrack_orm.schema.model import EntitySchema

        options = self.all_options
        return EntitySchema(
            name=self.name,
            attributes=self._attribute_schemas(),
            primary_key=options.key,
            base=self.base.name if self.base is not None else None,
            type=options.type,
            required=options.required,
            immutable=options.immutable,
            default_projections=options.default_projections,
            computed=options.computed,
            system_projections=options.system_projections,
            alias_for=options.alias_for,
            mixin=options.mixin,
            metadata=options.metadata,
            extra=options.extra,
            absent=frozenset(options.absent),
        )
