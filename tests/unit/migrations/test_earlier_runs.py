"""The changes of earlier runs are taken out of a new plan."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from ftrack_orm.migrations.chunks import encode_numbers
from ftrack_orm.migrations.earlier_runs import EarlierRuns
from ftrack_orm.migrations.history import History
from ftrack_orm.migrations.planned_change import (
    Missing,
    PlannedChange,
    PlannedEffect,
)
from ftrack_orm.types import JSONObject
from tests.support.migration_plans import create, delete, make_file, metadata, update


def shot(key: str, name: str, parent: str = "project") -> PlannedChange:
    return create("Shot", (key,), id=key, name=name, parent_id=parent)


def task(key: str, parent: str, name: str = "comp") -> PlannedChange:
    return create("Task", (key,), id=key, name=name, parent_id=parent)


def after(
    groups: Sequence[Sequence[PlannedChange]],
    *,
    refused: Sequence[int] = (),
    already: Sequence[int] = (),
    effects: dict[int, list[PlannedEffect]] | None = None,
) -> EarlierRuns:
    """Return the changes of one run that processed all of its units."""
    rows: dict[str, JSONObject] = {
        "run/r1": {"state": "applied", "upto": len(groups)},
        "skip/r1#0": {
            "refused": encode_numbers(refused),
            "already": encode_numbers(already),
        },
    }
    earlier = EarlierRuns(["r1"])
    with make_file(groups, effects=effects) as file:
        earlier.add(file, History(rows), "r1")
    return earlier


def remaining(
    earlier: EarlierRuns, *changes: PlannedChange
) -> list[PlannedChange | None]:
    return [earlier.remaining(change) for change in changes]


def test_a_created_entity_is_recognised_by_its_values() -> None:
    earlier = after([[shot("s1", "sh010")], [shot("s2", "sh020")]])
    new = shot("n3", "sh030")
    assert remaining(earlier, shot("n2", "sh020"), new) == [None, new]
    assert earlier.unknown_creates == {"Shot": 1}
    assert earlier.repeated == 1


def test_a_left_out_entity_goes_below_its_parent_on_the_server() -> None:
    earlier = after([[shot("s1", "sh010")], [task("t1", "s1")]], refused=[2])
    assert remaining(earlier, shot("n1", "sh010"), task("n2", "n1")) == [
        None,
        task("n2", "s1"),
    ]
    assert not earlier.unknown_creates


def test_entities_below_left_out_ones_are_recognised() -> None:
    groups = [[shot("s1", "sh010")], [task("t1", "s1")]]
    earlier = after(groups, refused=[1, 2])
    again = [shot("n1", "sh010"), task("n2", "n1")]
    assert remaining(earlier, *again) == again
    assert not earlier.unknown_creates


def test_equal_entities_are_counted() -> None:
    groups = [[task(f"t{number}", "s")] for number in range(3)]
    earlier = after(groups, refused=[2])
    again = [task(f"n{number}", "s") for number in range(4)]
    assert remaining(earlier, *again) == [None, None, *again[2:]]
    assert earlier.unknown_creates == {"Task": 1}


def test_rows_of_a_created_entity() -> None:
    """One was left out; the function makes the other as it meets the new entity."""
    left_out = metadata("Shot", "s1", "left", "1")
    earlier = after([[shot("s1", "sh010")], [left_out]], refused=[2])
    assert remaining(
        earlier,
        shot("n1", "sh010"),
        metadata("Shot", "n1", "left", "1"),
        metadata("Shot", "s1", "more", "1"),
        update("Shot", "s1", "description", None, "new"),
    ) == [None, left_out, None, None]


def test_values_that_were_so_already_count_as_made() -> None:
    change = update("Task", "t", "bid", 1.0, 2.0)
    earlier = after([[change]], already=[1])
    assert remaining(earlier, update("Task", "t", "bid", 2.0, 4.0)) == [None]


@pytest.mark.parametrize(
    ("made", "again", "is_left"),
    [
        (update("Task", "t", "bid", 1, 2), update("Task", "t", "bid", 2, 4), False),
        (update("Task", "t", "bid", 1, 2), update("Task", "t", "name", "a", "b"), True),
        (update("Task", "t", "bid", 1, 2), update("Task", "u", "bid", 1, 2), True),
        (update("Task", "t", "bid", 1, 2), delete("Task", ("t",)), True),
        (delete("Task", ("t",)), delete("Task", ("t",)), False),
        (
            update("ContextCustomAttributeValue", ("c", "t"), "value", 1, 2),
            PlannedChange(
                "delete",
                "CustomAttributeValue",
                ("c", "t"),
                None,
                {"value": 2},
                Missing.UNSET,
            ),
            False,
        ),
        (
            metadata("Task", "t", "k", "1"),
            update("Metadata", ("t", "k"), "value", "1", "2"),
            False,
        ),
        (
            metadata("Task", "t", "k", "1"),
            metadata("Task", "t", "other", "1"),
            True,
        ),
    ],
)
def test_a_change_is_made_if_its_value_was_written(
    made: PlannedChange, again: PlannedChange, is_left: bool
) -> None:
    earlier = after([[made]])
    assert remaining(earlier, again) == [again if is_left else None]
    left_out = after([[made]], refused=[1])
    assert remaining(left_out, again) == [again]


def test_effects_of_written_units_are_made() -> None:
    made, left = PlannedEffect("m:copy", ("a",)), PlannedEffect("m:copy", ("b",))
    earlier = after([[], []], refused=[2], effects={1: [made], 2: [left]})
    assert not earlier.is_remaining(made)
    assert earlier.is_remaining(left)


def test_a_later_run_replaces_what_an_earlier_one_left_out(tmp_path: Path) -> None:
    change = update("Task", "t", "bid", 1.0, 2.0)
    earlier = after([[change]], refused=[1])
    rows: dict[str, JSONObject] = {"run/r2": {"state": "applied", "upto": 1}}
    with make_file([[change]], tmp_path / "b.plan") as file:
        earlier.add(file, History(rows), "r2")
    assert remaining(earlier, update("Task", "t", "bid", 2.0, 4.0)) == [None]
