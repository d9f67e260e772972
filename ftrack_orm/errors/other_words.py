"""Answer the words that other libraries have with those of this one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, NoReturn

from ftrack_orm.errors.entity import UnknownAttributeError


class OtherWords:
    """Raises `UnknownAttributeError` with the word to use for a name that is missing.

    A subclass stores its words by those of other libraries in `_OTHER_WORDS`.
    """

    __slots__ = ()

    _OTHER_WORDS: ClassVar[Mapping[str, str]] = {}

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> NoReturn:
            if name.startswith("_"):
                raise AttributeError(name)
            title = self._title()
            names = (each for each in dir(self) if not each.startswith("_"))
            word = self._OTHER_WORDS.get(name)
            message = word and f"{title} has no attribute {name!r}. Use {word}."
            raise UnknownAttributeError(title, name, names, message=message)

    def _title(self) -> str:
        """Return the object as messages show it."""
        return type(self).__name__
