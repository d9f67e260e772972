"""``ftrack-orm emulator``: an ftrack server in the box, until interrupted."""

from __future__ import annotations

import signal
import threading
from pathlib import Path
from types import FrameType

import click

from ftrack_orm.emulator.seed import SEEDS
from ftrack_orm.emulator.server import Emulator
from ftrack_orm.schema.model import Schema
from ftrack_orm.schema.parse import load_schema_file


@click.command("emulator")
@click.option(
    "--port",
    default=0,
    show_default="a free one",
    type=click.IntRange(0, 65535),
    help="Port to listen on.",
)
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address to listen on."
)
@click.option(
    "--database",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File that keeps the data; in memory when not given.",
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Directory that keeps the files of components; a temporary one by default.",
)
@click.option(
    "--seed",
    default="standard",
    show_default=True,
    type=click.Choice(sorted(SEEDS)),
    help="What a new server holds.",
)
@click.option(
    "--models",
    default="ftrack_models",
    show_default=True,
    help="Generated package whose schema to serve.",
)
@click.option(
    "--schema",
    "schema_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with the schema to serve, instead of a package's.",
)
def command(
    port: int,
    host: str,
    database: Path | None,
    data: Path | None,
    seed: str,
    models: str,
    schema_file: Path | None,
) -> None:
    """Run an ftrack server with made-up data; stop it with Ctrl-C."""
    emulator = Emulator(
        seed=seed,
        database=database,
        data=data,
        schema=_read(schema_file),
        models=models,
        host=host,
        port=port,
    )
    with emulator:
        credentials = emulator.credentials
        click.echo(f"FTRACK_SERVER={credentials['server_url']}")
        click.echo(f"FTRACK_API_USER={credentials['api_user']}")
        click.echo(f"FTRACK_API_KEY={credentials['api_key']}")
        click.echo("Serving. Press Ctrl-C to stop.")
        _wait_for_interrupt()
    click.echo("Stopped.")


def _read(schema_file: Path | None) -> Schema | None:
    return None if schema_file is None else load_schema_file(schema_file).schema


def _wait_for_interrupt() -> None:
    """Return when the process is asked to stop, by Ctrl-C or its supervisor."""
    stopped = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    # With a timeout, because on Windows an untimed wait takes no signals.
    while not stopped.wait(0.2):
        pass
