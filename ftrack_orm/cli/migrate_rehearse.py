"""``ftrack-orm migrate rehearse``: try revisions on an emulator."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ftrack_orm.cli.migrate_session import folder_option, json_option, write_json
from ftrack_orm.cli.planning import graph_of, is_tool
from ftrack_orm.migrations.parameters import split_settings
from ftrack_orm.migrations.revision import LoadedModule, load_folder, load_module

if TYPE_CHECKING:
    from ftrack_orm.cli.rehearsal import Rehearsal, RehearsedModule
    from ftrack_orm.emulator import Emulator


@click.command("rehearse")
@click.argument("targets", nargs=-1)
@folder_option
@click.option(
    "--snapshot",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File of `ftrack-orm snapshot pull` with the rows of the emulator.",
)
@click.option("--seed", help="Made-up rows instead of a snapshot, such as demo.")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter of the function; may be repeated.",
)
@click.option(
    "--models",
    default="ftrack_models",
    show_default=True,
    help="Package of generated models.",
)
@json_option
def rehearse(
    targets: tuple[str, ...],
    folder: Path,
    snapshot: Path | None,
    seed: str | None,
    settings: tuple[str, ...],
    models: str,
    as_json: bool,
) -> None:
    """Try revisions on an emulator; no server is asked.

    TARGETS are ids of revisions, or the file of a tool; by default all revisions that
    the snapshot's server does not have. Each is planned, applied with a kill in the
    middle, resumed, verified and undone; then the rows are compared with those of the
    beginning. Other revisions are taken for applied. Exits with 1 if the end is not the
    beginning.

    Example: ftrack-orm migrate rehearse 7f3a --snapshot bunny.snapshot
    """
    if (snapshot is None) == (seed is None):
        raise click.UsageError("Give either --snapshot or --seed.")
    parameters = split_settings(settings)
    revisions = {module.name: module for module in load_folder(folder)}
    try:
        from ftrack_orm.cli.rehearsal import Rehearser
        from ftrack_orm.cli.snapshot_file import read_facts
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f"A rehearsal needs {error.name}: pip install 'ftrack-orm[emulator]'"
        ) from error
    applied = () if snapshot is None else read_facts(snapshot).applied
    modules = _chosen(revisions, targets, applied)
    with (
        _emulator(snapshot, seed, models) as emulator,
        tempfile.TemporaryDirectory() as plans,
    ):
        rehearser = Rehearser(emulator, models, Path(plans))
        result = rehearser.rehearse(modules, parameters, revisions)
    _print(result, as_json)
    if not result.is_restored:
        raise click.exceptions.Exit(1)


def _chosen(
    revisions: dict[str, LoadedModule],
    targets: Sequence[str],
    applied: Collection[str],
) -> list[LoadedModule]:
    """Return the modules to rehearse: tools first, then revisions in their order."""
    graph = graph_of(revisions.values())
    tools = [load_module(Path(target)) for target in targets if is_tool(target)]
    names = {graph.find(target) for target in targets if not is_tool(target)}
    if not targets:
        names = {name for name in revisions if name not in applied}
    return tools + [revisions[name] for name in graph.order if name in names]


def _emulator(snapshot: Path | None, seed: str | None, models: str) -> Emulator:
    if snapshot is not None:
        from ftrack_orm.cli.snapshot_file import open_snapshot

        emulator, _ = open_snapshot(snapshot)
        return emulator
    from ftrack_orm.emulator import Emulator

    return Emulator(seed=seed or "demo", models=models)


def _print(result: Rehearsal, as_json: bool) -> None:
    if as_json:
        write_json(
            {
                "format": 1,
                "rows": result.rows,
                "modules": [each.to_json() for each in result.modules],
                "differences": list(result.differences),
                "is_restored": result.is_restored,
            }
        )
        return
    for line in _lines(result):
        click.echo(line)


def _lines(result: Rehearsal) -> Iterator[str]:
    from ftrack_orm.cli.rehearsal import NOT_COMPARED

    for module in result.modules:
        yield f"{module.name}  {module.title}"
        yield from _module_lines(module)
    if result.is_restored:
        yield f"The end is the beginning: {result.rows:,} rows are equal."
    else:
        yield f"The end is not the beginning, {result.rows:,} rows."
    for line in result.differences:
        yield f"  {line}"
    yield f"Not compared: {NOT_COMPARED}."


def _module_lines(module: RehearsedModule) -> Iterator[str]:
    yield f"  planned       {module.changes:,} changes in {module.units:,} units"
    if module.units:
        yield f"  killed        after unit {module.before_kill:,}, and resumed"
        yield f"  verified      {module.different:,} values differ from the plan"
    if module.conflicts or module.refused:
        conflicts, refused = module.conflicts, module.refused
        yield f"  left out      {conflicts:,} conflicts, {refused:,} refused"
    if module.not_undone:
        yield f"  not undone    {len(module.not_undone):,} units"
        for line in module.not_undone[:20]:
            yield f"      {line}"
    yield f"  requests      {module.requests:,}"
