"""Dataclasses that import fast: their methods are built at first use.

`dataclasses.dataclass` inspects each field and compiles up to ten methods of a class
while its module is imported: 0.4 ms for a frozen class with slots, and 25 ms for the
classes that every program imports. `lazy_dataclass` creates only the slots. All classes
share one `__eq__`, `__hash__` and `__repr__`; the constructor and
`__dataclass_fields__` are built when they are first looked up. `fields`, `replace`,
`asdict`, `match` patterns, pickling and signatures work as in a standard dataclass.

Type checkers see the standard decorator. Its options are therefore written at each
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
    """The default of a parameter whose value comes from a default factory."""

    def __repr__(self) -> str:
        return "<factory>"


_FACTORY = _Factory()


class _OnFirstUse:
    """A class attribute that is built, and replaced, at its first lookup."""

    def __init__(self, name: str, build: Callable[[], Any]) -> None:
        self._name = name
        self._build = build
        self.owner: type = object

    def __get__(self, instance: object, owner: type) -> Any:
        setattr(self.owner, self._name, self._build())
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
    values = ", ".join(
        f"{field.name}={getattr(self, field.name)!r}"
        for field in fields(self)
        if field.repr
    )
    return f"{type(self).__qualname__}({values})"


def _refuse_set(self: object, name: str, value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_delete(self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _get_state(self: Any) -> list[Any]:
    return [getattr(self, field.name) for field in fields(self)]


def _set_state(self: Any, state: list[Any]) -> None:
    # Pickle's default calls `setattr`, which a frozen class refuses.
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
    """Return a function that returns the compared attributes as a tuple."""
    names = [field.name for field in fields(cls) if field.compare]
    # For a single name `attrgetter` returns the value instead of a tuple.
    if len(names) > 1:
        return staticmethod(attrgetter(*names))
    return staticmethod(lambda self: tuple(getattr(self, name) for name in names))


# -- the constructor ---------------------------------------------------------------


def _compile_init(cls: type) -> FunctionType:
    """Return the constructor of a dataclass; it assigns through the slots' setters.

    They are a third faster than `object.__setattr__`.
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
    """Return the source lines that assign the value of one field."""
    name = field.name
    if field.default_factory is not MISSING:
        new_value = f"make_{name}()"
        value = (
            f"{new_value} if {name} is FACTORY else {name}" if field.init else new_value
        )
        return [f"set_{name}(self, {value})"]
    # `__post_init__` sets a field that is not a parameter of the constructor.
    return [f"set_{name}(self, {name})"] if field.init else []


def _parameters(all_fields: Sequence[Field[Any]]) -> list[str]:
    """Return the source of each parameter, keyword-only ones last."""
    init_fields = [field for field in all_fields if field.init]
    keyword_only = [_parameter(field) for field in init_fields if field.kw_only]
    return [
        "self",
        *(_parameter(field) for field in init_fields if not field.kw_only),
        *(["*", *keyword_only] if keyword_only else []),
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
        """Return a decorator that turns a class into a dataclass with slots.

        Methods that the class defines are not replaced. The options are those of
        `dataclasses.dataclass`; a class that needs others uses that decorator.
        """
        del slots

        def decorate(cls: type[T]) -> type[T]:
            return _with_slots(cls, frozen, kw_only)

        return decorate


def _with_slots(cls: type, frozen: bool, kw_only: bool) -> Any:
    """Return a copy of the class with slots and the methods of a dataclass."""
    members = vars(cls)
    annotations = members.get("__annotations__", {})
    names = [
        name
        for name, annotation in annotations.items()
        if "ClassVar" not in str(annotation)
    ]
    defaults = {name: members[name] for name in names if name in members}
    new_class: Any = None
    builders: dict[str, Callable[[], Any]] = {
        "__init__": lambda: _compile_init(new_class),
        _FIELDS: lambda: getattr(standard(), _FIELDS),
        _PARAMETERS: lambda: getattr(standard(), _PARAMETERS),
        _COMPARED: lambda: _compared_values(new_class),
    }
    attributes = {name: _OnFirstUse(name, build) for name, build in builders.items()}

    def standard() -> Any:
        return _standard_dataclass(new_class, defaults, frozen, kw_only)

    # A new class, because slots cannot be added to an existing one.
    namespace: dict[str, Any] = {
        **(_FROZEN_METHODS if frozen else _METHODS),
        **attributes,
        **members,
        "__slots__": tuple(names),
        "__match_args__": _match_arguments(cls, names, defaults, kw_only),
        "__qualname__": cls.__qualname__,
    }
    for name in ("__dict__", "__weakref__", *defaults):
        namespace.pop(name, None)
    new_class = type(cls)(cls.__name__, cls.__bases__, namespace)
    for attribute in attributes.values():
        attribute.owner = new_class
    return new_class


def _match_arguments(
    cls: type, names: Sequence[str], defaults: Mapping[str, Any], kw_only: bool
) -> tuple[str, ...]:
    """Return the names of the constructor's positional parameters."""
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
    """Return a standard dataclass with the same fields and no generated methods.

    `dataclasses` builds the descriptions of its fields, which `cls` then uses.
    """
    bases = tuple(base for base in cls.__bases__ if hasattr(base, _FIELDS))
    members = {
        "__module__": cls.__module__,
        "__annotations__": cls.__annotations__,
        # Without a docstring `dataclasses` spends 2 ms on the text of the signature.
        "__doc__": cls.__doc__ or cls.__name__,
    }
    bare_class: Any = type(cls.__name__, bases, {**members, **defaults})
    standard: Any = dataclass(
        init=False, repr=False, eq=False, frozen=frozen and bool(bases), kw_only=kw_only
    )(bare_class)
    # `dataclasses` refuses a subclass of `cls` unless both are frozen or neither is.
    standard.__dataclass_params__.frozen = frozen
    return standard
