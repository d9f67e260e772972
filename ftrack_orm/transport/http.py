"""Carries batches to a server over HTTP with `requests`, and their replies back.

`requests` is imported with the first call: it takes longer to import than all of
`ftrack_orm`, and who only builds queries or models never needs it.

Nothing that leaves this module shows the API key. Errors are raised outside the
handler that caught their cause, because a `requests` exception holds its request,
and the request its headers; so do the frames of its traceback.
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
from ftrack_orm.transport.failures import Progress, failure_of, without_frames
from ftrack_orm.transport.files import RequestsFiles
from ftrack_orm.transport.redaction import Redaction
from ftrack_orm.transport.retry_after import seconds_to_wait
from ftrack_orm.transport.secret import Secret
from ftrack_orm.transport.surplus import watch_for_surplus
from ftrack_orm.types import Reply

if TYPE_CHECKING:
    import requests

logger = logging.getLogger("ftrack_orm.transport")

MAX_REDIRECTS: Final = 5

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
# These alone keep the method; after the others a POST would arrive as an empty GET.
_METHOD_KEPT: Final = frozenset({307, 308})


class RequestsTransport:
    """Sends each batch as one POST, with the user's credentials (protocol 1.1, 1.2).

    Connections are kept open between calls, and two threads may call at once. Cookies
    the server sets are sent back. Proxies and certificates come from the environment,
    as `requests` reads it.
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
            timeout: seconds to wait for a connection, and for each sign of life after.
            strict_api: ask for HTTP error statuses and for aggregate queries.
            client_token: marks the events this client causes; a new one by default.
            additional_headers: added to every request; they win over ours.

        Raises:
            InvalidSettingError: an argument cannot be used; the text says which.
        """
        key = Secret.of(api_key)
        del api_key  # a traceback with locals would show it
        self._server_url = ""  # the address may hold a password until it is checked
        self._api_user = api_user
        self._server_url = _checked_address(server_url)
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
        self._opening = threading.Lock()

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
        """Return what carries files to and from the server's storages."""
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
            headers: added to the transport's own for this call; they win.
            timeout: seconds, instead of the transport's own.

        Raises:
            ConnectionFailedError: nothing was sent, nothing was applied.
            RequestTimeoutError: sent, no answer in time.
            ConnectionLostError: sent, and the connection was lost before an answer.
            TruncatedResponseError: the answer broke off.
            WrongAddressError: the address redirects to where no request may follow.
            InvalidSettingError: a header cannot be sent; nothing was.
        """
        seconds = self._timeout if timeout is None else timeout
        own_headers = self._headers.updated(headers)
        answer = self._exchange(self._url, body, own_headers, seconds)
        for _ in range(MAX_REDIRECTS):
            if isinstance(answer, Reply):
                return answer
            url = self._followed(answer)
            answer = self._exchange(url, body, own_headers, seconds)
        if isinstance(answer, Reply):
            return answer
        raise WrongAddressError(self._server_url, answer.status, answer.location)

    def close(self) -> None:
        """Release the connections; a later call opens new ones."""
        with self._opening:
            http, self._http = self._http, None
        if http is not None:
            http.close()
        self._files.close()

    def drop_connections(self) -> None:
        """Close idle connections, so that the next call opens a new one.

        Cookies stay; a call that is under way in another thread is not disturbed.
        """
        with self._opening:
            if self._http is not None:
                for adapter in self._http.adapters.values():
                    adapter.close()

    def _exchange(
        self, url: str, body: bytes, headers: Headers, seconds: float
    ) -> Reply | _Redirect:
        """Send one POST and read what comes back."""
        progress = Progress(body)
        started = time.perf_counter()
        outcome: Reply | _Redirect | BaseException
        try:
            outcome = self._post(url, progress, headers, seconds)
        except FtrackError as error:
            outcome = without_frames(error)
        except Exception as error:  # any other kind may quote the headers
            outcome = failure_of(error, self._server_url, progress, seconds=seconds)
        except BaseException as error:  # Ctrl-C, or the end of the program
            outcome = without_frames(error)
        logger.debug(
            "POST %s: %d bytes sent, %s, %d bytes received, %.3f s",
            url,
            len(body),
            type(outcome).__name__
            if isinstance(outcome, BaseException)
            else f"HTTP status {outcome.status}",
            progress.received or 0,
            time.perf_counter() - started,
        )
        if isinstance(outcome, BaseException):
            # Outside the handlers, so that no __context__ leads to the headers.
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
            seconds_to_wait(response.headers.get("Retry-After")),
        )

    def _followed(self, redirect: _Redirect) -> str:
        """Return where to send the batch again.

        Credentials stay with the server they were given for; only its own step from
        http to https is followed besides.

        Raises:
            WrongAddressError: the batch must not, or cannot, follow.
        """
        if redirect.status not in _METHOD_KEPT or not _is_same_server(
            redirect.url, redirect.location
        ):
            raise WrongAddressError(
                self._server_url, redirect.status, redirect.location
            )
        return redirect.location

    def _session(self) -> requests.Session:
        with self._opening:
            if self._http is None:
                import requests

                self._http = requests.Session()
            return self._http


def _read_body(response: requests.Response, progress: Progress) -> bytes:
    """Return the unpacked body, all of it.

    `requests` would read it in pieces of 10 kB, which for a large answer takes
    longer than decoding it.
    """
    from http.client import IncompleteRead

    raw = response.raw
    watch_for_surplus(raw)
    progress.received = 0
    try:
        body: bytes = raw.read(decode_content=True)
        progress.received = raw.tell()
        # urllib3 1 does not notice a body that ends before its announced length.
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
    except ValueError:  # a port that is no number
        return False


def _checked_address(server_url: str) -> str:
    """Return `server_url` without trailing slashes; refuse what is no address."""
    address = server_url.strip().rstrip("/")
    example = "give an address such as https://company.ftrackapp.com"
    problem = _address_problem(address)
    if problem is not None:
        raise InvalidSettingError("server_url", f"{problem}; {example}")
    return address


def _address_problem(address: str) -> str | None:
    """Return what is wrong with `address`; what may hold a secret is not quoted."""
    try:
        parts = urlsplit(address)
        has_host = bool(parts.hostname)
        _ = parts.port
    except ValueError:
        return "it is no address"
    checks = (
        (not address, "it is empty"),
        ("@" in address, "a user or password does not belong in it"),
        ("://" not in address, f"{address!r} does not begin with https:// or http://"),
        (
            parts.scheme not in ("http", "https"),
            f"it begins with {parts.scheme}://, not with https:// or http://",
        ),
        (not has_host, "it names no host"),
        (bool(parts.query or parts.fragment), "it goes on after the path"),
    )
    return next((problem for is_wrong, problem in checks if is_wrong), None)
