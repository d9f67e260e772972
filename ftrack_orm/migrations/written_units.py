"""Read back the units that a run wrote, by the rows that it left in the history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from ftrack_orm.migrations.chunks import decode_numbers
from ftrack_orm.migrations.filled_values import filled_values
from ftrack_orm.migrations.history import History
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.planned_change import PlannedChange, PlannedUnit
from ftrack_orm.types import JSONObject, Reference


class WrittenUnits:
    """The units of a plan that a run wrote; in each, the changes that it sent.

    Attributes:
        upto: the number of the last unit that the run processed.
    """

    def __init__(self, file: PlanFile, history: History, run: str) -> None:
        """Read the rows about units that were left out.

        Args:
            file: the plan.
            history: the history.
            run: the run.
        """
        self._file = file
        self._run = run
        row = history.run(run) or {}
        fence = history.fence(run)
        self.upto = int((row if fence is None else fence.value).get("upto", 0))
        self._left_out: set[int] = set()
        self._already: set[int] = set()
        self._parts: dict[int, frozenset[int]] = {}
        for value in history.skipped(run):
            for kind in ("conflicts", "refused"):
                self._left_out.update(decode_numbers(str(value.get(kind, ""))))
            self._already.update(decode_numbers(str(value.get("already", ""))))
            for number, positions in (value.get("parts") or {}).items():
                known = self._parts.get(int(number), frozenset())
                self._parts[int(number)] = known.union(decode_numbers(positions))

    @cached_property
    def filled(self) -> Mapping[Reference, JSONObject]:
        """Return the values that the server filled in, by the entity created.

        Empty for a run that another computer applied.
        """
        return filled_values(self._file, self._run)

    def units(self, first: int = 1, last: int | None = None) -> Iterator[PlannedUnit]:
        """Yield the written units from number `first` to `last`."""
        end = self.upto if last is None else min(last, self.upto)
        for unit in self._file.units(first, end):
            if unit.number in self._left_out or unit.number in self._already:
                continue
            changes = self.sent(unit)
            yield unit if changes is unit.changes else replace(unit, changes=changes)

    def sent(self, unit: PlannedUnit) -> tuple[PlannedChange, ...]:
        """Return the changes of a unit that the run wrote."""
        if self.is_left_out(unit) or unit.number in self._already:
            return ()
        positions = self._parts.get(unit.number)
        if positions is None:
            return unit.changes
        return tuple(
            change
            for position, change in enumerate(unit.changes, 1)
            if position in positions
        )

    def is_left_out(self, unit: PlannedUnit) -> bool:
        """Return whether the server lacks the after-values of a unit.

        It has those of a written unit, and of one that was so already.
        """
        return unit.number > self.upto or unit.number in self._left_out
