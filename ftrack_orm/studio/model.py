"""The configuration of a studio as values: read by `pull`, written by `apply`.

A definition has names and settings, never ids. A setting that is ``None`` is not
managed: `diff` and `apply` leave the server's value. Definitions that come from a
server have every setting.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, ClassVar, Final, Literal, TypeAlias, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

DEFINED_TWICE: Final = "defined_twice"
"""The type of the error about two definitions of one key."""

FORMAT = 1
"""The number of the format of the files."""

Kind: TypeAlias = Literal[
    "object_type",
    "status",
    "type",
    "priority",
    "attribute_group",
    "attribute",
    "link_attribute",
    "asset_type",
    "list_category",
    "note_label",
    "project_schema",
    "setting",
]
"""The kinds of definitions, in the order in which they depend on each other."""

KINDS: tuple[Kind, ...] = get_args(Kind)

Key: TypeAlias = tuple[str, ...]
"""The natural key of a definition among those of its kind."""

AttributeType: TypeAlias = Literal[
    "text",
    "boolean",
    "date",
    "enumerator",
    "dynamic enumerator",
    "number",
    "expression",
    "url",
]
"""The types of custom attributes (protocol 9.7)."""


def _as_text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


Text: TypeAlias = Annotated[str, StringConstraints(strip_whitespace=False)]
"""A value, of which a server keeps the spaces at both ends."""

DefaultValue: TypeAlias = Annotated[
    Text | bool | float | tuple[Text, ...], BeforeValidator(_as_text)
]


NOT_ON_SERVER: Final = ("renamed_from", "pick")
"""Settings of definitions that only files have."""


class Definition(BaseModel):
    """One object of the configuration.

    Attributes:
        renamed_from: the former name; the object of that name is renamed.
        pick: the object that is meant where the server has several of one key.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        str_strip_whitespace=True,
        strict=False,
        # A server's JSON has neither, and no number is equal to the first.
        allow_inf_nan=False,
    )

    kind: ClassVar[Kind]
    identity: ClassVar[tuple[str, ...]] = ("name",)
    """The settings that identify an object of the kind."""

    renamed_from: str | None = None
    pick: Literal["first by sort"] | None = None

    @property
    def natural_key(self) -> Key:
        """Return the settings that identify the object; their case does not matter."""
        return tuple(key_part(getattr(self, name)) for name in self.identity)

    @property
    def former_key(self) -> Key | None:
        """Return the natural key before the rename, if there is one."""
        if self.renamed_from is None:
            return None
        return (self.renamed_from, *self.natural_key[1:])

    @property
    def title(self) -> str:
        """Return the kind and the key, as messages show them."""
        return f"{self.kind} {' '.join(part for part in self.natural_key if part)!r}"

    def settings(self) -> dict[str, Any]:
        """Return the managed settings, without those that identify the object."""
        return {
            name: value
            for name in type(self).model_fields
            if name not in self.identity
            and name not in NOT_ON_SERVER
            and (value := getattr(self, name)) is not None
        }


def key_part(value: Any) -> str:
    """Return a setting as a part of a natural key."""
    if isinstance(value, bool):
        return "hierarchical" if value else ""
    return "" if value is None else str(value)


def folded(key: Key) -> Key:
    """Return a key as servers compare names: without regard to case."""
    return tuple(part.casefold() for part in key)


class ObjectType(Definition):
    """A type of objects in projects, such as Shot (protocol 9.1)."""

    kind = "object_type"

    name: str
    taskable: bool | None = None
    typeable: bool | None = None
    statusable: bool | None = None
    prioritizable: bool | None = None
    schedulable: bool | None = None
    time_reportable: bool | None = None
    leaf: bool | None = None
    icon: str | None = None
    sort: int | None = None


class Status(Definition):
    """A status; `active` is false for one that is retired."""

    kind = "status"

    name: str
    state: str | None = None
    color: str | None = None
    sort: int | None = None
    active: bool | None = None


class TaskType(Definition):
    """A type of tasks or of other objects."""

    kind = "type"

    name: str
    color: str | None = None
    sort: int | None = None
    billable: bool | None = None


class Priority(Definition):
    """A priority."""

    kind = "priority"

    name: str
    value: float | None = None
    color: str | None = None
    sort: int | None = None


class AttributeGroup(Definition):
    """A group of custom attributes in the web interface."""

    kind = "attribute_group"

    name: str


class _Attribute(Definition):
    """The settings that both sorts of custom attributes have.

    Attributes:
        on: the object type, or Project, AssetVersion, Asset, User, List, Component or
            Group; ``None`` for a hierarchical attribute.
        project: the project that alone has the attribute; ``None`` for all.
        read: names of the roles that see it in the web interface; ``["*"]`` for all.
        write: names of the roles that edit it there.
    """

    key: str
    on: str | None = None
    project: str | None = None
    label: str | None = None
    group: str | None = None
    sort: int | None = None
    read: tuple[str, ...] | None = None
    write: tuple[str, ...] | None = None


class Attribute(_Attribute):
    """A custom attribute (protocol 6.7).

    Attributes:
        hierarchical: whether objects inherit the value of their parent.
        decimal: whether a number may have decimals.
        markdown: whether a text is Markdown.
        multiple: whether an enumerator may have several values.
        options: the menu text of each value of an enumerator, in order.
    """

    kind = "attribute"
    identity = ("key", "on", "hierarchical", "project")

    hierarchical: bool = False
    type: AttributeType | None = None
    decimal: bool | None = None
    markdown: bool | None = None
    multiple: bool | None = None
    options: Mapping[Text, Text] | None = None
    default: DefaultValue | None = None

    @model_validator(mode="after")
    def _has_one_scope(self) -> Attribute:
        if self.hierarchical == (self.on is not None):
            raise ValueError('write either on = "…" or hierarchical = true')
        return self


class LinkAttribute(_Attribute):
    """A custom attribute whose values are links (protocol 6.7).

    Attributes:
        to: the object type or the entity type that it links to.
        one_to_one: whether an entity is linked at most once.
    """

    kind = "link_attribute"
    identity = ("key", "on", "to", "project")

    on: str | None = Field(default=...)
    to: str
    one_to_one: bool | None = None


class AssetType(Definition):
    """A type of assets; `short` identifies it."""

    kind = "asset_type"
    identity = ("short",)

    short: str
    name: str | None = None
    component: str | None = None


class ListCategory(Definition):
    """A category of lists."""

    kind = "list_category"

    name: str


class NoteLabel(Definition):
    """A label of notes."""

    kind = "note_label"

    name: str
    color: str | None = None
    sort: int | None = None


class ObjectTypeRules(BaseModel):
    """The statuses and types that a project schema allows for an object type."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    statuses: tuple[str, ...] | None = None
    types: tuple[str, ...] | None = None


class OverrideRules(BaseModel):
    """The statuses of tasks of one type, instead of the schema's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task_statuses: tuple[str, ...]


class Template(BaseModel):
    """A task template: the types of the tasks that it creates."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    task_types: tuple[str, ...]


class ProjectSchema(Definition):
    """A workflow for projects (protocol 6.6 and 9.5).

    Attributes:
        object_types: names of the object types that projects may have.
        task_types: names of the types of tasks.
        task_statuses: names of the statuses of tasks.
        version_statuses: names of the statuses of asset versions.
        of: the rules of other object types, by name.
        override: the statuses of tasks of a type, by the type's name.
        template: the task templates, by name.
        shared_with: the project schemas that use the same workflow or list of types,
            by its place, such as ``{"task_statuses": ["Animation"]}``. Set by `pull`.
    """

    kind = "project_schema"

    name: str
    object_types: tuple[str, ...] | None = None
    task_types: tuple[str, ...] | None = None
    task_statuses: tuple[str, ...] | None = None
    version_statuses: tuple[str, ...] | None = None
    of: Mapping[str, ObjectTypeRules] | None = None
    override: Mapping[str, OverrideRules] | None = None
    template: Mapping[str, Template] | None = None
    shared_with: Mapping[str, tuple[str, ...]] | None = None


class Setting(Definition):
    """A setting of the server."""

    kind = "setting"
    identity = ("group", "name")

    group: str
    name: str
    value: Text | None = None


AnyDefinition: TypeAlias = (
    ObjectType
    | Status
    | TaskType
    | Priority
    | AttributeGroup
    | Attribute
    | LinkAttribute
    | AssetType
    | ListCategory
    | NoteLabel
    | ProjectSchema
    | Setting
)

DEFINITIONS: Mapping[Kind, type[Definition]] = {
    definition.kind: definition for definition in get_args(AnyDefinition)
}
"""The class of each kind."""


class Options(BaseModel):
    """The table ``[studio]``: the extent of the files.

    Attributes:
        format: the number of the format of the files.
        manage: the kinds that are compared and applied; all by default.
        exclusive: the kinds whose objects that are not in the files are reported as
            errors; those of other kinds are only counted. Nothing is ever deleted.
        models: folder of the studio's generated package, to generate again after an
            apply.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal[1] = 1
    manage: tuple[Kind, ...] = KINDS
    exclusive: tuple[Kind, ...] = ()
    models: str | None = None


class Studio(BaseModel):
    """The configuration of one studio."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    studio: Options = Options()
    object_type: tuple[ObjectType, ...] = ()
    status: tuple[Status, ...] = ()
    type: tuple[TaskType, ...] = ()
    priority: tuple[Priority, ...] = ()
    attribute_group: tuple[AttributeGroup, ...] = ()
    attribute: tuple[Attribute, ...] = ()
    link_attribute: tuple[LinkAttribute, ...] = ()
    asset_type: tuple[AssetType, ...] = ()
    list_category: tuple[ListCategory, ...] = ()
    note_label: tuple[NoteLabel, ...] = ()
    project_schema: tuple[ProjectSchema, ...] = ()
    setting: tuple[Setting, ...] = ()

    def definitions(self, kind: Kind) -> tuple[Definition, ...]:
        """Return the definitions of a kind, in their order."""
        definitions: tuple[Definition, ...] = getattr(self, kind)
        return definitions

    def only(self, kinds: Sequence[Kind]) -> Studio:
        """Return the studio with the definitions of `kinds` alone."""
        left_out: dict[str, Any] = {kind: () for kind in KINDS if kind not in kinds}
        return self.model_copy(update=left_out)

    @model_validator(mode="after")
    def _has_unique_keys(self) -> Studio:
        for kind in KINDS:
            seen: dict[Key, Definition] = {}
            for definition in self.definitions(kind):
                key = folded(definition.natural_key)
                if key in seen:
                    raise PydanticCustomError(
                        DEFINED_TWICE,
                        "{title} is defined twice",
                        {"title": definition.title, "kind": kind, "key": key},
                    )
                seen[key] = definition
        return self
