"""Store the results of writes in the entities of a session."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ftrack_orm.entity.collection import TrackedList
from ftrack_orm.entity.mapped import METADATA, REMOVED, MappedValues, is_mapped
from ftrack_orm.entity.relations import tracked_value
from ftrack_orm.entity.state import LoadGroup
from ftrack_orm.entity.tracking import store
from ftrack_orm.errors.server import ServerError
from ftrack_orm.errors.transport import ResponseFormatError, TransportError
from ftrack_orm.operations import (
    AnyOperation,
    CompleteMultipartUpload,
    Create,
    Delete,
    Query,
    Update,
)
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.session.api_client import is_write
from ftrack_orm.session.cascade import Cascade, DeletedKeys
from ftrack_orm.session.expressions import entity_expression
from ftrack_orm.session.reliable_sender import raise_unknown
from ftrack_orm.types import KeyValue, Reference
from ftrack_orm.unit_of_work.apply import detach
from ftrack_orm.unit_of_work.changes import DeleteChange
from ftrack_orm.unit_of_work.plan import FlushPlan

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.session.api_client import ApiClient
    from ftrack_orm.session.known_types import KnownTypes
    from ftrack_orm.session.row_loader import RowLoader
    from ftrack_orm.unit_of_work.identity_map import IdentityMap
    from ftrack_orm.unit_of_work.unit_of_work import UnitOfWork

logger = logging.getLogger("ftrack_orm.session")


class SessionMemory:
    """Updates the entities of a session after a write."""

    def __init__(
        self,
        rows: RowLoader,
        identity_map: IdentityMap,
        work: UnitOfWork,
        client: ApiClient,
        types: KnownTypes,
        complete_results: Callable[[], bool],
    ) -> None:
        """Store the parts of the session that writes update.

        Args:
            rows: builds entities from rows.
            identity_map: the entities of the session.
            work: the entities with changes.
            client: the connection to the server.
            types: the entity types of the models.
            complete_results: fetches the remaining pages of open results; returns
                whether there were any.
        """
        self._rows = rows
        self._identity_map = identity_map
        self._work = work
        self._client = client
        self._types = types
        self.cascade = Cascade(identity_map, work, types)
        self.complete_results = complete_results

    def merge_results(self, results: Sequence[Mapping[str, Any]]) -> None:
        """Store the values that the results of a commit add to those sent."""
        rows = self._rows.drop_echoes(results)
        known_rows = [
            row
            for row in rows
            if self._types.type_info(row["__entity_type__"]) is not None
        ]
        try:
            self._rows.build(known_rows, LoadGroup())
        except ResponseFormatError as error:
            # The batch is applied, so a malformed row must not fail the commit. Its
            # values load when they are read.
            logger.warning("the results of a commit cannot be read: %s", error)

    # -- commits ---------------------------------------------------------------------

    def apply_plan(self, plan: FlushPlan, deleted: Sequence[Entity]) -> DeletedKeys:
        """Update the views of rows after a commit; detach the entities it deleted.

        Returns:
            The keys of the deleted entities, those deleted with them included, for
            `detach_again`.
        """
        has_rows = any(map(_is_row, {change.reference.entity_type for change in plan}))
        for change in plan if has_rows else ():
            if _is_row(change.reference.entity_type):
                values = {} if isinstance(change, DeleteChange) else change.values
                self._sync_row(change.reference, values.get("value", REMOVED))
        return self.cascade.detach([entity.reference for entity in deleted])

    def detach_again(self, deleted_keys: DeletedKeys) -> None:
        """Detach deleted entities that the results of the same commit added again."""
        self.cascade.detach_keys(deleted_keys)

    def _sync_row(self, row: Reference, value: Any) -> None:
        """Update both views of a row: the owner's mapping and the row's entity."""
        entity = self._identity_map.get(row)
        if entity is not None:
            if value is REMOVED:
                detach(entity, self._work, self._identity_map)
            else:
                store(entity, "value", tracked_value(entity, "value", _plain(value)))
        # Metadata has the owner's key first, custom attributes have it second
        # (protocol 3.5).
        is_metadata = row.entity_type == METADATA
        owner_key, key = row.key if is_metadata else (row.key[1], row.key[0])
        name = "metadata" if is_metadata else "custom_attributes"
        for table in self._identity_map.tables.values():
            owner = table.get(owner_key)
            rows = None if owner is None else vars(owner).get(name)
            if not is_mapped(rows):
                continue
            if not is_metadata:
                self._sync_value(rows, key, value)
            elif rows.is_loaded:
                rows.store_row(str(key), _plain(value))

    def _sync_value(
        self, rows: MappedValues[Any], configuration: KeyValue, value: Any
    ) -> None:
        for key, row_key in rows.row_keys.items():
            if row_key == configuration:
                rows.store_row(key, _plain(value))
                return

    # -- immediate operations --------------------------------------------------------

    def apply_operation(self, operation: AnyOperation) -> None:
        """Store the values of an applied operation in the entities in memory.

        Called before the rows of its result are built, which may lack values that
        were sent.
        """
        if isinstance(operation, Delete):
            self._detach(Reference(operation.entity_type, operation.entity_key))
        elif isinstance(operation, Create | Update) and operation.entity_key:
            reference = Reference(operation.entity_type, operation.entity_key)
            if _is_row(operation.entity_type):
                self._sync_row(reference, operation.entity_data.get("value"))
            entity = self._find(reference)
            if entity is not None:
                self._store_values(entity, operation.entity_data)

    def _find(self, reference: Reference) -> Entity | None:
        if self._types.type_info(reference.entity_type) is None:
            return None
        return self._identity_map.find(*reference)

    def _detach(self, reference: Reference) -> None:
        if _is_row(reference.entity_type):
            self._sync_row(reference, REMOVED)
        self.cascade.detach([reference])

    def _store_values(self, entity: Entity, data: Mapping[str, Any]) -> None:
        type_info = type(entity).__ftrack__
        for name, value in data.items():
            attribute = type_info.by_server_name.get(name)
            if attribute is None or attribute.server_name in type_info.primary_key:
                continue
            if attribute.kind is AttributeKind.COLLECTION:
                collection = vars(entity).get(attribute.name)
                if type(collection) is TrackedList and collection.is_loaded:
                    collection.store(list(self._entities_of(value)))
            elif attribute.kind is AttributeKind.SCALAR:
                store(
                    entity,
                    attribute.name,
                    tracked_value(entity, attribute.name, _plain(value)),
                )
            elif attribute.kind is AttributeKind.LINK:
                holders = attribute.link_storage.holders
                parts = (None,) * len(holders) if value is None else value.key
                for holder, part in zip(holders, parts, strict=False):
                    store(entity, holder, part)
                if not holders:
                    store(entity, attribute.name, value)

    def _entities_of(self, references: Sequence[Reference]) -> Iterator[Any]:
        group = LoadGroup()
        for reference in references:
            key = tuple(map(str, reference.key))
            # Not a row: the entity would leave its load group.
            entity = self._identity_map.find(reference.entity_type, key)
            if entity is not None:
                yield entity
                continue
            names = self._types.require(reference.entity_type).primary_key
            row = {"__entity_type__": reference.entity_type}
            row.update(zip(names, key, strict=True))
            yield from self._rows.build([row], group)

    # -- reading again ---------------------------------------------------------------

    def read_results(self, operations: Sequence[AnyOperation]) -> list[Any]:
        """Return the results of an applied batch whose reply was lost.

        Raises:
            OutcomeUnknownError: the server cannot be queried, or an entity that was
                written has been deleted since.
        """
        queries = {
            index: query
            for index, operation in enumerate(operations)
            if (query := self._query_for(operation)) is not None
        }
        results: list[Any] = [
            _result_without_data(operation) for operation in operations
        ]
        try:
            query_results = self._client.send(list(queries.values()))
        except (ServerError, TransportError) as error:
            raise_unknown(error)
        for index, result in zip(queries, query_results, strict=True):
            operation = operations[index]
            if isinstance(operation, Create | Update):
                result = _written_result(operation, result["data"])
            results[index] = result
        return results

    def _query_for(self, operation: AnyOperation) -> AnyOperation | None:
        """Return the query for an operation's result, ``None`` where none is needed."""
        if isinstance(operation, Create | Update):
            type_info = self._types.require(operation.entity_type)
            return Query(entity_expression(type_info, operation.entity_key or ()))
        return None if is_write(operation) else operation

    def reload(self, references: Sequence[Reference]) -> None:
        """Load the stored scalars of entities again; detach those that are deleted.

        Raises:
            OutcomeUnknownError: the server cannot be queried.
        """
        targets = [
            (reference, type_info)
            for reference in dict.fromkeys(references)
            if (type_info := self._types.type_info(reference.entity_type)) is not None
        ]
        queries = [
            Query(entity_expression(type_info, reference.key))
            for reference, type_info in targets
        ]
        try:
            results = self._client.send(queries)
        except (ServerError, TransportError) as error:
            raise_unknown(error)
        for (reference, _), result in zip(targets, results, strict=True):
            if result["data"]:
                self._rows.build(result["data"], LoadGroup())
            else:
                self._detach(reference)


def _is_row(entity_type: str) -> bool:
    """Return whether a type's entities are rows of a mapped attribute."""
    return entity_type == METADATA or entity_type.endswith("CustomAttributeValue")


def _plain(value: Any) -> Any:
    """Return a frozen value of a plan in the mutable form that entities hold."""
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    return value


def _result_without_data(operation: AnyOperation) -> Any:
    """Return an applied operation's result where no query is needed for it."""
    match operation:
        case Delete():
            return {"action": operation.action, "data": True}
        case CompleteMultipartUpload():
            return {"action": operation.action, "component_id": operation.component_id}
        case _:
            return None


def _written_result(operation: Create | Update, rows: Sequence[Any]) -> Any:
    """Return the result of a write whose entity was queried."""
    if not rows:
        raise_unknown(
            ResponseFormatError(
                f"{operation.entity_type} {operation.entity_key} was written and has "
                "been deleted since"
            )
        )
    return {"action": operation.action, "data": rows[0]}
