"""The history on the server: rows in one of the stores of `history_store`.

Rows by key: ``init``, ``lock``, ``rev/<revision>``, ``run/<run>`` for the state of a
run, ``run/<run>#<k>`` for its fence after request number k, ``skip/<run>#<k>`` for the
units that request left out, and ``studio/<kind>/<part>``. Values are JSON objects.

A row has a composite key, and a server refuses to create a key twice or to delete a
missing one. So a batch that deletes ``run/<run>#<k-1>`` and creates
``run/<run>#<k>`` is applied by one process only, and once.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid5

from ftrack_orm.errors.migration_runs import HistoryRowError
from ftrack_orm.migrations.history_id import NAMESPACE
from ftrack_orm.types import JSONObject

INIT: Final = "init"
LOCK: Final = "lock"
RUNS: Final = "run/"
"""The beginning of the keys of the rows of runs."""


def revision_key(revision: str) -> str:
    """Return the key of the row of a revision."""
    return f"rev/{revision}"


def run_key(run: str) -> str:
    """Return the key of the row with the state of a run."""
    return f"{RUNS}{run}"


def fence_key(run: str, number: int) -> str:
    """Return the key of a run's fence after its request `number`."""
    return f"run/{run}#{number}"


def skip_key(run: str, number: int, part: int = 0) -> str:
    """Return the key of a row with units that a request left out.

    Args:
        run: the run.
        number: the number of the request.
        part: the number of the row, where one cannot hold them.
    """
    return f"skip/{run}#{number}.{part}" if part else f"skip/{run}#{number}"


def plan_component_id(run: str) -> str:
    """Return the id of the component that holds the plan of a run."""
    return str(uuid5(NAMESPACE, f"plan/{run}"))


def now() -> str:
    """Return the time of this computer for people; no decision depends on it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class Fence:
    """The state of a run on the server.

    Attributes:
        number: the number of the last request that was applied.
        value: its checkpoint.
    """

    number: int
    value: JSONObject


@dataclass(frozen=True, slots=True)
class History:
    """The rows of the history, as one request read them."""

    rows: Mapping[str, JSONObject]

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]]) -> History:
        """Return the history of rows with ``key`` and ``value``.

        Raises:
            HistoryRowError: a value is no JSON object.
        """
        return cls({str(row["key"]): _object(row) for row in rows})

    @property
    def init(self) -> JSONObject | None:
        """Return the row that `migrate init` made."""
        return self.rows.get(INIT)

    @property
    def lock(self) -> JSONObject | None:
        """Return the row of the run that holds the lock."""
        return self.rows.get(LOCK)

    @property
    def revisions(self) -> dict[str, JSONObject]:
        """Return the rows of the revisions, by id."""
        return self._below("rev/")

    @property
    def runs(self) -> dict[str, JSONObject]:
        """Return the rows of the runs, by id."""
        below = self._below(RUNS)
        return {run: value for run, value in below.items() if "#" not in run}

    def revision(self, revision: str) -> JSONObject | None:
        """Return the row of a revision."""
        return self.rows.get(revision_key(revision))

    def run(self, run: str) -> JSONObject | None:
        """Return the row of a run."""
        return self.rows.get(run_key(run))

    @property
    def ms_per_operation(self) -> float | None:
        """Return the milliseconds that an operation took in the last run, if known."""
        paces = [
            (str(row.get("ended")), float(row["ms_per_operation"]))
            for row in self.runs.values()
            if row.get("ms_per_operation") is not None
        ]
        return max(paces)[1] if paces else None

    def applied_runs(self, revision: str) -> tuple[str, ...]:
        """Return the runs that applied a revision, the last one first.

        Empty for a revision that is not applied, or was marked as applied by hand.
        """
        row = self.revision(revision) or {}
        if row.get("state") != "applied" or row.get("marked"):
            return ()
        runs: dict[str, None] = {}
        name = row.get("run")
        while name is not None and name not in runs:
            run = self.run(name)
            if run is None:
                break
            runs[name] = None
            name = run.get("continues")
        return tuple(runs)

    def continuation(self, run: str, *, besides: Collection[str] = ()) -> str | None:
        """Return the applied run that continues `run`, unless it is in `besides`."""
        for name, row in self.runs.items():
            is_applied = row.get("state") in ("applying", "applied")
            if row.get("continues") == run and is_applied and name not in besides:
                return name
        return None

    def fence(self, run: str) -> Fence | None:
        """Return the fence of a run; ``None`` when the run has ended or never began."""
        for key, value in self._below(f"run/{run}#").items():
            return Fence(int(key), value)
        return None

    def skipped(self, run: str) -> list[JSONObject]:
        """Return the rows of the units that a run left out, by request."""
        rows = self._below(f"skip/{run}#")
        return [rows[number] for number in sorted(rows, key=_parts)]

    def below(self, prefix: str) -> History:
        """Return the rows whose keys begin with `prefix`."""
        return History(
            {key: row for key, row in self.rows.items() if key.startswith(prefix)}
        )

    def _below(self, prefix: str) -> dict[str, JSONObject]:
        return {
            key.removeprefix(prefix): value
            for key, value in self.rows.items()
            if key.startswith(prefix)
        }


def _parts(number: str) -> list[int]:
    return [int(part) for part in number.split(".")]


def _object(row: Mapping[str, Any]) -> JSONObject:
    try:
        value = json.loads(row["value"])
    except (TypeError, ValueError) as error:
        raise HistoryRowError(str(row["key"]), "its value is no JSON") from error
    if not isinstance(value, dict):
        raise HistoryRowError(str(row["key"]), "its value is no JSON object")
    return value
