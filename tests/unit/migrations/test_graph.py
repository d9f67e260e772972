"""Revisions are a set in which each names those that it needs."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from ftrack_orm import MissingRevisionError, RevisionCycleError, UnknownRevisionError
from ftrack_orm.migrations.graph import RevisionGraph

DIAMOND = RevisionGraph({"d": ["b", "c"], "c": ["a"], "b": ["a"], "a": [], "e": []})


def test_each_revision_comes_after_those_it_needs() -> None:
    assert DIAMOND.order == ["a", "b", "c", "d", "e"]
    assert RevisionGraph({"a": ["z"], "z": []}).order == ["z", "a"]


def test_several_heads_are_normal() -> None:
    assert DIAMOND.heads == ["d", "e"]
    assert RevisionGraph({}).heads == []


def test_needs_are_included_in_order() -> None:
    assert DIAMOND.with_needs(["d"]) == ["a", "b", "c", "d"]
    assert DIAMOND.pending({"a", "e"}) == ["b", "c", "d"]
    assert DIAMOND.unmet("d", {"a", "c"}) == ["b"]
    assert DIAMOND.unmet("e", set()) == []


def test_a_missing_need_is_named() -> None:
    with pytest.raises(MissingRevisionError) as caught:
        RevisionGraph({"a": ["b", "c"], "b": []})
    assert (caught.value.revision, caught.value.needs) == ("a", ("c",))


@pytest.mark.parametrize(
    ("needs", "cycle"),
    [
        ({"a": ["a"]}, ("a", "a")),
        ({"a": ["b"], "b": ["a"], "c": []}, ("a", "b", "a")),
        ({"a": ["c"], "b": ["a"], "c": ["b"]}, ("a", "b", "c", "a")),
    ],
)
def test_a_cycle_is_named(needs: dict[str, list[str]], cycle: tuple[str, ...]) -> None:
    with pytest.raises(RevisionCycleError) as caught:
        RevisionGraph(needs)
    assert caught.value.cycle == cycle


def test_a_part_of_an_id_is_enough_while_it_is_unique() -> None:
    graph = RevisionGraph({"20261126_7f3a": [], "20261126_9b10": [], "9": []})

    assert graph.find("7f3a") == "20261126_7f3a"
    assert graph.find("9") == "9"
    with pytest.raises(UnknownRevisionError) as caught:
        graph.find("2026")
    assert caught.value.candidates == ("20261126_7f3a", "20261126_9b10")
    for name in ("7f3b", "f3a", ""):
        with pytest.raises(UnknownRevisionError):
            graph.find(name)


@given(st.data())
def test_any_set_without_a_cycle_is_sorted(data: st.DataObject) -> None:
    names = [f"r{number}" for number in range(data.draw(st.integers(0, 12)))]
    # Only earlier names of a random order, so that there is no cycle.
    order = data.draw(st.permutations(names))
    needs = {
        name: data.draw(st.lists(st.sampled_from(order[:index]), unique=True))
        if index
        else []
        for index, name in enumerate(order)
    }

    found = RevisionGraph(needs).order

    assert sorted(found) == sorted(names)
    for name, others in needs.items():
        assert all(found.index(other) < found.index(name) for other in others)
