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
    each.id for each in LOCATIONS if each.name == "ftrack.review"
)
_REVIEW_PIXELS: Final = 1920
"""Longer side of review images, as the protocol's example has it (7.6)."""


@dataclass(frozen=True, slots=True)
class _Output:
    """A file the encoder would write, its metadata those of the example in 7.6.

    Attributes:
        content: what is in it, ``None`` when it is only pretended.
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
# PY says that an image is always made that can be a thumbnail; its name is a guess,
# after that of the thumbnails which PY makes itself.
_THUMBNAIL: Final = replace(_IMAGE, name="thumbnail")

# No source lists what the server can read; these are common.
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
    """Return the id of a job that has encoded a component, or pretends to.

    The rows an encoding leaves behind are added at once and the job is done. A
    picture that can be read is made a JPEG; of all else there are the rows alone, with
    the sizes and frames of the protocol's examples. Without ``keep_original`` the
    source is deleted, as the official Python client says.

    Raises:
        Invalid: the component is no file of a kind that becomes review media.
        EntityNotFound: there is no such component or version.
        PermissionDenied: the user may not change it.
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
    made = {
        _add_component(request, output, version_id): output
        for output in _outputs_for(request, source)
    }
    job_id = _add_job(request, made, str(source["id"]), keep_original)
    if not keep_original:
        cascade.remove(request, "FileComponent", key)
    return {"job_id": job_id}


def _check_version(request: RequestContext, version_id: object) -> None:
    kind = request.schema["AssetVersion"]
    key = read_key(kind, version_id)
    request.get_visible(kind.name, key)
    permission_checks.check(request, "update", kind.name, key)


def _outputs_for(request: RequestContext, source: JSONObject) -> tuple[_Output, ...]:
    outputs = _OUTPUTS.get(str(source.get("file_type")).lower())
    if source["__type__"] != "FileComponent" or outputs is None:
        raise Invalid(
            f'Component {source["id"]} of type "{source.get("file_type")}" cannot be '
            "encoded."
        )
    kept = request.files.find(str(source["id"]))
    picture = None
    if kept is not None:
        picture = resize(kept, _REVIEW_PIXELS, is_opaque=True)
    if picture is None:
        return outputs
    size = {"width": picture.width, "height": picture.height}
    return tuple(
        replace(each, metadata=each.metadata | size, content=picture.content)
        if each.format == picture.media_type
        else each
        for each in outputs
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
        request.applied.append(lambda: _keep(request.files, component_id, content))
    return component_id


def _keep(files: BlobStore, component_id: str, content: bytes) -> None:
    incoming = files.receive()
    try:
        incoming.write(content)
        incoming.save(component_id)
    finally:
        incoming.discard()


def _add_job(
    request: RequestContext,
    made: dict[str, _Output],
    source_id: str,
    keep_original: bool,
) -> str:
    data = {
        "output": [
            {"format": output.format, "component_id": component_id}
            for component_id, output in made.items()
        ],
        "source_component_id": source_id,
        "keep_original": keep_original,
    }
    job_id = add_job(request, "encode_media", "done", data)
    for component_id in made:
        request.insert("JobComponent", {"job_id": job_id, "component_id": component_id})
    return job_id
