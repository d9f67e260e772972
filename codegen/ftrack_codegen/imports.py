"""What a generated module calls the names it uses, so that nothing shadows them.

An attribute named ``list`` or ``datetime`` hides that name from every annotation of
its class, and a type may be called ``Attr``. A name that something hides is imported
with a leading underscore, which no attribute and no class ever has; a class with one on
both sides.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

HOMES: Final = {
    "bool": "builtins",
    "float": "builtins",
    "int": "builtins",
    "str": "builtins",
    "datetime": "datetime",
    "Literal": "typing",
    "UNSET": "ftrack_orm",
    "Attr": "ftrack_orm",
    "Entity": "ftrack_orm",
    "JSONObject": "ftrack_orm",
    "LinkItems": "ftrack_orm",
    "Many": "ftrack_orm",
    "Mapped": "ftrack_orm",
    "OptionalRef": "ftrack_orm",
    "ReadOnly": "ftrack_orm",
    "Ref": "ftrack_orm",
    "VariableValue": "ftrack_orm",
    "attribute": "ftrack_orm",
    "registry": "._registry",
}
"""Where each name comes from that is no entity class."""


class Names:
    """The names of one module, gathered while its text is settled."""

    def __init__(self, class_name: str, attributes: Collection[str]) -> None:
        """Begin a module that defines one class.

        Args:
            class_name: the class.
            attributes: the Python names that its body assigns.
        """
        self._class_name = class_name
        self._attributes = frozenset(attributes)
        self._classes: set[str] = {class_name}
        self._runtime: set[tuple[str, str, str]] = set()
        self._static: set[tuple[str, str, str]] = set()

    def reserve(self, classes: Collection[str]) -> None:
        """Keep the names of these classes from everything else; call it first."""
        self._classes.update(classes)

    def known(self, name: str) -> str:
        """Return what the module calls one of `HOMES`, and import it."""
        home = HOMES[name]
        is_hidden = name in self._classes or name in self._attributes
        if home == "builtins" and not is_hidden:
            return name
        called = f"_{name}" if is_hidden else name
        self._runtime.add((home, name, called))
        return called

    def base(self, module: str, class_name: str) -> str:
        """Return what the module calls the base of its class, and import it."""
        called = class_name if class_name != self._class_name else f"_{class_name}_"
        self._runtime.add((f".{module}", class_name, called))
        return called

    def target(self, module: str, class_name: str) -> str:
        """Return what annotations call another class, imported for checkers only."""
        is_hidden = class_name in self._attributes
        if class_name == self._class_name and not is_hidden:
            return class_name
        # Not `_Ref`, which is what `Ref` of the library is called where it is hidden.
        called = f"_{class_name}_" if is_hidden else class_name
        if (f".{module}", class_name, called) not in self._runtime:
            self._static.add((f".{module}", class_name, called))
        return called

    def runtime_imports(self) -> tuple[str, ...]:
        """Return the import statements of the module, one name each, sorted."""
        marker = {("typing", "TYPE_CHECKING", "TYPE_CHECKING")}
        return _statements(self._runtime | (marker if self._static else set()))

    def static_imports(self) -> tuple[str, ...]:
        """Return the import statements for type checkers, one name each, sorted."""
        return _statements(self._static)


def _statements(imports: Collection[tuple[str, str, str]]) -> tuple[str, ...]:
    return tuple(
        f"from {home} import {name}" + (f" as {called}" if called != name else "")
        for home, name, called in sorted(imports)
    )
