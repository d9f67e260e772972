"""One entity of every type of the recorded schema, with all that can be set on it."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from tests.support.emulator_client import VFX, Client, date
from tests.support.type_catalogue import (
    CONCRETE,
    KEYLESS,
    SERVED,
    TWINS,
    Property,
    bases,
    is_scalar,
    key_of_link,
    keys_of_links,
    server_sets,
    settable,
    target,
)

_FIXED: Final[Mapping[str, Mapping[str, Any]]] = {
    "Appointment": {"type": "assignment"},
    "AssetVersionStatusChange": {"parent_type": "AssetVersion"},
    "AssetVersionStatusRuleGroup": {"entity_type": "assetversion"},
    "CustomAttributeConfiguration": {
        "entity_type": "task",
        # Of texts: any text is a default.
        "type_id": "6268aef0-381c-11e0-acff-0019bb49847a",
        "default": "text",
        "is_hierarchical": False,
    },
    "CustomAttributeLinkConfiguration": {
        "entity_type": "task",
        "entity_type_to": "user",
    },
    "EntitySetting": {"parent_type": "Project"},
    "Job": {"type": "api_job"},
    "Project": {"status": "active", "project_schema_id": VFX},
    "TypedContextStatusRuleGroup": {"entity_type": "task"},
}
"""Values that have to be these; links to the same are left out."""

_LEAST: Final[Mapping[str, Mapping[str, str]]] = {
    "Asset": {"context_id": "Project"},
    "AssetVersion": {"asset_id": "Asset"},
    "ComponentLocation": {"component_id": "FileComponent", "location_id": "Location"},
    "Manager": {"context_id": "Project", "user_id": "User"},
    "TypedContext": {"parent_id": "Project"},
}
"""What a type needs beyond what the schema says (protocol 6.1, 6.5)."""

_LEAST_TEXTS: Final[Mapping[str, str]] = {
    "CustomConfigurationBase": "key",
    "Project": "full_name",
}

Mode = Literal["links", "ids"]
"""How related entities are named: the Python client's way, or the JavaScript one's."""

EARLIER: Final = "2024-01-02T03:04:05"
LATER: Final = "2025-02-03T04:05:06"


@dataclass(frozen=True, slots=True)
class Made:
    """An entity that was created, with what was sent and answered."""

    entity_type: str
    key: tuple[Any, ...]
    sent: dict[str, Any]
    answer: dict[str, Any]

    @property
    def reference(self) -> dict[str, Any]:
        """Return a reference to it (protocol 3.3)."""
        names = SERVED[self.entity_type]["primary_key"]
        return {
            "__entity_type__": self.entity_type,
            **dict(zip(names, self.key, strict=True)),
        }

    @property
    def where(self) -> str:
        """Return the criteria that only this entity meets."""
        names = SERVED[self.entity_type]["primary_key"]
        parts = zip(names, self.key, strict=True)
        return " and ".join(f'{name} is "{value}"' for name, value in parts)


class Maker:
    """Creates entities of every type, each with targets of its own."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self._numbers = itertools.count(1)

    def least(self, entity_type: str) -> Made:
        """Create an entity with nothing but what it cannot be without."""
        concrete = CONCRETE.get(entity_type, entity_type)
        served = SERVED[concrete]
        by_server = {*server_sets(concrete), "status_id", "type_id", "priority_id"}
        if "TypedContext" not in bases(concrete):
            by_server = server_sets(concrete)
        sent: dict[str, Any] = {}
        for name in dict.fromkeys([*served["required"], *served["primary_key"]]):
            if name in served["properties"] and name not in by_server:
                sent[name] = self.value(concrete, name)
        for base in bases(concrete):
            for name, needed in _LEAST.get(base, {}).items():
                sent[name] = self.least(needed).key[0]
            if base in _LEAST_TEXTS:
                sent[_LEAST_TEXTS[base]] = self.text(base)
        if concrete == "SettingComponent":
            sent["name"], sent["group"] = self.least("Setting").key
        return self.create(concrete, sent)

    def whole(self, entity_type: str, mode: Mode) -> Made:
        """Create an entity of a concrete type with everything that can be set."""
        return self.create(entity_type, self.values(entity_type, mode))

    def values(self, entity_type: str, mode: Mode) -> dict[str, Any]:
        """Return what `whole` sends, with what it refers to created."""
        fixed = _FIXED.get(entity_type, {})
        chosen = {
            name: self.value(entity_type, name)
            for name, prop in settable(entity_type)
            if name not in fixed
            and f"{name}_id" not in fixed
            and self.is_sent(entity_type, name, prop, mode)
        }
        return {**chosen, **fixed}

    def create(self, entity_type: str, sent: dict[str, Any]) -> Made:
        """Create an entity with these values."""
        sent = {**sent, **_FIXED.get(entity_type, {})}
        answer = self.client.create(entity_type, **sent)
        key = tuple(answer[name] for name in SERVED[entity_type]["primary_key"])
        return Made(entity_type, key, sent, answer)

    def is_sent(self, entity_type: str, name: str, prop: Property, mode: Mode) -> bool:
        """Return whether an attribute is sent in a mode, and not its twin."""
        if mode == "links" and (entity_type, "setting") in KEYLESS:
            # Its key is a setting's, which is of two attributes.
            return name in ("component", "setting")
        if is_scalar(prop):
            return mode == "ids" or name not in keys_of_links(entity_type)
        if (entity_type, name) == ("Status", "state"):
            return True
        return mode == "links" and (
            (entity_type, name) not in TWINS
            and ((entity_type, name) in KEYLESS or bool(key_of_link(entity_type, name)))
        )

    def value(self, entity_type: str, name: str, *, other: bool = False) -> Any:
        """Return a value for an attribute, of a new entity where it refers to one.

        Args:
            entity_type: the type.
            name: a scalar or a link of it.
            other: another one than that which `whole` sends.
        """
        served = SERVED[entity_type]["properties"][name]
        if not is_scalar(served):
            return self.least(served["$ref"]).reference
        named = target(entity_type, name)
        if named is not None:
            return self.least(named).key[0]
        return self._plain(name, served, other)

    def _plain(self, name: str, prop: Property, other: bool) -> Any:
        if prop.get("enum"):
            return prop["enum"][-1 if other else 0]
        if prop.get("format") == "date-time":
            return date(LATER if other else EARLIER)
        if prop.get("format") == "json":
            return f'{{"a": {next(self._numbers)}}}'
        if prop.get("transform"):
            return "Shot" if other else "Task"
        match prop["type"]:
            case "boolean":
                return not other
            case "integer":
                # Events that the emulator logs have the ids from 1 on.
                return next(self._numbers) + (1_000_000 if name == "id" else 0)
            case "number":
                return next(self._numbers) + 0.5
            case "object":
                return {"a": next(self._numbers)}
        return self.text(name)

    def text(self, name: str) -> str:
        """Return a text that no other attribute has."""
        return f"{name} {next(self._numbers)}"
