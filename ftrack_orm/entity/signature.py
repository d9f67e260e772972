"""The signature of an entity class: the arguments of its constructor."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import Parameter, Signature, signature
from typing import TYPE_CHECKING, Any, Final

from pydantic_core import PydanticUndefined

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from ftrack_orm.entity.attribute_info import AttributeInfo

_ARGUMENT_TYPES = {
    "OptionalRef": "{} | None",
    "Many": "Iterable[{}]",
    "Mapped": "Mapping[str, {}]",
}


class _Source(str):
    """Text that a signature prints without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


_SET_BY_SERVER: Final = _Source("...")


def constructor_signature(entity_class: type[Any]) -> Signature:
    """Return the arguments that a constructor takes, required ones first.

    The default ``...`` means that the server sets the value. A constructor of a
    user's subclass keeps its own parameters, and its ``**data`` is replaced.
    """
    parameters = {parameter.name: parameter for parameter in _parameters(entity_class)}
    init = entity_class.__init__
    # The constructor of `Entity` accepts every attribute.
    if not init.__module__.startswith("ftrack_orm."):
        _, *own = signature(init).parameters.values()
        takes_others = any(one.kind is Parameter.VAR_KEYWORD for one in own)
        stated = {one.name: one for one in own if one.kind is not one.VAR_KEYWORD}
        others = parameters if takes_others else {}
        parameters = {**stated, **{n: p for n, p in others.items() if n not in stated}}
    ordered = sorted(
        parameters.values(), key=lambda one: (one.kind, one.default is not one.empty)
    )
    return Signature(ordered)


def _parameters(entity_class: type[Any]) -> Iterator[Parameter]:
    type_info = entity_class.__ftrack__
    for attribute in type_info.attributes.values():
        if not attribute.read_only:
            annotation = _Source(_annotation(attribute))
            yield _keyword(attribute.name, _default(attribute), annotation)
    extension = type_info.extension
    for name, field in extension.fields.items() if extension is not None else ():
        yield _keyword(name, _field_default(field), field.annotation)


def _keyword(name: str, default: Any, annotation: Any) -> Parameter:
    return Parameter(
        name, Parameter.KEYWORD_ONLY, default=default, annotation=annotation
    )


def _default(attribute: AttributeInfo) -> Any:
    if getattr(attribute, "is_required", False):
        return Parameter.empty
    return attribute.default if attribute.has_default else _SET_BY_SERVER


def _annotation(attribute: AttributeInfo) -> str:
    text = attribute.annotation.text
    inner = text.partition("[")[2].rpartition("]")[0]
    return _ARGUMENT_TYPES.get(attribute.annotation.head, "{}").format(inner)


def _field_default(field: FieldInfo) -> Any:
    if field.default is not PydanticUndefined:
        return field.default
    return Parameter.empty if field.default_factory is None else _SET_BY_SERVER
