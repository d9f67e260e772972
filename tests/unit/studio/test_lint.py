"""Findings about renames: those without an effect are named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ftrack_orm.studio.diff import Applied, compare
from ftrack_orm.studio.lint import findings
from ftrack_orm.studio.model import Studio


def studio(*names: str, **settings: Any) -> Studio:
    """Return a studio with statuses."""
    rows = [{"name": name, "state": "DONE", **settings} for name in names]
    return Studio.model_validate({"status": rows})


RENAMED = studio("In review", renamed_from="Pending Review")


def codes(server: Studio, applied: Applied | None = None) -> list[str]:
    """Return the findings about the files with a rename."""
    records = {} if applied is None else {("status", ("in review",)): applied}
    comparison = compare(RENAMED, server, records)  # type: ignore[arg-type] # a literal
    return [finding.code for finding in findings(comparison)]


def record(days: int) -> Applied:
    """Return the record of a rename that was applied some days ago."""
    day = datetime.now(UTC).date() - timedelta(days=days)
    return Applied("0", (), day.isoformat())


def test_a_rename_of_nothing_is_a_finding() -> None:
    assert codes(studio("Approved")) == ["FM208"]
    [finding] = findings(compare(RENAMED, studio("Approved")))
    assert finding.message == (
        "status 'In review' is created, as the server has no 'Pending Review' to "
        "rename. Correct renamed_from, or remove it."
    )
    assert codes(studio("Pending Review")) == ["FM205"]


@pytest.mark.parametrize(("days", "expected"), [(0, []), (89, []), (90, ["FM209"])])
def test_an_old_rename_is_a_finding(days: int, expected: list[str]) -> None:
    assert codes(studio("In review"), record(days)) == expected


def test_a_rename_that_was_never_recorded_has_no_age() -> None:
    assert codes(studio("In review")) == []
    assert codes(studio("In review"), Applied("0", ())) == []


def test_a_rename_whose_former_name_is_back_is_not_finished() -> None:
    assert "FM209" not in codes(studio("In review", "Pending Review"), record(200))
