"""The subject of an upload: the bytes, and the attributes of their component."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.transfer.component_api import SERVER_LOCATION
from ftrack_orm.transfer.journal import Intent
from ftrack_orm.transfer.source import FileName, Source


@lazy_dataclass(frozen=True, slots=True)
class Subject:
    """The bytes of an upload and the attributes of its component.

    Attributes:
        source: the bytes.
        data: all attributes of the component, by server name.
        file_name: name with extension, for the storage.
        intent: the identity of the upload, for the journal.
        has_caller_id: true if the caller chose the component's id.
    """

    source: Source
    data: Mapping[str, Any]
    file_name: str
    intent: Intent
    has_caller_id: bool

    @classmethod
    def of(
        cls, source: Source, attributes: Mapping[str, Any], server_url: str, chunk: int
    ) -> Subject:
        """Return the subject for `source`.

        Args:
            source: the bytes.
            attributes: attributes of the component, by server name; they replace those
                derived from the name of `source`.
            server_url: the server, for the journal.
            chunk: bytes of a part.
        """
        data = _component_data(source, attributes)
        intent = Intent(
            server_url,
            str(data["id"]),
            SERVER_LOCATION,
            source.file_name,
            source.size,
            source.modified,
            chunk,
            _digest(attributes),
        )
        file_name = f"{data['name']}{data['file_type'] or ''}"
        return cls(source, data, file_name, intent, "id" in attributes)


def _digest(data: Mapping[str, Any]) -> str:
    """Return a digest of attributes, independent of their order."""
    text = repr(sorted((name, repr(value)) for name, value in data.items()))
    return hashlib.sha256(text.encode()).hexdigest()


def _component_data(source: Source, attributes: Mapping[str, Any]) -> dict[str, Any]:
    parts = FileName.of(source.file_name)
    return {
        "id": str(uuid.uuid4()),
        "name": parts.name,
        "file_type": parts.file_type,
        "size": source.size,
        **attributes,
    }
