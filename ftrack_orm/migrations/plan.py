"""`Plan`, the result of planning: a file of absolute changes with their summary."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ftrack_orm.errors.migrations import PlanFileError
from ftrack_orm.migrations.finding import Finding, blocking
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.plan_summary import ChangeCount, Risk
from ftrack_orm.migrations.planned_change import PlannedUnit


class Plan:
    """Changes to apply, with the values that they replace.

    Applying a plan runs no planning function: exactly the shown changes are written.

    Attributes:
        file: the file that holds the plan.
    """

    def __init__(self, file: PlanFile, *, is_temporary: bool = False) -> None:
        """Use a finished plan file.

        Args:
            file: the file.
            is_temporary: whether to delete the file with this object.
        """
        self.file = file
        self._release = weakref.finalize(self, _release, file, is_temporary)

    @classmethod
    def open(cls, path: Path) -> Plan:
        """Return the plan that `save` wrote.

        Raises:
            PlanFileError: there is no plan, or it is not complete.
            PlanEditedError: its content was changed since it was made.
        """
        file = PlanFile.open(path)
        try:
            file.check_digest()
        except PlanFileError:
            file.close()
            raise
        return cls(file)

    def save(self, path: Path) -> None:
        """Write a copy that only its owner can read.

        Raises:
            PlanFileError: the file exists, or it cannot be written.
        """
        self.file.copy_to(path)

    def close(self) -> None:
        """Close the file; a plan that was not saved is deleted."""
        self._release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return (
            f"<Plan {self.title or 'without title'}: {self.changes} changes, "
            f"digest {self.digest[:12]}>"
        )

    # -- facts ---------------------------------------------------------------------

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the changes, in hexadecimal."""
        return str(self.file.meta("digest"))

    @property
    def changes(self) -> int:
        """Return the number of changed attributes and of created or deleted rows."""
        return int(self._summary["changes"])

    @property
    def irreversible(self) -> int:
        """Return the number of changes that cannot be undone."""
        return int(self._summary["irreversible"])

    @property
    def bound(self) -> int:
        """Return the number of units that cannot be undone for these deletes."""
        return int(self._summary.get("bound", 0))

    @property
    def counts(self) -> Sequence[ChangeCount]:
        """Return the numbers of changes by kind, with samples."""
        return [ChangeCount.from_json(item) for item in self._summary["counts"]]

    @property
    def cascade(self) -> Mapping[str, int]:
        """Return the number of entities deleted with others, by type."""
        cascade: dict[str, int] = self._summary["cascade"]
        return cascade

    @property
    def operations(self) -> int:
        """Return the number of operations to send."""
        return int(self._summary["operations"])

    @property
    def requests(self) -> int:
        """Return the number of requests of a run whose chunks have the largest size."""
        return int(self._summary["requests"])

    @property
    def unit_count(self) -> int:
        """Return the number of units; each is applied whole or not at all."""
        return self.file.unit_count()

    @property
    def risks(self) -> Sequence[Risk]:
        """Return the risks of the changes."""
        risks: list[Risk] = self.file.meta("risks")
        return risks

    @property
    def unaccepted_risks(self) -> Sequence[Risk]:
        """Return the risks that the revision does not accept; none without revision."""
        accepts = self.file.meta("accepts")
        if accepts is None:
            return ()
        return [risk for risk in self.risks if risk not in accepts]

    @property
    def findings(self) -> Sequence[Finding]:
        """Return the findings that `set_findings` stored."""
        return [Finding.from_json(item) for item in self.file.meta("findings") or ()]

    def set_former_runs(self, runs: Sequence[str]) -> None:
        """Store the runs of the same title that the planner saw.

        An apply refuses the plan as stale once the history has another one.
        """
        self.file.set_meta("former_runs", list(runs))

    def set_findings(self, findings: Iterable[Finding]) -> None:
        """Store findings about the plan; one that stops it refuses its apply."""
        self.file.set_meta("findings", [finding.to_json() for finding in findings])

    @property
    def is_refused(self) -> bool:
        """Return whether a finding or a risk that is not accepted refuses an apply."""
        return bool(self.unaccepted_risks or blocking(self.findings))

    @property
    def revision(self) -> str | None:
        """Return the id of the revision, ``None`` for a tool or a function."""
        revision: str | None = self.file.meta("revision")
        return revision

    @property
    def title(self) -> str:
        """Return the title of the revision, or the name of the function."""
        return str(self.file.meta("title") or "")

    @property
    def names(self) -> Mapping[str, str]:
        """Return names for ids that the samples contain."""
        names: dict[str, str] = self.file.meta("names") or {}
        return names

    def meta(self, name: str) -> Any:
        """Return a fact that the file stores, ``None`` if there is none."""
        return self.file.meta(name)

    @property
    def skipped(self) -> Sequence[tuple[str, str, str, str]]:
        """Return type, key, title and reason of the entities left alone."""
        return list(self.file.skipped())

    def units(self) -> Iterator[PlannedUnit]:
        """Yield the units in the order in which they are sent."""
        yield from self.file.units()

    @property
    def _summary(self) -> Mapping[str, Any]:
        summary: dict[str, Any] = self.file.meta("summary")
        return summary


def _release(file: PlanFile, is_temporary: bool) -> None:
    file.close()
    if is_temporary:
        with suppress(OSError):
            file.path.unlink()
