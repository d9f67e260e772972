"""A comparison as text for people and as a JSON document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from pydantic_core import to_jsonable_python

from ftrack_orm.studio.diff import Comparison, Difference, SettingChange
from ftrack_orm.studio.lint import findings
from ftrack_orm.types import JSON

FORMAT: Final = 1
"""The number of the layout of the JSON document."""

_SIGNS: Final = {"create": "+", "update": "~", "unlisted": "?"}
_ORIGINS: Final = {
    "file": "",
    "server": "  (changed on the server since the last apply)",
    "both": "  (changed in the file and on the server since the last apply)",
}
_LOST_ORIGINS: Final = {
    "file": "",
    "server": "  (removed or renamed on the server since the last apply)",
    "both": "  (changed in the file, and removed or renamed on the server)",
}
_LONGEST: Final = 60
"""Characters of a value that a line shows."""


def as_text(comparison: Comparison) -> str:
    """Return the comparison as lines, without a line break at the end."""
    return "\n".join(_lines(comparison))


def as_json(comparison: Comparison) -> dict[str, JSON]:
    """Return the comparison as a JSON object; ``"format"`` is its version."""
    return {
        "format": FORMAT,
        "differences": [_difference_json(each) for each in comparison.differences],
        "problems": list(comparison.problems),
        "findings": [
            {
                "code": finding.code,
                "severity": finding.severity,
                "message": finding.message,
            }
            for finding in findings(comparison)
        ],
    }


def summary(comparison: Comparison) -> str:
    """Return the numbers of the differences in one line."""
    counts = {
        "to create": sum(each.action == "create" for each in comparison.to_apply),
        "to change": sum(each.action == "update" for each in comparison.to_apply),
        "changed on the server": len(comparison.conflicts),
        "only on the server": sum(
            each.action == "unlisted" for each in comparison.differences
        ),
        "to clear up first": len(comparison.problems),
    }
    parts = [f"{count} {label}" for label, count in counts.items() if count]
    return ", ".join(parts) or "The server has the configuration of the files."


def _lines(comparison: Comparison) -> Iterator[str]:
    for difference in comparison.differences:
        origins = _LOST_ORIGINS if difference.action == "create" else _ORIGINS
        origin = origins[difference.origin]
        yield f"{_SIGNS[difference.action]} {difference.title}{origin}"
        for change in difference.changes:
            yield f"    {_change_text(difference, change)}"
    for problem in comparison.problems:
        yield f"! {problem}"
    for finding in findings(comparison):
        yield f"! {finding}"
    yield summary(comparison)


def _change_text(difference: Difference, change: SettingChange) -> str:
    if difference.action == "create":
        return f"{change.name} = {_value_text(change.file)}"
    before, after = _value_text(change.server), _value_text(change.file)
    return f"{change.name}: {before} -> {after}"


def _value_text(value: Any) -> str:
    text = (
        "not set"
        if value is None
        else str(to_jsonable_python(value, exclude_none=True))
    )
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _difference_json(difference: Difference) -> JSON:
    return {
        "action": difference.action,
        "kind": difference.kind,
        "key": list(difference.key),
        "origin": difference.origin,
        "changes": [
            {
                "setting": change.name,
                "server": to_jsonable_python(change.server, exclude_none=True),
                "file": to_jsonable_python(change.file, exclude_none=True),
            }
            for change in difference.changes
        ],
    }
