"""Check that the server's schema is the one that the models were generated from."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ftrack_orm.errors.schema import SchemaDriftError, SchemaDriftWarning

if TYPE_CHECKING:
    from ftrack_orm.entity.registry import Registry
    from ftrack_orm.schema.diff import SchemaChange

CHANGES_LISTED = 8
"""The most changes that an error or warning lists."""

_equal_hashes: set[tuple[str, str]] = set()
"""Pairs of a server hash and a fingerprint that mean the same schema.

A server hashes its types in an order of its choice, the models in order of names. When
the hashes differ the schema itself is compared, once in a process.
"""


def check_schema_hash(
    schema_hash: str,
    registry: Registry,
    fetch_schema: Callable[[], list[Any]],
    mode: str,
) -> None:
    """Compare the server's schema hash with that of the models.

    Args:
        schema_hash: the server's ``schema_hash``.
        registry: the models.
        fetch_schema: requests the whole schema; called only when the hashes differ.
        mode: ``"warn"`` or ``"error"``.

    Raises:
        SchemaDriftError: they differ, and the mode is ``"error"``.
    """
    expected = registry.fingerprint
    is_equal = schema_hash == expected or (schema_hash, expected) in _equal_hashes
    if not schema_hash or expected is None or is_equal:
        return
    changes = _schema_changes(registry, fetch_schema)
    if changes is None:
        _equal_hashes.add((schema_hash, expected))
    else:
        _report(registry.package, changes, mode)


def _schema_changes(
    registry: Registry, fetch_schema: Callable[[], list[Any]]
) -> Sequence[SchemaChange] | None:
    """Return how the server's schema differs, ``None`` if it has the fingerprint."""
    # Imported here, as only programs whose hashes differ need these modules.
    from ftrack_orm.schema.diff import diff_schemas
    from ftrack_orm.schema.fingerprint import fingerprint
    from ftrack_orm.schema.parse import parse_schema

    schema = parse_schema(fetch_schema()).schema
    if fingerprint(schema) == registry.fingerprint:
        return None
    return diff_schemas(registry.schema(), schema)


def _report(package: str, changes: Sequence[SchemaChange], mode: str) -> None:
    """Raise or warn with the first changes."""
    lines = [str(change) for change in changes[:CHANGES_LISTED]]
    more = len(changes) - len(lines)
    if more > 0:
        lines.append(f"and {more} more")
    message = (
        f"The server's schema is not the one {package} was generated from; "
        "regenerate the models (ftrack-orm generate)."
    )
    if mode == "error":
        raise SchemaDriftError(message, lines)
    warnings.warn(
        "\n".join([message, *(f"  - {line}" for line in lines)]),
        SchemaDriftWarning,
        stacklevel=3,
    )
