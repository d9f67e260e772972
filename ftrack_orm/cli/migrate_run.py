"""``ftrack-orm migrate apply``, ``resume``, ``undo`` and ``verify``."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from ftrack_orm.cli.confirmation import confirm_changes
from ftrack_orm.cli.migrate_progress import RunDisplay, interruptible
from ftrack_orm.cli.migrate_session import (
    connected,
    connector,
    json_option,
    planning_options,
    session_options,
    write_json,
)
from ftrack_orm.cli.planning import (
    ModulePlanner,
    RevisionFolder,
    require_accepted,
    save_plan,
)
from ftrack_orm.migrations.comparison import verify
from ftrack_orm.migrations.options import Outcome, RunOptions
from ftrack_orm.migrations.parameters import split_settings
from ftrack_orm.migrations.plan import Plan
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.plan_store import PLAN_FOLDER, store_plan
from ftrack_orm.migrations.preview import as_text
from ftrack_orm.migrations.revision import LoadedModule
from ftrack_orm.migrations.runs import apply, resume
from ftrack_orm.migrations.undo import plan_undo

if TYPE_CHECKING:
    from ftrack_orm.session.session import Session

F = TypeVar("F", bound=Callable[..., Any])

LEFT_OUT: Final = 4
DIFFERENT: Final = 3


def _load(ctx: click.Context, parameter: click.Parameter, value: str) -> float:
    del ctx, parameter
    number = value.removesuffix("%")
    try:
        load = float(number) / (100 if value.endswith("%") else 1)
    except ValueError:
        load = 0.0
    if not 0 < load <= 1:
        raise click.BadParameter("give a part of the time, such as 70% or 0.7")
    return load


def _unless(ctx: click.Context, parameter: click.Parameter, value: bool) -> bool:
    del ctx, parameter
    return not value


def run_options(function: F) -> F:
    """Add the options of a run to a command."""
    for option in (
        click.option(
            "--load",
            default="70%",
            show_default=True,
            callback=_load,
            help="Part of the time in which a request is under way.",
        ),
        click.option(
            "--on-conflict",
            default="skip",
            show_default=True,
            type=click.Choice(["skip", "stop"]),
            help="Leave out a unit whose rows have changed, or stop before it.",
        ),
        click.option(
            "--on-error",
            default="stop",
            show_default=True,
            type=click.Choice(["stop", "skip"]),
            help="Stop before a unit that the server refuses, or leave it out.",
        ),
        click.option(
            "--chunk",
            default=500,
            show_default=True,
            type=click.IntRange(1, 1000),
            help="Most operations of a request.",
        ),
        click.option(
            "--no-job",
            "job",
            is_flag=True,
            callback=_unless,
            help="Do not show the progress as a job in the web interface.",
        ),
    ):
        function = option(function)
    return function


def confirm_options(function: F) -> F:
    """Add the options that confirm a plan to a command."""
    for option in (
        click.option("--yes", is_flag=True, help="Do not ask for the changes."),
        click.option("--expect", metavar="DIGEST", help="Digest of the reviewed plan."),
        click.option(
            "--max-changes", type=click.IntRange(0), help="Refuse a larger plan."
        ),
        click.option(
            "--single-request",
            is_flag=True,
            help="Apply a plan of at most 1,000 operations in one request.",
        ),
        click.option(
            "--no-upload",
            is_flag=True,
            help="Do not store the plan on the server; only this folder can resume.",
        ),
    ):
        function = option(function)
    return function


@click.command("apply")
@click.argument("targets", nargs=-1)
@session_options
@planning_options
@run_options
@confirm_options
@json_option
def apply_plan(
    targets: tuple[str, ...],
    server_url: str | None,
    models: str,
    settings: tuple[str, ...],
    folder: Path,
    projects: tuple[str, ...],
    as_json: bool,
    **options: Any,
) -> None:
    """Write plans, revisions or a tool to the server.

    TARGETS are one plan file, or ids of revisions, or the file of a tool. Without one,
    every pending revision is applied. A revision is planned, shown and confirmed after
    those that it needs are applied. Rows that change meanwhile are left out. A run that
    was interrupted continues with `ftrack-orm migrate resume`.

    Example: ftrack-orm migrate apply .ftrack_orm/plans/7f3a.plan
    """
    with connected(server_url, models) as session:
        if len(targets) == 1 and _is_plan(targets[0]):
            if settings:
                raise click.UsageError("--set needs the file of a tool or a revision.")
            with PlanFile.open(Path(targets[0])) as file:
                _apply_file(session, file, as_json, **options)
            return
        found = RevisionFolder.read(folder, session)
        planner = ModulePlanner(session, connector(server_url), found, projects)
        modules = _to_apply(found, targets)
        if len(modules) != 1 and (settings or options["expect"]):
            raise click.UsageError("--set and --expect need exactly one target.")
        parameters = split_settings(settings)
        for number, module in enumerate(modules, 1):
            with planner.plan(module, parameters) as plan, _rest(modules[number:]):
                _apply_planned(session, plan, as_json, **options)
    if not modules:
        click.echo("No revision is pending.", err=as_json)


@contextmanager
def _rest(modules: Sequence[LoadedModule]) -> Iterator[None]:
    """Name the modules that are not applied, as a run before them left units out."""
    try:
        yield
    except click.exceptions.Exit:
        if modules:
            names = " ".join(module.name for module in modules)
            click.echo(
                f"Not applied so far: {names}. Look at the units that were left out, "
                f"then run: ftrack-orm migrate apply {names}",
                err=True,
            )
        raise


def _is_plan(target: str) -> bool:
    is_file = Path(target).is_file() and not target.endswith(".py")
    return is_file or target.endswith(".plan")


def _to_apply(found: RevisionFolder, targets: Sequence[str]) -> list[LoadedModule]:
    """Return the modules to apply, in order; pending needs are among them."""
    modules = {
        str(module.path): module
        for target in targets or found.pending
        for module in found.find(target, with_needs=True)
    }
    return list(modules.values())


def _apply_planned(session: Session, plan: Plan, as_json: bool, **options: Any) -> None:
    """Show a plan of this process, save it, and apply it.

    Raises:
        PlanRefusedError: a finding or a risk refuses it.
    """
    click.echo(as_text(plan), err=True)
    require_accepted(plan)
    if not plan.changes and plan.revision is None:
        click.echo("Nothing to do.", err=as_json)
        return
    with PlanFile.open(save_plan(plan)) as file:
        _apply_file(session, file, as_json, **options)


def _apply_file(
    session: Session,
    file: PlanFile,
    as_json: bool,
    *,
    yes: bool,
    expect: str | None,
    max_changes: int | None,
    single_request: bool,
    no_upload: bool,
    **options: Any,
) -> None:
    file.check_digest()
    if not yes and expect is None:
        _ask(session, file)
    run = partial(
        RunOptions,
        expect=expect,
        max_changes=max_changes,
        single_request=single_request,
        upload=not no_upload,
        **options,
    )
    _show(as_json, run, partial(apply, session, file))


def _ask(session: Session, file: PlanFile) -> None:
    """Ask a person for the number of changes.

    Raises:
        NotConfirmedError: the answer is another one, or there is no terminal.
    """
    changes = sum(file.action_counts().values())
    if not changes:
        return
    confirm_changes(
        f"{file.meta('title') or file.path.name}: {changes} changes in "
        f"{file.unit_count()} units on {session.server_url}, as {session.api_user}.",
        changes,
        digest=file.meta("digest"),
    )


def _show(
    as_json: bool,
    make_options: Callable[..., RunOptions],
    run: Callable[..., Outcome],
) -> None:
    """Run with a progress bar or JSON lines; exit with the code of the outcome."""
    display = RunDisplay(as_json)
    with interruptible(display.leave) as cancel, display:
        options = make_options(on_event=display.on_event, cancel=cancel)
        outcome = display.completed(partial(run, options=options))
    if not as_json:
        _print_outcome(outcome)
    if outcome.skipped:
        raise click.exceptions.Exit(LEFT_OUT)


def _print_outcome(outcome: Outcome) -> None:
    if not outcome.run:
        click.echo("The plan has no changes; nothing was sent.")
        return
    click.echo(
        f"Run {outcome.run}: {outcome.applied} units applied, {outcome.already} were "
        f"so already, {outcome.conflicts} in conflict, {outcome.refused} refused; "
        f"{outcome.requests} requests."
    )
    for line in outcome.details:
        click.echo(f"  left out: {line}")
    if outcome.skipped and outcome.revision is not None:
        click.echo(
            f"Plan them again with `ftrack-orm migrate plan {outcome.revision}`."
        )
    click.echo(f"Undo it with `ftrack-orm migrate undo {outcome.run}`.")


@click.command("resume")
@click.argument("run", required=False)
@session_options
@run_options
@click.option(
    "--take-over",
    is_flag=True,
    help="Take the lock from the former process at once, without observing it.",
)
@json_option
def resume_run(
    run: str | None,
    server_url: str | None,
    models: str,
    take_over: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Continue RUN, or the only run that was interrupted.

    Its plan is downloaded if this folder does not have it. A lock of another process
    is observed for two minutes first.

    Example: ftrack-orm migrate resume
    """

    def on_wait(seconds: float) -> None:
        click.echo(
            f"Another process holds the lock; observing it for {seconds:g} seconds. "
            "`--take-over` takes it at once.",
            err=True,
        )

    with connected(server_url, models) as session:
        start = partial(
            resume,
            session,
            run,
            folder=PLAN_FOLDER,
            by_force=take_over,
            on_wait=on_wait,
        )
        _show(as_json, partial(RunOptions, **options), start)


@click.command("undo")
@click.argument("run")
@session_options
@run_options
@confirm_options
@click.option("--apply", "is_applied", is_flag=True, help="Apply the plan, too.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File for the plan.",
)
@json_option
def undo_run(
    run: str,
    server_url: str | None,
    models: str,
    is_applied: bool,
    out: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Plan the values that RUN, or a revision, replaced.

    Edits since then are conflicts, and are kept. Events, status changes and mails stay.
    The plan is a file in .ftrack_orm/plans, as that of `migrate plan`; `migrate clean`
    deletes it when it is old. A plan without changes is not saved.

    Example: ftrack-orm migrate undo 4be29a01c7 --apply
    """
    with connected(server_url, models) as session:
        planned = plan_undo(session, run, folder=PLAN_FOLDER)
        with Plan(planned, is_temporary=True) as plan:
            path = None
            if is_applied or plan.unit_count:
                path = _save_undo(plan, out, run)
            if path is None:
                _print_undo(plan.file, None, as_json, is_applied=is_applied)
                return
        with PlanFile.open(path) as file:
            _print_undo(file, path, as_json, is_applied=is_applied)
            if is_applied:
                _apply_file(session, file, as_json, **options)


def _save_undo(plan: Plan, out: Path | None, run: str) -> Path:
    """Write a plan to a file and return it."""
    if out is None:
        return store_plan(plan, PLAN_FOLDER, f"undo-{run}")
    plan.save(out)
    return out


def _print_undo(
    file: PlanFile, path: Path | None, as_json: bool, *, is_applied: bool
) -> None:
    skipped = list(file.skipped())
    if as_json:
        write_json(
            {
                "event": "plan",
                "path": None if path is None else str(path),
                "digest": file.meta("digest"),
                "units": file.unit_count(),
                "left_out": len(skipped),
            }
        )
        return
    click.echo(f"{file.meta('title')}: {file.unit_count()} units to restore.")
    for _, _, title, reason in itertools.islice(skipped, 20):
        click.echo(f"  cannot be undone: {title}: {reason}")
    if len(skipped) > 20:
        click.echo(f"  and {len(skipped) - 20} more")
    if path is None and not skipped and file.meta("revision") is not None:
        click.echo(
            "Nothing to do. To record the revision as undone: "
            f"ftrack-orm migrate undo {file.meta('revision')} --apply"
        )
    elif path is None:
        click.echo("Nothing to do.")
    elif not is_applied:
        click.echo(f"Nothing was changed. ftrack-orm migrate apply {path}")


@click.command("verify")
@click.argument("run")
@session_options
@json_option
def verify_run(run: str, server_url: str | None, models: str, as_json: bool) -> None:
    """Compare the values that RUN, or a revision, wrote with those of the server.

    Exits with 3 when a value differs. Example: ftrack-orm migrate verify 4be29a01c7
    """
    with connected(server_url, models) as session:
        result = verify(session, run, folder=PLAN_FOLDER)
    if as_json:
        write_json(
            {
                "format": 1,
                "run": result.run,
                "changes": result.changes,
                "different": result.different,
                "examples": [conflict.to_json() for conflict in result.examples],
            }
        )
    else:
        click.echo(
            f"Run {result.run}: {result.different} of {result.changes} values differ."
        )
        for text in result.texts:
            click.echo(f"  {text}")
    if result.different:
        raise click.exceptions.Exit(DIFFERENT)
