"""Read the configuration of a server, all of it in one request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from ftrack_orm.operations import Query, Response
from ftrack_orm.session.session import Session
from ftrack_orm.studio.model import Kind, Studio
from ftrack_orm.studio.queries import QUERIES
from ftrack_orm.studio.reading import Reader
from ftrack_orm.studio.server_studio import ServerStudio


def pull_studio(session: Session, *, only: Sequence[Kind] = ()) -> Studio:
    """Return the configuration of the server; nothing is changed.

    Sends one request, and others only where the server cuts a result.

    Args:
        session: a session on the server.
        only: the kinds to return; all by default.

    Raises:
        TransportError, ServerError: the request failed.
    """
    studio = pull_server(session).studio
    return studio.only(only) if only else studio


def pull_server(session: Session) -> ServerStudio:
    """Return the configuration of the server with its ids.

    Raises:
        TransportError, ServerError: the request failed.
    """
    responses = session.call([Query(expression) for expression in QUERIES.values()])
    rows = {
        entity_type: _by_key(_entities(session, expression, response))
        for (entity_type, expression), response in zip(
            QUERIES.items(), responses, strict=True
        )
    }
    return Reader(rows).read()


def _entities(
    session: Session, expression: str, response: Response[Any]
) -> Iterator[Any]:
    yield from response.data
    while (offset := response.metadata.next.offset) is not None:
        [response] = session.call([Query(f"{expression} offset {offset}")])
        yield from response.data


def _by_key(entities: Iterable[Any]) -> dict[str, Any]:
    return {"/".join(map(str, each.reference.key)): each for each in entities}
