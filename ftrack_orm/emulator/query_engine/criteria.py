"""Query nodes to SQL: what a query's rows are and in which order they come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias, assert_never

import sqlalchemy as sa

from ftrack_orm.emulator.access.access import Access
from ftrack_orm.emulator.query_engine.conjunction import join
from ftrack_orm.emulator.query_engine.literals import Comparer, is_null, negate
from ftrack_orm.emulator.query_engine.names import QueryNameError, find_type
from ftrack_orm.emulator.query_engine.scopes import Clock, Condition, Expression, Scope
from ftrack_orm.emulator.storage.tables import Tables
from ftrack_orm.errors.emulator import UnsupportedError
from ftrack_orm.query import ast
from ftrack_orm.schema.model import Attribute, AttributeKind

_NEED_A_VALUE: Final = frozenset({"is", "<", "<=", ">", ">=", "like"})

_Leaf: TypeAlias = Callable[[Scope, ast.Step], Condition]


@dataclass(frozen=True, slots=True)
class Selection:
    """The rows of a query, before anything is said of what to return of them.

    Attributes:
        scope: the rows and all that is joined to them.
        where: the conditions they meet.
        order_by: their order, ending with the one they were inserted in.
        is_repeated: whether the joins repeat rows, so that they have to be grouped.
    """

    scope: Scope
    where: tuple[Condition, ...]
    order_by: tuple[Expression, ...]
    is_repeated: bool = False

    def select(self, columns: Sequence[Expression]) -> sa.Select[tuple[object, ...]]:
        """Return the statement for columns of these rows, each row once."""
        statement: sa.Select[tuple[object, ...]] = sa.select(*columns)
        statement = statement.select_from(self.scope.rows()).where(*self.where)
        if self.is_repeated:
            statement = statement.group_by(self.scope.order)
        return statement.order_by(*self.order_by)


class CriteriaCompiler:
    """Turns queries into selections.

    `clock` tells what is open now, `access` what the user may read.
    """

    def __init__(self, tables: Tables, clock: Clock, access: Access) -> None:
        self._tables = tables
        self._clock = clock
        self._access = access

    def compile(self, query: ast.Query) -> Selection:
        """Return the rows a query selects, its limit and offset aside.

        The first of its conditions on members of a collection becomes a join, unless
        rows are counted: joins repeat them.

        Raises:
            QueryNameError: the query names what is not there.
            QueryValueError: it compares what cannot be compared.
        """
        find_type(self._tables.schema, query.entity_type)
        scope = Scope(self._tables, query.entity_type, self._access)
        where = scope.seen()
        is_repeated = False
        for each in conjuncts(query.criteria):
            joined = None
            if not is_repeated and not is_grouped(query):
                joined = self._joined(scope, each)
            is_repeated = is_repeated or joined is not None
            where.append(self.condition(scope, each) if joined is None else joined)
            if joined is None:
                self._require(scope, each)
        order_by = [self.ordering(scope, each) for each in query.order_by]
        ordered = (*order_by, scope.order)
        return Selection(scope, (join("AND", where),), ordered, is_repeated)

    def condition(self, scope: Scope, criteria: ast.Criteria) -> Condition:
        """Return the condition that criteria put on the rows of a scope."""
        match criteria:
            case ast.And(operands):
                return join("AND", [self.condition(scope, each) for each in operands])
            case ast.Or(operands):
                return join("OR", [self.condition(scope, each) for each in operands])
            case ast.Not(operand):
                return negate(self.condition(scope, operand))
            case ast.Comparison():
                return self._comparison(scope, criteria)
            case ast.Membership():
                return self._membership(scope, criteria)
            case ast.Quantified():
                return self._quantified(scope, criteria)
        assert_never(criteria)

    def of_path(
        self, scope: Scope, path: ast.PathExpression
    ) -> tuple[Expression, Attribute]:
        """Return the SQL of a path that leads through links only, and its attribute.

        Raises:
            QueryNameError: the path leads through a collection.
        """
        *links, last = path.steps
        for step in links:
            if not self._is_link(scope, step.name):
                raise QueryNameError(
                    scope.entity_type, step.name, "a collection has no single value"
                )
            scope = scope.link(step.name, step.downcast)
        attribute, expression = scope.value(last.name, self._clock, last.downcast)
        return expression, attribute

    def ordering(self, scope: Scope, ordering: ast.Ordering) -> Expression:
        """Return the SQL of one key of an order; text without regard to case.

        Raises:
            QueryNameError: its path leads through a collection.
        """
        expression, attribute = self.of_path(scope, ordering.path)
        if Comparer(scope.entity_type, attribute, expression).is_text:
            expression = expression.collate("NOCASE")
        return expression.desc() if ordering.descending else expression.asc()

    # -- joins that conditions ask for --------------------------------------------

    def _joined(self, scope: Scope, criteria: ast.Criteria) -> Condition | None:
        """Join the members that a condition is about; return what holds of them.

        ``None`` when the condition is about anything else.
        """
        if not isinstance(criteria, ast.Comparison | ast.Membership | ast.Quantified):
            return None
        first, *rest = criteria.path.steps
        _, attribute = scope.attribute(first.name)
        if not attribute.is_relation or attribute.kind is AttributeKind.LINK:
            return None
        inner: ast.Criteria | None = None
        if isinstance(criteria, ast.Quantified) and criteria.quantifier == "any":
            inner = criteria.criteria
        if not rest and inner is None:
            return None
        member = scope.join_members(first.name, first.downcast)
        if member is None:
            return None
        if rest:
            inner = replace(criteria, path=ast.PathExpression(tuple(rest)))
        held = []
        for each in conjuncts(inner):
            held.append(self.condition(member, each))
            self._require(member, each)
        return join("AND", held)

    def _require(self, scope: Scope, criteria: ast.Criteria) -> None:
        """Require the links without whose targets a condition cannot hold."""
        if not isinstance(criteria, ast.Comparison | ast.Membership):
            return
        if not needs_a_value(criteria):
            return
        for step in criteria.path.steps[:-1]:
            if not self._is_link(scope, step.name):
                return
            scope = scope.require_link(step.name, step.downcast)

    # -- one condition -----------------------------------------------------------

    def _comparison(self, scope: Scope, node: ast.Comparison) -> Condition:
        def compare(owner: Scope, last: ast.Step) -> Condition:
            return self._comparer(owner, last).compare(node.operator, node.value)

        return self._along(scope, node.path.steps, compare)

    def _membership(self, scope: Scope, node: ast.Membership) -> Condition:
        def is_among(owner: Scope, last: ast.Step) -> Condition:
            if isinstance(node.candidates, ast.Query):
                attribute, expression = owner.value(
                    last.name, self._clock, last.downcast
                )
                comparer = Comparer(owner.entity_type, attribute, expression)
                if comparer.is_text:
                    expression = expression.collate("NOCASE")
                found: Condition = expression.in_(self._subquery(node.candidates))
            else:
                found = self._comparer(owner, last).is_among(node.candidates)
            return negate(found) if node.negated else found

        return self._along(scope, node.path.steps, is_among)

    def _quantified(self, scope: Scope, node: ast.Quantified) -> Condition:
        def criteria(members: Scope) -> Condition:
            if node.criteria is None:
                return sa.true()
            return self.condition(members, node.criteria)

        def quantify(owner: Scope, last: ast.Step) -> Condition:
            is_link = self._is_link(owner, last.name)
            if is_link and node.quantifier == "has":
                target = owner.link(last.name, last.downcast)
                return sa.and_(target.key[0].is_not(None), criteria(target))
            if is_link or node.quantifier == "has":
                needed = "it is a link, use has" if is_link else "use any, not has"
                raise QueryNameError(owner.entity_type, last.name, needed)
            return owner.members(last.name, last.downcast, criteria)

        return self._along(scope, node.path.steps, quantify)

    def _along(self, scope: Scope, steps: Sequence[ast.Step], leaf: _Leaf) -> Condition:
        """Follow a path; through a collection some member has to meet the rest."""
        first, *rest = steps
        if not rest:
            return leaf(scope, first)
        if self._is_link(scope, first.name):
            return self._along(scope.link(first.name, first.downcast), rest, leaf)
        return scope.members(
            first.name,
            first.downcast,
            lambda member: self._along(member, rest, leaf),
        )

    def _comparer(self, owner: Scope, last: ast.Step) -> Comparer:
        attribute, expression = owner.value(last.name, self._clock, last.downcast)
        if attribute.type == "object":
            raise QueryNameError(
                owner.entity_type, last.name, "an object cannot be compared"
            )
        return Comparer(owner.entity_type, attribute, expression)

    def _is_link(self, scope: Scope, name: str) -> bool:
        owner, attribute = scope.attribute(name)
        if not attribute.is_relation:
            raise QueryNameError(owner, name, "it is no relation")
        return attribute.kind is AttributeKind.LINK

    # -- subqueries --------------------------------------------------------------

    def _subquery(self, query: ast.Query) -> sa.Select[tuple[object, ...]]:
        key = self._tables.schema[
            find_type(self._tables.schema, query.entity_type).name
        ].primary_key
        paths = query.projections or (ast.PathExpression.of(key[0]),)
        if query.group_by or len(paths) != 1 or isinstance(paths[0], ast.Aggregate):
            raise UnsupportedError("a subquery that selects other than one attribute")
        selection = self.compile(query)
        expression, is_spread = self._each_value(selection.scope, paths[0])
        if is_spread and (query.limit is not None or query.offset):
            # It would count members, not the entities that the query is about.
            raise UnsupportedError("a page of a subquery that selects a collection")
        if is_spread:
            # All members are asked for, not one of each entity.
            selection = replace(selection, is_repeated=False)
        statement = selection.select([expression])
        return paged(statement, query.offset, query.limit)

    def _each_value(
        self, scope: Scope, path: ast.PathExpression
    ) -> tuple[Expression, bool]:
        """Return the SQL of a path, of each member where it leads through a collection.

        With it, whether it does.
        """
        *steps, last = path.steps
        is_spread = False
        for step in steps:
            if self._is_link(scope, step.name):
                scope = scope.link(step.name, step.downcast)
            else:
                scope, is_spread = scope.spread(step.name, step.downcast), True
        _, attribute = scope.attribute(last.name)
        if attribute.is_relation and attribute.kind is not AttributeKind.LINK:
            return scope.spread(last.name, last.downcast).key[0], True
        return scope.value(last.name, self._clock, last.downcast)[1], is_spread


def conjuncts(criteria: ast.Criteria | None) -> tuple[ast.Criteria, ...]:
    """Return the conditions that all have to hold."""
    if criteria is None:
        return ()
    return criteria.operands if isinstance(criteria, ast.And) else (criteria,)


def is_grouped(query: ast.Query) -> bool:
    """Return whether a query asks for groups of rows and not for the rows."""
    return bool(query.group_by) or any(
        isinstance(each, ast.Aggregate) for each in query.projections
    )


def needs_a_value(criteria: ast.Comparison | ast.Membership) -> bool:
    """Return whether a condition never holds of what has no value."""
    if isinstance(criteria, ast.Comparison):
        return criteria.operator in _NEED_A_VALUE and not is_null(criteria.value)
    if criteria.negated or isinstance(criteria.candidates, ast.Query):
        return False
    return not any(is_null(each) for each in criteria.candidates)


def paged(
    statement: sa.Select[tuple[object, ...]], offset: int | None, limit: int | None
) -> sa.Select[tuple[object, ...]]:
    """Return the statement for one page of its rows."""
    if limit is not None:
        statement = statement.limit(limit)
    return statement.offset(offset) if offset else statement
