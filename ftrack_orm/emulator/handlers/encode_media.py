"""The action ``encode_media`` (protocol 2.11, 7.6)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ftrack_orm.emulator.errors import Invalid
from ftrack_orm.emulator.jobs import add_job
from ftrack_orm.emulator.seed.studio import LOCATIONS
from ftrack_orm.emulator.wire import read_key
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.batch import Batch


_REVIEW_LOCATION: Final = next(
    each.id for each in LOCATIONS if each.name == "ftrack.review"
)


@dataclass(frozen=True, slots=True)
class _Output:
    """A file the encoder would write."""

    name: str
    file_type: str
    format: str
    metadata: JSONObject


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

# No source lists what the server can read; these are common.
_OUTPUTS: Final = {
    **dict.fromkeys(
        (".avi", ".m4v", ".mkv", ".mov", ".mp4", ".mpg", ".mxf", ".webm"), _VIDEO
    ),
    **dict.fromkeys(
        (".bmp", ".exr", ".gif", ".jpeg", ".jpg", ".png", ".tga", ".tif", ".tiff"),
        _IMAGE,
    ),
}


def encode_media(batch: Batch, operation: JSONObject) -> JSONObject:
    """Return the id of a job that pretends to have encoded a component.

    The emulator encodes nothing: the rows an encoding leaves behind are added at
    once, the job is done, sizes and frames are the protocol's examples, and no file
    has any content. Without ``keep_original`` the source leaves its version and stays
    otherwise: whether a server deletes it is not known.

    Raises:
        Invalid: the component is no file of a kind that becomes review media.
        EntityNotFound: there is no such component or version.
    """
    key = read_key(batch.schema["Component"], operation.get("component_id"))
    source = batch.get("Component", key)
    version_id = operation.get("version_id")
    if version_id is not None:
        kind = batch.schema["AssetVersion"]
        batch.get(kind.name, read_key(kind, version_id))
    keep_original = operation.get("keep_original", True)
    if not isinstance(keep_original, bool):
        raise Invalid("keep_original must be true or false.")
    output = _output_for(source)
    component_id = _add_component(batch, output, version_id)
    data = {
        "output": [{"format": output.format, "component_id": component_id}],
        "source_component_id": source["id"],
        "keep_original": keep_original,
    }
    job_id = add_job(batch, "encode_media", "done", data)
    batch.insert("JobComponent", {"job_id": job_id, "component_id": component_id})
    if not keep_original:
        batch.set("FileComponent", key, {"version_id": None})
    return {"job_id": job_id}


def _output_for(source: JSONObject) -> _Output:
    found = _OUTPUTS.get(str(source.get("file_type")).lower())
    if source["__type__"] != "FileComponent" or found is None:
        raise Invalid(
            f'Component {source["id"]} of type "{source.get("file_type")}" cannot be '
            "encoded."
        )
    return found


def _add_component(batch: Batch, output: _Output, version_id: str | None) -> str:
    component_id = batch.ids()
    batch.insert(
        "FileComponent",
        {
            "id": component_id,
            "name": output.name,
            "file_type": output.file_type,
            "system_type": "file",
            "size": 0,
            "version_id": version_id,
        },
    )
    batch.insert(
        "Metadata",
        {
            "parent_id": component_id,
            "parent_type": "FileComponent",
            "key": "ftr_meta",
            "value": json.dumps(output.metadata),
        },
    )
    batch.insert(
        "ComponentLocation",
        {
            "id": batch.ids(),
            "component_id": component_id,
            "location_id": _REVIEW_LOCATION,
            "resource_identifier": component_id,
        },
    )
    return component_id
