"""Values in the form that the server sends, so that they can be stored and compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ftrack_orm.codec import PrimaryKeyOf, decode_scalar, encode_operation
from ftrack_orm.operations import Update
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.types import JSON, Reference

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.type_info import TypeInfo


class WireValues:
    """Encodes the values of entities of one session."""

    def __init__(self, primary_key_of: PrimaryKeyOf) -> None:
        self._primary_key_of = primary_key_of

    def encode(self, entity_type: str, values: Mapping[str, Any]) -> dict[str, JSON]:
        """Return values as an operation sends them.

        Raises:
            AttributeValueError: JSON cannot contain a value.
        """
        operation = Update(entity_type, (), values)
        data = encode_operation(operation, self._primary_key_of)["entity_data"]
        return {name: value for name, value in data.items() if name in values}

    def from_row(self, type_info: TypeInfo, name: str, row: Mapping[str, Any]) -> JSON:
        """Return the value of an attribute in a row, as `encode` returns it.

        Args:
            type_info: the type of the row.
            name: the attribute's server name.
            row: the row, with the projections of the attribute.
        """
        attribute = type_info.by_server_name.get(name)
        value = row.get(name)
        if attribute is None or attribute.kind is AttributeKind.SCALAR:
            decoded: Any = decode_scalar(value)
        elif attribute.kind is AttributeKind.LINK:
            decoded = self._reference(attribute, value)
        else:
            decoded = [self._reference(attribute, member) for member in value or ()]
        return self.encode(type_info.name, {name: decoded})[name]

    def _reference(self, attribute: AttributeInfo, value: Any) -> Reference | None:
        if not isinstance(value, Mapping):
            return None
        entity_type = str(value.get("__entity_type__", attribute.target_type))
        names = self._primary_key_of(entity_type)
        return Reference(entity_type, tuple(value[name] for name in names))
