"""Dataclasses whose class statement is cheap; the rest is made at first use.

`dataclasses.dataclass` inspects each field and compiles up to ten methods of a class
while its module is imported: 0.4 ms for a frozen class with slots, and 25 ms for those
that a program always imports. `lazy_dataclass` makes the slots only. All classes share
one `__eq__`, `__hash__` and `__repr__`; the constructor and `__dataclass_fields__` are
made when they are first looked up, so that `fields`, `replace`, `asdict`, `match`
patterns, pickling and signatures work as ever.

Type checkers see the standard decorator. Its options are therefore written out at each
class, although `slots` has a single legal value::

    @lazy_dataclass(frozen=True, slots=True)
    class Step:
        name: str
"""

from __future__ import annotations

from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, fields
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, Literal, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from dataclasses import dataclass as lazy_dataclass
    from types import FunctionType

__all__ = ["lazy_dataclass"]

T = TypeVar("T")

_FIELDS = "__dataclass_fields__"
_PARAMETERS = "__dataclass_params__"
_COMPARED = "__compared_values__"


class _Factory:
    """The default of a parameter whose value a factory makes."""

    def __repr__(self) -> str:
        return "<factory>"


_FACTORY = _Factory()


class _OnFirstUse:
    """A class attribute that is made, and replaced, when it is first looked up."""

    def __init__(self, name: str, make: Callable[[], Any]) -> None:
        self._name = name
        self._make = make
        self.owner: type = object

    def __get__(self, instance: object, owner: type) -> Any:
        setattr(self.owner, self._name, self._make())
        return getattr(owner if instance is None else instance, self._name)


# -- methods that all classes share ------------------------------------------------


def _equals(self: Any, other: Any) -> Any:
    if other.__class__ is not self.__class__:
        return NotImplemented
    values = self.__compared_values__
    return values(self) == values(other)


def _hash(self: Any) -> int:
    return hash(self.__compared_values__(self))


@recursive_repr()
def _repr(self: Any) -> str:
    shown = ", ".join(
        f"{field.name}={getattr(self, field.name)!r}"
        for field in fields(self)
        if field.repr
    )
    return f"{type(self).__qualname__}({shown})"


def _refuse_set(self: object, name: str, value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_delete(self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _get_state(self: Any) -> list[Any]:
    return [getattr(self, field.name) for field in fields(self)]


def _set_state(self: Any, state: list[Any]) -> None:
    for field, value in zip(fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)


_METHODS = {"__repr__": _repr, "__eq__": _equals}
_FROZEN_METHODS = {
    **_METHODS,
    "__hash__": _hash,
    "__setattr__": _refuse_set,
    "__delattr__": _refuse_delete,
    "__getstate__": _get_state,
    "__setstate__": _set_state,
}


def _compared_values(cls: type) -> staticmethod[[Any], tuple[Any, ...]]:
    """Return a function that reads the compared attributes as a tuple."""
    names = [field.name for field in fields(cls) if field.compare]
    if len(names) > 1:
        return staticmethod(attrgetter(*names))
    return staticmethod(lambda self: tuple(getattr(self, name) for name in names))


# -- the constructor ---------------------------------------------------------------


def _compile_init(cls: type) -> FunctionType:
    """Return the constructor that `dataclasses` would write, storing through slots.

    A slot's own setter is a third faster than `object.__setattr__`.
    """
    names: dict[str, Any] = {"FACTORY": _FACTORY}
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
        made = f"make_{name}()"
        value = f"{made} if {name} is FACTORY else {name}" if field.init else made
        return [f"set_{name}(self, {value})"]
    # A field that the constructor does not take is left to `__post_init__`.
    return [f"set_{name}(self, {name})"] if field.init else []


def _parameters(all_fields: Sequence[Field[Any]]) -> list[str]:
    """Return the parameters, keyword-only ones last."""
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
        return f"{field.name}=FACTORY"
    return field.name


# -- the class ---------------------------------------------------------------------

if not TYPE_CHECKING:

    def lazy_dataclass(
        *, slots: Literal[True], frozen: bool = False, kw_only: bool = False
    ) -> Callable[[type[T]], type[T]]:
        """Return a decorator that makes a class a dataclass with slots.

        A method that the class defines itself is kept. The options are those of
        `dataclasses.dataclass`; a class that needs others uses that decorator.
        """
        del slots

        def decorate(cls: type[T]) -> type[T]:
            return _with_slots(cls, frozen, kw_only)

        return decorate


def _with_slots(cls: type, frozen: bool, kw_only: bool) -> Any:
    """Return the class again, with slots and the methods of a dataclass."""
    own = vars(cls)
    annotations = own.get("__annotations__", {})
    names = [name for name, kind in annotations.items() if "ClassVar" not in str(kind)]
    defaults = {name: own[name] for name in names if name in own}
    made: Any = None
    lazily: dict[str, Callable[[], Any]] = {
        "__init__": lambda: _compile_init(made),
        _FIELDS: lambda: getattr(standard(), _FIELDS),
        _PARAMETERS: lambda: getattr(standard(), _PARAMETERS),
        _COMPARED: lambda: _compared_values(made),
    }
    attributes = {name: _OnFirstUse(name, make) for name, make in lazily.items()}

    def standard() -> Any:
        return _standard_dataclass(made, defaults, frozen, kw_only)

    namespace: dict[str, Any] = {
        **(_FROZEN_METHODS if frozen else _METHODS),
        **attributes,
        **own,
        "__slots__": tuple(names),
        "__match_args__": _match_arguments(cls, names, defaults, kw_only),
        "__qualname__": cls.__qualname__,
    }
    for name in ("__dict__", "__weakref__", *defaults):
        namespace.pop(name, None)
    made = type(cls)(cls.__name__, cls.__bases__, namespace)
    for attribute in attributes.values():
        attribute.owner = made
    return made


def _match_arguments(
    cls: type, names: Sequence[str], defaults: Mapping[str, Any], kw_only: bool
) -> tuple[str, ...]:
    """Return the fields that the constructor takes by position."""
    inherited: tuple[str, ...] = getattr(cls.__base__, "__match_args__", ())
    return inherited + tuple(
        name
        for name in names
        if not kw_only
        and (not isinstance(defaults.get(name), Field) or defaults[name].init)
    )


def _standard_dataclass(
    cls: type, defaults: Mapping[str, Any], frozen: bool, kw_only: bool
) -> Any:
    """Return a bare dataclass with the same fields, for `dataclasses` to describe."""
    bases = tuple(base for base in cls.__bases__ if hasattr(base, _FIELDS))
    facts = {
        "__module__": cls.__module__,
        "__annotations__": cls.__annotations__,
        # Without one, `dataclasses` spends 2 ms on making a text of the signature.
        "__doc__": cls.__doc__ or cls.__name__,
    }
    shape: Any = type(cls.__name__, bases, {**facts, **defaults})
    standard: Any = dataclass(
        init=False, repr=False, eq=False, frozen=frozen and bool(bases), kw_only=kw_only
    )(shape)
    # A dataclass that inherits from `cls` has to be as frozen as it is.
    standard.__dataclass_params__.frozen = frozen
    return standard
