"""The operations of the protocol and their results, as frozen values.

Each operation names its wire action in `action` and carries server spellings.
`entity_data` maps server attribute names to Python values: scalars, aware
datetimes, `Reference`, lists of `Reference`, ``None``. Operations never hold
entities, so they can be planned, printed and compared with no session.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeAlias, TypeVar

from ftrack_orm.types import EntityKey

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Query:
    """Ask for entities by expression text (protocol 2.1)."""

    action: ClassVar[str] = "query"
    expression: str


@dataclass(frozen=True, slots=True)
class Search:
    """Ask for entities by terms (protocol 2.2)."""

    action: ClassVar[str] = "search"
    expression: str
    entity_type: str
    terms: tuple[str, ...]
    context_id: str | None = None
    object_type_ids: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Create:
    """Create one entity (protocol 2.3); without a key the server makes one."""

    action: ClassVar[str] = "create"
    entity_type: str
    entity_data: Mapping[str, Any]
    entity_key: EntityKey | None = None


@dataclass(frozen=True, slots=True)
class Update:
    """Change attributes of one entity (protocol 2.4)."""

    action: ClassVar[str] = "update"
    entity_type: str
    entity_key: EntityKey
    entity_data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Delete:
    """Delete one entity (protocol 2.5)."""

    action: ClassVar[str] = "delete"
    entity_type: str
    entity_key: EntityKey


@dataclass(frozen=True, slots=True)
class QueryServerInformation:
    """Ask what the server is; only `values` when given (protocol 2.6)."""

    action: ClassVar[str] = "query_server_information"
    values: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class QuerySchemas:
    """Ask for the schema of every type (protocol 2.7)."""

    action: ClassVar[str] = "query_schemas"


Operation: TypeAlias = (
    Query | Search | Create | Update | Delete | QueryServerInformation | QuerySchemas
)
"""One operation of a batch."""

AnyOperation: TypeAlias = Operation | Mapping[str, Any]
"""An operation, or a plain mapping sent as it is."""


@dataclass(frozen=True, slots=True)
class NextPage:
    """Where the next page begins: an absolute row offset, ``None`` at the end."""

    offset: int | None = None


@dataclass(frozen=True, slots=True)
class ResponseMetadata:
    """What a reply says beside its data."""

    next: NextPage = field(default_factory=NextPage)


@dataclass(frozen=True, slots=True)
class Response(Generic[T_co]):
    """The result of one operation.

    Attributes:
        action: the operation's action.
        data: its result, decoded.
        metadata: paging, for queries.
    """

    action: str
    data: T_co
    metadata: ResponseMetadata = field(default_factory=ResponseMetadata)


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
