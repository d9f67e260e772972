"""Saying in terms of types and attributes how a package differs from a schema."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from ftrack_orm.errors import SchemaError
from ftrack_orm.schema.diff import SchemaChange, diff_schemas
from ftrack_orm.schema.fingerprint import fingerprint
from ftrack_orm.schema.model import Schema
from ftrack_orm.schema.parse import parse_schema


def read_package_schema(folder: Path) -> Schema:
    """Return the schema that the generated package in `folder` was made from.

    It is rebuilt from the classes, whatever other package of that name is installed.

    Raises:
        SchemaError: there is no package, or it cannot be imported.
    """
    if not (folder / "__init__.py").is_file():
        raise SchemaError(f"There is no generated package in {folder}.")
    with _importable(folder):
        try:
            rebuilt: Schema = importlib.import_module(folder.name).registry.schema()
        # Anything may go wrong while somebody's edited modules are imported.
        except Exception as error:
            raise SchemaError(
                f"The package in {folder} cannot be read ({error!r}). Generate it anew."
            ) from error
    # Read as a server's reply would be, so that both sides are told the same way.
    return parse_schema(rebuilt.to_json()).schema


def explain_changes(old: Schema, new: Schema) -> tuple[SchemaChange, ...]:
    """Return what makes `new` another schema than `old`; nothing when they agree."""
    if fingerprint(old) == fingerprint(new):
        return ()
    return diff_schemas(old, new)


@contextmanager
def _importable(folder: Path) -> Iterator[None]:
    """Let `folder` be imported under its own name, and leave no trace of it."""
    name = folder.name
    elsewhere = _forget(name)
    path = str(folder.resolve().parent)
    sys.path.insert(0, path)
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(path)
        _forget(name)
        sys.modules.update(elsewhere)


def _forget(package: str) -> dict[str, ModuleType]:
    """Take a package and its modules out of what is imported, and return them."""
    names = [
        name
        for name in sys.modules
        if name == package or name.startswith(f"{package}.")
    ]
    return {name: sys.modules.pop(name) for name in names}
