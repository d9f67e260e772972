"""``ftrack-orm emulator``: an ftrack server in the box, until interrupted."""

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

from ftrack_orm.emulator import CountedIds, Emulator, FixedClock
from ftrack_orm.emulator.seeds import SEEDS, SIZES
from ftrack_orm.errors.emulator import UnsupportedError
from ftrack_orm.schema.model import Schema
from ftrack_orm.schema.parse import load_schema_file

_FILE = click.Path(dir_okay=False, path_type=Path)
_EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


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
    type=_FILE,
    help="File that keeps the data; in memory when not given.",
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="Directory that keeps the files of components; by default one beside the "
    "database, or in memory without a database.",
)
@click.option(
    "--seed",
    default="standard",
    show_default=True,
    metavar="|".join(SEEDS).replace("demo", "demo[:NUMBER]"),
    help="What a new server holds.",
)
@click.option(
    "--size",
    default="small",
    show_default=True,
    type=click.Choice(list(SIZES)),
    help="How large the demo production is.",
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
    help="File with the schema to serve, instead of a package's.",
)
@click.option(
    "--restore", type=_EXISTING_FILE, help="Snapshot to start from, instead of a seed."
)
@click.option("--save", type=_FILE, help="File for a snapshot, written when it stops.")
@click.option(
    "--fixed",
    metavar="MOMENT",
    help="Stop the clock at this moment, such as 2024-05-06T07:08:09, and count ids: "
    "the same requests get the same answers in every run.",
)
@click.option(
    "--ignore-unknown-attributes",
    is_flag=True,
    help="Create entities without the attributes that their type does not have, "
    "instead of an error.",
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
    verbose: bool,
) -> None:
    """Run an ftrack server with made-up data; stop it with Ctrl-C."""
    if verbose:
        _log_requests()
    _warn_of_others(host)
    is_kept = database is not None and database.exists()
    if is_kept and (restore or fixed):
        raise click.UsageError(
            f"--restore and --fixed want a new database, and {database} exists: it "
            "would lose its data, or have the counted ids already."
        )
    try:
        emulator = Emulator(
            seed="empty" if restore else seed,
            size=size,
            database=database,
            data=data,
            schema=_read(schema_file),
            models=models,
            host=host,
            port=port,
            ignore_unknown_attributes=ignore_unknown_attributes,
            **_repeatable(fixed, restore),
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


def _serve(emulator: Emulator, host: str, port: int) -> None:
    """Serve and say where, until asked to stop."""
    try:
        emulator.start()
    except OSError as error:
        raise click.ClickException(_refused(error, host, port)) from error
    credentials = emulator.credentials
    click.echo(f"FTRACK_SERVER={credentials['server_url']}")
    click.echo(f"FTRACK_API_USER={credentials['api_user']}")
    click.echo(f"FTRACK_API_KEY={credentials['api_key']}")
    stopped = _interrupted()
    click.echo("Serving. Press Ctrl-C to stop.")
    # With a timeout, because on Windows an untimed wait takes no signals.
    while not stopped.wait(0.2):
        pass
    emulator.stop()


def _refused(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} of {host} is taken by another program. Name another with "
            "--port, or leave it out and take a free one."
        )
    return f"Cannot listen on {host}, port {port}: {error.strerror or error}."


def _interrupted() -> threading.Event:
    """Return what is set when Ctrl-C or a supervisor asks the process to stop."""
    stopped = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    return stopped


def _read(schema_file: Path | None) -> Schema | None:
    return None if schema_file is None else load_schema_file(schema_file).schema


def _repeatable(moment: str | None, restored: Path | None) -> dict[str, Any]:
    """Return the clock and the id maker for ``--fixed``."""
    if moment is None:
        return {}
    try:
        clock = FixedClock(moment)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--fixed") from error
    # A snapshot may hold counted ids: each goes on with a series of its own.
    series = 0 if restored is None else zlib.crc32(restored.read_bytes()) & 0xFFFF
    return {"clock": clock, "ids": CountedIds(series)}


def _warn_of_others(host: str) -> None:
    """Say what it means to listen where other machines can reach it."""
    try:
        is_alone = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_alone = host == "localhost"
    if not is_alone:
        click.echo(
            f"Warning: {host} can be reached from other machines, and the names and "
            "keys of an emulator's users are known to everybody: whoever reaches it "
            "can read and change all of it.",
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
