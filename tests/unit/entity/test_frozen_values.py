"""Parts of a value refuse changes; copies of them are plain and free."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from ftrack_orm.entity.frozen_values import FrozenDict, FrozenList, freeze, thaw

PLAIN = {"frames": [1, [2]], "meta": {"a": {"b": [3]}}}


def test_a_frozen_value_equals_the_plain_one() -> None:
    frozen = freeze(PLAIN)

    assert frozen == PLAIN
    assert type(frozen) is FrozenDict
    assert type(frozen["frames"][1]) is FrozenList
    assert type(frozen["meta"]["a"]) is FrozenDict


def test_plain_values_stay_as_they_are() -> None:
    moment = object()

    assert freeze(moment) is moment
    assert freeze("text") == "text"
    assert freeze(None) is None


LIST_EDITS: list[Callable[[Any], object]] = [
    lambda part: part.append(4),
    lambda part: part.extend([4]),
    lambda part: part.insert(0, 4),
    lambda part: part.remove(1),
    lambda part: part.pop(),
    lambda part: part.clear(),
    lambda part: part.sort(),
    lambda part: part.reverse(),
    lambda part: part.__setitem__(0, 4),
    lambda part: part.__delitem__(0),
    lambda part: part.__iadd__([4]),
    lambda part: part.__imul__(2),
]
DICT_EDITS: list[Callable[[Any], object]] = [
    lambda part: part.update(a=1),
    lambda part: part.setdefault("z", 1),
    lambda part: part.pop("a"),
    lambda part: part.popitem(),
    lambda part: part.clear(),
    lambda part: part.__setitem__("a", 1),
    lambda part: part.__delitem__("a"),
    lambda part: part.__ior__({"a": 1}),
]


@pytest.mark.parametrize("edit", LIST_EDITS)
def test_a_list_within_a_value_refuses_changes(edit: Callable[[Any], object]) -> None:
    part = freeze([1, 2])

    with pytest.raises(TypeError, match=r"A list within a value .* copy the whole"):
        edit(part)

    assert part == [1, 2]


@pytest.mark.parametrize("edit", DICT_EDITS)
def test_a_mapping_within_a_value_refuses_changes(
    edit: Callable[[Any], object],
) -> None:
    part = freeze({"a": 0})

    with pytest.raises(TypeError, match="A mapping within a value "):
        edit(part)

    assert part == {"a": 0}


@pytest.mark.parametrize(
    "copied",
    [
        copy.deepcopy,
        thaw,
        lambda value: pickle.loads(pickle.dumps(value)),  # noqa: S301 # made here
    ],
)
def test_a_whole_copy_is_plain_in_every_part(copied: Callable[[Any], Any]) -> None:
    found = copied(freeze(PLAIN))

    assert found == PLAIN
    assert type(found) is dict
    assert type(found["frames"]) is list
    assert type(found["frames"][1]) is list
    assert type(found["meta"]["a"]) is dict


def test_a_shallow_copy_is_plain_and_its_parts_are_not() -> None:
    found = copy.copy(freeze([[1]]))

    assert type(found) is list
    found.append(2)
    with pytest.raises(TypeError):
        found[0].append(2)
