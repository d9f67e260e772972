"""The actions ``get_upload_metadata`` and ``complete_multipart_upload``.

They are described in protocol 2.8 and 2.9.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.emulator.blobs.headers import content_disposition, media_type_of
from ftrack_orm.emulator.blobs.uploads import UploadTarget
from ftrack_orm.emulator.errors import EntityNotFound, Invalid
from ftrack_orm.emulator.rules import permission_checks
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext

_MAX_PARTS: Final = 10_000
"""Most parts of an upload, which is the limit of the JavaScript client (7.4)."""


def get_upload_metadata(request: RequestContext, operation: JSONObject) -> JSONObject:
    """Return the address for a component's bytes, or one address for each part.

    The addresses are valid once the whole request is applied.

    Raises:
        EntityNotFound: the component exists, but the user may not read it.
        Invalid: an argument is missing or invalid.
        PermissionDenied: the user may not change the component.
    """
    component_id = _text(operation, "component_id")
    _check_component(request, component_id)
    name, size = _name_and_size(request, component_id, operation)
    checksum = operation.get("checksum")
    if checksum is not None and not isinstance(checksum, str):
        raise Invalid("checksum must be text or null.")
    parts = operation.get("parts")
    if parts is None:
        token = request.ids()
        targets = {token: UploadTarget(component_id, size, checksum)}
        result: JSONObject = {
            "component_id": component_id,
            "url": _url(request, token),
            "headers": _headers(name, size, checksum),
        }
    else:
        # `isinstance` would accept booleans.
        if type(parts) is not int or not 1 <= parts <= _MAX_PARTS:
            raise Invalid(f"parts must be a number from 1 to {_MAX_PARTS}, or null.")
        upload_id = request.ids()
        targets = {
            request.ids(): UploadTarget(
                component_id, upload_id=upload_id, part_number=number
            )
            for number in range(1, parts + 1)
        }
        result = {
            "component_id": component_id,
            "upload_id": upload_id,
            "urls": [
                {"part_number": target.part_number, "signed_url": _url(request, token)}
                for token, target in targets.items()
            ],
        }
    request.on_commit.append(lambda: request.uploads.add(targets))
    return result


def complete_multipart_upload(
    request: RequestContext, operation: JSONObject
) -> JSONObject:
    """Join the parts of an upload to one file, after the request is applied.

    The arguments must list every part with the e_tag that its upload returned, as
    object storages require it.

    Raises:
        EntityNotFound: the component exists, but the user may not read it.
        Invalid: an argument is missing or invalid, or a part has not arrived.
        PermissionDenied: the user may not change the component.
    """
    upload_id = _text(operation, "upload_id")
    component_id = _text(operation, "component_id")
    _check_component(request, component_id)
    upload = request.uploads.upload(upload_id)
    if upload is None or upload[0] != component_id:
        raise Invalid(f'Unknown upload "{upload_id}" of component "{component_id}".')
    e_tags = _read_parts(operation.get("parts"))
    stored_e_tags = request.files.parts(upload_id)
    if set(e_tags) != set(range(1, upload[1] + 1)):
        raise Invalid(f"The upload has the parts 1 to {upload[1]}.")
    for number, e_tag in e_tags.items():
        if stored_e_tags.get(number) != e_tag:
            raise Invalid(f"Part {number} has not arrived, or has another e_tag.")

    def finish() -> None:
        # Another operation of the request may have finished or aborted the upload.
        if request.uploads.finish(upload_id):
            request.files.finish(upload_id, component_id)

    request.on_commit.append(finish)
    return {
        "action": "complete_multipart_upload",
        "component_id": component_id,
        "url": request.encoder.sign("get", component_id),
    }


def _check_component(request: RequestContext, component_id: str) -> None:
    """Check that the user may change a component.

    For a component that does not exist yet, a role on any project is enough.

    Raises:
        EntityNotFound: the component exists, but the user may not read it.
        PermissionDenied: the user may not change it.
    """
    entity_type, key = "Component", (component_id,)
    if request.find(entity_type, component_id) is None:
        permission_checks.check_creatable(request, entity_type)
    elif not request.row_permissions(entity_type, key).is_readable:
        raise EntityNotFound(entity_type, key)
    else:
        permission_checks.check(request, "update", entity_type, key)


def _read_parts(parts: Any) -> dict[int, str]:
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise Invalid("parts must be a list of part_number and e_tag.")
    numbers = [part.get("part_number") for part in parts]
    if not all(type(number) is int for number in numbers):
        raise Invalid("part_number must be a whole number.")
    if numbers != sorted(set(numbers)):
        raise Invalid("parts must be in the order of their numbers, each once.")
    return {
        part["part_number"]: str(part.get("e_tag", "")).strip('"') for part in parts
    }


def _name_and_size(
    request: RequestContext, component_id: str, operation: JSONObject
) -> tuple[str, int]:
    """Return name and size of the file, from the arguments or the component.

    Raises:
        Invalid: neither has them (protocol 2.8).
    """
    name, size = operation.get("file_name"), operation.get("file_size")
    component = request.find("Component", component_id)
    if component is not None:
        name = name or f"{component['name']}{component.get('file_type') or ''}"
        size = component.get("size") if size is None else size
    if not isinstance(name, str) or not isinstance(size, int | float):
        raise Invalid(
            "file_name and file_size are required while the component does not exist."
        )
    return name, int(size)


def _headers(name: str, size: int, checksum: str | None) -> dict[str, str]:
    """Return the headers that the client must send with the bytes, unchanged."""
    headers = {
        "Content-Type": media_type_of(name),
        "Content-Length": str(size),
        "Content-Disposition": content_disposition(name),
    }
    if checksum is not None:
        headers["Content-MD5"] = checksum
    return headers


def _url(request: RequestContext, token: str) -> str:
    return f"{request.options.server_url}/upload/{token}"


def _text(operation: JSONObject, name: str) -> str:
    value = operation.get(name)
    if not isinstance(value, str) or not value:
        raise Invalid(f"{operation.get('action')} needs {name}.")
    return value
