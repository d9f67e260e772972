"""Many clients at once: nothing lost, nothing half done to be seen (protocol 1.7)."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import httpx
import pytest

from ftrack_orm.emulator import Emulator
from tests.support.emulator_client import VFX, create, ref, update

WRITERS: Final = 3
READERS: Final = 3
ROUNDS: Final = 15
SHOTS: Final = 40


class Caller:
    """A client with a connection of its own, who wants plain statuses."""

    def __init__(self, emulator: Emulator) -> None:
        credentials = emulator.credentials
        self._client = httpx.Client(
            base_url=credentials["server_url"],
            headers={
                "ftrack-user": credentials["api_user"],
                "ftrack-api-key": credentials["api_key"],
                "ftrack-strict-api": "true",
            },
            timeout=30,
        )

    def __call__(self, *operations: dict[str, Any]) -> list[Any]:
        """Return the results; fail on any other status than 200."""
        answer = self._client.post("/api", json=operations)
        assert answer.status_code == 200, answer.text
        results: list[Any] = answer.json()
        return results

    def rows(self, expression: str) -> list[dict[str, Any]]:
        [result] = self({"action": "query", "expression": expression})
        found: list[dict[str, Any]] = result["data"]
        return found

    def close(self) -> None:
        self._client.close()


def shots() -> list[dict[str, Any]]:
    project = create("Project", id="p", name="p", full_name="p", project_schema_id=VFX)
    children = [
        create("Shot", id=f"s{n}", name=f"s{n}", description="0", parent=PROJECT)
        for n in range(SHOTS)
    ]
    return [project, *children]


PROJECT: Final = ref("Project", "p")


def together(emulator: Emulator, *works: Callable[[Caller], None]) -> None:
    """Run `works` at once, each with a client of its own; raise what they raise."""
    ready = threading.Barrier(len(works))

    def run(work: Callable[[Caller], None]) -> None:
        caller = Caller(emulator)
        try:
            ready.wait(30)
            work(caller)
        finally:
            caller.close()

    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(run, work) for work in works]:
            done.result()


@pytest.fixture
def caller(emulator: Emulator) -> Caller:
    return Caller(emulator)


def test_a_reader_never_sees_half_a_batch(emulator: Emulator, caller: Caller) -> None:
    caller(*shots())
    finished = threading.Event()
    seen: set[str] = set()

    def write(own: Caller) -> None:
        try:
            for number in range(1, ROUNDS + 1):
                changes = (
                    update("Shot", f"s{n}", description=str(number))
                    for n in range(SHOTS)
                )
                own(*changes)
        finally:
            finished.set()

    def read(own: Caller) -> None:
        while True:
            is_last = finished.is_set()
            rows = own.rows("select description from Shot")
            assert len(rows) == SHOTS
            found = {row["description"] for row in rows}
            assert len(found) == 1
            seen.update(found)
            if is_last:
                return

    together(emulator, write, *[read] * READERS)
    assert str(ROUNDS) in seen
    caller.close()


def test_no_write_of_many_clients_is_lost(emulator: Emulator, caller: Caller) -> None:
    caller(*shots())

    def write(writer: int) -> Callable[[Caller], None]:
        def work(own: Caller) -> None:
            for number in range(ROUNDS):
                name = f"w{writer}-{number}"
                own(
                    create("Task", id=name, name=name, parent=ref("Shot", "s0")),
                    update("Shot", f"s{writer}", description=name),
                )
                [task] = own.rows(f'Task where id is "{name}"')
                assert task["id"] == name

        return work

    together(emulator, *map(write, range(WRITERS)))
    tasks = caller.rows("select name from Task")
    assert len(tasks) == WRITERS * ROUNDS
    rows = caller.rows("select description from Shot")
    described = {row["id"]: row["description"] for row in rows}
    for writer in range(WRITERS):
        assert described[f"s{writer}"] == f"w{writer}-{ROUNDS - 1}"
    caller.close()


def test_of_many_creations_of_one_key_one_succeeds(
    emulator: Emulator, caller: Caller
) -> None:
    statuses: list[int] = []

    def work(own: Caller) -> None:
        answer = own._client.post(
            "/api", json=[create("ManagerType", id="one", name="one")]
        )
        statuses.append(answer.status_code)

    together(emulator, *[work] * (WRITERS + READERS))
    assert statuses.count(200) == 1
    assert all(status < 500 for status in statuses)
    assert len(caller.rows("ManagerType where id is one")) == 1
    caller.close()


def test_a_refused_batch_takes_nothing_of_others_with_it(
    emulator: Emulator, caller: Caller
) -> None:
    def good(own: Caller) -> None:
        for number in range(ROUNDS):
            own(create("ManagerType", id=f"good{number}", name="good"))

    def bad(own: Caller) -> None:
        for number in range(ROUNDS):
            answer = own._client.post(
                "/api",
                json=[
                    create("ManagerType", id=f"bad{number}", name="bad"),
                    create("NoSuchType", name="x"),
                ],
            )
            assert 400 <= answer.status_code < 500

    together(emulator, good, bad)
    names = [row["name"] for row in caller.rows("select name from ManagerType")]
    assert names.count("good") == ROUNDS
    assert "bad" not in names
    caller.close()
