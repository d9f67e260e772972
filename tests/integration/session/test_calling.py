"""`call`: every option it takes, over real HTTP; and what encodes like it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ftrack_models import Task
from ftrack_orm import (
    AnyOperation,
    InvalidSettingError,
    Reference,
    RequestCancelledError,
    RequestTimeoutError,
    ServerError,
    Session,
    WrongAddressError,
)
from ftrack_orm.emulator import Emulator
from ftrack_orm.operations import (
    CompleteMultipartUpload,
    Create,
    DelayedJob,
    Delete,
    EncodeMedia,
    GenerateSignedUrl,
    GetUploadMetadata,
    GetWidgetUrl,
    Query,
    ResetRemote,
    Search,
    SendReviewSessionInvite,
    SendUserInvite,
    Update,
    UploadedPart,
)
from tests.support.demo_production import a_shot, a_task
from tests.support.emulator_records import existing_row, written


def result_of(operation: dict[str, Any]) -> dict[str, Any]:
    """Return the result of an operation (protocol 2.1, 2.3)."""
    data: Any = []
    if operation["action"] == "create":
        [key] = operation["entity_key"]
        data = {"__entity_type__": operation["entity_type"], "id": key}
    return {"action": operation["action"], "data": data}


class Listening:
    """An HTTP server that answers queries with no rows, and creates with the entity."""

    def __init__(self) -> None:
        received: list[tuple[dict[str, str], bytes]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                names = {name.lower(): value for name, value in self.headers.items()}
                received.append((names, body))
                results = [result_of(operation) for operation in json.loads(body)]
                answer = json.dumps(results).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self.received = received
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def listening() -> Iterator[Listening]:
    server = Listening()
    yield server
    server.stop()


def test_headers_of_the_session_and_of_the_call_arrive(listening: Listening) -> None:
    with Session(
        listening.url,
        "anna",
        "secret-key",
        client_token="my-tool",
        additional_headers={"x-studio": "one", "x-both": "session"},
        strict_api=True,
        check_schema="ignore",
    ) as session:
        session.call(
            [Query("Task")],
            push_token="push-1",
            additional_headers={"x-both": "call", "x-call": "yes"},
        )
        session.call([Query("Task")])

    first, second = (headers for headers, _ in listening.received)
    expected = {
        "ftrack-user": "anna",
        "ftrack-api-key": "secret-key",
        "ftrack-clienttoken": "my-tool",
        "ftrack-strict-api": "true",
        "x-studio": "one",
    }
    assert expected.items() <= first.items()
    assert expected.items() <= second.items()
    assert (first["x-both"], first["x-call"]) == ("call", "yes")
    assert first["ftrack-pushtoken"] == "push-1"
    assert second["x-both"] == "session"
    assert not {"ftrack-pushtoken", "x-call"} & second.keys()


def test_the_endpoint_can_be_another(emulator: Emulator) -> None:
    with (
        Session(
            **emulator.start().credentials, api_endpoint="/nowhere", retry=None
        ) as session,
        pytest.raises(WrongAddressError, match="404"),
    ):
        session.query("Task")


def test_encode_operations_is_the_text_that_call_sends(listening: Listening) -> None:
    operations: list[AnyOperation] = [
        Query('select name from Task where name is "é"'),
        Create("Task", {"name": "x", "parent": Reference("Shot", ("s1",))}, ("t1",)),
        {"action": "parse_query", "expression": "Task"},
    ]
    with Session(listening.url, "anna", "key", check_schema="ignore") as session:
        text = session.encode_operations(operations)
        session.call(operations)

    [(_, body)] = listening.received
    assert text == body.decode("utf-8")
    assert json.loads(text)[1]["entity_data"]["parent"] == {
        "__entity_type__": "Shot",
        "id": "s1",
    }


# Each as protocol 2 shows it.
WIRE: list[tuple[Any, Mapping[str, Any]]] = [
    (
        Search("Task", "Task", ("anim", "010"), None, ("11c1",)),
        {
            "action": "search",
            "expression": "Task",
            "entity_type": "Task",
            "terms": ["anim", "010"],
            "context_id": None,
            "object_type_ids": ["11c1"],
        },
    ),
    (
        GetUploadMetadata("78e3", "data.json", 13, "rL0Y20zC+Fzt72VPzMSk2A=="),
        {
            "action": "get_upload_metadata",
            "component_id": "78e3",
            "file_name": "data.json",
            "file_size": 13,
            "checksum": "rL0Y20zC+Fzt72VPzMSk2A==",
        },
    ),
    (
        GetUploadMetadata("78e3", parts=12),
        {"action": "get_upload_metadata", "component_id": "78e3", "parts": 12},
    ),
    (
        CompleteMultipartUpload("u-1", "78e3", (UploadedPart(1, "9bb5"),)),
        {
            "action": "complete_multipart_upload",
            "upload_id": "u-1",
            "component_id": "78e3",
            "parts": [{"part_number": 1, "e_tag": "9bb5"}],
        },
    ),
    (
        ResetRemote("api_key", "User", "u1"),
        {
            "action": "reset_remote",
            "reset_type": "api_key",
            "entity_type": "User",
            "entity_key": "u1",
        },
    ),
    (
        EncodeMedia("78e3", None, True),
        {
            "action": "encode_media",
            "component_id": "78e3",
            "version_id": None,
            "keep_original": True,
        },
    ),
    (
        DelayedJob("DELETE", {"entity_type": "Project", "entity_key": "a1"}),
        {
            "action": "delayed_job",
            "job_type": "DELETE",
            "data": {"entity_type": "Project", "entity_key": "a1"},
        },
    ),
    (
        DelayedJob("SYNC_USERS_LDAP"),
        {"action": "delayed_job", "job_type": "SYNC_USERS_LDAP"},
    ),
    (SendUserInvite("u1"), {"action": "send_user_invite", "user_id": "u1"}),
    (
        SendReviewSessionInvite("ri1"),
        {"action": "send_review_session_invite", "review_session_invitee_id": "ri1"},
    ),
    (
        GetWidgetUrl("info", "dark", "Task", ("5f",)),
        {
            "action": "get_widget_url",
            "name": "info",
            "theme": "dark",
            "entity_type": "Task",
            "entity_key": ["5f"],
        },
    ),
    (
        GetWidgetUrl("tasks"),
        {"action": "get_widget_url", "name": "tasks", "theme": None},
    ),
    (
        GenerateSignedUrl("78e3"),
        {"action": "generate_signed_url", "component_id": "78e3"},
    ),
]


@pytest.mark.parametrize(
    ("operation", "expected"), WIRE, ids=lambda value: type(value).__name__
)
def test_every_operation_is_written_as_the_protocol_shows_it(
    over_http: Session, operation: Any, expected: Mapping[str, Any]
) -> None:
    assert json.loads(over_http.encode_operations([operation])) == [expected]


def test_later_operations_see_earlier_ones(
    emulator: Emulator, over_http: Session
) -> None:
    shot = a_shot(over_http)

    responses = over_http.call(
        [
            Create(
                "Task", {"id": "t-1", "name": "dust", "parent_id": shot.id}, ("t-1",)
            ),
            Query("select name from Task where id is 't-1'"),
            Update("Task", ("t-1",), {"name": "dust2"}),
            Query("select name from Task where name is 'dust2'"),
            Delete("Task", ("t-1",)),
            Query("select name from Task where id is 't-1'"),
        ]
    )

    assert [len(responses[place].data) for place in (1, 3, 5)] == [1, 1, 0]
    assert responses[4].data is True


def test_an_unknown_action_is_sent_as_it_is_and_refused_in_the_servers_words(
    emulator: Emulator, over_http: Session
) -> None:
    with pytest.raises(ServerError, match="Invalid action u'frobnicate'"):
        over_http.call([{"action": "frobnicate", "how": [1, {"a": None}]}])

    assert emulator.call_log.operations == [
        {"action": "frobnicate", "how": [1, {"a": None}]}
    ]


def test_a_timeout_of_the_call_wins_over_the_sessions(
    emulator: Emulator, over_http: Session
) -> None:
    emulator.faults.delay(1.0)

    with pytest.raises(RequestTimeoutError) as raised:
        over_http.call([Query("select id from Status")], timeout=0.1)

    assert raised.value.seconds == 0.1


def test_a_cancelled_call_does_not_wait(emulator: Emulator, over_http: Session) -> None:
    cancel = threading.Event()
    emulator.faults.delay(3.0)
    threading.Timer(0.2, cancel.set).start()
    began = time.monotonic()

    with pytest.raises(RequestCancelledError) as raised:
        over_http.call([Query("select id from Status")], cancel=cancel)

    assert time.monotonic() - began < 1.2
    assert not raised.value.may_be_applied
    assert over_http.query("select id from Status").data, "the session still works"


def test_a_cancelled_write_says_that_it_may_be_applied(
    emulator: Emulator, over_http: Session
) -> None:
    task = a_task(over_http)
    cancel = threading.Event()
    emulator.faults.delay(3.0)
    threading.Timer(0.2, cancel.set).start()

    with pytest.raises(RequestCancelledError) as raised:
        over_http.call([Update("Task", (task.id,), {"name": "x"})], cancel=cancel)

    assert raised.value.may_be_applied
    assert written(emulator) == [("update", "Task")], "it is not settled or repeated"


def test_a_call_cancelled_beforehand_sends_nothing(
    emulator: Emulator, over_http: Session
) -> None:
    cancel = threading.Event()
    cancel.set()

    with emulator.expect_calls(0), pytest.raises(RequestCancelledError) as raised:
        over_http.call([Delete("Task", ("x",))], cancel=cancel)

    assert not raised.value.may_be_applied


def test_a_call_that_nobody_cancels_answers_as_ever(
    emulator: Emulator, over_http: Session
) -> None:
    task = a_task(over_http)
    responses = over_http.call(
        [Update("Task", (task.id,), {"name": "x"})], cancel=threading.Event()
    )

    assert responses[0].data is task
    row = existing_row(emulator, "Task", task.id)
    assert row["name"] == "x"


def test_a_wait_for_another_attempt_can_be_cancelled(emulator: Emulator) -> None:
    cancel = threading.Event()
    emulator.start()
    emulator.faults.status(503, retry_after="20")
    threading.Timer(0.2, cancel.set).start()
    began = time.monotonic()

    with (
        Session(**emulator.credentials, check_schema="ignore") as session,
        pytest.raises(RequestCancelledError) as raised,
    ):
        session.call([Query("select id from Status")], cancel=cancel)

    assert time.monotonic() - began < 1.2
    assert not raised.value.may_be_applied


def test_an_event_hub_is_not_promised() -> None:
    with pytest.raises(InvalidSettingError, match="auto_connect_event_hub"):
        Session("https://studio.example", "anna", "key", auto_connect_event_hub=True)


def test_what_the_first_request_asks_for_is_the_callers_choice(
    emulator: Emulator,
) -> None:
    with Session(
        **emulator.start().credentials, server_information_values=["version"]
    ) as session:
        session.select(Task).first()
        with emulator.expect_calls(0):
            information = session.server_information

    asked = emulator.calls[0].operations[1]
    assert asked["action"] == "query_server_information"
    assert asked["values"] == ["version", "schema_hash"]
    assert information["version"]


def test_what_the_server_is_can_be_asked_for(
    emulator: Emulator, over_http: Session
) -> None:
    assert over_http.get_server_information(["version"]).keys() == {"version"}
    assert {"version", "schema_hash"} <= over_http.get_server_information().keys()

    with emulator.expect_calls(1):
        assert over_http.server_information["is_timezone_support_enabled"] is True
        assert over_http.server_information["version"]
