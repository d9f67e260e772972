"""Send batches, and settle those whose answer is lost. One rule for every write."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from ftrack_orm.errors.server import ServerError
from ftrack_orm.errors.transport import (
    ConnectionLostError,
    OutcomeUnknownError,
    RequestCancelledError,
    RequestTimeoutError,
    TransportError,
)
from ftrack_orm.operations import (
    AnyOperation,
    CompleteMultipartUpload,
    Create,
    Delete,
    Update,
)
from ftrack_orm.session.api_client import is_write
from ftrack_orm.session.in_doubt import Batch, Evidence, InDoubtResolver
from ftrack_orm.transport.retry import was_not_applied
from ftrack_orm.types import Cancel, OperationOutcome

if TYPE_CHECKING:
    from ftrack_orm.session.api_client import ApiClient

logger = logging.getLogger("ftrack_orm.session")


class ReliableSender:
    """Sends a batch and returns its results, or an outcome that is certain.

    A batch that only reads is repeated. The outcome of one that writes has three
    values. *Applied* and *not applied* need evidence from every operation; a batch
    that was not applied is sent once more. Anything else is *unknown*, and an error.
    """

    def __init__(self, client: ApiClient, evidence: InDoubtResolver) -> None:
        """Prepare sending.

        Args:
            client: the connection to the server.
            evidence: queries what became of a batch.
        """
        self._client = client
        self._evidence = evidence

    def send(
        self,
        batch: Batch,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        cancel: Cancel | None = None,
    ) -> list[Any] | None:
        """Send a batch that writes; return its raw results, in the same order.

        Returns:
            ``None`` where the batch was applied and its answer is lost.

        Raises:
            OutcomeUnknownError: the batch may or may not be applied.
            RequestCancelledError: `cancel` was set; `may_be_applied` tells more.
            TransportError, ServerError: nothing was applied.
        """
        try:
            return self._carry(batch, headers, timeout, cancel)
        except TransportError as error:
            self._raise_if_certain(batch, error)
            evidence = self.query_evidence(batch, error)
            if evidence.outcome == "applied":
                return None
            if evidence.outcome == "unknown" or batch.may_be_late:
                batch.outcome = "unknown"
                raise_unknown(error, evidence.operations)
            logger.info("a batch was not applied; sending it again: %s", error)
        return self._send_again(batch, headers, timeout, cancel)

    def _send_again(
        self,
        batch: Batch,
        headers: Mapping[str, str] | None,
        timeout: float | None,
        cancel: Cancel | None,
    ) -> list[Any] | None:
        """Send a batch that was not applied so far.

        The first sending may still reach the server, so any failure of the second is
        certain by evidence only: a create is also refused when the first came through.
        """
        try:
            return self._carry(batch, headers, timeout, cancel)
        except (ServerError, TransportError) as error:
            evidence = self.query_evidence(batch, error)
            if evidence.outcome == "applied":
                return None
            is_over = isinstance(error, ServerError) or not batch.may_be_late
            if evidence.outcome == "not applied" and is_over:
                raise
            batch.outcome = "unknown"
            raise_unknown(error, evidence.operations)

    def _carry(
        self,
        batch: Batch,
        headers: Mapping[str, str] | None,
        timeout: float | None,
        cancel: Cancel | None,
    ) -> list[Any]:
        batch.sent_at = time.monotonic()
        try:
            results = self._client.send(
                batch.operations, headers=headers, timeout=timeout, cancel=cancel
            )
        except RequestTimeoutError:
            # The server may still be at work on the batch.
            batch.may_be_late = True
            raise
        except ServerError:
            batch.outcome = "not applied"
            raise
        batch.outcome = "applied"
        return results

    def _raise_if_certain(self, batch: Batch, error: TransportError) -> None:
        """Raise where nothing is to be settled, or nothing can be."""
        if was_not_applied(error):
            batch.outcome = "not applied"
            raise error
        if isinstance(error, RequestCancelledError):
            batch.may_be_late = True
            raise error
        if not all(map(leaves_trace, batch.operations)):
            raise_unknown(error)

    def query_evidence(self, batch: Batch, error: Exception | None = None) -> Evidence:
        """Return what the server has of a batch, and note the outcome in it.

        Args:
            batch: the batch.
            error: why its answer is lost.

        Raises:
            OutcomeUnknownError: the server cannot be queried.
        """
        try:
            evidence = self._evidence.read(batch)
        except (ServerError, TransportError) as unanswered:
            raise_unknown(error or unanswered)
        batch.outcome = evidence.outcome
        return evidence


def leaves_trace(operation: AnyOperation) -> bool:
    """Return whether the server's data can show that an operation was applied.

    An invitation leaves none, nor does a create without a key or a plain mapping,
    which this library cannot read. They are never sent twice.
    """
    if not is_write(operation):
        return True
    if isinstance(operation, Create):
        return operation.entity_key is not None
    return isinstance(operation, Update | Delete | CompleteMultipartUpload)


def raise_unknown(
    error: Exception, operations: Sequence[OperationOutcome] = ()
) -> NoReturn:
    """Raise `OutcomeUnknownError`, chained to `error`.

    Raises:
        OutcomeUnknownError: always.
    """
    server_url = getattr(error, "server_url", None) or "the server"
    reason = str(error)
    if isinstance(error, OutcomeUnknownError | ConnectionLostError):
        reason = error.reason
    raise OutcomeUnknownError(server_url, reason, operations) from error
