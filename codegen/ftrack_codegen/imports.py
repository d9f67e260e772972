"""Choose the names under which a generated module imports types and classes.

An attribute named ``list`` or ``datetime`` hides that name from every annotation of
its class, and an entity type may be named ``Attr``. A hidden name is imported with a
leading underscore, a hidden class with one on each side: no attribute and no class
starts with an underscore.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

HOMES: Final = {
    "bool": "builtins",
    "float": "builtins",
    "int": "builtins",
    "list": "builtins",
    "str": "builtins",
    "datetime": "datetime",
    "Sequence": "collections.abc",
    "Any": "typing",
    "Literal": "typing",
    "TYPE_CHECKING": "typing",
    "TypeAlias": "typing",
    "overload": "typing",
    "UNSET": "ftrack_orm",
    "Attr": "ftrack_orm",
    "ChoicesPath": "ftrack_orm",
    "Custom": "ftrack_orm",
    "CustomAttr": "ftrack_orm",
    "CustomAttributes": "ftrack_orm",
    "CustomAttributesMeta": "ftrack_orm",
    "CustomChoices": "ftrack_orm",
    "CustomKey": "ftrack_orm",
    "CustomLink": "ftrack_orm",
    "EffectiveValue": "ftrack_orm",
    "Entity": "ftrack_orm",
    "InheritsValues": "ftrack_orm",
    "JSONObject": "ftrack_orm",
    "LinkItems": "ftrack_orm",
    "Many": "ftrack_orm",
    "Mapped": "ftrack_orm",
    "MappedItemPath": "ftrack_orm",
    "Named": "ftrack_orm",
    "OptionalRef": "ftrack_orm",
    "ProjectWorkflow": "ftrack_orm",
    "ReadOnly": "ftrack_orm",
    "Ref": "ftrack_orm",
    "VariableValue": "ftrack_orm",
    "attribute": "ftrack_orm",
    "custom_attribute": "ftrack_orm",
    "custom_link": "ftrack_orm",
    "registry": "._registry",
}
"""The module of each name that is no entity class."""


class Names:
    """Collects the imports of one module while its text is written."""

    def __init__(self, class_name: str, attributes: Collection[str]) -> None:
        """Start a module that defines one class.

        Args:
            class_name: the name of the class.
            attributes: the Python names that its body assigns.
        """
        self._class_name = class_name
        self._attributes = frozenset(attributes)
        self._classes: set[str] = {class_name}
        self._runtime: set[tuple[str, str, str]] = set()
        self._static: set[tuple[str, str, str]] = set()

    def reserve(self, classes: Collection[str]) -> None:
        """Keep the names of these classes free for them; call it before any other."""
        self._classes.update(classes)

    def library(self, name: str, *, is_static: bool = False) -> str:
        """Import a name of `HOMES` and return the name to use in the module.

        Args:
            name: the name.
            is_static: whether only type checkers use it here.
        """
        home = HOMES[name]
        is_hidden = name in self._classes or name in self._attributes
        # A builtin needs an import only where it needs another name.
        if home == "builtins" and not is_hidden:
            return name
        alias = f"_{name}" if is_hidden else name
        imported = (home, name, alias)
        (self._static if is_static else self._runtime).add(imported)
        return alias

    def base(self, module: str, class_name: str) -> str:
        """Import the base of the class and return the name to use in the module."""
        alias = class_name if class_name != self._class_name else f"_{class_name}_"
        self._runtime.add((f".{module}", class_name, alias))
        return alias

    def alias(self, module: str, name: str) -> str:
        """Import a type alias for type checkers; return the name for annotations."""
        local = f"_{name}" if name in self._attributes | self._classes else name
        self._static.add((f".{module}", name, local))
        return local

    def target(self, module: str, class_name: str) -> str:
        """Import a class for type checkers; return the name to use in annotations."""
        is_hidden = class_name in self._attributes
        if class_name == self._class_name and not is_hidden:
            return class_name
        # `_Ref` would clash with the hidden `Ref` of the library.
        alias = f"_{class_name}_" if is_hidden else class_name
        if (f".{module}", class_name, alias) not in self._runtime:
            self._static.add((f".{module}", class_name, alias))
        return alias

    def runtime_imports(self) -> tuple[str, ...]:
        """Return the import statements of the module, one name each, sorted."""
        marker = {("typing", "TYPE_CHECKING", "TYPE_CHECKING")}
        return _statements(self._runtime | (marker if self._static else set()))

    def static_imports(self) -> tuple[str, ...]:
        """Return the import statements for type checkers, one name each, sorted."""
        return _statements(self._static - self._runtime)


def _statements(imports: Collection[tuple[str, str, str]]) -> tuple[str, ...]:
    return tuple(
        f"from {home} import {name}" + (f" as {alias}" if alias != name else "")
        for home, name, alias in sorted(imports)
    )
