"""The metaclass of entities: attribute declarations in, paths out."""

from __future__ import annotations

import copy
import sys
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic._internal._model_construction import (
    ModelMetaclass,
    build_lenient_weakvaluedict,
)
from pydantic.fields import FieldInfo
from typing_extensions import dataclass_transform

from ftrack_orm.entity.attribute_info import AttributeInfo
from ftrack_orm.entity.declarations import attribute
from ftrack_orm.entity.descriptors import ContainerView, LinkView
from ftrack_orm.entity.type_info import TypeInfo, TypeOptions, inherit_options
from ftrack_orm.errors.entity import UnknownAttributeError
from ftrack_orm.errors.query import CriterionError
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.schema.implied import RELATION_TYPES
from ftrack_orm.schema.names import server_name

if TYPE_CHECKING:
    from ftrack_orm.entity.entity import Entity
    from ftrack_orm.query.criterion import Criterion

E = TypeVar("E", bound="Entity")
S = TypeVar("S", bound="Entity")

# The attributes of a class being made. pydantic asks its bases for each of them: where
# they answered, it would warn, and a link's answer would import its target.
_class_in_progress = threading.local()

_OPTION_NAMES = frozenset(TypeOptions.__dataclass_fields__) - {"entity_type"}


def _replace_declarations(namespace: dict[str, Any]) -> dict[str, AttributeInfo]:
    """Take the declarations out of a class body, leaving pydantic opaque fields."""
    annotations = dict(namespace.get("__annotations__", {}))
    taken: dict[str, AttributeInfo] = {}
    for name, value in namespace.items():
        if isinstance(value, AttributeInfo):
            value.annotate(annotations.get(name, "Attr[None]"))
            taken[name] = value
    for name, declared in taken.items():
        annotations[name] = declared
        wire = server_name(name)
        alias = wire if wire != name else None
        namespace[name] = FieldInfo(
            default=None, alias=alias, serialization_alias=alias
        )
    namespace["__annotations__"] = annotations
    return taken


# Entities compare by identity, so checkers must not take them for unhashable.
@dataclass_transform(
    eq_default=False, kw_only_default=True, field_specifiers=(attribute,)
)
class EntityMeta(ModelMetaclass):
    """Makes entity classes, and answers class-level reads with query paths.

    The methods below are what a checker sees on a link read on a class, which it
    takes for the target's class. On a class itself they have nothing to act on.
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
        """Make the class; see `Entity` for the keywords of a class statement."""
        own = _replace_declarations(namespace)
        base = next(
            (
                type_info
                for parent in bases
                for type_info in (getattr(parent, "__dict__", {}).get("__ftrack__"),)
                if type_info is not None
            ),
            None,
        )
        type_options = {key: options.pop(key) for key in _OPTION_NAMES & options.keys()}
        type_info = _type_info(entity_type, registry, base, own, type_options)
        namespace["__ftrack__"] = type_info
        if entity_type is None and base is not None:
            _keep_caller_names(namespace, options)
        before = getattr(_class_in_progress, "names", ())
        _class_in_progress.names = own.keys() | (
            base.attributes.keys() if base else set()
        )
        options.setdefault("defer_build", True)
        try:
            cls: Any = super().__new__(mcs, name, bases, namespace, **options)
        finally:
            _class_in_progress.names = before
        # A class is built with its first use; what is made of it is not deferred too,
        # as frameworks expect it to be complete.
        cls.model_config["defer_build"] = False
        if type_info is not None:
            # Links first: the attribute that holds a link's key names its target.
            for attribute_name, declared in sorted(own.items(), key=_is_scalar):
                declared.bind(attribute_name, server_name(attribute_name), type_info)
                if declared.kind is not AttributeKind.SCALAR:
                    is_link = declared.kind is AttributeKind.LINK
                    view = LinkView if is_link else ContainerView
                    type.__setattr__(
                        cls, attribute_name, view(declared, attribute_name)
                    )
            type_info.entity_class = cls
            if entity_type is None:
                _watch_validated(cls, type_info)
            if entity_type is not None and type_info.registry is not None:
                type_info.registry.register(cls)
        return cls

    if not TYPE_CHECKING:

        def __getattr__(cls, name: str) -> Any:
            # Only names that pydantic has taken out of the class come here. While
            # the class is made, pydantic asks for inherited defaults: there is no
            # `entity_class` yet, and nothing may answer.
            is_asked_by_pydantic = name in getattr(_class_in_progress, "names", ())
            if not name.startswith("__") and not is_asked_by_pydantic:
                type_info = cls.__dict__.get("__ftrack__")
                if type_info is not None and hasattr(type_info, "entity_class"):
                    attribute_info = type_info.attributes.get(name)
                    if attribute_info is not None:
                        # Queries are not needed to import models.
                        from ftrack_orm.query.relation_paths import class_path

                        return class_path(type_info, attribute_info)
                    if not name.startswith("_"):
                        raise UnknownAttributeError(
                            type_info.name, name, type_info.attributes
                        )
            return super().__getattr__(name)

    def is_(cls: type[E], value: E | None) -> Criterion:  # type: ignore[misc] # self-type of a metaclass
        """Match when the link leads to `value`, or nowhere for ``None``."""
        del value
        raise _not_a_link(cls, "is_")

    def is_not(cls: type[E], value: E | None) -> Criterion:  # type: ignore[misc] # self-type of a metaclass
        """Match what `is_` does not."""
        del value
        raise _not_a_link(cls, "is_not")

    def has(cls, *criteria: Criterion) -> Criterion:
        """Match when the linked entity satisfies all `criteria`."""
        del criteria
        raise _not_a_link(cls, "has")

    def as_(cls, target: type[S]) -> type[S]:
        """Go on through the link as one of the target's subtypes."""
        del target
        raise _not_a_link(cls, "as_")


def _is_scalar(declaration: tuple[str, AttributeInfo]) -> bool:
    return declaration[1].annotation.head not in RELATION_TYPES


def _keep_caller_names(namespace: dict[str, Any], options: dict[str, Any]) -> None:
    """Let pydantic resolve annotations that name what a function defines locally.

    It reads the names of the calling frame, which is this module's otherwise.
    """
    frame = sys._getframe(2)
    if frame.f_code.co_name != "<module>" and "__pydantic_generic_metadata__" not in (
        options
    ):
        namespace["__pydantic_parent_namespace__"] = build_lenient_weakvaluedict(
            dict(frame.f_locals)
        )
        options["__pydantic_reset_parent_namespace__"] = False


def _watch_validated(cls: Any, type_info: TypeInfo) -> None:
    """Send the attributes that a subclass validates through its validators.

    The declaration is copied: the base class keeps its fast way.
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
    every = "*" in names or bool(is_model_checked)
    for name, declared in tuple(type_info.attributes.items()):
        if (every or name in names) and declared.fast is not None:
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
    own: dict[str, AttributeInfo],
    type_options: Mapping[str, Any],
) -> TypeInfo | None:
    if entity_type is None:
        if base is None:
            return None
        # A subclass in somebody's own code: the same type, perhaps more fields.
        return TypeInfo(base.options, own, base, base.registry)
    chosen = registry if registry is not None else (base.registry if base else None)
    return TypeInfo(inherit_options(entity_type, type_options, base), own, base, chosen)
