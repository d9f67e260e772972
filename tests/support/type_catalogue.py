"""What the recorded schema and the protocol's type catalogue say of every type.

Read from the schema as it was served and from appendix A, never from the code that
stores it: what refers to what, what the server decides, what nobody may change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from tests.support.schemas import load_served

SERVED: Final = {served["id"]: served for served in load_served()}

ABSTRACT: Final = frozenset(
    {
        "BaseUser",
        "Context",
        "CustomAttributeLink",
        "CustomAttributeLinkFrom",
        "CustomConfigurationBase",
        "List",
        "Resource",
        "StatusChange",
        "StatusRuleGroup",
        "TypedContext",
    }
)
"""Bases that entities are read as; create is by concrete type (protocol 6.2, 4.4)."""

DENSE: Final = frozenset(
    name for name in SERVED if name.endswith("CustomAttributeValue")
) - {"CustomAttributeValue"}
"""Types that cannot be created or deleted (protocol 3.5)."""

CREATABLE: Final = sorted(SERVED.keys() - ABSTRACT - DENSE)

CONCRETE: Final = {
    "BaseUser": "User",
    "Component": "FileComponent",
    "Context": "Shot",
    "List": "TypedContextList",
    "Resource": "User",
    "StatusRuleGroup": "TypedContextStatusRuleGroup",
    "TypedContext": "Shot",
}
"""What stands in for a base that something refers to."""

_LINK_KEYS: Final[Mapping[tuple[str, str], str]] = {
    ("Asset", "parent"): "context_id",
    ("CustomAttributeLinkConfiguration", "object_type_to"): "object_type_id_to",
    ("Feed", "event"): "social_id",
    ("List", "owner"): "user_id",
    ("Note", "author"): "user_id",
    ("ProjectSchema", "_task_type_schema"): "task_type_schema_id",
    ("ProjectSchema", "_task_workflow"): "task_workflow_schema_id",
    ("ProjectSchema", "_version_workflow"): "asset_version_workflow_schema_id",
    ("Recipient", "recipient"): "resource_id",
    ("Recipient", "user"): "resource_id",
    ("ReviewSessionObject", "asset_version"): "version_id",
    ("ReviewSessionObjectStatus", "invitee"): "review_session_invitee_id",
    ("SchemaStatus", "task_status"): "status_id",
    ("SchemaType", "task_type"): "type_id",
}
"""Which attribute holds the key of a link whose name does not tell (appendix A)."""

KEYLESS: Final = (("SettingComponent", "setting"), ("Status", "state"))
"""Links whose key is of several attributes, or not in the schema."""

TWINS: Final = frozenset(
    {
        ("ProjectSchema", "_task_type_schema"),
        ("ProjectSchema", "_task_workflow"),
        ("ProjectSchema", "_version_workflow"),
        ("Recipient", "user"),
    }
)
"""Links that show once more what another shows (protocol 6.6)."""

_TARGETS: Final[Mapping[tuple[str, str], str]] = {
    ("AssetVersionStatusChange", "parent_id"): "AssetVersion",
    ("CustomAttributeValue", "configuration_id"): "CustomAttributeConfiguration",
    ("CustomAttributeValue", "entity_id"): "Shot",
    ("EntitySetting", "parent_id"): "Project",
    ("Event", "parent_id"): "Task",
    ("Feed", "owner_id"): "User",
    ("ListObject", "entity_id"): "Task",
    ("Metadata", "parent_id"): "Task",
    ("Note", "parent_id"): "Task",
    ("TypedContextStatusChange", "parent_id"): "Task",
}
"""What keys name that may be of many types."""

_FROM_TYPE: Final = ("context_type", "resource_type", "system_type")
_FROM_TREE: Final = ("project", "project_id")
_VIRTUAL: Final = ("_link", "is_latest_version", "link", "thumbnail_url", "url")

_SERVER_SETS: Final[Mapping[str, Sequence[str]]] = {
    "Asset": _FROM_TREE,
    "AssetVersion": _FROM_TREE,
    "Component": _FROM_TYPE,
    "Context": (*_FROM_TYPE, *_FROM_TREE),
    "List": _FROM_TYPE,
    "Resource": _FROM_TYPE,
    # Given by `type_id`, which is the same (protocol 6.6).
    "Schema": ("object_type_id",),
    "TypedContext": ("object_type", "object_type_id"),
}
"""Attributes that follow from the type or from the tree (protocol 6.1, 6.3)."""

_DESCRIBED: Final = re.compile(r"Foreign key\(s\): (\w+)\.")

Property = Mapping[str, Any]


def properties(entity_type: str) -> dict[str, dict[str, Any]]:
    """Return the attributes of a type as served."""
    found: dict[str, dict[str, Any]] = SERVED[entity_type]["properties"]
    return found


def bases(entity_type: str) -> list[str]:
    """Return a type and all it inherits from."""
    found = [entity_type]
    while "$mixin" in SERVED[found[-1]]:
        found.append(SERVED[found[-1]]["$mixin"]["$ref"])
    return found


def is_link(prop: Property) -> bool:
    """Return whether an attribute leads to one entity."""
    return "$ref" in prop


def is_collection(prop: Property) -> bool:
    """Return whether an attribute is a list of entities that can be selected."""
    return prop.get("type") == "array" and not prop.get("restricted_projection")


def is_scalar(prop: Property) -> bool:
    """Return whether an attribute holds a plain value."""
    return not is_link(prop) and prop.get("type") not in ("array", "mapped_array")


def server_sets(entity_type: str) -> set[str]:
    """Return the attributes of a type that only the server decides."""
    own = (name for base in bases(entity_type) for name in _SERVER_SETS.get(base, ()))
    return {*SERVED[entity_type].get("computed", ()), *own, *_VIRTUAL}


def settable(entity_type: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the scalars and links that a client can send when it creates a type."""
    fixed = server_sets(entity_type)
    for name, prop in properties(entity_type).items():
        if name not in fixed and (is_scalar(prop) or is_link(prop)):
            yield name, prop


def selectable(entity_type: str) -> list[str]:
    """Return the attributes of a type that a query can return (protocol 4.2)."""
    return [
        name
        for name, prop in properties(entity_type).items()
        if not prop.get("restricted_projection")
    ]


def key_of_link(entity_type: str, link: str) -> str | None:
    """Return the attribute that holds the key of a link, if the schema has one."""
    if link != "configuration":
        if entity_type.endswith("CustomAttributeLink"):
            return "to_id"
        if entity_type.endswith("CustomAttributeLinkFrom"):
            return "from_id"
    name = f"{link}_id"
    for base in bases(entity_type):
        name = _LINK_KEYS.get((base, link), name)
    return name if name in properties(entity_type) else None


def keys_of_links(entity_type: str) -> dict[str, str]:
    """Return the attributes that hold keys of links, with the links' targets."""
    return {
        key: prop["$ref"]
        for name, prop in properties(entity_type).items()
        if is_link(prop) and (key := key_of_link(entity_type, name)) is not None
    }


def target(entity_type: str, name: str) -> str | None:
    """Return the type that a plain attribute holds a key of; none for other values."""
    prop = properties(entity_type)[name]
    known = _TARGETS.get((entity_type, name)) or keys_of_links(entity_type).get(name)
    if known is not None:
        return known
    if name in ("from_id", "to_id"):
        return "Shot"
    described = _DESCRIBED.match(prop.get("description") or "")
    if described is None or name == "id" or described[1] not in SERVED:
        return None
    return described[1]


def lists(entity_type: str) -> list[str]:
    """Return the lists of a type whose members can be made."""
    return [
        name
        for name, prop in properties(entity_type).items()
        if is_collection(prop) and prop["items"]["$ref"] != "StatusChange"
    ]


def is_list_fixed(entity_type: str, name: str, member_type: str) -> bool:
    """Return whether a list is computed, or the members' end of it is fixed."""
    if name in ("ancestors", "descendants"):
        return True  # computed from the tree (protocol 6.3)
    if name in SERVED[entity_type]["immutable"]:
        return True
    if (entity_type, name) == (
        "CustomAttributeType",
        "custom_attribute_configurations",
    ):
        return True  # the type of a configuration cannot change (protocol 6.7)
    if (entity_type, name) == ("ObjectType", "tasks"):
        return True  # a Task is of one object type (appendix A)
    if member_type == "Metadata":
        return False
    names = SERVED[member_type]["primary_key"]
    # Rows with keys of several attributes name their owner in the key.
    return bool(names != ["id"])
