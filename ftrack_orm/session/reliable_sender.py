"""Send a batch that writes; find out its outcome when the reply is lost."""

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
    from ftrack_orm.session.stale_references import StaleReferences

logger = logging.getLogger("ftrack_orm.session")


class ReliableSender:
    """Sends a batch that writes and determines its outcome.

    The same rule holds for commits and immediate operations. An outcome is *applied*,
    *not applied* or *unknown*; the first two need evidence, see `in_doubt`. A batch
    that was not applied is sent once more. An unknown outcome is an error.
    """

    def __init__(
        self,
        client: ApiClient,
        resolver: InDoubtResolver,
        stale: StaleReferences | None = None,
    ) -> None:
        """Store the arguments; nothing is sent.

        Args:
            client: the connection to the server.
            resolver: queries the outcome of a batch.
            stale: explains the refusal of a batch.
        """
        self._client = client
        self._resolver = resolver
        self._stale = stale

    def send(
        self,
        batch: Batch,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        cancel: Cancel | None = None,
    ) -> list[Any] | None:
        """Send a batch that writes and record its outcome in it.

        Returns:
            The raw results, in the order of the operations; ``None`` where the batch
            was applied and its reply is lost.

        Raises:
            OutcomeUnknownError: the batch may or may not be applied.
            RequestCancelledError: `cancel` was set; `may_be_applied` is true when the
                batch was on its way.
            TransportError, ServerError: nothing was applied.
        """
        try:
            return self._send_once(batch, headers, timeout, cancel)
        except ServerError as error:
            if self._stale is None:
                raise
            explained = self._stale.explain(batch.operations, error)
            if explained is error:
                raise
            raise explained from error
        except TransportError as error:
            self._raise_if_certain(batch, error)
            evidence = self.query_evidence(batch, error)
            if evidence.outcome == "applied":
                return None
            # After a timeout the server may apply the batch later: sent again now, it
            # could be applied twice.
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

        The first request may still reach the server. So even a refusal of the second
        proves nothing: the server also refuses a create whose first copy was applied.
        """
        try:
            return self._send_once(batch, headers, timeout, cancel)
        except (ServerError, TransportError) as error:
            evidence = self.query_evidence(batch, error)
            if evidence.outcome == "applied":
                return None
            is_over = isinstance(error, ServerError) or not batch.may_be_late
            if evidence.outcome == "not applied" and is_over:
                raise
            batch.outcome = "unknown"
            raise_unknown(error, evidence.operations)

    def _send_once(
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
            # The server may still be processing the batch.
            batch.may_be_late = True
            raise
        except ServerError:
            batch.outcome = "not applied"
            raise
        # Before anything reads the results: an interruption there would leave the
        # outcome of an applied batch unknown.
        batch.outcome = "applied"
        return results

    def _raise_if_certain(self, batch: Batch, error: TransportError) -> None:
        """Raise where no query is needed for the outcome, or none can show it."""
        if was_not_applied(error):
            batch.outcome = "not applied"
            raise error
        if isinstance(error, RequestCancelledError):
            # The caller waits no longer, so the outcome is queried by the next commit.
            batch.may_be_late = True
            raise error
        if not all(map(leaves_trace, batch.operations)):
            raise_unknown(error)

    def query_evidence(self, batch: Batch, error: Exception | None = None) -> Evidence:
        """Return the evidence for a batch, and record the outcome in it.

        Args:
            batch: the batch.
            error: the reason why its reply is lost.

        Raises:
            OutcomeUnknownError: the server cannot be queried.
        """
        try:
            evidence = self._resolver.read(batch)
        except (ServerError, TransportError) as query_error:
            raise_unknown(error or query_error)
        batch.outcome = evidence.outcome
        return evidence


def leaves_trace(operation: AnyOperation) -> bool:
    """Return whether the server's data can show that an operation was applied.

    An invitation leaves no trace, and neither does a create without a key. A plain
    mapping may hold any action. None of them is sent twice.
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
