"""Copy the models of a revision into its folder, so that it outlives the schema."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ftrack_orm.cli.planning import is_model_package
from ftrack_orm.entity.registry import Registry
from ftrack_orm.errors.revisions import FreezeError
from ftrack_orm.migrations.lint.source_lint import by_name, imported_packages
from ftrack_orm.schema.model import Schema

if TYPE_CHECKING:
    from ftrack_codegen.package import FileChanges
    from ftrack_codegen.studio.model import Studio

MODELS: Final = "models"
"""The name of the package of frozen models in the folder of a revision."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """The result of freezing.

    Attributes:
        path: the file of the revision now.
        types: the names of the frozen types, sorted.
        changes: the files that were written.
    """

    path: Path
    types: tuple[str, ...]
    changes: FileChanges


@dataclass(frozen=True, slots=True)
class _ModelImport:
    """An import of entity classes from a generated package.

    Attributes:
        file: the file with the statement.
        node: the statement.
        registry: the registry of the package.
        folder: the folder of the package.
    """

    file: Path
    node: ast.ImportFrom
    registry: Registry
    folder: Path

    @property
    def names(self) -> list[str]:
        """Return the imported names."""
        return [alias.name for alias in self.node.names]


def freeze(path: Path, *, extra: Sequence[str] = ()) -> Frozen:
    """Write the models of a revision into its folder, and import those instead.

    A revision in one file becomes a folder with that file as its ``__init__.py``. The
    other files of a folder import the frozen models, too.
    Frozen models are of the package ``models`` in this folder: the types that the
    revision names, their bases, and the scalar attributes of those they link to. Those
    of a studio's package have its names, and the custom attributes that the revision
    names.

    Args:
        path: the file or folder of the revision.
        extra: further types to freeze, such as those reached through two links.

    Raises:
        FreezeError: the revision imports no generated models, or from two packages.
        ForeignFilesError: the folder has files of that name by another hand.
    """
    # The generator is an extra, which only this command needs.
    from ftrack_codegen.slicing import PLANNING_TYPES, slice_schema, slice_studio
    from ftrack_codegen.studio.snapshot import load_package_studio

    file = path / "__init__.py" if path.is_dir() else path
    trees = {each: ast.parse(_read(each)) for each in _files_of(file)}
    imports = [
        found for each, tree in trees.items() for found in _model_imports(each, tree)
    ]
    _require_one_package(file, trees, imports)
    schema = imports[0].registry.schema()
    names = {name for each in imports for name in each.names} | set(extra)
    unknown = sorted(name for name in names if name not in schema)
    if unknown:
        raise FreezeError(
            str(file),
            f"{', '.join(unknown)} is no entity type. Import entity classes only.",
        )
    small = slice_schema(schema, [*names, *PLANNING_TYPES])
    studio = load_package_studio(imports[0].folder)
    if studio is not None:
        words = {word for tree in trees.values() for word in _words(tree)}
        studio = slice_studio(studio, small, words)
    home = file.parent if file.name == "__init__.py" else file.with_suffix("")
    changes = _write_models(small, studio, home)
    target = home / "__init__.py"
    # Last, so that a failure leaves a revision that works.
    for each in reversed(trees):
        own = [found for found in imports if found.file == each]
        path = target if each == file else each
        depth = len(path.relative_to(home).parts)
        path.write_text(_rewritten(_read(each), own, "." * depth), encoding="utf-8")
    if target != file:
        file.unlink()
    return Frozen(target, tuple(sorted(small.types)), changes)


def _require_one_package(
    file: Path, trees: Mapping[Path, ast.Module], imports: Sequence[_ModelImport]
) -> None:
    """Raise unless entity classes are imported by name, from one package.

    Raises:
        FreezeError: they are not.
    """
    if not imports:
        raise FreezeError(
            str(file),
            "it imports no generated models. Import the entity classes by name, as in "
            "`from ftrack_models import Shot`.",
        )
    for each, tree in trees.items():
        for package, _ in imported_packages(tree, is_model_package):
            raise FreezeError(str(each), f"{by_name(package)}.")
    if len({id(each.registry) for each in imports}) > 1:
        raise FreezeError(str(file), "it uses two packages of models. Import from one.")


def _files_of(file: Path) -> Iterator[Path]:
    """Yield the file of a revision, and the others of its folder."""
    yield file
    if file.name == "__init__.py":
        for path in sorted(file.parent.rglob("*.py")):
            if path != file and path.relative_to(file.parent).parts[0] != MODELS:
                yield path


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise FreezeError(str(file), error.strerror or str(error)) from error


def _model_imports(file: Path, tree: ast.Module) -> Iterator[_ModelImport]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or node.level or node.module is None:
            continue
        package = node.module.partition(".")[0]
        try:
            module = import_module(package)
        except ImportError as error:
            raise FreezeError(str(file), f"{package} cannot be imported") from error
        registry = getattr(module, "registry", None)
        if isinstance(registry, Registry):
            yield _ModelImport(file, node, registry, Path(str(module.__file__)).parent)


def _words(tree: ast.Module) -> Iterator[str]:
    """Yield the names of attributes and arguments, and the texts, in a program."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name) | ast.keyword(arg=str(name)):
                yield name
            case ast.Constant(value=str(text)):
                yield text


def _write_models(schema: Schema, studio: Studio | None, home: Path) -> FileChanges:
    from ftrack_codegen.package import write_package
    from ftrack_codegen.slicing import generate_slice

    files = generate_slice(
        schema, MODELS, studio=studio, command="ftrack-orm migrate freeze"
    )
    folder = home / MODELS
    folder.mkdir(parents=True, exist_ok=True)
    return write_package(files, folder)


def _rewritten(source: str, imports: Sequence[_ModelImport], dots: str) -> str:
    lines = source.splitlines(keepends=True)
    for each in imports:
        index = each.node.lineno - 1
        old = rf"from\s+{re.escape(str(each.node.module))}\s+import"
        new = f"from {dots}{MODELS} import"
        lines[index] = re.sub(old, new, lines[index], count=1)
    return "".join(lines)
