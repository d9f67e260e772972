"""``ftrack-orm generate``: write a package of models from a server's schema."""

from __future__ import annotations

import errno
import keyword
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from ftrack_orm.errors.root import FtrackError
from ftrack_orm.errors.session import ConfigurationError
from ftrack_orm.schema.parse import ParsedSchema, load_schema_file, parse_schema

if TYPE_CHECKING:
    from ftrack_codegen.package import FileChanges
    from ftrack_orm.schema.model import Schema


_MISSING = (
    "The generator is not installed: {error}. "
    "Install it with: pip install 'ftrack-orm[codegen]'"
)


@click.command("generate")
@click.option(
    "--schema",
    "schema_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with the reply to query_schemas, instead of a server.",
)
@click.option(
    "--server",
    "server_url",
    help="URL of the server, by default FTRACK_SERVER. User and key are read from "
    "FTRACK_API_USER and FTRACK_API_KEY.",
)
@click.option(
    "--models",
    "models",
    help="Package of generated models with the schema to use, instead of a server.",
)
@click.option(
    "--output",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder in which the folder of the package is written.",
)
@click.option(
    "--package",
    "name",
    default="ftrack_models",
    show_default=True,
    help="Name of the package.",
)
@click.option(
    "--command",
    "rebuilt_by",
    show_default="that of the existing package, or ftrack-orm generate",
    help="Command to rebuild the package, for the header of each file.",
)
@click.option(
    "--check",
    "is_check",
    is_flag=True,
    help="Write nothing; fail with the differences if the package is not up to date.",
)
def command(
    schema_file: Path | None,
    server_url: str | None,
    models: str | None,
    output: Path,
    name: str,
    rebuilt_by: str | None,
    is_check: bool,
) -> None:
    """Write typed models of every entity type of a server."""
    _require_package_name(name)
    _require_generator()
    from ftrack_codegen import package

    with _reported_errors():
        parsed = _read_schema(schema_file, server_url, models)
        for problem in parsed.problems:
            click.echo(str(problem), err=True)
        folder = output / name
        rebuilt_by = rebuilt_by or package.rebuild_command(folder)
        files = package.generate_package(parsed.schema, name, command=rebuilt_by)
        if is_check:
            _check_package(files, parsed.schema, folder)
        else:
            _report_written(package.write_package(files, folder), folder)


def _require_package_name(name: str) -> None:
    if not name.isidentifier() or keyword.iskeyword(name):
        raise click.BadParameter(
            f"{name!r} is not the name of a Python package.", param_hint="--package"
        )


def _require_generator() -> None:
    """Raise an error that names the extra unless the generator is installed."""
    try:
        import ftrack_codegen.compare
        import ftrack_codegen.package  # noqa: F401 # imported for its errors alone
    except ImportError as error:
        raise click.ClickException(_MISSING.format(error=error)) from error


def _check_package(files: Mapping[str, str], schema: Schema, folder: Path) -> None:
    from ftrack_codegen import compare, package

    changes = package.compare_package(files, folder)
    if changes:
        former = compare.read_package_schema(folder)
        schema_changes = list(map(str, compare.explain_changes(former, schema)))
        _fail_check(schema_changes, changes, folder)
    click.echo(f"{folder} is up to date.")


@contextmanager
def _reported_errors() -> Iterator[None]:
    """Convert errors of the generator to messages of the command line."""
    try:
        yield
    except FtrackError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        # A closed pipe of standard output: click ends the process without a message.
        if error.errno == errno.EPIPE:
            raise
        # A schema file that cannot be read, or no space for the formatter's copies.
        path = f"{error.filename}: " if error.filename else ""
        raise click.ClickException(
            f"{path}{error.strerror or error}. Nothing was written."
        ) from error


def _read_schema(
    schema_file: Path | None, server_url: str | None, models: str | None
) -> ParsedSchema:
    if sum(source is not None for source in (schema_file, server_url, models)) > 1:
        raise click.UsageError("Give one of --schema, --server and --models.")
    if schema_file is not None:
        return load_schema_file(schema_file)
    if models is not None:
        from ftrack_orm.session.model_lookup import find_registry

        return parse_schema(find_registry(models).schema().to_json())
    return _fetch_schema(server_url)


def _fetch_schema(server_url: str | None) -> ParsedSchema:
    from ftrack_codegen.source import fetch_schema
    from ftrack_orm.transport.http import RequestsTransport
    from ftrack_orm.transport.replies import read_reply

    settings = {
        "FTRACK_SERVER": server_url or os.environ.get("FTRACK_SERVER", ""),
        "FTRACK_API_USER": os.environ.get("FTRACK_API_USER", ""),
        "FTRACK_API_KEY": os.environ.get("FTRACK_API_KEY", ""),
    }
    missing = [name for name, value in settings.items() if not value]
    if missing:
        raise ConfigurationError(missing)
    transport = RequestsTransport(*settings.values())
    try:
        return fetch_schema(transport, read_reply)
    finally:
        transport.close()


def _report_written(changes: FileChanges, folder: Path) -> None:
    written = len(changes.added) + len(changes.changed)
    if not changes:
        click.echo(f"{folder} is up to date; nothing was written.")
        return
    removed = f", {len(changes.removed)} removed" if changes.removed else ""
    click.echo(f"{folder}: {written} files written{removed}.")


def _fail_check(
    schema_changes: list[str], changes: FileChanges, folder: Path
) -> NoReturn:
    """Raise an error that lists the changes of the schema, or those of the files."""
    lines = [f"{folder} is not up to date."]
    if schema_changes:
        lines.append("The schema has changed:")
        lines += [f"  {change}" for change in schema_changes]
    else:
        lines.append("The schema is the same, but these files are not:")
        lines += [f"  {name}: missing" for name in changes.added]
        lines += [f"  {name}: edited or older" for name in changes.changed]
        lines += [f"  {name}: no longer needed" for name in changes.removed]
    lines.append("Run ftrack-orm generate without --check, and commit the result.")
    raise click.ClickException("\n".join(lines))
