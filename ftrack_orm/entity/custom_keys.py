"""The keys of custom attributes as types: keys of a run, and keys of several entities.

Type checkers read the keys of an entity class from the parameter of its ``effective``:
any text for the stock models, a ``Literal`` in a studio's package.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import (
    TYPE_CHECKING,
    Generic,
    NewType,
    Protocol,
    TypeAlias,
    TypeVar,
    final,
)

if TYPE_CHECKING:
    from ftrack_orm.entity.effective_value import EffectiveValue
    from ftrack_orm.entity.entity import Entity

    _Root = Entity

    # Not a `str` to checkers: mypy refuses overloads of a subclass of `str` beside
    # those of literals.
    @final
    class CustomKey:
        """The key of a custom attribute that is known only at run time.

        A studio's package lists the keys of each type, and type checkers refuse other
        texts: ``shot.custom_attributes.is_set(CustomKey(key))`` takes any text. At run
        time it is the text itself.
        """

        def __init__(self, key: str, /) -> None: ...

else:
    CustomKey = NewType("CustomKey", str)
    _Root = object

K = TypeVar("K")
K_contra = TypeVar("K_contra", contravariant=True)
Reader_co = TypeVar("Reader_co", covariant=True)
T = TypeVar("T")


class _Reader(Protocol[K_contra]):
    """The method ``effective`` of an entity."""

    def __call__(self, key: K_contra) -> EffectiveValue:
        """Return the value of a key and the entity that stores it."""
        ...


# pyright infers the keys from a property that is a callable; from a protocol with the
# method itself it infers `str`.
class _Readable(Protocol[Reader_co]):
    """An entity, by the type of its method ``effective``."""

    @property
    def effective(self) -> Reader_co:
        """Return the method."""
        ...


Inheriting: TypeAlias = _Readable[_Reader[K]]
"""An entity that has custom attributes with the keys `K`."""


class InheritsValues(Generic[K_contra], _Root):
    """The base of types whose entities inherit values of hierarchical attributes.

    It is generic over the keys of the hierarchical custom attributes. When a program
    runs, a class with this base has `Entity` as its base.
    """

    if TYPE_CHECKING:

        def effective(self, key: K_contra) -> EffectiveValue:  # type: ignore[override] # stricter than in the base
            """Return a custom attribute's value, and the entity that stores it."""
            ...

    else:

        def __class_getitem__(cls, keys: object) -> InheritsValues:
            return cls()

        def __mro_entries__(self, bases: object) -> tuple[type[Entity]]:
            from ftrack_orm.entity.entity import Entity

            return (Entity,)


class _Nothing(Generic[T]):
    """A class without instances."""


# A type with a callable makes mypy infer the keys from the entities first, and then
# check the keys.
KeysOf: TypeAlias = Iterable[K] | _Nothing[Callable[[], K]]
"""Keys, inferred from the other arguments of a call."""
