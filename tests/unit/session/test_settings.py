"""The settings that a session accepts, and the errors for the others."""

from __future__ import annotations

import math
from typing import Any

import pytest

from ftrack_orm.errors.session import InvalidSettingError
from ftrack_orm.session.settings import (
    check_choice,
    check_page_size,
    check_retry,
    check_settings,
    check_timeout,
)
from ftrack_orm.transport.retry import NO_RETRIES, RetryPolicy

USABLE: dict[str, Any] = {
    "auto_connect_event_hub": False,
    "timeout": 60,
    "page_size": 500,
    "load": "auto",
    "check_schema": "warn",
}


@pytest.mark.parametrize("load", ["auto", "single", "strict"])
@pytest.mark.parametrize("check_schema", ["warn", "error", "ignore"])
def test_every_documented_choice_is_accepted(load: str, check_schema: str) -> None:
    check_settings(**{**USABLE, "load": load, "check_schema": check_schema})


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("auto_connect_event_hub", True),
        ("timeout", 0),
        ("page_size", 0),
        ("load", "eager"),
        ("check_schema", "fail"),
    ],
)
def test_the_error_names_the_setting_that_cannot_be_used(
    setting: str, value: object
) -> None:
    with pytest.raises(InvalidSettingError) as raised:
        check_settings(**{**USABLE, setting: value})

    assert raised.value.setting == setting


@pytest.mark.parametrize("timeout", [0.001, 1, 3600])
def test_a_timeout_is_any_number_of_seconds_above_zero(timeout: float) -> None:
    check_timeout(timeout)


# A boolean is an integer in Python, and a session without a timeout could wait forever.
@pytest.mark.parametrize("timeout", [0, -1, math.inf, math.nan, True, "60", None])
def test_other_timeouts_are_refused(timeout: object) -> None:
    with pytest.raises(InvalidSettingError):
        check_timeout(timeout)


@pytest.mark.parametrize(
    "retry",
    [
        3,
        True,
        "never",
        RetryPolicy(attempts=0),
        RetryPolicy(attempts=2.5),  # type: ignore[arg-type]
        RetryPolicy(first_wait=-1),
        RetryPolicy(longest_wait=math.nan),
        RetryPolicy(deadline="60"),  # type: ignore[arg-type]
    ],
)
def test_retries_are_a_policy_with_numbers(retry: object) -> None:
    check_retry(None)
    check_retry(NO_RETRIES)
    check_retry(RetryPolicy(first_wait=0, deadline=0))
    with pytest.raises(InvalidSettingError, match="retry cannot be used") as raised:
        check_retry(retry)
    assert raised.value.setting == "retry"


@pytest.mark.parametrize("page_size", [0, -1, 1.0, True, "500", None])
def test_a_page_size_is_a_whole_number_of_rows_above_zero(page_size: object) -> None:
    check_page_size(1)
    with pytest.raises(InvalidSettingError):
        check_page_size(page_size)


@pytest.mark.parametrize(
    ("value", "suggestion"),
    [("strickt", "did you mean 'strict'?"), ("zzz", None), (None, None)],
)
def test_a_wrong_choice_is_answered_with_the_choices_and_the_most_similar(
    value: object, suggestion: str | None
) -> None:
    choices = ("auto", "single", "strict")
    with pytest.raises(InvalidSettingError) as raised:
        check_choice("load", value, choices)

    message = str(raised.value)
    assert all(repr(choice) in message for choice in (value, *choices))
    assert ("did you mean" in message) is (suggestion is not None)
    assert (suggestion or "") in message


def test_a_value_that_cannot_be_hashed_is_no_choice() -> None:
    with pytest.raises(InvalidSettingError):
        check_choice("load", ["auto"], frozenset({"auto"}))
