"""The hash by which a server and its clients know a schema again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from ftrack_orm.schema.model import Schema


def schema_hash(served: Sequence[Mapping[str, Any]]) -> str:
    """Return what a server that answers `served` says as its ``schema_hash``.

    MD5 of the JSON text with keys sorted at every level, ``", "`` and ``": "``
    between, non-ASCII escaped, and the list in served order (protocol 1.8).
    """
    text = json.dumps(served, sort_keys=True)
    return hashlib.md5(text.encode("ascii"), usedforsecurity=False).hexdigest()


def fingerprint(schema: Schema) -> str:
    """Return a hash of the schema that does not depend on the order of its types.

    The algorithm is that of `schema_hash`, over the types sorted by name.
    """
    return schema_hash([schema.types[name].to_json() for name in sorted(schema.types)])
