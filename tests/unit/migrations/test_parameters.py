"""Parameters are validated by the signature of the planning function."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Literal

import pytest

from ftrack_orm import ParameterError, PlanningError
from ftrack_orm.migrations import Planner
from ftrack_orm.migrations.parameters import recorded, split_settings, validated


def up(
    plan: Planner,
    *,
    project: str,
    since: date | None = None,
    count: int = 3,
    mode: Literal["fast", "slow"] = "fast",
    cuts: Path = Path("cuts.csv"),
) -> None:
    del plan, project, since, count, mode, cuts


def test_texts_become_the_annotated_types() -> None:
    given = {"project": "bunny", "since": "2026-11-26", "count": "7", "cuts": "a.csv"}

    assert validated(up, given) == {
        "project": "bunny",
        "since": date(2026, 11, 26),
        "count": 7,
        "mode": "fast",
        "cuts": Path("a.csv"),
    }


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({}, "project: Field required"),
        ({"project": "bunny", "count": "many"}, "count: Input should be"),
        ({"project": "bunny", "mode": "quick"}, "mode: Input should be"),
        ({"project": "bunny", "conut": "1"}, "Did you mean 'count'"),
    ],
)
def test_a_wrong_parameter_is_named(given: dict[str, Any], problem: str) -> None:
    with pytest.raises(ParameterError, match=problem):
        validated(up, given)


def test_settings_are_split_at_the_first_sign() -> None:
    assert split_settings(["a=1", "b=x=y", "c="]) == {"a": "1", "b": "x=y", "c": ""}


@pytest.mark.parametrize("settings", [["a"], ["=1"], ["a=1", "a=2"]])
def test_a_setting_without_name_or_value_is_refused(settings: list[str]) -> None:
    with pytest.raises(ParameterError):
        split_settings(settings)


def _no_planner() -> None: ...
def _hidden(plan: Planner, name: str, /) -> None: ...


@pytest.mark.parametrize("function", [_no_planner, _hidden])
def test_a_function_that_cannot_be_called_is_refused(
    function: Callable[..., None],
) -> None:
    with pytest.raises(PlanningError):
        validated(function, {})


def test_a_function_without_parameters_takes_none() -> None:
    def bare(plan: Planner) -> None:
        del plan

    assert validated(bare, {}) == {}
    with pytest.raises(ParameterError):
        validated(bare, {"a": "1"})


def test_parameters_are_recorded_as_json() -> None:
    assert recorded((date(2026, 1, 2),), {"path": Path("a"), "f": len}) == {
        "arguments": ["2026-01-02"],
        "keywords": {"path": "a", "f": repr(len)},
    }
