"""Compile query nodes to SQL: joins, conditions and order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias, assert_never

import sqlalchemy as sa

from ftrack_orm.emulator.access.access import Access
from ftrack_orm.emulator.query_engine.aliases import Aliases
from ftrack_orm.emulator.query_engine.conjunction import join
from ftrack_orm.emulator.query_engine.literals import Comparer, is_null, negate
from ftrack_orm.emulator.query_engine.names import QueryNameError, find_type
from ftrack_orm.emulator.query_engine.scopes import Clock, Condition, Expression, Scope
from ftrack_orm.emulator.query_engine.type_names import with_table_names
from ftrack_orm.emulator.storage.tables import Tables
from ftrack_orm.errors.emulator import UnsupportedError
from ftrack_orm.query import ast
from ftrack_orm.schema.model import Attribute, AttributeKind

_VALUE_OPERATORS: Final = frozenset({"is", "<", "<=", ">", ">=", "like"})

_Leaf: TypeAlias = Callable[[Scope, ast.Step], Condition]


@dataclass(frozen=True, slots=True)
class Selection:
    """The rows of a query, without the columns to return.

    Attributes:
        scope: the rows and their joins.
        where: the conditions on the rows.
        order_by: the order of the rows; the order of insertion breaks ties.
        is_repeated: whether the joins repeat rows, which `select` then groups.
    """

    scope: Scope
    where: tuple[Condition, ...]
    order_by: tuple[Expression, ...]
    is_repeated: bool = False

    def select(self, columns: Sequence[Expression]) -> sa.Select[tuple[object, ...]]:
        """Return the statement that selects columns, with each row once."""
        statement: sa.Select[tuple[object, ...]] = sa.select(*columns)
        statement = statement.select_from(self.scope.rows()).where(*self.where)
        if self.is_repeated:
            statement = statement.group_by(self.scope.order)
        return statement.order_by(*self.order_by)


class CriteriaCompiler:
    """Compile a query and its subqueries into selections of one statement.

    `clock` decides whether a review session is open; `access` limits the rows to
    those that the user may read.
    """

    def __init__(self, tables: Tables, clock: Clock, access: Access) -> None:
        self._tables = tables
        self._clock = clock
        self._access = access
        self._aliases = Aliases(tables)

    def compile(self, query: ast.Query) -> Selection:
        """Return the selection of a query, without its limit and offset.

        The first condition on members of a collection becomes a join, unless the query
        groups rows: the join repeats rows, and aggregates would count the repetitions.

        Raises:
            QueryNameError: the query uses an unknown or unusable name.
            QueryValueError: it compares an attribute with a value of another type.
        """
        find_type(self._tables.schema, query.entity_type)
        scope = Scope(
            self._tables,
            query.entity_type,
            self._access,
            aliases=self._aliases,
            is_root=True,
        )
        where = scope.row_conditions()
        is_repeated = False
        for criteria in conjuncts(query.criteria):
            member_condition = None
            if not is_repeated and not is_grouped(query):
                member_condition = self._join_members_of(scope, criteria)
            if member_condition is None:
                where.append(self.condition(scope, criteria))
                self._require_links(scope, criteria)
            else:
                where.append(member_condition)
                is_repeated = True
        order_by = [self.ordering(scope, ordering) for ordering in query.order_by]
        # Ties need a stable order, because clients load results in pages (5.5).
        order_by.append(scope.order)
        return Selection(scope, (join("AND", where),), tuple(order_by), is_repeated)

    def condition(self, scope: Scope, criteria: ast.Criteria) -> Condition:
        """Return the SQL of criteria on the rows of a scope."""
        match criteria:
            case ast.And(operands):
                conditions = [self.condition(scope, operand) for operand in operands]
                return join("AND", conditions)
            case ast.Or(operands):
                conditions = [self.condition(scope, operand) for operand in operands]
                return join("OR", conditions)
            case ast.Not():
                return negate(self.condition(scope, criteria.operand))
            case ast.Comparison():
                return self._comparison(scope, criteria)
            case ast.Membership():
                return self._membership(scope, criteria)
            case ast.Quantified():
                return self._quantified(scope, criteria)
        assert_never(criteria)

    def path_value(
        self, scope: Scope, path: ast.PathExpression
    ) -> tuple[Expression, Attribute]:
        """Return the SQL and the attribute of a path through links.

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
        """Return the SQL of one ``order by`` term; the case of text is ignored.

        Raises:
            QueryNameError: its path leads through a collection.
        """
        expression, attribute = self.path_value(scope, ordering.path)
        if Comparer(scope.entity_type, attribute, expression).is_text:
            expression = expression.collate("NOCASE")
        return expression.desc() if ordering.descending else expression.asc()

    # -- joins for conditions ------------------------------------------------------

    def _join_members_of(
        self, scope: Scope, criteria: ast.Criteria
    ) -> Condition | None:
        """Join the members that a condition tests; return the condition on them.

        Returns ``None``, and joins nothing, when it does not test members.
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
        conditions = []
        for criterion in conjuncts(inner):
            conditions.append(self.condition(member, criterion))
            self._require_links(member, criterion)
        return join("AND", conditions)

    def _require_links(self, scope: Scope, criteria: ast.Criteria) -> None:
        """Require the links on the path of a condition that null does not meet."""
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

        return self._follow(scope, node.path.steps, compare)

    def _membership(self, scope: Scope, node: ast.Membership) -> Condition:
        def is_among(owner: Scope, last: ast.Step) -> Condition:
            if isinstance(node.candidates, ast.Query):
                attribute, expression = self._compared_value(owner, last)
                comparer = Comparer(owner.entity_type, attribute, expression)
                if comparer.is_text:
                    expression = expression.collate("NOCASE")
                condition: Condition = expression.in_(self._subquery(node.candidates))
            else:
                condition = self._comparer(owner, last).is_among(node.candidates)
            return negate(condition) if node.negated else condition

        return self._follow(scope, node.path.steps, is_among)

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
                reason = "it is a link, use has" if is_link else "use any, not has"
                raise QueryNameError(owner.entity_type, last.name, reason)
            return owner.member_exists(last.name, last.downcast, criteria)

        return self._follow(scope, node.path.steps, quantify)

    def _follow(
        self, scope: Scope, steps: Sequence[ast.Step], leaf: _Leaf
    ) -> Condition:
        """Return the condition of `leaf` at the end of a path.

        Where the path leads through a collection, some member must meet the rest.
        """
        first, *rest = steps
        if not rest:
            return leaf(scope, first)
        if self._is_link(scope, first.name):
            return self._follow(scope.link(first.name, first.downcast), rest, leaf)
        return scope.member_exists(
            first.name,
            first.downcast,
            lambda member: self._follow(member, rest, leaf),
        )

    def _comparer(self, owner: Scope, last: ast.Step) -> Comparer:
        attribute, expression = self._compared_value(owner, last)
        if attribute.type == "object":
            raise QueryNameError(
                owner.entity_type, last.name, "an object cannot be compared"
            )
        return Comparer(owner.entity_type, attribute, expression)

    def _compared_value(
        self, owner: Scope, last: ast.Step
    ) -> tuple[Attribute, Expression]:
        attribute, expression = owner.value(last.name, self._clock, last.downcast)
        if attribute.transform is not None:
            expression = with_table_names(self._tables, expression)
        return attribute, expression

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
        expression, is_collection = self._member_values(selection.scope, paths[0])
        if is_collection and (query.limit is not None or query.offset):
            # SQL would count members, and a limit counts the entities of the query.
            raise UnsupportedError("a page of a subquery that selects a collection")
        if is_collection:
            # Grouped by entity, the subquery would return one member of each.
            selection = replace(selection, is_repeated=False)
        statement = selection.select([expression])
        return paginate(statement, query.offset, query.limit)

    def _member_values(
        self, scope: Scope, path: ast.PathExpression
    ) -> tuple[Expression, bool]:
        """Return the SQL of a path, and whether it leads through a collection.

        Through a collection the SQL has one value for each member.
        """
        *steps, last = path.steps
        is_collection = False
        for step in steps:
            if self._is_link(scope, step.name):
                scope = scope.link(step.name, step.downcast)
            else:
                scope = scope.outer_join_members(step.name, step.downcast)
                is_collection = True
        _, attribute = scope.attribute(last.name)
        if attribute.is_relation and attribute.kind is not AttributeKind.LINK:
            return scope.outer_join_members(last.name, last.downcast).key[0], True
        return scope.value(last.name, self._clock, last.downcast)[1], is_collection


def conjuncts(criteria: ast.Criteria | None) -> tuple[ast.Criteria, ...]:
    """Return the operands of a conjunction, or the criteria as its only operand."""
    if criteria is None:
        return ()
    return criteria.operands if isinstance(criteria, ast.And) else (criteria,)


def is_grouped(query: ast.Query) -> bool:
    """Return whether a query returns groups of rows instead of rows."""
    return bool(query.group_by) or any(
        isinstance(projection, ast.Aggregate) for projection in query.projections
    )


def needs_a_value(criteria: ast.Comparison | ast.Membership) -> bool:
    """Return whether a condition never holds for null."""
    if isinstance(criteria, ast.Comparison):
        return criteria.operator in _VALUE_OPERATORS and not is_null(criteria.value)
    if criteria.negated or isinstance(criteria.candidates, ast.Query):
        return False
    return not any(is_null(candidate) for candidate in criteria.candidates)


def paginate(
    statement: sa.Select[tuple[object, ...]], offset: int | None, limit: int | None
) -> sa.Select[tuple[object, ...]]:
    """Return a statement with the offset and limit of one page."""
    if limit is not None:
        statement = statement.limit(limit)
    return statement.offset(offset) if offset else statement
