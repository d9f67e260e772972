"""API transport to an emulator in the same process: the bytes of HTTP, no socket."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Final

from ftrack_orm.emulator.authentication import LOGIN_COOKIE
from ftrack_orm.emulator.fault_injection import FaultInjector
from ftrack_orm.errors.emulator import EmulatorError
from ftrack_orm.errors.transport import (
    ConnectionFailedError,
    ConnectionLostError,
    RequestTimeoutError,
    TruncatedResponseError,
)
from ftrack_orm.types import FileTransport, Reply

_SCHEME: Final = "emulator"
_HOST: Final = "in-process"
IN_PROCESS_URL: Final = f"{_SCHEME}://{_HOST}"


class EmulatorTransport:
    """A `ftrack_orm.types.Transport` to an emulator in the same process.

    A fault raises the error that the HTTP transport would raise. A broken connection is
    a `ConnectionLostError` whether the request was applied or not, because a client
    cannot see the difference. The login cookie is sent back, as by HTTP clients.
    """

    def __init__(
        self,
        injector: FaultInjector,
        api_user: str,
        api_key: str,
        *,
        timeout: float = 60.0,
        strict_api: bool = True,
        additional_headers: Mapping[str, str] | None = None,
        files: FileTransport | None = None,
    ) -> None:
        self._injector = injector
        self._api_user = api_user
        self._timeout = timeout
        self._headers = _lowered(
            {
                "content-type": "application/json",
                "accept": "application/json",
                "ftrack-user": api_user,
                "ftrack-api-key": api_key,
                "ftrack-strict-api": "true" if strict_api else "false",
                # URLs in responses begin with scheme and host: `IN_PROCESS_URL`.
                "host": _HOST,
                "x-forwarded-proto": _SCHEME,
                **(additional_headers or {}),
            }
        )
        self._files = files
        self._is_closed = False

    @property
    def files(self) -> FileTransport:
        """Return the transport for files.

        Raises:
            EmulatorError: the transport was created without one.
        """
        if self._files is None:
            raise EmulatorError(
                "This transport cannot transfer files. Use Emulator.transport()."
            )
        return self._files

    @property
    def server_url(self) -> str:
        """Return a URL whose scheme no HTTP client accepts."""
        return IN_PROCESS_URL

    @property
    def api_user(self) -> str:
        """Return the name of the user that requests are made as."""
        return self._api_user

    def __repr__(self) -> str:
        return f"EmulatorTransport(api_user={self._api_user!r})"

    def call(
        self,
        body: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Reply:
        """Return the reply to `body`, a JSON array of operations.

        Args:
            body: the encoded batch.
            headers: headers of this call; they override those of the transport.
            timeout: seconds; by default the timeout of the transport.

        Raises:
            ConnectionFailedError: the transport is closed.
            ConnectionLostError: a fault broke the connection.
            RequestTimeoutError: a fault delayed the reply beyond the timeout.
            TruncatedResponseError: a fault cut the reply.
        """
        if self._is_closed:
            raise ConnectionFailedError(
                IN_PROCESS_URL, "the transport is closed", is_permanent=True
            )
        seconds = self._timeout if timeout is None else timeout
        outcome = self._injector.run(body, self._headers | _lowered(headers or {}))
        if outcome.cookie is not None:
            self._headers["cookie"] = f"{LOGIN_COOKIE}={outcome.cookie}"
        if outcome.delay:
            time.sleep(min(outcome.delay, seconds))
            if outcome.delay > seconds:
                raise RequestTimeoutError(IN_PROCESS_URL, seconds)
        if outcome.is_lost:
            raise ConnectionLostError(IN_PROCESS_URL, "the connection was closed")
        if outcome.keep is not None:
            received = min(outcome.keep, len(outcome.body))
            raise TruncatedResponseError(
                IN_PROCESS_URL, received, f"{len(outcome.body)} bytes were announced"
            )
        return Reply(
            IN_PROCESS_URL,
            outcome.status,
            outcome.content_type,
            outcome.body,
            _seconds(outcome.retry_after),
        )

    def close(self) -> None:
        """Refuse further calls. Safe to call twice."""
        self._is_closed = True


def _lowered(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _seconds(retry_after: str | None) -> float | None:
    try:
        return None if retry_after is None else float(retry_after)
    except ValueError:
        return None
