"""Query paths of mapped attributes: metadata and custom attributes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar, overload

from ftrack_orm.errors.entity import UnknownAttributeError
from ftrack_orm.errors.query import CriterionError
from ftrack_orm.errors.root import shortened
from ftrack_orm.query import ast
from ftrack_orm.query.criterion import Criterion, Written, inner_criteria
from ftrack_orm.query.literals import encode_literal
from ftrack_orm.query.path import Path, PathBase, document_paths, pattern_literal
from ftrack_orm.query.protocols import AttributeLike, TypeLike

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ftrack_orm.query.protocols import Subquery
    from ftrack_orm.types import VariableValue

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


def any_member(path: PathBase, criteria: tuple[Criterion, ...]) -> Criterion:
    """Return the condition that one member, or row, satisfies all criteria."""
    target = path._root.type_named(str(path._attribute.target))
    node = inner_criteria(target, criteria)
    return Criterion._of(
        path._root,
        ast.Quantified(path._expression, "any", node),
        ("any", path, criteria),
    )


class _MappedParts(PathBase):
    """The parts of a `MappedPath`, whose types are internal.

    `_cast` is the class of custom attributes that `as_` chose, or ``None``.
    """

    __slots__ = ("_cast",)

    def __init__(
        self,
        root: TypeLike,
        steps: tuple[ast.Step, ...],
        attribute: AttributeLike,
        parent: PathBase | None = None,
        cast: type[Any] | None = None,
    ) -> None:
        super().__init__(root, steps, attribute, parent)
        self._cast: type[Any] | None = cast

    @property
    def _values_class(self) -> type[Any]:
        """Return the class of the values that the path leads to."""
        return self._cast or self._attribute.mapped_class


class MappedPath(_MappedParts, Generic[T]):
    """The query path of metadata or custom attributes."""

    __slots__ = ()

    @overload
    def __getitem__(self: MappedPath[VariableValue], key: str) -> VariableItemPath: ...
    @overload
    def __getitem__(self, key: str) -> MappedItemPath[T | None]: ...
    def __getitem__(self, key: str) -> MappedItemPath[Any]:
        """Return the path of the value with the key `key`.

        Raises:
            CriterionError: the key is not text.
        """
        if not isinstance(key, str):
            raise CriterionError(
                f"The keys of {self!r} are text, not {shortened(key)}. Pass text."
            )
        return self._item(key)

    def _item(self, key: str) -> MappedItemPath[Any]:
        lists = getattr(self._values_class, "__lists__", ())
        return (ChoicesPath if key in lists else MappedItemPath)(self, key)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            keys = getattr(self._values_class, "__keys__", {})
            links = getattr(self._values_class, "__links__", {})
            if name in links:
                from ftrack_orm.query.custom_link_path import CustomLinkPath

                return CustomLinkPath._of(self, links[name])
            if name not in keys:
                raise UnknownAttributeError(repr(self), name, (*keys, *links))
            return self._item(keys[name])

    def as_(self, target: type[Any]) -> MappedPath[Any]:
        """Return the path with the custom attributes of a project's class.

        Raises:
            CriterionError: `target` is not a class of these custom attributes.
        """
        if not hasattr(target, "__keys__"):
            raise CriterionError(
                f"as_() of {self!r} needs a class of custom attributes, not "
                f"{shortened(target)}."
            )
        declared = self._attribute.mapped_class
        if hasattr(declared, "__keys__") and not issubclass(target, declared):
            raise CriterionError(
                f"as_() of {self!r} needs {declared.__name__} or a subclass, not "
                f"{target.__name__}."
            )
        return MappedPath(
            self._root, self._steps, self._attribute, self._parent, target
        )

    def any(self, *criteria: Criterion) -> Criterion:
        """Match entities of which one row satisfies all `criteria`.

        Without criteria, match entities with at least one row.
        """
        return any_member(self, criteria)

    def __dir__(self) -> list[str]:
        from ftrack_orm.listed_names import listed_names

        # A studio's package names the custom attributes that a server has.
        keys = getattr(self._cast, "__keys__", self._attribute.mapped_keys)
        links = getattr(self._values_class, "__links__", ())
        return listed_names((*keys, *links), ("any",))

    def _ipython_key_completions_(self) -> list[str]:
        owner = self._root if self._parent is None else self._parent._view
        return owner.known_keys(self._attribute)


class MappedItemPath(Path[T_co]):
    """The query path of one key of a mapped attribute, ``Task.metadata["source"]``."""

    __slots__ = ("_mapped", "key")

    def __init__(self, mapped: MappedPath[Any], key: str) -> None:
        super().__init__(mapped._root, mapped._steps, mapped._attribute, mapped)
        self._mapped = mapped
        self.key = key

    @property
    def _is_declared(self) -> bool:
        """Return whether a studio's package states the type of the key."""
        keys = getattr(self._mapped._values_class, "__keys__", {})
        return self.key in keys.values()

    @property
    def _is_list(self) -> bool:
        """Return whether it is an enumerator that a studio's package declares."""
        return self.key in getattr(self._mapped._values_class, "__lists__", ())

    @property
    def or_none(self) -> Path[T_co | None]:
        """Return the path with ``None`` where a link on it is null; see `Path`."""
        return NullableItemPath(self._mapped, self.key)

    @property
    def _documentation(self) -> str:
        return self._attribute.documentation_of(self.key)

    def _with_key(self, node_of: Any, written: Written) -> Criterion:
        """Return the condition that the row of the key satisfies a node.

        Args:
            node_of: returns the node for the path of the row's value.
            written: the expression of the program, for `repr`.
        """
        names = self._attribute.key_value_attributes or {}
        key = ast.PathExpression.of(names.get("key", "key"))
        value = ast.PathExpression.of(names.get("value", "value"))
        both = ast.And(
            (ast.Comparison(key, "is", ast.LiteralNode(self.key)), node_of(value))
        )
        return Criterion._of(
            self._root, ast.Quantified(self._expression, "any", both), written
        )

    def _checked(self, value: Any) -> Any:
        return value

    @property
    def _holds_key(self) -> bool:
        return True  # metadata often contains ids of other entities

    def _compare(self, operator: ast.Operator, value: Any) -> Criterion:
        literal = encode_literal(value)
        return self._with_key(
            lambda path: ast.Comparison(path, operator, literal),
            (operator, self, value),
        )

    if TYPE_CHECKING:
        # Allowed for every type: only the server's configuration determines whether a
        # custom attribute is text.
        def like(self, pattern: str) -> Criterion:
            """Match the text of this key; see `Path.like`."""
            ...

        def not_like(self, pattern: str) -> Criterion:
            """Match entities that `like` does not match."""
            ...

    def _match(self, operator: ast.Operator, pattern: str) -> Criterion:
        literal = pattern_literal(self, pattern)
        return self._with_key(
            lambda path: ast.Comparison(path, operator, literal),
            (operator, self, pattern),
        )

    def _member(self, candidates: Any, *, negated: bool) -> Criterion:
        candidates, literals = self._candidates(candidates)
        written = ("not_in" if negated else "in", self, candidates)
        if literals:
            return self._with_key(
                lambda path: ast.Membership(path, literals, negated), written
            )
        # The language has no empty list (see `Path._member`). The key of a row is never
        # an empty text.
        key = ast.PathExpression.of((self._attribute.key_value_attributes or {})["key"])
        return self._with_key(lambda _: ast.Membership(key, (), negated), written)

    def desc(self) -> NoReturn:
        """Raise `CriterionError`: rows of a mapped attribute cannot order entities."""
        raise CriterionError(f"{self!r} cannot order a query.")

    asc = desc


class NullableItemPath(MappedItemPath[T_co]):
    """The path of one key, whose value is ``None`` where a link on it is null."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{super().__repr__()}.or_none"


class ChoicesPath(MappedItemPath[list[T]]):
    """The path of an enumerator: a row of `Select.values` has the list of its choices.

    Conditions compare one choice: ``Shot.custom_attributes.quality == "low"``.
    """

    __slots__ = ()

    if TYPE_CHECKING:

        def __eq__(self, other: T | None) -> Criterion: ...  # type: ignore[override] # as in `Path`
        def __ne__(self, other: T | None) -> Criterion: ...  # type: ignore[override] # as in `Path`
        def __lt__(self, other: T) -> Criterion: ...  # type: ignore[override] # one choice
        def __le__(self, other: T) -> Criterion: ...  # type: ignore[override] # one choice
        def __gt__(self, other: T) -> Criterion: ...  # type: ignore[override] # one choice
        def __ge__(self, other: T) -> Criterion: ...  # type: ignore[override] # one choice

        __hash__ = MappedItemPath.__hash__

        @overload  # type: ignore[override] # one choice
        def in_(self, candidates: Subquery) -> Criterion: ...
        @overload
        def in_(self, candidates: Iterable[T]) -> Criterion: ...
        def in_(self, candidates: Any) -> Criterion:  # pyright: ignore[reportIncompatibleMethodOverride] # one choice
            """Match any of the choices; see `Path.in_`."""
            ...

        @overload  # type: ignore[override] # one choice
        def not_in(self, candidates: Subquery) -> Criterion: ...
        @overload
        def not_in(self, candidates: Iterable[T]) -> Criterion: ...
        def not_in(self, candidates: Any) -> Criterion:  # pyright: ignore[reportIncompatibleMethodOverride] # one choice
            """Match entities that `in_` does not match."""
            ...


if TYPE_CHECKING:

    class VariableItemPath(MappedItemPath[Any]):
        """The path of a custom attribute of a type that only the server has.

        A row of `Select.values` holds any value; conditions take values that custom
        attributes can have.
        """

        __slots__ = ()

        def __eq__(self, other: VariableValue) -> Criterion: ...  # type: ignore[override] # as in `Path`
        def __ne__(self, other: VariableValue) -> Criterion: ...  # type: ignore[override] # as in `Path`
        def __lt__(self, other: VariableValue) -> Criterion: ...
        def __le__(self, other: VariableValue) -> Criterion: ...
        def __gt__(self, other: VariableValue) -> Criterion: ...
        def __ge__(self, other: VariableValue) -> Criterion: ...

        __hash__ = MappedItemPath.__hash__

        def in_(self, candidates: Iterable[VariableValue] | Subquery) -> Criterion:
            """Match any of the values; see `Path.in_`."""
            ...

        def not_in(self, candidates: Iterable[VariableValue] | Subquery) -> Criterion:
            """Match entities that `in_` does not match."""
            ...


document_paths(MappedItemPath, MappedPath)
