"""``ftrack-orm studio``: the configuration of a studio as files.

Exit codes: 0 done or equal, 1 failed, 2 wrong arguments, 3 there are differences,
4 differences on the server were left alone, 5 refused before the first write, 6 locked
by another run, 7 stopped and resumable with ``ftrack-orm migrate resume``.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, redirect_stdout
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ftrack_orm.cli.confirmation import confirm_changes
from ftrack_orm.cli.exit_codes import RunGroup
from ftrack_orm.cli.migrate_session import (
    connected,
    json_option,
    session_options,
    session_options_of,
    write_json,
)
from ftrack_orm.studio.diff import Comparison, compare
from ftrack_orm.studio.model import Kind, Options, Studio
from ftrack_orm.studio.pull import pull_server
from ftrack_orm.studio.renames import without_renamed
from ftrack_orm.studio.report import as_json as comparison_json, as_text
from ftrack_orm.studio.server_studio import ServerStudio
from ftrack_orm.studio.toml_files import json_schema, load_studio
from ftrack_orm.studio.toml_writing import dump_studio

if TYPE_CHECKING:
    from ftrack_orm.migrations.plan import Plan
    from ftrack_orm.studio.applying import StudioOutcome

DIFFERS = 3
LEFT_ALONE = 4

SCHEMA_FILE = "ftrack-studio.schema.json"
_OPTIONS = """\
#:schema ./ftrack-studio.schema.json
[studio]
format = 1
# The kinds of objects that these files manage; others are neither read nor written.
manage = [{kinds}]
"""

accept_option = click.option(
    "--accept",
    "accepts",
    multiple=True,
    metavar="CODE",
    # Those of `ftrack_orm.studio.planning`, which is imported when a command runs.
    type=click.Choice(["FM207"]),
    help="Apply in spite of a finding: FM207, an object type is renamed.",
)
target_options = session_options_of("--server", "--to")
folder_option = click.option(
    "--folder",
    default="studio",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the TOML files.",
)


@click.group("studio", cls=RunGroup)
def command() -> None:
    """Keep the configuration of a studio in files, and apply it.

    Server, user and key are read from FTRACK_SERVER, FTRACK_API_USER and
    FTRACK_API_KEY.

    Exit codes: 0 done or equal, 1 failed, 2 wrong arguments, 3 there are differences,
    4 differences on the server were left alone, 5 refused before the first write,
    6 locked by another run, 7 stopped and resumable.
    """


@command.command("init", epilog="Example: ftrack-orm studio init")
@session_options
@folder_option
def init(server_url: str | None, models: str, folder: Path) -> None:
    """Make the folder, with the configuration of the server."""
    folder.mkdir(parents=True, exist_ok=True)
    schema = json.dumps(json_schema(), indent=2, sort_keys=True)
    (folder / SCHEMA_FILE).write_text(f"{schema}\n", encoding="utf-8")
    options = folder / "studio.toml"
    if not options.exists():
        kinds = ", ".join(f'"{kind}"' for kind in Studio().studio.manage)
        options.write_text(_OPTIONS.format(kinds=kinds), encoding="utf-8")
    _pull(server_url, models, folder)


@command.command(
    "pull", epilog="Example: ftrack-orm studio pull --kinds status,project_schema"
)
@session_options
@folder_option
@click.option("--from", "place", metavar="PLACE", help="By default the server.")
@click.option("--kinds", metavar="KINDS", help="By default all that the files manage.")
def pull(
    server_url: str | None,
    models: str,
    folder: Path,
    place: str | None,
    kinds: str | None,
) -> None:
    """Write the configuration of the server to the files; comments stay.

    A PLACE is another folder of files, a snapshot, or the URL of a server. KINDS are
    separated by commas, such as status,project_schema; the others stay as they are.
    """
    _pull(place or server_url, models, folder, kinds)


@command.command("diff", epilog="Example: ftrack-orm studio diff --to staging.snapshot")
@session_options
@folder_option
@click.option("--from", "wanted", metavar="PLACE", help="By default the folder.")
@click.option("--to", "found", metavar="PLACE", help="By default the server.")
@click.option("--exit-code", is_flag=True, help="Exit with 3 if anything differs.")
@json_option
def diff(
    server_url: str | None,
    models: str,
    folder: Path,
    wanted: str | None,
    found: str | None,
    exit_code: bool,
    as_json: bool,
) -> None:
    """Show how two configurations differ; nothing is written.

    A PLACE is a folder of files, a snapshot, or the URL of a server.
    """
    source = _configuration(wanted or str(folder), models)
    target = _configuration(found or server_url or "", models)
    files = source if isinstance(source, Studio) else source.studio
    if isinstance(target, Studio):
        comparison = compare(files, target)
    else:
        comparison = target.compare(files)
    _print(comparison, as_json)
    if exit_code and (
        comparison.to_apply or comparison.conflicts or comparison.problems
    ):
        raise click.exceptions.Exit(DIFFERS)


@command.command("check", epilog="Example: ftrack-orm studio check --json")
@target_options
@folder_option
@json_option
def check(server_url: str | None, models: str, folder: Path, as_json: bool) -> None:
    """Exit with 3 if the server differs from the files; for continuous integration."""
    studio = load_studio(folder)
    with connected(server_url, models) as session:
        server = pull_server(session)
    comparison = server.compare(studio)
    _print(comparison, as_json)
    unlisted = {
        each.kind for each in comparison.differences if each.action == "unlisted"
    }
    if (
        comparison.to_apply
        or comparison.conflicts
        or comparison.problems
        or unlisted & set(studio.studio.exclusive)
    ):
        raise click.exceptions.Exit(DIFFERS)


@command.command("plan", epilog="Example: ftrack-orm studio plan --out studio.plan")
@target_options
@folder_option
@click.option("--overwrite-server", is_flag=True, help="Overwrite changes there too.")
@accept_option
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="File to write."
)
@json_option
def plan(
    server_url: str | None,
    models: str,
    folder: Path,
    overwrite_server: bool,
    accepts: tuple[str, ...],
    out: Path | None,
    as_json: bool,
) -> None:
    """Show the changes of an apply; nothing is written to the server."""
    from ftrack_orm.migrations import preview
    from ftrack_orm.studio.planning import plan_studio

    studio = load_studio(folder)
    with (
        connected(server_url, models) as session,
        plan_studio(
            session, studio, overwrite_server=overwrite_server, accepts=accepts
        ) as found,
    ):
        if out is not None:
            found.save(out)
        if as_json:
            write_json(preview.as_json(found))
        else:
            click.echo(preview.as_text(found))
            command_line = f"migrate apply {out}" if out else "studio apply"
            click.echo(
                f"Nothing was changed. ftrack-orm {command_line}"
                if found.changes
                else "Nothing to do."
            )


@command.command("apply", epilog="Example: ftrack-orm studio apply")
@target_options
@folder_option
@click.option("--overwrite-server", is_flag=True, help="Overwrite changes there too.")
@accept_option
@click.option("--yes", is_flag=True, help="Do not ask for the changes.")
@json_option
def apply(
    server_url: str | None,
    models: str,
    folder: Path,
    overwrite_server: bool,
    accepts: tuple[str, ...],
    yes: bool,
    as_json: bool,
) -> None:
    """Make the server equal to the files; objects that only it has stay.

    With --json each event of a run is a line.
    """
    from ftrack_orm.cli.migrate_progress import RunDisplay, interruptible
    from ftrack_orm.migrations.options import RunOptions
    from ftrack_orm.migrations.plan_store import PLAN_FOLDER
    from ftrack_orm.studio.applying import apply_studio

    studio = load_studio(folder)
    display = RunDisplay(as_json)
    with (
        connected(server_url, models) as session,
        interruptible(display.leave) as cancel,
        display,
    ):
        run = partial(
            apply_studio,
            session,
            studio,
            overwrite_server=overwrite_server,
            accepts=accepts,
            options=RunOptions(cancel=cancel, on_event=display.on_event),
            confirm=(lambda plan: None) if yes else _confirm,
            plans=PLAN_FOLDER,
        )
        outcome = display.completed(run)
        comparison = pull_server(session).compare(studio)
    # Nothing but lines of JSON may be on standard output.
    with redirect_stdout(sys.stderr) if as_json else nullcontext():
        _print_outcome(outcome, comparison)
        if outcome.changes:
            _generate_models(studio, server_url)
    if comparison.conflicts or any(run.skipped for run in outcome.runs):
        raise click.exceptions.Exit(LEFT_ALONE)


def _print_outcome(outcome: StudioOutcome, comparison: Comparison) -> None:
    if not outcome.runs and comparison.conflicts:
        click.echo("Nothing was sent. The server was changed since the last apply:")
    elif not outcome.runs:
        click.echo("The server has the configuration of the files; nothing was sent.")
    elif not outcome.changes:
        click.echo("The server had the configuration of the files, which is recorded.")
    else:
        rounds = f"{len(outcome.runs)} round{'s' * (len(outcome.runs) > 1)}"
        changes = f"{outcome.changes} change{'s' * (outcome.changes > 1)}"
        click.echo(f"{changes} in {rounds}.")
    skipped = sum(run.skipped for run in outcome.runs)
    if skipped:
        click.echo(f"{skipped} units were left out, as their rows had changed.")
    if comparison.conflicts:
        click.echo(as_text(comparison))


def _pull(
    place: str | None, models: str, folder: Path, kinds: str | None = None
) -> None:
    files = load_studio(folder) if folder.is_dir() else Studio()
    options = files.studio
    selected = _kinds(kinds, options)
    found = _configuration(place or "", models)
    if isinstance(found, ServerStudio):
        for (kind, _), problem in found.problems.items():
            if kind in selected:
                click.echo(f"! {problem}", err=True)
    source = found.studio if isinstance(found, ServerStudio) else found
    studio = without_renamed(source.only(selected), files)
    managed = studio.model_copy(update={"studio": options})
    # The definitions of a server have every setting.
    changed = dump_studio(managed, folder, is_complete=source is not found)
    for path in changed:
        click.echo(f"wrote {path}")
    if not changed:
        click.echo(f"The files have the configuration of {place or 'the server'}.")


def _kinds(text: str | None, options: Options) -> Sequence[Kind]:
    """Return the kinds of ``--kinds``, all that the files manage by default.

    Raises:
        BadParameter: the files do not manage one.
    """
    if text is None:
        return options.manage
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in options.manage:
            raise click.BadParameter(
                f"The files do not manage {name!r}, but {', '.join(options.manage)}.",
                param_hint="--kinds",
            )
    return [kind for kind in options.manage if kind in names]


def _configuration(place: str, models: str) -> Studio | ServerStudio:
    """Return the configuration of a folder, a snapshot or a server."""
    path = Path(place)
    if place and path.is_dir():
        return load_studio(path)
    if place and path.is_file():
        with _snapshot_session(path) as session:
            return pull_server(session)
    if place and "://" not in place:
        raise click.BadParameter(
            f"{place!r} is no folder, snapshot or URL. `ftrack-orm studio init` makes "
            "the folder."
        )
    with connected(place or None, models) as session:
        return pull_server(session)


@contextmanager
def _snapshot_session(path: Path) -> Iterator[Any]:
    from ftrack_orm.cli.snapshot_file import open_snapshot
    from ftrack_orm.session.session import Session

    emulator, _ = open_snapshot(path)
    with (
        emulator,
        Session(transport=emulator.transport(), check_schema="ignore") as session,
    ):
        yield session


def _print(comparison: Comparison, as_json: bool) -> None:
    if as_json:
        write_json(comparison_json(comparison))
    else:
        click.echo(as_text(comparison))


def _confirm(plan: Plan) -> None:
    from ftrack_orm.cli.migrate_progress import immediate_interrupts
    from ftrack_orm.migrations import preview

    click.echo(preview.as_text(plan), err=True)
    with immediate_interrupts():
        confirm_changes(
            f"{plan.changes} changes at {plan.meta('server_url')}, as "
            f"{plan.meta('api_user')}.",
            plan.changes,
        )


def _generate_models(studio: Studio, server_url: str | None) -> None:
    """Generate the models of the files' options again, or print the command.

    Raises:
        ClickException: they cannot be generated; the configuration is applied.
    """
    folder = studio.studio.models
    if folder is None:
        click.echo(
            "The schema may have changed. Generate the models again: ftrack-orm "
            "generate --output FOLDER --package NAME"
        )
        return
    from ftrack_orm.cli.generate import command as generate

    path = Path(folder)
    context = click.get_current_context()
    try:
        context.invoke(
            generate, output=path.parent, name=path.name, server_url=server_url
        )
    except click.ClickException as error:
        raise click.ClickException(
            f"The configuration is applied, but {folder} is not up to date. "
            f"{error.format_message()} Then: ftrack-orm generate --output "
            f"{path.parent} --package {path.name}"
        ) from error
