"""The base of a session's groups of methods: its internals, and `call`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, NoReturn

from ftrack_orm.errors.other_words import OtherWords
from ftrack_orm.operations import AnyOperation, Response
from ftrack_orm.session.argument_checks import require_operations
from ftrack_orm.session.settings import check_timeout
from ftrack_orm.types import Cancel

if TYPE_CHECKING:
    from ftrack_orm.session.core import SessionCore


def push_headers(push_token: str | None) -> dict[str, str]:
    """Return the header that marks the events of a request (protocol 1.2)."""
    return {} if push_token is None else {"ftrack-pushtoken": push_token}


class Uncopied:
    """An object that is not copied: the copy would share entities and connections."""

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError(
            "A session and its parts cannot be copied or pickled. Open a "
            "Session in each process or thread, and pass keys or copies of entities."
        )


_WORDS: Final[Mapping[str, str]] = {
    "populate": "load(entities, Task.status)",
    "auto_populating": 'Session(load="strict")',
    "recorded_operations": "plan()",
    "reset": "expunge_all(), or a new Session",
    "types": 'model("Task") for the class of a name',
    "merge": "get(), or select()",
    "event_hub": "ftrack_api, because a session has no events yet",
    "pick_location": "create_component(), which uploads to the server's own storage",
    "flush": "commit()",
}
"""The words of this library for those of a session of `ftrack_api` or SQLAlchemy."""


class SessionBase(OtherWords, Uncopied):
    """The internals of a session, and the method that sends operations."""

    _core: SessionCore

    _OTHER_WORDS = _WORDS

    def _title(self) -> str:
        return "Session"

    def call(
        self,
        operations: Iterable[AnyOperation],
        *,
        push_token: str | None = None,
        additional_headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        cancel: Cancel | None = None,
    ) -> list[Response[Any]]:
        """Send operations in one request; return a response each, in the same order.

        The session tracks the entities in the results. The server applies all
        operations or none. A batch that only reads is retried after a temporary
        failure. When the reply to a batch that writes is lost, the server's data is
        queried to find out whether the batch was applied; if it was not, the batch is
        sent once more. An operation that leaves no trace to query (an invitation, a
        create without a key, a plain mapping) is never sent twice.

        Args:
            operations: operation objects, or plain mappings sent as they are.
            push_token: echoed in the events that the operations cause.
            additional_headers: added to this request.
            timeout: seconds to wait for the reply.
            cancel: stops waiting when it is set, such as a `threading.Event`.

        Raises:
            ServerError: the server refused; nothing was applied.
            RequestCancelledError: `cancel` was set; `may_be_applied` is true when the
                request was on its way.
            OutcomeUnknownError: the reply was lost, and the server's data does not
                show whether the batch was applied.
            TransportError: the exchange failed; nothing was applied.
        """
        headers = {**(additional_headers or {}), **push_headers(push_token)}
        if timeout is not None:
            check_timeout(timeout)
        return self._core.call(
            require_operations("call()", operations),
            headers=headers,
            timeout=timeout,
            cancel=cancel,
        )
