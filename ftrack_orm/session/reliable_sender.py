"""Sending batches at once, and settling those whose answer was lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ftrack_orm.errors import (
    RequestCancelledError,
    RequestTimeoutError,
    ServerError,
    TransportError,
)
from ftrack_orm.operations import (
    AnyOperation,
    CompleteMultipartUpload,
    Create,
    Delete,
    Query,
    Update,
)
from ftrack_orm.session.exchange import is_write
from ftrack_orm.session.expressions import entity_expression
from ftrack_orm.session.in_doubt import Settlement, raise_unknown
from ftrack_orm.transport.retrying import was_not_applied
from ftrack_orm.types import Cancel

if TYPE_CHECKING:
    from ftrack_orm.entity.base import Entity
    from ftrack_orm.session.exchange import Exchange


class Delivery:
    """Sends what acts at once.

    What only reads is tried again. Of what writes, an answer that is lost is settled,
    not guessed: the server is asked whether the batch was applied. If it was, the
    answer is read anew; if not, the batch is sent once more. No create is applied
    twice.
    """

    def __init__(
        self,
        exchange: Exchange,
        class_named: Callable[[str], type[Entity]],
        complete_results: Callable[[], object],
    ) -> None:
        """Prepare sending.

        Args:
            exchange: the way to the server.
            class_named: entity type to class.
            complete_results: called before a write, to fetch the pages that are left
                of results in progress.
        """
        self._complete_results = complete_results
        self._exchange = exchange
        self._class_named = class_named
        self._settlement = Settlement(exchange, self._key_names)

    def send(
        self,
        operations: Sequence[AnyOperation],
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        cancel: Cancel | None = None,
    ) -> list[Any]:
        """Return the raw results of `operations`, in the same order.

        Raises:
            OutcomeUnknownError: the answer was lost, and nobody can tell whether the
                batch was applied.
            RequestCancelledError: `cancel` was set before there was an answer.
            TransportError, ServerError: nothing was applied.
        """
        if any(map(is_write, operations)):
            self._complete_results()
        try:
            return self._exchange.send(
                operations, headers=headers, timeout=timeout, cancel=cancel
            )
        except TransportError as error:
            if not any(map(is_write, operations)) or _is_final(error):
                raise
            if not all(map(_can_be_settled, operations)):
                raise_unknown(error)
            if self._is_applied(operations, error):
                return self._read_anew(operations, error)
        return self._send_again(operations, headers, timeout, cancel)

    def _is_applied(
        self, operations: Sequence[AnyOperation], error: TransportError
    ) -> bool:
        """Return whether the batch was applied; false when it may be sent again.

        Raises:
            OutcomeUnknownError: it may still be, or nobody can tell.
        """
        applied = self._settlement.was_applied(operations, error)
        if applied:
            return True
        if isinstance(error, RequestTimeoutError):
            # The server may still be at work on the batch.
            raise_unknown(error)
        if applied is None and any(isinstance(step, Create) for step in operations):
            raise_unknown(error)
        return False

    def _send_again(
        self,
        operations: Sequence[AnyOperation],
        headers: Mapping[str, str] | None,
        timeout: float | None,
        cancel: Cancel | None,
    ) -> list[Any]:
        try:
            return self._exchange.send(
                operations, headers=headers, timeout=timeout, cancel=cancel
            )
        except (ServerError, TransportError) as error:
            if isinstance(error, TransportError) and _is_final(error):
                raise
            # A create is also refused when the first batch came through meanwhile.
            applied = self._settlement.was_applied(operations, error)
            if applied:
                return self._read_anew(operations, error)
            if isinstance(error, TransportError):
                raise_unknown(error)
            raise

    # -- answers that were lost ----------------------------------------------------

    def _read_anew(
        self, operations: Sequence[AnyOperation], error: Exception
    ) -> list[Any]:
        """Return what an applied batch has led to, as its own answer would say it.

        Raises:
            OutcomeUnknownError: the server cannot be asked, or what was written has
                gone again.
        """
        asked = [
            (place, self._question(operation))
            for place, operation in enumerate(operations)
        ]
        questions = [(place, query) for place, query in asked if query is not None]
        results: list[Any] = [_told(operation) for operation in operations]
        try:
            answers = self._exchange.send([query for _, query in questions])
        except (ServerError, TransportError):
            raise_unknown(error)
        for (place, _), answer in zip(questions, answers, strict=True):
            operation = operations[place]
            if isinstance(operation, Create | Update):
                if not answer["data"]:
                    raise_unknown(error)
                answer = {"action": operation.action, "data": answer["data"][0]}
            results[place] = answer
        return results

    def _question(self, operation: AnyOperation) -> AnyOperation | None:
        if isinstance(operation, Create | Update):
            info = self._class_named(operation.entity_type).__ftrack__
            return Query(entity_expression(info, operation.entity_key or ()))
        return None if is_write(operation) else operation

    def _key_names(self, entity_type: str) -> tuple[str, ...]:
        return self._class_named(entity_type).__ftrack__.key


def _told(operation: AnyOperation) -> Any:
    """Return the result of an operation that is known without asking."""
    match operation:
        case Delete():
            return {"action": operation.action, "data": True}
        case CompleteMultipartUpload():
            return {"action": operation.action, "component_id": operation.component_id}
        case _:
            return None


def _is_final(error: TransportError) -> bool:
    """Return whether nothing has to be settled after `error`, or nobody wants to."""
    return was_not_applied(error) or isinstance(error, RequestCancelledError)


def _can_be_settled(operation: AnyOperation) -> bool:
    """Return whether the answer to `operation` can be found out afterwards.

    What has no trace to look for, such as an invitation, is not done twice by itself;
    nor is what was given as a plain mapping, which nobody here can read.
    """
    if not is_write(operation):
        return True
    if isinstance(operation, Create):
        return operation.entity_key is not None
    return isinstance(operation, Update | Delete | CompleteMultipartUpload)
