"""The root of the tree of errors."""

from __future__ import annotations

from typing import Any


class FtrackError(Exception):
    """Root of every exception this project raises; all survive copies and pickles."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        # Tracebacks name an error by the module that it is imported from.
        if cls.__module__.startswith("ftrack_orm.errors."):
            cls.__module__ = "ftrack_orm"

    def __reduce__(self) -> Any:
        # `args` holds the finished message, which no constructor takes: pools of
        # processes carry an error as what it is, not as how it was made.
        return (_revived, (type(self), self.args, dict(self.__dict__)))


FtrackError.__module__ = "ftrack_orm"


def _revived(
    error_class: type[FtrackError], args: tuple[Any, ...], facts: dict[str, Any]
) -> FtrackError:
    error = error_class.__new__(error_class)
    error.args = args
    error.__dict__.update(facts)
    return error


_LONGEST = 200


def shortened(value: object) -> str:
    """Return the `repr` of a value for a message, at most 201 characters of it."""
    try:
        shown = repr(value)
    except Exception as error:  # a value's own code; it must not hide the message
        return f"<{type(value).__name__} whose repr raises {type(error).__name__}>"
    return shown if len(shown) <= _LONGEST else shown[:_LONGEST] + "…"
