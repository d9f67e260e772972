"""`NAMES` is sorted, true and complete, and closed: signatures use public names."""

from __future__ import annotations

import ast
import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TypeVar

import pytest

import ftrack_orm
from ftrack_orm import operations

NAMES: list[str] = vars(ftrack_orm)["__all__"]

SPECIAL_METHODS = {"__call__", "__getitem__", "__init__", "__iter__", "__len__"}
"""Methods of a reserved name that people call, by syntax or by name."""


def kind_and_name(name: str) -> tuple[int, str]:
    """Order as ruff does (RUF022): constants, then classes, then the rest."""
    if name.isupper():
        return 0, name
    return (1 if name[:1].isupper() else 2), name


def is_ours(value: object) -> bool:
    home = getattr(value, "__module__", None) or type(value).__module__
    return str(home).partition(".")[0] == "ftrack_orm"


def test_the_names_are_sorted_and_listed_once() -> None:
    names = NAMES

    assert names == sorted(set(names), key=kind_and_name)


@pytest.mark.parametrize("name", NAMES)
def test_each_listed_name_can_be_imported(name: str) -> None:
    assert getattr(ftrack_orm, name) is not None


def test_what_can_be_imported_is_listed() -> None:
    importable = {
        name
        for name in dir(ftrack_orm)
        if not name.startswith("_")
        and not isinstance(value := getattr(ftrack_orm, name), ModuleType)
        and is_ours(value)
    }

    assert importable - set(NAMES) == set()


def test_a_star_import_brings_the_listed_names() -> None:
    names: dict[str, object] = {}
    exec("from ftrack_orm import *", names)  # noqa: S102 a star import needs a module

    assert set(NAMES) == set(names) - {"__builtins__"}


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        getattr(ftrack_orm, "no_such_name")  # noqa: B009 a checker refuses the dot


def test_importing_the_package_imports_neither_pydantic_nor_requests() -> None:
    code = (
        "import sys, ftrack_orm; "
        "print(sorted({'pydantic', 'requests', 'sqlalchemy'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"


def test_an_operation_class_is_still_found_where_it_was() -> None:
    with pytest.warns(DeprecationWarning, match="from ftrack_orm.operations"):
        moved = vars(ftrack_orm)["__getattr__"]("Query")

    assert moved is operations.Query
    assert "Query" not in NAMES


def test_a_special_name_that_is_not_there_imports_nothing() -> None:
    code = (
        "import sys, ftrack_orm; before = set(sys.modules); "
        "hasattr(ftrack_orm, '__wrapped__'); print(sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert done.stdout == "[]\n"


@pytest.mark.parametrize("name", ["Sequence", "_PLAIN", "dataclass"])
def test_a_name_that_a_module_imports_has_not_moved(name: str) -> None:
    with pytest.raises(AttributeError, match=name):
        getattr(ftrack_orm, name)


# -- the names in public signatures ------------------------------------------------

STUB = ast.parse(Path(ftrack_orm.__file__).with_name("__init__.pyi").read_text())
HOMES = {
    alias.name: str(node.module)
    for node in STUB.body
    if isinstance(node, ast.ImportFrom)
    for alias in node.names
}
"""The module that defines each name: errors give the package as theirs."""

PUBLIC_CLASSES = [name for name in NAMES if inspect.isclass(getattr(ftrack_orm, name))]


@cache
def module_of(name: str) -> ast.Module:
    return ast.parse(inspect.getsource(import_module(name)))


@cache
def own_names(module: str) -> set[str]:
    """Return the names of `module` that this package defines, aliases included."""
    found = set()
    for node in ast.walk(module_of(module)):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith(
            "ftrack_orm"
        ):
            found |= {alias.asname or alias.name for alias in node.names}
    for node in module_of(module).body:
        if isinstance(node, ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
    return found


def is_called_by_people(
    function: ast.FunctionDef | ast.AsyncFunctionDef, is_public: bool
) -> bool:
    if function.name == "__init__":
        return is_public  # that of a private base is called by its subclasses
    return not function.name.startswith("_") or function.name in SPECIAL_METHODS


def statements_of(node: ast.ClassDef | ast.If) -> Iterator[ast.stmt]:
    for statement in node.body:
        yield statement
        if isinstance(statement, ast.If):
            yield from statements_of(statement)


def annotations_of(node: ast.ClassDef, *, is_public: bool) -> Iterator[ast.expr]:
    """Yield the annotations of the public methods, and of a public class's fields."""
    for statement in statements_of(node):
        if isinstance(statement, ast.AnnAssign):
            if is_public and not ast.unparse(statement.target).startswith("__"):
                yield statement.annotation
        elif isinstance(
            statement, ast.FunctionDef | ast.AsyncFunctionDef
        ) and is_called_by_people(statement, is_public):
            arguments = statement.args
            for argument in (
                *arguments.posonlyargs,
                *arguments.args,
                *arguments.kwonlyargs,
                arguments.vararg,
                arguments.kwarg,
            ):
                if argument is not None and argument.annotation is not None:
                    yield argument.annotation
            if statement.returns is not None:
                yield statement.returns


def names_in(annotation: ast.expr) -> Iterator[str]:
    for node in ast.walk(annotation):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            # A forward reference, or the text of a Literal, which names nothing.
            try:
                yield from names_in(ast.parse(node.value, mode="eval").body)
            except SyntaxError:
                continue


def internal_names(cls: type, *, is_public: bool = True) -> set[str]:
    """Return the names in the class's public signatures that are not public."""
    name = HOMES.get(cls.__name__, cls.__module__)
    [node] = [
        statement
        for statement in module_of(name).body
        # `EntityList` is renamed after its class statement.
        if isinstance(statement, ast.ClassDef)
        and statement.name.lstrip("_") == cls.__name__.lstrip("_")
    ]
    used = {
        used
        for annotation in annotations_of(node, is_public=is_public)
        for used in names_in(annotation)
    }
    namespace = vars(sys.modules[name])
    return {
        used
        for used in used & own_names(name)
        if used not in NAMES and not isinstance(namespace.get(used), TypeVar)
    }


@pytest.mark.parametrize("name", PUBLIC_CLASSES)
def test_a_public_signature_uses_public_names(name: str) -> None:
    public_class = getattr(ftrack_orm, name)

    internal = {
        f"{base.__name__}: {used}"
        for base in public_class.__mro__
        if is_ours(base)
        for used in internal_names(base, is_public=base.__name__ in NAMES)
    }

    assert internal == set()


def test_an_internal_name_in_a_signature_is_found() -> None:
    from ftrack_orm.select.result import Result  # its constructor takes an executor

    assert "PageSource" in internal_names(Result)


# -- the names in documents --------------------------------------------------------

PUBLIC_MODULES = {
    "ftrack_models",
    "ftrack_orm",
    "ftrack_orm.cli.progress",  # apart from ftrack_orm, for it needs the `cli` extra
    "ftrack_orm.emulator",
    "ftrack_orm.migrations",
    "ftrack_orm.operations",
    "ftrack_orm.pytest_plugin",
    "ftrack_orm.studio",
}

ROOT = Path(ftrack_orm.__file__).parents[1]

DOCUMENTS = [
    path.relative_to(ROOT).as_posix()
    for path in (
        ROOT / "README.md",
        *sorted((ROOT / "docs").rglob("*.md")),
        *sorted((ROOT / "docs" / "examples").rglob("*.py")),
    )
]

OWN_IMPORT = re.compile(
    r"^\s*(?:>>> |\.\.\. )?(?:from|import) (ftrack_(?:orm|models|codegen)[\w.]*)",
    re.MULTILINE,
)


def internal_modules(text: str) -> set[str]:
    return set(OWN_IMPORT.findall(text)) - PUBLIC_MODULES


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_imports_public_names_alone(document: str) -> None:
    assert internal_modules((ROOT / document).read_text()) == set()


def test_an_internal_import_in_a_document_is_found() -> None:
    text = ">>> from ftrack_orm.session.session import Session\nimport ftrack_codegen\n"

    assert internal_modules(text) == {"ftrack_orm.session.session", "ftrack_codegen"}
