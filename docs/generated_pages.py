"""Write the parts of the reference that follow from the sources: types and errors."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from sphinx.application import Sphinx

import ftrack_models
import ftrack_orm
from ftrack_orm import migrations, studio


def package_directives(package: ModuleType) -> str:
    """Return the directives of all public names of a package, in alphabetical order."""
    lines = []
    for name in sorted(vars(package)["__all__"]):
        value = getattr(package, name)
        if inspect.isclass(value):
            lines.append(f".. autoclass:: {package.__name__}.{name}\n   :members:\n")
        else:
            kind = "function" if inspect.isfunction(value) else "data"
            lines.append(f".. auto{kind}:: {package.__name__}.{name}\n")
    return "\n".join(["\n```{eval-rst}", *lines, "```\n"])


def _line_of_descent(error: type) -> list[str]:
    """Return the names of an error and its first bases, the root first."""
    above = [] if error is Exception else _line_of_descent(error.__bases__[0])
    return [*above, error.__name__]


class EntityType(NamedTuple):
    """A generated class, as its source states it."""

    name: str
    base: str
    text: str
    attributes: list[tuple[str, str, str]]


def setup(app: Sphinx) -> None:
    """Register the extension."""
    app.connect("source-read", _extend_page)


def _extend_page(app: Sphinx, name: str, source: list[str]) -> None:
    match name:
        case "programs":
            source[0] += program_sections()
        case "reference/entity-types":
            source[0] += entity_type_sections()
        case "reference/errors":
            source[0] += error_directives()
        case "reference/migrations":
            source[0] += package_directives(migrations)
        case "reference/studio":
            source[0] += package_directives(studio)


def program_sections() -> str:
    """Return a section in Markdown for each program in ``docs/examples``."""
    docs = Path(__file__).parent
    sections = []
    for path in sorted((docs / "examples").rglob("*.py")):
        text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or path.stem
        title, _, more = text.partition(".")
        name = path.relative_to(docs).as_posix()
        sections += [
            f"## {title}\n",
            f"{more.strip()}\n",
            f"`docs/{name}`:\n",
            f"```{{literalinclude}} {name}\n:language: python\n```\n",
        ]
    return "\n".join(["", *sections])


def error_directives() -> str:
    """Return the directives of all public exceptions, bases first."""
    public = [getattr(ftrack_orm, name) for name in vars(ftrack_orm)["__all__"]]
    errors = [
        each
        for each in public
        if isinstance(each, type) and issubclass(each, Exception)
    ]
    errors.sort(key=_line_of_descent)
    lines = [
        f".. autoexception:: ftrack_orm.{error.__name__}\n   :show-inheritance:\n"
        for error in errors
    ]
    return "\n".join(["\n```{eval-rst}", *lines, "```\n"])


def entity_type_sections() -> str:
    """Return a section in Markdown for each entity type, in alphabetical order."""
    types = {each.name: each for each in _entity_types()}
    return "".join(f"\n{_section(types[name], types)}" for name in sorted(types))


def _entity_types() -> Iterator[EntityType]:
    for path in sorted(Path(ftrack_models.__path__[0]).glob("[a-z]*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef):
                base = ast.unparse(node.bases[0])
                text = ast.get_docstring(node) or ""
                yield EntityType(node.name, base, text, list(_attributes(node)))


def _attributes(node: ast.ClassDef) -> Iterator[tuple[str, str, str]]:
    """Yield the name, the annotation and the docstring of each attribute."""
    for statement, following in zip(node.body, [*node.body[1:], None], strict=True):
        if isinstance(statement, ast.AnnAssign):
            text = ""
            if isinstance(following, ast.Expr) and isinstance(
                following.value, ast.Constant
            ):
                text = " ".join(str(following.value.value).split())
            annotation = ast.unparse(statement.annotation)
            yield ast.unparse(statement.target), annotation, text


def _section(entity_type: EntityType, types: dict[str, EntityType]) -> str:
    lines = [f"## {entity_type.name}\n"]
    if entity_type.text:
        lines.append(f"{entity_type.text}\n")
    if entity_type.base in types:
        lines.append(f"Has all attributes of {_link(entity_type.base)}.\n")
    if entity_type.attributes:
        lines += _table(entity_type.attributes, types)
    return "\n".join(lines) + "\n"


def _table(
    attributes: list[tuple[str, str, str]], types: dict[str, EntityType]
) -> Iterator[str]:
    """Yield the rows of a table; without texts it has no column for them."""
    width = 3 if any(text for _, _, text in attributes) else 2
    rows = [
        ("attribute", "type", "description"),
        ("---", "---", "---"),
        *(
            (f"`{name}`", _linked(annotation, types), _cell(text))
            for name, annotation, text in attributes
        ),
    ]
    for row in rows:
        yield f"| {' | '.join(row[:width])} |"


def _cell(text: str) -> str:
    return text.replace("|", r"\|")


def _linked(annotation: str, types: dict[str, EntityType]) -> str:
    """Return an annotation as Markdown, with a link where it names an entity type."""
    relation = re.fullmatch(r"(\w+)\[(\w+)\]", annotation)
    if relation and relation[2] in types:
        return f"`{relation[1]}` of {_link(relation[2])}"
    return f"`{_cell(annotation)}`"


def _link(name: str) -> str:
    return f"[{name}](#{name.lower()})"
