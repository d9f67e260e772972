"""Resolve how the server stores each relation; its schema does not contain this.

The schema names a relation and its target. The attribute that holds the key, or the
type that joins both ends, follows from a rule for most relations (``status_id`` holds
the key of ``status``) and from the tables below for the others. Sources: the attribute
descriptions of the recorded schema, the internal names of protocol appendix B and the
recorded responses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from types import MappingProxyType
from typing import TypeAlias

from ftrack_orm.errors.entity import UnknownAttributeError
from ftrack_orm.lazy_dataclass import lazy_dataclass
from ftrack_orm.schema.model import Attribute, AttributeKind, Schema

_NOTHING: Mapping[str, str] = MappingProxyType({})


@lazy_dataclass(frozen=True, slots=True)
class ForeignKey:
    """A link whose owner holds the key of the target.

    Attributes:
        local: the owner's attribute that holds the key; ``None`` if the target has
            a composite key, held by `composite`.
        target: the type linked to.
        hidden: true if the schema does not list `local`.
        composite: the owner's attributes that hold the target's key, in the order
            of the target's primary key.
    """

    local: str | None
    target: str
    hidden: bool = False
    composite: tuple[str, ...] = ()


@lazy_dataclass(frozen=True, slots=True)
class Reverse:
    """A collection of the entities that hold the key of the owner.

    Attributes:
        target: the type of the members.
        remote: the members' attribute that holds the owner's ``id``.
        filters: further conditions on a member, attribute to value.
    """

    target: str
    remote: str
    filters: Mapping[str, str] = field(default_factory=lambda: _NOTHING)


@lazy_dataclass(frozen=True, slots=True)
class Association:
    """A collection whose members are joined to the owner by rows of a third type.

    Attributes:
        target: the type of the members.
        through: the type of those rows, or a table's name if `hidden`.
        near: the row's attribute that holds the owner's ``id``.
        far: the row's attribute that holds the member's ``id``.
        hidden: true if the rows have no type in the schema.
    """

    target: str
    through: str
    near: str
    far: str
    hidden: bool = False


@lazy_dataclass(frozen=True, slots=True)
class Computed:
    """A relation that the server computes by the rule called `rule`.

    The rules: ``ancestors``, ``descendants``, ``latest_version`` and
    ``custom_attributes`` (one value for each configuration that applies).
    """

    target: str
    rule: str


@lazy_dataclass(frozen=True, slots=True)
class Unresolved:
    """A relation that no rule and no table resolves."""

    target: str


Relation: TypeAlias = ForeignKey | Reverse | Association | Computed | Unresolved


# Links whose key is not in `<name>_id`, by the type that declares them. If the schema
# names no target of the foreign key, the internal name decides (appendix B).
_LINKS: Mapping[tuple[str, str], str] = {
    ("Asset", "parent"): "context_id",
    ("Feed", "event"): "social_id",
    ("List", "owner"): "user_id",
    ("Note", "author"): "user_id",
    # Each twin of a project schema's link is the same data (protocol 6.6).
    ("ProjectSchema", "_task_type_schema"): "task_type_schema_id",
    ("ProjectSchema", "_task_workflow"): "task_workflow_schema_id",
    ("ProjectSchema", "_version_workflow"): "asset_version_workflow_schema_id",
    ("Recipient", "recipient"): "resource_id",
    # The same resource as `recipient`, present only if it is a user.
    ("Recipient", "user"): "resource_id",
    ("ReviewSessionObject", "asset_version"): "version_id",
    ("ReviewSessionObjectStatus", "invitee"): "review_session_invitee_id",
    ("CustomAttributeLinkConfiguration", "object_type_to"): "object_type_id_to",
    ("SchemaStatus", "task_status"): "status_id",
    ("SchemaType", "task_type"): "type_id",
}

_LINKED_BY_SEVERAL: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("SettingComponent", "setting"): ("name", "group"),
}

# The state of a status has no foreign key in the schema.
_HIDDEN_LINKS: Mapping[tuple[str, str], str] = {("Status", "state"): "state_id"}

# Collections whose target has no link back to the owner, or a misleading one:
# `Note.project` is the project a note belongs to, not the entity it is written on.
_COLLECTIONS: Mapping[tuple[str, str], str] = {
    ("Context", "notes"): "parent_id",
    ("TypedContext", "incoming_links"): "to_id",
    ("TypedContext", "outgoing_links"): "from_id",
    ("TypedContext", "split_parts"): "task_id",
    ("AssetVersion", "incoming_links"): "to_id",
    ("AssetVersion", "outgoing_links"): "from_id",
}

# An appointment is either an assignment or an allocation (protocol 6.2).
_FILTERS: Mapping[str, Mapping[str, str]] = {
    "assignments": MappingProxyType({"type": "assignment"}),
    "allocations": MappingProxyType({"type": "allocation"}),
}

# Owner and collection to the joining type, its near and its far attribute. The `from`
# of a version link is the version used and `to` the one that uses it: their internal
# names are linked_version and version.
_ASSOCIATIONS: Mapping[tuple[str, str], tuple[str, str, str]] = {
    ("TaskTypeSchema", "types"): (
        "TaskTypeSchemaType",
        "task_type_schema_id",
        "type_id",
    ),
    ("Type", "task_type_schemas"): (
        "TaskTypeSchemaType",
        "type_id",
        "task_type_schema_id",
    ),
    ("WorkflowSchema", "statuses"): (
        "WorkflowSchemaStatus",
        "workflow_schema_id",
        "status_id",
    ),
    ("ProjectSchema", "object_types"): (
        "ProjectSchemaObjectType",
        "project_schema_id",
        "object_type_id",
    ),
    ("ObjectType", "project_schemas"): (
        "ProjectSchemaObjectType",
        "object_type_id",
        "project_schema_id",
    ),
    ("TypedContextList", "items"): ("ListObject", "list_id", "entity_id"),
    ("AssetVersionList", "items"): ("ListObject", "list_id", "entity_id"),
    ("TypedContext", "lists"): ("ListObject", "entity_id", "list_id"),
    ("AssetVersion", "lists"): ("ListObject", "entity_id", "list_id"),
    ("AssetVersion", "uses_versions"): ("AssetVersionLink", "to_id", "from_id"),
    ("AssetVersion", "used_in_versions"): ("AssetVersionLink", "from_id", "to_id"),
}

# Many-to-many relations whose rows have no type in the schema.
_HIDDEN_ASSOCIATIONS = frozenset(
    {
        ("Context", "scopes"),
        ("CustomConfigurationBase", "read_security_roles"),
        ("CustomConfigurationBase", "write_security_roles"),
        ("UserView", "shared_with"),
    }
)

_COMPUTED: Mapping[tuple[str, str], str] = {
    ("Asset", "ancestors"): "ancestors",
    ("Asset", "latest_version"): "latest_version",
    ("Project", "descendants"): "descendants",
    ("TypedContext", "ancestors"): "ancestors",
    ("TypedContext", "descendants"): "descendants",
}

# The end of a custom attribute link that its types declare as a link:
# `UserCustomAttributeLink.user` is the entity linked to,
# `UserCustomAttributeLinkFrom.user` the entity linked from.
_LINK_VALUES = (
    ("CustomAttributeLinkFrom", "from_id"),
    ("CustomAttributeLink", "to_id"),
)
_LINK_OWNERS: Mapping[str, str] = {
    "CustomAttributeLink": "from_id",
    "CustomAttributeLinkFrom": "to_id",
}


class Relations:
    """The storage of every relation of `schema`, each resolved at its first use."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._relations: dict[tuple[str, str], Relation] = {}
        self._inverses: dict[tuple[str, str], tuple[str, str] | None] = {}

    def of(self, entity_type: str, attribute: str) -> Relation:
        """Return how a link, collection or mapped array of a type is stored.

        The attribute may be inherited. The result is `Unresolved` if no rule and no
        table applies.

        Raises:
            UnknownEntityTypeError: there is no such type.
            UnknownAttributeError: the type has no such attribute, or it holds plain
                values.
        """
        relation_name = (entity_type, attribute)
        relation = self._relations.get(relation_name)
        if relation is None:
            relation = self._relations[relation_name] = self._resolve(
                entity_type, attribute
            )
        return relation

    def foreign_key(self, entity_type: str, link: str) -> str | None:
        """Return the attribute in the schema that holds a link's key, or ``None``."""
        relation = self.of(entity_type, link)
        if isinstance(relation, ForeignKey) and not relation.hidden:
            return relation.local
        return None

    def inverse(self, entity_type: str, attribute: str) -> tuple[str, str] | None:
        """Return type and attribute of the other end of a relation, or ``None``.

        Only a link and its collection have two ends: ``children`` and ``parent``,
        ``versions`` and ``asset``. If several collections share a link, the one
        without filters is returned.
        """
        relation_name = (entity_type, attribute)
        if relation_name not in self._inverses:
            relation = self.of(entity_type, attribute)
            inverse: tuple[str, str] | None = None
            if isinstance(relation, ForeignKey):
                inverse = self._inverse_collection(entity_type, relation)
            elif isinstance(relation, Reverse):
                inverse = self._inverse_link(entity_type, relation)
            self._inverses[relation_name] = inverse
        return self._inverses[relation_name]

    def unresolved(self) -> tuple[str, ...]:
        """Return each relation of unknown storage as ``"Type.attribute"``."""
        return tuple(
            f"{entity_type}.{name}"
            for entity_type, name, relation in self.every()
            if isinstance(relation, Unresolved)
        )

    def every(self) -> Iterator[tuple[str, str, Relation]]:
        """Yield type, attribute and storage of each relation, in served order."""
        for entity_schema in self._schema:
            for attribute in entity_schema.attributes.values():
                if attribute.is_relation:
                    yield (
                        entity_schema.name,
                        attribute.name,
                        self.of(entity_schema.name, attribute.name),
                    )

    # -- resolving ---------------------------------------------------------------

    def _resolve(self, entity_type: str, name: str) -> Relation:
        attributes = self._schema[entity_type].attributes
        attribute = attributes.get(name)
        if attribute is None or attribute.target is None:
            raise UnknownAttributeError(
                entity_type,
                name,
                (other.name for other in attributes.values() if other.is_relation),
            )
        target = self._member_type(attribute.target)
        for resolve in self._resolvers():
            relation = resolve(entity_type, attribute, target)
            if relation is not None:
                return relation
        return Unresolved(target)

    def _resolvers(
        self,
    ) -> tuple[Callable[[str, Attribute, str], Relation | None], ...]:
        # The tables come first: they list the relations for which a rule would give a
        # wrong answer.
        return (
            self._from_tables,
            self._custom_attributes,
            self._link_by_rule,
            self._collection_by_rule,
        )

    def _member_type(self, declared: str) -> str:
        """Return the common type of the entities in a relation to `declared`.

        A relation to `Task` means the table of that name, which stores all typed
        contexts: recorded rows of ``ObjectType.tasks`` and ``Type.tasks`` contain
        sequences, shots and milestones.
        """
        if declared == "Task" and "TypedContext" in self._schema:
            return "TypedContext"
        return declared

    def _base_names(self, entity_type: str) -> tuple[str, ...]:
        return tuple(base.name for base in self._schema.bases(entity_type))

    def _from_tables(
        self, entity_type: str, attribute: Attribute, target: str
    ) -> Relation | None:
        for declaring in self._base_names(entity_type):
            relation = self._from_table(declaring, attribute, target)
            if relation is not None:
                return relation
        return None

    def _from_table(
        self, declaring: str, attribute: Attribute, target: str
    ) -> Relation | None:
        relation_name = (declaring, attribute.name)
        if relation_name in _HIDDEN_LINKS:
            return self._hidden_link(relation_name, target)
        if relation_name in _LINKS:
            return ForeignKey(_LINKS[relation_name], target)
        if relation_name in _LINKED_BY_SEVERAL:
            return ForeignKey(None, target, composite=_LINKED_BY_SEVERAL[relation_name])
        if relation_name in _COLLECTIONS:
            return Reverse(target, _COLLECTIONS[relation_name])
        if (
            relation_name in _ASSOCIATIONS
            and _ASSOCIATIONS[relation_name][0] in self._schema
        ):
            return Association(target, *_ASSOCIATIONS[relation_name])
        if relation_name in _HIDDEN_ASSOCIATIONS:
            table = f"{declaring}.{attribute.name}"
            return Association(target, table, "owner_id", "member_id", hidden=True)
        if relation_name in _COMPUTED:
            return Computed(target, _COMPUTED[relation_name])
        return None

    def _hidden_link(self, relation_name: tuple[str, str], target: str) -> ForeignKey:
        local = _HIDDEN_LINKS[relation_name]
        # Some servers list the key in their schema.
        is_listed = (
            relation_name[0] in self._schema
            and local in self._schema[relation_name[0]].attributes
        )
        return ForeignKey(local, target, hidden=not is_listed)

    def _custom_attributes(
        self, entity_type: str, attribute: Attribute, target: str
    ) -> Relation | None:
        if attribute.kind is AttributeKind.MAPPED:
            if target.endswith("CustomAttributeValue"):
                return Computed(target, "custom_attributes")
            remote = _LINK_OWNERS.get(target)
            return Reverse(target, remote) if remote else None
        if attribute.kind is AttributeKind.LINK:
            names = self._base_names(entity_type)
            for ending, local in _LINK_VALUES:
                is_link = ending in names or entity_type.endswith(ending)
                if is_link and attribute.name != "configuration":
                    return ForeignKey(local, target)
        return None

    def _link_by_rule(
        self, entity_type: str, attribute: Attribute, target: str
    ) -> Relation | None:
        if attribute.kind is not AttributeKind.LINK:
            return None
        local = f"{attribute.name}_id"
        if local not in self._schema[entity_type].attributes:
            return None
        return ForeignKey(local, target)

    def _collection_by_rule(
        self, entity_type: str, attribute: Attribute, target: str
    ) -> Relation | None:
        if attribute.kind is AttributeKind.LINK or target not in self._schema:
            return None
        remote = self._remote(entity_type, target)
        if remote is None:
            return None
        # Only on appointments does `type` distinguish assignments from allocations.
        filtered = target == "Appointment" and attribute.name in _FILTERS
        return Reverse(
            target, remote, _FILTERS[attribute.name] if filtered else _NOTHING
        )

    def _remote(self, entity_type: str, target: str) -> str | None:
        """Return the target's attribute that holds the key of an owner of this type.

        It is the key of the only link back, else ``<type>_id`` of the type or one of
        its bases, else ``parent_id``, which notes, metadata, settings and status
        changes have for owners of any type.
        """
        members = self._schema[target].attributes
        names = self._base_names(entity_type)
        local_keys = {
            local
            for link in members.values()
            if link.kind is AttributeKind.LINK and link.target in names
            for local in (self.foreign_key(target, link.name),)
            if local is not None
        }
        if len(local_keys) == 1:
            return local_keys.pop()
        candidates = [*(f"{_snake(name)}_id" for name in names), "parent_id"]
        return next((name for name in candidates if name in members), None)

    # -- inverses ----------------------------------------------------------------

    def _is_base_or_subtype(self, type_name: str, other: str) -> bool:
        bases, other_bases = self._base_names(type_name), self._base_names(other)
        return type_name in other_bases or other in bases

    def _inverse_collection(
        self, entity_type: str, link: ForeignKey
    ) -> tuple[str, str] | None:
        if link.target not in self._schema or link.local is None:
            return None
        for attribute in self._schema[link.target].attributes.values():
            if attribute.kind is not AttributeKind.COLLECTION:
                continue
            relation = self.of(link.target, attribute.name)
            if (
                isinstance(relation, Reverse)
                and relation.remote == link.local
                and not relation.filters
                and self._is_base_or_subtype(entity_type, relation.target)
            ):
                return link.target, attribute.name
        return None

    def _inverse_link(
        self, entity_type: str, collection: Reverse
    ) -> tuple[str, str] | None:
        for attribute in self._schema[collection.target].attributes.values():
            if attribute.kind is not AttributeKind.LINK:
                continue
            relation = self.of(collection.target, attribute.name)
            if (
                isinstance(relation, ForeignKey)
                and relation.local == collection.remote
                and self._is_base_or_subtype(entity_type, relation.target)
            ):
                return collection.target, attribute.name
        return None


def _snake(name: str) -> str:
    """Return ``review_session_object`` for ``ReviewSessionObject``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
