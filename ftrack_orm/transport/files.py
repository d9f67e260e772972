"""Carries files over HTTP with `requests`, to and from wherever a server keeps them.

Storages are strangers: they get the bytes and the headers that the server said, and
neither credentials nor cookies. The addresses themselves are secrets, because they
let anyone read or write who has them; errors and log records name the host alone.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NoReturn
from urllib.parse import urlencode, urljoin, urlsplit

from ftrack_orm.errors.transport import TransportError, WrongAddressError
from ftrack_orm.transport.failures import (
    Progress,
    failure_of,
    failures,
    is_before_sending,
    without_frames,
)
from ftrack_orm.transport.secret import Secret
from ftrack_orm.types import FileReply

if TYPE_CHECKING:
    import requests

logger = logging.getLogger("ftrack_orm.transport")

MAX_REDIRECTS: Final = 5
CONNECTIONS: Final = 64
"""Connections to one host that are kept; more parts at once open new ones."""

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_SMALL: Final = 65_536
"""Bytes of an answer that are read for the sake of the connection."""


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
            timeout: seconds to wait for a connection, and for each sign of life after.
        """
        self._server_url = server_url
        self._api_user = api_user
        self._api_key = Secret.of(api_key)
        del api_key  # a traceback with locals would show it
        self._timeout = timeout
        self._http: requests.Session | None = None
        self._opening = threading.Lock()

    def __repr__(self) -> str:
        return f"RequestsFiles({self._server_url!r}, api_user={self._api_user!r})"

    def url(self, path: str, parameters: Mapping[str, str]) -> str:
        """Return an address on the server, which carries the API key (protocol 7.2).

        Args:
            path: absolute path on the server, ``/component/get``.
            parameters: the query; ``username`` and ``apiKey`` are put after it.
        """
        # No name is bound to the query, for a traceback with locals would show it.
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
        """Send `size` bytes to `url` and return the answer, whatever its status.

        What `blocks` raises ends the request and reaches the caller.

        Args:
            url: where to; redirects are not followed, the bytes go there or nowhere.
            blocks: the bytes, `size` in all.
            size: sent as Content-Length, whatever `headers` say of it.
            headers: sent as they are, and none besides but what HTTP needs.
            timeout: seconds, instead of the transport's own.

        Raises:
            ConnectionFailedError: nothing was sent.
            RequestTimeoutError: no sign of life in time.
            TransportError: the exchange failed; the storage may have the bytes.
        """
        address = _Address(url)
        del url  # a traceback with locals would show it
        progress = _Body(blocks, size)
        seconds = self._timeout if timeout is None else timeout
        with _Exchange("PUT", address, progress, seconds) as exchange:
            response = self._session().request(
                "PUT",
                address.url.reveal(),
                # `requests` would send a body without length in chunks.
                data=progress if size else b"",
                headers=_exact(headers, without="content-length"),
                auth=_no_auth,
                timeout=seconds,
                stream=True,
                allow_redirects=False,
            )
            exchange.status = response.status_code
            _let_go(response)
            return FileReply(response.status_code, _lowered(response.headers))
        exchange.fail()

    @contextmanager
    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Iterator[_Download]:
        """Return the answer to a GET of `url`, whatever its status; closed on exit.

        Redirects are followed, with `headers` and without credentials or cookies.

        Args:
            url: what to get.
            headers: sent as they are.
            timeout: seconds, instead of the transport's own.

        Raises:
            ConnectionFailedError: no connection could be made.
            RequestTimeoutError: no sign of life in time.
            TruncatedResponseError: the connection was lost before an answer.
            WrongAddressError: the redirects do not end, or lead out of the web.
        """
        address = _Address(url)
        del url  # a traceback with locals would show it
        seconds = self._timeout if timeout is None else timeout
        response = self._followed(address, headers, seconds)
        try:
            yield _Download(response, seconds)
        finally:
            response.close()

    def close(self) -> None:
        """Release the connections; a later transfer opens new ones."""
        with self._opening:
            http, self._http = self._http, None
        if http is not None:
            http.close()

    def _followed(
        self, address: _Address, headers: Mapping[str, str] | None, seconds: float
    ) -> requests.Response:
        response = self._got(address, headers, seconds)
        for _ in range(MAX_REDIRECTS):
            following = address.following(response)
            if following is None:
                return response
            response.close()
            if not following.is_on_the_web:
                break
            address = following
            response = self._got(address, headers, seconds)
        if address.following(response) is None:
            return response
        response.close()
        status = response.status_code
        del response  # its headers hold the next address
        raise WrongAddressError(address.host, status)

    def _got(
        self, address: _Address, headers: Mapping[str, str] | None, seconds: float
    ) -> requests.Response:
        with _Exchange("GET", address, Progress(b""), seconds) as exchange:
            response = self._session().request(
                "GET",
                address.url.reveal(),
                headers=_exact(headers),
                auth=_no_auth,
                timeout=seconds,
                stream=True,
                allow_redirects=False,
            )
            exchange.status = response.status_code
            _forget_address(response, address)
            return response
        exchange.fail()

    def _session(self) -> requests.Session:
        with self._opening:
            if self._http is None:
                self._http = _new_session()
            return self._http


class _Address:
    """An address that no `repr`, and so no traceback with locals, shows.

    Attributes:
        url: all of it, hidden.
        host: scheme, host and port, which is all that may be shown.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.url = Secret(url)
        self.host = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        self.is_on_the_web = parts.scheme in ("http", "https")

    def __repr__(self) -> str:
        return f"<address at {self.host}>"

    def following(self, response: requests.Response) -> _Address | None:
        """Return where an answer of this address redirects to, if it does."""
        location = response.headers.get("Location")
        if response.status_code not in _REDIRECTS or not location:
            return None
        return _Address(urljoin(self.url.reveal(), location))


class _Download:
    """A `ftrack_orm.types.FileDownload`: an answer whose body is still to be read."""

    def __init__(self, response: requests.Response, seconds: float) -> None:
        self._response = response
        self._seconds = seconds
        self._server_url = _Address(response.url).host
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = _lowered(response.headers)

    def __repr__(self) -> str:
        return f"<answer of {self._server_url}, HTTP status {self.status}>"

    def blocks(self, size: int) -> Iterator[bytes]:
        """Yield the body in blocks of at most `size` bytes, as they come.

        Raises:
            TransportError: the body broke off, or nothing came in time.
        """
        progress = Progress(b"")
        progress.is_sent = True
        while True:
            progress.received = self._response.raw.tell()
            failed: BaseException | None = None
            block = b""
            try:
                block = self._read(size)
            except failures() as error:
                failed = failure_of(
                    error, self._server_url, progress, seconds=self._seconds
                )
            except BaseException as error:  # Ctrl-C
                failed = without_frames(error)
            if failed is not None:
                # Outside the handler, so that no __context__ leads to the address.
                raise failed
            if not block:
                return
            yield block

    def _read(self, size: int) -> bytes:
        from http.client import IncompleteRead

        raw = self._response.raw
        # What has come is given on before more is waited for: where the connection
        # breaks then, it is not lost. urllib3 1 cannot do that.
        read = getattr(raw, "read1", raw.read)
        block: bytes = read(size, decode_content=True)
        # urllib3 1 does not notice a body that ends before its announced length.
        announced = self.headers.get("content-length", "")
        if not block and announced.isdecimal() and raw.tell() < int(announced):
            raise IncompleteRead(b"", int(announced) - raw.tell())
        return block


class _Body(Progress):
    """Blocks on their way out, as `requests` wants a body whose length is known."""

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
    """One request to a storage: logged, and its failure kept until it can be raised.

    `fail` raises outside the handler that caught the cause, because that one's
    exception holds the request, and the request its address.
    """

    def __init__(
        self, method: str, address: _Address, progress: Progress, seconds: float
    ) -> None:
        self.status: int | None = None
        self._method = method
        self._server_url = address.host
        self._progress = progress
        self._seconds = seconds
        self._failed: BaseException | None = None
        self._started = time.perf_counter()

    def __enter__(self) -> _Exchange:
        _unlogged.is_on = True
        return self

    def __exit__(self, kind: object, error: BaseException | None, at: object) -> bool:
        _unlogged.is_on = False
        if isinstance(error, failures()):
            self._failed = self._failure(error)
        elif error is not None:
            # The blocks' own error, or Ctrl-C: without the frames of `requests`.
            self._failed = without_frames(error)
        logger.debug(
            "%s %s: %s, %.3f s",
            self._method,
            self._server_url,
            f"HTTP status {self.status}"
            if error is None
            else type(self._failed or error).__name__,
            time.perf_counter() - self._started,
        )
        return self._failed is not None

    def fail(self) -> NoReturn:
        """Raise what stands for the failure."""
        if self._failed is None:
            raise AssertionError
        raise self._failed

    def _failure(self, error: BaseException) -> TransportError:
        progress = self._progress
        if self._method == "GET":
            progress.is_sent = not is_before_sending(error)
        if progress.is_sent:
            # Nothing of an answer came. What a lost answer means for a batch, that
            # something may have been applied, is nothing to a file.
            progress.received = 0
        return failure_of(error, self._server_url, progress, seconds=self._seconds)


class _PathFilter(logging.Filter):
    """Takes addresses out of what urllib3 logs while this module is at work."""

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(_unlogged, "is_on", False) and isinstance(record.args, tuple):
            record.args = tuple(map(_hidden, record.args))
        return True


_unlogged = threading.local()
_path_filter = _PathFilter()


def _hidden(argument: object) -> object:
    is_address = isinstance(argument, str) and ("/" in argument or "?" in argument)
    is_version = isinstance(argument, str) and argument.startswith("HTTP/")
    return "***" if is_address and not is_version else argument


def _new_session() -> requests.Session:
    from http.cookiejar import DefaultCookiePolicy

    import requests

    from ftrack_orm.transport.whole_heads import WholeHeadAdapter

    logging.getLogger("urllib3.connectionpool").addFilter(_path_filter)
    session = requests.Session()
    adapter = WholeHeadAdapter(pool_connections=8, pool_maxsize=CONNECTIONS)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    session.headers.clear()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session


def _exact(
    headers: Mapping[str, str] | None, without: str | None = None
) -> dict[str, str | bytes]:
    """Return `headers`, and words for urllib3 not to add its own."""
    from urllib3.util import SKIP_HEADER

    given: dict[str, str | bytes] = {
        name: _sendable(value) for name, value in (headers or {}).items()
    }
    for name in [name for name in given if name.lower() == without]:
        del given[name]
    names = set(map(str.lower, given))
    own = {
        name: SKIP_HEADER
        for name in ("User-Agent", "Accept-Encoding")
        if name.lower() not in names
    }
    return {**own, **given}


def _sendable(value: str) -> str | bytes:
    """Return a header's value as it can be sent: file names may be in any script."""
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode()
    return value


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Leave the request as it is; with this, no netrc file is asked."""
    return request


def _forget_address(response: requests.Response, address: _Address) -> None:
    """Leave an answer only the host of its address; frames hold it while it is read."""
    response.url = response.request.url = address.host
    if hasattr(response.raw, "_request_url"):
        response.raw._request_url = None


def _let_go(response: requests.Response) -> None:
    """Read a short answer, so that its connection can be used again."""
    length = response.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) <= _SMALL:
        try:
            response.raw.read(_SMALL)
        except failures():
            logger.debug("the end of an answer was lost")
    response.close()


def _lowered(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
