"""Behave as a server might that does not guarantee the recorded behaviour.

Programs that rely on a guarantee can be tested on an emulator without it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ftrack_orm.emulator.errors import (
    Duplicate,
    EntityNotFound,
    PermissionDenied,
    Refusal,
)
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext

    RunOperation = Callable[[RequestContext, JSONObject], Any]


@dataclass(slots=True)
class Deviations:
    """The differences from a recorded server; none by default.

    Attributes:
        creates_overwrite: a create of an existing key changes that entity.
        deletes_ignore_missing: a delete of a missing key succeeds.
        is_not_atomic: the operations before a refused one stay applied.
        refused_creates: types of which no entity can be created.
        ids_are_replaced: a create gets an id of the server instead of the client's.
        reads_first: the queries of a request run before its other operations.
    """

    creates_overwrite: bool = False
    deletes_ignore_missing: bool = False
    ids_are_replaced: bool = False
    is_not_atomic: bool = False
    reads_first: bool = False
    refused_creates: tuple[str, ...] = ()

    def run(
        self,
        request: RequestContext,
        operations: Sequence[JSONObject],
        run_operation: RunOperation,
    ) -> tuple[list[Any], Refusal | None]:
        """Return the results, and the refusal that is raised after the transaction.

        Raises:
            Refusal: an operation was refused, and the transaction must be rolled back.
        """
        order = list(range(len(operations)))
        if self.reads_first:
            # A stable sort: the other operations keep their order.
            order.sort(key=lambda index: operations[index].get("action") != "query")
        results: dict[int, Any] = {}
        for index in order:
            try:
                operation = operations[index]
                results[index] = self._run_one(request, operation, run_operation)
            except Refusal as refusal:
                if not self.is_not_atomic:
                    raise
                return [], refusal
        return [results[index] for index in range(len(operations))], None

    def _run_one(
        self,
        request: RequestContext,
        operation: JSONObject,
        run_operation: RunOperation,
    ) -> Any:
        action = operation.get("action")
        if action == "create" and operation.get("entity_type") in self.refused_creates:
            raise PermissionDenied(f"No create of {operation['entity_type']}.")
        if action == "create" and self.ids_are_replaced:
            operation = _without_id(operation)
        try:
            return run_operation(request, operation)
        except Duplicate:
            if not self.creates_overwrite or action != "create":
                raise
            result = run_operation(request, _update_of(request, operation))
            return {**result, "action": "create"}
        except EntityNotFound:
            if not self.deletes_ignore_missing or action != "delete":
                raise
            return {"action": "delete", "data": True}


def _without_id(operation: JSONObject) -> JSONObject:
    """Return a create whose id the server chooses; other keys stay as they are."""
    data = operation.get("entity_data", {})
    if "id" not in data:
        return operation
    values = {name: value for name, value in data.items() if name != "id"}
    return {**operation, "entity_data": values, "entity_key": None}


def _update_of(request: RequestContext, operation: JSONObject) -> JSONObject:
    """Return the update with the data of a create."""
    names = request.entity_schema(operation.get("entity_type")).primary_key
    data = operation.get("entity_data", {})
    key = operation.get("entity_key") or [data.get(name) for name in names]
    values = {name: value for name, value in data.items() if name not in names}
    return {**operation, "action": "update", "entity_key": key, "entity_data": values}
