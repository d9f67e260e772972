"""Resolve custom attribute configurations into one class for each entity type.

A class lists the keys that apply to its entity type and not already to the base of it.
A base must be true of every subtype: where a key has another type in a subtype or a
project, the base has the union of both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from ftrack_codegen.studio.custom_links import (
    DeclaredLink,
    declared_link,
    object_type_id,
)
from ftrack_codegen.studio.identifiers import (
    pascal_case,
    project_prefix,
    python_names,
)
from ftrack_codegen.studio.model import (
    CHOICE_TYPES,
    CustomAttribute,
    LinkAttribute,
    Studio,
)
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.schema.model import EntitySchema, Schema
from ftrack_orm.schema.names import class_name

ATTRIBUTE: Final = "custom_attributes"
"""The attribute with the values, on every type that has custom attributes."""

_SCOPES: Final = {
    "asset": "Asset",
    "assetversion": "AssetVersion",
    "asset_version": "AssetVersion",
    "component": "Component",
    "group": "Group",
    "list": "List",
    "listobject": "ListObject",
    "show": "Project",
    "task": "TypedContext",
    "user": "User",
}
"""The entity type of a configuration by the server's name for it (protocol 6.7)."""

HIERARCHICAL: Final = ("Context", "Asset", "AssetVersion")
"""The types with hierarchical custom attributes, subtypes included."""

_VALUES: Final = {
    "text": "str",
    "url": "str",
    "expression": "str",
    "number": "float",
    "boolean": "bool",
    "date": "datetime",
    **dict.fromkeys(CHOICE_TYPES, "str"),
}
"""The Python type by the type of a configuration."""


@dataclass(frozen=True, slots=True)
class ValueType:
    """The type of a custom attribute's values.

    Attributes:
        items: names of types; the union of them.
        lists: names of types whose values are lists.
        nullable: whether there may be no value.
    """

    items: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    nullable: bool = False

    def __or__(self, other: ValueType) -> ValueType:
        if self == other:
            return self
        # The choices of a subtype are defined in its module.
        return ValueType(
            tuple(sorted({*self.items, *other.items})),
            ("str",) if self.lists or other.lists else (),
            # Only a class whose values are all lists reads one that was never set as
            # an empty list.
            self.nullable or other.nullable or self.is_list != other.is_list,
        )

    @property
    def is_list(self) -> bool:
        """Return whether every value is a list."""
        return bool(self.lists) and not self.items


@dataclass(frozen=True, slots=True)
class Declared:
    """A custom attribute of a class.

    Attributes:
        name: the Python name, ``""`` for a key that is read as an item only.
        configuration: the closest configuration of the key.
        value: the type of its values.
        narrowed: whether the base declares the key with another type.
    """

    name: str
    configuration: CustomAttribute
    value: ValueType
    narrowed: bool = False


@dataclass(frozen=True, slots=True)
class CustomClass:
    """A class of custom attributes.

    Attributes:
        name: the name of the class.
        entity_type: the entity type it is for.
        base: the class it inherits from, ``None`` for a root.
        project: the name of the project it is for, ``""`` for all.
        project_id: the id of the project.
        declared: the custom attributes that the base does not have, by key.
        keys: the types of all keys, inherited ones included.
        choices: the values of an enumerator by the name of its alias.
        links: the custom attribute links that the base does not have.
        key_alias: the name of the type of its keys, ``""`` if the base has the same.
        paths: the name of the metaclass, which types the query path of each key.
    """

    name: str
    entity_type: str
    base: CustomClass | None
    project: str
    project_id: str | None
    declared: tuple[Declared, ...]
    keys: Mapping[str, ValueType]
    choices: Mapping[str, tuple[str, ...]]
    links: tuple[DeclaredLink, ...] = ()
    key_alias: str = ""
    paths: str = ""

    @property
    def keyed(self) -> CustomClass | None:
        """Return the closest of this class and its bases that declares keys."""
        if self.declared or self.base is None:
            return self if self.declared else None
        return self.base.keyed


class CustomClasses:
    """The classes of custom attributes of a schema and a studio.

    Attributes:
        by_type: the class of the values of each entity type, its own or its base's.
        own: the classes that belong into the module of each entity type.
    """

    def __init__(self, schema: Schema, studio: Studio, taken: Iterable[str]) -> None:
        """Resolve the classes.

        Args:
            schema: the entity types.
            studio: the configurations.
            taken: the names of the entity classes.
        """
        self._schema = schema
        self._studio = studio
        # In the body of a class a key hides a name of the module.
        keys = {row.key for row in studio.custom_attributes}
        keys |= {row.key for row in studio.links}
        self._taken = {*taken, *keys}
        self._aliases: dict[tuple[str, str], str] = {}
        self._by_scope = self._group_by_scope()
        self._closest: dict[tuple[str, str | None], dict[str, CustomAttribute]] = {}
        self.by_type: dict[str, CustomClass] = {}
        self.own: dict[str, list[CustomClass]] = {}
        types = [entity for entity in schema if has_custom_attributes(entity)]
        self._subtypes = {
            entity.name: [
                other
                for other in types
                if entity.name in {base.name for base in schema.bases(other.name)}
            ]
            for entity in types
        }
        # Bases first, because a class needs the class of its base.
        for entity in sorted(types, key=lambda e: len(list(schema.bases(e.name)))):
            self._resolve(entity)

    @property
    def hierarchical(self) -> CustomClass | None:
        """Return the class with the keys of the hierarchical custom attributes."""
        return self.by_type.get(HIERARCHICAL[0])

    def effective(self, entity_type: str) -> CustomClass | None:
        """Return the class with the keys of a type, ``None`` if its base has the same.

        The base of `HIERARCHICAL` types has the keys of the hierarchical ones.
        """
        own = self.own.get(entity_type)
        if not own:
            return None
        custom, hierarchical = own[0], self.hierarchical
        if custom.base is None and entity_type in HIERARCHICAL and hierarchical:
            return None if custom.keys.keys() == hierarchical.keys.keys() else custom
        return custom if custom.base is None or custom.declared else None

    def _resolve(self, entity: EntitySchema) -> None:
        base = self.by_type.get(entity.base or "")
        made = self._class(entity, base, None)
        is_needed = base is None or bool(made.declared or made.links)
        self.by_type[entity.name] = made if is_needed else base or made
        own = [made] if is_needed else []
        for project_id in sorted(
            self._studio.projects, key=lambda key: (self._studio.projects[key], key)
        ):
            direct = {row.project_id for row in self._direct(entity, project_id)}
            direct |= {row.project_id for row in self._links(entity)}
            project_class = self._class(entity, self.by_type[entity.name], project_id)
            has_own = project_class.declared or project_class.links
            if has_own and (is_needed or project_id in direct):
                own.append(project_class)
        self.own[entity.name] = _with_choices_once(own)

    def _class(
        self, entity: EntitySchema, base: CustomClass | None, project_id: str | None
    ) -> CustomClass:
        project = "" if project_id is None else self._studio.projects[project_id]
        prefix = f"{project_prefix(project)}{class_name(entity.name)}Custom"
        name = f"{prefix}Attributes"
        inherited = {} if base is None else dict(base.keys)
        configurations = self._effective(entity, project_id)
        names = python_names(configurations)
        choices: dict[str, tuple[str, ...]] = {}
        declared: list[Declared] = []
        keys: dict[str, ValueType] = {}
        for key, configuration in sorted(configurations.items()):
            value = self._value(entity, key, configuration, project_id)
            keys[key] = value
            if inherited.get(key) == value:
                continue
            for alias in value.lists:
                if alias != "str":
                    choices[alias] = configuration.choices
            is_narrowed = key in inherited
            declared.append(Declared(names[key], configuration, value, is_narrowed))
        links = self._declared_links(entity, project_id, configurations)
        unique = self._unique(name) if declared or links or base is None else name
        return CustomClass(
            unique,
            entity.name,
            base,
            project,
            project_id,
            tuple(declared),
            {**inherited, **keys},
            choices,
            links,
            self._unique(f"{prefix}Key") if declared else "",
            self._unique(f"{prefix}Paths") if declared else "",
        )

    def _links(self, entity: EntitySchema) -> list[LinkAttribute]:
        """Return the link configurations of this type, without those of its bases."""
        return [link for link in self._studio.links if entity in self._scope(link)]

    def _declared_links(
        self,
        entity: EntitySchema,
        project_id: str | None,
        configurations: Mapping[str, CustomAttribute],
    ) -> tuple[DeclaredLink, ...]:
        """Return the links whose key is an identifier and has no value too."""
        links = [link for link in self._links(entity) if link.project_id == project_id]
        names = python_names([*configurations, *(link.key for link in links)])
        declared: dict[str, DeclaredLink] = {}
        for link in links:
            name = names[link.key]
            resolved = declared_link(self._schema, link, name)
            if name and link.key not in configurations and resolved is not None:
                declared[name] = resolved
        return tuple(declared.values())

    def _value(
        self,
        entity: EntitySchema,
        key: str,
        configuration: CustomAttribute,
        project_id: str | None,
    ) -> ValueType:
        """Return the type of a key for an entity type and all its subtypes."""
        value = self._type_of(configuration)
        projects = [project_id] if project_id else [None, *self._studio.projects]
        for subtype in self._subtypes[entity.name]:
            for project in projects:
                other = self._effective(subtype, project).get(key)
                if other is not None and other != configuration:
                    value = value | self._type_of(other)
        return value

    def _type_of(self, configuration: CustomAttribute) -> ValueType:
        name = _VALUES.get(configuration.type, "VariableValue")
        if configuration.type not in CHOICE_TYPES:
            nullable = configuration.default is None and name != "VariableValue"
            return ValueType((name,), nullable=nullable)
        if configuration.choices and configuration.type == "enumerator":
            name = self._alias(configuration)
        return ValueType(lists=(name,))

    def _alias(self, configuration: CustomAttribute) -> str:
        """Return the name of the type of an enumerator's choices."""
        key = configuration.id, configuration.key
        if key not in self._aliases:
            owner = "".join(entity.name for entity in self._scope(configuration)[:1])
            project = self._studio.projects.get(configuration.project_id or "", "")
            key_name = pascal_case(configuration.key)
            name = f"{project_prefix(project)}{class_name(owner)}{key_name}"
            self._aliases[key] = self._unique(name)
        return self._aliases[key]

    def _unique(self, name: str) -> str:
        unique, number = name, 2
        while unique in self._taken:
            unique = f"{name}{number}"
            number += 1
        self._taken.add(unique)
        return unique

    def _effective(
        self, entity: EntitySchema, project_id: str | None
    ) -> dict[str, CustomAttribute]:
        """Return the closest configuration of each key of an entity type."""
        closest = self._closest.get((entity.name, project_id))
        if closest is None:
            matches = [
                configuration
                for base in self._schema.bases(entity.name)
                for configuration in self._direct(base, project_id)
            ]
            matches.sort(key=_precedence)
            closest = {configuration.key: configuration for configuration in matches}
            self._closest[entity.name, project_id] = closest
        return closest

    def _direct(
        self, entity: EntitySchema, project_id: str | None
    ) -> list[CustomAttribute]:
        """Return the configurations of this type, without those of its bases."""
        return [
            configuration
            for configuration in self._by_scope.get(entity.name, ())
            if configuration.project_id in (None, project_id)
        ]

    def _group_by_scope(self) -> dict[str, list[CustomAttribute]]:
        """Return the configurations by the entity types they are for."""
        groups: dict[str, list[CustomAttribute]] = {}
        for configuration in self._studio.custom_attributes:
            for entity in self._scope(configuration):
                groups.setdefault(entity.name, []).append(configuration)
        return groups

    def _scope(
        self, configuration: CustomAttribute | LinkAttribute
    ) -> list[EntitySchema]:
        """Return the topmost entity types that a configuration applies to."""
        types = self._schema.types
        if getattr(configuration, "is_hierarchical", False):
            return [types[name] for name in HIERARCHICAL if name in types]
        if configuration.object_type_id is None:
            name = _SCOPES.get(configuration.entity_type, "")
            return [types[name]] if name in types else []
        return [
            entity
            for entity in self._schema
            if object_type_id(entity) == configuration.object_type_id
        ]


def _with_choices_once(classes: list[CustomClass]) -> list[CustomClass]:
    """Return the classes of a module without choices that an earlier one defines."""
    defined: set[str] = set()
    result: list[CustomClass] = []
    for custom in classes:
        new = {k: v for k, v in custom.choices.items() if k not in defined}
        defined.update(new)
        result.append(replace(custom, choices=new))
    return result


def _precedence(configuration: CustomAttribute) -> tuple[bool, bool, bool, str]:
    """Return the rank among configurations of one key, as a session ranks them."""
    return (
        configuration.project_id is not None,
        not configuration.is_hierarchical,
        configuration.object_type_id is not None,
        configuration.id,
    )


def has_custom_attributes(entity: EntitySchema) -> bool:
    """Return whether entities of the type have custom attributes."""
    attribute = entity.attributes.get(ATTRIBUTE)
    return attribute is not None and attribute.kind is AttributeKind.MAPPED
