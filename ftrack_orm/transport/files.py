"""Upload and download files over HTTP with `requests`.

Storages are third parties: they receive the bytes and the headers that the server
specifies, but no credentials and no cookies. The addresses are secrets, because they
grant access to the file; errors and log records contain only the host.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NoReturn
from urllib.parse import urlencode

from ftrack_orm.errors.transport import TransportError, WrongAddressError
from ftrack_orm.transport.failures import (
    Progress,
    exchange_errors,
    is_before_sending,
    transport_error,
    without_frames,
)
from ftrack_orm.transport.file_address import ADDRESS_FILTER, FileAddress
from ftrack_orm.transport.secret import Secret
from ftrack_orm.types import FileReply

if TYPE_CHECKING:
    import requests

logger = logging.getLogger("ftrack_orm.transport")

MAX_REDIRECTS: Final = 5
CONNECTIONS: Final = 64
"""Idle connections kept open to one host; more parallel parts open new ones."""

_MAX_DRAINED: Final = 65_536
"""Bytes of an unused reply body that are read to make its connection reusable."""


class RequestsFiles:
    """A `ftrack_orm.types.FileTransport` over HTTP; several threads may use it.

    Proxies and certificates come from the environment, as `requests` reads it; user
    names and passwords in a netrc file do not.
    """

    def __init__(
        self,
        server_url: str,
        api_user: str,
        api_key: str | Secret,
        *,
        timeout: float = 60.0,
    ) -> None:
        """Prepare the transport; nothing is sent yet.

        Args:
            server_url: address of the server, without a trailing slash.
            api_user: the user name, for addresses on the server.
            api_key: the user's key, for addresses on the server.
            timeout: seconds to wait for the connection, and for each read or write.
        """
        self._server_url = server_url
        self._api_user = api_user
        self._api_key = Secret.of(api_key)
        # A traceback with locals would show it.
        del api_key
        self._timeout = timeout
        self._http: requests.Session | None = None
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"RequestsFiles({self._server_url!r}, api_user={self._api_user!r})"

    def url(self, path: str, parameters: Mapping[str, str]) -> str:
        """Return an address on the server; it contains the API key (protocol 7.2).

        Args:
            path: absolute path on the server, ``/component/get``.
            parameters: the query; ``username`` and ``apiKey`` are appended.
        """
        # The query is bound to no name: a traceback with locals would show it.
        return f"{self._server_url}{path}?" + urlencode(
            {
                **parameters,
                "username": self._api_user,
                "apiKey": self._api_key.reveal(),
            }
        )

    def put(
        self,
        url: str,
        blocks: Iterable[bytes],
        size: int,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> FileReply:
        """Send `size` bytes to `url` and return the reply, of any status.

        An exception raised by `blocks` ends the request and reaches the caller.

        Args:
            url: the address to send to; redirects are not followed.
            blocks: the bytes, `size` in total.
            size: sent as Content-Length, replacing one in `headers`.
            headers: sent unchanged, with no others except those that HTTP requires.
            timeout: seconds, instead of the transport's timeout.

        Raises:
            ConnectionFailedError: nothing was sent.
            RequestTimeoutError: no read or write succeeded within the timeout.
            TransportError: the exchange failed; the storage may have the bytes.
        """
        address = FileAddress(url)
        # A traceback with locals would show it.
        del url
        progress = _Body(blocks, size)
        seconds = self._timeout if timeout is None else timeout
        with _Exchange("PUT", address, progress, seconds) as exchange:
            response = self._session().request(
                "PUT",
                address.url.reveal(),
                # `requests` takes an empty body for one of unknown length, and sends
                # it in chunks.
                data=progress if size else b"",
                headers=_exact_headers(headers, without="content-length"),
                auth=_no_auth,
                timeout=seconds,
                stream=True,
                allow_redirects=False,
            )
            exchange.status = response.status_code
            _release(response)
            return FileReply(response.status_code, _lower_names(response.headers))
        exchange.raise_error()

    @contextmanager
    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Iterator[_Download]:
        """Return the reply to a GET of `url`, of any status; exit closes it.

        Redirects are followed, with `headers` and without credentials or cookies.

        Args:
            url: the address of the file.
            headers: sent unchanged.
            timeout: seconds, instead of the transport's timeout.

        Raises:
            ConnectionFailedError: no connection could be made.
            RequestTimeoutError: no read or write succeeded within the timeout.
            TruncatedResponseError: the connection was lost before the reply.
            WrongAddressError: there are too many redirects, or one leads to an address
                that is not HTTP.
        """
        address = FileAddress(url)
        # A traceback with locals would show it.
        del url
        seconds = self._timeout if timeout is None else timeout
        response = self._follow_redirects(address, headers, seconds)
        try:
            yield _Download(response, seconds)
        finally:
            response.close()

    def close(self) -> None:
        """Release the connections; a later transfer opens new ones."""
        with self._lock:
            http, self._http = self._http, None
        if http is not None:
            http.close()

    def _follow_redirects(
        self, address: FileAddress, headers: Mapping[str, str] | None, seconds: float
    ) -> requests.Response:
        response = self._request(address, headers, seconds)
        for _ in range(MAX_REDIRECTS):
            target = address.redirect_target(response)
            if target is None:
                return response
            response.close()
            if not target.is_http:
                break
            address = target
            response = self._request(address, headers, seconds)
        if address.redirect_target(response) is None:
            return response
        response.close()
        status = response.status_code
        # Its headers hold the next address, and the frame becomes part of a traceback.
        del response
        raise WrongAddressError(address.host, status)

    def _request(
        self, address: FileAddress, headers: Mapping[str, str] | None, seconds: float
    ) -> requests.Response:
        with _Exchange("GET", address, Progress(b""), seconds) as exchange:
            response = self._session().request(
                "GET",
                address.url.reveal(),
                headers=_exact_headers(headers),
                auth=_no_auth,
                timeout=seconds,
                stream=True,
                allow_redirects=False,
            )
            exchange.status = response.status_code
            address.hide_in(response)
            return response
        exchange.raise_error()

    def _session(self) -> requests.Session:
        with self._lock:
            if self._http is None:
                self._http = _new_session()
            return self._http


class _Download:
    """A `ftrack_orm.types.FileDownload`: a reply whose body is not read yet."""

    def __init__(self, response: requests.Response, seconds: float) -> None:
        self._response = response
        self._seconds = seconds
        self._server_url = FileAddress(response.url).host
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = _lower_names(response.headers)

    def __repr__(self) -> str:
        return f"<reply of {self._server_url}, HTTP status {self.status}>"

    def blocks(self, size: int) -> Iterator[bytes]:
        """Yield the body in blocks of at most `size` bytes, as they arrive.

        Raises:
            TransportError: the body broke off, or no byte arrived within the timeout.
        """
        progress = Progress(b"")
        progress.is_sent = True
        while True:
            progress.received = self._response.raw.tell()
            failure: BaseException | None = None
            block = b""
            try:
                block = self._read(size)
            except exchange_errors() as error:
                failure = transport_error(
                    error, self._server_url, progress, seconds=self._seconds
                )
            except BaseException as error:  # Ctrl-C
                failure = without_frames(error)
            if failure is not None:
                # Raised outside the handler: the __context__ would hold the address.
                raise failure
            if not block:
                return
            yield block

    def _read(self, size: int) -> bytes:
        from http.client import IncompleteRead

        raw = self._response.raw
        # `read` waits for `size` bytes, and loses those that arrived if the connection
        # breaks meanwhile; `read1` returns them. urllib3 1 has no `read1`.
        read = getattr(raw, "read1", raw.read)
        block: bytes = read(size, decode_content=True)
        # urllib3 1 accepts a body that is shorter than its Content-Length.
        announced = self.headers.get("content-length", "")
        if not block and announced.isdecimal() and raw.tell() < int(announced):
            raise IncompleteRead(b"", int(announced) - raw.tell())
        return block


class _Body(Progress):
    """A body of blocks with a known length, which `requests` does not send chunked."""

    def __init__(self, blocks: Iterable[bytes], size: int) -> None:
        super().__init__(b"")
        self._blocks = blocks
        self._size = size

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        self.is_sent = True
        yield from self._blocks

    def __repr__(self) -> str:
        return f"<body of {self._size} bytes>"


class _Exchange:
    """One request to a storage: logs it, and stores its error until `raise_error`.

    Call `raise_error` after the ``with`` block. Inside it, Python would set the
    original exception as context, which holds the request and its address.
    """

    def __init__(
        self, method: str, address: FileAddress, progress: Progress, seconds: float
    ) -> None:
        self.status: int | None = None
        self._method = method
        self._server_url = address.host
        self._progress = progress
        self._seconds = seconds
        self._error: BaseException | None = None
        self._start = time.perf_counter()

    def __enter__(self) -> _Exchange:
        ADDRESS_FILTER.start()
        return self

    def __exit__(
        self, error_class: object, error: BaseException | None, traceback: object
    ) -> bool:
        ADDRESS_FILTER.stop()
        if isinstance(error, exchange_errors()):
            self._error = self._convert(error)
        elif error is not None:
            # An error of `blocks`, or Ctrl-C.
            self._error = without_frames(error)
        logger.debug(
            "%s %s: %s, %.3f s",
            self._method,
            self._server_url,
            f"HTTP status {self.status}"
            if error is None
            else type(self._error or error).__name__,
            time.perf_counter() - self._start,
        )
        return self._error is not None

    def raise_error(self) -> NoReturn:
        """Raise the stored error."""
        if self._error is None:
            raise AssertionError
        raise self._error

    def _convert(self, error: BaseException) -> TransportError:
        progress = self._progress
        if self._method == "GET":
            progress.is_sent = not is_before_sending(error)
        if progress.is_sent:
            # A number makes it a TruncatedResponseError. ConnectionLostError is for
            # batches: it means that the server may have applied operations.
            progress.received = 0
        return transport_error(error, self._server_url, progress, seconds=self._seconds)


def _new_session() -> requests.Session:
    from http.cookiejar import DefaultCookiePolicy

    import requests

    from ftrack_orm.transport.response_heads import CompleteHeadAdapter

    logging.getLogger("urllib3.connectionpool").addFilter(ADDRESS_FILTER)
    session = requests.Session()
    adapter = CompleteHeadAdapter(pool_connections=8, pool_maxsize=CONNECTIONS)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.headers.clear()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session


def _exact_headers(
    headers: Mapping[str, str] | None, without: str | None = None
) -> dict[str, str | bytes]:
    """Return `headers`, with markers that stop urllib3 from adding defaults."""
    from urllib3.util import SKIP_HEADER

    exact: dict[str, str | bytes] = {
        name: _encoded(value) for name, value in (headers or {}).items()
    }
    for name in [name for name in exact if name.lower() == without]:
        del exact[name]
    names = set(map(str.lower, exact))
    skipped = {
        name: SKIP_HEADER
        for name in ("User-Agent", "Accept-Encoding")
        if name.lower() not in names
    }
    return {**skipped, **exact}


def _encoded(value: str) -> str | bytes:
    """Return a header's value in latin-1 if possible, else as UTF-8 bytes.

    A file name in a header may be in any script.
    """
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode()
    return value


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Return the request unchanged; with any `auth`, `requests` reads no netrc file."""
    return request


def _release(response: requests.Response) -> None:
    """Close a reply; read a short body first, so that its connection can be reused."""
    length = response.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) <= _MAX_DRAINED:
        try:
            response.raw.read(_MAX_DRAINED)
        except exchange_errors():
            logger.debug("the end of a reply was lost")
    response.close()


def _lower_names(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
