"""The emulator over HTTP: protocol 1.1 to 1.4 and appendix C, items 1 and 13."""

from __future__ import annotations

import json
import socket
import time
from typing import Any

import httpx
import pytest

from ftrack_orm import EmulatorError
from ftrack_orm.emulator import Emulator
from tests.support.schemas import recorded

QUERY = [{"action": "query", "expression": "select name from Status"}]
CREATE = [
    {
        "action": "create",
        "entity_type": "ManagerType",
        "entity_data": {"id": "m1", "name": "a"},
    }
]
ORIGIN = "https://studio.example"


def headers(emulator: Emulator, **more: str) -> dict[str, str]:
    credentials = emulator.credentials
    return {
        "ftrack-user": credentials["api_user"],
        "ftrack-api-key": credentials["api_key"],
        **more,
    }


def post(emulator: Emulator, operations: Any, **more: str) -> httpx.Response:
    return httpx.post(
        f"{emulator.server_url}/api",
        json=operations,
        headers=headers(emulator, **more),
        timeout=5,
    )


def is_applied(emulator: Emulator) -> bool:
    [result] = post(
        emulator,
        [{"action": "query", "expression": "ManagerType where id is m1"}],
    ).json()
    return bool(result["data"])


def test_a_batch_goes_in_and_out_as_json(emulator: Emulator) -> None:
    response = post(emulator, QUERY)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    [result] = response.json()
    assert len(result["data"]) == 11


def test_long_answers_are_packed_when_the_client_can(emulator: Emulator) -> None:
    schemas = [{"action": "query_schemas"}]
    packed = post(emulator, schemas)
    plain = post(emulator, schemas, **{"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.json() == plain.json()


def test_header_names_are_case_insensitive(emulator: Emulator) -> None:
    credentials = emulator.credentials
    response = httpx.post(
        f"{emulator.server_url}/api",
        json=QUERY,
        headers={
            "FTRACK-USER": credentials["api_user"],
            "Ftrack-Api-Key": credentials["api_key"],
        },
    )
    assert isinstance(response.json(), list)


@pytest.mark.parametrize(("strict", "status"), [("true", 401), ("false", 200)])
def test_wrong_credentials_are_json_too(
    emulator: Emulator, strict: str, status: int
) -> None:
    response = post(
        emulator, QUERY, **{"ftrack-api-key": "x", "ftrack-strict-api": strict}
    )
    assert response.status_code == status
    assert response.json()["exception"] == "InvalidCredentialsError"


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/api", 405), ("POST", "/nope", 404)]
)
def test_other_addresses_answer_json(
    emulator: Emulator, method: str, path: str, status: int
) -> None:
    response = httpx.request(method, f"{emulator.server_url}{path}")
    assert response.status_code == status
    assert response.json()["detail"]


def test_a_body_that_is_no_list_is_unprocessable(emulator: Emulator) -> None:
    response = post(emulator, {"action": "query"})
    assert response.status_code == 422
    assert response.json()["detail"][0].keys() == {"loc", "msg", "type"}


def test_a_browser_may_ask_with_credentials(emulator: Emulator) -> None:
    wanted = "content-type,ftrack-api-key,ftrack-user,ftrack-clienttoken,x-studio"
    preflight = httpx.options(
        f"{emulator.server_url}/api",
        headers={
            "origin": ORIGIN,
            "access-control-request-method": "POST",
            "access-control-request-headers": wanted,
        },
    )
    assert preflight.status_code == 200
    allowed = preflight.headers["access-control-allow-headers"].lower()
    assert {name.strip() for name in allowed.split(",")} >= set(wanted.split(","))
    for response in (preflight, post(emulator, QUERY, origin=ORIGIN)):
        assert response.headers["access-control-allow-origin"] == ORIGIN
        assert response.headers["access-control-allow-credentials"] == "true"


# -- faults ------------------------------------------------------------------


def test_a_dropped_request_closes_the_socket_unapplied(emulator: Emulator) -> None:
    emulator.faults.drop_before()
    with pytest.raises(httpx.TransportError):
        post(emulator, CREATE)
    assert not is_applied(emulator)


def test_a_dropped_answer_closes_the_socket_applied(emulator: Emulator) -> None:
    emulator.faults.drop_after()
    with pytest.raises(httpx.TransportError):
        post(emulator, CREATE)
    assert is_applied(emulator)


@pytest.mark.parametrize("accepted", ["gzip", "identity"])
def test_an_answer_is_really_cut(emulator: Emulator, accepted: str) -> None:
    emulator.faults.truncate(keep=12)
    address = emulator.server_url.removeprefix("http://").split(":")
    body = json.dumps(QUERY).encode()
    lines = [
        "POST /api HTTP/1.1",
        "host: localhost",
        f"accept-encoding: {accepted}",
        f"content-length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers(emulator).items()),
    ]
    with socket.create_connection((address[0], int(address[1])), timeout=5) as raw:
        raw.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        received = b""
        while piece := raw.recv(65536):
            received += piece
    head, _, rest = received.partition(b"\r\n\r\n")
    assert rest == b'[{"action": '
    announced = next(
        int(line.split(b":")[1])
        for line in head.lower().splitlines()
        if line.startswith(b"content-length")
    )
    assert announced > 12


def test_a_delay_holds_the_answer_back(emulator: Emulator) -> None:
    emulator.faults.delay(0.2)
    started = time.perf_counter()
    assert post(emulator, QUERY).status_code == 200
    assert time.perf_counter() - started >= 0.2


def test_pages_and_statuses_are_sent_as_they_are(emulator: Emulator) -> None:
    emulator.faults.html(status=502)
    emulator.faults.status(429, retry_after="1")
    page = post(emulator, QUERY)
    assert page.status_code == 502
    assert page.headers["content-type"].startswith("text/html")
    busy = post(emulator, QUERY)
    assert (busy.status_code, busy.headers["retry-after"]) == (429, "1")


def test_the_next_request_after_a_fault_is_served(emulator: Emulator) -> None:
    with httpx.Client(headers=headers(emulator), timeout=5) as client:
        for inject in (
            emulator.faults.drop_before,
            emulator.faults.drop_after,
            emulator.faults.truncate,
        ):
            inject()
            with pytest.raises(httpx.TransportError):
                client.post(f"{emulator.server_url}/api", json=QUERY)
            response = client.post(f"{emulator.server_url}/api", json=QUERY)
            assert response.status_code == 200


# -- starting and stopping ---------------------------------------------------


def test_http_and_in_process_see_the_same_data(emulator: Emulator) -> None:
    post(emulator, CREATE)
    reply = emulator.transport().call(
        json.dumps(
            [{"action": "query", "expression": "ManagerType where id is m1"}]
        ).encode()
    )
    assert json.loads(reply.body)[0]["data"][0]["id"] == "m1"
    assert len(emulator.calls) == 2


def test_two_emulators_serve_side_by_side() -> None:
    with Emulator(schema=recorded()) as one, Emulator(schema=recorded()) as other:
        assert one.server_url != other.server_url
        post(one, CREATE)
        assert is_applied(one)
        assert not is_applied(other)


def test_a_stopped_emulator_can_start_again_with_its_data() -> None:
    emulator = Emulator(schema=recorded()).start()
    post(emulator, CREATE)
    emulator.stop()
    emulator.start()
    assert is_applied(emulator)
    emulator.close()
    emulator.close()


def test_without_start_there_is_no_address() -> None:
    emulator = Emulator(schema=recorded())
    with pytest.raises(EmulatorError, match="not started"):
        _ = emulator.credentials
    emulator.close()


def test_a_database_file_keeps_its_data(tmp_path: Any) -> None:
    database = tmp_path / "emulator.db"
    with Emulator(schema=recorded(), database=database) as first:
        post(first, CREATE)
    with Emulator(schema=recorded(), database=database) as second:
        assert is_applied(second)
        assert len(post(second, QUERY).json()[0]["data"]) == 11


def test_stopping_is_quick_even_with_open_connections(emulator: Emulator) -> None:
    with httpx.Client(headers=headers(emulator)) as client:
        client.post(f"{emulator.server_url}/api", json=QUERY)
        started = time.perf_counter()
        emulator.stop()
        assert time.perf_counter() - started < 2


def test_answers_do_not_wait_for_fuller_packets(emulator: Emulator) -> None:
    with httpx.Client(base_url=emulator.server_url) as client:
        client.post("/api", json=QUERY, headers=headers(emulator))
        assert emulator._listener is not None
        [connection] = emulator._listener._server.server_state.connections
        accepted = connection.transport.get_extra_info("socket")

        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
