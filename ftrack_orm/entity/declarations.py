"""Attribute declarations: what a checker reads, and what they are at run time.

To a type checker `Attr` and its kinds are descriptors with two readings: the value
on an instance, a query path on the class. At run time they are only names in an
annotation: a loaded value lies in the instance's ``__dict__``, where nothing stands
before it, and class-level reads go through the metaclass.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Generic, Never, TypeVar, Unpack, overload

from ftrack_orm.entity.attribute_info import AttributeInfo
from ftrack_orm.types import UNSET

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import StatedFacts
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
    *, default: Any = UNSET, init: bool = True, **facts: Unpack[StatedFacts]
) -> Any:
    """Declare an attribute of an entity class; a dataclass field specifier.

    A fact that is not stated comes from the attribute of the base that this one
    redefines, or follows from the annotation and the name
    (`ftrack_orm.schema.implied`): ``status_id`` holds the key of the link ``status``.

    Args:
        default: the schema's default. To a checker, any value (``UNSET`` included)
            makes the constructor argument optional; the server applies the default.
        init: whether the constructor takes it. A relation that it does not take is
            read-only; a scalar states that by its annotation too.
        **facts: the schema's facts:

            type: the schema's type, ``None`` where it has none.
            format: the schema's format.
            ref: the entity type that a link, collection or mapped array refers to.
            references: ``"User.id"``, the attribute that a foreign key refers to;
                stands for the `format` and the `description` of a foreign key.
            alias_for: the server's internal name.
            description: the schema's description.
            key_value_attributes: for mapped arrays, the names of key and value.
            restricted_projection: filter only, cannot be selected.
            transform: the schema's transform.
            enum: the allowed values, where the annotation is no ``Literal``.
            extra: keys of the schema that this library does not know.

    Raises:
        TypeError: a fact has an unknown name.
    """
    if not _FACTS.issuperset(facts):
        unknown = facts.keys() - _FACTS
        raise TypeError(
            f"attribute() takes no {', '.join(sorted(unknown))}. "
            f"Use {', '.join(sorted(_FACTS))}, default or init."
        )
    return AttributeInfo(default=default, read_only=not init, stated=facts)


_FACTS = frozenset(
    {
        "alias_for",
        "description",
        "enum",
        "extra",
        "format",
        "key_value_attributes",
        "ref",
        "references",
        "restricted_projection",
        "transform",
        "type",
    }
)
