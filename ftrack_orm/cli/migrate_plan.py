"""``ftrack-orm migrate plan`` and ``show``, which write to no server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from ftrack_orm.cli.migrate_session import (
    connected,
    connector,
    json_option,
    planning_options,
    session_options,
)
from ftrack_orm.cli.planning import ModulePlanner, RevisionFolder, save_plan
from ftrack_orm.migrations.change_text import ChangeTexts, printable
from ftrack_orm.migrations.parameters import split_settings
from ftrack_orm.migrations.plan import Plan
from ftrack_orm.migrations.planned_change import PlannedChange, PlannedUnit
from ftrack_orm.migrations.preview import (
    as_json as preview_json,
    as_text,
)
from ftrack_orm.migrations.preview_page import as_html
from ftrack_orm.migrations.revision import LoadedModule

if TYPE_CHECKING:
    from ftrack_orm.types import JSON

CHANGES: Final = 3
"""The exit code of ``--exit-code`` when there are changes."""

REFUSED: Final = 5
"""The exit code when a revision does not accept the risks of its plan."""

samples_option = click.option(
    "--samples",
    type=click.IntRange(0, 100),
    default=3,
    show_default=True,
    help="Values to show of each kind of change.",
)
html_option = click.option(
    "--html",
    "page",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also write the preview as one HTML page.",
)


@click.command("plan")
@click.argument("targets", nargs=-1)
@session_options
@planning_options
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write the plan to, by default one in .ftrack_orm/plans.",
)
@samples_option
@html_option
@json_option
@click.option(
    "--exit-code", "has_exit_code", is_flag=True, help="Exit with 3 on changes."
)
def plan_revisions(
    targets: tuple[str, ...],
    server_url: str | None,
    models: str,
    settings: tuple[str, ...],
    folder: Path,
    projects: tuple[str, ...],
    out: Path | None,
    samples: int,
    page: Path | None,
    as_json: bool,
    has_exit_code: bool,
) -> None:
    """Plan revisions, or a tool, without writing to the server.

    TARGETS are ids of revisions, or parts of them, or the file of a tool. Without one,
    every pending revision is planned whose needs are applied. A revision that is
    applied is planned without the changes that its runs have made. Exits with 5 if a
    finding or a risk refuses a plan.

    Example: ftrack-orm migrate plan tools/push_frames.py --set project=bunny
    """
    if len(targets) != 1 and (settings or out or page):
        raise click.UsageError("--set, --out and --html need exactly one target.")
    parameters = split_settings(settings)
    with ExitStack() as stack:
        session = stack.enter_context(connected(server_url, models))
        found = RevisionFolder.read(folder, session)
        planner = ModulePlanner(session, connector(server_url), found, projects)
        plans = [
            stack.enter_context(planner.plan(module, parameters))
            for module in _chosen(found, targets)
        ]
        saved = [_save(plan, out) for plan in plans]
        if page is not None:
            _write_page(plans[0], page)
        ready = set(found.ready)
        waiting = [] if targets else [n for n in found.pending if n not in ready]
        if as_json:
            _print_json(plans, saved, waiting, samples)
        else:
            _print_text(plans, saved, samples)
            for name in waiting:
                click.echo(_waiting_line(found, name))
        if any(plan.is_refused for plan in plans):
            raise click.exceptions.Exit(REFUSED)
        if has_exit_code and any(plan.changes for plan in plans):
            raise click.exceptions.Exit(CHANGES)


def _chosen(found: RevisionFolder, targets: Sequence[str]) -> list[LoadedModule]:
    """Return the modules to plan."""
    if not targets:
        return [found.modules[name] for name in found.ready]
    return [
        module
        for target in targets
        for module in found.find(target, allow_applied=True)
    ]


def _save(plan: Plan, out: Path | None) -> Path | None:
    """Write a plan that can be applied; return its file."""
    return None if not plan.changes or plan.is_refused else save_plan(plan, out)


def _write_page(plan: Plan, path: Path) -> None:
    try:
        path.write_text(as_html(plan), encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror or error}") from error


def _print_json(
    plans: Sequence[Plan],
    saved: Sequence[Path | None],
    waiting: Sequence[str],
    samples: int,
) -> None:
    documents: list[JSON] = [
        {
            **preview_json(plan, samples=samples),
            "file": None if path is None else str(path),
        }
        for plan, path in zip(plans, saved, strict=True)
    ]
    document: dict[str, JSON] = {
        "format": 1,
        "plans": documents,
        "waiting": list(waiting),
    }
    click.echo(json.dumps(document, ensure_ascii=False))


def _print_text(
    plans: Sequence[Plan],
    saved: Sequence[Path | None],
    samples: int,
) -> None:
    for plan, path in zip(plans, saved, strict=True):
        click.echo(as_text(plan, samples=samples))
        if path is not None:
            click.echo(f"Nothing was changed. ftrack-orm migrate apply {path}")
        elif plan.changes:
            click.echo("Nothing was changed, and the plan was not saved.")
        elif plan.revision is None or plan.meta("continues"):
            click.echo("Nothing to do.")
        else:
            click.echo(
                "Nothing to do. To record the revision as applied: "
                f"ftrack-orm migrate apply {plan.revision}"
            )
    if not plans:
        click.echo("No revision is pending.")


def _waiting_line(found: RevisionFolder, name: str) -> str:
    """Return the reason why a pending revision waits, and the command that ends it."""
    unmet = found.graph.unmet(name, found.applied)
    stopped = [each for each in (*unmet, name) if found.is_interrupted(each)]
    if stopped:
        runs = "its run" if stopped == [name] else f"the run of {', '.join(stopped)}"
        return f"{name} waits for {runs} to end: ftrack-orm migrate resume"
    return (
        f"{name} waits for {', '.join(unmet)}, which it needs. To apply all of them: "
        f"ftrack-orm migrate apply {name}"
    )


@click.command("show")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@samples_option
@html_option
@click.option(
    "--where",
    "conditions",
    multiple=True,
    metavar="NAME=TEXT",
    help="List units with such a change: type, action, attribute, key or title.",
)
@click.option("--json", "is_json", is_flag=True, help="Print a line for each unit.")
def show_plan(
    file: Path,
    samples: int,
    page: Path | None,
    conditions: tuple[str, ...],
    is_json: bool,
) -> None:
    """Show the changes of a plan FILE.

    Example: ftrack-orm migrate show a.plan --where type=Shot --json
    """
    matches = _matcher(conditions)
    with Plan.open(file) as plan:
        if page is not None:
            _write_page(plan, page)
        if is_json:
            for unit in filter(matches, plan.units()):
                click.echo(json.dumps(_unit_json(unit), ensure_ascii=False))
        elif conditions:
            texts = ChangeTexts(plan.file)
            for unit in filter(matches, plan.units()):
                for line in _unit_lines(texts, unit):
                    click.echo(line)
        else:
            click.echo(as_text(plan, samples=samples))


def _matcher(conditions: Sequence[str]) -> Callable[[PlannedUnit], bool]:
    wanted: list[tuple[str, str]] = []
    for condition in conditions:
        name, sign, text = condition.partition("=")
        if not sign or name not in ("type", "action", "attribute", "key", "title"):
            raise click.BadParameter(
                f"{condition!r} is not type=, action=, attribute=, key= or title=TEXT.",
                param_hint="--where",
            )
        wanted.append((name, text))

    def matches(unit: PlannedUnit) -> bool:
        titles = [text for name, text in wanted if name == "title"]
        facts = [(name, text) for name, text in wanted if name != "title"]
        return all(text in unit.title for text in titles) and (
            not facts
            or any(
                all(text in _fact(change, name) for name, text in facts)
                for change in unit.changes
            )
        )

    return matches


def _fact(change: PlannedChange, name: str) -> Sequence[str]:
    """Return the exact texts that a condition compares with."""
    match name:
        case "type":
            return [change.entity_type]
        case "action":
            return [change.action]
        case "attribute":
            return [change.attribute or ""]
        case _:
            return [str(part) for part in change.key]


def _unit_json(unit: PlannedUnit) -> dict[str, Any]:
    return {
        "unit": unit.number,
        "title": unit.title,
        "changes": [change.to_json() for change in unit.changes],
        "effects": [
            [effect.function, list(effect.arguments), dict(effect.keywords)]
            for effect in unit.effects
        ],
    }


def _unit_lines(texts: ChangeTexts, unit: PlannedUnit) -> Iterator[str]:
    yield f"{unit.number:>6} {printable(unit.title)}"
    for change in unit.changes:
        yield f"       {texts.change(change)}"
    for effect in unit.effects:
        yield f"       {printable(effect.function)} is called"
