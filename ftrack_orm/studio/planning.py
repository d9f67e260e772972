"""Plan the changes that make a server equal to the files."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.errors.studio import StudioPlanError
from ftrack_orm.migrations.finding import Finding, blocking
from ftrack_orm.migrations.history import now
from ftrack_orm.migrations.history_id import STUDIO
from ftrack_orm.migrations.lost_plan import STUDIO_TITLE
from ftrack_orm.migrations.plan import Plan
from ftrack_orm.migrations.plan_function import plan_function
from ftrack_orm.migrations.planner import Planner
from ftrack_orm.studio.diff import (
    Applied,
    Comparison,
    Difference,
    applied_record,
    merged,
)
from ftrack_orm.studio.lint import findings
from ftrack_orm.studio.mistakes import mistakes
from ftrack_orm.studio.model import (
    KINDS,
    Definition,
    Key,
    Kind,
    ProjectSchema,
    Studio,
    folded,
)
from ftrack_orm.studio.pull import pull_server
from ftrack_orm.studio.renames import renames_of, with_current_names
from ftrack_orm.studio.schema_writing import LATER, SchemaWriter
from ftrack_orm.studio.server_studio import ServerStudio, history_rows
from ftrack_orm.studio.used_values import COUNTED, used_values
from ftrack_orm.studio.writing import Writer

if TYPE_CHECKING:
    from ftrack_orm.session.session import Session

ACCEPTABLE: Final = ("FM207",)
"""Codes of findings that a person can accept: nothing is lost by them."""

ROW_SIZE: Final = 3900
"""Characters of the objects in one row of the history, which has at most 4,000."""


def plan_studio(
    session: Session,
    studio: Studio,
    *,
    overwrite_server: bool = False,
    accepts: Collection[str] = (),
) -> Plan:
    """Return the plan that makes the server equal to a configuration.

    Nothing is written. A difference that comes from a change on the server since the
    last apply is left out, unless `overwrite_server` is set. A plan may need another
    one after it: a server adds further rows to a new project schema.

    Args:
        session: a session on the server.
        studio: the configuration, such as the result of `load_studio`.
        overwrite_server: whether to overwrite changes on the server too.
        accepts: codes of findings that only warn, of `ACCEPTABLE`.

    Raises:
        StudioPlanError: the configuration cannot be applied.
        TransportError, ServerError: a request failed.
    """
    found: list[Finding] = []
    runs: list[str] = []

    def configure(plan: Planner, files: Studio, *, overwrite_server: bool) -> None:
        server = pull_server(plan.session)
        runs.extend(server.runs)
        found.extend(_configure(plan, files, server, accepts, overwrite_server))

    plan = plan_function(
        session,
        configure,
        (studio,),
        {"overwrite_server": overwrite_server},
        title=STUDIO_TITLE,
    )
    plan.set_findings(found)
    plan.set_former_runs(runs)
    return plan


def _configure(
    plan: Planner,
    files: Studio,
    server: ServerStudio,
    accepts: Collection[str],
    overwrite_server: bool,
) -> list[Finding]:
    """Edit the entities of the configuration; return the findings to show.

    Raises:
        StudioPlanError: a finding or a problem refuses the plan.
    """
    # The records of the last apply have the names of the server after this one.
    renames = renames_of(files)
    files = server.with_star(with_current_names(files, renames))
    comparison = server.compare(files)
    server = server.with_current_names(renames)
    differences = comparison.selected(overwrite_server=overwrite_server)
    found = [
        replace(each, severity="warn") if each.code in accepts else each
        for each in findings(replace(comparison, differences=differences))
        if each.code not in COUNTED
    ]
    found += used_values(plan.session, server, differences)
    stops = map(str, blocking(found))
    problems = [*comparison.problems, *_mistakes(differences), *stops]
    if problems:
        raise StudioPlanError(problems)
    writer = Writer(plan, server)
    schemas = SchemaWriter(writer, files)
    for difference in differences:
        with plan.unit():
            writer.write(difference)
            schemas.write(difference)
    if writer.problems:
        raise StudioPlanError(writer.problems)
    _record(plan, files, server, comparison, differences)
    found += _shared(schemas.shared)
    return found


def _shared(places: Collection[str]) -> Iterator[Finding]:
    """Yield a finding about places that change without being in the files."""
    if places:
        yield Finding(
            "FM210",
            "warn",
            f"{', '.join(places)}: no file has them, and they change too, as they "
            "share a list with a place of the files. Add them to the files.",
        )


def _mistakes(differences: Iterable[Difference]) -> Iterator[str]:
    """Yield the settings that the server would refuse in the middle of a run."""
    for each in differences:
        if each.wanted is not None:
            result = merged(each.wanted, each.found)
            for setting, message in mistakes(each.wanted, result):
                yield f"{each.title}: {'.'.join(setting)} {message}."


# -- the record of the apply --------------------------------------------------------


def _record(
    plan: Planner,
    files: Studio,
    server: ServerStudio,
    comparison: Comparison,
    differences: tuple[Difference, ...],
) -> None:
    """Store the digests of all objects that are equal once the plan is applied."""
    if not server.has_history:
        return
    left_out = {
        (each.kind, folded(each.key))
        for each in comparison.conflicts
        if each not in differences
    }
    # A record of the next round's settings would make them changes on the server.
    written = {
        (each.kind, folded(each.key)): each.wanted.model_copy(
            update=dict.fromkeys(LATER)
        )
        for each in differences
        if each.action == "create" and isinstance(each.wanted, ProjectSchema)
    }
    records = {
        key: applied
        for key, applied in server.applied.items()
        if key in left_out or key[0] not in files.studio.manage
    }
    for kind in files.studio.manage:
        for wanted in files.definitions(kind):
            key = kind, folded(wanted.natural_key)
            if key not in left_out:
                record = applied_record(written.get(key, wanted))
                day = _day_of_rename(wanted, server.applied.get(key))
                records[key] = replace(record, renamed=day)
    _write_rows(plan, server, dict(_rows(records)))


def _day_of_rename(wanted: Definition, former: Applied | None) -> str:
    """Return the day on which a rename was first recorded, today for a new one."""
    if wanted.renamed_from is None:
        return ""
    return (former.renamed if former is not None else "") or now()[:10]


def _rows(records: Mapping[tuple[Kind, Key], Applied]) -> Iterator[tuple[str, str]]:
    """Yield key and value of the history rows for some records."""
    for kind in KINDS:
        parts: list[dict[str, list[Any]]] = [{}]
        size = 0
        for (record_kind, key), applied in sorted(records.items()):
            if record_kind != kind:
                continue
            entries = {"objects": [*key, applied.digest, list(applied.paths)]}
            if applied.renamed:
                entries["renamed"] = [*key, applied.renamed]
            length = len(json.dumps(entries)) + 2
            size += length
            if size > ROW_SIZE:
                parts.append({})
                size = length
            for name, entry in entries.items():
                parts[-1].setdefault(name, []).append(entry)
        for number, part in enumerate(parts, 1):
            if part:
                yield f"{STUDIO}{kind}/{number}", json.dumps(part)


def _write_rows(plan: Planner, server: ServerStudio, wanted: dict[str, str]) -> None:
    rows = history_rows(server.rows)
    with plan.unit():
        for key, value in wanted.items():
            if key not in rows:
                row = server.history_store.create_row(key, {})
                model: Any = plan.session.model(row.entity_type)
                plan.add(model(**{**row.entity_data, "value": value}))
            elif rows[key].value != value:
                rows[key].value = value
        for key, row in rows.items():
            if key.startswith(STUDIO) and key not in wanted:
                plan.remove(row)
