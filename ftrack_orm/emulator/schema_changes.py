"""Writes that would change the schema served, which the emulator cannot do yet.

An object type is a schema of its own on a real server (protocol 4.4). Storing the row
alone would leave a type that nobody can create entities of.
"""

from __future__ import annotations

from collections.abc import Collection

from ftrack_orm.errors import UnsupportedError


def refuse_schema_change(entity_type: str, sent: Collection[str] | None = None) -> None:
    """Refuse to create, delete or rename an object type.

    Args:
        entity_type: type of the entity written.
        sent: attributes of an update; ``None`` for creates and deletes.

    Raises:
        UnsupportedError: it is an object type, and the schema would have to change.
    """
    if entity_type == "ObjectType" and (sent is None or "name" in sent):
        raise UnsupportedError("creating, renaming and deleting object types")
