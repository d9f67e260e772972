"""Writes that are sent to an emulator, and their cost relative to bare SQLite."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any, Final, Literal, TypedDict, get_args

from ftrack_orm.emulator import Emulator
from tests.benchmarks.task_page import ask, query
from tests.benchmarks.timing import seconds

Kind = Literal["update", "value", "create"]
"""Update of an attribute, update of a custom attribute value, create of a task."""

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

MOST_TIMES: Final[dict[Kind, int]] = {"update": 30, "value": 40, "create": 80}
"""How many times the CPU of a bare select and update an operation may take."""

_KEYS: Final = ("difficulty", "vendor")
_MOST_LISTED: Final = 500


class Targets(TypedDict):
    """The entities that the writes change.

    Attributes:
        tasks: ids of tasks.
        configurations: ids of custom attribute configurations of tasks.
        shot: id of the parent of new tasks.
    """

    tasks: list[str]
    configurations: dict[str, str]
    shot: str


def targets_of(emulator: Emulator, tasks: int) -> Targets:
    """Return targets in an emulator whose tasks have the attributes of the page."""
    configurations = query("select key from CustomAttributeConfiguration", _MOST_LISTED)
    return Targets(
        tasks=[task["id"] for task in ask(emulator, query("Task", tasks))],
        configurations={
            row["key"]: row["id"]
            for row in ask(emulator, configurations)
            if row["key"] in _KEYS
        },
        shot=ask(emulator, query('Shot where project.name is "bunny"', 1))[0]["id"],
    )


def operations(
    kind: Kind, targets: Targets, count: int, first: int = 0
) -> list[dict[str, Any]]:
    """Return operations of a kind; those of another `first` write other values."""
    return [_operation(kind, targets, first + number) for number in range(count)]


def _operation(kind: Kind, targets: Targets, number: int) -> dict[str, Any]:
    tasks = targets["tasks"]
    task_id = tasks[number % len(tasks)]
    if kind == "create":
        data = {"name": str(uuid.uuid4()), "parent_id": targets["shot"]}
        return _write("create", "Task", None, data)
    if kind == "update":
        return _write("update", "Task", [task_id], {"bid": number})
    key = _KEYS[number // len(tasks) % len(_KEYS)]
    entity_key = [targets["configurations"][key], task_id]
    value = number if key == "difficulty" else f"vendor {number}"
    return _write("update", "ContextCustomAttributeValue", entity_key, {"value": value})


def _write(
    action: str, entity_type: str, key: list[str] | None, data: dict[str, Any]
) -> dict[str, Any]:
    data = {"__entity_type__": entity_type, **data}
    operation = {"action": action, "entity_type": entity_type, "entity_data": data}
    return operation if key is None else {**operation, "entity_key": key}


def bodies(sent: list[dict[str, Any]], size: int) -> Iterator[bytes]:
    """Yield the requests for operations, so many in each."""
    for start in range(0, len(sent), size):
        yield json.dumps(sent[start : start + size]).encode()


class Writer:
    """Measures what writes to an emulator in this process take of the processor."""

    def __init__(self, emulator: Emulator, targets: Targets) -> None:
        self._emulator = emulator
        self._transport = emulator.transport()
        self._targets = targets
        self._first = 0

    def times(self, kind: Kind, count: int, size: int, repeats: int) -> float:
        """Return the cost of an operation relative to a bare select and update.

        The two alternate; the shortest time of each is compared.

        Args:
            kind: the kind of the operations.
            count: operations of a measurement.
            size: operations of a request.
            repeats: measurements of each.
        """
        pairs: list[tuple[float, float]] = []
        for number in range(repeats + 1):
            pair = self._bare(count), self._written(kind, count, size)
            if number:  # the first finds nothing prepared
                pairs.append(pair)
        return min(pair[1] for pair in pairs) / min(pair[0] for pair in pairs)

    def _bare(self, count: int) -> float:
        """Return the seconds of selects and updates of one attribute, by id."""
        driver = self._emulator.storage._driver
        tasks = self._targets["tasks"]

        def run() -> None:
            driver.execute("BEGIN")
            for number in range(count):
                task_id = tasks[number % len(tasks)]
                select = 'SELECT bid FROM "Context" WHERE id = ?'
                driver.execute(select, (task_id,)).fetchone()
                update = 'UPDATE "Context" SET bid = ? WHERE id = ?'
                driver.execute(update, (number, task_id))
            driver.execute("COMMIT")

        return seconds(run)[0]

    def _written(self, kind: Kind, count: int, size: int) -> float:
        self._first += count
        sent = operations(kind, self._targets, count, self._first)
        requests = list(bodies(sent, size))
        took, replies = seconds(
            lambda: [self._transport.call(body).body for body in requests]
        )
        assert all(reply.startswith(b"[") for reply in replies)
        return took
