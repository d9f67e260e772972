"""``ftrack-orm migrate plan``, ``show`` and ``new``, which write to no server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from ftrack_orm.errors.planning import PlanningError
from ftrack_orm.migrations.graph import RevisionGraph
from ftrack_orm.migrations.new_revision import write_revision
from ftrack_orm.migrations.parameters import split_settings, validated
from ftrack_orm.migrations.plan import Plan
from ftrack_orm.migrations.plan_function import plan_function
from ftrack_orm.migrations.planned_change import PlannedChange, PlannedUnit
from ftrack_orm.migrations.preview import as_json, as_text
from ftrack_orm.migrations.preview_page import as_html
from ftrack_orm.migrations.revision import LoadedModule, load_folder, load_module
from ftrack_orm.migrations.revision_states import revision_states
from ftrack_orm.session.session import Session

if TYPE_CHECKING:
    from ftrack_orm.types import JSON

CHANGES: Final = 3
"""The exit code of ``--exit-code`` when there are changes."""

REFUSED: Final = 5
"""The exit code when a revision does not accept the risks of its plan."""

PLANS: Final = Path(".ftrack_orm", "plans")

folder_option = click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("migrations"),
    show_default=True,
    help="Folder of the revisions.",
)
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
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE")
@folder_option
@click.option(
    "--server",
    "server_url",
    help="URL of the server, by default FTRACK_SERVER. User and key are read from "
    "FTRACK_API_USER and FTRACK_API_KEY.",
)
@click.option(
    "--models",
    default="ftrack_models",
    show_default=True,
    help="Package of generated models, for a file that imports none.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write the plan to, by default one in .ftrack_orm/plans.",
)
@samples_option
@html_option
@click.option("--json", "is_json", is_flag=True, help="Print one JSON document.")
@click.option(
    "--exit-code", "has_exit_code", is_flag=True, help="Exit with 3 on changes."
)
def plan_revisions(
    targets: tuple[str, ...],
    settings: tuple[str, ...],
    folder: Path,
    server_url: str | None,
    models: str,
    out: Path | None,
    samples: int,
    page: Path | None,
    is_json: bool,
    has_exit_code: bool,
) -> None:
    """Plan revisions, or a tool, without writing to the server.

    TARGETS are ids of revisions, or parts of them, or the file of a tool. Without one,
    every pending revision is planned whose needs are applied.

    Example: ftrack-orm migrate plan tools/push_frames.py --set project=bunny
    """
    if len(targets) != 1 and (settings or out or page):
        raise click.UsageError("--set, --out and --html need exactly one target.")
    with ExitStack() as stack:
        modules, waiting = _modules(targets, folder, server_url, models)
        plans = [
            stack.enter_context(_planned(module, settings, server_url, models))
            for module in modules
        ]
        saved = [_save(plan, out) for plan in plans]
        if page is not None:
            _write_page(plans[0], page)
        if is_json:
            _print_json(plans, saved, waiting, samples)
        else:
            _print_text(plans, saved, waiting, samples)
        if any(plan.unaccepted_risks for plan in plans):
            raise click.exceptions.Exit(REFUSED)
        if has_exit_code and any(plan.changes for plan in plans):
            raise click.exceptions.Exit(CHANGES)


def _modules(
    targets: Sequence[str], folder: Path, server_url: str | None, models: str
) -> tuple[list[LoadedModule], list[str]]:
    """Return the modules to plan, and the ids of revisions that wait.

    Raises:
        PlanningError: a target is applied or interrupted, or needs a revision that is
            not applied.
    """
    tools = [target for target in targets if _is_file(target)]
    if len(tools) == len(targets) and targets:
        return [load_module(Path(target)) for target in tools], []
    loaded = {module.name: module for module in load_folder(folder)}
    graph = RevisionGraph(
        {
            name: module.revision.needs
            for name, module in loaded.items()
            if module.revision
        }
    )
    names = [graph.find(target) for target in targets if not _is_file(target)]
    with Session(server_url, models=models, check_schema="ignore") as session:
        states = revision_states(session)
    applied = {name for name, state in states.items() if state == "applied"}
    if not targets:
        pending = graph.pending(applied)
        ready = [
            name
            for name in pending
            if not graph.unmet(name, applied) and states.get(name) != "applying"
        ]
        waiting = [name for name in pending if name not in ready]
        return [loaded[name] for name in ready], waiting
    for name in names:
        _require_ready(name, states.get(name, ""), graph.unmet(name, applied))
    modules = [load_module(Path(tool)) for tool in tools]
    return modules + [loaded[name] for name in names], []


def _require_ready(name: str, state: str, unmet: Sequence[str]) -> None:
    """Raise unless a revision can be planned.

    Raises:
        PlanningError: it is applied or interrupted, or needs other revisions.
    """
    if state == "applied":
        raise PlanningError(
            f"The revision {name} is applied. Undo it with `ftrack-orm migrate undo "
            f"{name}`, or record it as pending with `ftrack-orm migrate mark`."
        )
    if state == "applying":
        raise PlanningError(
            f"The run of the revision {name} has not ended. Continue it with "
            "`ftrack-orm migrate resume`."
        )
    if unmet:
        raise PlanningError(
            f"The revision {name} needs {', '.join(unmet)}, which is not applied. "
            f"Run: ftrack-orm migrate plan {unmet[0]}"
        )


def _graph(modules: Iterable[LoadedModule]) -> RevisionGraph:
    return RevisionGraph(
        {module.name: module.revision.needs for module in modules if module.revision}
    )


def _is_file(target: str) -> bool:
    return target.endswith(".py") or Path(target).exists()


def _planned(
    module: LoadedModule, settings: Sequence[str], server_url: str | None, models: str
) -> Plan:
    parameters = validated(module.up, split_settings(settings))
    registry = module.registry
    with Session(
        server_url,
        models=models if registry is None else registry,
        check_schema="ignore",
    ) as session:
        return plan_function(
            session,
            module.up,
            kwargs=parameters,
            revision=module.revision,
            title="" if module.revision else module.name,
            code_digest=module.digest,
            source=module.path,
        )


def _save(plan: Plan, out: Path | None) -> Path | None:
    """Write a plan that can be applied; return its file."""
    if not plan.changes or plan.unaccepted_risks:
        return None
    name = plan.revision or plan.title
    path = out or PLANS / f"{name}-{plan.digest[:8]}.plan"
    if out is None and path.exists():
        # The name has the digest: it is the same plan, made before.
        path.unlink()
    plan.save(path)
    return path


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
        {**as_json(plan, samples=samples), "file": None if path is None else str(path)}
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
    waiting: Sequence[str],
    samples: int,
) -> None:
    for plan, path in zip(plans, saved, strict=True):
        click.echo(as_text(plan, samples=samples))
        if path is not None:
            click.echo(f"Nothing was changed. ftrack-orm migrate apply {path}")
        elif plan.changes:
            click.echo("Nothing was changed, and the plan was not saved.")
        else:
            click.echo("Nothing to do.")
    if not plans:
        click.echo("No revision is pending.")
    for name in waiting:
        click.echo(f"{name} waits: for the revisions that it needs, or for its run.")


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
            for unit in filter(matches, plan.units()):
                for line in _unit_lines(unit):
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


def _unit_lines(unit: PlannedUnit) -> Iterator[str]:
    yield f"{unit.number:>6} {unit.title}"
    for change in unit.changes:
        _, entity_type, key, attribute, before, after, *_ = change.to_json()
        name = entity_type if attribute is None else f"{entity_type}.{attribute}"
        keys = ", ".join(map(str, key)) if isinstance(key, list) else ""
        yield (
            f"       {change.action} {name} {keys}: "
            f"{json.dumps(before)} -> {json.dumps(after)}"
        )


@click.command("new")
@click.argument("title")
@folder_option
@click.option("--needs", multiple=True, help="Id of a revision that comes before.")
@click.option(
    "--models",
    default="ftrack_models",
    show_default=True,
    help="Package of models that the revision imports.",
)
def new_revision(title: str, folder: Path, needs: tuple[str, ...], models: str) -> None:
    """Write the file of a new revision.

    Example: ftrack-orm migrate new "cut_no becomes cut_code"
    """
    graph = _graph(load_folder(folder))
    found = [graph.find(name) for name in needs]
    path = write_revision(folder, title, models=models, needs=found)
    click.echo(f"{path} was written. Edit it, then run: ftrack-orm migrate plan")
