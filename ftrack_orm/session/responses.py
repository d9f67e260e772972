"""Decode the results of operations: entities, pages and paging metadata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ftrack_orm.entity.state import LoadGroup
from ftrack_orm.errors.transport import ResponseFormatError
from ftrack_orm.operations import AnyOperation, NextPage, Response, ResponseMetadata
from ftrack_orm.select.executor import RawPage

if TYPE_CHECKING:
    from ftrack_orm.session.row_loader import RowLoader


class ResponseDecoder:
    """Decodes results to responses; rows become entities of the session."""

    def __init__(self, rows: RowLoader) -> None:
        self._rows = rows

    def decode(
        self, operations: Sequence[AnyOperation], results: Sequence[Any]
    ) -> list[Response[Any]]:
        """Return a response for each operation, in order.

        All entities of the results load together.
        """
        group = LoadGroup()
        return [
            self._response(operation, result, group)
            for operation, result in zip(operations, results, strict=True)
        ]

    def _response(
        self, operation: AnyOperation, result: Any, group: LoadGroup
    ) -> Response[Any]:
        if not isinstance(operation, Mapping):
            action = operation.action
        else:
            action = str(operation.get("action", ""))
        if not isinstance(result, dict) or "data" not in result:
            return Response(action, result)
        data = self._entities(result["data"], group)
        return Response(action, data, _metadata(result))

    def _entities(self, data: Any, group: LoadGroup) -> Any:
        """Return `data` with rows as entities; other data unchanged."""
        if isinstance(data, dict) and "__entity_type__" in data:
            return self._rows.build([data], group)[0]
        if (
            isinstance(data, list)
            and data
            and all(isinstance(row, dict) and "__entity_type__" in row for row in data)
        ):
            return self._rows.build(data, group)
        return data


def read_pages(results: Sequence[Any]) -> list[RawPage]:
    """Return the page of each query's result.

    Raises:
        ResponseFormatError: one is not a list of rows.
    """
    return [_page(result) for result in results]


def _page(result: Any) -> RawPage:
    rows = result.get("data") if isinstance(result, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ResponseFormatError(
            "The server's response to a query holds no list of rows. Read again, or "
            "check that the address is an ftrack server's."
        )
    next_offset = _metadata(result).next.offset
    return RawPage(rows, next_offset if isinstance(next_offset, int) else None)


def _metadata(result: Mapping[str, Any]) -> ResponseMetadata:
    next_page = (result.get("metadata") or {}).get("next") or {}
    return ResponseMetadata(NextPage(next_page.get("offset")))
