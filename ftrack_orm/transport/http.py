"""Send batches to a server over HTTP with `requests`, and return its replies.

`requests` is imported at the first call: importing it takes longer than importing all
of `ftrack_orm`, and a program that only builds queries or models does not need it.

No reply, error or log record of this module contains the API key. Errors are raised
outside the handler that caught their cause: a `requests` exception and the frames of
its traceback hold the request, and the request holds the headers.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urljoin, urlsplit

from ftrack_orm.errors.root import FtrackError
from ftrack_orm.errors.session import InvalidSettingError
from ftrack_orm.errors.transport import WrongAddressError
from ftrack_orm.transport.credentials import Headers
from ftrack_orm.transport.failures import Progress, transport_error, without_frames
from ftrack_orm.transport.files import RequestsFiles
from ftrack_orm.transport.redaction import Redaction
from ftrack_orm.transport.retry_after import parse_retry_after
from ftrack_orm.transport.secret import Secret
from ftrack_orm.transport.trailing_data import close_on_trailing_data
from ftrack_orm.types import Reply

if TYPE_CHECKING:
    import requests

logger = logging.getLogger("ftrack_orm.transport")

MAX_REDIRECTS: Final = 5

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
# After any other redirect, clients repeat a POST as a GET without a body.
_METHOD_PRESERVING: Final = frozenset({307, 308})


class RequestsTransport:
    """Sends each batch as one POST, with the user's credentials (protocol 1.1, 1.2).

    Connections stay open between calls, and several threads may call at once. Cookies
    of the server are sent back. `requests` reads proxies and certificates from the
    environment.
    """

    def __init__(
        self,
        server_url: str,
        api_user: str,
        api_key: str | Secret,
        *,
        api_endpoint: str = "/api",
        timeout: float = 60.0,
        strict_api: bool = True,
        client_token: str | None = None,
        additional_headers: Mapping[str, str] | None = None,
    ) -> None:
        """Prepare the transport; nothing is sent yet.

        Args:
            server_url: address of the server, with its scheme.
            api_user: the user name.
            api_key: the user's API key, or a global one.
            api_endpoint: path of the API on the server.
            timeout: seconds to wait for the connection, and for each read or write.
            strict_api: request HTTP error statuses and aggregate queries.
            client_token: the mark of the events that this client causes; by default a
                new one.
            additional_headers: added to every request, replacing those of the same
                names.

        Raises:
            InvalidSettingError: an argument cannot be used; `setting` names it.
        """
        key = Secret.of(api_key)
        # A traceback with locals would show it.
        del api_key
        # `repr` reads it, and the argument may contain a password until validated.
        self._server_url = ""
        self._api_user = api_user
        self._server_url = _validate_address(server_url)
        self._url = f"{self._server_url}/{api_endpoint.strip('/')}"
        self._timeout = timeout
        self._client_token = client_token or f"ftrack-python-orm--{uuid.uuid4()}"
        self._headers = Headers(
            {
                "content-type": "application/json",
                "accept": "application/json",
                "ftrack-user": api_user,
                "ftrack-api-key": key,
                "ftrack-strict-api": "true" if strict_api else "false",
                "ftrack-Clienttoken": self._client_token,
            }
        ).updated(additional_headers)
        self._redact = Redaction(key)
        self._files = RequestsFiles(self._server_url, api_user, key, timeout=timeout)
        self._http: requests.Session | None = None
        self._lock = threading.Lock()

    @property
    def server_url(self) -> str:
        """Return the server's address, without a trailing slash."""
        return self._server_url

    @property
    def api_user(self) -> str:
        """Return the name of the user that requests are made as."""
        return self._api_user

    @property
    def client_token(self) -> str:
        """Return the token that marks events caused by this client."""
        return self._client_token

    @property
    def files(self) -> RequestsFiles:
        """Return the transport of files to and from the server's storages."""
        return self._files

    def __repr__(self) -> str:
        return f"RequestsTransport({self._server_url!r}, api_user={self._api_user!r})"

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
            headers: added for this call, replacing the transport's of the same names.
            timeout: seconds, instead of the transport's timeout.

        Raises:
            ConnectionFailedError: nothing was sent, nothing was applied.
            RequestTimeoutError: sent, no reply within the timeout.
            ConnectionLostError: sent, the connection was lost before the reply.
            TruncatedResponseError: the reply broke off.
            WrongAddressError: the address redirects, and the batch must not follow.
            InvalidSettingError: a header cannot be sent; nothing was sent.
        """
        seconds = self._timeout if timeout is None else timeout
        all_headers = self._headers.updated(headers)
        reply = self._exchange(self._url, body, all_headers, seconds)
        for _ in range(MAX_REDIRECTS):
            if isinstance(reply, Reply):
                return reply
            url = self._redirect_target(reply)
            reply = self._exchange(url, body, all_headers, seconds)
        if isinstance(reply, Reply):
            return reply
        raise WrongAddressError(self._server_url, reply.status, reply.location)

    def close(self) -> None:
        """Release the connections; a later call opens new ones."""
        with self._lock:
            http, self._http = self._http, None
        if http is not None:
            http.close()
        self._files.close()

    def drop_connections(self) -> None:
        """Close idle connections, so that the next call opens a new one.

        Cookies stay. A call in progress in another thread is not interrupted.
        """
        with self._lock:
            if self._http is not None:
                for adapter in self._http.adapters.values():
                    adapter.close()

    def _exchange(
        self, url: str, body: bytes, headers: Headers, seconds: float
    ) -> Reply | _Redirect:
        """Send one POST, log it, and return the reply or redirect."""
        progress = Progress(body)
        start = time.perf_counter()
        outcome: Reply | _Redirect | BaseException
        try:
            outcome = self._post(url, progress, headers, seconds)
        except FtrackError as error:
            outcome = without_frames(error)
        except Exception as error:  # any other message may quote the headers
            outcome = transport_error(
                error, self._server_url, progress, seconds=seconds
            )
        except BaseException as error:  # Ctrl-C, or the end of the program
            outcome = without_frames(error)
        elapsed = time.perf_counter() - start
        _log_exchange(url, len(body), outcome, progress.received or 0, elapsed)
        if isinstance(outcome, BaseException):
            # Raised outside the handlers: the __context__ would hold the headers.
            raise outcome
        return outcome

    def _post(
        self, url: str, progress: Progress, headers: Headers, seconds: float
    ) -> Reply | _Redirect:
        response = self._session().post(
            url,
            data=progress,
            auth=headers,
            timeout=seconds,
            stream=True,
            allow_redirects=False,
        )
        location = response.headers.get("Location")
        if response.status_code in _REDIRECTS and location:
            response.close()
            target = self._redact.text(urljoin(url, location))
            return _Redirect(response.status_code, url, target)
        return Reply(
            self._server_url,
            response.status_code,
            self._redact.text(response.headers.get("Content-Type", "")),
            self._redact.page(
                _read_body(response, progress), is_error=response.status_code >= 300
            ),
            parse_retry_after(response.headers.get("Retry-After")),
        )

    def _redirect_target(self, redirect: _Redirect) -> str:
        """Return the address to send the batch to after a redirect.

        Only redirects within the server are followed, including from http to https:
        another server must not receive the credentials.

        Raises:
            WrongAddressError: the redirect leads elsewhere, or changes the method.
        """
        if redirect.status not in _METHOD_PRESERVING or not _is_same_server(
            redirect.url, redirect.location
        ):
            raise WrongAddressError(
                self._server_url, redirect.status, redirect.location
            )
        return redirect.location

    def _session(self) -> requests.Session:
        with self._lock:
            if self._http is None:
                import requests

                self._http = requests.Session()
            return self._http


def _read_body(response: requests.Response, progress: Progress) -> bytes:
    """Return the whole body, decompressed."""
    from http.client import IncompleteRead

    raw = response.raw
    close_on_trailing_data(raw)
    progress.received = 0
    try:
        # In one read: `requests` reads pieces of 10 kB, which for a large reply takes
        # longer than decoding the JSON.
        body: bytes = raw.read(decode_content=True)
        progress.received = raw.tell()
        # urllib3 1 accepts a body that is shorter than its Content-Length.
        announced = response.headers.get("Content-Length", "")
        if announced.isdecimal() and raw.tell() < int(announced):
            raise IncompleteRead(b"", int(announced) - raw.tell())
    except BaseException:
        progress.received = raw.tell()
        response.close()
        raise
    raw.release_conn()
    return body


class _Redirect(NamedTuple):
    status: int
    url: str
    location: str


def _is_same_server(url: str, location: str) -> bool:
    try:
        old, new = urlsplit(url), urlsplit(location)
        if old.hostname != new.hostname:
            return False
        if old.scheme == new.scheme:
            return old.port == new.port
        is_secured = (old.scheme, new.scheme) == ("http", "https")
        return is_secured and old.port in (None, 80) and new.port in (None, 443)
    except ValueError:  # the port is not a number
        return False


def _validate_address(server_url: str) -> str:
    """Return `server_url` without trailing slashes.

    Raises:
        InvalidSettingError: it is not the address of a server.
    """
    address = server_url.strip().rstrip("/")
    example = "give an address such as https://company.ftrackapp.com"
    problem = _address_problem(address)
    if problem is not None:
        raise InvalidSettingError("server_url", f"{problem}; {example}")
    return address


def _address_problem(address: str) -> str | None:
    """Return the fault of `address`, or ``None``; quote no part that may be secret."""
    try:
        parts = urlsplit(address)
        has_host = bool(parts.hostname)
        _ = parts.port
    except ValueError:
        return "it is not an address"
    checks = (
        (not address, "it is empty"),
        ("@" in address, "it must not contain a user or password"),
        ("://" not in address, f"{address!r} does not begin with https:// or http://"),
        (
            parts.scheme not in ("http", "https"),
            f"it begins with {parts.scheme}://, not with https:// or http://",
        ),
        (not has_host, "it names no host"),
        (bool(parts.query or parts.fragment), "it has a query or fragment"),
    )
    return next((problem for is_wrong, problem in checks if is_wrong), None)


def _log_exchange(
    url: str,
    sent: int,
    outcome: Reply | _Redirect | BaseException,
    received: int,
    seconds: float,
) -> None:
    logger.debug(
        "POST %s: %d bytes sent, %s, %d bytes received, %.3f s",
        url,
        sent,
        type(outcome).__name__
        if isinstance(outcome, BaseException)
        else f"HTTP status {outcome.status}",
        received,
        seconds,
    )
