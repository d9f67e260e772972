"""The options and the session that the commands of ``migrate`` share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from ftrack_orm.session.session import Session

F = TypeVar("F", bound=Callable[..., Any])


def session_options(function: F) -> F:
    """Add the options ``--server`` and ``--models`` to a command."""
    function = click.option(
        "--models",
        default="ftrack_models",
        show_default=True,
        help="Package of generated models.",
    )(function)
    return click.option(
        "--server",
        "server_url",
        help="URL of the server, by default FTRACK_SERVER.",
    )(function)


def json_option(function: F) -> F:
    """Add the option ``--json`` to a command."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Write JSON to standard output."
    )(function)


@contextmanager
def connected(server_url: str | None, models: str) -> Iterator[Session]:
    """Yield a session that compares no schemas; runs watch the schema themselves."""
    from ftrack_orm.session.session import Session

    with Session(server_url, models=models, check_schema="ignore") as session:
        yield session


def write_json(document: Mapping[str, Any]) -> None:
    """Write one line of JSON to standard output, at once."""
    click.echo(json.dumps(document, ensure_ascii=False, default=str))
