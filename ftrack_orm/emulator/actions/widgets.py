"""The action ``get_widget_url`` (protocol 2.14)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from ftrack_orm.emulator.errors import Invalid
from ftrack_orm.emulator.wire import read_key
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext

NAMES: Final = ("info", "tasks", "tasks_browser")
THEMES: Final = ("light", "dark")


def get_widget_url(request: RequestContext, operation: JSONObject) -> JSONObject:
    """Return the address of a web widget, with a token instead of an API key.

    Each call returns a new token, which opens the address for some time. In process
    the address has no host.

    Raises:
        Invalid: the widget or theme is unknown, or `info` has no entity.
        EntityNotFound: there is no such entity.
    """
    name, theme = operation.get("name"), operation.get("theme")
    if name not in NAMES:
        raise Invalid(f'Unknown widget "{name}": it is one of {", ".join(NAMES)}.')
    if theme is not None and theme not in THEMES:
        raise Invalid(f'Unknown theme "{theme}": it is one of {", ".join(THEMES)}.')
    token = request.ids()
    # The token is valid only if the whole request is applied.
    request.on_commit.append(lambda: request.widget_tokens.add(token))
    parameters = {"token": token}
    if theme is not None:
        parameters["theme"] = theme
    parameters |= _entity(request, operation)
    if name == "info" and "entity_id" not in parameters:
        raise Invalid('The widget "info" needs entity_type and entity_key.')
    address = f"{request.options.server_url}/widget/{name}?{urlencode(parameters)}"
    return {"widget_url": address}


def _entity(request: RequestContext, operation: JSONObject) -> dict[str, str]:
    """Return the parameters of the widget's entity; empty without an entity."""
    reference = operation.get("entity_type"), operation.get("entity_key")
    if reference == (None, None):
        return {}
    entity_schema = request.entity_schema(reference[0])
    key = read_key(entity_schema, reference[1])
    request.get_visible(entity_schema.name, key)
    entity_id = ",".join(str(part) for part in key)
    return {"entity_type": entity_schema.name, "entity_id": entity_id}
