"""The root of the exception tree, and the shortening of values for messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ftrack_orm.types import TextPrinter


class FtrackError(Exception):
    """Root of all exceptions of this project; each can be copied and pickled."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        # A traceback then names the public module that users import the error from.
        if cls.__module__.startswith("ftrack_orm.errors."):
            cls.__module__ = "ftrack_orm"

    def _repr_pretty_(self, printer: TextPrinter, cycle: bool) -> None:
        from ftrack_orm.errors.display import error_text

        printer.text(error_text(self))

    def _repr_html_(self) -> str:
        from ftrack_orm.errors.display import error_html

        return error_html(self)

    def __reduce__(self) -> Any:
        # By default pickle calls the class with `args`. These hold the finished
        # message, and the constructors take the facts instead.
        return (_rebuild, (type(self), self.args, dict(self.__dict__)))


FtrackError.__module__ = "ftrack_orm"


def _rebuild(
    error_class: type[FtrackError], args: tuple[Any, ...], facts: dict[str, Any]
) -> FtrackError:
    error = error_class.__new__(error_class)
    error.args = args
    error.__dict__.update(facts)
    return error


_MAX_LENGTH = 200


def shortened(value: object) -> str:
    """Return the `repr` of a value for a message, cut to 200 characters and "…"."""
    try:
        text = repr(value)
    # A user's `__repr__` may raise any exception; it must not replace the message.
    except Exception as error:
        return f"<{type(value).__name__} whose repr raises {type(error).__name__}>"
    return text if len(text) <= _MAX_LENGTH else text[:_MAX_LENGTH] + "…"
