"""`CustomKey` and `InheritsValues`, which a studio's package needs at run time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, NewType, TypeVar, final

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

K_contra = TypeVar("K_contra", contravariant=True)


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
