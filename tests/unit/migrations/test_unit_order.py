"""Changes are divided into units that can be sent one after the other."""

from __future__ import annotations

from hypothesis import given, strategies as st

from ftrack_orm.migrations.planned_change import Missing, PlannedChange
from ftrack_orm.migrations.unit_order import divide


def create(key: str, parent: str | None = None) -> PlannedChange:
    return PlannedChange(
        "create", "Task", (key,), None, Missing.ABSENT, {"parent_id": parent}
    )


def link(key: str, target: str) -> PlannedChange:
    return PlannedChange("update", "Task", (key,), "parent_id", None, target)


def delete(key: str, parent: str | None = None) -> PlannedChange:
    return PlannedChange(
        "delete", "Task", (key,), None, {"parent_id": parent}, Missing.ABSENT
    )


def test_each_group_is_a_unit_in_the_order_of_the_changes() -> None:
    changes = [link("a", "x"), link("b", "x"), link("a", "y")]
    assert divide(changes, ["a", "b", "a"]) == [[0, 2], [1]]


def test_a_unit_waits_for_the_creation_of_its_target() -> None:
    changes = [link("a", "x"), create("n"), link("a", "n")]
    assert divide(changes, ["a", "n", "a"]) == [[1], [0, 2]]


def test_a_delete_waits_for_the_units_that_refer_to_it() -> None:
    changes = [link("a", "x"), delete("d"), link("b", "y")]
    unlink = PlannedChange("update", "Task", ("b",), "parent_id", "d", "y")
    assert divide([changes[0], unlink, delete("d")], ["a", "b", "a"]) == [[1], [0, 2]]


def test_groups_that_wait_for_each_other_are_one_unit() -> None:
    changes = [create("a"), create("b", "a"), link("a", "b")]
    assert divide(changes, ["a", "b", "a"]) == [[0, 1, 2]]


@given(st.data())
def test_every_change_comes_once_and_after_what_it_needs(data: st.DataObject) -> None:
    count = data.draw(st.integers(0, 14))
    changes: list[PlannedChange] = []
    for number in range(count):
        made = [c.key[0] for c in changes if c.action == "create"]
        target = str(data.draw(st.sampled_from([*made, "x"])))
        options = [create(f"k{number}", target), link(f"u{number % 3}", target)]
        changes.append(data.draw(st.sampled_from(options)))
    groups = [data.draw(st.integers(0, 5)) for _ in changes]

    units = divide(changes, groups)

    order = [index for unit in units for index in unit]
    assert sorted(order) == list(range(count))
    unit_of = {index: number for number, unit in enumerate(units) for index in unit}
    for index, group in enumerate(groups):
        assert {unit_of[i] for i, g in enumerate(groups) if g == group} == {
            unit_of[index]
        }
    created_at = {c.key[0]: i for i, c in enumerate(changes) if c.action == "create"}
    for index, change in enumerate(changes):
        after = change.after
        needed = after.get("parent_id") if isinstance(after, dict) else after
        if needed in created_at:
            assert order.index(created_at[str(needed)]) < order.index(index)
