"""A request that is sent before its response is needed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from ftrack_orm.errors.session import SessionClosedError
from ftrack_orm.errors.transport import TransportError
from ftrack_orm.gc_pause import gc_resumed
from ftrack_orm.types import Reply

T = TypeVar("T")


class Prefetch(Generic[T]):
    """A read in a background thread; `result` waits for it.

    The thread is a daemon and is never joined: neither closing a session nor the end
    of a program waits for a response that is no longer needed.
    """

    def __init__(
        self,
        call: Callable[[], Reply],
        read: Callable[[Reply | TransportError], T],
    ) -> None:
        """Start the request.

        Args:
            call: sends it and returns the reply; runs in the background thread.
            read: turns the reply, or the failure of `call`, into the result; runs in
                the thread that calls `result`, and may send again.
        """
        self._call = call
        self._read = read
        self._done = threading.Event()
        self._reply: Reply | BaseException | None = None
        self._is_dropped = False
        threading.Thread(
            target=self._run, name="ftrack_orm-prefetch", daemon=True
        ).start()

    def _run(self) -> None:
        try:
            self._reply = self._call()
        except BaseException as error:  # raised again by `result`
            self._reply = error
        self._done.set()

    def drop(self) -> None:
        """Drop the request: `result` raises from now on, a waiting call included."""
        self._is_dropped = True
        self._done.set()

    def result(self) -> T:
        """Wait for the reply and return the result.

        After an interrupted wait it can be called again.

        Raises:
            SessionClosedError: the request was dropped.
            TransportError, ServerError: it failed, further attempts included.
        """
        with gc_resumed():
            self._done.wait()
        reply = self._reply
        if self._is_dropped or reply is None:
            raise SessionClosedError
        if isinstance(reply, BaseException) and not isinstance(reply, TransportError):
            raise reply
        return self._read(reply)
