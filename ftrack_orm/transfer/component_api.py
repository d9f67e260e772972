"""Requests of an upload to the server: build the operations, read their responses."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol

from ftrack_orm.errors.root import FtrackError
from ftrack_orm.errors.server import ServerError
from ftrack_orm.errors.transport import ResponseFormatError
from ftrack_orm.operations import (
    AnyOperation,
    CompleteMultipartUpload,
    Create,
    Delete,
    GetUploadMetadata,
    Query,
    Response,
    UploadedPart,
    UploadMetadata,
)
from ftrack_orm.types import Cancel

SERVER_LOCATION: Final = "3a372bde-05bc-11e4-8908-20c9d081909b"
"""The id of the location whose files the server stores itself (protocol 7.1)."""

_ID: Final = re.compile(r"[A-Za-z0-9-]+")
_COMPONENT: Final = "FileComponent"
_LOCATION: Final = "ComponentLocation"


class Call(Protocol):
    """Sends operations to the server in one request.

    If the reply is lost, the implementation resolves the outcome by querying the
    server.
    """

    def __call__(
        self, operations: Sequence[AnyOperation], *, cancel: Cancel | None = None
    ) -> list[Response[Any]]:
        """Return one response for each operation, in the same order."""
        ...


class RegisteredUpload(NamedTuple):
    """A component that exists on the server without its file yet."""

    component: Response[Any]
    metadata: UploadMetadata


class ComponentRows(NamedTuple):
    """The rows of a component and of its location, ``None`` if they do not exist."""

    component: Response[Any] | None
    location: Response[Any] | None


def register(
    call: Call,
    data: Mapping[str, Any],
    file_name: str,
    *,
    size: int,
    checksum: str | None,
    parts: int | None,
    cancel: Cancel | None,
) -> RegisteredUpload:
    """Create the component and get the addresses for its bytes, in one request.

    Args:
        call: sends operations to the server.
        data: the component's attributes, including its id.
        file_name: name with extension.
        size: bytes.
        checksum: the MD5 of the whole file, for a single part.
        parts: the number of parts, or ``None`` for a single one.
        cancel: ends the request when it is set.

    Raises:
        ServerError: the server refused; nothing was created.
        TransportError: the exchange failed; `was_not_applied` returns whether the
            component cannot have been created.
    """
    component_id = str(data["id"])
    component, addresses = call(
        [
            Create(_COMPONENT, data, (component_id,)),
            GetUploadMetadata(component_id, file_name, size, checksum, parts),
        ],
        cancel=cancel,
    )
    return RegisteredUpload(component, _metadata(component_id, addresses.data))


def complete(
    call: Call,
    metadata: UploadMetadata,
    e_tags: Mapping[int, str],
    cancel: Cancel | None,
) -> Response[Any]:
    """Finish the upload and create the component's location; return its response.

    Args:
        call: sends operations to the server.
        metadata: the addresses of the upload.
        e_tags: the entity tag of each part, by its number.
        cancel: ends the request when it is set.

    Raises:
        ServerError: the server refused; the file is in no location.
        TransportError: the exchange failed.
    """
    upload_id, component_id = metadata.upload_id, metadata.component_id
    operations: list[AnyOperation] = []
    if upload_id is not None:
        uploaded = tuple(UploadedPart(*item) for item in sorted(e_tags.items()))
        operations.append(CompleteMultipartUpload(upload_id, component_id, uploaded))
    operations.append(_create_location(component_id))
    return call(operations, cancel=cancel)[-1]


def _create_location(component_id: str) -> Create:
    location_id = str(uuid.uuid4())
    data = {
        "id": location_id,
        "component_id": component_id,
        "resource_identifier": component_id,
        "location_id": SERVER_LOCATION,
    }
    return Create(_LOCATION, data, (location_id,))


def find(call: Call, component_id: str, cancel: Cancel | None = None) -> ComponentRows:
    """Return the rows of a component and of its location on the server.

    Raises:
        ServerError, TransportError: the query failed.
    """
    if not is_id(component_id):
        return ComponentRows(None, None)
    component = Query(
        "select id, name, file_type, size, system_type, version_id "  # noqa: S608 # no SQL
        f'from FileComponent where id is "{component_id}"'
    )
    location = Query(
        "select id, component_id, location_id, resource_identifier "  # noqa: S608 # no SQL
        f'from ComponentLocation where component_id is "{component_id}" '
        f'and location_id is "{SERVER_LOCATION}"'
    )
    responses = call([component, location], cancel=cancel)
    return ComponentRows(*(_first(response) for response in responses))


def remove(call: Call, component_id: str, cancel: Cancel | None = None) -> str | None:
    """Delete a component; return why it may still exist, or ``None`` if it does not."""
    try:
        call([Delete(_COMPONENT, (component_id,))], cancel=cancel)
    except ServerError as error:
        # The server also refuses to delete a component that does not exist.
        if _is_absent(call, component_id, cancel):
            return None
        return str(error)
    except FtrackError as error:
        return reason_of(error)
    return None


def is_id(text: str) -> bool:
    """Return whether `text` has only characters of an id, safe in an expression."""
    return _ID.fullmatch(text) is not None


def reason_of(error: BaseException) -> str:
    """Return the message of an error without its full stop."""
    return str(error).rstrip(".")


def _is_absent(call: Call, component_id: str, cancel: Cancel | None) -> bool:
    if not is_id(component_id):
        return False
    try:
        return find(call, component_id, cancel).component is None
    except FtrackError:
        return False


def _first(response: Response[Any]) -> Response[Any] | None:
    return Response("create", response.data[0]) if response.data else None


def _metadata(component_id: str, response: Any) -> UploadMetadata:
    """Return the addresses in a response, after checking its form (protocol 2.8)."""
    try:
        upload_id = response.get("upload_id")
        url = response.get("url")
        urls = tuple(
            (int(item["part_number"]), str(item["signed_url"]))
            for item in response.get("urls") or ()
        )
        headers = {
            str(name): str(value)
            for name, value in (response.get("headers") or {}).items()
        }
    except (AttributeError, KeyError, TypeError, ValueError):
        upload_id, url, urls, headers = None, None, (), {}
    if upload_id is None and url is None:
        raise ResponseFormatError(
            "The server returned no address for the file, or not in the form of the "
            "protocol (2.8). Check that the server has a storage for files."
        )
    return UploadMetadata(component_id, url, headers, upload_id, urls)
