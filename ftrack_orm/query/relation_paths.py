"""Query paths of links, collections and mapped attributes.

To a type checker a link read on a class is the class of its target, ``type[Status]``;
at run time it is a `LinkPath`. Both have the same attributes, so a wrong name is an
error in the editor and at run time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar, overload

from ftrack_orm.errors.entity import UnknownAttributeError
from ftrack_orm.errors.query import CriterionError
from ftrack_orm.query import ast
from ftrack_orm.query.criterion import (
    MYPY,
    Criterion,
    Written,
    conjunction,
    inner_criteria,
    shortened,
)
from ftrack_orm.query.custom_link_path import CustomLinkPath
from ftrack_orm.query.literals import encode_literal
from ftrack_orm.query.path import Path, PathBase, document_paths, pattern_literal
from ftrack_orm.query.protocols import AttributeLike, TypeLike
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.types import HasReference

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ftrack_orm.query.protocols import Subquery
    from ftrack_orm.types import VariableValue

E = TypeVar("E")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class CollectionPath(PathBase, Generic[E]):
    """The query path of a collection."""

    __slots__ = ()

    @property
    def each(self) -> type[E]:
        """Return the path of the members: ``Task.assignments.each.resource``.

        A condition on such a path matches if some member satisfies it; different
        members may satisfy two such conditions (protocol 5.2).
        """
        target = self._root.type_named(str(self._attribute.target))
        return LinkPath(self._root, self._steps, self._attribute, target, parent=self)  # type: ignore[return-value] # read as the member's class

    def any(self, *criteria: Criterion) -> Criterion:
        """Match entities of which one member satisfies all `criteria`.

        Without criteria, match entities with at least one member.
        """
        return _any(self, criteria)

    def __dir__(self) -> list[str]:
        from ftrack_orm.listed_names import listed_names

        return listed_names(("any", "each"))

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            error = UnknownAttributeError(repr(self), name)
            target = self._root.type_named(str(self._attribute.target))
            if name in target.attributes:
                error.args = (
                    f"{self!r} is a collection and has no attribute {name!r}. Use "
                    f"{self!r}.any({target.name}.{name} == ...), or "
                    f"{self!r}.each.{name}.",
                )
            raise error

    if not MYPY:

        def __bool__(self) -> NoReturn:
            raise CriterionError(f"{self!r} has no truth value. Use {self!r}.any().")


def _any(path: PathBase, criteria: tuple[Criterion, ...]) -> Criterion:
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
        return MappedItemPath(self, key)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            mapped_class = self._cast or self._attribute.mapped_class
            keys = getattr(mapped_class, "__keys__", {})
            links = getattr(mapped_class, "__links__", {})
            if name in links:
                return CustomLinkPath._of(self, links[name])
            if name not in keys:
                raise UnknownAttributeError(repr(self), name, (*keys, *links))
            return MappedItemPath(self, keys[name])

    def as_(self, target: type[Any]) -> MappedPath[Any]:
        """Return the path with the custom attributes of a project's class.

        Raises:
            CriterionError: `target` does not list custom attributes.
        """
        if not hasattr(target, "__keys__"):
            raise CriterionError(
                f"as_() of {self!r} needs a class of custom attributes, not "
                f"{shortened(target)}."
            )
        return MappedPath(
            self._root, self._steps, self._attribute, self._parent, target
        )

    def any(self, *criteria: Criterion) -> Criterion:
        """Match entities of which one row satisfies all `criteria`.

        Without criteria, match entities with at least one row.
        """
        return _any(self, criteria)

    def __dir__(self) -> list[str]:
        from ftrack_orm.listed_names import listed_names

        # A studio's package names the custom attributes that a server has.
        mapped_class = self._cast or self._attribute.mapped_class
        keys = getattr(self._cast, "__keys__", self._attribute.mapped_keys)
        links = getattr(mapped_class, "__links__", ())
        return listed_names((*keys, *links), ("any",))

    def _ipython_key_completions_(self) -> list[str]:
        parent = self._parent
        owner = parent._view if isinstance(parent, LinkPath) else self._root
        return owner.known_keys(self._attribute)


class MappedItemPath(Path[T_co]):
    """The query path of one key of a mapped attribute, ``Task.metadata["source"]``."""

    __slots__ = ("key",)

    def __init__(self, mapped: MappedPath[Any], key: str) -> None:
        super().__init__(mapped._root, mapped._steps, mapped._attribute, mapped)
        self.key = key

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


class LinkPath(PathBase):
    """The query path of a link; type checkers see the class of its target."""

    __slots__ = ("_cast", "_target")

    def __init__(
        self,
        root: TypeLike,
        steps: tuple[ast.Step, ...],
        attribute: AttributeLike,
        target: TypeLike,
        cast: TypeLike | None = None,
        parent: PathBase | None = None,
    ) -> None:
        super().__init__(root, steps, attribute, parent)
        self._target = target
        self._cast = cast

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        view = self._view
        attribute = view.attributes.get(name)
        if attribute is None:
            raise UnknownAttributeError(view.name, name, view.attributes)
        return path_to(
            self._root,
            (*self._steps_to(name), _step(attribute)),
            attribute,
            view,
            self,
        )

    def __dir__(self) -> list[str]:
        """Return the attributes of the target first, then the methods of a link."""
        from ftrack_orm.listed_names import listed_names

        return listed_names(self._view.attributes, ("as_", "has", "is_", "is_not"))

    @property
    def _view(self) -> TypeLike:
        return self._cast or self._target

    @property
    def _cast_steps(self) -> tuple[ast.Step, ...]:
        if self._cast is None:
            return self._steps
        return (*self._steps[:-1], ast.Step(self._steps[-1].name, self._cast.name))

    def _steps_to(self, name: str) -> tuple[ast.Step, ...]:
        # No recorded filter has a downcast (protocol 5.2), so there is none for an
        # attribute that only one subtype has. If other subtypes have the attribute too,
        # a query without a downcast would also match their entities.
        if self._cast is None or self._cast.is_only_owner(name, self._target):
            return self._steps
        return self._cast_steps

    def as_(self, target: type[E]) -> type[E]:
        """Return the path with its target cast to a subtype.

        A cast to a base of the present type changes nothing.

        Raises:
            CriterionError: the link cannot lead to that type.
        """
        subtype: TypeLike | None = getattr(target, "__ftrack__", None)
        if subtype is None or not isinstance(target, type):
            raise CriterionError(
                f"as_() of {self!r} needs an entity class, not {shortened(target)}."
            )
        view = self._view
        if subtype.is_kind_of(view.name):
            view = subtype
        elif not view.is_kind_of(subtype.name):
            raise CriterionError(
                f"{self!r} leads to {view.name}, and {subtype.name} is not a subtype "
                f"of it. Pass a subtype of {view.name}."
            )
        return LinkPath(  # type: ignore[return-value] # read as the target's class
            self._root,
            self._steps,
            self._attribute,
            self._target,
            None if view is self._target else view,
            self._parent,
        )

    def has(self, *criteria: Criterion) -> Criterion:
        """Match entities whose linked entity satisfies all `criteria`.

        Without criteria, match entities whose link is not empty.
        """
        node = inner_criteria(self._view, criteria)
        path = ast.PathExpression(self._cast_steps)
        return Criterion._of(
            self._root, ast.Quantified(path, "has", node), ("has", self, criteria)
        )

    def is_(self, value: HasReference | None) -> Criterion:
        """Match entities whose link leads to `value`, or is empty for ``None``."""
        return self._is(value, "is")

    def is_not(self, value: HasReference | None) -> Criterion:
        """Match entities that `is_` does not match."""
        return self._is(value, "is_not")

    def _is(self, value: HasReference | None, operator: ast.Operator) -> Criterion:
        key = self._key_of(value)
        paths = self._key_paths()
        written = ("is_not()" if operator == "is_not" else "is()", self, value)
        if len(paths) == 1:
            literal = encode_literal(key[0])
            return Criterion._of(
                self._root, ast.Comparison(paths[0], operator, literal), written
            )
        nodes = (
            ast.Comparison(path, "is", encode_literal(part))
            for path, part in zip(paths, key, strict=True)
        )
        node = conjunction(nodes)
        if operator == "is_not":
            node = ast.Not(node)
        return Criterion._of(self._root, node, written)

    def _key_of(self, value: HasReference | None) -> tuple[Any, ...]:
        """Return the key of a valid target; of ``None``, a key with empty values.

        Raises:
            CriterionError: the link cannot lead to `value`.
        """
        if value is None:
            return (None,) * len(self._target.primary_key)
        if not hasattr(type(value), "reference"):
            raise CriterionError(
                f"{self!r} leads to {self._view.name}, never to {shortened(value)}. "
                "Pass an entity, or compare an attribute of it."
            )
        reference = value.reference
        type_info = self._root.type_named(reference.entity_type)
        if not type_info.is_kind_of(self._view.name):
            raise CriterionError(
                f"{self!r} leads to {self._view.name}, never to {reference}. Pass an "
                f"entity of {self._view.name}."
            )
        return reference.key

    def _key_paths(self) -> list[ast.PathExpression]:
        # Recorded queries compare a foreign key with null (protocol 5.2); no recording
        # does so with ``status.id`` of an empty link.
        if self._attribute.foreign_key is not None:
            step = ast.Step(self._attribute.foreign_key)
            return [ast.PathExpression((*self._steps[:-1], step))]
        return [
            ast.PathExpression((*self._steps, ast.Step(name)))
            for name in self._target.primary_key
        ]

    def __eq__(self, other: object) -> NoReturn:
        raise CriterionError(f"Compare the link {self!r} with is_() or is_not().")

    __ne__ = __eq__
    __hash__ = object.__hash__

    def __bool__(self) -> NoReturn:
        raise CriterionError(f"{self!r} has no truth value. Use is_not(None).")


def _step(attribute: AttributeLike) -> ast.Step:
    return ast.Step(attribute.server_name)


def path_to(
    root: TypeLike,
    steps: tuple[ast.Step, ...],
    attribute: AttributeLike,
    owner: TypeLike,
    parent: PathBase | None = None,
) -> Any:
    """Return the path of an attribute in the class for its `AttributeKind`.

    Args:
        root: the type that the path starts from.
        steps: all steps, including that of the attribute.
        attribute: the last attribute.
        owner: the type of the last attribute.
        parent: the path that the attribute was read from.
    """
    match attribute.kind:
        case AttributeKind.SCALAR:
            return Path(root, steps, attribute, parent)
        case AttributeKind.LINK:
            target = owner.type_named(str(attribute.target))
            return LinkPath(root, steps, attribute, target, parent=parent)
        case AttributeKind.COLLECTION:
            return CollectionPath(root, steps, attribute, parent)
        case AttributeKind.MAPPED:
            return MappedPath(root, steps, attribute, parent)


def class_path(owner: TypeLike, attribute: AttributeLike) -> Any:
    """Return the path of an attribute read on the class `owner`."""
    return path_to(owner, (_step(attribute),), attribute, owner)


document_paths(CollectionPath, LinkPath, MappedItemPath, MappedPath)
