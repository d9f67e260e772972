"""Selects of a planner, which report the reading of their entities."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ftrack_orm.select.select import Select


def reporting_select(report: Callable[[Select[Any]], object]) -> type[Select[Any]]:
    """Return a class of selects that report when their entities are read.

    Args:
        report: called with the select.
    """

    class ReportingSelect(Select[Any]):
        """A select whose entities can be edited without `Planner.each`."""

        __slots__ = ()

        def all(self) -> list[Any]:
            """Request and return all matching entities."""
            report(self)
            return super().all()

        def __iter__(self) -> Iterator[Any]:
            report(self)
            return super().__iter__()

    ReportingSelect.__name__ = Select.__name__
    return ReportingSelect
