"""The actions ``get_upload_metadata`` and ``complete_multipart_upload`` (2.8, 2.9)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.emulator.blobs.headers import content_disposition, media_type_of
from ftrack_orm.emulator.blobs.uploads import UploadTarget
from ftrack_orm.emulator.errors import EntityNotFound, Invalid
from ftrack_orm.emulator.rules import permission_checks
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext

_MOST_PARTS: Final = 10_000
"""Parts of an upload, as the JavaScript client counts them at most (protocol 7.4)."""


def get_upload_metadata(request: RequestContext, operation: JSONObject) -> JSONObject:
    """Return where a component's bytes go: one address, or one for each part.

    The addresses are good from the end of the request, if all of it is applied.

    Raises:
        EntityNotFound: the component is one that the user may not read.
        Invalid: an argument is missing, or is not what it must be.
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
        slots = {token: UploadTarget(component_id, size, checksum)}
        result: JSONObject = {
            "component_id": component_id,
            "url": _url(request, token),
            "headers": _headers(name, size, checksum),
        }
    else:
        if type(parts) is not int or not 1 <= parts <= _MOST_PARTS:
            raise Invalid(f"parts must be a number from 1 to {_MOST_PARTS}, or null.")
        upload_id = request.ids()
        slots = {
            request.ids(): UploadTarget(
                component_id, upload_id=upload_id, part_number=number
            )
            for number in range(1, parts + 1)
        }
        result = {
            "component_id": component_id,
            "upload_id": upload_id,
            "urls": [
                {"part_number": slot.part_number, "signed_url": _url(request, token)}
                for token, slot in slots.items()
            ],
        }
    request.applied.append(lambda: request.uploads.add(slots))
    return result


def complete_multipart_upload(
    request: RequestContext, operation: JSONObject
) -> JSONObject:
    """Make one file of the parts; the upload is finished with the request.

    Every part must have arrived, and be named with the tag it was answered with, as
    storages want it.
    """
    upload_id = _text(operation, "upload_id")
    component_id = _text(operation, "component_id")
    _check_component(request, component_id)
    known = request.uploads.upload(upload_id)
    if known is None or known[0] != component_id:
        raise Invalid(f'Unknown upload "{upload_id}" of component "{component_id}".')
    named = _named_parts(operation.get("parts"))
    arrived = request.files.parts(upload_id)
    if set(named) != set(range(1, known[1] + 1)):
        raise Invalid(f"The upload has the parts 1 to {known[1]}.")
    for number, e_tag in named.items():
        if arrived.get(number) != e_tag:
            raise Invalid(f"Part {number} has not arrived, or has another e_tag.")

    def finish() -> None:
        # An operation of the same request may have finished it, or taken it away.
        if request.uploads.finish(upload_id):
            request.files.finish(upload_id, component_id)

    request.applied.append(finish)
    return {
        "action": "complete_multipart_upload",
        "component_id": component_id,
        "url": request.encoder.sign("get", component_id),
    }


def _check_component(request: RequestContext, component_id: str) -> None:
    """Refuse bytes for a component that is not the user's to change.

    One that does not exist yet needs a role, whatever it will belong to.
    """
    kind, key = "Component", (component_id,)
    if request.find(kind, component_id) is None:
        permission_checks.check_creatable(request, kind)
    elif not request.standing(kind, key).is_readable:
        raise EntityNotFound(kind, key)
    else:
        permission_checks.check(request, "update", kind, key)


def _named_parts(parts: Any) -> dict[int, str]:
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
    """Return name and size of the file: as sent, or as the component has them.

    Raises:
        Invalid: neither says it (protocol 2.8).
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
    """Return what is to be sent with the bytes, exactly."""
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
