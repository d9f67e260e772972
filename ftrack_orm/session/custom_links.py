"""Load the entities that custom attributes link to (protocol 6.7)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from ftrack_orm.entity.mapped import is_mapped
from ftrack_orm.entity.state import LoadGroup
from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_query
from ftrack_orm.query.keys import keyed
from ftrack_orm.session.lazy_loader import KEYS_PER_QUERY

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.types import CustomLinkDeclaration


class EntitySource(Protocol):
    """Sends queries and builds entities; implemented by the session's core."""

    def fetch_rows(self, expressions: Sequence[str]) -> list[list[dict[str, Any]]]:
        """Return the rows of each expression, all requested together."""
        ...

    def build(self, rows: list[dict[str, Any]], group: LoadGroup) -> list[Any]:
        """Return rows as entities that load together with `group`."""
        ...


def load_custom_links(
    source: EntitySource,
    entities: Sequence[Entity],
    attribute: AttributeInfo,
    link: CustomLinkDeclaration,
) -> None:
    """Record the linked entities of `entities` in their mappings, with one request."""
    mappings = {
        entity.reference.key[0]: rows
        for entity in entities
        if is_mapped(rows := vars(entity).get(attribute.name))
    }
    rows = [
        row
        for query_rows in source.fetch_rows(_expressions(tuple(mappings), link))
        for row in query_rows
        if row.get(link.link) is not None
    ]
    targets = {row["to_id"]: row[link.link] for row in rows}
    built = source.build(list(targets.values()), LoadGroup())
    by_id = dict(zip(targets, built, strict=True))
    linked: dict[Any, list[Any]] = {key: [] for key in mappings}
    for row in rows:
        linked[row["from_id"]].append(by_id[row["to_id"]])
    for key, mapping in mappings.items():
        mapping._custom_rows.links[link.key] = tuple(linked[key])


def _expressions(keys: Sequence[Any], link: CustomLinkDeclaration) -> list[str]:
    names = ("from_id", "to_id", link.link)
    projections = tuple(ast.PathExpression.of(name) for name in names)
    key = ast.PathExpression((ast.Step("configuration"), ast.Step("key")))
    is_link = ast.Comparison(key, "is", ast.LiteralNode(link.key))
    return [
        compile_query(
            ast.Query(
                link.row_type,
                projections,
                criteria=ast.And(
                    (
                        is_link,
                        keyed(
                            ("from_id",),
                            [(each,) for each in keys[start : start + KEYS_PER_QUERY]],
                        ),
                    )
                ),
            )
        )
        for start in range(0, len(keys), KEYS_PER_QUERY)
    ]
