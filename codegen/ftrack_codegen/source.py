"""Where a schema comes from: a server, or a file for `load_schema_file`."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from ftrack_orm.schema.parse import (
    ParsedSchema,
    load_schema_file,
    parse_schema,
    read_reply as read_types,
)
from ftrack_orm.types import Reply, Transport

__all__ = ["ReadReply", "fetch_schema", "load_schema_file"]

ReadReply: TypeAlias = Callable[[Reply, int], list[Any]]
"""Returns the results in a reply, one for each of a number of operations."""

_BATCH: Final = json.dumps([{"action": "query_schemas"}]).encode()


def fetch_schema(transport: Transport, read_reply: ReadReply) -> ParsedSchema:
    """Return the schema of the server that `transport` leads to, in one request.

    Args:
        transport: carries the request; it stays open.
        read_reply: tells results from errors.

    Raises:
        TransportError: the exchange failed.
        ServerError: the server refused.
        SchemaError: the answer is no schema.
    """
    [types] = read_reply(transport.call(_BATCH), 1)
    return parse_schema(read_types(types, transport.server_url))
