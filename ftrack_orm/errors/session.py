"""Errors of sessions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ftrack_orm.errors.root import FtrackError, shortened


class SessionError(FtrackError):
    """The session cannot perform the requested action."""


class ConfigurationError(SessionError):
    """Server, user or key are missing; `missing` names the environment variables."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(
            f"Not configured: {', '.join(missing)}. Set the environment variables or "
            "pass server_url, api_user and api_key to Session()."
        )
        self.missing = tuple(missing)


class InvalidSettingError(ConfigurationError):
    """A setting cannot be used; the message never quotes an API key."""

    def __init__(self, setting: str, reason: str) -> None:
        super().__init__(())
        # The parent's message lists missing variables; here the value is unusable.
        self.args = (f"{setting} cannot be used: {reason}.",)
        self.setting = setting
        self.reason = reason


class ModelsNotFoundError(SessionError):
    """There is no package of generated models named `package`."""

    def __init__(self, package: str) -> None:
        super().__init__(
            f"{package!r} is no package of generated models that Python can import. "
            "Add the folder that contains it to PYTHONPATH, generate one with "
            "`ftrack-orm generate`, or pass another models=."
        )
        self.package = package


class SessionClosedError(SessionError):
    """The session was closed."""

    def __init__(self) -> None:
        super().__init__("The session is closed. Open a new Session.")


class InspectionError(SessionError, AttributeError):
    """A completer or debugger read a value that only a request can load.

    Nothing was sent. It is an `AttributeError`, so that completers skip the value.
    """

    def __init__(self, inspector: str) -> None:
        super().__init__(
            f"A {inspector} read a value that is not loaded, and inspection sends no "
            "request. Read the value in the program or console first."
        )
        self.inspector = inspector


class DetachedEntityError(SessionError):
    """The entity does not belong to this session."""

    def __init__(self, entity: str, action: str) -> None:
        super().__init__(
            f"{entity} does not belong to this session, so it cannot be used to "
            f"{action}. Get it from this session, or add() it when it is new."
        )
        self.entity = entity
        self.action = action


class EntityClassError(SessionError):
    """An entity cannot be an instance of the requested class.

    An entity is one object in a session, so two subclasses of its type can be used
    together only when one is a subclass of the other.
    """

    def __init__(self, entity_type: str, requested: str, current: str) -> None:
        super().__init__(
            f"This session has entities of type {entity_type} as {current}, so they "
            f"cannot be {requested} too. Make {requested} a subclass of {current}, or "
            "use another session for it."
        )
        self.entity_type = entity_type
        self.requested = requested
        self.current = current


class CircularReferenceError(SessionError):
    """Entities of one commit require each other; `cycle` lists their keys."""

    def __init__(self, cycle: Sequence[str]) -> None:
        super().__init__(
            f"These entities require each other: {' -> '.join(cycle)}. "
            "Commit one of them first, without the link that closes the circle."
        )
        self.cycle = tuple(cycle)


class ConflictingChangesError(SessionError):
    """Two changes of one commit exclude each other; nothing was sent.

    Attributes:
        entity: the type and key of the changed entity.
        conflict: the two changes as text.
    """

    def __init__(self, entity: str, conflict: str) -> None:
        super().__init__(
            f"{entity} is {conflict} in one commit. Keep one of the changes, or "
            "roll back."
        )
        self.entity = entity
        self.conflict = conflict


class InvalidArgumentError(SessionError):
    """A method cannot use an argument; nothing was sent or changed.

    Attributes:
        method: the method, such as ``add()``.
        value: the argument.
        expected: the arguments that the method takes, as text.
    """

    def __init__(self, method: str, value: Any, expected: str) -> None:
        super().__init__(f"{method} takes {expected}, not {shortened(value)}.")
        self.method = method
        self.value = value
        self.expected = expected


class InvalidOperationError(SessionError):
    """An operation holds a value that cannot be sent; nothing was sent.

    Attributes:
        action: the operation's action.
        argument: the argument that holds the value.
        value: the value.
        expected: the values that can be sent, as text.
    """

    def __init__(self, action: str, argument: str, value: Any, expected: str) -> None:
        super().__init__(
            f"The operation {action!r} cannot be sent: {argument!r} holds "
            f"{shortened(value)} ({type(value).__name__}). Give {expected}."
        )
        self.action = action
        self.argument = argument
        self.value = value
        self.expected = expected


class PlanChangedError(SessionError):
    """The plan of commit() differs from its `expect` argument; nothing was sent."""

    def __init__(self, difference: str) -> None:
        super().__init__(
            f"The plan differs from the expected plan:\n{difference}\n"
            "Nothing was sent. Look at session.plan() and commit again."
        )
        self.difference = difference
