"""No log has an API key, wherever a client puts it."""

from __future__ import annotations

import json
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn, TypeAlias
from unittest.mock import patch

import httpx
import pytest
import sqlalchemy as sa
import websocket
from hypothesis import given, strategies as st

from ftrack_orm.emulator import Emulator, known_keys
from ftrack_orm.emulator.known_keys import hide, remember
from ftrack_orm.emulator.storage.storage import Storage
from tests.support.emulator_command import running
from tests.support.event_socket import an_event, shake_hands
from tests.support.schemas import recorded

ADMIN: Final = "emulator-admin-key"
WRONG: Final = "the-key-of-another-server"


class Sender(NamedTuple):
    """A client that has a key, its own or another one, and puts it anywhere."""

    url: str
    key: str

    def api(self, *operations: Any, **headers: str) -> httpx.Response:
        """Send operations as the administrator, unless headers name another user."""
        known = {"ftrack-user": "admin", "ftrack-api-key": ADMIN}
        merged = {**known, **{k.replace("_", "-"): v for k, v in headers.items()}}
        body = json.dumps(operations)
        return httpx.post(f"{self.url}/api", content=body, headers=merged)

    def get(self, path: str, **headers: str) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", headers=headers)

    def query(self, expression: str) -> httpx.Response:
        return self.api({"action": "query", "expression": expression})


def in_a_body(sender: Sender, content: bytes, **headers: str) -> None:
    headers = {"ftrack-user": "admin", "ftrack-api-key": sender.key, **headers}
    httpx.post(f"{sender.url}/api", content=content, headers=headers)


def in_an_update(sender: Sender) -> None:
    """The error repeats the value, which ends within the key."""
    for length in range(150, 200, 5):
        value = "x" * length + sender.key
        sender.api(
            {
                "action": "update",
                "entity_type": "User",
                "entity_key": [value],
                "entity_data": {"is_active": value, value: 1},
            },
            {"action": "create", "entity_type": value, "entity_data": {}},
        )


def in_a_handshake(sender: Sender) -> None:
    for params in (
        {"api_user": "admin", "api_key": sender.key},
        {"api_user": sender.key, "api_key": sender.key},
        {"api_user": "admin", "api_key": ADMIN, "more": sender.key},
    ):
        shake_hands(sender.url, params=params)
    headers = {"ftrack-user": f"x{sender.key}", "ftrack-api-key": sender.key}
    shake_hands(sender.url, headers=headers)


def in_events(sender: Sender) -> None:
    session_id = shake_hands(
        sender.url, params={"api_user": "admin", "api_key": ADMIN}
    ).text.partition(":")[0]
    socket = websocket.create_connection(
        f"{sender.url.replace('http', 'ws')}/socket.io/1/websocket/{session_id}"
        f"?api_user=admin&api_key={sender.key}",
        timeout=10,
    )
    socket.recv()
    event = an_event(sender.key, {sender.key: sender.key})
    for number, packet in enumerate(
        (
            {"name": "ftrack.event", "args": [event]},
            {"name": "ftrack.event", "args": [{**event, "source": sender.key}]},
            {"name": sender.key, "args": [sender.key]},
        )
    ):
        socket.send(f"5:{number}+::{json.dumps(packet)}")
    socket.send(f"{sender.key}:::{sender.key}")
    socket.close()


FORMS: Final[dict[str, Callable[[Sender], object]]] = {
    "header": lambda to: to.api(ftrack_api_key=to.key),
    "header, as the user": lambda to: to.api(ftrack_user=to.key),
    "header, twice": lambda to: to.api(ftrack_user=f"a{to.key}", ftrack_api_key=to.key),
    "header of another protocol": lambda to: to.api(Authorization=f"Bearer {to.key}"),
    "cookie": lambda to: to.api(ftrack_api_key="", Cookie=f"ftrack_session={to.key}"),
    "options": lambda to: to.api(ftrack_api_options=f"strict:{to.key}"),
    "tokens": lambda to: to.api(ftrack_clienttoken=to.key, ftrack_pushtoken=to.key),
    "value in a query": lambda to: to.query(f'Task where name is "{to.key}"'),
    "end of a short line": lambda to: [
        to.query(f'Task where name is "{"x" * length}{to.key}"')
        for length in range(150, 200, 5)
    ],
    "unknown name in a query": lambda to: to.query(f"Task where {to.key} is 1"),
    "type of a query": lambda to: to.query(to.key),
    "query by a key": lambda to: to.query(f'User where api_key is "{to.key}"'),
    "action": lambda to: to.api({"action": to.key}),
    "type": lambda to: to.api(
        {"action": "create", "entity_type": to.key, "entity_data": {}}
    ),
    "data": in_an_update,
    "search": lambda to: to.api(
        {"action": "search", "entity_type": "Task", "expression": "Task", to.key: 1}
        | {"terms": [to.key], "context_id": to.key}
    ),
    "body that is no JSON": lambda to: in_a_body(to, to.key.encode()),
    "body that is no list": lambda to: in_a_body(to, json.dumps(to.key).encode()),
    "body that is too long": lambda to: in_a_body(to, to.key.encode() * 10_000),
    "unknown path": lambda to: to.get(f"/{to.key}?{to.key}={to.key}"),
    "URL of a file": lambda to: to.get(
        f"/component/get?id=c&username=admin&apiKey={to.key}"
    ),
    "URL of a file, as the id": lambda to: to.get(
        f"/component/get?id={to.key}&username={to.key}&apiKey={to.key}"
    ),
    "URL of a file, as the token": lambda to: to.get(
        f"/component/thumbnail?id=c&size={to.key}&token={to.key}"
    ),
    "URL of a file, with a cookie": lambda to: to.get(
        "/component/get?id=c", Cookie=f"ftrack_session={to.key}"
    ),
    "URL of an upload": lambda to: httpx.put(
        f"{to.url}/upload/{to.key}", content=to.key.encode()
    ),
    "upload of outdated clients": lambda to: httpx.post(
        f"{to.url}/component/add?id={to.key}&apiKey={to.key}", content=b"x"
    ),
    "URL of a widget": lambda to: to.get(f"/widget/{to.key}?token={to.key}"),
    "handshake": in_a_handshake,
    "events": in_events,
}


def check_no_part(text: str, key: str) -> None:
    """Check that a text contains neither a key nor most of it."""
    assert text
    assert key not in text
    assert key[: len(key) - 6] not in text


@pytest.mark.parametrize("key", [ADMIN, WRONG], ids=["right", "wrong"])
def test_the_log_of_the_command_has_no_key(tmp_path: Path, key: str) -> None:
    log = tmp_path / "log"
    with running("--verbose", log=log) as printed:
        sender = Sender(printed["FTRACK_SERVER"], key)
        # As a client does first; from then on the key is known.
        sender.api(ftrack_api_key=key)
        for send in FORMS.values():
            send(sender)
    check_no_part(log.read_text(), key)
    assert len(log.read_text().splitlines()) > len(FORMS)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(schema=recorded(), max_body=100_000) as started:
        yield started


@pytest.mark.parametrize("form", FORMS)
def test_no_logger_at_any_level_has_a_key(
    emulator: Emulator, caplog: pytest.LogCaptureFixture, form: str
) -> None:
    sender = Sender(emulator.server_url, ADMIN)
    with caplog.at_level(logging.DEBUG):
        # The client's own loggers print its URLs.
        for client in ("httpx", "httpcore", "websocket"):
            caplog.set_level(logging.CRITICAL, client)
        FORMS[form](sender)
        emulator.event_hub.disconnect_all()
    assert ADMIN not in caplog.text


def test_keys_that_nobody_has_sent_yet_are_hidden(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with Emulator(seed="demo", schema=recorded()) as emulator:
        ben = emulator.add_user("ben", api_key="the key of ben")["api_key"]
        key = emulator.add_api_key("pipeline")["api_key"]
        sender = Sender(emulator.server_url, "")
        reset: Any = {"action": "reset_remote", "reset_type": "api_key"}
        found = sender.api(
            {"action": "query", "expression": "select id from User limit 1"}
        ).json()
        reset |= {"entity_type": "User", "entity_key": [found[0]["data"][0]["id"]]}
        issued = sender.api(reset).json()[0]["data"]["api_key"]
        keys = [ben, key, issued, "emulator-hana-key"]
        with caplog.at_level(logging.INFO, "ftrack_orm.emulator.requests"):
            for each in keys:
                sender.query(f'Task where name is "{each}"')
    assert caplog.text.count('Task where name is "***"') == len(keys)
    for each in keys:
        assert each not in caplog.text


Fail: TypeAlias = Callable[..., NoReturn]


def fail_in_sql(storage: Storage, *_: Any, **_options: Any) -> NoReturn:
    statement = sa.text("SELECT * FROM nothing WHERE a = :key")
    with storage._engine.connect() as connection:
        connection.execute(statement, {"key": ADMIN})
    raise AssertionError


def fail_in_python(*_: Any, **_options: Any) -> NoReturn:
    raise KeyError(ADMIN)


@pytest.mark.parametrize("fail", [fail_in_sql, fail_in_python])
def test_the_traceback_of_a_failure_has_no_key(
    emulator: Emulator,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    fail: Fail,
) -> None:
    monkeypatch.setattr(Storage, "find_where", fail)
    answer = Sender(emulator.server_url, ADMIN).query("Task")
    assert answer.json()["exception"] == "InternalServerError"
    if fail is fail_in_python:
        assert "The emulator failed on a request." in caplog.text
        assert "KeyError" in caplog.text
    assert ADMIN not in caplog.text


def test_a_key_that_the_mark_completes_is_hidden() -> None:
    with patch.object(known_keys, "_keys", OrderedDict()):
        remember("*000")
        # "*", the key and "000": the mark makes it "****000", which ends with the key.
        assert hide("**000000") == "******"


@given(key=st.text(min_size=4, max_size=40), text=st.text(max_size=80), data=st.data())
def test_a_key_is_hidden_wherever_it_is(
    key: str, text: str, data: st.DataObject
) -> None:
    position = data.draw(st.integers(0, len(text)))
    length = data.draw(st.integers(4, len(key)))
    with patch.object(known_keys, "_keys", OrderedDict()):
        remember(key)
        whole = hide(text[:position] + key + text[position:])
        beginning = hide(f"{key[:length]}…")
    assert key not in whole
    assert beginning == f"{known_keys.HIDDEN}…"


def test_the_oldest_key_is_forgotten() -> None:
    keys: OrderedDict[str, None] = OrderedDict()
    with patch.object(known_keys, "_keys", keys):
        for number in range(known_keys._MAX_KEYS + 5):
            remember(f"key-{number:05}")
        assert len(keys) == known_keys._MAX_KEYS
        assert hide("key-00000 key-00005") == "key-00000 ***"
        remember("abc")
        assert hide("abc") == "abc"
