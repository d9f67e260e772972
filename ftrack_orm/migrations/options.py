"""The options of a run, the events that it reports, and its outcome."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

from ftrack_orm.migrations.chunks import MAX_OPERATIONS
from ftrack_orm.transport.retry import RetryPolicy
from ftrack_orm.types import Cancel

OnEvent: TypeAlias = Callable[[Mapping[str, Any]], object]
"""A callback for the events of a run: JSON objects with the member ``event``, one of
``begin``, ``chunk``, ``conflict``, ``error`` and ``end``."""

LOAD: Final = 0.7
"""The usual part of the time in which a request is under way."""

OnConflict: TypeAlias = Literal["skip", "stop"]
OnError: TypeAlias = Literal["stop", "skip"]


def _ignore(event: Mapping[str, Any]) -> None:
    del event


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOptions:
    """The options of a run.

    Attributes:
        push_token: repeated in the events of the server; ``ftrack-orm:<run>`` when not
            given.
        chunk: the most operations of a request.
        load: the part of the time in which a request is under way, above 0, at most 1.
        on_conflict: leave out a unit whose rows have changed, or stop before it.
        on_error: stop before a unit that the server refuses, or leave it out.
        conflict_limit: the part of the first units that may have changed since the
            plan was made; an undo has no limit.
        single_request: apply the whole plan in one request.
        expect: the digest that the plan must have.
        max_changes: the most changes that the plan may have.
        upload: keep the plan on the server, so that another computer can resume.
        job: show the progress as a job in the web interface. A run of a single request
            has none, and a run that is resumed continues its own.
        on_event: receives the events of the run.
        cancel: ends the run after the current request when it is set.
        timeout: seconds to wait for a reply, instead of the session's.
        retry: how often a request is sent.
        clock: returns seconds that never go back.
        sleep: waits.
    """

    push_token: str | None = None
    chunk: int = MAX_OPERATIONS
    load: float = LOAD
    on_conflict: OnConflict = "skip"
    on_error: OnError = "stop"
    conflict_limit: float = 0.01
    single_request: bool = False
    expect: str | None = None
    max_changes: int | None = None
    upload: bool = True
    job: bool = True
    on_event: OnEvent = _ignore
    cancel: Cancel | None = None
    timeout: float | None = None
    retry: RetryPolicy = field(
        default_factory=lambda: RetryPolicy(deadline=float("inf"))
    )
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a run that has ended.

    Attributes:
        run: the run, for `undo` and `verify`; empty if there was nothing to do.
        applied: units that were written.
        already: units whose values the server had.
        conflicts: units that were left out because a row had changed.
        refused: units that the server refused.
        requests: requests sent by this process.
        details: descriptions of the first 100 units that were left out.
        revision: the revision that was applied; ``None`` for a tool or an undo.
    """

    run: str = ""
    applied: int = 0
    already: int = 0
    conflicts: int = 0
    refused: int = 0
    requests: int = 0
    details: tuple[str, ...] = ()
    revision: str | None = None

    @property
    def skipped(self) -> int:
        """Return the number of units that were left out."""
        return self.conflicts + self.refused
