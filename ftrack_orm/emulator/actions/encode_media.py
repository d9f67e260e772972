"""The action ``encode_media`` (protocol 2.11, 7.6)."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from ftrack_orm.emulator.blobs.pictures import resize
from ftrack_orm.emulator.errors import Invalid
from ftrack_orm.emulator.rules import cascade, permission_checks
from ftrack_orm.emulator.rules.jobs import add_job
from ftrack_orm.emulator.stock.studio import LOCATIONS
from ftrack_orm.emulator.wire import read_key
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.blobs.store import BlobStore
    from ftrack_orm.emulator.request import RequestContext


_REVIEW_LOCATION: Final = next(
    location.id for location in LOCATIONS if location.name == "ftrack.review"
)
_REVIEW_PIXELS: Final = 1920
"""Longer side of review images in pixels, as in the example (protocol 7.6)."""


@dataclass(frozen=True, slots=True)
class _Output:
    """A file that an encoder writes, with the metadata of the example (protocol 7.6).

    Attributes:
        name: the name of its component.
        file_type: its extension.
        format: its media type.
        metadata: its metadata.
        content: its bytes, ``None`` if the emulator writes no file.
    """

    name: str
    file_type: str
    format: str
    metadata: JSONObject
    content: bytes | None = None


_VIDEO: Final = _Output(
    "ftrackreview-mp4",
    ".mp4",
    "video/mp4",
    {"frameIn": 0, "frameOut": 100, "frameRate": 25, "width": 1920, "height": 1080},
)
_IMAGE: Final = _Output(
    "ftrackreview-image",
    ".jpg",
    "image/jpeg",
    {"format": "image", "width": 1920, "height": 1080},
)
# According to PY, encoding always creates an image for a thumbnail. Its name is a
# guess, after the thumbnails that PY creates itself.
_THUMBNAIL: Final = replace(_IMAGE, name="thumbnail")

# No source lists the file types that the server can encode; these are common ones.
_OUTPUTS: Final = {
    **dict.fromkeys(
        (".avi", ".m4v", ".mkv", ".mov", ".mp4", ".mpg", ".mxf", ".webm"),
        (_VIDEO, _THUMBNAIL),
    ),
    **dict.fromkeys(
        (".bmp", ".exr", ".gif", ".jpeg", ".jpg", ".png", ".tga", ".tif", ".tiff"),
        (_IMAGE,),
    ),
}


def encode_media(request: RequestContext, operation: JSONObject) -> JSONObject:
    """Encode a component at once; return the id of its finished job.

    A readable picture is converted to JPEG. For any other file only the rows of an
    encoding are added, with the sizes and frames of the protocol's examples. Without
    ``keep_original`` the source is deleted, as the official Python client documents.

    Raises:
        Invalid: the component is no file, or its file type cannot be encoded.
        EntityNotFound: there is no such component or version.
        PermissionDenied: the user may not change the component or the version.
    """
    key = read_key(request.schema["Component"], operation.get("component_id"))
    source = request.get_visible("Component", key)
    permission_checks.check(request, "update", source["__type__"], key, ("version_id",))
    version_id = operation.get("version_id")
    if version_id is not None:
        _check_version(request, version_id)
    keep_original = operation.get("keep_original", True)
    if not isinstance(keep_original, bool):
        raise Invalid("keep_original must be true or false.")
    if not keep_original:
        permission_checks.check(request, "delete", source["__type__"], key)
    outputs = {
        _add_component(request, output, version_id): output
        for output in _outputs_for(request, source)
    }
    job_id = _add_job(request, outputs, str(source["id"]), keep_original)
    if not keep_original:
        cascade.remove(request, "FileComponent", key)
    return {"job_id": job_id}


def _check_version(request: RequestContext, version_id: object) -> None:
    entity_schema = request.schema["AssetVersion"]
    key = read_key(entity_schema, version_id)
    request.get_visible(entity_schema.name, key)
    permission_checks.check(request, "update", entity_schema.name, key)


def _outputs_for(request: RequestContext, source: JSONObject) -> tuple[_Output, ...]:
    outputs = _OUTPUTS.get(str(source.get("file_type")).lower())
    if source["__type__"] != "FileComponent" or outputs is None:
        raise Invalid(
            f'Component {source["id"]} of type "{source.get("file_type")}" cannot be '
            "encoded."
        )
    blob = request.files.find(str(source["id"]))
    picture = None
    if blob is not None:
        picture = resize(blob, _REVIEW_PIXELS, is_opaque=True)
    if picture is None:
        return outputs
    size = {"width": picture.width, "height": picture.height}
    return tuple(
        replace(output, metadata=output.metadata | size, content=picture.content)
        if output.format == picture.media_type
        else output
        for output in outputs
    )


def _add_component(
    request: RequestContext, output: _Output, version_id: str | None
) -> str:
    component_id = request.ids()
    request.insert(
        "FileComponent",
        {
            "id": component_id,
            "name": output.name,
            "file_type": output.file_type,
            "system_type": "file",
            "size": len(output.content or b""),
            "version_id": version_id,
        },
    )
    request.insert(
        "Metadata",
        {
            "parent_id": component_id,
            "parent_type": "FileComponent",
            "key": "ftr_meta",
            "value": json.dumps(output.metadata),
        },
    )
    request.insert(
        "ComponentLocation",
        {
            "id": request.ids(),
            "component_id": component_id,
            "location_id": _REVIEW_LOCATION,
            "resource_identifier": component_id,
        },
    )
    content = output.content
    if content is not None:
        # Files are outside the transaction: a failed request must not store them.
        request.on_commit.append(lambda: _store(request.files, component_id, content))
    return component_id


def _store(files: BlobStore, component_id: str, content: bytes) -> None:
    incoming = files.receive()
    try:
        incoming.write(content)
        incoming.save(component_id)
    finally:
        incoming.discard()


def _add_job(
    request: RequestContext,
    outputs: dict[str, _Output],
    source_id: str,
    keep_original: bool,
) -> str:
    data = {
        "output": [
            {"format": output.format, "component_id": component_id}
            for component_id, output in outputs.items()
        ],
        "source_component_id": source_id,
        "keep_original": keep_original,
    }
    job_id = add_job(request, "encode_media", "done", data)
    for component_id in outputs:
        request.insert("JobComponent", {"job_id": job_id, "component_id": component_id})
    return job_id
