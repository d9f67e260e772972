"""``ftrack-orm migrate new``, ``freeze`` and ``clean``, which need no server."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import click

from ftrack_orm.cli.freezing import freeze
from ftrack_orm.cli.migrate_session import folder_option
from ftrack_orm.cli.planning import graph_of
from ftrack_orm.errors.migrations import PlanFileError
from ftrack_orm.migrations.new_revision import write_revision
from ftrack_orm.migrations.parameters import split_settings
from ftrack_orm.migrations.plan_file import PlanFile
from ftrack_orm.migrations.plan_store import PLAN_FOLDER
from ftrack_orm.migrations.recipes import RECIPES
from ftrack_orm.migrations.revision import load_folder

_TYPES: Final = {
    "str": "text",
    "float": "number",
    "int": "number",
    "bool": "boolean",
    "datetime": "date",
    "list": "enumerator",
}
"""The type of a custom attribute by the kind of its values in Python."""

_DAY: Final = 24 * 60 * 60


@click.command("new")
@click.argument("title")
@folder_option
@click.option(
    "--recipe",
    type=click.Choice(list(RECIPES)),
    help="A common change; its parameters are set with --set.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter of the recipe; may be repeated.",
)
@click.option("--needs", multiple=True, help="Id of a revision that comes before.")
@click.option(
    "--models",
    default="ftrack_models",
    show_default=True,
    help="Package of models that the revision imports.",
)
def new_revision(
    title: str,
    folder: Path,
    recipe: str | None,
    settings: tuple[str, ...],
    needs: tuple[str, ...],
    models: str,
) -> None:
    """Write the file of a new revision, empty or from a recipe.

    Example: ftrack-orm migrate new "cut_no becomes cut_code" --recipe retype
    --set key=cut_no --set new_key=cut_code --set on=Shot
    """
    if settings and recipe is None:
        raise click.UsageError("--set needs --recipe.")
    graph = graph_of(load_folder(folder))
    values = split_settings(settings)
    path = write_revision(
        folder,
        title,
        recipe=recipe,
        values=values,
        models=models,
        needs=[graph.find(name) for name in needs],
    )
    if recipe is None:
        click.echo(f"{path} was written. Edit it, then run: ftrack-orm migrate plan")
        return
    examples = {
        name: value
        for name, value in RECIPES[recipe].parameters.items()
        if name not in values
    }
    click.echo(f"{path} was written. {RECIPES[recipe].summary}")
    if examples:
        shown = ", ".join(f"{name}={value}" for name, value in examples.items())
        click.echo(f"Check the values that were not set: {shown}")
    for line in _attribute_lines({**examples, **values}):
        click.echo(line)
    click.echo("Then run: ftrack-orm migrate plan")


def _attribute_lines(values: Mapping[str, str]) -> Iterator[str]:
    """Yield the definition of the attribute that a recipe moves values to."""
    kind = values.get("new_kind", values.get("kind"))
    if kind is None:
        return
    key = values["new_key"]
    yield "The new attribute has to exist first, as in studio/attribute.toml:"
    yield "    [[attribute]]"
    yield f'    key = "{key}"'
    yield f'    on = "{values["on"]}"'
    yield f'    type = "{_TYPES[kind]}"'
    yield f'    label = "{key}"'
    yield '    read = ["*"]'
    yield '    write = ["*"]'
    yield "Apply it with: ftrack-orm studio apply"


@click.command("freeze")
@click.argument("revision")
@folder_option
@click.option(
    "--with",
    "extra",
    multiple=True,
    metavar="TYPE",
    help="A further entity type, such as one reached through two links.",
)
def freeze_revision(revision: str, folder: Path, extra: tuple[str, ...]) -> None:
    """Put the models that REVISION uses into its folder.

    The revision can then be planned and type-checked after the schema has changed.

    Example: ftrack-orm migrate freeze 7f3a --with ProjectSchema
    """
    modules = {module.name: module for module in load_folder(folder)}
    path = modules[graph_of(modules.values()).find(revision)].path
    # The folder of a revision, so that its relative imports stay in it.
    frozen = freeze(path.parent if path.name == "__init__.py" else path, extra=extra)
    written = len(frozen.changes.added) + len(frozen.changes.changed)
    click.echo(
        f"{frozen.path} uses the frozen models of {len(frozen.types)} types now; "
        f"{written} files were written."
    )


@click.command("clean")
@click.option(
    "--days",
    type=click.IntRange(0),
    default=30,
    show_default=True,
    help="Keep plans that are at most this old.",
)
def clean(days: int) -> None:
    """Delete old plans from .ftrack_orm, as they hold data of the production.

    A plan whose run was interrupted stays. Undo and verify download a deleted plan from
    the server, unless it was applied with --no-upload.

    Example: ftrack-orm migrate clean --days 7
    """
    oldest = time.time() - days * _DAY
    deleted = 0
    for path in _plans():
        if path.stat().st_mtime > oldest:
            continue
        if _is_interrupted(path):
            click.echo(f"{path} stays: its run has not ended.")
            continue
        path.unlink()
        deleted += 1
    click.echo(f"Plans deleted: {deleted}.")


def _plans() -> Iterator[Path]:
    if PLAN_FOLDER.is_dir():
        yield from sorted(PLAN_FOLDER.glob("*.plan"))


def _is_interrupted(path: Path) -> bool:
    try:
        with PlanFile.open(path) as file:
            return "applying" in file.runs().values()
    except PlanFileError:
        return False
