"""Query paths of links and collections.

To a type checker a link read on a class is the class of its target, ``type[Status]``;
at run time it is a `LinkPath`. Both have the same attributes, so a wrong name is an
error in the editor and at run time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar

from ftrack_orm.errors.entity import UnknownAttributeError
from ftrack_orm.errors.query import CriterionError
from ftrack_orm.errors.root import shortened
from ftrack_orm.query import ast
from ftrack_orm.query.criterion import (
    MYPY,
    Criterion,
    conjunction,
    inner_criteria,
)
from ftrack_orm.query.literals import encode_literal
from ftrack_orm.query.mapped_paths import MappedPath, any_member
from ftrack_orm.query.path import Path, PathBase, document_paths
from ftrack_orm.query.protocols import AttributeLike, TypeLike
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.types import HasReference

E = TypeVar("E")


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
        return any_member(self, criteria)

    def __dir__(self) -> list[str]:
        from ftrack_orm.listed_names import listed_names

        return listed_names(("any", "each"))

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            message = None
            target = self._root.type_named(str(self._attribute.target))
            if name in target.attributes:
                message = (
                    f"{self!r} is a collection and has no attribute {name!r}. Use "
                    f"{self!r}.any({target.name}.{name} == ...), or "
                    f"{self!r}.each.{name}."
                )
            raise UnknownAttributeError(repr(self), name, message=message)

    if not MYPY:

        def __bool__(self) -> NoReturn:
            raise CriterionError(f"{self!r} has no truth value. Use {self!r}.any().")


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
            message = None
            if hasattr(Path, name):
                message = (
                    f"{self!r} is a link and has no {name}(). Use it with one of its "
                    f"attributes, such as {self!r}.{self._plain_attribute}.{name}."
                )
            raise UnknownAttributeError(
                view.name, name, view.attributes, message=message
            )
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

    @property
    def _plain_attribute(self) -> str:
        """Return the name of an attribute of the target that can be compared."""
        attributes = self._target.attributes
        return "name" if "name" in attributes else self._target.primary_key[0]

    def __eq__(self, other: object) -> NoReturn:
        raise CriterionError(
            f"Compare the link {self!r} with is_() or is_not(), or compare one of its "
            f"attributes, such as {self!r}.{self._plain_attribute}."
        )

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


document_paths(CollectionPath, LinkPath)
