"""An emulator with a fixed clock, and plain calls to it, for tests of its answers."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from ftrack_orm.emulator import Emulator
from ftrack_orm.types import Reply
from tests.support.schemas import recorded

NOW: Final = "2024-05-06T07:08:09"
CONCEPT_ART: Final = "56807358-a0f4-11e9-9843-d27cf242b68b"
NOT_STARTED: Final = "44dd9fb2-4164-11df-9218-0019bb4983d8"
IN_PROGRESS: Final = "44ddd0fe-4164-11df-9218-0019bb4983d8"
VFX: Final = "caddd816-acb5-11e1-8668-f23c91df1211"
NO_PRIORITY: Final = "9661b320-3a0c-11e2-81c1-0800200c9a66"
SHOT: Final = "bad911de-3bd6-47b9-8b46-3476e237cb36"
TASK: Final = "11c137c0-ee7e-4f9c-91c5-8c77cec22b2c"
FSTART: Final = "acd86546-4082-11e2-95b1-0019bb4983d8"
ADMIN: Final = "3086f538-6bc2-4260-ab3c-614c38228aa4"


def date(value: str) -> dict[str, str]:
    """Return a datetime as the server sends it (protocol 3.1)."""
    return {"__type__": "datetime", "value": value}


def ref(entity_type: str, entity_id: str) -> dict[str, str]:
    """Return a reference to an entity with one id."""
    return {"__entity_type__": entity_type, "id": entity_id}


def counted_ids() -> Callable[[], str]:
    """Return an id maker that counts."""
    numbers = itertools.count(1)
    return lambda: f"made-{next(numbers)}"


def make_emulator(seed: str = "standard") -> Emulator:
    """Return an emulator of the recorded schema that makes the same things always."""
    return Emulator(
        seed=seed,
        schema=recorded(),
        clock=lambda: datetime.fromisoformat(NOW).replace(tzinfo=UTC),
        ids=counted_ids(),
    )


class Refused(Exception):  # noqa: N818 - named after the answer it stands for
    """The answer was an error object."""

    def __init__(self, reply: Reply) -> None:
        self.answer: dict[str, Any] = json.loads(reply.body)
        self.status = reply.status
        super().__init__(f"{self.exception}: {self.content}")

    @property
    def exception(self) -> Any:
        return self.answer.get("exception")

    @property
    def content(self) -> Any:
        return self.answer.get("content")


class Client:
    """Calls an emulator in process, one batch at a time."""

    def __init__(
        self, emulator: Emulator, headers: Mapping[str, str] | None = None
    ) -> None:
        self.emulator = emulator
        self._transport = emulator.transport()
        self._headers = headers or {}

    def call(self, *operations: dict[str, Any]) -> list[Any]:
        """Return the results of `operations`.

        Raises:
            Refused: the answer is an error.
        """
        body = json.dumps(operations).encode()
        reply = self._transport.call(body, headers=self._headers)
        answer = json.loads(reply.body)
        if not isinstance(answer, list):
            raise Refused(reply)
        return answer

    def create(self, entity_type: str, /, **data: Any) -> dict[str, Any]:
        """Create one entity and return what the answer says of it."""
        [result] = self.call(create(entity_type, **data))
        entity: dict[str, Any] = result["data"]
        return entity

    def update(self, entity_type: str, /, *key: str, **data: Any) -> dict[str, Any]:
        """Update one entity and return what the answer says of it."""
        [result] = self.call(update(entity_type, *key, **data))
        entity: dict[str, Any] = result["data"]
        return entity

    def delete(self, entity_type: str, *key: str) -> Any:
        """Delete one entity."""
        [result] = self.call(delete(entity_type, *key))
        return result["data"]

    def query(self, expression: str) -> list[dict[str, Any]]:
        """Return the rows of an expression."""
        [result] = self.call({"action": "query", "expression": expression})
        rows: list[dict[str, Any]] = result["data"]
        return rows

    def project(self, name: str = "demo", **data: Any) -> str:
        """Create a project with what one needs, and return its id."""
        values = {"full_name": name, "project_schema_id": VFX, **data}
        return str(self.create("Project", name=name, **values)["id"])


def create(entity_type: str, /, **data: Any) -> dict[str, Any]:
    """Return a create operation."""
    values = {"__entity_type__": entity_type, **data}
    return {"action": "create", "entity_type": entity_type, "entity_data": values}


def update(entity_type: str, /, *key: str, **data: Any) -> dict[str, Any]:
    """Return an update operation."""
    return {
        "action": "update",
        "entity_type": entity_type,
        "entity_key": list(key),
        "entity_data": {"__entity_type__": entity_type, **data},
    }


def delete(entity_type: str, *key: str) -> dict[str, Any]:
    """Return a delete operation."""
    return {"action": "delete", "entity_type": entity_type, "entity_key": list(key)}
