"""A transport that ends its process, as a kill does, at one request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

from ftrack_orm.types import FileTransport, HasFiles, Reply, Transport
from tests.support.transports import PassingTransport

Moment: TypeAlias = Literal["before", "after"]
"""Before the request arrives, or after it is applied and before its reply."""


class Killed(BaseException):
    """The process is dead: no handler may take it for an error."""


class CutTransport(PassingTransport):
    """Passes requests on, until one ends the process.

    Attributes:
        count: the number of requests so far.
    """

    def __init__(self, inner: Transport, number: int, moment: Moment) -> None:
        super().__init__(inner)
        self.count = 0
        self._number = number
        self._moment = moment

    @property
    def files(self) -> FileTransport:
        """Return the transport of files, which never ends the process."""
        assert isinstance(self.inner, HasFiles)
        return self.inner.files

    def reply_to(self, body: bytes, send: Callable[[], Reply]) -> Reply:
        """Return the reply, or end the process."""
        self.count += 1
        if self.count == self._number and self._moment == "before":
            raise Killed
        reply = send()
        if self.count == self._number:
            raise Killed
        return reply
