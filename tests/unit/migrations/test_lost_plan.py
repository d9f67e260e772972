"""The message for a run whose plan is lost names the commands to type."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_orm.migrations.history import History
from ftrack_orm.migrations.lost_plan import STUDIO_TITLE, lost_plan_remedy


def history(number: int, *, is_locked: bool = True, **row: Any) -> History:
    rows: dict[str, Any] = {f"run/r#{number}": {}, "run/r": row}
    if is_locked:
        rows["lock"] = {"run": "r", "host": "ws042"}
    return History(rows)


@pytest.mark.parametrize(
    ("row", "command"),
    [
        ({"title": STUDIO_TITLE}, "ftrack-orm studio apply"),
        ({"revision": "r1", "title": "a"}, "ftrack-orm migrate apply r1"),
        ({"revision": "r1", "undo_of": ["x"]}, "ftrack-orm migrate undo x --apply"),
        ({"revision": "r1", "undo_of": ["y", "x"]}, "migrate undo r1 --apply"),
        ({"title": "tool"}, "`ftrack-orm migrate apply` with the file of the tool"),
    ],
)
def test_a_run_that_wrote_nothing_can_be_given_up(
    row: dict[str, Any], command: str
) -> None:
    text = lost_plan_remedy(history(0, **row), "r")
    assert text.startswith("No value was written. Copy the plan file there from ws042")
    assert "ftrack-orm migrate unlock" in text
    assert command in text


@pytest.mark.parametrize(("number", "is_locked"), [(1, True), (0, False)])
def test_another_run_needs_its_plan(number: int, is_locked: bool) -> None:
    text = lost_plan_remedy(history(number, is_locked=is_locked), "r")
    assert "unlock" not in text
    assert text.endswith("and repeat the command.")
