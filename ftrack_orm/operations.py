"""The operations of the protocol and their results, as frozen values.

Each operation names its wire action in `action`; its fields have the server's names.
`entity_data` maps server attribute names to Python values: scalars, aware datetimes,
`Reference`, lists of `Reference`, ``None``. Operations never hold entities, so they can
be planned, printed and compared without a session.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NoReturn, TypeAlias, TypeVar

from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.types import EntityKey, KeyValue

T_co = TypeVar("T_co", covariant=True)


@lazy_dataclass(frozen=True, slots=True)
class Query:
    """Query entities by an expression (protocol 2.1)."""

    action: ClassVar[str] = "query"
    expression: str


@lazy_dataclass(frozen=True, slots=True)
class Search:
    """Search entities by terms (protocol 2.2)."""

    action: ClassVar[str] = "search"
    expression: str
    entity_type: str
    terms: tuple[str, ...]
    context_id: str | None = None
    object_type_ids: tuple[str, ...] | None = None


@lazy_dataclass(frozen=True, slots=True)
class Create:
    """Create one entity (protocol 2.3); without a key the server generates one."""

    action: ClassVar[str] = "create"
    entity_type: str
    entity_data: Mapping[str, Any]
    entity_key: EntityKey | None = None


@lazy_dataclass(frozen=True, slots=True)
class Update:
    """Change attributes of one entity (protocol 2.4)."""

    action: ClassVar[str] = "update"
    entity_type: str
    entity_key: EntityKey
    entity_data: Mapping[str, Any]


@lazy_dataclass(frozen=True, slots=True)
class Delete:
    """Delete one entity (protocol 2.5)."""

    action: ClassVar[str] = "delete"
    entity_type: str
    entity_key: EntityKey


@lazy_dataclass(frozen=True, slots=True)
class QueryServerInformation:
    """Query the server's information, or only its `values` (protocol 2.6)."""

    action: ClassVar[str] = "query_server_information"
    values: tuple[str, ...] | None = None


@lazy_dataclass(frozen=True, slots=True)
class QuerySchemas:
    """Query the schema of every type (protocol 2.7)."""

    action: ClassVar[str] = "query_schemas"


@lazy_dataclass(frozen=True, slots=True)
class GetUploadMetadata:
    """Query the addresses for the bytes of a component (protocol 2.8).

    Attributes:
        component_id: the component; an earlier operation of the batch may create it.
        file_name: name with extension; required if the component does not exist yet.
        file_size: bytes; required if the component does not exist yet.
        checksum: base64 of the MD5 of the file, for a single part.
        parts: number of parts, or ``None`` for a single one.
    """

    action: ClassVar[str] = "get_upload_metadata"
    omitted: ClassVar[frozenset[str]] = frozenset(
        {"file_name", "file_size", "checksum", "parts"}
    )
    component_id: str
    file_name: str | None = None
    file_size: int | None = None
    checksum: str | None = None
    parts: int | None = None


@lazy_dataclass(frozen=True, slots=True)
class UploadedPart:
    """A part that the storage has: its number, from 1, and its entity tag."""

    part_number: int
    e_tag: str


@lazy_dataclass(frozen=True, slots=True)
class CompleteMultipartUpload:
    """Combine the parts of an upload into one file (protocol 2.9)."""

    action: ClassVar[str] = "complete_multipart_upload"
    upload_id: str
    component_id: str
    parts: tuple[UploadedPart, ...]


@lazy_dataclass(frozen=True, slots=True)
class ResetRemote:
    """Generate a new value of an attribute, such as an API key (protocol 2.10)."""

    action: ClassVar[str] = "reset_remote"
    reset_type: str
    entity_type: str
    entity_key: KeyValue


@lazy_dataclass(frozen=True, slots=True)
class EncodeMedia:
    """Encode a component for review (protocol 2.11)."""

    action: ClassVar[str] = "encode_media"
    component_id: str
    version_id: str | None = None
    keep_original: bool = True


@lazy_dataclass(frozen=True, slots=True)
class DelayedJob:
    """Schedule a job on the server (protocol 2.12)."""

    action: ClassVar[str] = "delayed_job"
    omitted: ClassVar[frozenset[str]] = frozenset({"data"})
    job_type: str
    data: Mapping[str, Any] | None = None


@lazy_dataclass(frozen=True, slots=True)
class SendUserInvite:
    """Invite a user by mail (protocol 2.13)."""

    action: ClassVar[str] = "send_user_invite"
    user_id: str


@lazy_dataclass(frozen=True, slots=True)
class SendReviewSessionInvite:
    """Invite a guest to a review session by mail (protocol 2.13)."""

    action: ClassVar[str] = "send_review_session_invite"
    review_session_invitee_id: str


@lazy_dataclass(frozen=True, slots=True)
class GetWidgetUrl:
    """Query the address of a widget of the web interface (protocol 2.14)."""

    action: ClassVar[str] = "get_widget_url"
    omitted: ClassVar[frozenset[str]] = frozenset({"entity_type", "entity_key"})
    name: str
    theme: str | None = None
    entity_type: str | None = None
    entity_key: EntityKey | None = None


@lazy_dataclass(frozen=True, slots=True)
class GenerateSignedUrl:
    """Query an address of a component's file without the API key (protocol 2.15)."""

    action: ClassVar[str] = "generate_signed_url"
    component_id: str


HelperOperation: TypeAlias = (
    Search
    | GetUploadMetadata
    | CompleteMultipartUpload
    | ResetRemote
    | EncodeMedia
    | DelayedJob
    | SendUserInvite
    | SendReviewSessionInvite
    | GetWidgetUrl
    | GenerateSignedUrl
)
"""An operation whose fields are its arguments on the wire."""

Operation: TypeAlias = (
    Query
    | Create
    | Update
    | Delete
    | QueryServerInformation
    | QuerySchemas
    | HelperOperation
)
"""One operation of a batch."""

WriteOperation: TypeAlias = Create | Update | Delete
"""An operation of a commit."""

AnyOperation: TypeAlias = Operation | Mapping[str, Any]
"""An operation, or a plain mapping that holds the action and its arguments."""


@lazy_dataclass(frozen=True, slots=True)
class NextPage:
    """The absolute row offset of the next page, ``None`` on the last page."""

    offset: int | None = None


@lazy_dataclass(frozen=True, slots=True)
class ResponseMetadata:
    """The members of a result other than its data."""

    next: NextPage = field(default_factory=NextPage)


@lazy_dataclass(frozen=True, slots=True)
class Response(Generic[T_co]):
    """The result of one operation.

    Attributes:
        action: the operation's action.
        data: its decoded result.
        metadata: the next page, for queries.
    """

    action: str
    data: T_co
    metadata: ResponseMetadata = field(default_factory=ResponseMetadata)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            if name.startswith("_"):
                raise AttributeError(name)
            raise AttributeError(
                f"A Response has no attribute {name!r}. Its result is response.data; "
                "session.select(Task) has first(), one() and all()."
            )

        def __getitem__(self, index: object) -> NoReturn:
            raise TypeError("A Response is no list. Its result is response.data.")


@lazy_dataclass(frozen=True, slots=True)
class UploadMetadata:
    """The addresses for the bytes of a component (protocol 2.8).

    The addresses grant write access to anyone, so no `repr` shows them.

    Attributes:
        component_id: the component.
        url: the address for the whole file, or ``None`` for an upload in parts.
        headers: the exact headers to send with the whole file.
        upload_id: the server's id of an upload in parts, or ``None``.
        urls: the number of each part, from 1, and its address.
    """

    component_id: str
    url: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    upload_id: str | None = None
    urls: tuple[tuple[int, str], ...] = field(default=(), repr=False)


def describe(operations: Sequence[AnyOperation]) -> str:
    """Return the actions of `operations`, for logs: ``2 update, 1 query``."""
    counts: dict[str, int] = {}
    for operation in operations:
        action = (
            str(operation.get("action"))
            if isinstance(operation, Mapping)
            else operation.action
        )
        counts[action] = counts.get(action, 0) + 1
    return ", ".join(f"{count} {action}" for action, count in counts.items())
