"""What an upload asks of the server: operations made, and their results read."""

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
"""The location that a server keeps files in itself (protocol 7.1)."""

_ID: Final = re.compile(r"[A-Za-z0-9-]+")
_COMPONENT: Final = "FileComponent"
_LOCATION: Final = "ComponentLocation"


class Call(Protocol):
    """Sends operations to the server in one request.

    It settles by itself what became of a request whose answer was lost.
    """

    def __call__(
        self, operations: Sequence[AnyOperation], *, cancel: Cancel | None = None
    ) -> list[Response[Any]]:
        """Return a response each, in the same order."""
        ...


class RegisteredUpload(NamedTuple):
    """A component that the server knows and has no file of yet."""

    component: Response[Any]
    metadata: UploadMetadata


class ComponentRows(NamedTuple):
    """What the server has of a component: the component, and where it lies."""

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
    """Create the component and ask where its bytes go, in one request.

    Args:
        call: reaches the server.
        data: the component's attributes, its id among them.
        file_name: name with extension.
        size: bytes.
        checksum: of the whole file, for a single part.
        parts: how many, or ``None`` for one.
        cancel: stops waiting.

    Raises:
        ServerError: the server refused; nothing was created.
        TransportError: the exchange failed; `was_not_applied` says what that means.
    """
    component_id = str(data["id"])
    created, addressed = call(
        [
            Create(_COMPONENT, data, (component_id,)),
            GetUploadMetadata(component_id, file_name, size, checksum, parts),
        ],
        cancel=cancel,
    )
    return RegisteredUpload(created, _metadata(component_id, addressed.data))


def complete(
    call: Call,
    metadata: UploadMetadata,
    e_tags: Mapping[int, str],
    cancel: Cancel | None,
) -> Response[Any]:
    """Say that the bytes are there; return the component's place in the location.

    Raises:
        ServerError: the server refused; the file is in no location.
        TransportError: the exchange failed.
    """
    component_id = metadata.component_id
    operations: list[AnyOperation] = []
    if metadata.upload_id is not None:
        taken = tuple(UploadedPart(*item) for item in sorted(e_tags.items()))
        operations.append(
            CompleteMultipartUpload(metadata.upload_id, component_id, taken)
        )
    location_id = str(uuid.uuid4())
    data = {
        "id": location_id,
        "component_id": component_id,
        "resource_identifier": component_id,
        "location_id": SERVER_LOCATION,
    }
    operations.append(Create(_LOCATION, data, (location_id,)))
    return call(operations, cancel=cancel)[-1]


def find(call: Call, component_id: str, cancel: Cancel | None = None) -> ComponentRows:
    """Return what the server has of a component.

    Raises:
        ServerError, TransportError: it cannot be asked.
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
    answers = call([component, location], cancel=cancel)
    return ComponentRows(*(_first(answer) for answer in answers))


def remove(call: Call, component_id: str, cancel: Cancel | None = None) -> str | None:
    """Delete a component; return why it may be there still, ``None`` when it is not."""
    try:
        call([Delete(_COMPONENT, (component_id,))], cancel=cancel)
    except ServerError as error:
        # Refused also because there is nothing to delete.
        if _is_gone(call, component_id, cancel):
            return None
        return str(error)
    except FtrackError as error:
        return reason_of(error)
    return None


def is_id(text: str) -> bool:
    """Return whether a text can be nothing but an id in an expression."""
    return _ID.fullmatch(text) is not None


def reason_of(error: BaseException) -> str:
    """Return what an error says, as the end of a sentence of ours."""
    return str(error).rstrip(".")


def _is_gone(call: Call, component_id: str, cancel: Cancel | None) -> bool:
    if not is_id(component_id):
        return False
    try:
        return find(call, component_id, cancel).component is None
    except FtrackError:
        return False


def _first(answer: Response[Any]) -> Response[Any] | None:
    return Response("create", answer.data[0]) if answer.data else None


def _metadata(component_id: str, answer: Any) -> UploadMetadata:
    """Return where the bytes go; the protocol's words checked (protocol 2.8)."""
    try:
        upload_id = answer.get("upload_id")
        url = answer.get("url")
        urls = tuple(
            (int(item["part_number"]), str(item["signed_url"]))
            for item in answer.get("urls") or ()
        )
        headers = {
            str(name): str(value)
            for name, value in (answer.get("headers") or {}).items()
        }
    except (AttributeError, KeyError, TypeError, ValueError):
        upload_id, url, urls, headers = None, None, (), {}
    if upload_id is None and url is None:
        raise ResponseFormatError(
            "The server did not say where the file goes, or not as the protocol has "
            "it. Check that it can keep files."
        )
    return UploadMetadata(component_id, url, headers, upload_id, urls)
