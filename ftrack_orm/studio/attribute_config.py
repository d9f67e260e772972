"""The JSON text in which a server keeps the settings of a custom attribute's type."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ftrack_orm.studio.model import Attribute

CONFIG_SETTINGS = ("decimal", "markdown", "multiple", "options")
"""The settings that the text holds."""


def settings_of(attribute_type: str, text: str | None) -> dict[str, Any]:
    """Return the settings in the text of a configuration (protocol 6.7)."""
    config = _config(text)
    match attribute_type:
        case "number":
            return {"decimal": bool(config.get("isdecimal"))}
        case "text":
            return {"markdown": bool(config.get("markdown"))}
        case "enumerator":
            return {
                "multiple": bool(config.get("multiSelect")),
                "options": {
                    str(each["value"]): str(each.get("menu", each["value"]))
                    for each in _options(config)
                },
            }
        case "dynamic enumerator":
            return {"multiple": bool(config.get("multiSelect"))}
    return {}


def config_text(attribute: Attribute, former: str | None = None) -> str:
    """Return the text for the settings of an attribute.

    Args:
        attribute: the attribute with every setting.
        former: the text on the server, whose other members stay.
    """
    config = dict(_config(former))
    match attribute.type:
        case "number":
            config["isdecimal"] = bool(attribute.decimal)
        case "text":
            config["markdown"] = bool(attribute.markdown)
        case "enumerator":
            config["multiSelect"] = bool(attribute.multiple)
            former_options = {str(each["value"]): each for each in _options(config)}
            config["data"] = json.dumps(
                [
                    {**former_options.get(value, {}), "menu": menu, "value": value}
                    for value, menu in (attribute.options or {}).items()
                ]
            )
        case "dynamic enumerator":
            config["multiSelect"] = bool(attribute.multiple)
    return json.dumps(config)


def _options(config: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the options of an enumerator, without those that have no value."""
    data = config.get("data")
    try:
        found = json.loads(data) if isinstance(data, str) else data
    except ValueError:
        return []
    items = found if isinstance(found, list) else []
    return [each for each in items if isinstance(each, dict) and "value" in each]


def _config(text: str | None) -> Mapping[str, Any]:
    try:
        config = json.loads(text or "{}")
    except ValueError:
        return {}
    return config if isinstance(config, dict) else {}
