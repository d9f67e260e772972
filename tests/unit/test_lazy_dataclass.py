"""Lazy dataclasses behave as `dataclasses.dataclass` makes them."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

import pytest

from ftrack_orm import lazy_dataclass as module
from ftrack_orm.lazy_dataclass import lazy_dataclass

T = TypeVar("T")


@lazy_dataclass(frozen=True, slots=True)
class Point:
    """A point, with every kind of field."""

    kind: ClassVar[str] = "point"
    x: int
    y: int = 2
    tags: list[str] = field(default_factory=list)
    label: str = field(default="", compare=False, repr=False)
    norm: int = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "norm", abs(self.x) + abs(self.y))

    def moved(self) -> Point:
        return dataclasses.replace(self, x=self.x + 1)


@dataclass(frozen=True, slots=True)
class Standard:
    """The same class as the standard library makes it."""

    kind: ClassVar[str] = "point"
    x: int
    y: int = 2
    tags: list[str] = field(default_factory=list)
    label: str = field(default="", compare=False, repr=False)
    norm: int = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "norm", abs(self.x) + abs(self.y))


@lazy_dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Fields that are given by name."""

    first: int
    second: int = 2


@lazy_dataclass(slots=True)
class Counter:
    """A class that is not frozen."""

    count: int = 0
    names: list[str] = field(default_factory=list)


@lazy_dataclass(frozen=True, slots=True)
class Box(Generic[T]):
    """A generic class."""

    content: T


@lazy_dataclass(frozen=True, slots=True)
class Nothing:
    """A class without fields."""


@lazy_dataclass(frozen=True, slots=True)
class Shown:
    """A class with methods in place of generated ones."""

    value: int

    def __repr__(self) -> str:
        return f"<{self.value}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Shown)

    def __hash__(self) -> int:
        return 7


def test_fields_and_signature_are_those_of_the_standard_library() -> None:
    assert str(inspect.signature(Point)) == str(inspect.signature(Standard))
    assert Point.__match_args__ == Standard.__match_args__
    assert Point.__slots__ == Standard.__slots__
    ours, theirs = dataclasses.fields(Point), dataclasses.fields(Standard)
    for name in ("name", "type", "default", "init", "repr", "compare", "kw_only"):
        assert [getattr(one, name) for one in ours] == [
            getattr(one, name) for one in theirs
        ], name
    assert dataclasses.is_dataclass(Point)
    assert Point.kind == "point"


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ((1,), {}),
        ((1, 5), {"label": "a"}),
        ((), {"x": 3, "tags": ["t"]}),
        ((1, 2, ["a"], "b"), {}),
    ],
)
def test_instances_are_those_of_the_standard_library(
    arguments: tuple[Any, ...], named: dict[str, Any]
) -> None:
    ours, theirs = Point(*arguments, **named), Standard(*arguments, **named)
    assert dataclasses.asdict(ours) == dataclasses.asdict(theirs)
    assert repr(ours) == repr(theirs).replace("Standard", "Point")


@pytest.mark.parametrize(
    ("arguments", "named"), [((), {}), ((1,), {"x": 1}), ((1,), {"norm": 1})]
)
def test_wrong_arguments_are_refused_as_by_the_standard_library(
    arguments: tuple[Any, ...], named: dict[str, Any]
) -> None:
    with pytest.raises(TypeError) as theirs:
        Standard(*arguments, **named)
    with pytest.raises(TypeError) as ours:
        Point(*arguments, **named)
    assert str(ours.value) == str(theirs.value).replace("Standard", "Point")


def test_each_instance_has_a_list_of_its_own() -> None:
    first, second = Point(1), Point(1)
    first.tags.append("changed")
    assert second.tags == []


def test_equality_leaves_out_what_is_not_compared() -> None:
    assert Point(1, label="a") == Point(1, label="b")
    assert Point(1) != Point(2)
    assert Point(1).__eq__(Standard(1)) is NotImplemented
    assert Nothing() == Nothing()
    assert Box(1) == Box(1)
    assert Box(1) != Box(2)


def test_equal_frozen_instances_have_one_hash() -> None:
    assert hash(Box("a")) == hash(Box("a"))
    assert hash(Named(first=1)) == hash(Named(first=1, second=2))
    assert len({Nothing(), Nothing(), Box(1), Box(1), Box(2)}) == 3
    with pytest.raises(TypeError, match="unhashable"):
        hash(Point(1))  # it holds a list
    with pytest.raises(TypeError, match="unhashable"):
        hash(Counter())


def test_a_frozen_instance_cannot_be_changed() -> None:
    point = Point(1)
    with pytest.raises(dataclasses.FrozenInstanceError, match="'x'"):
        point.x = 2  # type: ignore[misc] # refused
    with pytest.raises(dataclasses.FrozenInstanceError, match="'x'"):
        delattr(point, point.__match_args__[0])
    with pytest.raises(dataclasses.FrozenInstanceError, match="'other'"):
        point.other = 2  # type: ignore[attr-defined] # refused
    assert point == Point(1)


def test_an_instance_that_is_not_frozen_can_be_changed() -> None:
    counter = Counter()
    counter.count += 1
    counter.names.append("a")
    assert counter == Counter(1, ["a"])
    with pytest.raises(AttributeError):
        counter.other = 2  # type: ignore[attr-defined] # there is no such slot


@pytest.mark.parametrize(
    "copied",
    [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))],  # noqa: S301 # made here
)
@pytest.mark.parametrize(
    "value", [Point(1, label="a"), Named(first=1), Counter(3), Box((1,)), Nothing()]
)
def test_copies_and_pickles_are_equal(value: Any, copied: Callable[[Any], Any]) -> None:
    other = copied(value)
    assert type(other) is type(value)
    assert other == value
    for one in dataclasses.fields(value):
        assert getattr(other, one.name) == getattr(value, one.name)


def test_fields_can_be_given_by_name_only() -> None:
    assert Named.__match_args__ == ()
    assert str(inspect.signature(Named)).startswith("(*, first: 'int', second")
    with pytest.raises(TypeError, match="positional"):
        Named(1)  # type: ignore[call-arg] # refused


def test_patterns_match_by_position_and_by_name() -> None:
    match Point(1, 5):
        case Point(1, y=y):
            assert y == 5
        case _:
            pytest.fail("the pattern has to match")


def test_replace_makes_a_changed_copy() -> None:
    assert Point(1, label="a").moved() == Point(2)
    assert Point(1, label="a").moved().label == "a"


def test_methods_of_the_class_are_kept() -> None:
    assert repr(Shown(1)) == "<1>"
    assert Shown(1) == Shown(2)
    assert hash(Shown(1)) == 7


def test_a_standard_dataclass_can_inherit() -> None:
    @dataclass(frozen=True)
    class Deeper(Named):
        third: int = 3

    assert dataclasses.asdict(Deeper(first=1)) == {"first": 1, "second": 2, "third": 3}


def test_a_lazy_dataclass_can_inherit() -> None:
    @lazy_dataclass(frozen=True, slots=True)
    class Wider(Box[int]):
        width: int = 1

    wider = Wider(5)
    assert (wider.content, wider.width) == (5, 1)
    assert Wider.__match_args__ == ("content", "width")
    assert wider == Wider(5, 1) != Wider(6)
    assert repr(wider).endswith("Wider(content=5, width=1)")


def test_a_constructor_is_compiled_once_and_when_it_is_needed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compiled: list[type] = []
    compile_init = module._compile_init

    def counting(cls: type) -> Any:
        compiled.append(cls)
        return compile_init(cls)

    monkeypatch.setattr(module, "_compile_init", counting)

    @lazy_dataclass(frozen=True, slots=True)
    class Late:
        value: int

    assert compiled == []
    assert Late(1) != Late(2)
    assert compiled == [Late]
