"""Write resolved classes of custom attributes as Python source for the template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import wrap
from typing import Final

from ftrack_codegen.imports import HOMES, Names
from ftrack_codegen.literals import Sources, literal, quoted, sources
from ftrack_codegen.studio.custom_classes import CustomClass, Declared, ValueType
from ftrack_codegen.studio.custom_links import DeclaredLink
from ftrack_codegen.studio.model import CustomAttribute

_KINDS: Final = {
    "text": "Text",
    "url": "Web address",
    "expression": "Expression, not evaluated",
    "number": "Number",
    "boolean": "True or false",
    "date": "Date",
    "enumerator": "Choices",
    "dynamic enumerator": "Choices that the server computes",
}
"""The description of a value by the type of its configuration."""

_WIDTH: Final = 78
"""The maximum length of a line of a docstring, indentation and quotes left out."""

_NARROWER: Final = (
    "# pyright: ignore[reportIncompatibleVariableOverride] # stricter than in the base"
)
# mypy reports an item type of a list that is narrower than in the base.
_NARROWER_LIST: Final = f"# type: ignore[assignment, unused-ignore] {_NARROWER}"
# Whether mypy reports an override depends on all overloads of both classes.
_NARROWER_ITEMS: Final = (
    "# type: ignore[override, unused-ignore] # stricter than in the base"
)
_NARROWER_BODY: Final = "# pyright: ignore[reportIncompatibleMethodOverride]"


@dataclass(frozen=True, slots=True)
class AliasText:
    """The type of an enumerator's choices."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CustomAttributeText:
    """One custom attribute as a class declares it."""

    name: str
    annotation: str
    arguments: Sources
    docstring: str
    remark: str


@dataclass(frozen=True, slots=True)
class ItemsText:
    """The keys whose items have the same type, as Python sources."""

    keys: tuple[str, ...]
    read: str
    written: str
    path: str


@dataclass(frozen=True, slots=True)
class EffectiveText:
    """The method ``effective`` of an entity class, which takes the keys of the type."""

    key: str
    result: str
    type_checking: str


@dataclass(frozen=True, slots=True)
class CustomClassText:
    """A class of custom attributes as its module declares it.

    Attributes:
        name, base, keywords, docstring: the class statement.
        aliases: the types of its enumerators.
        attributes, links: the declarations.
        items: all keys by type, empty if the class has no other keys than its base.
        key_alias: the name of the type of all keys.
        paths, base_paths: the metaclass and its base.
        any_item: the types of `CustomKey` as a key.
        remark, body_remark: comments for type checkers on the first and the last
            definition of the item methods.
        maker, link_maker, overload, literal, any, type_alias, type_checking, bool,
            effective_value: the names of `custom_attribute`, `custom_link` and other
            names in the module.
    """

    name: str
    base: str
    keywords: Sources
    docstring: str
    aliases: tuple[AliasText, ...]
    attributes: tuple[CustomAttributeText, ...]
    links: tuple[CustomAttributeText, ...]
    items: tuple[ItemsText, ...]
    key_alias: str
    paths: str
    base_paths: str
    any_item: ItemsText
    remark: str
    body_remark: str
    maker: str
    link_maker: str
    overload: str
    literal: str
    any: str
    type_alias: str
    type_checking: str
    bool: str
    effective_value: str


def write_class(
    custom: CustomClass, names: Names, targets: Mapping[str, tuple[str, str]]
) -> CustomClassText:
    """Return the texts of a class; `names` collects the imports of the module.

    Args:
        custom: the class.
        names: the names of the module.
        targets: the module and the class of each entity type.
    """
    attributes = tuple(
        _attribute(declared, names) for declared in custom.declared if declared.name
    )
    links = tuple(_link(declared, names, targets) for declared in custom.links)
    items = _items(custom, names) if custom.declared else ()
    narrowed = any(declared.narrowed for declared in custom.declared)
    return CustomClassText(
        name=custom.name,
        base=_base(custom, names, targets),
        keywords=_project(custom),
        docstring=_class_docstring(custom),
        aliases=tuple(
            AliasText(name, tuple(map(literal, values)))
            for name, values in sorted(custom.choices.items())
        ),
        attributes=attributes,
        links=links,
        items=items,
        key_alias=custom.key_alias,
        paths=custom.paths,
        base_paths=_base_paths(custom, names, targets) if items else "",
        any_item=_any_item(names) if items else ItemsText((), "", "", ""),
        remark=_NARROWER_ITEMS if narrowed else "",
        body_remark=_NARROWER_BODY if narrowed else "",
        maker=names.library("custom_attribute") if attributes else "",
        link_maker=names.library("custom_link") if links else "",
        overload=names.library("overload") if items else "",
        literal=names.library("Literal") if items or custom.choices else "",
        any=names.library("Any") if items else "",
        type_alias=names.library("TypeAlias") if items or custom.choices else "",
        type_checking=names.library("TYPE_CHECKING") if items else "",
        bool=names.library("bool") if items else "",
        effective_value=(
            names.library("EffectiveValue", is_static=True) if items else ""
        ),
    )


def write_effective(custom: CustomClass, names: Names) -> EffectiveText:
    """Return the ``effective`` of the entity class that a class of values is for."""
    any_key = names.library("CustomKey", is_static=True)
    return EffectiveText(
        f"{custom.key_alias} | {any_key}" if custom.key_alias else any_key,
        names.library("EffectiveValue", is_static=True),
        names.library("TYPE_CHECKING"),
    )


def _base(
    custom: CustomClass, names: Names, targets: Mapping[str, tuple[str, str]]
) -> str:
    if custom.base is None:
        return names.library("CustomAttributes")
    return _imported(custom, custom.base, custom.base.name, names, targets)


def _base_paths(
    custom: CustomClass, names: Names, targets: Mapping[str, tuple[str, str]]
) -> str:
    """Return the metaclass of the closest base that has keys."""
    keyed = None if custom.base is None else custom.base.keyed
    if keyed is None:
        return names.library("CustomAttributesMeta")
    return _imported(custom, keyed, keyed.paths, names, targets)


def _imported(
    custom: CustomClass,
    other: CustomClass,
    name: str,
    names: Names,
    targets: Mapping[str, tuple[str, str]],
) -> str:
    """Import a name that the module of another class defines, if it is another."""
    if other.entity_type == custom.entity_type:
        return name
    return names.base(targets[other.entity_type][0], name)


def _project(custom: CustomClass) -> Sources:
    key = custom.project_id
    return () if key is None else (("project", literal(key)),)


def _class_docstring(custom: CustomClass) -> str:
    is_for_all = custom.project_id is None
    project = quoted(custom.project or str(custom.project_id))
    where = "" if is_for_all else f" in the project {project}"
    return f"The custom attributes of {custom.entity_type}{where}."


def _attribute(declared: Declared, names: Names) -> CustomAttributeText:
    configuration, value = declared.configuration, declared.value
    arguments: list[tuple[str, str]] = []
    if declared.name != configuration.key:
        arguments.append(("key", literal(configuration.key)))
    # The default of a date is a text of the server, not a value.
    if configuration.default is not None and configuration.type != "date":
        arguments.append(("default", literal(configuration.default)))
    if value.is_list:
        head = names.library("CustomChoices")
        inner = " | ".join(_type_name(name, names) for name in value.lists)
    else:
        head = names.library("CustomAttr")
        inner = _read_type(value, names)
    return CustomAttributeText(
        declared.name,
        f"{head}[{inner}]",
        tuple(arguments),
        _docstring(configuration),
        _remark(declared),
    )


def _remark(declared: Declared) -> str:
    if not declared.narrowed:
        return ""
    return _NARROWER_LIST if declared.value.lists else _NARROWER


def _link(
    declared: DeclaredLink, names: Names, targets: Mapping[str, tuple[str, str]]
) -> CustomAttributeText:
    configuration = declared.configuration
    keywords = {"link": declared.link, "row_type": declared.row_type}
    if declared.row_target != declared.target:
        keywords["row_target"] = declared.row_target
    if declared.name != configuration.key:
        keywords["key"] = configuration.key
    label = quoted(configuration.label or configuration.key).rstrip(".")
    target = names.target(*targets[declared.target])
    return CustomAttributeText(
        declared.name,
        f"{names.library('CustomLink')}[{target}]",
        (("target", literal(declared.target)), *sources(keywords)),
        "\n    ".join(wrap(f"{label}. Links to {declared.target}.", _WIDTH)),
        "",
    )


def _docstring(configuration: CustomAttribute) -> str:
    label = quoted(configuration.label or configuration.key).rstrip(".")
    text = f"{label}. {_KINDS.get(configuration.type, 'Any value')}"
    default = configuration.default
    has_default = default not in (None, "", []) and configuration.type != "date"
    if has_default and configuration.type != "expression":
        shown = default if isinstance(default, str) else literal(default)
        text += f", {quoted(shown)} by default"
    if configuration.is_hierarchical:
        text += "; children inherit it"
    return "\n    ".join(wrap(f"{text}.", _WIDTH))


def _items(custom: CustomClass, names: Names) -> tuple[ItemsText, ...]:
    return tuple(
        ItemsText(
            tuple(map(literal, keys)),
            _read_type(value, names),
            _written_type(value, names),
            _path_type(value, names),
        )
        for value, keys in _grouped_keys(custom)
    )


def _any_item(names: Names) -> ItemsText:
    """Return the types of a key that is known only at run time."""
    value = names.library("VariableValue", is_static=True)
    path = names.library("MappedItemPath", is_static=True)
    key = names.library("CustomKey", is_static=True)
    return ItemsText((key,), value, value, f"{path}[{value}]")


def _grouped_keys(custom: CustomClass) -> list[tuple[ValueType, list[str]]]:
    """Return the keys of each type, sorted; the types of the base come first.

    Type checkers match the overloads of a class with those of its base in order.
    """
    groups: dict[ValueType, list[str]] = {}
    if custom.base is not None:
        for value, keys in _grouped_keys(custom.base):
            kept = [key for key in keys if custom.keys[key] == value]
            if kept:
                groups[value] = []
    for key in sorted(custom.keys):
        groups.setdefault(custom.keys[key], []).append(key)
    return list(groups.items())


def _read_type(value: ValueType, names: Names) -> str:
    parts = [_type_name(name, names) for name in value.items]
    if value.lists:
        parts.append(f"{names.library('list')}[{_list_type(value, names)}]")
    return " | ".join([*parts, *(["None"] if value.nullable else [])])


def _written_type(value: ValueType, names: Names) -> str:
    parts = [_type_name(name, names) for name in value.items]
    if value.lists:
        inner = _list_type(value, names)
        parts += [inner, f"{names.library('Sequence')}[{inner}]"]
    return " | ".join([*parts, *(["None"] if value.nullable else [])])


def _path_type(value: ValueType, names: Names) -> str:
    """Return the query path of a value; the path of a list compares one choice."""
    inner = _list_type(value, names) if value.is_list else _read_type(value, names)
    path = "ChoicesPath" if value.is_list else "MappedItemPath"
    return f"{names.library(path, is_static=True)}[{inner}]"


def _list_type(value: ValueType, names: Names) -> str:
    return " | ".join(_type_name(name, names) for name in value.lists)


def _type_name(name: str, names: Names) -> str:
    return names.library(name) if name in HOMES else name
