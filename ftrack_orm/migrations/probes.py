"""Measure the guarantees that runs rely on, and create the history: `migrate init`.

The probes write and delete rows of the history component only. Other tables are not
measured, as all tables of a server share its transactions.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.errors.migration_runs import NoHistoryStoreError
from ftrack_orm.errors.root import FtrackError
from ftrack_orm.errors.server import InvalidCredentialsError, ServerError
from ftrack_orm.errors.transport import ReplyMismatchError
from ftrack_orm.migrations.history import (
    INIT,
    History,
    now,
)
from ftrack_orm.migrations.history_id import HISTORY_ID
from ftrack_orm.migrations.history_store import (
    COMPONENT_NAME,
    COMPONENT_TYPE,
    STORES,
    HistoryStore,
    store_queries,
)
from ftrack_orm.operations import AnyOperation, Delete, Query
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.migrations.client import RunClient

_FORMAT: Final = 1
_ABSENT: Final = "probe/absent"


@dataclass(frozen=True, slots=True)
class Guarantees:
    """The results of the probes.

    Attributes:
        duplicate_create_refused: a create of an existing key is refused.
        missing_delete_refused: a delete of a missing key is refused.
        batch_atomic: a batch with a refused operation leaves nothing.
        read_sees_write: a query sees earlier writes of its batch.
        fixed_id_accepted: a create keeps the id that the client chose.
    """

    duplicate_create_refused: bool
    missing_delete_refused: bool
    batch_atomic: bool
    read_sees_write: bool
    fixed_id_accepted: bool

    @classmethod
    def of(cls, init: Mapping[str, Any]) -> Guarantees:
        """Return the results in an `init` row; absent ones count as failed."""
        probes = init.get("probes") or {}
        return cls(*(bool(probes.get(name)) for name in cls.__slots__))

    def to_json(self) -> JSONObject:
        """Return the results as a JSON object."""
        return asdict(self)

    def missing_for_exactly_once(self) -> list[str]:
        """Return the missing guarantees that applying creates once rests on."""
        needed = {
            "duplicate creates are refused": self.duplicate_create_refused,
            "deletes of missing keys are refused": self.missing_delete_refused,
            "a refused batch leaves nothing": self.batch_atomic,
            "creates keep the client's ids": self.fixed_id_accepted,
        }
        return [words for words, is_given in needed.items() if not is_given]


@dataclass(frozen=True, slots=True)
class Initialization:
    """The result of `initialize`.

    Attributes:
        server_id: the id of the server in plans.
        guarantees: the results of the probes.
        is_new: whether this call created the history.
        requests: requests sent.
        store: the name of the store of the history.
    """

    server_id: str
    guarantees: Guarantees
    is_new: bool
    requests: int
    store: str

    def to_json(self) -> JSONObject:
        """Return the result as a JSON object, without the server's address."""
        return {
            "format": _FORMAT,
            "server_id": self.server_id,
            "probes": self.guarantees.to_json(),
            "store": self.store,
            "is_new": self.is_new,
            "requests": self.requests,
        }


def initialize(client: RunClient) -> Initialization:
    """Create the history and measure the server; return the results.

    Sends 6 requests, or 1 if the history exists already. A server that refuses the
    component, or gives it another id, gets the history in settings, with one or
    four requests more.

    Raises:
        NoHistoryStoreError: the server refuses both stores of the history.
    """
    before = client.requests
    condition = f'id is "{HISTORY_ID}"'
    component = f"select id from FileComponent where {condition}"  # noqa: S608 # a UUID
    queries = store_queries()
    found, *results = client.send([Query(component), *queries])
    history = client.take_history(queries, results)
    if history.init is not None:
        return Initialization(
            str(history.init.get("server_id")),
            Guarantees.of(history.init),
            False,
            client.requests - before,
            client.store.name,
        )
    rows = [result["data"] for result in results]
    store, (guarantees, left) = _measure_first(
        client, rows, has_component=bool(found["data"])
    )
    server_id = str(uuid.uuid4())
    init = {
        "format": _FORMAT,
        "server_id": server_id,
        "store": store.name,
        "probes": guarantees.to_json(),
        "by": client.session.api_user,
        "at": now(),
    }
    client.send([*map(store.delete_row, left), store.create_row(INIT, init)])
    return Initialization(
        server_id, guarantees, True, client.requests - before, store.name
    )


def _measure_first(
    client: RunClient,
    rows: list[list[dict[str, Any]]],
    *,
    has_component: bool,
) -> tuple[HistoryStore, tuple[Guarantees, list[str]]]:
    """Return the first store that the server accepts, and the results of its probes.

    Raises:
        NoHistoryStoreError: the server refuses each.
    """
    reasons: dict[str, str] = {}
    cause: FtrackError | None = None
    is_fixed = True
    for store, found in zip(STORES, rows, strict=True):
        history = store.parse(found)
        exists = has_component or not store.accepts_plans
        try:
            guarantees, left = _measure(client, store, exists=exists, history=history)
        except InvalidCredentialsError:
            raise
        except ServerError as error:
            reasons[store.name] = str(error.content)
            cause = cause or error
        except ReplyMismatchError as error:
            _delete_components(client, store)
            reasons[store.name] = str(error)
            cause = cause or error
            is_fixed = False
        else:
            return store, (replace(guarantees, fixed_id_accepted=is_fixed), left)
    raise NoHistoryStoreError(reasons) from cause


def _delete_components(client: RunClient, store: HistoryStore) -> None:
    """Delete the components that the server gave another id, and the rows of none."""
    query = f'select id from {COMPONENT_TYPE} where name is "{COMPONENT_NAME}"'  # noqa: S608 # constants
    keys = [str(row["id"]) for row in client.rows(query)]
    rows = store.parse(client.rows(store.rows_query().expression)).rows
    client.send(
        [
            *map(store.delete_row, rows),
            *(Delete(COMPONENT_TYPE, (key,)) for key in keys),
        ]
    )


def _measure(
    client: RunClient, store: HistoryStore, *, exists: bool, history: History
) -> tuple[Guarantees, list[str]]:
    """Return the results of the probes and the keys of the rows that they left."""
    mark = uuid.uuid4().hex[:8]
    first, second, third = (f"probe/{mark}/{number}" for number in "123")
    stale = [key for key in history.rows if key.startswith("probe/")]
    create: list[AnyOperation] = [] if exists else [*store.container()]
    results = client.send(
        [
            *create,
            *map(store.delete_row, stale),
            store.create_row(first, {}),
            store.rows_query("probe/"),
        ]
    )
    sees_write = first in store.parse(results[-1]["data"]).rows
    is_duplicate_refused = _is_refused(
        client, [store.create_row(second, {}), store.create_row(first, {})]
    )
    is_missing_refused = _is_refused(
        client, [store.create_row(third, {}), store.delete_row(_ABSENT)]
    )
    rows = store.parse(client.rows(store.rows_query("probe/").expression)).rows
    # A batch that was accepted shows nothing about batches that are refused.
    leftovers = [
        key in rows
        for key, is_refused in (
            (second, is_duplicate_refused),
            (third, is_missing_refused),
        )
        if is_refused
    ]
    guarantees = Guarantees(
        duplicate_create_refused=is_duplicate_refused,
        missing_delete_refused=is_missing_refused,
        batch_atomic=bool(leftovers) and not any(leftovers),
        read_sees_write=sees_write,
        fixed_id_accepted=True,
    )
    return guarantees, list(rows)


def _is_refused(client: RunClient, operations: list[AnyOperation]) -> bool:
    try:
        client.send(operations)
    except ServerError:
        return True
    return False
