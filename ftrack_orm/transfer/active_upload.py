"""An upload whose component exists: its parts, and those that the storage has."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.operations import Response, UploadMetadata
from ftrack_orm.transfer.chunks import Part
from ftrack_orm.transfer.parts import PartUpload, RefusedError


@lazy_dataclass(slots=True)
class ActiveUpload:
    """An upload whose component was created.

    Attributes:
        component: the server's response to the creation, or the component's row.
        metadata: the addresses for the bytes.
        parts: the parts of the file, in order.
        e_tags: the entity tag of each part in the storage, by the part's number.
        is_resumed: true if an earlier process created the component.
    """

    component: Response[Any]
    metadata: UploadMetadata
    parts: tuple[Part, ...]
    e_tags: dict[int, str] = field(default_factory=dict)
    is_resumed: bool = False

    @property
    def is_multipart(self) -> bool:
        """Return whether the file is sent in parts."""
        return self.metadata.upload_id is not None

    @property
    def stored_size(self) -> int:
        """Return the bytes that are in the storage."""
        return sum(part.size for part in self.parts if part.number in self.e_tags)

    def part_uploads(self) -> list[PartUpload]:
        """Return the parts that are not in the storage yet, with their addresses.

        Raises:
            RefusedError: the addresses do not match the parts.
        """
        metadata = self.metadata
        if not self.is_multipart:
            whole = Part(1, 0, sum(part.size for part in self.parts))
            return [PartUpload(whole, str(metadata.url), metadata.headers)]
        urls = dict(metadata.urls)
        if set(urls) != {part.number for part in self.parts}:
            raise RefusedError(
                f"the server gave {len(urls)} addresses for {len(self.parts)} parts", 0
            )
        return [
            PartUpload(part, urls[part.number], None)
            for part in self.parts
            if part.number not in self.e_tags
        ]
