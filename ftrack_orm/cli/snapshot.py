"""``ftrack-orm snapshot``: copy projects of a server into a file for an emulator."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from ftrack_orm.cli.snapshot_scopes import GROUPS


@click.group("snapshot")
def command() -> None:
    """Copy projects of a server into a file that an emulator serves."""


@command.command("pull", epilog="Example: ftrack-orm snapshot pull --project bunny")
@click.option("--server", "server_url", help="URL of the server, else FTRACK_SERVER.")
@click.option(
    "--project",
    "projects",
    multiple=True,
    required=True,
    help="Name of a project; may be repeated.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    show_default="PROJECT.snapshot",
    help="File to write.",
)
@click.option(
    "--without",
    default="",
    metavar="NAMES",
    help=f"Rows to leave out, separated by commas: {', '.join(GROUPS)}.",
)
@click.option(
    "--anonymous",
    "is_anonymous",
    is_flag=True,
    help="Replace people, the texts that they wrote, and names of files.",
)
def pull(
    server_url: str | None,
    projects: Sequence[str],
    out: Path | None,
    without: str,
    is_anonymous: bool,
) -> None:
    """Read projects and the configuration of a server; nothing is written there.

    The files of components stay on the server. User and key are read from
    FTRACK_API_USER and FTRACK_API_KEY.
    """
    # Imported here, so that --help needs no emulator.
    from ftrack_orm.cli.anonymity import anonymous
    from ftrack_orm.cli.snapshot_file import SnapshotFacts, write_snapshot
    from ftrack_orm.cli.snapshot_reading import SnapshotReader
    from ftrack_orm.migrations.revision_states import revision_states
    from ftrack_orm.session.session import Session

    left_out = _groups(without)
    path = out or Path(f"{projects[0]}.snapshot")
    with Session(server_url, check_schema="ignore") as session:
        reader = SnapshotReader(session)
        rows = reader.read(projects, without=left_out, on_rows=_print_rows)
        states = revision_states(session)
        facts = SnapshotFacts(
            "" if is_anonymous else session.server_url,
            list(projects),
            is_anonymous,
            reader.schema.to_json(),
            sorted(name for name, state in states.items() if state == "applied"),
        )
        count = write_snapshot(path, facts, anonymous(rows) if is_anonymous else rows)
    click.echo(f"{count:,} rows written to {path}")


def _groups(names: str) -> list[str]:
    groups = [name.strip() for name in names.split(",") if name.strip()]
    for name in groups:
        if name not in GROUPS:
            raise click.BadParameter(
                f"{name!r} is none of {', '.join(GROUPS)}.", param_hint="--without"
            )
    return groups


def _print_rows(entity_type: str, count: int) -> None:
    if count:
        click.echo(f"{count:>9,} {entity_type}", err=True)
