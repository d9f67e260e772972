"""Dataclasses that compile a constructor when it is first used.

`dataclasses.dataclass` compiles up to ten methods of each class while its module is
imported: about 0.4 ms for a frozen class with slots, 25 ms for those that a program
always imports. `lazy_dataclass` leaves the fields to `dataclasses`, so that `fields`,
`replace`, `asdict` and `match` patterns work as ever, shares all methods but the
constructor between classes, and compiles that when it is first used, in 0.05 ms.

Type checkers see the standard decorator. Its options are therefore written out at each
class, although one of them has a single legal value::

    @lazy_dataclass(frozen=True, slots=True)
    class Step:
        name: str
"""

from __future__ import annotations

from dataclasses import MISSING, Field, FrozenInstanceError, fields
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, Literal, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from dataclasses import dataclass as lazy_dataclass
    from types import FunctionType
else:
    from dataclasses import dataclass

__all__ = ["lazy_dataclass"]

T = TypeVar("T")


class _Constructor:
    """An `__init__` that is compiled, and replaced, when it is first looked up."""

    def __init__(self, cls: type) -> None:
        self._class = cls

    def __get__(self, instance: object, owner: type) -> Any:
        init = _compile_init(self._class)
        self._class.__init__ = init  # type: ignore[misc] # the purpose of this class
        return init.__get__(instance, owner)


def _compile_init(cls: type) -> FunctionType:
    """Return the constructor that `dataclasses` would write, storing through slots.

    A slot's own setter is a third faster than `object.__setattr__`.
    """
    names: dict[str, Any] = {"MISSING": MISSING}
    body = []
    for field in fields(cls):
        names[f"set_{field.name}"] = getattr(cls, field.name).__set__
        names[f"default_{field.name}"] = field.default
        names[f"make_{field.name}"] = field.default_factory
        body += _assignment(field)
    if hasattr(cls, "__post_init__"):
        body.append("self.__post_init__()")
    header = f"def __init__({', '.join(_parameters(fields(cls)))}):"
    exec("\n    ".join([header, *body, "pass"]), names)  # noqa: S102 # field names only
    init: FunctionType = names["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    init.__module__ = cls.__module__
    init.__annotations__ = {
        field.name: field.type for field in fields(cls) if field.init
    } | {"return": None}
    return init


def _assignment(field: Field[Any]) -> list[str]:
    """Return the lines that give one field its value."""
    name = field.name
    if field.default_factory is not MISSING:
        if not field.init:
            return [f"set_{name}(self, make_{name}())"]
        value = f"make_{name}() if {name} is MISSING else {name}"
        return [f"set_{name}(self, {value})"]
    # One that the constructor does not take is left to `__post_init__`.
    return [f"set_{name}(self, {name})"] if field.init else []


def _parameters(all_fields: Sequence[Field[Any]]) -> list[str]:
    """Return the parameters, those that have a name only behind a star."""
    taken = [field for field in all_fields if field.init]
    named = [_parameter(field) for field in taken if field.kw_only]
    return [
        "self",
        *(_parameter(field) for field in taken if not field.kw_only),
        *(["*", *named] if named else []),
    ]


def _parameter(field: Field[Any]) -> str:
    if field.default is not MISSING:
        return f"{field.name}=default_{field.name}"
    if field.default_factory is not MISSING:
        return f"{field.name}=MISSING"
    return field.name


@recursive_repr()
def _repr(self: Any) -> str:
    shown = ", ".join(
        f"{field.name}={getattr(self, field.name)!r}"
        for field in fields(self)
        if field.repr
    )
    return f"{type(self).__qualname__}({shown})"


def _values(names: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Return a function that reads these attributes as a tuple."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda self: tuple(getattr(self, name) for name in names)


def _refuse_set(self: object, name: str, value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_delete(self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _get_state(self: Any) -> list[Any]:
    return [getattr(self, field.name) for field in fields(self)]


def _set_state(self: Any, state: list[Any]) -> None:
    for field, value in zip(fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)


def _shared_methods(cls: type, frozen: bool) -> dict[str, Any]:
    """Return the methods of a dataclass, without its constructor."""
    compared = _values([field.name for field in fields(cls) if field.compare])

    def equals(self: Any, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        same: bool = compared(self) == compared(other)
        return same

    def hashed(self: Any) -> int:
        return hash(compared(self))

    methods: dict[str, Any] = {"__repr__": _repr, "__eq__": equals, "__hash__": None}
    if frozen:
        methods |= {
            "__hash__": hashed,
            "__setattr__": _refuse_set,
            "__delattr__": _refuse_delete,
            "__getstate__": _get_state,
            "__setstate__": _set_state,
        }
    return methods


if not TYPE_CHECKING:

    def lazy_dataclass(
        *, slots: Literal[True], frozen: bool = False, kw_only: bool = False
    ) -> Callable[[type[T]], type[T]]:
        """Return a decorator that makes a class a dataclass with slots.

        What a class defines itself, it keeps. Its options are those of
        `dataclasses.dataclass`; a class that needs others uses that one.
        """

        def decorate(cls: type[T]) -> type[T]:
            own = set(vars(cls))
            plain = dataclass(
                init=False, repr=False, eq=False, slots=slots, kw_only=kw_only
            )
            cls = plain(cls)
            for name, method in _shared_methods(cls, frozen).items():
                if name not in own:
                    setattr(cls, name, method)
            if "__init__" not in own:
                cls.__init__ = _Constructor(cls)
            # A dataclass may inherit from this class: it asks whether both are frozen.
            cls.__dataclass_params__.frozen = frozen
            return cls

        return decorate
