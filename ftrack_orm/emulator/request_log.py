"""One line in the log for each request: who, what, how it went, how long it took.

The lines go to ``ftrack_orm.emulator.requests`` at level INFO, and are only made when
somebody listens. They hold no values that were sent, and no key.
"""

from __future__ import annotations

import json
import logging
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

logger = logging.getLogger("ftrack_orm.emulator.requests")

_LONGEST: Final = 200
_HIDDEN: Final = "***"
_WHERE: Final = re.compile(r"\bwhere\b", re.IGNORECASE)


def is_wanted() -> bool:
    """Return whether anybody reads the lines."""
    return logger.isEnabledFor(logging.INFO)


def log_request(
    body: bytes, headers: Mapping[str, str], said: str, answer: bytes, seconds: float
) -> None:
    """Log one request to the API.

    Args:
        body: as it came.
        headers: of the request, names in lower case.
        said: the status of the answer, or that there was none.
        answer: its body.
        seconds: how long it took.
    """
    user = headers.get("ftrack-user") or "nobody"
    line = f"{user} {said} {seconds * 1000:.1f} ms: {_summary(body)}{_error(answer)}"
    key = headers.get("ftrack-api-key")
    if key:
        line = line.replace(key, _HIDDEN)
    logger.info("%s", _printable(line))


def log_file_request(
    method: str, endpoint: str, component_id: str | None, status: int | None
) -> None:
    """Log one request for a file, without the address that would let it in."""
    said = "no answer" if status is None else status
    line = f"file {said}: {method} {endpoint} {component_id or ''}"
    logger.info("%s", _printable(line.rstrip()))


def log_event(username: str, topic: str, consumers: int) -> None:
    """Log one event that went through the hub, without its data."""
    if is_wanted():
        line = f"{username} event {_expression(topic)} heard by {consumers}"
        logger.info("%s", _printable(line))


def log_hub(username: str, said: str) -> None:
    """Log what became of a connection to the event hub, or of what it sent.

    Args:
        username: who connected; the key that came along is not to be among `said`.
        said: what happened.
    """
    if is_wanted():
        logger.info("%s", _printable(f"{username} event hub: {_expression(said)}"))


def _summary(body: bytes) -> str:
    """Return the operations: kinds with their numbers, expressions as text."""
    try:
        operations = json.loads(body)
    except ValueError:
        return "no JSON"
    if not isinstance(operations, list):
        return "no list of operations"
    counted = Counter(map(_shown, operations))
    shown = (
        text if number == 1 else f"{number} x {text}"
        for text, number in counted.items()
    )
    return "; ".join(shown) or "no operations"


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
    """Return query text; a condition on keys is hidden with all that follows it."""
    if "api_key" in text.lower():
        where = _WHERE.search(text)
        text = f"{text[: where.end()]} {_HIDDEN}" if where else _HIDDEN
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _error(answer: bytes) -> str:
    if not answer.startswith(b'{"exception"'):
        return ""
    try:
        found = json.loads(answer)
    except ValueError:
        return ""
    content = _expression(str(found.get("content")))
    return f" -> {found['exception']}: {content}"


def _printable(line: str) -> str:
    """Return `line` with nothing in it that would end it or steer a terminal."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode()
        for each in line
    )
