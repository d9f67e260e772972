"""Check the settings of a session."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any, Literal, TypeAlias, get_args

from ftrack_orm.errors.session import InvalidSettingError
from ftrack_orm.errors.suggestions import nearest

LoadMode: TypeAlias = Literal["auto", "single", "strict"]
"""How a session loads missing attributes, see `Session`."""

SchemaCheck: TypeAlias = Literal["warn", "error", "ignore"]
"""The reaction to a server schema that differs from the models, see `Session`."""


def check_settings(
    auto_connect_event_hub: object,
    timeout: object,
    page_size: object,
    load: object,
    check_schema: object,
) -> None:
    """Raise unless a session can be opened with these settings.

    Raises:
        InvalidSettingError: one cannot be used; `setting` names it.
    """
    if auto_connect_event_hub:
        raise InvalidSettingError(
            "auto_connect_event_hub", "this version has no event hub to connect"
        )
    check_timeout(timeout)
    check_page_size(page_size)
    check_choice("load", load, get_args(LoadMode))
    check_choice("check_schema", check_schema, get_args(SchemaCheck))


def check_timeout(timeout: Any) -> None:
    """Raise unless a timeout is a number of seconds above 0.

    Raises:
        InvalidSettingError: it is not.
    """
    is_number = isinstance(timeout, int | float) and not isinstance(timeout, bool)
    if not is_number or not 0 < timeout < math.inf:
        raise InvalidSettingError(
            "timeout", f"{timeout!r} is not a number of seconds above 0"
        )


def check_page_size(page_size: Any) -> None:
    """Raise unless a page size is a whole number of rows above 0.

    Raises:
        InvalidSettingError: it is not.
    """
    is_number = isinstance(page_size, int) and not isinstance(page_size, bool)
    if not is_number or page_size < 1:
        raise InvalidSettingError(
            "page_size", f"{page_size!r} is not a whole number of rows above 0"
        )


def check_choice(setting: str, value: object, choices: Collection[str]) -> None:
    """Raise unless a setting is one of its choices.

    Raises:
        InvalidSettingError: it is not; the message names the most similar choice.
    """
    if isinstance(value, str) and value in choices:
        return
    suggestions = nearest(value, choices) if isinstance(value, str) else ()
    remedy = f"did you mean {suggestions[0]!r}?" if suggestions else ""
    reason = f"{value!r} is none of {', '.join(map(repr, choices))}"
    raise InvalidSettingError(setting, f"{reason}; {remedy}" if remedy else reason)
