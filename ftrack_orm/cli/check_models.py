"""``ftrack-orm generate --check``: compare a package with its source.

Exit codes: 0 the package is up to date, 1 the check failed, 3 it is not up to date.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import click

if TYPE_CHECKING:
    from ftrack_codegen.package import FileChanges
    from ftrack_codegen.studio.changes import Difference
    from ftrack_codegen.studio.snapshot import Source

DIFFERS: Final = 3
"""The exit code for a package that is not up to date."""

ReportFormat = Literal["text", "json", "sarif"]


def check_package(
    files: Mapping[str, str],
    source: Source,
    folder: Path,
    scanned: Sequence[Path],
    report_format: ReportFormat,
) -> None:
    """Print the report of a check; exit with `DIFFERS` if there are differences.

    Args:
        files: the text of every file as it would be generated.
        source: the schema and configuration that they were generated from.
        folder: the package.
        scanned: the folders in which to look for lines that the differences break.
        report_format: the form of the report.

    Raises:
        FtrackError: the package cannot be read.
    """
    from ftrack_codegen import package
    from ftrack_codegen.studio.report import (
        CheckReport,
        json_report,
        sarif_report,
        text_report,
    )
    from ftrack_codegen.studio.scan import scan_folders

    changes = package.compare_package(files, folder)
    differences = _differences(source, folder) if changes else ()
    scan = scan_folders(scanned, differences, folder) if scanned else None
    report = CheckReport(str(folder), differences, _file_texts(changes), scan)
    match report_format:
        case "json":
            click.echo(json_report(report))
        case "sarif":
            click.echo(sarif_report(report, _version()))
        case "text":
            click.echo(text_report(report))
    if not report.is_current:
        raise click.exceptions.Exit(DIFFERS)


def _differences(source: Source, folder: Path) -> tuple[Difference, ...]:
    from ftrack_codegen import compare
    from ftrack_codegen.studio.changes import (
        Difference,
        schema_differences,
        studio_differences,
    )
    from ftrack_codegen.studio.snapshot import load_package_studio

    former = compare.read_package_schema(folder)
    studio = load_package_studio(folder)
    changes = compare.explain_changes(former, source.parsed.schema)
    differences = list(schema_differences(changes))
    if studio is not None and source.studio is not None:
        differences += studio_differences(studio, source.studio)
    elif (studio is None) != (source.studio is None):
        text = (
            "Only the server has the studio's words, not the package. Pass --stock to "
            "check a stock package."
            if studio is None
            else "Only the package has the studio's words. Leave out --stock, and read "
            "them from a server or a snapshot."
        )
        differences.append(Difference("changed", folder.name, text))
    return tuple(differences)


def _file_texts(changes: FileChanges) -> tuple[str, ...]:
    return (
        *(f"{name}: missing" for name in changes.added),
        *(f"{name}: edited or older" for name in changes.changed),
        *(f"{name}: no longer needed" for name in changes.removed),
    )


def _version() -> str:
    try:
        return version("ftrack-orm")
    except PackageNotFoundError:  # run from a source folder
        return "0"
