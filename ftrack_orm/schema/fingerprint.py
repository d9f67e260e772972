"""Hash a schema: as the server does, and independently of the order of its types."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from ftrack_orm.schema.model import Schema


def schema_hash(served: Sequence[Mapping[str, Any]]) -> str:
    """Return the ``schema_hash`` of a server whose types are `served`.

    It is the MD5 of the JSON text: keys sorted at every level, separators ``", "`` and
    ``": "``, non-ASCII characters escaped, types in served order (protocol 1.8).
    """
    text = json.dumps(served, sort_keys=True)
    return hashlib.md5(text.encode("ascii"), usedforsecurity=False).hexdigest()


def fingerprint(schema: Schema) -> str:
    """Return the `schema_hash` of the types sorted by name.

    Two schemas that differ only in the order of their types have the same one.
    """
    return schema_hash([schema.types[name].to_json() for name in sorted(schema.types)])
