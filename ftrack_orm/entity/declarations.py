"""Attribute declarations: what a checker reads, and what they are at run time.

To a type checker `Attr` and its kinds are descriptors with two readings: the value
on an instance, a query path on the class. At run time they are only names in an
annotation: a loaded value lies in the instance's ``__dict__``, where nothing stands
before it, and class-level reads go through the metaclass.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Generic, Never, TypeVar, overload

from ftrack_orm.entity.attribute_info import AttributeInfo
from ftrack_orm.schema.attribute_kind import EMPTY, AttributeKind
from ftrack_orm.types import JSON, UNSET, Sentinel

if TYPE_CHECKING:
    from ftrack_orm.entity.collection import TrackedList
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.mapped import MappedValues
    from ftrack_orm.query.path import Path
    from ftrack_orm.query.relation_paths import CollectionPath, MappedPath

E = TypeVar("E", bound="Entity")
T = TypeVar("T")


class Attr(Generic[T]):
    """A scalar attribute."""

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: None, owner: type[Any]) -> Path[T]: ...
        @overload
        def __get__(self, instance: Entity, owner: type[Any]) -> T: ...
        def __get__(self, instance: Entity | None, owner: type[Any]) -> Any: ...
        def __set__(self, instance: Entity, value: T) -> None: ...


class ReadOnly(Attr[T]):
    """A scalar attribute that only the server sets."""

    if TYPE_CHECKING:

        def __set__(self, instance: Entity, value: Never) -> None: ...  # type: ignore[override] # refusing every value is the point


class Ref(Generic[E]):
    """A link that always leads somewhere."""

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: None, owner: type[Any]) -> type[E]: ...
        @overload
        def __get__(self, instance: Entity, owner: type[Any]) -> E: ...
        def __get__(self, instance: Entity | None, owner: type[Any]) -> Any: ...
        def __set__(self, instance: Entity, value: E) -> None: ...


class OptionalRef(Generic[E]):
    """A link that may lead nowhere."""

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: None, owner: type[Any]) -> type[E]: ...
        @overload
        def __get__(self, instance: Entity, owner: type[Any]) -> E | None: ...
        def __get__(self, instance: Entity | None, owner: type[Any]) -> Any: ...
        def __set__(self, instance: Entity, value: E | None) -> None: ...


class Many(Generic[E]):
    """A collection of entities."""

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: None, owner: type[Any]) -> CollectionPath[E]: ...
        @overload
        def __get__(self, instance: Entity, owner: type[Any]) -> TrackedList[E]: ...
        def __get__(self, instance: Entity | None, owner: type[Any]) -> Any: ...
        def __set__(self, instance: Entity, value: Iterable[E]) -> None: ...


class Mapped(Generic[T]):
    """Key and value rows, read as a mapping from text to values."""

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: None, owner: type[Any]) -> MappedPath[T]: ...
        @overload
        def __get__(self, instance: Entity, owner: type[Any]) -> MappedValues[T]: ...
        def __get__(self, instance: Entity | None, owner: type[Any]) -> Any: ...
        def __set__(self, instance: Entity, value: Mapping[str, T]) -> None: ...


def attribute(
    *,
    default: Any = UNSET,
    init: bool = True,
    type: str | Sentinel | None = UNSET,
    format: str | None = None,
    ref: str | None = None,
    alias_for: str | None = None,
    description: str | None = None,
    key_value_attributes: Mapping[str, str] | None = None,
    restricted_projection: bool | None = None,
    transform: Mapping[str, str] | None = None,
    enum: tuple[JSON, ...] | None = None,
    extra: Mapping[str, Any] = EMPTY,
) -> Any:
    """Declare an attribute of an entity class; a dataclass field specifier.

    Args:
        default: the schema's default. To a checker, giving one (``UNSET`` included)
            makes the constructor argument optional; the value itself is the server's
            to apply.
        init: whether the constructor takes it. A relation that it does not take is
            read-only; a scalar says so by its annotation too.
        type: the schema's type, ``None`` where it has none; when not given,
            ``"string"``, and none for links.
        format: the schema's format.
        ref: the entity type that a link, collection or mapped array refers to.
        alias_for: the server's internal name.
        description: the schema's description.
        key_value_attributes: for mapped arrays, the names of key and value.
        restricted_projection: filter only, cannot be selected.
        transform: the schema's transform.
        enum: the allowed values.
        extra: keys of the schema that are not known here, kept.
    """
    kind = AttributeKind.SCALAR if ref is None else AttributeKind.LINK
    if ref is not None and type == "array":
        kind = AttributeKind.COLLECTION
    elif ref is not None and type == "mapped_array":
        kind = AttributeKind.MAPPED
    if isinstance(type, Sentinel):
        type = None if kind is AttributeKind.LINK else "string"
    return AttributeInfo(
        kind=kind,
        type=type,
        format=format,
        target=ref,
        default=default,
        alias_for=alias_for,
        description=description,
        key_value_attributes=key_value_attributes,
        restricted_projection=restricted_projection,
        transform=transform,
        enum=enum,
        extra=extra,
        read_only=not init,
    )
