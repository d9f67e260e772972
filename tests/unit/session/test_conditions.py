"""The conditions that an attribute has a value."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ftrack_models import Setting, Task
from ftrack_orm.query.compiler import compile_criteria
from ftrack_orm.session.conditions import conditions_of
from ftrack_orm.types import Reference


@pytest.mark.parametrize(
    ("name", "value", "texts"),
    [
        ("name", 'a "b"', [r'name is "a \"b\""']),
        ("description", None, ["description is none"]),
        ("bid", 5, ["bid is 5"]),
        (
            "end_date",
            datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC),
            ['end_date is "2026-01-02T03:04:05+00:00"'],
        ),
        ("status", Reference("Status", ("s1",)), ['status_id is "s1"']),
        ("status", None, ["status_id is none"]),
    ],
)
def test_an_attribute_has_a_value(name: str, value: Any, texts: list[str]) -> None:
    attribute = Task.__ftrack__.attributes[name]
    conditions = conditions_of(attribute, value)
    assert [compile_criteria(condition) for condition in conditions] == texts


def test_a_scalar_of_a_key_is_a_condition_too() -> None:
    attribute = Setting.__ftrack__.attributes["group"]
    [condition] = conditions_of(attribute, "STORAGE")
    assert compile_criteria(condition) == 'group is "STORAGE"'
