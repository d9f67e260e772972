"""Revisions and tools: modules with a planning function, and its digest."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, cast

from ftrack_orm.errors.planning import RevisionFileError
from ftrack_orm.migrations.plan_summary import Risk

if TYPE_CHECKING:
    from ftrack_orm.entity.registry import Registry

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")

RISKS: Final[tuple[Risk, ...]] = (
    "delete",
    "irreversible",
    "whole-server",
    "status",
    "schema",
)


class Revision:
    """The description of a migration, as the variable ``revision`` of its module.

    Attributes:
        id: its name, unique among the revisions of a studio.
        title: the purpose, in a few words.
        needs: the ids of the revisions that are applied before.
        accepts: the risks that its plan may have.
    """

    __slots__ = ("accepts", "id", "needs", "title")

    def __init__(
        self,
        id: str,
        title: str,
        *,
        needs: Sequence[str] = (),
        accepts: Sequence[Risk] = (),
    ) -> None:
        """Store the arguments.

        Raises:
            ValueError: the id is no name, or a risk is unknown.
        """
        if not _ID.fullmatch(id):
            raise ValueError(
                f"{id!r} is no id of a revision. Use letters, digits, '_', '.' and "
                "'-', as in '20261126_7f3a'."
            )
        for name, value in (("needs", needs), ("accepts", accepts)):
            if isinstance(value, str):
                raise ValueError(f"{name}={value!r} must be a list.")
        unknown = [risk for risk in accepts if risk not in RISKS]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is no risk. Use {', '.join(RISKS)}.")
        self.id = id
        self.title = title
        self.needs = tuple(needs)
        self.accepts = tuple(accepts)

    def __repr__(self) -> str:
        return f"Revision({self.id!r}, {self.title!r})"


@dataclass(frozen=True, slots=True)
class LoadedModule:
    """A module with a planning function.

    Attributes:
        path: its file.
        module: the imported module.
        up: the planning function.
        revision: its description; ``None`` for a tool.
        digest: the digest of the meaning of the file.
    """

    path: Path
    module: ModuleType
    up: Callable[..., None]
    revision: Revision | None
    digest: str

    @property
    def name(self) -> str:
        """Return the id of the revision, or the name of the tool's file."""
        return self.path.stem if self.revision is None else self.revision.id

    @property
    def is_frozen(self) -> bool:
        """Return whether the models of the module are in its own folder."""
        inside = f"{self.module.__name__}."
        return any(model.__module__.startswith(inside) for model in self.models)

    @property
    def registry(self) -> Registry | None:
        """Return the registry of the models that the module uses, if it is one."""
        registries = {
            id(registry): registry
            for model in self.models
            if (registry := model.__ftrack__.registry) is not None
        }
        if len(registries) > 1:
            raise RevisionFileError(
                str(self.path), "it uses two packages of models. Import from one."
            )
        return next(iter(registries.values()), None)

    @property
    def models(self) -> list[Any]:
        """Return the entity classes among the names of the module."""
        return [
            value
            for value in vars(self.module).values()
            if isinstance(value, type) and hasattr(value, "__ftrack__")
        ]


def load_folder(folder: Path) -> list[LoadedModule]:
    """Return the revisions of a folder, sorted by id; tools are left out.

    A revision is a folder ``<id>_<slug>`` with an ``__init__.py``, or one file.

    Raises:
        RevisionFileError: a file cannot be imported, or two have the same id.
    """
    return sorted_revisions(load_module(path) for path in revision_files(folder))


def sorted_revisions(modules: Iterable[LoadedModule]) -> list[LoadedModule]:
    """Return the revisions among some modules, sorted by id; tools are left out.

    Raises:
        RevisionFileError: two have the same id.
    """
    revisions = [module for module in modules if module.revision is not None]
    by_name: dict[str, LoadedModule] = {}
    for module in revisions:
        other = by_name.setdefault(module.name, module)
        if other is not module:
            reason = f"{other.path} has the same id, {module.name}. Change one."
            raise RevisionFileError(str(module.path), reason)
    return [by_name[name] for name in sorted(by_name)]


def revision_files(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder that may be revisions or tools, sorted by name."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.name.startswith(("_", ".")):
            continue
        if (path / "__init__.py").is_file():
            yield path / "__init__.py"
        elif path.suffix == ".py":
            yield path


def load_module(path: Path) -> LoadedModule:
    """Import the file of a revision or tool.

    Args:
        path: the file, or the folder of a revision.

    Raises:
        RevisionFileError: there is no such file, it raises an exception, or it has no
            function ``up``.
    """
    if path.is_dir():
        path = path / "__init__.py"
    try:
        source = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise RevisionFileError(str(path), f"it cannot be read: {reason}") from error
    module = _imported(path)
    up: Any = getattr(module, "up", None)
    if not callable(up):
        raise RevisionFileError(
            str(path), "it has no function `up`. Write def up(plan: Planner) -> None."
        )
    revision = getattr(module, "revision", None)
    if revision is not None and not isinstance(revision, Revision):
        raise RevisionFileError(
            str(path),
            "its `revision` is no Revision. Import it from ftrack_orm.migrations.",
        )
    function = cast("Callable[..., None]", up)
    return LoadedModule(path, module, function, revision, digest_of(source))


def module_name(path: Path) -> str:
    """Return the name under which the file of a revision or tool is imported.

    Effects of a plan refer to it, so it is the same wherever the folder is.
    """
    stem = path.parent.name if path.name == "__init__.py" else path.stem
    return f"ftrack_migration_{re.sub('[^0-9A-Za-z_]', '_', stem)}"


def _imported(path: Path) -> ModuleType:
    name = module_name(path)
    # With the folder of a revision, so that it can import its frozen models. Python
    # keeps a finder for each name of a folder, so the name must not depend on the
    # working directory.
    is_folder = path.name == "__init__.py"
    folders = [str(path.parent.resolve())] if is_folder else None
    spec = importlib.util.spec_from_file_location(
        name, path, submodule_search_locations=folders
    )
    if spec is None or spec.loader is None:
        raise RevisionFileError(str(path), "it is no Python file")
    for loaded in [key for key in sys.modules if key.startswith(f"{name}.")]:
        del sys.modules[loaded]
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    # The file is a user's: importing it can raise any exception.
    except Exception as error:
        del sys.modules[name]
        reason = f"importing it raises {type(error).__name__}: {error}"
        raise RevisionFileError(str(path), reason) from error
    return module


def digest_of(source: str | bytes) -> str:
    """Return the digest of the meaning of Python source, in hexadecimal.

    Comments, docstrings and formatting do not change it, nor does the package from
    which classes are imported: `migrate freeze` replaces that of the models.

    Raises:
        SyntaxError: it is no Python.
    """
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body: Any = getattr(node, "body", None)
        is_documented = isinstance(
            node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        )
        if is_documented and body and _is_text(body[0]):
            del body[0]
        elif isinstance(node, ast.ImportFrom) and all(
            alias.name[:1].isupper() for alias in node.names
        ):
            node.module, node.level = None, 0
    return hashlib.sha256(ast.dump(tree).encode()).hexdigest()


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )
