"""The shape of the JSON that commands of `migrate` and `studio` write.

A reader ignores members that it does not know, so a format may gain members; the ones
below stay while ``"format"`` is 1.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, NotRequired

from pydantic import Field, JsonValue, TypeAdapter
from typing_extensions import TypedDict

Count = Annotated[int, Field(ge=0)]
Run = Annotated[str, Field(pattern="^[0-9a-f]{10}$")]
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Time = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")]


# -- migrate plan ----------------------------------------------------------------------


class Sample(TypedDict):
    """A value that a plan replaces."""

    title: str
    before: JsonValue
    after: JsonValue


class Changes(TypedDict):
    """The changes of one kind."""

    sign: Literal["+", "~", "-"]
    subject: str
    verb: Literal["created", "set", "cleared", "deleted"]
    count: Count
    samples: list[Sample]


class Skipped(TypedDict):
    """An entity that the planning function left out."""

    type: str
    key: str
    title: str
    reason: str


class PlanDocument(TypedDict):
    """A plan, as `migrate plan` and `studio plan` describe it."""

    format: Literal[1]
    digest: Digest
    revision: str | None
    title: str
    server_url: str
    server_id: str | None
    api_user: str
    roles: list[str]
    read_at: Time
    parameters: JsonValue
    changes: Count
    irreversible: Count
    cascade: dict[str, Count]
    counts: list[Changes]
    names: dict[str, str]
    skipped: list[Skipped]
    risks: list[str]
    unaccepted_risks: list[str]
    units: Count
    operations: Count
    requests: Count
    seconds: float | None
    earlier_runs: NotRequired[list[Run]]
    repeated: NotRequired[Count]
    unknown_creates: NotRequired[dict[str, Count]]
    file: NotRequired[str | None]


class PlansDocument(TypedDict):
    """The document of `migrate plan`."""

    format: Literal[1]
    plans: list[PlanDocument]
    waiting: list[str]


# -- migrate status --------------------------------------------------------------------


class Progress(TypedDict):
    """The counts of a run."""

    upto: Count
    applied: Count
    already: Count
    conflicts: Count
    refused: Count


class RunDocument(Progress):
    """A run in the history."""

    run: Run
    state: Literal["applying", "running", "interrupted", "applied", "undone"]
    title: str
    revision: str | None
    digest: Digest
    user: str
    at: Time
    units: Count
    undo_of: list[Run]
    continues: Run | None


class RevisionDocument(TypedDict):
    """A revision in the history."""

    revision: str
    state: Literal["applying", "applied", "undoing", "undone"]
    user: str
    at: Time
    run: NotRequired[Run]
    title: NotRequired[str]


class LockDocument(TypedDict):
    """The lock of a server."""

    run: str
    user: str
    host: str
    pid: int
    owner: str
    at: Time


class StatusDocument(TypedDict):
    """The document of `migrate status`."""

    format: Literal[1]
    server_id: str | None
    probes: dict[str, bool] | None
    lock: LockDocument | None
    runs: list[RunDocument]
    revisions: list[RevisionDocument]
    pending: list[str]
    changed: list[str]


# -- migrate apply ---------------------------------------------------------------------


class BeginEvent(TypedDict):
    """The first line of a run."""

    event: Literal["begin"]
    run: Run
    title: str
    revision: str | None
    digest: Digest
    total: Count
    upto: Count


class ChunkEvent(Progress):
    """A request that was applied."""

    event: Literal["chunk"]
    run: Run
    number: Count
    total: Count
    operations: Count
    seconds: float


class ConflictEvent(TypedDict):
    """A change whose row has another value than the plan."""

    event: Literal["conflict"]
    run: Run
    unit: Count
    title: str
    change: list[Any]
    current: JsonValue
    text: str


class EndEvent(Progress):
    """The last line of a run that has ended."""

    event: Literal["end"]
    run: Run
    requests: NotRequired[Count]
    seconds: NotRequired[float]


class ErrorEvent(TypedDict):
    """A unit that the server refused, or the reason why a run stopped."""

    event: Literal["error"]
    run: Run | None
    text: str
    exit_code: NotRequired[int]
    unit: NotRequired[Count]
    title: NotRequired[str]


RunEvent = Annotated[
    BeginEvent | ChunkEvent | ConflictEvent | EndEvent | ErrorEvent,
    Field(discriminator="event"),
]


# -- studio diff -----------------------------------------------------------------------


class SettingDocument(TypedDict):
    """A setting of an object that differs."""

    setting: str
    server: JsonValue
    file: JsonValue


class DifferenceDocument(TypedDict):
    """An object that differs."""

    action: Literal["create", "update", "unlisted"]
    kind: str
    key: list[JsonValue]
    origin: Literal["file", "server", "both"]
    changes: list[SettingDocument]


class FindingDocument(TypedDict):
    """A finding about differences."""

    code: Annotated[str, Field(pattern=r"^FM\d{3}$")]
    severity: str
    message: str


class DiffDocument(TypedDict):
    """The document of `studio diff` and `studio check`."""

    format: Literal[1]
    differences: list[DifferenceDocument]
    problems: list[str]
    findings: list[FindingDocument]


PLANS: Final = TypeAdapter(PlansDocument)
PLAN: Final = TypeAdapter(PlanDocument)
STATUS: Final = TypeAdapter(StatusDocument)
DIFF: Final = TypeAdapter(DiffDocument)
EVENT: Final[TypeAdapter[RunEvent]] = TypeAdapter(RunEvent)


def read_document(adapter: TypeAdapter[Any], text: str) -> Any:
    """Return a document; values of another type than the declared one are refused."""
    return adapter.validate_json(text, strict=True)


def read_events(text: str) -> list[Any]:
    """Return the events of a run, a line each."""
    return [read_document(EVENT, line) for line in text.splitlines()]
