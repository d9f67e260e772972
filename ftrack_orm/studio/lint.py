"""Findings about a comparison that need no values of the production.

The codes are those of migrations (``FM2xx``); each finding ends with the next step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Final

from ftrack_orm.migrations.finding import Finding
from ftrack_orm.studio.diff import Comparison, Difference, FinishedRename
from ftrack_orm.studio.model import Attribute, LinkAttribute

_RENAME_DAYS: Final = 90
"""Days after which a rename can be taken to have reached every server."""


def findings(comparison: Comparison) -> tuple[Finding, ...]:
    """Return the findings about all differences, in their order, then old renames."""
    differences = (
        finding
        for difference in comparison.differences
        if difference.action != "unlisted"
        for finding in _findings(difference)
    )
    return (*differences, *_old_renames(comparison.finished_renames))


def _old_renames(renames: Iterable[FinishedRename]) -> Iterator[Finding]:
    today = datetime.now(UTC).date()
    for rename in renames:
        if (today - date.fromisoformat(rename.day)).days >= _RENAME_DAYS:
            yield Finding(
                "FM209",
                "warn",
                f"{rename.title} was renamed by {rename.day}. Remove renamed_from = "
                f'"{rename.former}" from the files.',
            )


def _findings(difference: Difference) -> Iterator[Finding]:
    wanted = difference.wanted
    changed = {change.name: change for change in difference.changes}
    if isinstance(wanted, Attribute | LinkAttribute):
        yield from _attribute_findings(wanted, difference)
    if difference.action == "create" and wanted is not None and wanted.renamed_from:
        yield Finding(
            "FM208",
            "warn",
            f"{difference.title} is created, as the server has no "
            f"{wanted.renamed_from!r} to rename. Correct renamed_from, or remove it.",
        )
    if difference.action == "update":
        if difference.kind == "object_type" and "name" in changed:
            yield Finding(
                "FM207",
                "stop",
                f"{difference.title} is renamed: its entity type, the models and every "
                "client change with it. To accept it: ftrack-orm studio apply --accept "
                "FM207. Generate the models again after the apply.",
            )
        elif difference.kind in ("status", "type") and "name" in changed:
            yield Finding(
                "FM205",
                "warn",
                f"{difference.title} is renamed: find the code that names it with "
                "`ftrack-orm generate --check --scan src`.",
            )
        if is_retired(difference):
            yield Finding(
                "FM206",
                "warn",
                f"{difference.title} is retired; entities that have it keep it. Give "
                "them another: ftrack-orm migrate new --recipe replace-status",
            )


def removed_options(difference: Difference) -> list[str]:
    """Return the options that an enumerator of the server loses."""
    for change in difference.changes:
        if difference.action == "update" and change.name == "options":
            return [value for value in change.server or {} if value not in change.file]
    return []


def is_retired(difference: Difference) -> bool:
    """Return whether an object of the server becomes inactive."""
    return difference.action == "update" and any(
        change.name == "active" and change.file is False
        for change in difference.changes
    )


def _attribute_findings(
    wanted: Attribute | LinkAttribute, difference: Difference
) -> Iterator[Finding]:
    changed = {change.name: change for change in difference.changes}
    if difference.action == "create":
        if not wanted.label:
            yield Finding(
                "FM204", "stop", f'{wanted.title} has no label. Add label = "…".'
            )
        if not wanted.write or not wanted.read:
            yield Finding(
                "FM204",
                "warn",
                f"{wanted.title} has no read or write role: it is hidden in the web "
                'interface. Add read = ["*"] and write = ["*"].',
            )
        return
    for name in ("type", "on", "to", "hierarchical"):
        if name in changed:
            yield Finding(
                "FM202",
                "stop",
                f"{wanted.title}: the server cannot change {name} in place. Add a "
                "second attribute and move the values: ftrack-orm migrate new "
                "--recipe retype",
            )
    if "default" in changed:
        yield Finding(
            "FM201",
            "warn",
            f"{wanted.title} gets another default: existing entities keep the old one. "
            "Set it with a revision: ftrack-orm migrate new",
        )
    gone = removed_options(difference)
    if gone:
        yield Finding(
            "FM203",
            "warn",
            f"{wanted.title} loses the options {', '.join(gone)}. `ftrack-orm studio "
            "plan` counts the values that use them, and refuses to remove those.",
        )
