"""Classes of typed custom attributes, which a studio's package declares.

To a type checker such a class read on an entity has values, and read on an entity class
it has query paths, as entity classes have: ``shot.custom_attributes.fstart`` is a
number, ``Shot.custom_attributes.fstart`` the path of that number. At run time it is the
class of the mapping that holds the values.
"""

from __future__ import annotations

from abc import ABCMeta
from collections.abc import (
    ItemsView,
    Iterator,
    KeysView,
    Mapping,
    Sequence,
    ValuesView,
)
from typing import (
    TYPE_CHECKING,
    Any,
    Generic,
    Never,
    NoReturn,
    Protocol,
    TypeVar,
    overload,
)

from ftrack_orm.entity.annotation import read_annotation
from ftrack_orm.entity.mapped import MappedValues
from ftrack_orm.entity.tracking import is_new
from ftrack_orm.errors.entity import (
    AttributeValueError,
    NotLoadedError,
    ReadOnlyAttributeError,
    UnknownAttributeError,
)
from ftrack_orm.errors.query import CriterionError
from ftrack_orm.types import CustomLinkDeclaration

if TYPE_CHECKING:
    from ftrack_orm.entity.custom_keys import CustomKey
    from ftrack_orm.entity.effective_value import EffectiveValue
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.query.criterion import Criterion
    from ftrack_orm.query.custom_link_path import CustomLinkPath
    from ftrack_orm.query.mapped_paths import ChoicesPath, MappedItemPath
    from ftrack_orm.types import VariableValue

    # Checkers must not see the methods that take any key: the generated classes
    # declare them for the keys that the studio has.
    _Values = object
else:
    _Values = MappedValues

C = TypeVar("C", bound="CustomAttributes")
E = TypeVar("E", bound="Entity")
T = TypeVar("T")

__all__ = [
    "CustomAttr",
    "CustomAttributes",
    "CustomAttributesMeta",
    "CustomChoices",
    "CustomLink",
    "custom_attribute",
    "custom_link",
]


class _Declaration:
    """One custom attribute of a class: a descriptor of the value with its key."""

    __slots__ = ("default", "key", "owner")

    def __init__(self, key: str, default: Any) -> None:
        self.key = key
        self.default = default

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self.key = self.key or name
        self.owner = owner

    def __get__(self, values: Any, owner: type[Any]) -> Any:
        return self if values is None else values[self.key]

    def __set__(self, values: Any, value: Any) -> None:
        values[self.key] = value

    def __delete__(self, values: Any) -> None:
        del values[self.key]

    def __repr__(self) -> str:
        return f"custom_attribute({self.key!r})"

    # Type checkers see a path on the class. It is one on an entity class only.
    def _refuse(self, *operands: Any) -> NoReturn:
        raise _not_a_path(self.owner)

    __lt__ = __le__ = __gt__ = __ge__ = _refuse

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        self._refuse()


class CustomAttr(Generic[T]):
    """A custom attribute of one value."""

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: None, owner: type[Any]) -> MappedItemPath[T]: ...
        @overload
        def __get__(self, instance: CustomAttributes, owner: type[Any]) -> T: ...
        def __get__(
            self, instance: CustomAttributes | None, owner: type[Any]
        ) -> Any: ...
        def __set__(self, instance: CustomAttributes, value: T) -> None: ...
        def __delete__(self, instance: CustomAttributes) -> None: ...


class CustomChoices(Generic[T]):
    """An enumerator: a list of choices; one choice can be set without a list."""

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: None, owner: type[Any]) -> ChoicesPath[T]: ...
        @overload
        def __get__(self, instance: CustomAttributes, owner: type[Any]) -> list[T]: ...
        def __get__(
            self, instance: CustomAttributes | None, owner: type[Any]
        ) -> Any: ...
        def __set__(
            self, instance: CustomAttributes, value: T | Sequence[T]
        ) -> None: ...
        def __delete__(self, instance: CustomAttributes) -> None: ...


class _Link:
    """The declaration of a custom attribute that links entities."""

    __slots__ = ("facts",)

    def __init__(self, facts: dict[str, str]) -> None:
        self.facts = facts

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self.facts["key"] = self.facts["key"] or name

    def __get__(self, values: Any, owner: type[Any]) -> Any:
        return self if values is None else values._linked(self.facts["key"])

    def __set__(self, values: Any, value: Any) -> None:
        del value
        self.__delete__(values)

    def __delete__(self, values: Any) -> None:
        raise ReadOnlyAttributeError(
            f"{type(values._owner).__name__}.{values._attribute.name}",
            self.facts["key"],
            f"create and remove {self.facts['row_type']} entities instead",
        )


class CustomLink(Generic[E]):
    """A custom attribute that links entities; it is edited through its link rows."""

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: None, owner: type[Any]) -> CustomLinkPath[E]: ...
        @overload
        def __get__(
            self, instance: CustomAttributes, owner: type[Any]
        ) -> tuple[E, ...]: ...
        def __get__(
            self, instance: CustomAttributes | None, owner: type[Any]
        ) -> Any: ...
        def __set__(self, instance: CustomAttributes, value: Never) -> None: ...


def custom_link(
    target: str, *, link: str, row_type: str, row_target: str = "", key: str = ""
) -> Any:
    """Declare a custom attribute link in a class of `CustomAttributes`.

    Args:
        target: the type of the linked entities.
        link: the link to them on the rows, ``"user"``.
        row_type: the type of the rows, ``"UserCustomAttributeLink"``.
        row_target: the type that the link of the rows is declared with, by default
            `target`.
        key: the key on the server, by default the name in the class.
    """
    facts = {"target": target, "link": link, "row_type": row_type, "key": key}
    return _Link({**facts, "row_target": row_target or target})


def custom_attribute(*, key: str = "", default: Any = None) -> Any:
    """Declare a custom attribute in a class of `CustomAttributes`.

    Args:
        key: the key on the server, by default the name in the class.
        default: the value of entities without a stored value; informative.
    """
    return _Declaration(key, default)


class CustomAttributesMeta(ABCMeta):
    """Gives a class of custom attributes the methods of its path.

    A type checker sees `Shot.custom_attributes` as the class; at run time it is a
    `MappedPath`. Called on the class itself the methods raise. A generated package has
    a subclass for each class with keys, which declares the type of each key.
    """

    if not TYPE_CHECKING:

        def __new__(mcs, name: str, bases: Any, namespace: Any, **options: Any) -> Any:
            """Create the class without a ``__dict__``: a wrong name cannot be set."""
            namespace.setdefault("__slots__", ())
            return super().__new__(mcs, name, bases, namespace, **options)

        def __call__(cls, *args: Any, **options: Any) -> NoReturn:
            """Raise `CriterionError`: only an entity has the values of a class."""
            raise _not_a_path(cls)

    def __getitem__(cls, key: CustomKey) -> MappedItemPath[VariableValue]:
        del key
        raise _not_a_path(cls)

    def any(cls, *criteria: Criterion) -> Criterion:
        """Match entities of which one row satisfies all `criteria`."""
        del criteria
        raise _not_a_path(cls)


def _not_a_path(cls: type[Any]) -> CriterionError:
    return CriterionError(
        f"{cls.__name__} lists custom attributes. Read them on an entity class, as in "
        "Shot.custom_attributes."
    )


class _CastValues(Protocol):
    def __call__(self, target: type[C]) -> C: ...


class _CastPath(Protocol):
    def __call__(self, target: type[C]) -> type[C]: ...


class _As:
    """`CustomAttributes.as_` for type checkers: on values, and on their path."""

    @overload
    def __get__(self, instance: None, owner: type[Any]) -> _CastPath: ...
    @overload
    def __get__(self, instance: CustomAttributes, owner: type[Any]) -> _CastValues: ...
    def __get__(self, instance: CustomAttributes | None, owner: type[Any]) -> Any: ...


class CustomAttributes(_Values, metaclass=CustomAttributesMeta):
    """The custom attributes of an entity: a mapping with an attribute for each key.

    Keys that are no identifiers are read as items. Type checkers accept the keys that
    the class lists; `CustomKey` marks a key that is known only at run time. A class
    for one project has the keyword ``project`` with its id.
    """

    if TYPE_CHECKING:
        as_ = _As()
        """Return the values, or the path, typed by a class for a project."""

        __keys__: Mapping[str, str]
        __links__: Mapping[str, CustomLinkDeclaration]
        __lists__: frozenset[str]
        __project__: str | None

        def __iter__(self) -> Iterator[str]: ...
        def __len__(self) -> int: ...
        def __contains__(self, key: object) -> bool: ...
        def __getitem__(self, key: CustomKey) -> VariableValue: ...
        def __setitem__(self, key: CustomKey, value: VariableValue) -> None: ...
        def __delitem__(self, key: CustomKey) -> None: ...

        def keys(self) -> KeysView[str]:
            """Return the keys of all custom attributes of the entity."""
            ...

        def values(self) -> ValuesView[VariableValue]:
            """Return their values."""
            ...

        def items(self) -> ItemsView[str, VariableValue]:
            """Return keys and values."""
            ...

        def get(self, key: str, default: VariableValue = None) -> VariableValue:
            """Return the value of any key, also one that the class does not list."""
            ...

        def is_set(self, key: CustomKey) -> bool:
            """Return whether `key` has a stored value and not only a default."""
            ...

        def effective(self, key: CustomKey) -> EffectiveValue:
            """Return a value, inherited if it is hierarchical, and its entity."""
            ...

        def update(self, values: Mapping[str, VariableValue], /) -> None:
            """Set several keys; all are checked before any is set."""
            ...

        def replace(self, values: Mapping[str, VariableValue]) -> None:
            """Replace all values; other custom attributes get their defaults."""
            ...

        def clear(self) -> None:
            """Give all custom attributes their defaults."""
            ...

        @property
        def values_by_key(self) -> dict[str, Any]:
            """Return a copy of the loaded values; nothing is loaded."""
            ...

    else:
        __keys__ = {}
        __links__ = {}
        __lists__ = frozenset()
        __project__ = None

        def __getitem__(self, key: Any) -> Any:
            value = super().__getitem__(key)
            # The server has no list for an enumerator that was never set.
            if value is None and key in self.__lists__:
                return self._tracked(self.row_name(key), [])
            return value

        def __getattr__(self, name: str) -> NoReturn:
            raise self._unknown_attribute(name)

        def __setattr__(self, name: str, value: Any) -> None:
            try:
                object.__setattr__(self, name, value)
            except AttributeError:
                if hasattr(type(self), name):
                    raise
                raise self._unknown_attribute(name) from None

        def __delattr__(self, name: str) -> None:
            if not hasattr(type(self), name):
                raise self._unknown_attribute(name)
            object.__delattr__(self, name)

        def _unknown_attribute(self, name: str) -> UnknownAttributeError:
            return UnknownAttributeError(
                f"{type(self._owner).__name__}.{self._attribute.name}",
                name,
                (*self.__keys__, *self.__links__),
            )

        def _linked(self, key: str) -> tuple[Any, ...]:
            """Return the entities that a custom attribute links to; may load them.

            Raises:
                NotLoadedError: they are not loaded, and the entity is in no session.
            """
            if key not in self._custom_rows.links:
                if is_new(self._owner):
                    return ()
                session = self._owner.__ftrack_state__.owner
                if session is None:
                    raise NotLoadedError(
                        repr(self._owner),
                        f"{self._attribute.name}.{key}",
                        "Get the entity in a session, which can read its links.",
                    )
                [link] = [each for each in self.__links__.values() if each.key == key]
                session.load_custom_links(self._owner, self._attribute, link)
            return self._custom_rows.links[key]

    def __init_subclass__(cls, *, project: str | None = None) -> None:
        """Collect the declarations of a class.

        Args:
            project: the id of the project that the class is for.
        """
        super().__init_subclass__()
        cls.__project__ = project or cls.__project__
        declared = {
            name: value
            for name, value in vars(cls).items()
            if isinstance(value, _Declaration)
        }
        annotations = vars(cls).get("__annotations__", {})
        lists = {
            declaration.key
            for name, declaration in declared.items()
            if read_annotation(annotations.get(name, "")).head == "CustomChoices"
        }
        keys = {name: declaration.key for name, declaration in declared.items()}
        cls.__keys__ = {**cls.__keys__, **keys}
        cls.__links__ = {
            **cls.__links__,
            **{
                name: CustomLinkDeclaration(**value.facts)
                for name, value in vars(cls).items()
                if isinstance(value, _Link)
            },
        }
        cls.__lists__ = cls.__lists__ - set(keys.values()) | lists

    if not TYPE_CHECKING:

        def as_(self, target: type[C]) -> C:
            """Return the same values, typed by a class for the entity's project.

            Raises:
                AttributeValueError: the entity is of another project, or `target` is
                    not a class for its custom attributes.
            """
            project = vars(self._owner).get("project_id") or target.__project__
            is_subclass = issubclass(target, type(self))
            if not is_subclass or target.__project__ not in (None, project):
                name = type(self._owner).__ftrack__.name
                expected = f"a class for the custom attributes of this {name}"
                attribute = f"{self._attribute.name}.as_()"
                raise AttributeValueError(name, attribute, target, expected)
            # The mapping is one object for the life of its entity, so its class
            # changes.
            self.__class__ = target
            return self
