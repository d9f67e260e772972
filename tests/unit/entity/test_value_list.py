"""A list value: each change is checked by its holder before it shows."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from ftrack_orm.entity.value_list import ValueList


class Holder:
    """Records each new value; refuses values that hold ``bad``."""

    def __init__(self) -> None:
        self.values: list[list[Any]] = []

    def set_value(self, key: str, value: list[Any]) -> None:
        assert key == "tags"
        if "bad" in value:
            raise ValueError("bad")
        self.values.append(list(value))


def made(*values: Any) -> tuple[ValueList, Holder]:
    holder = Holder()
    return ValueList(values, holder, "tags"), holder


EDITS: list[Callable[[Any], object]] = [
    lambda tags: tags.append("d"),
    lambda tags: tags.extend(one for one in "de"),
    lambda tags: tags.insert(1, "d"),
    lambda tags: tags.remove("b"),
    lambda tags: tags.pop(),
    lambda tags: tags.pop(0),
    lambda tags: tags.clear(),
    lambda tags: tags.sort(reverse=True),
    lambda tags: tags.reverse(),
    lambda tags: tags.__setitem__(0, "d"),
    lambda tags: tags.__setitem__(slice(1, 2), ["d", "e"]),
    lambda tags: tags.__delitem__(0),
    lambda tags: tags.__delitem__(slice(0, 2)),
    lambda tags: tags.__iadd__(["d"]),
    lambda tags: tags.__imul__(2),
]


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_is_recorded_once_and_is_that_of_a_list(
    edit: Callable[[Any], object],
) -> None:
    tags, holder = made("a", "b", "c")
    plain = ["a", "b", "c"]

    result, expected = edit(tags), edit(plain)

    assert tags == plain
    assert holder.values == [plain]
    assert result == expected


@pytest.mark.parametrize(
    "edit",
    [
        lambda tags: tags.append("bad"),
        lambda tags: tags.extend(["d", "bad"]),
        lambda tags: tags.__setitem__(0, "bad"),
    ],
)
def test_a_refused_edit_changes_nothing(edit: Callable[[Any], object]) -> None:
    tags, holder = made("a")

    with pytest.raises(ValueError, match="bad"):
        edit(tags)

    assert tags == ["a"]
    assert holder.values == []


@pytest.mark.parametrize(
    "edit", [lambda tags: tags.remove("z"), lambda tags: tags.pop(9)]
)
def test_an_edit_that_a_list_refuses_is_not_recorded(
    edit: Callable[[Any], object],
) -> None:
    tags, holder = made("a")

    with pytest.raises((ValueError, IndexError)):
        edit(tags)

    assert holder.values == []


def test_what_a_server_sends_shows_without_an_edit() -> None:
    tags, holder = made("a")

    tags.set_content(["b", ["c"]])

    assert tags == ["b", ["c"]]
    assert holder.values == []
    with pytest.raises(TypeError, match="within a value"):
        tags[1].append("d")


@pytest.mark.parametrize(
    "copied",
    [
        copy.copy,
        copy.deepcopy,
        lambda tags: pickle.loads(pickle.dumps(tags)),  # noqa: S301 # made here
    ],
)
def test_a_copy_is_a_plain_list(copied: Callable[[Any], Any]) -> None:
    tags, holder = made("a", ["b"])

    found = copied(tags)
    found.append("c")

    assert type(found) is list
    assert tags == ["a", ["b"]]
    assert holder.values == []
