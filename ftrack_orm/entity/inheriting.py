"""Types for `Session.effective`, which takes the keys that all its entities have.

Type checkers read the keys of an entity class from the parameter of its ``effective``:
any text for the stock models, a ``Literal`` in a studio's package.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from typing import TYPE_CHECKING, Generic, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    from ftrack_orm.entity.effective_value import EffectiveValue

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


class _Nothing(Generic[T]):
    """A class without instances."""


# A type with a callable makes mypy infer the keys from the entities first, and then
# check the keys.
KeysOf: TypeAlias = Iterable[K] | _Nothing[Callable[[], K]]
"""Keys, inferred from the other arguments of a call."""

# pyright infers the keys of a generator expression from a union of items, but not from
# a union of lists.
GeneratedKeys: TypeAlias = Generator[K | _Nothing[Callable[[], K]], None, None]
"""Keys of a generator expression, inferred in the same way."""
