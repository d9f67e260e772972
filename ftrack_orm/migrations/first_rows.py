"""The rows that a run reads before its first chunk, in requests that it sends anyway.

The request that reads the history also reads a sample of the rows, and the request
that records the run also reads the rows of the first chunk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.errors.root import FtrackError
from ftrack_orm.errors.transport import TransportError
from ftrack_orm.migrations.chunks import MAX_OPERATIONS, Chunk, ChunkSize, cut_chunk
from ftrack_orm.migrations.history import History
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.run_job import take_user, user_query
from ftrack_orm.migrations.verification import CurrentRows, RowReads
from ftrack_orm.operations import AnyOperation, Query, QueryServerInformation
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.migrations.client import RunClient

_HASH: Final = QueryServerInformation(("schema_hash",))


@dataclass(frozen=True, slots=True)
class ChunkRead:
    """A chunk, and the operations that read the server's schema hash and its rows.

    Attributes:
        chunk: the chunk; ``None`` for a plan without units.
    """

    chunk: Chunk | None
    _reads: RowReads

    @classmethod
    def of(cls, client: RunClient, chunk: Chunk | None) -> ChunkRead:
        """Return the reads of a chunk; nothing is sent."""
        units = () if chunk is None else chunk.units
        return cls(chunk, RowReads.of(units, client.primary_key))

    @property
    def operations(self) -> list[AnyOperation]:
        """Return the operations, in the order of the results of `rows`."""
        return [_HASH, *self._reads.queries]

    def rows(self, client: RunClient, results: Sequence[Any]) -> FirstRows:
        """Return the rows in raw results; further pages are requested."""
        information, *pages = results
        queries: list[Query] = self._reads.queries
        rows = self._reads.rows(
            client.complete(query.expression, result)
            for query, result in zip(queries, pages, strict=True)
        )
        return FirstRows(self.chunk, rows, information)


@dataclass(frozen=True, slots=True)
class FirstRows:
    """The rows of a chunk.

    Attributes:
        chunk: the chunk; ``None`` for a plan without units.
        rows: its rows.
        information: the server information that was read with them.
    """

    chunk: Chunk | None
    rows: CurrentRows
    information: JSONObject


@dataclass(frozen=True, slots=True)
class FirstReply:
    """The results of the request that an apply sends first.

    Attributes:
        history: the history.
        user: the id of the API user, ``None`` where the role shows no users.
    """

    history: History
    user: str | None
    _read: ChunkRead | None
    _results: Sequence[Any]
    _error: FtrackError | None = None

    def rows(self, client: RunClient) -> FirstRows:
        """Return the rows of the sample.

        Raises:
            FtrackError: they cannot be read.
        """
        if self._read is None:
            raise self._error or RuntimeError("neither rows nor an error")
        return self._read.rows(client, self._results)


def read_first(client: RunClient, file: PlanFile) -> FirstReply:
    """Return the history, the API user and a sample of the rows, from one request.

    Where the rows cannot be read, a second request reads the history: it explains a
    plan for another server.
    """
    user = user_query(client)
    try:
        read = ChunkRead.of(client, cut_chunk(file.units(), MAX_OPERATIONS))
        history, (users, *results) = client.read_with_history([user, *read.operations])
    except TransportError:
        raise
    except FtrackError as error:
        history, (users,) = client.read_with_history([user])
        return FirstReply(history, take_user(users), None, (), error)
    return FirstReply(history, take_user(users), read, results)


def first_chunk(client: RunClient, file: PlanFile, operations: int) -> ChunkRead:
    """Return the reads of the first chunk of a run.

    Args:
        client: the connection.
        file: the plan.
        operations: the most operations of a request of the run.
    """
    size = ChunkSize(operations).operations
    return ChunkRead.of(client, cut_chunk(file.units(), size))
