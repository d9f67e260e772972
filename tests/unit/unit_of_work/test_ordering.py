"""The order of a batch: the caller's, but for dependencies, circles and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations, product
from typing import Any

import pytest
from hypothesis import given, strategies as st

from ftrack_orm import CircularReferenceError
from ftrack_orm.types import Reference
from ftrack_orm.unit_of_work import ordering
from ftrack_orm.unit_of_work.changes import (
    Change,
    CreateChange,
    DeleteChange,
    UpdateChange,
)
from ftrack_orm.unit_of_work.ordering import Parents, order_changes


def task(number: int) -> Reference:
    return Reference("Task", (f"t{number}",))


def create(number: int, **values: Any) -> CreateChange:
    return CreateChange(task(number), "", {"id": f"t{number}", **values})


def update(number: int, **values: Any) -> UpdateChange:
    return UpdateChange(task(number), "", values)


def delete(number: int) -> DeleteChange:
    return DeleteChange(task(number), "")


def version(number: int, asset: str = "a1", **values: Any) -> CreateChange:
    return CreateChange(
        Reference("AssetVersion", (f"v{number}",)),
        "",
        {"id": f"v{number}", "asset_id": asset, **values},
    )


def always(entity_type: str, name: str) -> bool:
    del entity_type, name
    return True


def test_independent_changes_keep_the_order_they_were_made_in() -> None:
    # Not creates first: a name may be given up before it is taken again.
    given: list[Change] = [delete(1), update(2, name="x"), create(3), delete(4)]

    assert order_changes(given) == given


@pytest.mark.parametrize(
    "pointing", [{"parent": task(2)}, {"parent_id": "t2"}, {"thumbnail_id": "t2"}]
)
def test_a_new_entity_comes_after_those_it_refers_to(pointing: dict[str, Any]) -> None:
    first, second = create(1, **pointing), create(2)

    assert order_changes([first, second]) == [second, first]


def test_a_membership_of_a_later_create_is_sent_as_an_update() -> None:
    members = (task(9), task(2))
    given = [create(1, members=members, name="a"), create(2)]

    # The creates keep their order, by which a server numbers versions.
    assert order_changes(given) == [
        create(1, name="a"),
        create(2),
        UpdateChange(task(1), "", {"members": members}, {"members": ()}),
    ]


def test_a_membership_of_an_earlier_create_is_sent_with_the_create() -> None:
    given = [create(2), create(1, members=(task(2),))]

    assert order_changes(given) == given


def test_text_that_is_no_key_of_a_new_entity_orders_nothing() -> None:
    given = [create(1, name="t9", parent_id="elsewhere"), create(2, name="x")]

    assert order_changes(given) == given


def test_a_row_with_a_key_of_several_parts_comes_after_its_owner() -> None:
    row = CreateChange(
        Reference("Metadata", ("t1", "a")), "", {"parent_id": "t1", "key": "a"}
    )

    assert order_changes([row, create(1)]) == [create(1), row]


def test_a_row_with_a_key_of_several_parts_comes_before_its_owner_is_deleted() -> None:
    row = DeleteChange(Reference("SomeRow", ("t1", "a")), "")

    assert order_changes([delete(1), row]) == [row, delete(1)]


def test_entities_are_deleted_before_those_they_refer_to() -> None:
    parents = {task(1): [task(2)], task(2): [task(3)]}
    given = [delete(3), delete(1), delete(2)]

    assert order_changes(given, parents) == [delete(1), delete(2), delete(3)]


def test_an_update_that_leads_away_comes_before_the_delete() -> None:
    away = UpdateChange(task(2), "", {"parent_id": "t3"}, {"parent_id": "t1"})
    removed = UpdateChange(
        Reference("List", ("l1",)), "", {"items": ()}, {"items": (task(1),)}
    )

    assert order_changes([delete(1), away, removed]) == [away, removed, delete(1)]


def test_deletes_that_refer_to_each_other_keep_the_given_order() -> None:
    parents = {task(1): [task(2)], task(2): [task(1)], task(3): [task(1)]}
    given = [delete(2), delete(1), delete(3)]

    assert order_changes(given, parents) == [delete(2), delete(3), delete(1)]


# -- versions and names ------------------------------------------------------------


def test_versions_of_an_asset_keep_their_order_though_one_waits() -> None:
    waits = version(1, task_id="t1")
    given: list[Change] = [waits, version(2), version(3, "a2"), create(1)]

    ordered = order_changes(given)

    numbered = [one for one in ordered if one in (waits, version(2))]
    assert numbered == [waits, version(2)]
    # The version of another asset has no number in common with them.
    assert ordered == [given[2], given[3], waits, version(2)]


def test_an_optional_link_is_sent_later_rather_than_to_renumber_versions() -> None:
    component = CreateChange(
        Reference("FileComponent", ("c1",)), "", {"id": "c1", "version_id": "v2"}
    )
    given = [version(1, thumbnail_id="c1"), version(2), component]

    ordered = order_changes(given, None, lambda _, name: name == "thumbnail_id")

    assert ordered == [
        version(1),
        version(2),
        component,
        UpdateChange(
            version(1).reference, "", {"thumbnail_id": "c1"}, {"thumbnail_id": None}
        ),
    ]


def test_predecessors_come_first_unless_a_circle_forbids_it() -> None:
    first, second = update(1, name="b"), update(2, name="c")

    assert order_changes([first, second], None, always, {task(1): [task(2)]}) == [
        second,
        first,
    ]
    swap = {task(1): [task(2)], task(2): [task(1)]}
    assert order_changes([first, second], None, always, swap) == [first, second]


# -- circles -----------------------------------------------------------------------


def test_new_entities_that_require_each_other_are_an_error_that_names_them() -> None:
    given = [create(1, parent_id="t2"), create(2, parent=task(3)), create(3, x_id="t1")]

    with pytest.raises(CircularReferenceError) as raised:
        order_changes(given)

    assert set(raised.value.cycle) == {"Task(t1)", "Task(t2)", "Task(t3)"}
    assert raised.value.cycle[0] == raised.value.cycle[-1]


def test_an_entity_may_refer_to_itself() -> None:
    required = [create(1, source_id="t1")]

    assert order_changes(required) == required
    assert order_changes(required, None, always) == [
        create(1),
        UpdateChange(task(1), "", {"source_id": "t1"}, {"source_id": None}),
    ]


def test_several_values_of_one_create_are_sent_in_one_update() -> None:
    given = [create(1, a_id="t2", b_id="t2", members=(task(2),)), create(2, c_id="t1")]

    ordered = order_changes(given, None, always)

    later = {"a_id": "t2", "b_id": "t2", "members": (task(2),)}
    before = {"a_id": None, "b_id": None, "members": ()}
    assert ordered[:2] == [create(1), create(2, c_id="t1")]
    [last] = ordered[2:]
    assert last == UpdateChange(task(1), "", later, before)


def stored(changes: Sequence[Change]) -> dict[Reference, dict[str, Any]]:
    """Return the rows after a batch; a reference to a missing row is an error."""
    rows: dict[Reference, dict[str, Any]] = {}
    for change in changes:
        assert not isinstance(change, DeleteChange)
        for name, value in change.values.items():
            if name.endswith("_id") and value is not None:
                target = Reference("Task", (value,))
                assert target in rows, f"{change} before {target}"
        rows.setdefault(change.reference, {}).update(change.values)
    return rows


def rings() -> list[list[CreateChange]]:
    """Return every graph of up to four new entities with one optional link each."""
    graphs = []
    for size in range(1, 5):
        for targets in product(range(-1, size), repeat=size):
            graphs.append(
                [
                    create(number, link_id=f"t{target}" if target >= 0 else None)
                    for number, target in enumerate(targets)
                ]
            )
    return graphs


def test_every_ring_of_optional_links_up_to_four_entities_is_sent_whole() -> None:
    graphs = rings()
    assert len(graphs) == 2 + 3**2 + 4**3 + 5**4
    for creates in graphs:
        ordered = order_changes(creates, None, always)

        assert stored(ordered) == {one.reference: dict(one.values) for one in creates}
        # One link of each ring is sent later; each entity has one link only.
        assert len(ordered) - len(creates) == number_of_rings(creates)


def number_of_rings(creates: Sequence[CreateChange]) -> int:
    """Count the rings of a graph in which each node has at most one successor."""
    following = {one.values["id"]: one.values["link_id"] for one in creates}
    rings = set()
    for start in following:
        path: list[Any] = [start]
        while following.get(path[-1]) is not None and following[path[-1]] not in path:
            path.append(following[path[-1]])
        last = following.get(path[-1])
        if last is not None:
            rings.add(frozenset(path[path.index(last) :]))
    return len(rings)


def test_a_ring_with_one_optional_link_is_sent_wherever_that_link_is() -> None:
    for optional in range(4):
        given = [
            create(
                number,
                **{
                    "soft_id" if number == optional else "hard_id": (
                        f"t{(number + 1) % 4}"
                    )
                },
            )
            for number in range(4)
        ]
        for order in permutations(given):
            ordered = order_changes(order, None, lambda _, name: name == "soft_id")

            assert stored(ordered) == {one.reference: dict(one.values) for one in given}
            assert len(ordered) == 5


# -- properties --------------------------------------------------------------------


@st.composite
def batches(draw: st.DrawFn) -> tuple[list[Change], Parents]:
    """Draw up to six changes without circles: creates, updates and deletes.

    An entity refers to ones of smaller numbers only; the order is any.
    """
    changes: list[Change] = []
    parents: dict[Reference, list[Reference]] = {}
    for number in range(draw(st.integers(1, 6))):
        target = draw(st.integers(0, number - 1)) if number else None
        key = None if target is None else f"t{target}"
        kind = draw(st.sampled_from(["create", "update", "delete"]))
        if kind == "create":
            changes.append(create(number, parent_id=key))
        elif kind == "update":
            before = {"parent_id": key}
            changes.append(UpdateChange(task(number), "", {"parent_id": None}, before))
        else:
            changes.append(delete(number))
            if target is not None:
                parents[task(number)] = [task(target)]
    return draw(st.permutations(changes)), parents


def is_allowed(order: Sequence[Change], parents: Parents) -> bool:
    """Return whether an order respects every dependency; written independently."""
    place = {change.reference: index for index, change in enumerate(order)}
    kinds = {change.reference: type(change) for change in order}
    for index, change in enumerate(order):
        if isinstance(change, DeleteChange):
            for parent in parents.get(change.reference, ()):
                if kinds.get(parent) is DeleteChange and place[parent] < index:
                    return False
            continue
        before = change.before if isinstance(change, UpdateChange) else {}
        for values, kind in ((change.values, CreateChange), (before, DeleteChange)):
            target = Reference("Task", (values.get("parent_id"),))  # type: ignore[arg-type] # no task has the key None
            if kinds.get(target) is not kind:
                continue
            is_first = place[target] < index
            if is_first is (kind is DeleteChange):
                return False
    return True


@given(batches())
def test_the_order_is_the_allowed_one_nearest_to_the_callers(
    batch: tuple[list[Change], Parents],
) -> None:
    changes, parents = batch
    allowed = (
        order
        for order in permutations(range(len(changes)))
        if is_allowed([changes[index] for index in order], parents)
    )

    # Permutations come in lexicographic order: the first keeps early changes early.
    expected = [changes[index] for index in next(allowed)]

    assert order_changes(changes, parents) == expected
    assert order_changes(changes, parents) == expected


@given(batches())
def test_an_allowed_order_is_kept(batch: tuple[list[Change], Parents]) -> None:
    changes, parents = batch
    ordered = order_changes(changes, parents)

    assert is_allowed(ordered, parents)
    assert order_changes(ordered, parents) == ordered


@pytest.mark.parametrize("size", [500, 5_000])
def test_the_work_grows_with_the_changes_and_not_with_their_square(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Pairs that are circles, memberships of later creates, and children before parents.
    given: list[Change] = []
    for number in range(0, size, 2):
        given.append(create(number, thumbnail_id=f"t{number + 1}"))
        given.append(create(number + 1, version_id=f"t{number}"))
    given += [create(size + one, members=(task(0),)) for one in range(size)]
    given += [create(2 * size + one, x_id=f"t{3 * size + one}") for one in range(size)]
    given += [create(3 * size + one) for one in range(size)]
    calls = 0
    original = ordering._referred_keys

    def counted(values: Any) -> Any:
        nonlocal calls
        calls += 1
        return original(values)

    monkeypatch.setattr(ordering, "_referred_keys", counted)

    ordered = order_changes(given, None, always)

    assert len(ordered) == len(given) + size // 2
    # Each value is looked at a few times, whatever the number of changes.
    assert calls < 20 * len(given)
