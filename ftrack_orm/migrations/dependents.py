"""Find rows that a server deletes together with an entity."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.migrations.cascades import OWNERS
from ftrack_orm.migrations.same_value import same_value
from ftrack_orm.migrations.verification import (
    BELOW,
    VALUE_TYPE,
    Conflict,
    Verdict,
    stored_reference,
)
from ftrack_orm.operations import Query
from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_query
from ftrack_orm.query.literals import encode_literal
from ftrack_orm.schema.ownership import ATTACHED, OWNED
from ftrack_orm.types import JSON, Reference

if TYPE_CHECKING:
    from ftrack_orm.migrations.client import RunClient
    from ftrack_orm.schema.model import Schema

_KEYS_PER_QUERY: Final = 500

# A server makes these itself for a new entity.
_IGNORED: Final[frozenset[str]] = frozenset({"StatusChange", "Feed"})


@dataclass(frozen=True, slots=True)
class _MadeWithOwner:
    """The rows of a type that a server makes with their owner.

    Attributes:
        paths: the values that show it.
        is_made: returns whether a row with these values was made by the server. The
            first argument is the names of the users that the run may have had.
    """

    paths: tuple[str, ...]
    is_made: Callable[..., bool]


_EMPTY: Final[Sequence[Any]] = (None, "", [])

_MADE_WITH_OWNER: Final[Mapping[str, _MadeWithOwner]] = {
    # The caller is a recipient of each new note (protocol 6.1).
    "Recipient": _MadeWithOwner(
        ("user.username", "resource_id", "note.user_id"),
        lambda callers, name, recipient, author: name in callers or recipient == author,
    ),
    # A server may store the default of each custom attribute.
    VALUE_TYPE: _MadeWithOwner(
        ("value", "configuration.default"),
        lambda _, value, default: (
            same_value("value", value, default)
            or (value in _EMPTY and default in _EMPTY)
        ),
    ),
    # Two object types come with each new project schema (protocol 6.6).
    "ProjectSchemaObjectType": _MadeWithOwner(
        ("object_type.name",), lambda _, name: name in ("Task", "Milestone")
    ),
}
_NO_PATHS: Final = _MadeWithOwner((), lambda _: False)


def has_dependents(schema: Schema, entity_type: str) -> bool:
    """Return whether rows of other entities are deleted with one of this type."""
    if entity_type not in schema:
        return False
    return any(base.name in OWNED for base in schema.bases(entity_type))


_LINK: Final = "CustomAttributeLink"


def row_reference(reference: Reference) -> Reference:
    """Return a row's reference, the same for each type that the row has.

    A custom attribute link is a row of two types, one for each end (protocol 6.7), and
    a custom value has a type for its owner, too.
    """
    if reference.entity_type.removesuffix("From").endswith(_LINK):
        return Reference(_LINK, reference.key)
    return stored_reference(reference)


class Dependents:
    """Queries the rows that belong to entities."""

    def __init__(self, client: RunClient, callers: Iterable[str] = ()) -> None:
        """Store the arguments; nothing is sent.

        Args:
            client: the connection.
            callers: the names of the users that created the owners.
        """
        self._client = client
        self._callers = frozenset(callers)

    @property
    def _schema(self) -> Schema:
        return self._client.schema

    def of(
        self, owners: Iterable[Reference]
    ) -> Mapping[Reference, frozenset[Reference]]:
        """Return the rows that belong to each of `owners`.

        Each has the reference of `row_reference`. Rows that the server makes with an
        owner are not among them.

        Sends one request for all owners; none when no rows can belong to them.
        """
        by_type: dict[str, list[str]] = {}
        for owner in owners:
            if has_dependents(self._schema, owner.entity_type):
                by_type.setdefault(owner.entity_type, []).append(str(owner.key[0]))
        queries: list[Query] = []
        places: list[tuple[str, str, str]] = []
        for owner_type, keys in by_type.items():
            for member_type, attribute in self._members(owner_type):
                for start in range(0, len(keys), _KEYS_PER_QUERY):
                    part = keys[start : start + _KEYS_PER_QUERY]
                    queries.append(self._query(member_type, attribute, part))
                    places.append((owner_type, member_type, attribute))
        found: dict[Reference, set[Reference]] = {}
        if not queries:
            return {}
        for query, place, result in zip(
            queries, places, self._client.send(queries), strict=True
        ):
            owner_type, member_type, attribute = place
            names = self._client.primary_key(member_type)
            for row in self._client.complete(query.expression, result):
                if _is_made_with_owner(member_type, row, self._callers):
                    continue
                owner = Reference(owner_type, (row[attribute],))
                key = tuple(row[name] for name in names)
                member = Reference(str(row["__entity_type__"]), key)
                found.setdefault(owner, set()).add(row_reference(member))
        return {owner: frozenset(members) for owner, members in found.items()}

    def _members(self, owner_type: str) -> list[tuple[str, str]]:
        schema = self._schema
        names = [base.name for base in schema.bases(owner_type)]
        pairs = [pair for name in names for pair in OWNED.get(name, ())]
        pairs += [pair for pair in ATTACHED if pair[0] not in _IGNORED]
        return [
            (member_type, attribute)
            for member_type, attribute in pairs
            if member_type in schema and attribute in schema[member_type].attributes
        ]

    def _query(self, member_type: str, attribute: str, keys: list[str]) -> Query:
        names = dict.fromkeys(
            [
                attribute,
                *self._client.primary_key(member_type),
                *_MADE_WITH_OWNER.get(member_type, _NO_PATHS).paths,
            ]
        )
        projections = tuple(ast.PathExpression.of(name) for name in names)
        path = ast.PathExpression.of(attribute)
        criteria = ast.Membership(path, tuple(map(encode_literal, keys)))
        return Query(
            compile_query(ast.Query(member_type, projections, criteria=criteria))
        )


def _is_made_with_owner(
    member_type: str, row: Mapping[str, Any], callers: frozenset[str]
) -> bool:
    rule = _MADE_WITH_OWNER.get(member_type, _NO_PATHS)
    return rule.is_made(callers, *(_value_at(row, path) for path in rule.paths))


def _value_at(row: Mapping[str, Any], path: str) -> Any:
    value: Any = row
    for name in path.split("."):
        value = (value or {}).get(name)
    return value


def keep_owners(verdicts: Sequence[Verdict], dependents: Dependents) -> None:
    """Turn deletes of entities that others belong to into conflicts.

    An undo deletes the rows that its run created, those below first, and moves back
    those that the run moved there. A row that it leaves out, because it was edited
    since, must not go with its owner.
    """
    written = [
        change
        for verdict in verdicts
        if not verdict.conflicts
        for change in verdict.to_write
    ]
    below = dependents.of(
        change.reference for change in written if change.action == "delete"
    )
    removed: set[Reference] = set()
    for verdict in verdicts:
        if verdict.conflicts:
            continue
        for change in verdict.to_write:
            if change.action != "delete":
                if change.attribute in OWNERS:
                    removed.add(row_reference(change.reference))
                continue
            left = below.get(change.reference, frozenset()) - removed
            if left:
                names: list[JSON] = [str(member) for member in sorted(left)]
                unit = verdict.unit
                current: JSON = {BELOW: names}
                conflict = Conflict(unit.number, unit.title, change, current)
                verdict.conflicts.append(conflict)
            removed.add(row_reference(change.reference))
        if verdict.conflicts:
            removed -= {row_reference(change.reference) for change in verdict.to_write}
