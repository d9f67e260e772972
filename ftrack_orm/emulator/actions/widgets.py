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
    """Return the address of a part of the web interface, with a token for a key.

    A page answers there while the token, a new one each time, is good. In process the
    address has no host.

    Raises:
        Invalid: no such widget or theme, or `info` about nothing.
        EntityNotFound: there is no such entity.
    """
    name, theme = operation.get("name"), operation.get("theme")
    if name not in NAMES:
        raise Invalid(f'Unknown widget "{name}": it is one of {", ".join(NAMES)}.')
    if theme is not None and theme not in THEMES:
        raise Invalid(f'Unknown theme "{theme}": it is one of {", ".join(THEMES)}.')
    token = request.ids()
    request.applied.append(lambda: request.widget_tokens.add(token))
    parameters = {"token": token}
    if theme is not None:
        parameters["theme"] = theme
    parameters |= _entity(request, operation)
    if name == "info" and "entity_id" not in parameters:
        raise Invalid('The widget "info" needs entity_type and entity_key.')
    address = f"{request.options.server_url}/widget/{name}?{urlencode(parameters)}"
    return {"widget_url": address}


def _entity(request: RequestContext, operation: JSONObject) -> dict[str, str]:
    """Return the parameters that name the entity shown; none without one."""
    named = operation.get("entity_type"), operation.get("entity_key")
    if named == (None, None):
        return {}
    kind = request.entity_type(named[0])
    key = read_key(kind, named[1])
    request.get_visible(kind.name, key)
    shown = ",".join(str(part) for part in key)
    return {"entity_type": kind.name, "entity_id": shown}
