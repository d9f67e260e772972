"""Conditions that find entities by their primary keys."""

from __future__ import annotations

from ftrack_orm.query.compiler import compile_criteria
from ftrack_orm.query.keys import keyed

NAMES = ("configuration_id", "entity_id")


def test_keys_of_one_value_become_one_list() -> None:
    assert compile_criteria(keyed(("id",), [("t1",), ("t2",)])) == 'id in ("t1", "t2")'
    assert compile_criteria(keyed(("id",), [("t1",)])) == 'id in ("t1")'


def test_one_longer_key_compares_each_value() -> None:
    assert compile_criteria(keyed(NAMES, [("c1", "t1")])) == (
        'configuration_id is "c1" and entity_id is "t1"'
    )


def test_keys_that_differ_in_the_last_value_share_a_list() -> None:
    assert compile_criteria(keyed(NAMES, [("c1", "t1"), ("c1", "t2")])) == (
        'configuration_id is "c1" and entity_id in ("t1", "t2")'
    )


def test_values_of_different_keys_are_not_mixed() -> None:
    keys = [("c1", "t1"), ("c2", "t2"), ("c1", "t3")]

    assert compile_criteria(keyed(NAMES, keys)) == (
        '(configuration_id is "c1" and entity_id in ("t1", "t3"))'
        ' or (configuration_id is "c2" and entity_id is "t2")'
    )


def test_only_the_last_value_of_a_long_key_is_listed() -> None:
    keys = [("a", "b", "c"), ("a", "b", "d"), ("a", "x", "c")]

    assert compile_criteria(keyed(("one", "two", "three"), keys)) == (
        '(one is "a" and two is "b" and three in ("c", "d"))'
        ' or (one is "a" and two is "x" and three is "c")'
    )
