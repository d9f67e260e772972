"""``ftrack-orm emulator``: run an emulator until it is interrupted."""

from __future__ import annotations

import errno
import ipaddress
import logging
import signal
import sqlite3
import threading
import zlib
from contextlib import closing
from pathlib import Path
from types import FrameType
from typing import Any

import click
from click.core import ParameterSource

from ftrack_orm.emulator import CountedIds, Emulator, FixedClock
from ftrack_orm.emulator.seeds import SEEDS, SIZES
from ftrack_orm.errors.emulator import UnsupportedError
from ftrack_orm.schema.model import Schema
from ftrack_orm.schema.parse import load_schema_file

_FILE = click.Path(dir_okay=False, path_type=Path)
_EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("emulator", epilog="Example: ftrack-orm emulator --seed demo")
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
    type=_FILE,
    help="File for the data; in memory by default.",
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Directory for the files of components; by default DATABASE.files, or in "
    "memory without a database.",
)
@click.option(
    "--seed",
    default="standard",
    show_default=True,
    metavar="|".join(SEEDS).replace("demo", "demo[:NUMBER]"),
    help="Data of a new server.",
)
@click.option(
    "--size",
    default="small",
    show_default=True,
    type=click.Choice(list(SIZES)),
    help="Size of the demo production.",
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
    type=_EXISTING_FILE,
    help="File with the schema to serve, instead of the schema of a package.",
)
@click.option(
    "--restore", type=_EXISTING_FILE, help="Snapshot to start from, instead of a seed."
)
@click.option(
    "--save", type=_FILE, help="File for a snapshot, written when the server stops."
)
@click.option(
    "--fixed",
    metavar="MOMENT",
    help="Use this time, such as 2024-05-06T07:08:09, and counted ids: the same "
    "requests have the same responses in every run.",
)
@click.option(
    "--ignore-unknown-attributes",
    is_flag=True,
    help="Create entities without the attributes that their type does not have, "
    "instead of an error.",
)
@click.option(
    "--no-log-events",
    is_flag=True,
    help="Add no Event rows for changes; clients catch up with them.",
)
@click.option("--verbose", is_flag=True, help="Log each request on standard error.")
def command(
    host: str,
    port: int,
    database: Path | None,
    data: Path | None,
    seed: str,
    size: str,
    models: str,
    schema_file: Path | None,
    restore: Path | None,
    save: Path | None,
    fixed: str | None,
    ignore_unknown_attributes: bool,
    no_log_events: bool,
    verbose: bool,
) -> None:
    """Run an ftrack server with made-up data; stop it with Ctrl-C."""
    if verbose:
        _log_requests()
    _warn_if_reachable(host)
    has_data = database is not None and database.exists()
    if has_data and (restore or fixed):
        raise click.UsageError(
            f"--restore and --fixed need a new database, but {database} exists. Its "
            "data would be lost, or may contain the counted ids. Name another file."
        )
    if has_data:
        _note_unused("seed", "size", database=database)
    try:
        emulator = Emulator(
            # The snapshot replaces the rows of any seed; this one is the fastest.
            seed="empty" if restore else seed,
            size=size,
            database=database,
            data=data,
            schema=_read(schema_file),
            models=models,
            host=host,
            port=port,
            ignore_unknown_attributes=ignore_unknown_attributes,
            log_events=not no_log_events,
            **_fixed_options(fixed, restore),
        )
    except UnsupportedError as error:
        raise click.UsageError(str(error)) from error
    except sqlite3.OperationalError as error:
        raise click.ClickException(f"Cannot use {database}: {error}.") from error
    with closing(emulator):
        if restore is not None:
            emulator.restore(restore)
        _serve(emulator, host, port)
        if save is not None:
            emulator.snapshot(save)
    click.echo("Stopped.")


def _note_unused(*options: str, database: Path | None) -> None:
    """Print the options that a database with data does not need, if they are given."""
    context = click.get_current_context()
    given = [
        f"--{option}"
        for option in options
        if context.get_parameter_source(option) is ParameterSource.COMMANDLINE
    ]
    if given:
        verb = "is" if len(given) == 1 else "are"
        click.echo(
            f"{database} has data already: {' and '.join(given)} {verb} not used.",
            err=True,
        )


def _serve(emulator: Emulator, host: str, port: int) -> None:
    """Start the server, print its credentials and wait for a signal to stop."""
    try:
        emulator.start()
    except OSError as error:
        raise click.ClickException(_start_error(error, host, port)) from error
    credentials = emulator.credentials
    click.echo(f"FTRACK_SERVER={credentials['server_url']}")
    click.echo(f"FTRACK_API_USER={credentials['api_user']}")
    click.echo(f"FTRACK_API_KEY={credentials['api_key']}")
    stopped = _stop_event()
    click.echo("Serving. Press Ctrl-C to stop.")
    # With a timeout, because on Windows a wait without one handles no signals.
    while not stopped.wait(0.2):
        pass
    emulator.stop()


def _start_error(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} of {host} is in use by another program. Name another port "
            "with --port, or omit the option to use a free one."
        )
    return f"Cannot listen on {host}, port {port}: {error.strerror or error}."


def _stop_event() -> threading.Event:
    """Return an event that is set when the process receives SIGINT or SIGTERM."""
    stopped = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    return stopped


def _read(schema_file: Path | None) -> Schema | None:
    return None if schema_file is None else load_schema_file(schema_file).schema


def _fixed_options(moment: str | None, restored: Path | None) -> dict[str, Any]:
    """Return the clock and the id maker for ``--fixed``."""
    if moment is None:
        return {}
    try:
        clock = FixedClock(moment)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--fixed") from error
    # A snapshot may contain counted ids: its content selects another series.
    series = 0 if restored is None else zlib.crc32(restored.read_bytes()) & 0xFFFF
    return {"clock": clock, "ids": CountedIds(series)}


def _warn_if_reachable(host: str) -> None:
    """Print a warning if other machines can connect to the host."""
    try:
        is_loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = host == "localhost"
    if not is_loopback:
        click.echo(
            f"Warning: {host} can be reached from other machines. The names and keys "
            "of the emulator's users are public, so every machine that can connect "
            "can read and change all data.",
            err=True,
        )


class _EchoHandler(logging.Handler):
    """Writes a line on standard error for each record."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record."""
        click.echo(self.format(record), err=True)


def _log_requests() -> None:
    handler = _EchoHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    logger = logging.getLogger("ftrack_orm.emulator")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
