"""Files with a studio's schema and configuration, for work without a server."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ftrack_codegen.studio.model import Studio
from ftrack_orm.errors.schema import SchemaError
from ftrack_orm.schema.parse import ParsedSchema, parse_schema
from ftrack_orm.types import JSONObject

_FORMAT: Final = "ftrack-orm snapshot 1"

STUDIO_FILE: Final = "studio.json"
"""The file of a package with the configuration it was generated from."""

STUDIO_MARK: Final = '{\n  "generated_by": "ftrack-orm generate"'
"""The start of a `STUDIO_FILE`; other files are never overwritten."""


@dataclass(frozen=True, slots=True)
class Source:
    """The input of the generator.

    Attributes:
        parsed: the schema and its problems.
        studio: the configuration, ``None`` for a package without the studio's words.
    """

    parsed: ParsedSchema
    studio: Studio | None = None


def save_snapshot(source: Source, path: Path) -> None:
    """Write schema and configuration to a file; the same input gives the same bytes."""
    schema = source.parsed.schema
    document = {
        "format": _FORMAT,
        "studio": None if source.studio is None else source.studio.to_json(),
        "schema": sorted(schema.to_json(), key=lambda served: str(served["id"])),
    }
    path.write_text(_text(document), encoding="utf-8", newline="\n")


def load_snapshot(path: Path) -> Source:
    """Return the schema and configuration of a file.

    Raises:
        SchemaError: the file is no snapshot.
    """
    document = _read(path)
    if document.get("format") != _FORMAT:
        raise SchemaError(
            f"{path} is no snapshot of a studio. "
            "Write one with ftrack-orm generate --save, or pass it as --schema."
        )
    studio = document.get("studio")
    return Source(
        parse_schema(document.get("schema") or []),
        None if studio is None else Studio.from_json(studio),
    )


def studio_text(studio: Studio) -> str:
    """Return the content of the `STUDIO_FILE` of a package."""
    return _text({"generated_by": "ftrack-orm generate", **studio.to_json()})


def load_package_studio(folder: Path) -> Studio | None:
    """Return the configuration of a generated package, ``None`` if it is stock.

    Raises:
        SchemaError: the generator has not written the file.
    """
    path = folder / STUDIO_FILE
    return Studio.from_json(_read(path)) if path.is_file() else None


def _text(document: JSONObject) -> str:
    text = json.dumps(document, indent=2, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        text = json.dumps(document, indent=2)
    return f"{text}\n"


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_bytes())
    except ValueError as error:
        raise SchemaError(f"{path} is no JSON file ({error}).") from error
    if not isinstance(document, dict):
        raise SchemaError(f"{path} holds no JSON object.")
    return document
