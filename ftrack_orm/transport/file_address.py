"""Addresses of files, hidden from reprs, tracebacks and log records.

An address grants access to its file: it contains the API key, or a signature of the
storage.
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

from ftrack_orm.transport.secret import Secret

if TYPE_CHECKING:
    import requests

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


class FileAddress:
    """An address whose path and query no `repr` and no traceback with locals shows.

    Attributes:
        url: the whole address, as a secret.
        host: scheme, host and port, for errors and log records.
        is_http: true for ``http`` and ``https``.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.url = Secret(url)
        self.host = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        self.is_http = parts.scheme in ("http", "https")

    def __repr__(self) -> str:
        return f"<address at {self.host}>"

    def redirect_target(self, response: requests.Response) -> FileAddress | None:
        """Return the address that a reply redirects to, or ``None``."""
        location = response.headers.get("Location")
        if response.status_code not in _REDIRECTS or not location:
            return None
        return FileAddress(urljoin(self.url.reveal(), location))

    def hide_in(self, response: requests.Response) -> None:
        """Reduce the address in a reply to its host.

        The frames that read the body hold the reply, and a traceback may show them.
        """
        response.url = response.request.url = self.host
        if hasattr(response.raw, "_request_url"):
            response.raw._request_url = None


class AddressFilter(logging.Filter):
    """Removes addresses from the records that urllib3 logs during a transfer.

    Records of other threads, which do not transfer files, are left unchanged.
    """

    def __init__(self) -> None:
        super().__init__()
        self._thread = threading.local()

    def start(self) -> None:
        """Begin to remove the addresses in records of this thread."""
        self._thread.is_transferring = True

    def stop(self) -> None:
        """Stop removing the addresses in records of this thread."""
        self._thread.is_transferring = False

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the addresses among the arguments of `record`; return true."""
        is_transferring = getattr(self._thread, "is_transferring", False)
        if is_transferring and isinstance(record.args, tuple):
            record.args = tuple(map(_redact, record.args))
        return True


def _redact(argument: object) -> object:
    is_address = isinstance(argument, str) and ("/" in argument or "?" in argument)
    # urllib3 logs the protocol version, "HTTP/1.1", as an argument too.
    is_version = isinstance(argument, str) and argument.startswith("HTTP/")
    return "***" if is_address and not is_version else argument


ADDRESS_FILTER: Final = AddressFilter()
"""The filter of urllib3's logger; adding the same filter again has no effect."""
