"""The sources of ``ftrack-orm generate``: a server, files, or a generated package."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ftrack_orm.errors.session import ConfigurationError
from ftrack_orm.schema.parse import load_schema_file, parse_schema

if TYPE_CHECKING:
    from ftrack_codegen.studio.snapshot import Source


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceOptions:
    """The options that name a source; at most one may be set.

    Attributes:
        schema_file: a file with the reply to ``query_schemas``.
        snapshot: a file that ``--save`` has written.
        models: the import name of a generated package.
        server_url: a server, ``None`` for ``FTRACK_SERVER``.
        is_stock: whether the studio's words are left out.
    """

    schema_file: Path | None = None
    snapshot: Path | None = None
    models: str | None = None
    server_url: str | None = None
    is_stock: bool = False


def read_source(options: SourceOptions) -> Source:
    """Return the schema and the studio's configuration.

    Raises:
        UsageError: several sources are named.
        FtrackError: the source cannot be read.
    """
    named = (
        options.schema_file,
        options.snapshot,
        options.models,
        options.server_url,
    )
    if sum(source is not None for source in named) > 1:
        raise click.UsageError(
            "Give one of --schema, --snapshot, --server and --models."
        )
    source = _read(options)
    return replace(source, studio=None) if options.is_stock else source


def _read(options: SourceOptions) -> Source:
    from ftrack_codegen.studio.snapshot import Source, load_snapshot

    if options.schema_file is not None:
        return Source(load_schema_file(options.schema_file))
    if options.snapshot is not None:
        return load_snapshot(options.snapshot)
    if options.models is not None:
        return _read_models(options.models)
    return _fetch(options.server_url, is_stock=options.is_stock)


def _read_models(models: str) -> Source:
    import importlib

    from ftrack_codegen.studio.snapshot import Source, load_package_studio
    from ftrack_orm.session.model_lookup import find_registry

    parsed = parse_schema(find_registry(models).schema().to_json())
    file = importlib.import_module(models).__file__
    studio = None if file is None else load_package_studio(Path(file).parent)
    return Source(parsed, studio)


def _fetch(server_url: str | None, *, is_stock: bool) -> Source:
    from ftrack_codegen.source import fetch_schema, fetch_source
    from ftrack_codegen.studio.snapshot import Source
    from ftrack_orm.transport.http import RequestsTransport
    from ftrack_orm.transport.replies import read_reply

    settings = {
        "FTRACK_SERVER": server_url or os.environ.get("FTRACK_SERVER", ""),
        "FTRACK_API_USER": os.environ.get("FTRACK_API_USER", ""),
        "FTRACK_API_KEY": os.environ.get("FTRACK_API_KEY", ""),
    }
    missing = [name for name, value in settings.items() if not value]
    if missing:
        raise ConfigurationError(missing)
    transport = RequestsTransport(*settings.values())
    try:
        if is_stock:
            return Source(fetch_schema(transport, read_reply))
        return fetch_source(transport, read_reply)
    finally:
        transport.close()
