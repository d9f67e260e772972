"""``ftrack-orm migrate init``, ``status``, ``mark`` and ``unlock``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import click

from ftrack_orm.cli.confirmation import confirm
from ftrack_orm.cli.migrate_session import (
    connected,
    folder_option,
    json_option,
    session_options,
    write_json,
)
from ftrack_orm.cli.planning import is_model_package
from ftrack_orm.cli.revision_sources import sources_of
from ftrack_orm.migrations.client import RunClient
from ftrack_orm.migrations.finding import Finding
from ftrack_orm.migrations.graph import find_id
from ftrack_orm.migrations.history_id import SETTING_GROUP
from ftrack_orm.migrations.history_store import SETTINGS
from ftrack_orm.migrations.lint.source_lint import changed_revisions, lint_sources
from ftrack_orm.migrations.lock import read_history, unlock
from ftrack_orm.migrations.plan_store import PLAN_FOLDER
from ftrack_orm.migrations.probes import Initialization, initialize
from ftrack_orm.migrations.revision import LoadedModule, load_folder
from ftrack_orm.migrations.status import describe_history, mark_revision

PENDING: Final = 3
"""The exit code of ``status --exit-code`` when something is left to do."""


@click.command("init")
@session_options
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File for the results as JSON, without the server's address.",
)
@json_option
def init(
    server_url: str | None,
    models: str,
    yes: bool,
    report: Path | None,
    as_json: bool,
) -> None:
    """Measure the server's guarantees, and create the history there.

    Creates one component, which is in no project, and writes and deletes metadata of
    it: 6 requests. A server that refuses these gets settings instead.

    Example: ftrack-orm migrate init --report server.json
    """
    with connected(server_url, models) as session:
        client = RunClient(session)
        if read_history(client).init is None:
            confirm(
                f"Create the history of migrations on {session.server_url}?",
                is_given=yes,
            )
        result = initialize(client)
    if as_json:
        write_json(result.to_json())
    else:
        _print_results(result)
    # Last, so that the results are shown whatever the disk does.
    if report is not None:
        text = json.dumps({**result.to_json(), "server_id": None}, indent=2)
        _write(report, text + "\n")
    _ignore_folder(PLAN_FOLDER.parent)


def _ignore_folder(folder: Path) -> None:
    """Create the folder of plans; git ignores it, as plans hold production data."""
    ignore = folder / ".gitignore"
    if not ignore.exists():
        _write(ignore, "*\n")


def _write(path: Path, text: str) -> None:
    """Write a file and the folder that it is in.

    Raises:
        ClickException: it cannot be written; the message names the reason.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror or error}") from error


def _print_results(result: Initialization) -> None:
    words = "The history was created" if result.is_new else "There is a history already"
    click.echo(f"{words}; server id {result.server_id}.")
    if result.store == SETTINGS.name:
        click.echo(
            "This server refuses the component of the history or its id, so its rows "
            f"are settings of the group {SETTING_GROUP}. Plans cannot be uploaded: "
            "to resume or undo a run on another computer, copy its plan file there."
        )
    for name, is_given in result.guarantees.to_json().items():
        click.echo(f"  {'yes' if is_given else 'NO '}  {name.replace('_', ' ')}")
    missing = result.guarantees.missing_for_exactly_once()
    if missing:
        click.echo(
            "Plans with creates or deletes are refused on this server, as one of them "
            "could be applied twice or be lost. It does not guarantee: "
            f"{', '.join(missing)}."
        )


@click.command("status")
@session_options
@folder_option
@click.option(
    "--exit-code",
    "has_exit_code",
    is_flag=True,
    help="Exit with 3 if a revision is pending or a run was interrupted.",
)
@json_option
def status(
    server_url: str | None,
    models: str,
    folder: Path,
    has_exit_code: bool,
    as_json: bool,
) -> None:
    """Show revisions, runs and the lock.

    A revision is pending if its file is in the folder and the server does not list it
    as applied; it has changed if its meaning is not the one that was applied (FM108).
    An applied revision whose models are not frozen is listed, too (FM106).

    Example: ftrack-orm migrate status
    """
    with connected(server_url, models) as session:
        document = describe_history(read_history(RunClient(session)))
    applied = {
        row["revision"]: row
        for row in document["revisions"]
        if row.get("state") == "applied"
    }
    modules = load_folder(folder)
    document["pending"] = [each.name for each in modules if each.name not in applied]
    digests = {name: row.get("code_digest") for name, row in applied.items()}
    document["changed"] = [
        module.name
        for module in modules
        if digests.get(module.name) not in (None, module.digest)
    ]
    document["findings"] = [
        finding.to_json() for finding in _findings(modules, digests)
    ]
    titles = {each.name: each.revision.title for each in modules if each.revision}
    _show_status(document, titles, as_json)
    is_interrupted = any(row["state"] == "interrupted" for row in document["runs"])
    if has_exit_code and (document["pending"] or is_interrupted):
        raise click.exceptions.Exit(PENDING)


def _findings(
    modules: Sequence[LoadedModule], applied: Mapping[str, str | None]
) -> Iterator[Finding]:
    """Yield the findings about applied revisions.

    Args:
        modules: the revisions of the folder.
        applied: the digests of applied revisions by id, if they are known.
    """
    known = {name: digest for name, digest in applied.items() if digest is not None}
    there = [module for module in modules if module.name in applied]
    yield from changed_revisions({each.name: each.digest for each in there}, known)
    for finding in lint_sources([*sources_of(there, applied)], is_model_package):
        if finding.code == "FM106":
            yield finding


def _show_status(
    document: dict[str, Any], titles: Mapping[str, str], as_json: bool
) -> None:
    if as_json:
        write_json(document)
    elif document["server_id"] is None:
        click.echo("There is no history. Create it with `ftrack-orm migrate init`.")
    else:
        for line in _status_lines(document, titles):
            click.echo(line)


def _status_lines(document: dict[str, Any], titles: Mapping[str, str]) -> list[str]:
    lines = []
    for row in document["revisions"]:
        title = titles.get(row["revision"]) or row.get("title") or ""
        note = (
            "; its file has changed" if row["revision"] in document["changed"] else ""
        )
        lines.append(f"{row['revision']}  {row.get('state')}{note}  {title}".rstrip())
    listed = {row["revision"] for row in document["revisions"]}
    lines += [
        f"{name}  pending  {titles[name]}".rstrip()
        for name in document["pending"]
        if name not in listed
    ]
    for row in document["runs"]:
        name = row["title"] or row["revision"] or ""
        lines.append(
            f"run {row['run']}  {row['state']}  {row['upto']} of {row['units']} units, "
            f"{row['applied']} applied, {row['conflicts'] + row['refused']} left out  "
            f"{row['user']} {row['at']}  {name}".rstrip()
        )
        if row["state"] == "interrupted":
            lines.append(f"  ftrack-orm migrate resume {row['run']}")
    lines += [
        f"{finding['code']} {finding['message']}" for finding in document["findings"]
    ]
    if not lines:
        lines.append("no revision and no run")
    lock = document["lock"]
    if lock is None:
        lines.append("no lock")
    else:
        lines.append(
            f"locked by run {lock['run']} of {lock['user']} on {lock['host']} since "
            f"{lock['at']}"
        )
        ending = (
            "; its job is shown as running until then" if _has_job(document) else ""
        )
        lines.append(
            f"  if its process has ended: `ftrack-orm migrate resume {lock['run']}` or "
            f"`ftrack-orm migrate unlock`{ending}"
        )
    return lines


def _has_job(document: Mapping[str, Any]) -> bool:
    """Return whether the run that holds the lock has a job in the web interface."""
    run = document["lock"]["run"]
    return any(row["run"] == run and row["job"] for row in document["runs"])


@click.command("mark")
@session_options
@folder_option
@click.argument("revision")
@click.argument("state", type=click.Choice(["applied", "pending"]))
def mark(
    server_url: str | None,
    models: str,
    folder: Path,
    revision: str,
    state: Literal["applied", "pending"],
) -> None:
    """Record REVISION as applied or pending; no data is changed.

    It is one of the folder or of the history; a part of its id is enough. The revision
    is as it was if it is in that state already.

    Example: ftrack-orm migrate mark 7f3a applied
    """
    known = {module.name for module in load_folder(folder)}
    with connected(server_url, models) as session:
        client = RunClient(session)
        known |= read_history(client).revisions.keys()
        name = find_id(revision, sorted(known))
        mark_revision(client, name, state)
    click.echo(f"{name} is marked as {state}.")


@click.command("unlock")
@session_options
@click.option("--yes", is_flag=True, help="Do not ask.")
def unlock_server(server_url: str | None, models: str, yes: bool) -> None:
    """Remove the lock; the process of its run, should it live, writes no more.

    Example: ftrack-orm migrate unlock
    """
    with connected(server_url, models) as session:
        client = RunClient(session)
        lock = read_history(client).lock
        if lock is None:
            click.echo("There is no lock.")
            return
        confirm(
            f"Remove the lock of run {lock.get('run')} of {lock.get('user')} on "
            f"{lock.get('host')}?",
            is_given=yes,
        )
        run = unlock(client)
    click.echo(f"The lock of run {run} was removed. See `ftrack-orm migrate status`.")
