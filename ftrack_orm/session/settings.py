"""Check the settings of a session, and open the transport that they describe."""

from __future__ import annotations

import math
import os
from collections.abc import Collection
from typing import Any, Final, Literal, TypeAlias, get_args

from ftrack_orm.errors.session import ConfigurationError, InvalidSettingError
from ftrack_orm.errors.suggestions import nearest
from ftrack_orm.plain_values import plain_texts
from ftrack_orm.transport.retry import RetryPolicy
from ftrack_orm.transport.secret import Secret
from ftrack_orm.types import Transport

PAGE_SIZE: Final = 500
"""Rows of a page: as many as the official Python client requests (protocol 5.4)."""

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


def information_values(values: Any) -> tuple[str, ...] | None:
    """Return the keys of server information to request, ``None`` for all.

    Raises:
        InvalidSettingError: they are no list of texts.
    """
    keys = None if values is None else plain_texts(values)
    if keys is None and values is not None:
        raise InvalidSettingError(
            "server_information_values", f"{values!r} is not a list of keys"
        )
    return keys


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


def check_retry(retry: Any) -> None:
    """Raise unless `retry` is a policy with usable numbers, or ``None``.

    Raises:
        InvalidSettingError: it is not.
    """
    if retry is None:
        return
    if not isinstance(retry, RetryPolicy):
        raise InvalidSettingError(
            "retry", f"{retry!r} is not a RetryPolicy, such as NO_RETRIES"
        )
    attempts: Any = retry.attempts
    if not isinstance(attempts, int) or attempts < 1:
        raise InvalidSettingError(
            "retry", f"attempts={attempts!r} is not a whole number above 0"
        )
    for name in ("first_wait", "longest_wait", "deadline"):
        seconds: Any = getattr(retry, name)
        if not isinstance(seconds, int | float) or not seconds >= 0:
            raise InvalidSettingError(
                "retry", f"{name}={seconds!r} is not a number of seconds of 0 or more"
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


def http_transport(
    server_url: str | None, api_user: str | None, api_key: Secret | None, **options: Any
) -> Transport:
    """Return a transport to a server; the environment gives the missing settings.

    Args:
        server_url: the server's address; ``FTRACK_SERVER`` when not given.
        api_user: the user's name; ``FTRACK_API_USER`` when not given.
        api_key: the user's key; ``FTRACK_API_KEY`` when not given.
        **options: the other options of `RequestsTransport`.

    Raises:
        ConfigurationError: server, user or key is missing.
    """
    from ftrack_orm.transport.http import RequestsTransport

    server_url = server_url or os.environ.get("FTRACK_SERVER", "")
    api_user = api_user or os.environ.get("FTRACK_API_USER", "")
    api_key = api_key or Secret(os.environ.get("FTRACK_API_KEY", ""))
    required = {
        "FTRACK_SERVER": server_url,
        "FTRACK_API_USER": api_user,
        "FTRACK_API_KEY": api_key,
    }
    missing = [name for name, value in required.items() if not value]
    if missing:
        raise ConfigurationError(missing)
    return RequestsTransport(server_url, api_user, api_key, **options)
