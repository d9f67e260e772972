"""`Select`, the typed query."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import (
    TYPE_CHECKING,
    Any,
    Final,
    Generic,
    NoReturn,
    Self,
    TypeVar,
    overload,
)

from ftrack_orm.entity.entity_list import EntityList
from ftrack_orm.errors.other_words import OtherWords
from ftrack_orm.errors.query import (
    CriterionError,
    MultipleResultsError,
    NoResultError,
    QueryError,
)
from ftrack_orm.errors.root import shortened
from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_query
from ftrack_orm.query.criterion import (
    MYPY,
    Criterion,
    conjunction,
    require_about,
)
from ftrack_orm.query.mapped_paths import MappedItemPath
from ftrack_orm.query.path import OrderKey, Path
from ftrack_orm.select.bounds import whole_number
from ftrack_orm.select.executor import QueryExecutor
from ftrack_orm.select.key_rows import KEYS_PER_PAGE, key_rows
from ftrack_orm.select.projection import Loadable, loaded_projections
from ftrack_orm.select.query_pages import pages_of
from ftrack_orm.select.result import Result
from ftrack_orm.select.stored_values import custom_attributes_of, page_source
from ftrack_orm.select.tuples import ValueReader, columns_of
from ftrack_orm.select.value_rows import ValueRows
from ftrack_orm.select.words import OTHER_WORDS

if TYPE_CHECKING:
    from ftrack_orm.entity.attribute_info import AttributeInfo
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.types import TextPrinter

E = TypeVar("E", bound="Entity")
T1 = TypeVar("T1")
T2 = TypeVar("T2")
T3 = TypeVar("T3")
T4 = TypeVar("T4")
T5 = TypeVar("T5")
T6 = TypeVar("T6")
T7 = TypeVar("T7")
T8 = TypeVar("T8")

_REPR_CHARACTERS: Final = 2_000
"""Characters of an expression that a repr or error shows."""


class _SelectParts(Generic[E]):
    """The slots of a `Select`, whose types are internal."""

    __slots__ = (
        "_class",
        "_custom",
        "_executor",
        "_loads",
        "_query",
        "_result",
        "_shown",
    )

    _class: type[E]
    _executor: QueryExecutor
    _loads: tuple[Any, ...]
    _query: ast.Query
    _result: Result[E] | None
    _shown: list[E] | None
    _custom: AttributeInfo | None


class Select(_SelectParts[E], OtherWords):
    """A query for entities of one type. Each method returns a new select.

    A console or notebook that shows a select fetches its first rows, once, and shows
    them as a table; `repr` sends nothing.

    Iterating requests page by page and stores the rows, so that the select can be
    iterated and indexed again without a request; `all`, `first`, `one`,
    `one_or_none`, `values`, `count` and `exists` send a request each time.

    A list of more than about 1,000 values in an ``in_`` that every row must match is
    split into several queries, several to a request. The result has the rows of the
    whole query, each once. Without `order_by` they come in the order of the parts.
    With it the keys are requested first; the server orders up to 1,000 matching
    entities, beyond that the parts are merged (null first, text without regard to
    case), or refused with `QueryError` where the server's order differs. A long list
    anywhere else (``not_in``, inside ``|``, ``~``, ``any``, ``has``, a mapped
    attribute or another select) is refused with `QueryError` when the select is read.
    """

    __slots__ = ()

    _OTHER_WORDS = OTHER_WORDS

    @classmethod
    def _of(cls, executor: QueryExecutor, entity_class: type[E]) -> Self:
        """Return the select of every entity of a class."""
        select = cls.__new__(cls)
        select._executor = executor
        select._class = entity_class
        select._query = ast.Query(entity_class.__ftrack__.name)
        select._loads = ()
        select._result = select._shown = select._custom = None
        return select

    def _with(self, **changes: Any) -> Self:
        select = self._of(self._executor, self._class)
        select._query = replace(self._query, **changes)
        select._loads = self._loads
        select._custom = self._custom
        return select

    # -- building ----------------------------------------------------------------

    def where(self, *criteria: Criterion) -> Self:
        """Return a select whose entities also match all of `criteria`.

        Raises:
            CriterionError: one is for another entity type, or is no condition.
        """
        nodes = [] if self._query.criteria is None else [self._query.criteria]
        for criterion in criteria:
            if not isinstance(criterion, Criterion):
                raise CriterionError(
                    f"{shortened(criterion)} is not a condition. Compare an attribute "
                    f"of {self._class.__name__}; two sides of other types compare to a "
                    "bool."
                )
            require_about(self._class.__ftrack__, criterion.root)
            nodes.append(criterion.node)
        return self._with(criteria=conjunction(nodes)) if nodes else self._with()

    def order_by(self, *keys: OrderKey | Path[Any]) -> Self:
        """Order by `keys`, after those of earlier calls; ascending unless ``desc()``.

        Raises:
            CriterionError: one is no scalar attribute of this type.
        """
        orderings = []
        for key in keys:
            order = key if isinstance(key, OrderKey) else OrderKey(key)
            path: object = order.path
            if not isinstance(path, Path) or isinstance(path, MappedItemPath):
                raise CriterionError(
                    f"{shortened(path)} cannot order a query. Order by a scalar "
                    f"attribute of {self._class.__name__} or of a linked entity, as "
                    "in Task.status.name."
                )
            self._require_path(path)
            orderings.append(ast.Ordering(path._expression, order.descending))
        return self._with(order_by=(*self._query.order_by, *orderings))

    def limit(self, count: int) -> Self:
        """Return at most `count` entities.

        Raises:
            QueryError: it is no whole number, or below 0.
        """
        return self._with(limit=whole_number("limit", count))

    def offset(self, count: int) -> Self:
        """Skip the first `count` entities.

        Raises:
            QueryError: it is no whole number, or below 0.
        """
        return self._with(offset=whole_number("offset", count))

    def load(self, *paths: Loadable, stored: bool = False) -> Self:
        """Also load these attributes, in the same request.

        A link or collection loads the stored scalars of its targets;
        ``Task.assignments.each.resource`` continues through a collection.

        Args:
            *paths: the attributes.
            stored: also read which custom attributes have a stored value, for
                `is_set`, ``del`` and copies. A select with a limit or offset, or with
                a long list, reads that when it is first needed, with one request more.

        Raises:
            QueryError: `stored` without the custom attributes of the selected type.
        """
        for path in paths:
            self._require_path(path)
        select = self._with()
        select._loads = (*self._loads, *paths)
        if stored:
            select._custom = custom_attributes_of(paths)
        return select

    def only(self, *paths: Loadable) -> Self:
        """Load these attributes instead of every stored scalar.

        The key, the type's system projections and the paths of `load` are included.
        """
        if not paths:
            raise QueryError("only() needs at least one attribute.")
        for path in paths:
            self._require_path(path)
        projections = loaded_projections(self._class.__ftrack__, paths, all_own=False)
        return self._with(projections=projections)

    def _require_path(self, path: Any) -> None:
        root = getattr(path, "_root", None)
        if root is None:
            raise CriterionError(
                f"{shortened(path)} is not an attribute of {self._class.__name__}. "
                "Read it on the class, as in Task.status."
            )
        require_about(self._class.__ftrack__, root)

    # -- reading -----------------------------------------------------------------

    @property
    def expression(self) -> str:
        """Return the text that is sent, without the offset and limit of pages."""
        return compile_query(self._full_query())

    def __repr__(self) -> str:
        return f"Select({self._shortened_expression})"

    def _repr_pretty_(self, printer: TextPrinter, cycle: bool) -> None:
        from ftrack_orm.select.display import print_select

        print_select(self, printer)

    def _repr_html_(self) -> str:
        from ftrack_orm.select.display import select_html

        return select_html(self)

    def _fetched_rows(self) -> list[E]:
        return [] if self._result is None else self._result.fetched_rows

    if not MYPY:

        def __bool__(self) -> NoReturn:
            raise QueryError(
                f"A select of {self._class.__name__} has no truth value. Use exists(), "
                "or all() for the entities."
            )

    @property
    def _shortened_expression(self) -> str:
        text = self.expression
        if len(text) <= _REPR_CHARACTERS:
            return text
        return f"{text[:_REPR_CHARACTERS]}…"

    def _full_query(self) -> ast.Query:
        only = self._query.projections
        loads = loaded_projections(
            self._class.__ftrack__, self._loads, all_own=not only
        )
        projections = tuple(dict.fromkeys((*only, *loads)))
        return replace(self._query, projections=projections)

    def _as_subquery(self, *, default_to_key: bool = True) -> ast.Query:
        """Return the query inside an ``in (…)``, which projects one attribute.

        Args:
            default_to_key: project the primary key where `only` was not used.

        Raises:
            QueryError: the select projects none or several.
        """
        query = self._query
        if not query.projections and default_to_key:
            names = self._class.__ftrack__.primary_key
            paths = tuple(ast.PathExpression.of(name) for name in names)
            query = replace(query, projections=paths)
        if len(query.projections) != 1:
            raise QueryError(
                f"in_() needs a select of one attribute, not {self!r}. Use only()."
            )
        return query

    def _new_result(self) -> Result[E]:
        type_info = self._class.__ftrack__
        # Without a reference to the select: the two would keep each other alive, and
        # the result would count as open.
        query = self._full_query()
        make_pages = partial(pages_of, self._executor, type_info, query)
        source = page_source(self._executor, type_info, query, self._custom)
        return Result(source, make_pages, self._class)

    def _stored_result(self) -> Result[E]:
        if self._result is None:
            self._result = self._new_result()
        return self._result

    def all(self) -> list[E]:
        """Request and return all matching entities."""
        return EntityList(self._new_result().all())

    def first(self) -> E | None:
        """Return the first matching entity, ``None`` when there is none."""
        entities = self.limit(min(1, self._limit_or(1))).all()
        return entities[0] if entities else None

    def one(self) -> E:
        """Return the only matching entity.

        Raises:
            NoResultError: there is none.
            MultipleResultsError: there are several; its `keys` names two.
        """
        entity = self.one_or_none()
        if entity is None:
            raise NoResultError(self._shortened_expression)
        return entity

    def one_or_none(self) -> E | None:
        """Return the only matching entity, ``None`` when there is none.

        Raises:
            MultipleResultsError: there are several; its `keys` names two.
        """
        entities = self.limit(min(2, self._limit_or(2))).all()
        if len(entities) > 1:
            raise MultipleResultsError(
                self._shortened_expression,
                [str(entity.reference) for entity in entities],
            )
        return entities[0] if entities else None

    def count(self) -> int:
        """Return the number of matching entities; offset and limit apply.

        Sends one request for each 50,000 entities and builds no entities.
        """
        # Keys are requested and counted: servers never return a total, and aggregates
        # work for few types and in strict mode only (protocol 2.1, 5.3).
        return sum(1 for _ in self._key_rows(self._query.limit, KEYS_PER_PAGE))

    def exists(self) -> bool:
        """Return whether any entity matches; sends one request for one key."""
        limit = min(1, self._limit_or(1))
        return next(self._key_rows(limit, self._executor.page_size), None) is not None

    def _key_rows(self, limit: int | None, page_size: int) -> Iterator[dict[str, Any]]:
        query = replace(self._query, limit=limit)
        return key_rows(self._executor, self._class.__ftrack__, query, page_size)

    def _limit_or(self, count: int) -> int:
        return count if self._query.limit is None else self._query.limit

    def __iter__(self) -> Iterator[E]:
        return iter(self._stored_result())

    @overload
    def __getitem__(self, index: int) -> E: ...
    @overload
    def __getitem__(self, index: slice) -> list[E]: ...
    def __getitem__(self, index: int | slice) -> E | list[E]:
        if isinstance(index, slice):
            return EntityList(self._stored_result().all()[index])
        return self._stored_result()[operator.index(index)]

    @overload
    def values(
        self,
        a: Path[T1],
        /,
    ) -> list[tuple[T1]]: ...
    @overload
    def values(
        self,
        a: Path[T1],
        b: Path[T2],
        /,
    ) -> list[tuple[T1, T2]]: ...
    @overload
    def values(
        self,
        a: Path[T1],
        b: Path[T2],
        c: Path[T3],
        /,
    ) -> list[tuple[T1, T2, T3]]: ...
    @overload
    def values(
        self,
        a: Path[T1],
        b: Path[T2],
        c: Path[T3],
        d: Path[T4],
        /,
    ) -> list[tuple[T1, T2, T3, T4]]: ...
    @overload
    def values(
        self,
        a: Path[T1],
        b: Path[T2],
        c: Path[T3],
        d: Path[T4],
        e: Path[T5],
        /,
    ) -> list[tuple[T1, T2, T3, T4, T5]]: ...
    @overload
    def values(
        self,
        a: Path[T1],
        b: Path[T2],
        c: Path[T3],
        d: Path[T4],
        e: Path[T5],
        f: Path[T6],
        /,
    ) -> list[tuple[T1, T2, T3, T4, T5, T6]]: ...
    @overload
    def values(
        self,
        a: Path[T1],
        b: Path[T2],
        c: Path[T3],
        d: Path[T4],
        e: Path[T5],
        f: Path[T6],
        g: Path[T7],
        /,
    ) -> list[tuple[T1, T2, T3, T4, T5, T6, T7]]: ...
    @overload
    def values(
        self,
        a: Path[T1],
        b: Path[T2],
        c: Path[T3],
        d: Path[T4],
        e: Path[T5],
        f: Path[T6],
        g: Path[T7],
        h: Path[T8],
        /,
    ) -> list[tuple[T1, T2, T3, T4, T5, T6, T7, T8]]: ...
    # Not for fewer than nine paths: a type checker would fall back to this overload
    # when the row of a matching one does not have the expected type.
    @overload
    def values(
        self,
        a: Path[Any],
        b: Path[Any],
        c: Path[Any],
        d: Path[Any],
        e: Path[Any],
        f: Path[Any],
        g: Path[Any],
        h: Path[Any],
        i: Path[Any],
        /,
        *paths: Path[Any],
    ) -> list[tuple[Any, ...]]: ...
    def values(self, *paths: Path[Any]) -> Sequence[Any]:
        """Return a tuple of these attributes for each matching entity.

        No entities are built and the rows are not stored, as suits a report. A value
        is ``None`` if a link on the path is null, or if an entity lacks the item of
        metadata or custom attributes. A path through a link that may be null must end
        in ``or_none``: ``Shot.type.name.or_none``.

        Raises:
            QueryError: a path goes through a collection, is neither a scalar nor an
                item of a mapped attribute, or passes a link that may be null without
                ``or_none``; nothing was sent.
        """
        type_info = self._class.__ftrack__
        for path in paths:
            if isinstance(path, Path):  # `columns_of` refuses anything else
                self._require_path(path)
        reader = ValueReader(type_info, columns_of(type_info, paths))
        query = replace(self._query, projections=reader.projections)
        pages = pages_of(self._executor, type_info, query)
        rows = [reader.read(row) for row in reader.rows(self._executor, pages)]
        return ValueRows._of(rows, paths)
