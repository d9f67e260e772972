"""A structure is duplicated: the skeleton in one commit, its values in another."""

from __future__ import annotations

from typing import Any


def run(session: Any, source_id: str, name: str) -> None:
    """Copy a sequence with its shots and tasks."""
    source = session.get("Sequence", source_id)
    copies: dict[str, Any] = {}
    _copy(session, source, source["parent"], name, copies)
    session.commit()
    for original_id, copy in copies.items():
        original = session.get("TypedContext", original_id)
        for key, value in original["custom_attributes"].items():
            if copy["custom_attributes"].get(key) != value:
                copy["custom_attributes"][key] = value
        for key, value in original["metadata"].items():
            copy["metadata"][key] = value
        copy["description"] = original["description"]
        if original.entity_type == "Task":
            copy["bid"] = original["bid"]
            copy["start_date"] = original["start_date"]
            copy["end_date"] = original["end_date"]
        for assignment in original["assignments"]:
            session.create(
                "Appointment",
                {
                    "context": copy,
                    "resource": assignment["resource"],
                    "type": "assignment",
                },
            )
        for link in original["outgoing_links"]:
            if link["to_id"] in copies:
                session.create(
                    "TypedContextLink", {"from": copy, "to": copies[link["to_id"]]}
                )
    session.commit()


def _copy(
    session: Any, entity: Any, parent: Any, name: str, copies: dict[str, Any]
) -> None:
    data = {"name": name, "parent": parent, "type": entity["type"]}
    if entity.entity_type != "Task":
        del data["type"]
    copy = session.create(entity.entity_type, data)
    copies[entity["id"]] = copy
    for child in entity["children"]:
        _copy(session, child, copy, child["name"], copies)
