"""The metaclass of entities, which binds declarations and returns query paths."""

from __future__ import annotations

import copy
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic._internal._model_construction import (
    ModelMetaclass,
    build_lenient_weakvaluedict,
)
from pydantic.fields import FieldInfo
from typing_extensions import dataclass_transform

from ftrack_orm.entity.attribute_info import AttributeInfo
from ftrack_orm.entity.declarations import attribute
from ftrack_orm.entity.descriptors import ContainerDescriptor, LinkDescriptor
from ftrack_orm.entity.type_info import FORMER_NAME, TypeInfo, TypeOptions
from ftrack_orm.errors.entity import UnknownAttributeError
from ftrack_orm.errors.query import CriterionError
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.schema.implied import RELATION_TYPES
from ftrack_orm.schema.names import server_name

if TYPE_CHECKING:
    from inspect import Signature

    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.query.criterion import Criterion

E = TypeVar("E", bound="Entity")
S = TypeVar("S", bound="Entity")

# The attribute names of the class under construction. pydantic looks each of them up on
# the bases: if it got a path it would warn, and the path of a link would import the
# target.
_class_in_progress = threading.local()

_OPTION_NAMES = frozenset(TypeOptions.__dataclass_fields__) - {"entity_type"}


def _replace_declarations(namespace: dict[str, Any]) -> dict[str, AttributeInfo]:
    """Replace the declarations of a class body by fields without a type for pydantic.

    Returns:
        The declarations by Python name.
    """
    annotations = dict(namespace.get("__annotations__", {}))
    declarations: dict[str, AttributeInfo] = {}
    for name, value in namespace.items():
        if isinstance(value, AttributeInfo):
            value.annotate(annotations.get(name, "Attr[None]"))
            declarations[name] = value
    for name, declared in declarations.items():
        annotations[name] = declared
        wire = server_name(name)
        alias = wire if wire != name else None
        namespace[name] = FieldInfo(
            default=None, alias=alias, serialization_alias=alias
        )
    namespace["__annotations__"] = annotations
    return declarations


# With `eq_default`, checkers would treat entities as unhashable dataclasses.
@dataclass_transform(
    eq_default=False, kw_only_default=True, field_specifiers=(attribute,)
)
class EntityMeta(ModelMetaclass):
    """Creates entity classes and returns query paths for class-level reads.

    To a type checker a link read on a class is the class of its target. The methods
    below give that class the methods of a `LinkPath`; called on an entity class itself
    they raise.
    """

    if TYPE_CHECKING:
        __ftrack__: TypeInfo

    def __new__(
        mcs,
        name: str,
        bases: tuple[type[Any], ...],
        namespace: dict[str, Any],
        entity_type: str | None = None,
        registry: Any = None,
        **options: Any,
    ) -> Any:
        """Create the class; see `Entity` for the keywords of a class statement."""
        declarations = _replace_declarations(namespace)
        base = _base_type_info(bases)
        type_options = {key: options.pop(key) for key in _OPTION_NAMES & options.keys()}
        type_info = _type_info(entity_type, registry, base, declarations, type_options)
        namespace["__ftrack__"] = type_info
        if entity_type is None and base is not None:
            _keep_caller_names(namespace, options)
        options.setdefault("defer_build", True)
        with _names_in_progress(declarations, base):
            cls: Any = super().__new__(mcs, name, bases, namespace, **options)
        # Building is deferred for this class alone: frameworks expect that models
        # derived from it are complete.
        cls.model_config["defer_build"] = False
        if type_info is not None:
            _complete(cls, type_info, declarations, is_user_class=entity_type is None)
        return cls

    if not TYPE_CHECKING:

        def __getattr__(cls, name: str) -> Any:
            # Python calls this for scalars, whose fields pydantic has removed from the
            # class; the descriptors of relations call it too. While a class is created,
            # pydantic looks up inherited defaults here and must not get a path:
            # `entity_class` is not set yet.
            is_pydantic_lookup = name in getattr(_class_in_progress, "names", ())
            if not name.startswith("__") and not is_pydantic_lookup:
                type_info = cls.__dict__.get("__ftrack__")
                if type_info is not None and hasattr(type_info, "entity_class"):
                    attribute_info = type_info.attributes.get(name)
                    if attribute_info is not None:
                        # Lazy, because importing models needs no queries.
                        from ftrack_orm.query.relation_paths import class_path

                        return class_path(type_info, attribute_info)
                    if name == FORMER_NAME and "entity_type" in type_info.attributes:
                        return cls.entity_type
                    if not name.startswith("_"):
                        raise UnknownAttributeError(
                            type_info.name, name, type_info.attributes
                        )
            return super().__getattr__(name)

    if not TYPE_CHECKING:
        # On the metaclass, because pydantic sets another one on each class it builds.
        @property
        def __signature__(cls) -> Signature:
            if cls.__ftrack__ is None:  # `Entity` itself
                raise AttributeError("__signature__")
            from ftrack_orm.entity.signature import constructor_signature

            return constructor_signature(cls)

        @__signature__.setter
        def __signature__(cls, value: object) -> None:
            del value

    def __dir__(cls) -> list[str]:
        """Return the schema's attributes first, then the other public names."""
        from ftrack_orm.entity.listing import class_names

        return class_names(cls)

    def is_(cls: type[E], value: E | None) -> Criterion:  # type: ignore[misc] # self-type of a metaclass
        """Match entities whose link leads to `value`, or is empty for ``None``."""
        del value
        raise _not_a_link(cls, "is_")

    def is_not(cls: type[E], value: E | None) -> Criterion:  # type: ignore[misc] # self-type of a metaclass
        """Match entities that `is_` does not match."""
        del value
        raise _not_a_link(cls, "is_not")

    def has(cls, *criteria: Criterion) -> Criterion:
        """Match entities whose linked entity satisfies all `criteria`."""
        del criteria
        raise _not_a_link(cls, "has")

    def as_(cls, target: type[S]) -> type[S]:
        """Return the path of the link, cast to a subtype of its target."""
        del target
        raise _not_a_link(cls, "as_")


def _base_type_info(bases: tuple[type[Any], ...]) -> TypeInfo | None:
    """Return the entity type of the first base class that has one."""
    for parent in bases:
        type_info: TypeInfo | None = getattr(parent, "__dict__", {}).get("__ftrack__")
        if type_info is not None:
            return type_info
    return None


@contextmanager
def _names_in_progress(
    declarations: Mapping[str, AttributeInfo], base: TypeInfo | None
) -> Iterator[None]:
    """Register the attribute names of a class while pydantic creates it."""
    before = getattr(_class_in_progress, "names", ())
    inherited = base.attributes.keys() if base else set()
    _class_in_progress.names = declarations.keys() | inherited
    try:
        yield
    finally:
        _class_in_progress.names = before


def _bind_declarations(
    cls: Any, type_info: TypeInfo, declarations: dict[str, AttributeInfo]
) -> None:
    """Bind the declarations to the type and set the descriptors of relations."""
    # Links first: the description of a foreign key names the link's target.
    for name, declared in sorted(declarations.items(), key=_is_scalar):
        declared.bind(name, server_name(name), type_info)
        if declared.kind is not AttributeKind.SCALAR:
            is_link = declared.kind is AttributeKind.LINK
            descriptor = LinkDescriptor if is_link else ContainerDescriptor
            type.__setattr__(cls, name, descriptor(declared, name))


def _is_scalar(declaration: tuple[str, AttributeInfo]) -> bool:
    return declaration[1].annotation.head not in RELATION_TYPES


def _keep_caller_names(namespace: dict[str, Any], options: dict[str, Any]) -> None:
    """Let pydantic resolve annotations with local names of the calling function.

    pydantic reads the names of the frame that calls its metaclass, which would be a
    frame of this module.
    """
    frame = sys._getframe(2)
    if frame.f_code.co_name != "<module>" and "__pydantic_generic_metadata__" not in (
        options
    ):
        namespace["__pydantic_parent_namespace__"] = build_lenient_weakvaluedict(
            dict(frame.f_locals)
        )
        options["__pydantic_reset_parent_namespace__"] = False


def _complete(
    cls: Any,
    type_info: TypeInfo,
    declarations: dict[str, AttributeInfo],
    *,
    is_user_class: bool,
) -> None:
    """Connect the class with its type; register it unless it is a user's subclass."""
    _bind_declarations(cls, type_info, declarations)
    type_info.entity_class = cls
    if is_user_class:
        _watch_validated(cls, type_info)
    elif type_info.registry is not None:
        type_info.registry.register(cls)


def _watch_validated(cls: Any, type_info: TypeInfo) -> None:
    """Disable the fast assignment of the attributes that a subclass validates.

    The declaration is copied, so the assignment of the base class stays fast.
    """
    decorators = cls.__pydantic_decorators__
    validators = (
        *decorators.field_validators.values(),
        *decorators.validators.values(),
    )
    names = {name for validator in validators for name in validator.info.fields}
    is_model_checked = decorators.model_validators and cls.model_config.get(
        "validate_assignment"
    )
    is_any_name = "*" in names or bool(is_model_checked)
    for name, declared in tuple(type_info.attributes.items()):
        if (is_any_name or name in names) and declared.fast is not None:
            watched = copy.copy(declared)
            watched.fast = None
            type_info.attributes[name] = watched


def _not_a_link(cls: Any, method: str) -> CriterionError:
    return CriterionError(
        f"{cls.__name__}.{method}() needs a link, as in Task.status.{method}(...)."
    )


def _type_info(
    entity_type: str | None,
    registry: Any,
    base: TypeInfo | None,
    declarations: dict[str, AttributeInfo],
    type_options: Mapping[str, Any],
) -> TypeInfo | None:
    if entity_type is None:
        if base is None:
            return None
        # A subclass in a user's code: the same entity type, possibly more fields.
        return TypeInfo(base.name, {}, declarations, base, base.registry)
    if registry is None and base is not None:
        registry = base.registry
    return TypeInfo(entity_type, type_options, declarations, base, registry)
