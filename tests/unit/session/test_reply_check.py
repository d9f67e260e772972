"""Replies are taken only when each result fits its operation (protocol 2)."""

from __future__ import annotations

from collections.abc import Sequence
from cProfile import Profile
from enum import Enum
from pstats import Stats
from typing import Any, ClassVar

import pytest

from ftrack_orm import ReplyMismatchError, ResponseFormatError, ResponseLengthError
from ftrack_orm.operations import (
    AnyOperation,
    CompleteMultipartUpload,
    Create,
    DelayedJob,
    Delete,
    EncodeMedia,
    GenerateSignedUrl,
    GetUploadMetadata,
    GetWidgetUrl,
    Query,
    QuerySchemas,
    QueryServerInformation,
    ResetRemote,
    Search,
    SendReviewSessionInvite,
    SendUserInvite,
    Update,
)
from ftrack_orm.session.reply_check import check_results

URL = "https://studio.example"


class Types:
    """A few types of contexts, a status, and metadata with a key of two parts."""

    bases: ClassVar = {
        "Task": "TypedContext",
        "Shot": "TypedContext",
        "TypedContext": "Context",
    }
    keys: ClassVar[dict[str, tuple[str, ...]]] = {
        "Context": ("id",),
        "Metadata": ("parent_id", "key"),
        "Shot": ("id",),
        "Status": ("id",),
        "Task": ("id",),
        "TypedContext": ("id",),
    }

    def primary_key(self, entity_type: str) -> tuple[str, ...] | None:
        return self.keys.get(entity_type)

    def is_related(self, entity_type: str, other: str) -> bool:
        if not {entity_type, other} <= self.keys.keys():
            return True
        return other in self.line(entity_type) or entity_type in self.line(other)

    def line(self, entity_type: str) -> list[str]:
        line = [entity_type]
        while line[-1] in self.bases:
            line.append(self.bases[line[-1]])
        return line


class Colour(str, Enum):  # noqa: UP042 # StrEnum would hide its text
    RED = "red"


def check(operations: Sequence[AnyOperation], results: Sequence[Any]) -> None:
    check_results(operations, results, URL, Types())


def entity(entity_type: str, **data: Any) -> dict[str, Any]:
    return {"__entity_type__": entity_type, **data}


def result(action: str, data: Any, **more: Any) -> dict[str, Any]:
    return {"action": action, "data": data, **more}


def paged(offset: Any) -> dict[str, Any]:
    return {"metadata": {"next": {"offset": offset}}}


TASK = entity("Task", id="t1", name="anim")
METADATA = entity("Metadata", parent_id="t1", key="source")
CREATE = Create("Task", {"name": "anim"}, ("t1",))
UPDATE = Update("Task", ("t1",), {"name": "anim"})

FITTING: list[tuple[AnyOperation, Any]] = [
    (Query("Task"), result("query", [])),
    (Query("Task"), result("query", [TASK])),
    (Query("Task"), result("query", [TASK], metadata=None)),
    (Query("Task"), result("query", [TASK], metadata={})),
    (Query("Task"), result("query", [TASK], metadata={"next": {}})),
    (Query("Task"), result("query", [TASK], **paged(None))),
    (Query("Task limit 1"), result("query", [TASK], **paged(1))),
    (Query("Task offset 500 limit 500"), result("query", [TASK], **paged(1000))),
    (Query('Task where name is "offset 9"'), result("query", [TASK], **paged(1))),
    (Query("TypedContext"), result("query", [TASK, entity("Shot", id="s1")])),
    (Query("Context"), result("query", [TASK, entity("Project", id="p1")])),
    (Query("select name\nfrom Task where x"), result("query", [TASK])),
    (Query("Episode"), result("query", [entity("Episode", code=7)])),
    (Query("TypedContext"), result("query", [entity("Episode", id="e1")])),
    (Query("Event"), result("query", [entity("Event", id=12)])),
    (
        Query("select count(id) from Task group by project_id"),
        result("query", [{"count_id": 2, "project_id": "p1"}]),
    ),
    (Query("select max(bid) from Task"), result("query", [{"max_bid": None}])),
    (Search("", "Task", ("anim",)), result("search", [TASK])),
    (CREATE, result("create", TASK)),
    (Create("Task", {"name": "anim"}), result("create", TASK)),
    (Create("TypedContext", {}, ("s1",)), result("create", entity("Shot", id="s1"))),
    (Create("Metadata", {}, ("t1", "source")), result("create", METADATA)),
    (Create("Episode", {}, ("e1",)), result("create", entity("Episode", code=7))),
    (UPDATE, result("update", TASK)),
    (Update("Context", ("t1",), {}), result("update", TASK)),
    (Update("Event", (12,), {}), result("update", entity("Event", id=12))),
    (
        Update("Metadata", ("t1", "red"), {"key": "source"}),
        result("update", METADATA),
    ),
    (
        Update("Metadata", ("t1", Colour.RED), {"value": "x"}),
        result("update", entity("Metadata", parent_id="t1", key="red")),
    ),
    (Delete("Task", ("t1",)), result("delete", True)),
    (QueryServerInformation(), {"version": "4.13"}),
    (QueryServerInformation(("schema_hash",)), {}),
    (QuerySchemas(), [{"id": "Task"}]),
    (GetUploadMetadata("c1"), {"component_id": "c1", "url": "https://store"}),
    (
        CompleteMultipartUpload("u1", "c1", ()),
        {"action": "complete_multipart_upload", "component_id": "c1", "url": "x"},
    ),
    (ResetRemote("api_key", "User", "u1"), result("reset_remote", {"api_key": "x"})),
    (EncodeMedia("c1"), {"job_id": "j1"}),
    (DelayedJob("x"), result("delayed_job", entity("Job", id="j1"))),
    (SendUserInvite("u1"), {"sent": True}),
    (SendReviewSessionInvite("r1"), {"sent": True}),
    (GetWidgetUrl("info"), {"widget_url": "https://x"}),
    (GenerateSignedUrl("c1"), {"signed_url": "https://x"}),
    ({"action": "query", "expression": "Task"}, result("query", [TASK])),
    (
        {"action": "update", "entity_type": "Task", "entity_key": "t1"},
        result("update", TASK),
    ),
    (
        {"action": "delete", "entity_type": "Task", "entity_key": ["t1"]},
        result("delete", True),
    ),
    ({"action": "permissions"}, {"data": {}}),
    ({"action": "configure_totp"}, None),
]


@pytest.mark.parametrize(("operation", "fitting"), FITTING)
def test_a_result_of_the_protocols_form_is_taken(
    operation: AnyOperation, fitting: Any
) -> None:
    check([operation], [fitting])


UNFITTING: list[tuple[AnyOperation, Any]] = [
    (Query("Task"), None),
    (Query("Task"), 1),
    (Query("Task"), "x"),
    (Query("Task"), [TASK]),
    (Query("Task"), {}),
    (Query("Task"), {"action": "query"}),
    (Query("Task"), {"data": [TASK]}),
    (Query("Task"), result("search", [TASK])),
    (Query("Task"), result("query", None)),
    (Query("Task"), result("query", TASK)),
    (Query("Task"), result("query", [None])),
    (Query("Task"), result("query", [1])),
    (Query("Task"), result("query", ["x"])),
    (Query("Task"), result("query", [[]])),
    (Query("Task"), result("query", [{"id": "t1"}])),
    (Query("Task"), result("query", [{"__entity_type__": 5, "id": "t1"}])),
    (Query("Task"), result("query", [{"__entity_type__": [], "id": "t1"}])),
    (Query("Task"), result("query", [TASK, entity("Status", id="s1")])),
    (Query("select name from Task"), result("query", [entity("Shot", id="s1")])),
    (Query("Task offset 500 limit 500"), result("query", [TASK], **paged(500))),
    (Query("Task limit 5 "), result("query", [TASK], **paged(0))),
    (Query("Task"), result("query", [TASK], **paged("500"))),
    (Query("Task"), result("query", [TASK], **paged(1.5))),
    (Query("Task"), result("query", [TASK], **paged(True))),
    (Query("Task"), result("query", [TASK], **paged(-1))),
    (Query("Task"), result("query", [TASK], metadata=[1])),
    (Query("Task"), result("query", [TASK], metadata={"next": 5})),
    (Query("select count(id) from Task group by name"), result("query", [1])),
    (Search("", "Task", ()), result("query", [TASK])),
    (Search("", "Task", ()), result("search", [entity("Status", id="s1")])),
    (CREATE, result("query", [TASK])),
    (CREATE, result("update", TASK)),
    (CREATE, result("create", None)),
    (CREATE, result("create", [TASK])),
    (CREATE, result("create", True)),
    (CREATE, result("create", entity("Task", id="t2"))),
    (CREATE, result("create", entity("Shot", id="t1"))),
    (Create("Task", {"id": "t1"}), result("create", entity("Task", id="t2"))),
    (Create("Episode", {}, ("e1",)), result("create", entity("Episode", id="e2"))),
    (UPDATE, result("create", TASK)),
    (UPDATE, result("update", entity("Task", id="t2"))),
    (UPDATE, result("update", entity("Status", id="t1"))),
    (Update("Metadata", ("t1", "a"), {}), result("update", METADATA)),
    (Delete("Task", ("t1",)), result("delete", False)),
    (Delete("Task", ("t1",)), result("delete", None)),
    (Delete("Task", ("t1",)), result("delete", 1)),
    (Delete("Task", ("t1",)), result("query", [])),
    (Delete("Task", ("t1",)), {"data": True}),
    (QueryServerInformation(), {}),
    (QueryServerInformation(), [{"version": "4"}]),
    (QueryServerInformation(("schema_hash",)), result("query", [])),
    (QuerySchemas(), {"id": "Task"}),
    (QuerySchemas(), ["Task"]),
    (GetUploadMetadata("c1"), {"component_id": "c2"}),
    (GetUploadMetadata("c1"), {"url": "https://store"}),
    (GetUploadMetadata("c1"), result("query", [])),
    (CompleteMultipartUpload("u1", "c1", ()), {"component_id": "c2"}),
    (ResetRemote("api_key", "User", "u1"), {"api_key": "x"}),
    (EncodeMedia("c1"), {"sent": True}),
    (SendUserInvite("u1"), {"job_id": "j1"}),
    (GetWidgetUrl("info"), None),
    (GenerateSignedUrl("c1"), {"action": "query", "signed_url": "x"}),
    ({"action": "query", "expression": "Task"}, result("update", TASK)),
    ({"action": "delete", "entity_type": "Task", "entity_key": "t1"}, {}),
    (
        {"action": "update", "entity_type": "Task", "entity_key": "t1"},
        result("update", entity("Task", id="t2")),
    ),
    ({"action": "permissions"}, result("query", [])),
]


@pytest.mark.parametrize(("operation", "unfitting"), UNFITTING)
def test_a_result_of_another_form_is_refused(
    operation: AnyOperation, unfitting: Any
) -> None:
    with pytest.raises(ReplyMismatchError) as raised:
        check([operation], [unfitting])

    assert isinstance(raised.value, ResponseFormatError)
    assert raised.value.place == 0


KEYLESS: list[tuple[AnyOperation, Any]] = [
    (Query("Task"), result("query", [entity("Task")])),
    (Query("Task"), result("query", [entity("Task", id=None)])),
    (Query("Task"), result("query", [entity("Task", id=True)])),
    (Query("Task"), result("query", [entity("Task", id=["t1"])])),
    (Query("Episode"), result("query", [entity("Task")])),
    (Query("TypedContext"), result("query", [TASK, entity("Shot")])),
    (Query("Metadata"), result("query", [entity("Metadata", parent_id="t1")])),
    (CREATE, result("create", entity("Task", name="anim"))),
    (Create("Task", {"name": "a"}), result("create", entity("Task", name="anim"))),
]


@pytest.mark.parametrize(("operation", "keyless"), KEYLESS)
def test_an_entity_without_its_key_is_a_format_error(
    operation: AnyOperation, keyless: Any
) -> None:
    with pytest.raises(ResponseFormatError, match="with their key") as raised:
        check([operation], [keyless])

    assert not isinstance(raised.value, ReplyMismatchError)


def test_the_error_names_server_place_action_and_difference() -> None:
    with pytest.raises(ReplyMismatchError) as raised:
        check([CREATE, UPDATE], [result("create", TASK), result("query", [TASK])])

    error = raised.value
    assert (error.server_url, error.place, error.action) == (URL, 1, "update")
    assert error.expected == "the action 'update'"
    assert error.received == "another one"
    assert "operation 2 of the batch, 'update'" in str(error)


def test_the_error_quotes_nothing_of_the_reply() -> None:
    with pytest.raises(ReplyMismatchError) as raised:
        check([CREATE], [result("create", entity("hush", id="hush"))])

    assert "hush" not in str(raised.value)


def test_another_number_of_results_is_refused() -> None:
    with pytest.raises(ResponseLengthError):
        check([UPDATE, UPDATE], [result("update", TASK)])


def test_many_rows_are_checked_without_a_call_for_each() -> None:
    rows = [entity("Task", id=f"t{number}") for number in range(10_000)]
    profile = Profile()
    profile.enable()
    check([Query("Task")], [result("query", rows)])
    profile.disable()

    calls: int = Stats(profile).total_calls  # type: ignore[attr-defined] # no stub
    assert calls < 1_000
    rows[-1] = entity("Status", id="s1")
    with pytest.raises(ReplyMismatchError):
        check([Query("Task")], [result("query", rows)])
