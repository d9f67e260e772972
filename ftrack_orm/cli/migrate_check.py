"""``ftrack-orm migrate lint`` and ``check``, which need no server."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from ftrack_orm.cli.migrate_session import folder_option, json_option, write_json
from ftrack_orm.cli.planning import graph_of, is_model_package
from ftrack_orm.cli.revision_sources import sources_of
from ftrack_orm.errors.planning import (
    MissingRevisionError,
    RevisionCycleError,
    RevisionFileError,
)
from ftrack_orm.migrations.finding import Finding, Severity, blocking
from ftrack_orm.migrations.lint.source_lint import (
    by_name,
    imported_packages,
    lint_sources,
)
from ftrack_orm.migrations.revision import (
    LoadedModule,
    load_folder,
    load_module,
    revision_files,
    sorted_revisions,
)

if TYPE_CHECKING:
    from ftrack_orm.schema.model import EntitySchema, Schema

WARNINGS: Final = 3
REFUSED: Final = 5

_exit_code_option = click.option(
    "--exit-code", "has_exit_code", is_flag=True, help="Exit with 3 on warnings."
)


@click.command("lint")
@click.argument("targets", nargs=-1)
@folder_option
@_exit_code_option
@json_option
def lint(
    targets: tuple[str, ...], folder: Path, has_exit_code: bool, as_json: bool
) -> None:
    """Show findings about the code of revisions; no server is asked.

    TARGETS are ids of revisions, or parts of them, by default all. `plan` shows the
    findings about a plan and a server. Exits with 5 if a finding refuses a plan.

    Example: ftrack-orm migrate lint 7f3a
    """
    modules = load_folder(folder)
    graph = graph_of(modules)
    names = {graph.find(target) for target in targets} or {m.name for m in modules}
    paths = {str(module.path) for module in modules if module.name in names}
    findings = [
        finding
        for finding in lint_sources([*sources_of(modules)], is_model_package)
        if finding.place.partition(":")[0] in paths
        or names.intersection(finding.message.split())
    ]
    _report(findings, len(names), has_exit_code=has_exit_code, as_json=as_json)


@click.command("check")
@folder_option
@_exit_code_option
@json_option
def check(folder: Path, has_exit_code: bool, as_json: bool) -> None:
    """Check all revisions, for continuous integration; no server is asked.

    Each file can be imported, every revision that another needs is there, frozen models
    are complete, and the code has no finding that refuses a plan. A revision that
    another one needs must have frozen models. Exits with 5 if one of these fails.

    Example: ftrack-orm migrate check --exit-code
    """
    findings: list[Finding] = []
    modules = []
    for path in revision_files(folder):
        try:
            modules.append(load_module(path))
        except RevisionFileError as error:
            findings.append(_broken_file(path, error))
    findings += _folder_findings(modules)
    _report(findings, len(modules), has_exit_code=has_exit_code, as_json=as_json)


def _report(
    findings: Sequence[Finding], count: int, *, has_exit_code: bool, as_json: bool
) -> None:
    stops = len(blocking(findings))
    if as_json:
        write_json(
            {
                "format": 1,
                "revisions": count,
                "findings": [finding.to_json() for finding in findings],
            }
        )
    else:
        for finding in findings:
            click.echo(str(finding))
        warnings = len(findings) - stops
        click.echo(f"Revisions: {count}, errors: {stops}, warnings: {warnings}.")
    if stops:
        raise click.exceptions.Exit(REFUSED)
    if has_exit_code and findings:
        raise click.exceptions.Exit(WARNINGS)


# -- the findings of check ----------------------------------------------------------


def _broken_file(path: Path, error: RevisionFileError) -> Finding:
    """Return the finding for a file that cannot be imported."""
    is_folder = path.name == "__init__.py"
    if is_folder and not (path.parent / "models").exists():
        source = path.read_text(encoding="utf-8")
        if "from .models import" in source:
            return Finding(
                "FM106",
                "stop",
                "its frozen models are missing. Restore the folder `models` from "
                "version control.",
                str(path),
            )
    return Finding("FM100", "stop", f"{error.reason}. Correct it.", str(path))


def _folder_findings(modules: Sequence[LoadedModule]) -> Iterator[Finding]:
    try:
        revisions = sorted_revisions(modules)
        heads = set(graph_of(revisions).heads)
    except (MissingRevisionError, RevisionCycleError, RevisionFileError) as error:
        yield Finding("FM100", "stop", str(error))
        return
    needed = {module.name for module in revisions} - heads
    yield from lint_sources([*sources_of(revisions)], is_model_package)
    yield from _unfrozen(revisions, needed)
    for module in revisions:
        if module.is_frozen and module.registry is not None:
            try:
                yield from _slice_findings(module, module.registry.schema())
            except ImportError as error:
                yield _incomplete(module, error.name or str(error))


def _unfrozen(
    revisions: Sequence[LoadedModule], needed: Collection[str]
) -> Iterator[Finding]:
    """Yield a finding for each revision whose models are not frozen.

    A revision that another one needs comes before it, so it is taken for applied.
    """
    for module in revisions:
        severity: Severity = "stop" if module.name in needed else "warn"
        tree = ast.parse(module.path.read_bytes())
        for package, line in imported_packages(tree, is_model_package):
            place = f"{module.path}:{line}"
            yield Finding("FM106", severity, f"{by_name(package)}.", place)
        if module.registry is None or module.is_frozen:
            continue
        yield Finding(
            "FM106",
            severity,
            f"{module.name} imports models whose schema moves on. Once it is applied, "
            f"run: ftrack-orm migrate freeze {module.name}",
            str(module.path),
        )


def _slice_findings(module: LoadedModule, schema: Schema) -> Iterator[Finding]:
    """Yield a finding for each type that frozen models refer to and lack."""
    missing: dict[str, str] = {}
    # Reads every type, so that each file of the models is imported.
    for entity_schema in schema.types.values():
        for name, place in _references(entity_schema):
            if name not in schema:
                missing.setdefault(name, place)
    for name, place in sorted(missing.items()):
        yield _incomplete(module, f"{name}, which {place} refers to")


def _incomplete(module: LoadedModule, missing: str) -> Finding:
    return Finding(
        "FM106",
        "stop",
        f"the frozen models lack {missing}. Restore them from version control.",
        str(module.path),
    )


def _references(entity_schema: EntitySchema) -> Iterator[tuple[str, str]]:
    """Yield the types that a type refers to, each with the place that does."""
    if entity_schema.base is not None:
        yield entity_schema.base, entity_schema.name
    for attribute in entity_schema.attributes.values():
        if attribute.target is not None:
            yield attribute.target, f"{entity_schema.name}.{attribute.name}"
