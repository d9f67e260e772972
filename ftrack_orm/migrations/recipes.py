"""The text of new revisions: an empty one, or one of the common changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ftrack_orm.errors.revisions import RecipeError


@dataclass(frozen=True, slots=True)
class Recipe:
    """A revision with blanks.

    Attributes:
        summary: a line for the list of recipes.
        imports: the models that it imports.
        accepts: the risks that it accepts.
        parameters: the values of the blanks where none are given.
        body: the statements of ``up``.
        types: the parameters that name entity types, which it imports too.
    """

    summary: str
    imports: tuple[str, ...]
    accepts: tuple[str, ...]
    parameters: Mapping[str, str]
    body: str
    types: tuple[str, ...] = ()


_RETYPE: Final = """\
    old = plan.values({key!r}, of={on}, kind={kind})
    new = plan.values({new_key!r}, of={on}, kind={new_kind})
    # Only rows that were set: defaults are no values.
    for owner, value in old.stored(plan.select({on})):
        with plan.unit():
            new.set(owner, {new_kind}(value))
            old.clear(owner)
"""

_MOVE: Final = """\
    old = plan.values({key!r}, of={on}, kind={kind})
    new = plan.values({new_key!r}, of={on}, kind={kind})
    for owner, value in old.stored(plan.select({on})):
        with plan.unit():
            new.set(owner, value)
            old.clear(owner)
"""

_REPLACE_STATUS: Final = """\
    old = plan.find(Status, Status.name == {old!r})
    new = plan.find(Status, Status.name == {new!r})
    contexts = plan.select(TypedContext).where(TypedContext.status_id == old.id)
    for context in plan.each(contexts):
        context.status_id = new.id
    versions = plan.select(AssetVersion).where(AssetVersion.status_id == old.id)
    for version in plan.each(versions):
        version.status_id = new.id
    in_workflows = plan.select(WorkflowSchemaStatus)
    for row in plan.each(in_workflows.where(WorkflowSchemaStatus.status_id == old.id)):
        plan.remove(row)
    in_schemas = plan.select(SchemaStatus)
    for member in plan.each(in_schemas.where(SchemaStatus.status_id == old.id)):
        plan.remove(member)
    # Statuses are retired, not deleted: history refers to them.
    old.is_active = False
"""

_REPLACE_TYPE: Final = """\
    old = plan.find(Type, Type.name == {old!r})
    new = plan.find(Type, Type.name == {new!r})
    contexts = plan.select(TypedContext).where(TypedContext.type_id == old.id)
    for context in plan.each(contexts):
        context.type_id = new.id
    in_lists = plan.select(TaskTypeSchemaType)
    for row in plan.each(in_lists.where(TaskTypeSchemaType.type_id == old.id)):
        plan.remove(row)
    in_schemas = plan.select(SchemaType)
    for member in plan.each(in_schemas.where(SchemaType.type_id == old.id)):
        plan.remove(member)
"""

RECIPES: Final[Mapping[str, Recipe]] = {
    "retype": Recipe(
        "Move the values of a custom attribute to one of another type.",
        (),
        ("whole-server", "delete"),
        {
            "key": "cut_no",
            "new_key": "cut_code",
            "on": "Shot",
            "kind": "float",
            "new_kind": "str",
        },
        _RETYPE,
        ("on",),
    ),
    "move-attribute": Recipe(
        "Move the values of a custom attribute to one of another key.",
        (),
        ("whole-server", "delete"),
        {"key": "old_key", "new_key": "new_key", "on": "Shot", "kind": "str"},
        _MOVE,
        ("on",),
    ),
    "replace-status": Recipe(
        "Give everything that has a status another one, and retire it.",
        (
            "AssetVersion",
            "SchemaStatus",
            "Status",
            "TypedContext",
            "WorkflowSchemaStatus",
        ),
        ("whole-server", "status", "delete", "schema"),
        {"old": "Revise", "new": "In progress"},
        _REPLACE_STATUS,
    ),
    "replace-type": Recipe(
        "Give everything that has a type another one, and take it off the schemas.",
        ("SchemaType", "TaskTypeSchemaType", "Type", "TypedContext"),
        ("whole-server", "delete", "schema"),
        {"old": "Previz", "new": "Layout"},
        _REPLACE_TYPE,
    ),
}
"""The recipes by name."""

_KINDS: Final = ("str", "float", "int", "bool", "datetime", "list")

_LINE: Final = 88
"""Characters of a line, as ruff formats it."""

_EMPTY: Final = """\
    for task in plan.each(plan.select(Task).where(Task.project.name == "PROJECT")):
        plan.skip(task, "is not migrated yet")
"""


def revision_text(
    identifier: str,
    title: str,
    *,
    recipe: str | None = None,
    values: Mapping[str, str] | None = None,
    models: str = "ftrack_models",
    needs: Sequence[str] = (),
) -> str:
    """Return the text of a new revision.

    Args:
        identifier: the id of the revision.
        title: a line about its purpose.
        recipe: the name of a recipe; without one, the revision has an example to edit.
        values: the parameters of the recipe; its examples where one is left out.
        models: the package of generated models.
        needs: the ids of the revisions that it needs.

    Raises:
        RecipeError: there is no such recipe or parameter, or a value is no kind.
    """
    found = _recipe(recipe)
    parameters = _parameters(found, values or {})
    names = {*found.imports, *(parameters[name] for name in found.types)}
    datetime_import = (
        "from datetime import datetime\n\n" if "datetime" in parameters.values() else ""
    )
    return (
        f'"""{_sentence(title)}"""\n\n'
        f"{datetime_import}"
        f"{_import(models, sorted(names))}\n"
        "from ftrack_orm.migrations import Planner, Revision\n\n"
        f"revision = {_call([identifier, title], needs, found.accepts)}\n\n\n"
        "def up(plan: Planner) -> None:\n"
        f"{_filled(found.body, parameters)}"
    )


def _import(package: str, names: Sequence[str]) -> str:
    """Return an import, in several lines if one were too long."""
    line = f"from {package} import {', '.join(names)}"
    if len(line) <= _LINE:
        return line
    lines = "".join(f"    {name},\n" for name in names)
    return f"from {package} import (\n{lines})"


def _call(texts: Sequence[str], needs: Sequence[str], accepts: Sequence[str]) -> str:
    """Return the call of `Revision`, in several lines if one were too long."""
    arguments = [_quoted(text) for text in texts]
    for name, items in (("needs", needs), ("accepts", accepts)):
        if items:
            arguments.append(f"{name}=[{', '.join(map(_quoted, items))}]")
    line = f"Revision({', '.join(arguments)})"
    if len(line) <= _LINE - len("revision = "):
        return line
    lines = "".join(f"    {argument},\n" for argument in arguments)
    return f"Revision(\n{lines})"


def _recipe(name: str | None) -> Recipe:
    if name is None:
        return Recipe("", ("Task",), (), {}, _EMPTY)
    if name not in RECIPES:
        raise RecipeError("recipe", name, tuple(RECIPES))
    return RECIPES[name]


def _parameters(recipe: Recipe, values: Mapping[str, str]) -> dict[str, str]:
    for name, value in values.items():
        if name not in recipe.parameters:
            raise RecipeError("parameter", name, tuple(recipe.parameters))
        if name in ("kind", "new_kind") and value not in _KINDS:
            raise RecipeError("kind of value", value, _KINDS)
    return {**recipe.parameters, **values}


def _filled(body: str, parameters: Mapping[str, str]) -> str:
    for name, value in parameters.items():
        body = body.replace(f"{{{name}!r}}", _quoted(value))
        body = body.replace(f"{{{name}}}", value)
    return body


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _sentence(title: str) -> str:
    text = title.replace("\\", "").replace('"', "'").strip()
    return text if text.endswith(".") else f"{text}."
