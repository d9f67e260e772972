"""Errors of applying, resuming and undoing plans.

Each class has the exit code of the command line as `exit_code`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from ftrack_orm.errors.migrations import MigrationError


class RunError(MigrationError):
    """A plan cannot be applied, resumed, undone or verified."""

    exit_code: ClassVar[int] = 1


class NotInitializedError(RunError):
    """The server has no history of migrations.

    Attributes:
        server_url: the server.
    """

    exit_code = 5

    def __init__(self, server_url: str) -> None:
        super().__init__(
            f"{server_url} has no history of migrations. Create it with "
            "`ftrack-orm migrate init`."
        )
        self.server_url = server_url


class LockedError(RunError):
    """Another run holds the lock of the server; nothing was changed.

    Attributes:
        run: the run that holds the lock.
        user: the API user of that run.
        host: the computer of that run.
        since: when the lock was taken, by that computer's clock.
        heartbeat: when the run last sent a request, by that computer's clock.
    """

    exit_code = 6

    def __init__(
        self, run: str, user: str, host: str, since: str, heartbeat: str
    ) -> None:
        super().__init__(
            f"Run {run} of {user} on {host} holds the lock since {since}; its last "
            f"request was at {heartbeat}. Wait for it. If its process has ended, "
            f"continue the run with `ftrack-orm migrate resume {run} --take-over`, or "
            "give it up with `ftrack-orm migrate unlock`."
        )
        self.run = run
        self.user = user
        self.host = host
        self.since = since
        self.heartbeat = heartbeat


class RunTakenOverError(RunError):
    """Another process continues or has ended this run; this one writes no more.

    Attributes:
        run: the run.
    """

    exit_code = 6

    def __init__(self, run: str) -> None:
        super().__init__(
            f"Another process has taken over run {run}. Nothing more is written here. "
            "See `ftrack-orm migrate status`."
        )
        self.run = run


class StalePlanError(RunError):
    """The plan does not fit the server any more; nothing was changed.

    Attributes:
        reason: why it does not.
    """

    exit_code = 5

    def __init__(
        self,
        reason: str,
        advice: str = "Plan again with `ftrack-orm migrate plan`.",
    ) -> None:
        super().__init__(f"The plan is stale: {reason}. {advice}")
        self.reason = reason


class TooManyConflictsError(StalePlanError):
    """Too many rows have changed since the plan was made; nothing was changed.

    Attributes:
        conflicts: the number of changed rows among the first ones.
        checked: the number of rows compared.
        examples: descriptions of the first conflicts.
    """

    def __init__(self, conflicts: int, checked: int, examples: Sequence[str]) -> None:
        text = "; ".join(examples)
        super().__init__(
            f"{conflicts} of the first {checked} changes find another value than the "
            f"plan: {text}"
        )
        self.conflicts = conflicts
        self.checked = checked
        self.examples = tuple(examples)


class OtherServerError(RunError):
    """The plan was made for another server; nothing was changed.

    Attributes:
        planned: the server of the plan.
        actual: the server of the session.
    """

    exit_code = 5

    def __init__(self, planned: str, actual: str) -> None:
        super().__init__(
            f"The plan was made for {planned}, and this is {actual}. Set FTRACK_SERVER "
            "to the plan's server, or plan again with `ftrack-orm migrate plan`."
        )
        self.planned = planned
        self.actual = actual


class PlanRefusedError(RunError):
    """A condition of the caller is not met; nothing was changed.

    Attributes:
        reason: the condition.
    """

    exit_code = 5

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(f"The plan was not applied: {reason}. {advice}")
        self.reason = reason


class NotConfirmedError(RunError):
    """A person did not confirm a command; nothing was changed."""

    exit_code = 5

    def __init__(self, advice: str) -> None:
        super().__init__(f"Nothing was changed: it was not confirmed. {advice}")


class UnsafeServerError(RunError):
    """The server lacks a guarantee that the plan needs; nothing was changed.

    Attributes:
        missing: the guarantees that the server does not give.
        needs: the changes that need them.
    """

    exit_code = 5

    def __init__(self, missing: Sequence[str], needs: str) -> None:
        super().__init__(
            f"The server does not guarantee this: {', '.join(missing)}. Without it "
            f"{needs} could be applied twice. Plan updates only, and see the results "
            "of the probes with `ftrack-orm migrate init --report FILE`."
        )
        self.missing = tuple(missing)
        self.needs = needs


class NoHistoryStoreError(RunError):
    """The server accepts no store of the history; nothing was created.

    Attributes:
        reasons: the server's message by store.
    """

    exit_code = 5

    def __init__(self, reasons: Mapping[str, str]) -> None:
        lines = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
        super().__init__(
            f"The server refuses each store of the history of migrations ({lines}). "
            "Run `ftrack-orm migrate init` as a user with a role that may create "
            "components or settings."
        )
        self.reasons = dict(reasons)


class RunStoppedError(RunError):
    """The run stopped between two requests; it can be resumed.

    Attributes:
        run: the run.
        reason: why it stopped.
        upto: the number of the last unit that was processed.
        total: the number of units in the plan.
    """

    exit_code = 7

    def __init__(self, run: str, reason: str, upto: int, total: int) -> None:
        words = reason.rstrip(".")
        super().__init__(
            f"Run {run} stopped after unit {upto} of {total}: {words}. Continue with "
            f"`ftrack-orm migrate resume {run}`."
        )
        self.run = run
        self.reason = reason
        self.upto = upto
        self.total = total


class UnknownRunError(RunError):
    """The history has no such run, or none to resume.

    Attributes:
        run: the run, or ``None`` where none was named.
    """

    def __init__(self, run: str | None, reason: str) -> None:
        subject = "No run can be chosen" if run is None else f"Run {run} cannot be used"
        super().__init__(
            f"{subject}: {reason}. List the runs with `ftrack-orm migrate status`."
        )
        self.run = run


class PlanNotFoundError(RunError):
    """Neither this computer nor the server has the plan of a run.

    Attributes:
        run: the run.
        folder: the folder that was searched.
    """

    def __init__(
        self, run: str, folder: str, reason: str, *, remedy: str | None = None
    ) -> None:
        words = remedy or (
            "Copy the plan file there. Without it the run can be neither undone nor "
            "verified, and its revision cannot be planned again."
        )
        super().__init__(
            f"The plan of run {run} is not in {folder}, and the server does not have "
            f"it either: {reason}. {words}"
        )
        self.run = run
        self.folder = folder


class HistoryRowError(RunError):
    """A row of the history is too long or has another form than expected.

    Attributes:
        key: the key of the row.
    """

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(
            f"The history row {key!r} cannot be used: {reason}. Look at the metadata "
            "of the component with `ftrack-orm migrate status --json`."
        )
        self.key = key


class EffectError(RunError):
    """The function of an effect cannot be found.

    Attributes:
        function: the module and name, as ``"module:name"``.
    """

    def __init__(self, function: str, reason: str) -> None:
        super().__init__(
            f"The effect {function} cannot be called: {reason}. Run the command where "
            "its module can be imported, with a top-level function of that name."
        )
        self.function = function
