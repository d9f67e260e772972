"""Compare a generated package with a schema, type by type."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from ftrack_orm.errors.schema import SchemaError
from ftrack_orm.schema.diff import SchemaChange, diff_schemas
from ftrack_orm.schema.fingerprint import fingerprint
from ftrack_orm.schema.model import Schema
from ftrack_orm.schema.parse import parse_schema


def read_package_schema(folder: Path) -> Schema:
    """Return the schema that the generated package in `folder` holds.

    The schema is rebuilt from the classes in `folder`, even where another package of
    that name is installed.

    Raises:
        SchemaError: there is no package, or it cannot be imported.
    """
    if not (folder / "__init__.py").is_file():
        raise SchemaError(
            f"There is no generated package in {folder}. Generate it without --check."
        )
    with _importable(folder):
        try:
            rebuilt: Schema = importlib.import_module(folder.name).registry.schema()
        # The modules may have been edited, so importing them can raise any error.
        except Exception as error:
            raise SchemaError(
                f"The package in {folder} cannot be imported ({error!r}). "
                "Generate it again."
            ) from error
    # Parsing it like a server's reply removes differences that only classes have.
    return parse_schema(rebuilt.to_json()).schema


def explain_changes(old: Schema, new: Schema) -> tuple[SchemaChange, ...]:
    """Return the changes from `old` to `new`, none where the fingerprints agree."""
    if fingerprint(old) == fingerprint(new):
        return ()
    return diff_schemas(old, new)


@contextmanager
def _importable(folder: Path) -> Iterator[None]:
    """Make `folder` importable by its name; restore the imported modules afterwards."""
    name = folder.name
    installed = _unload(name)
    path = str(folder.resolve().parent)
    sys.path.insert(0, path)
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(path)
        _unload(name)
        sys.modules.update(installed)


def _unload(package: str) -> dict[str, ModuleType]:
    """Remove a package and its modules from `sys.modules`; return them by name."""
    names = [
        name
        for name in sys.modules
        if name == package or name.startswith(f"{package}.")
    ]
    return {name: sys.modules.pop(name) for name in names}
