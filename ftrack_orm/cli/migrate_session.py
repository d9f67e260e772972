"""The options and the session that the commands of ``migrate`` share."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

if TYPE_CHECKING:
    from ftrack_orm.entity.registry import Registry
    from ftrack_orm.session.session import Session

F = TypeVar("F", bound=Callable[..., Any])


def session_options_of(*server: str) -> Callable[[F], F]:
    """Return a decorator that adds the options of the server and of ``--models``.

    Args:
        *server: the names of the option with the URL of the server.
    """

    def add_options(function: F) -> F:
        function = click.option(
            "--models",
            default="ftrack_models",
            show_default=True,
            help="Package of generated models.",
        )(function)
        return click.option(
            *server,
            "server_url",
            help="URL of the server, by default FTRACK_SERVER.",
        )(function)

    return add_options


session_options: Final = session_options_of("--server")

folder_option = click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("migrations"),
    show_default=True,
    help="Folder of the revisions.",
)


def planning_options(function: F) -> F:
    """Add the options of planning modules to a command."""
    for option in (
        click.option(
            "--set",
            "settings",
            multiple=True,
            metavar="NAME=VALUE",
            help="A parameter of the function; may be repeated.",
        ),
        folder_option,
        click.option(
            "--project",
            "projects",
            multiple=True,
            metavar="NAME",
            help="The plans may change entities of this project only. A user without a "
            "role on all projects has to name one. May be repeated.",
        ),
    ):
        function = option(function)
    return function


def json_option(function: F) -> F:
    """Add the option ``--json`` to a command."""
    return click.option(
        "--json", "as_json", is_flag=True, help="Write JSON to standard output."
    )(function)


def connector(server_url: str | None) -> Callable[[Registry | str], Session]:
    """Return a function that opens a session with some models."""
    from ftrack_orm.session.session import Session

    def connect(models: Registry | str) -> Session:
        return Session(server_url, models=models, check_schema="ignore")

    return connect


@contextmanager
def connected(server_url: str | None, models: str) -> Iterator[Session]:
    """Yield a session that compares no schemas; runs watch the schema themselves."""
    with connector(server_url)(models) as session:
        yield session


def write_json(document: Mapping[str, Any]) -> None:
    """Write one line of JSON to standard output, at once."""
    click.echo(json.dumps(document, ensure_ascii=False, default=str))
