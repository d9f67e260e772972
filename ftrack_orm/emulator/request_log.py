"""Log one line for each request: user, outcome, duration and operations.

The logger is ``ftrack_orm.emulator.requests`` and the level INFO. The lines contain no
values of attributes and no API keys. Texts of clients are shortened after keys are
hidden: the first half of a key is a secret, too.
"""

from __future__ import annotations

import json
import logging
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from ftrack_orm.emulator.known_keys import HIDDEN, hide, remember

logger = logging.getLogger("ftrack_orm.emulator.requests")

_MAX_LENGTH: Final = 200
_WHERE: Final = re.compile(r"\bwhere\b", re.IGNORECASE)


def is_enabled() -> bool:
    """Return whether the logger is enabled for these lines."""
    return logger.isEnabledFor(logging.INFO)


def log_request(
    body: bytes, headers: Mapping[str, str], outcome: str, reply: bytes, seconds: float
) -> None:
    """Log one request to the API.

    Args:
        body: the body of the request.
        headers: headers of the request, with names in lower case.
        outcome: the status of the reply, or a text if there was none.
        reply: the body of the reply.
        seconds: the duration.
    """
    remember(headers.get("ftrack-api-key", ""))
    user = headers.get("ftrack-user") or "anonymous"
    line = f"{user} {outcome} {seconds * 1000:.1f} ms: {_summary(body)}{_error(reply)}"
    logger.info("%s", _printable(line))


def log_file_request(
    method: str, endpoint: str, component_id: str | None, status: int | None
) -> None:
    """Log one request for a file, without the token in its address."""
    outcome = "no reply" if status is None else status
    line = f"file {outcome}: {method} {endpoint} {component_id or ''}"
    logger.info("%s", _printable(line.rstrip()))


def log_event(username: str, topic: str, consumers: int) -> None:
    """Log one event that the hub delivered, without its data."""
    if is_enabled():
        line = f"{username} event {_expression(topic)} delivered to {consumers}"
        logger.info("%s", _printable(line))


def log_hub(username: str, message: str) -> None:
    """Log an incident on a connection to the event hub.

    Args:
        username: the user of the connection.
        message: the incident.
    """
    if is_enabled():
        logger.info("%s", _printable(f"{username} event hub: {_expression(message)}"))


def _summary(body: bytes) -> str:
    """Return the operations as text, equal ones once with their number."""
    try:
        operations = json.loads(body)
    except (ValueError, RecursionError):
        return "no JSON"
    if not isinstance(operations, list):
        return "no list of operations"
    counts = Counter(map(_shown, operations))
    lines = (
        text if number == 1 else f"{number} x {text}" for text, number in counts.items()
    )
    return "; ".join(lines) or "no operations"


def _shown(operation: Any) -> str:
    if not isinstance(operation, dict):
        return "no operation"
    parts = [str(operation.get("action"))]
    if operation.get("entity_type"):
        parts.append(str(operation["entity_type"]))
    expression = operation.get("expression")
    if expression is not None:
        parts.append(_expression(str(expression)))
    return " ".join(parts)


def _expression(text: str) -> str:
    """Return an expression; hide it from the first ``where`` if it names an API key."""
    text = hide(text)
    if "api_key" in text.lower():
        where = _WHERE.search(text)
        text = f"{text[: where.end()]} {HIDDEN}" if where else HIDDEN
    return text if len(text) <= _MAX_LENGTH else f"{text[:_MAX_LENGTH]}..."


def _error(reply: bytes) -> str:
    if not reply.startswith(b'{"exception"'):
        return ""
    try:
        error = json.loads(reply)
    except ValueError:
        return ""
    content = _expression(str(error.get("content")))
    return f" -> {error['exception']}: {content}"


def _printable(line: str) -> str:
    """Return a line without keys, and with control characters escaped."""
    return "".join(
        character
        if character.isprintable()
        else character.encode("unicode_escape").decode()
        for character in hide(line)
    )
