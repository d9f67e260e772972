"""Attribute declarations: annotations, and the `attribute` field specifier.

To a type checker the annotations are descriptors: reading an attribute gives its value
on an instance and a query path on the class. At run time they are only names inside an
annotation. A loaded scalar lies in the instance's ``__dict__``, without a descriptor
that would slow down its reads; class-level reads go through the metaclass.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Generic, Never, TypeVar, Unpack, overload

from ftrack_orm.entity.attribute_info import AttributeInfo
from ftrack_orm.types import UNSET

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeOptions
    from ftrack_orm.entity.collection import TrackedList
    from ftrack_orm.entity.custom_attribute_classes import CustomAttributes
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.mapped import MappedValues
    from ftrack_orm.query.mapped_paths import MappedPath
    from ftrack_orm.query.path import Path
    from ftrack_orm.query.relation_paths import CollectionPath
    from ftrack_orm.types import VariableValue

C = TypeVar("C", bound="CustomAttributes")
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

        def __set__(self, instance: Entity, value: Never) -> None: ...  # type: ignore[override] # no value is assignable


class Ref(Generic[E]):
    """A link that always has a target."""

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: None, owner: type[Any]) -> type[E]: ...
        @overload
        def __get__(self, instance: Entity, owner: type[Any]) -> E: ...
        def __get__(self, instance: Entity | None, owner: type[Any]) -> Any: ...
        def __set__(self, instance: Entity, value: E) -> None: ...


class OptionalRef(Generic[E]):
    """A link whose target may be ``None``."""

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
    """A mapped attribute: key and value rows, read as a mapping."""

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: None, owner: type[Any]) -> MappedPath[T]: ...
        @overload
        def __get__(self, instance: Entity, owner: type[Any]) -> MappedValues[T]: ...
        def __get__(self, instance: Entity | None, owner: type[Any]) -> Any: ...
        def __set__(self, instance: Entity, value: Mapping[str, T]) -> None: ...


class Custom(Generic[C]):
    """The custom attributes that a studio's package lists in the class `C`."""

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: None, owner: type[Any]) -> type[C]: ...
        @overload
        def __get__(self, instance: Entity, owner: type[Any]) -> C: ...
        def __get__(self, instance: Entity | None, owner: type[Any]) -> Any: ...
        def __set__(
            self, instance: Entity, value: C | Mapping[str, VariableValue]
        ) -> None: ...


class Named(Generic[T]):
    """A text attribute whose values a studio's package lists; any text can be set."""

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: None, owner: type[Any]) -> Path[T]: ...
        @overload
        def __get__(self, instance: Entity, owner: type[Any]) -> T: ...
        def __get__(self, instance: Entity | None, owner: type[Any]) -> Any: ...
        def __set__(self, instance: Entity, value: str) -> None: ...


def attribute(
    *, default: Any = ..., init: bool = True, **options: Unpack[AttributeOptions]
) -> Any:
    """Declare an attribute of an entity class; a dataclass field specifier.

    An option that is left out comes from the attribute of the base class that this one
    redefines, or follows from the annotation and the name
    (`ftrack_orm.schema.implied`): ``status_id`` is the foreign key of the link
    ``status``.

    Args:
        default: the schema's default, which the server applies. Any value, ``UNSET``
            included, makes the constructor argument optional. Without it type
            checkers require the argument, and a commit refuses a new entity that has
            no value.
        init: whether the constructor accepts the attribute. A relation with
            ``init=False`` is read-only; a read-only scalar has the annotation
            ``ReadOnly`` too.
        **options: the options of the schema:

            * type: the schema's type, ``None`` for a link.
            * format: the schema's format.
            * ref: the entity type that a link, collection or mapped array refers to.
            * references: ``"User.id"``, the attribute that a foreign key refers to. It
              sets the `format` and the `description` of a foreign key.
            * alias_for: the server's internal name.
            * description: the schema's description.
            * key_value_attributes: for mapped arrays, the names of key and value.
            * restricted_projection: whether queries may filter by the attribute but not
              select it.
            * transform: the schema's transform.
            * enum: the allowed values, unless the annotation is a ``Literal``.
            * extra: keys of the schema that this library does not model.

    Raises:
        TypeError: an option has an unknown name.
    """
    if not _OPTIONS.issuperset(options):
        unknown = options.keys() - _OPTIONS
        raise TypeError(
            f"attribute() takes no {', '.join(sorted(unknown))}. "
            f"Use {', '.join(sorted(_OPTIONS))}, default or init."
        )
    is_required = default is ... and init
    if default is ...:
        default = UNSET
    return AttributeInfo(
        default=default,
        read_only=not init,
        stated_options=options,
        is_required=is_required,
    )


_OPTIONS = frozenset(
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
