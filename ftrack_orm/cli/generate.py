"""``ftrack-orm generate``: write a package of models from a server's schema."""

from __future__ import annotations

import errno
import keyword
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from ftrack_orm.cli.check_models import ReportFormat, check_package
from ftrack_orm.cli.generator_sources import SourceOptions, read_source
from ftrack_orm.errors.root import FtrackError

if TYPE_CHECKING:
    from ftrack_codegen.package import FileChanges


_MISSING = (
    "The generator is not installed: {error}. "
    "Install it with: pip install 'ftrack-orm[codegen]'"
)


_LIBRARY: Final = frozenset({"ftrack_orm", "pydantic", "requests", "typing_extensions"})
"""The packages that generated models need when they are imported."""

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(
    "generate",
    epilog="Example: ftrack-orm generate --output src --package studio_models",
)
@click.option(
    "--schema",
    "schema_file",
    type=_FILE,
    help="File with the reply to query_schemas, instead of a server.",
)
@click.option(
    "--snapshot", type=_FILE, help="File that --save has written, instead of a server."
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
    help="Generated package with the schema and the words to use, instead of a server.",
)
@click.option(
    "--stock",
    "is_stock",
    is_flag=True,
    help="Leave out custom attributes, statuses, types and other words of the studio.",
)
@click.option(
    "--save",
    "saved",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write the schema and the words to, for --snapshot.",
)
@click.option(
    "--output",
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
    help="Write nothing; exit with 3 and the differences if the package is not up to "
    "date.",
)
@click.option(
    "--scan",
    "scanned",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="With --check: folder in which to find the lines that a difference breaks. "
    "Can be repeated.",
)
@click.option(
    "--format",
    "report_format",
    type=click.Choice(["text", "json", "sarif"]),
    show_default="text",
    help="With --check: form of the report.",
)
@click.option("--json", "is_json", is_flag=True, help="The same as --format json.")
def command(
    output: Path | None,
    saved: Path | None,
    name: str,
    rebuilt_by: str | None,
    is_check: bool,
    scanned: tuple[Path, ...],
    report_format: ReportFormat | None,
    is_json: bool,
    **source_options: Any,
) -> None:
    """Write typed models of every entity type of a server."""
    _require_package_name(name)
    if output is None and saved is None:
        raise click.UsageError("Missing option '--output'.")
    if is_json and report_format not in (None, "json"):
        raise click.UsageError(f"Give either --json or --format {report_format}.")
    if scanned and not is_check:
        raise click.UsageError("--scan needs --check.")
    _require_generator()
    from ftrack_codegen import package
    from ftrack_codegen.studio.snapshot import save_snapshot

    with _reported_errors():
        source = read_source(SourceOptions(**source_options))
        for problem in source.parsed.problems:
            click.echo(str(problem), err=True)
        if saved is not None:
            save_snapshot(source, saved)
        if output is None:
            return
        folder = output / name
        files = package.generate_package(
            source.parsed.schema,
            name,
            studio=source.studio,
            command=rebuilt_by or package.rebuild_command(folder),
        )
        if is_check:
            form = report_format or ("json" if is_json else "text")
            check_package(files, source, folder, scanned, form)
        else:
            _report_written(package.write_package(files, folder), folder)


def _require_package_name(name: str) -> None:
    if not name.isidentifier() or keyword.iskeyword(name):
        raise click.BadParameter(
            f"{name!r} is not the name of a Python package.", param_hint="--package"
        )
    if name in sys.stdlib_module_names or name in _LIBRARY:
        raise click.BadParameter(
            f"a package {name!r} would hide the module of that name. Choose another, "
            "such as studio_models.",
            param_hint="--package",
        )


def _require_generator() -> None:
    """Raise an error that names the extra unless the generator is installed."""
    try:
        import ftrack_codegen.compare
        import ftrack_codegen.package  # noqa: F401 # imported for its errors alone
    except ImportError as error:
        raise click.ClickException(_MISSING.format(error=error)) from error


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


def _report_written(changes: FileChanges, folder: Path) -> None:
    written = len(changes.added) + len(changes.changed)
    if not changes:
        click.echo(f"{folder} is up to date; nothing was written.")
        return
    removed = f", {len(changes.removed)} removed" if changes.removed else ""
    files = "1 file" if written == 1 else f"{written} files"
    click.echo(f"{folder}: {files} written{removed}.")
