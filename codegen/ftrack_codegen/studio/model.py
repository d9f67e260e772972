"""The configuration of a studio as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from ftrack_orm.errors.schema import SchemaError
from ftrack_orm.types import JSON, JSONObject

VOCABULARY: Final = {
    "Status": ("statuses", "name"),
    "Type": ("types", "name"),
    "Priority": ("priorities", "name"),
    "ObjectType": ("object_types", "name"),
    "AssetType": ("asset_types", "name", "short"),
    "State": ("states", "name", "short"),
    "ProjectSchema": ("project_schemas", "name"),
    "ListCategory": ("list_categories", "name"),
}
"""The entity types of reference data: their plural, and the attributes with names."""

CHOICE_TYPES: Final = ("enumerator", "dynamic enumerator")
"""The types of custom attributes whose values are lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomAttribute:
    """A custom attribute configuration (protocol 6.7).

    Attributes:
        id: the primary key.
        key: the key of the values.
        label: the label in the web interface.
        type: the name of the value type, ``""`` if the server sends none.
        entity_type: the server's name for the configured entities, as ``"task"``.
        object_type_id: the object type of the entities, ``None`` for all.
        project_id: the project of the entities, ``None`` for all.
        is_hierarchical: whether child entities inherit the values.
        default: the value of entities without a stored value.
        choices: the values of an enumerator.
    """

    id: str
    key: str
    label: str = ""
    type: str = ""
    entity_type: str = ""
    object_type_id: str | None = None
    project_id: str | None = None
    is_hierarchical: bool = False
    default: JSON = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkAttribute:
    """A custom attribute link configuration (protocol 6.7).

    Attributes:
        id, key, label, entity_type, object_type_id, project_id: as in
            `CustomAttribute`.
        entity_type_to: the server's name for the linked entities.
        object_type_id_to: the object type of the linked entities, ``None`` for all.
        one_to_one: whether each entity has one linked entity.
    """

    id: str
    key: str
    label: str = ""
    entity_type: str = ""
    object_type_id: str | None = None
    project_id: str | None = None
    entity_type_to: str = ""
    object_type_id_to: str | None = None
    one_to_one: bool = False


@dataclass(frozen=True, slots=True)
class ReferenceRow:
    """A status, type or other row that entities refer to.

    Attributes:
        id: the primary key.
        name: the name.
        values: further values by attribute; a link is the key of its target.
    """

    id: str
    name: str
    values: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """The object types, statuses and types that a project schema allows.

    Attributes:
        id: the primary key of the project schema.
        name: its name.
        statuses: the names of the statuses by object type, sorted.
        types: the names of the types by object type, sorted.
    """

    id: str
    name: str
    statuses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    types: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Studio:
    """The configuration of a studio; every part is sorted.

    Attributes:
        custom_attributes: the configurations by key and scope.
        links: the link configurations by key and scope.
        projects: the names of the projects that have own configurations, by id.
        reference: the rows of the types in `VOCABULARY` by entity type.
        workflows: the project schemas by name.
    """

    custom_attributes: tuple[CustomAttribute, ...] = ()
    links: tuple[LinkAttribute, ...] = ()
    projects: Mapping[str, str] = field(default_factory=dict)
    reference: Mapping[str, tuple[ReferenceRow, ...]] = field(default_factory=dict)
    workflows: tuple[Workflow, ...] = ()

    def to_json(self) -> JSONObject:
        """Return the configuration as plain data, for a file."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Studio:
        """Return the configuration that `to_json` has written.

        Raises:
            SchemaError: the data has another form.
        """
        try:
            return cls(
                custom_attributes=_sorted(
                    CustomAttribute(**{**row, "choices": tuple(row["choices"])})
                    for row in data["custom_attributes"]
                ),
                links=_sorted(LinkAttribute(**row) for row in data["links"]),
                projects=dict(sorted(data["projects"].items())),
                reference={
                    name: _sorted(
                        ReferenceRow(**row) for row in data["reference"][name]
                    )
                    for name in VOCABULARY
                    if data["reference"].get(name)
                },
                workflows=_sorted(
                    Workflow(
                        id=row["id"],
                        name=row["name"],
                        statuses=_lists(row["statuses"]),
                        types=_lists(row["types"]),
                    )
                    for row in data["workflows"]
                ),
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise SchemaError(
                f"The data holds no configuration of a studio ({error!r}). "
                "Write it again with ftrack-orm generate --save."
            ) from error


def _sorted(rows: Iterable[Any]) -> tuple[Any, ...]:
    """Return rows sorted by key or name; equal ones by id."""
    return tuple(sorted(rows, key=_rank))


def _rank(row: Any) -> tuple[str, str]:
    name: str = row.key if hasattr(row, "key") else row.name
    return name, row.id


def _lists(names: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(sorted(names[key])) for key in sorted(names)}
