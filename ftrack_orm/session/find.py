"""Find the one entity that satisfies conditions, among reference data without I/O."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from ftrack_orm.entity.tracking import server_value
from ftrack_orm.errors.entity import UnknownAttributeError
from ftrack_orm.errors.query import (
    CriterionError,
    MultipleResultsError,
    NoResultError,
)
from ftrack_orm.errors.root import shortened
from ftrack_orm.errors.suggestions import nearest
from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_criteria
from ftrack_orm.query.criterion import Criterion, conjunction, require_about
from ftrack_orm.query.literals import encode_literal
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.select.select import Select
from ftrack_orm.session.conditions import conditions_of
from ftrack_orm.session.entity_data import sendable_data
from ftrack_orm.session.reference_data import REFERENCE_TYPES
from ftrack_orm.types import NOT_LOADED

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.entity.type_info import TypeInfo
    from ftrack_orm.session.core import SessionCore

_MATCH_LIMIT: Final = 20
"""The most matches that are requested; the error for several lists them."""


def find(
    core: SessionCore,
    entity_class: type[Entity],
    criteria: Sequence[Criterion],
    values: Mapping[str, Any],
) -> Any:
    """Return the only entity that satisfies the conditions.

    Raises:
        NoResultError: there is none.
        MultipleResultsError: there are several.
    """
    search = _search_of(core, entity_class, criteria, values)
    entity = search.only_match()
    if entity is None:
        raise NoResultError(
            search.text,
            suggestions=search.suggestions(),
            remedy="Use find_or_none() when there may be none.",
        )
    return entity


def find_or_none(
    core: SessionCore,
    entity_class: type[Entity],
    criteria: Sequence[Criterion],
    values: Mapping[str, Any],
) -> Any:
    """Return the only entity that satisfies the conditions, ``None`` without one.

    Raises:
        MultipleResultsError: there are several.
    """
    return _search_of(core, entity_class, criteria, values).only_match()


@lazy_dataclass(frozen=True, slots=True)
class _Search:
    """The conditions of one `find`.

    Attributes:
        core: the session's internals.
        entity_class: the class to search.
        nodes: the conditions, none of which is an `ast.And`.
        tests: those of the conditions that memory can decide.
        text: the call as a person writes it, for messages.
    """

    core: SessionCore
    entity_class: type[Entity]
    nodes: tuple[ast.Criteria, ...]
    tests: tuple[_Test, ...]
    text: str

    @property
    def is_cached(self) -> bool:
        """Return whether reference data in memory answers the search."""
        is_reference = self.entity_class.__ftrack__.name in REFERENCE_TYPES
        return is_reference and len(self.tests) == len(self.nodes)

    def only_match(self) -> Any:
        """Return the only match; among several, the one with the same case.

        Servers compare text without regard to case (protocol 10, row 7).

        Raises:
            MultipleResultsError: several match equally well.
        """
        matches = self._matches()
        if len(matches) > 1:
            exact = [
                match
                for match in matches
                if all(test.is_equal(match) for test in self.tests)
            ]
            matches = exact or matches
        if len(matches) > 1:
            raise MultipleResultsError(
                self.text,
                [str(match.reference) for match in matches],
                remedy="Add a condition, or use select() for all.",
            )
        return matches[0] if matches else None

    def _matches(self) -> list[Any]:
        if self.is_cached:
            entities = self.core.look_ups.reference.entities_of(self.entity_class)
            return [
                entity
                for entity in entities
                if all(test.is_met_by(entity) for test in self.tests)
            ]
        criterion = Criterion._of(self.entity_class.__ftrack__, conjunction(self.nodes))
        select = Select._of(self.core, self.entity_class)
        return select.where(criterion).limit(_MATCH_LIMIT).all()

    def suggestions(self) -> tuple[str, ...]:
        """Return values of the reference data that resemble those searched."""
        if not self.is_cached:
            return ()
        entities = self.core.look_ups.reference.entities_of(self.entity_class)
        names: list[str] = []
        for test in self.tests:
            stored = [test.value_of(entity) for entity in entities]
            texts = [text for text in stored if isinstance(text, str)]
            names += nearest(test.literal.text, texts)
        return tuple(dict.fromkeys(names))


def _search_of(
    core: SessionCore,
    entity_class: type[Entity],
    criteria: Sequence[Criterion],
    values: Mapping[str, Any],
) -> _Search:
    """Return the search for conditions and values; all are checked first.

    Raises:
        CriterionError: there is no condition, or one is about another type.
        UnknownAttributeError, AttributeValueError: a value is wrong.
    """
    type_info = entity_class.__ftrack__
    nodes = list(_nodes(type_info, criteria))
    for name in values:
        _require_single(type_info, name)
    for server_name, value in sendable_data(type_info, values).items():
        nodes += conditions_of(type_info.by_server_name[server_name], value)
    if not nodes:
        raise CriterionError(
            f"find() of {type_info.name} needs a condition, as in "
            f"find({entity_class.__name__}, name='x'). Use select() for all."
        )
    tests = tuple(_tests(type_info, nodes))
    text = f"{type_info.name} with {_text(criteria, values)}"
    return _Search(core, entity_class, tuple(nodes), tests, text)


def _nodes(
    type_info: TypeInfo, criteria: Sequence[Criterion]
) -> Iterator[ast.Criteria]:
    for criterion in criteria:
        if not isinstance(criterion, Criterion):
            raise CriterionError(
                f"{shortened(criterion)} is not a condition. Compare an attribute of "
                f"{type_info.name}, or pass a value by its name."
            )
        require_about(type_info, criterion.root)
        node = criterion.node
        yield from node.operands if isinstance(node, ast.And) else (node,)


def _require_single(type_info: TypeInfo, name: str) -> None:
    attribute = type_info.attributes.get(name) or type_info.by_server_name.get(name)
    if attribute is None:
        raise UnknownAttributeError(type_info.name, name, type_info.attributes)
    if attribute.kind not in (AttributeKind.SCALAR, AttributeKind.LINK):
        raise CriterionError(
            f"{type_info.name}.{name} holds several values. Pass a condition, as in "
            f"find({type_info.name}, {type_info.name}.{name}.any(...))."
        )


def _text(criteria: Sequence[Criterion], values: Mapping[str, Any]) -> str:
    parts = [compile_criteria(criterion.node) for criterion in criteria]
    parts += [f"{name}={shortened(value)}" for name, value in values.items()]
    return ", ".join(parts)


# -- conditions that memory can decide -------------------------------------------------


@lazy_dataclass(frozen=True, slots=True)
class _Test:
    """The condition that a stored scalar equals a value.

    Attributes:
        attribute: the scalar.
        literal: the value as the language writes it.
        folded: the text of the literal without regard to case.
    """

    attribute: AttributeInfo
    literal: ast.LiteralNode
    folded: str

    def value_of(self, entity: Entity) -> Any:
        """Return the server's value: a query does not see edits."""
        value = server_value(entity, self.attribute.name)
        return None if value is NOT_LOADED else value

    def is_equal(self, entity: Entity) -> bool:
        """Return whether an entity has the value itself."""
        return self._literal_of(self.value_of(entity)) == self.literal

    def is_met_by(self, entity: Entity) -> bool:
        """Return whether an entity has the value, without regard to case."""
        value = self.value_of(entity)
        if type(value) is str and self.literal.quoted:  # nearly every search
            return value.casefold() == self.folded
        return self._literal_of(value) == self.literal

    def _literal_of(self, value: Any) -> ast.LiteralNode:
        return encode_literal(None if value is None else self.attribute.validate(value))


def _tests(type_info: TypeInfo, nodes: Iterable[ast.Criteria]) -> Iterator[_Test]:
    """Yield the tests of nodes that compare a stored scalar of the type."""
    for node in nodes:
        if isinstance(node, ast.Comparison) and node.operator == "is":
            attribute = type_info.by_server_name.get(str(node.path))
            if attribute is not None and attribute in type_info.stored_scalars:
                yield _Test(attribute, node.value, node.value.text.casefold())
