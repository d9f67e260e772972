"""Read a schema and a studio's configuration from a server."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias

from ftrack_codegen.studio.replies import operations, read_studio
from ftrack_codegen.studio.snapshot import Source
from ftrack_orm.errors.server import (
    InvalidCredentialsError,
    ServerError,
    ServerPermissionDeniedError,
)
from ftrack_orm.schema.parse import (
    ParsedSchema,
    load_schema_file,
    parse_schema,
    read_reply as read_types,
)
from ftrack_orm.types import Reply, Transport

__all__ = ["ReadReply", "fetch_schema", "fetch_source", "load_schema_file"]

ReadReply: TypeAlias = Callable[[Reply, int], list[Any]]
"""Returns the results in a reply, one for each operation of a request."""

_SCHEMAS = {"action": "query_schemas"}


def fetch_schema(transport: Transport, read_reply: ReadReply) -> ParsedSchema:
    """Return the schema of the server behind `transport`, with one request.

    Args:
        transport: sends the request; it is not closed.
        read_reply: returns the results in the reply, or raises the server's error.

    Raises:
        TransportError: the exchange failed.
        ServerError: the server refused the request.
        SchemaError: the reply is no schema.
    """
    [types] = read_reply(transport.call(json.dumps([_SCHEMAS]).encode()), 1)
    return parse_schema(read_types(types, transport.server_url))


def fetch_source(transport: Transport, read_reply: ReadReply) -> Source:
    """Return the schema and the studio's configuration, with one request.

    A server that lacks a type or an attribute of the configuration refuses that
    request. Its schema is then read alone, and all types that it has in a second one.

    Args:
        transport: sends the request; it is not closed.
        read_reply: returns the results in the reply, or raises the server's error.

    Raises:
        TransportError: the exchange failed.
        ServerError: the server refused the request.
        SchemaError: the reply is no schema, or no configuration.
    """
    batch = [_SCHEMAS, *operations()]
    reply = transport.call(json.dumps(batch).encode())
    try:
        types, *rows = read_reply(reply, len(batch))
    except (InvalidCredentialsError, ServerPermissionDeniedError):
        raise
    except ServerError:
        parsed = fetch_schema(transport, read_reply)
        batch = operations(parsed.schema)
        rows = read_reply(transport.call(json.dumps(batch).encode()), len(batch))
        return Source(parsed, read_studio(rows, parsed.schema))
    parsed = parse_schema(read_types(types, transport.server_url))
    return Source(parsed, read_studio(rows))
