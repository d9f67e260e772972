"""Whether the server's schema is the one the models were made from."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ftrack_orm.errors.schema import SchemaDriftError, SchemaDriftWarning

if TYPE_CHECKING:
    from ftrack_orm.entity.registry import Registry

SHOWN_CHANGES = 8

_known_equal: set[tuple[str, str]] = set()
"""Pairs of server hash and fingerprint found to mean the same schema.

A server hashes its types in its own order, the models in order of names; when the
hashes differ the schema itself is compared, once in a process.
"""


def check_schema_hash(
    served: str,
    registry: Registry,
    fetch_schema: Callable[[], list[Any]],
    mode: str,
) -> None:
    """Compare the server's schema hash with that of the models.

    Args:
        served: the server's ``schema_hash``.
        registry: the models.
        fetch_schema: asks for the whole schema, only called when the hashes differ.
        mode: ``"warn"`` or ``"error"``.

    Raises:
        SchemaDriftError: they differ, and the mode is ``"error"``.
    """
    expected = registry.fingerprint
    if not served or expected is None or served == expected:
        return
    if (served, expected) in _known_equal:
        return
    # Needed by the few programs whose models are not the server's.
    from ftrack_orm.schema.diff import diff_schemas
    from ftrack_orm.schema.fingerprint import fingerprint
    from ftrack_orm.schema.parse import parse_schema

    schema = parse_schema(fetch_schema()).schema
    if fingerprint(schema) == expected:
        _known_equal.add((served, expected))
        return
    changes = diff_schemas(registry.schema(), schema)
    shown = [str(change) for change in changes[:SHOWN_CHANGES]]
    more = len(changes) - len(shown)
    if more > 0:
        shown.append(f"and {more} more")
    message = (
        f"The server's schema is not the one {registry.package} was generated from; "
        "generate the models anew (ftrack-orm generate)."
    )
    if mode == "error":
        raise SchemaDriftError(message, shown)
    warnings.warn(
        "\n".join([message, *(f"  - {line}" for line in shown)]),
        SchemaDriftWarning,
        stacklevel=2,
    )
