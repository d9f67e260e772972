"""Resolve a schema into the modules of a package, before any text is rendered.

Names, bases, imports and the declarations of each class are decided here, as plain
data; `json_schema` and `render` only write them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from ftrack_codegen.attribute_docs import attribute_doc
from ftrack_codegen.declarations import Annotation, Declaration, Declarer
from ftrack_codegen.differences import stated_attribute_options, stated_class_options
from ftrack_codegen.imports import Names
from ftrack_codegen.literals import Sources, literal, quoted
from ftrack_codegen.overrides import SHADOWED, override_remark, shadow_remark
from ftrack_codegen.studio.class_texts import (
    CustomClassText,
    EffectiveText,
    write_class,
    write_effective,
)
from ftrack_codegen.studio.custom_classes import (
    ATTRIBUTE,
    HIERARCHICAL,
    CustomClasses,
)
from ftrack_codegen.studio.model import Studio
from ftrack_codegen.studio.vocabulary import (
    NameAlias,
    ReferenceClass,
    name_aliases,
    reference_classes,
)
from ftrack_codegen.summaries import SUMMARIES
from ftrack_orm.schema.fingerprint import fingerprint
from ftrack_orm.schema.model import EntitySchema, Schema
from ftrack_orm.schema.names import class_names, module_names

SESSION_ALIAS: Final = "StudioSession"
"""The type of the package's sessions."""

_EXPORTED: Final = frozenset(
    {SESSION_ALIAS, "TYPE_CHECKING", "annotations", "registry"}
)
"""Names of the package that no class may take."""

NAMES_MODULE: Final = "names"
"""The module of a studio's package with the names of its reference data."""

REFERENCE_MODULE: Final = "reference"
"""The module of a studio's package with its reference data."""

MIXINS: Final[Mapping[str, tuple[str, ...]]] = {
    "Project": ("ProjectWorkflow", "Status", "Type")
}
"""The library class with methods of a type, and the types of its parameters."""


@dataclass(frozen=True, slots=True)
class AttributeText:
    """One attribute as a module declares it.

    Attributes:
        name: the server's name.
        python_name: the name in the class.
        annotation: Python source.
        arguments: the arguments of ``attribute()``.
        remark: a comment for type checkers, or an empty text.
        docstring: the text that editors show, or an empty text.
    """

    name: str
    python_name: str
    annotation: str
    arguments: Sources
    remark: str = ""
    docstring: str = ""


@dataclass(frozen=True, slots=True)
class ModuleText:
    """One module with its class.

    Attributes:
        type_name: the entity type.
        module: the module's name inside the package.
        class_name: the class.
        base_type: the entity type it inherits from, ``None`` for a root.
        base: the name of the base class in the module.
        keywords: the keywords of the class statement.
        docstring: of the class, an empty text for none.
        runtime_imports, static_imports: import statements.
        maker: the name of ``attribute()`` in the module.
        attributes: the declarations of the class, in order.
        custom_classes: the classes of custom attributes before it, bases first.
        effective: its method ``effective``, ``None`` if that of the base is right.
    """

    type_name: str
    module: str
    class_name: str
    base_type: str | None
    base: str
    keywords: Sources
    docstring: str
    runtime_imports: tuple[str, ...]
    static_imports: tuple[str, ...]
    maker: str
    attributes: tuple[AttributeText, ...]
    custom_classes: tuple[CustomClassText, ...] = ()
    effective: EffectiveText | None = None


@dataclass(frozen=True, slots=True)
class PackageText:
    """A whole package.

    Attributes:
        name: the import name.
        fingerprint: the fingerprint of the schema.
        modules: one for each type, sorted by type name.
        studio: the configuration of the studio, ``None`` for a stock package.
        aliases: the types of the studio's names.
        reference: the reference data of the studio.
    """

    name: str
    fingerprint: str
    modules: tuple[ModuleText, ...]
    studio: Studio | None = None
    aliases: tuple[NameAlias, ...] = ()
    reference: tuple[ReferenceClass, ...] = ()


def resolve_package(
    schema: Schema, name: str, studio: Studio | None = None
) -> PackageText:
    """Return the package with the import name `name` for `schema`.

    The order of the types in `schema` has no effect.

    Args:
        schema: the entity types.
        name: the import name.
        studio: the configuration of the studio, ``None`` for a stock package.
    """
    # Servers send their types in any order; files must not change with it.
    ordered = Schema({key: schema.types[key] for key in sorted(schema.types)})
    resolver = _Resolver(ordered, studio)
    aliases = resolver.aliases
    return PackageText(
        name=name,
        fingerprint=fingerprint(ordered),
        modules=tuple(resolver.module(entity_type) for entity_type in ordered),
        studio=studio,
        aliases=tuple(aliases.values()),
        reference=() if studio is None else reference_classes(studio, aliases, ordered),
    )


class _Resolver:
    """Resolves the types of one schema, which share the names of their package."""

    def __init__(self, schema: Schema, studio: Studio | None = None) -> None:
        self._schema = schema
        self._classes = _free(class_names(schema.types), _EXPORTED)
        # An imported module becomes an attribute of the package, so it must not have
        # the name of an exported class.
        exported = _EXPORTED | frozenset(self._classes.values())
        if studio is not None:
            exported |= {NAMES_MODULE, REFERENCE_MODULE}
        self._modules = _free(module_names(schema.types), exported)
        self.aliases = {} if studio is None else name_aliases(schema, studio)
        self._custom = (
            None
            if studio is None
            else CustomClasses(schema, studio, self._classes.values())
        )
        declarer = Declarer(schema)
        self._declarations = {
            entity_type.name: self._in_the_studios_words(
                entity_type, declarer.declare(entity_type)
            )
            for entity_type in schema
        }
        self._own = {
            entity_type.name: self._own_declarations(entity_type)
            for entity_type in schema
        }

    def module(self, entity_type: EntitySchema) -> ModuleText:
        """Return the module of a type."""
        own = self._own[entity_type.name]
        class_name = self._classes[entity_type.name]
        names = Names(
            class_name,
            [
                *(declaration.name for declaration in own.values()),
                *self._custom_names(entity_type),
            ],
        )
        base_type = self._base(entity_type)
        targets = {
            declaration.annotation.inner
            for declaration in own.values()
            if declaration.annotation.is_relation and declaration.annotation.inner
        }
        if base_type is not None:
            targets.add(base_type.name)
        targets.update(MIXINS.get(entity_type.name, ())[1:])
        targets &= self._classes.keys()
        # A class keeps its name in annotations, so that readers know it again.
        names.reserve([self._classes[target] for target in targets])
        base, keywords = self._class_statement(entity_type, base_type, names)
        maker = names.library("attribute") if own else ""
        custom_classes = self._custom_classes(entity_type, names)
        effective = self._effective(entity_type, names)
        attributes = tuple(
            self._attribute(entity_type, declaration, names)
            for declaration in own.values()
        )
        return ModuleText(
            type_name=entity_type.name,
            module=self._modules[entity_type.name],
            class_name=class_name,
            base_type=base_type.name if base_type else None,
            base=base,
            keywords=keywords,
            docstring=SUMMARIES.get(entity_type.name, ""),
            runtime_imports=names.runtime_imports(),
            static_imports=names.static_imports(),
            maker=maker,
            attributes=attributes,
            custom_classes=custom_classes,
            effective=effective,
        )

    def _custom_names(self, entity_type: EntitySchema) -> list[str]:
        """Return the names that the custom attribute classes of a module assign."""
        if self._custom is None:
            return []
        own = self._custom.own.get(entity_type.name, ())
        return [
            *(declared.name for custom in own for declared in custom.declared),
            *(link.name for custom in own for link in custom.links),
        ]

    def _in_the_studios_words(
        self, entity_type: EntitySchema, declarations: dict[str, Declaration]
    ) -> dict[str, Declaration]:
        """Return the declarations with the studio's names and custom attributes."""
        for name, declaration in declarations.items():
            annotation = declaration.annotation
            alias = self.aliases.get((entity_type.name, name))
            if alias is not None and annotation.head == "Attr":
                annotation = replace(annotation, head="Named", inner=alias.name)
            if name == ATTRIBUTE and self._custom is not None:
                custom = self._custom.by_type.get(entity_type.name)
                if custom is not None:
                    annotation = replace(annotation, head="Custom", inner=custom.name)
            if annotation is not declaration.annotation:
                declarations[name] = replace(declaration, annotation=annotation)
        return declarations

    def _custom_classes(
        self, entity_type: EntitySchema, names: Names
    ) -> tuple[CustomClassText, ...]:
        """Return the texts of the custom attribute classes of a module."""
        if self._custom is None:
            return ()
        targets = {
            name: (self._modules[name], self._classes[name])
            for name in self._schema.types
        }
        texts: list[CustomClassText] = []
        for custom in self._custom.own.get(entity_type.name, ()):
            texts.append(write_class(custom, names, targets))
        return tuple(texts)

    def _effective(
        self, entity_type: EntitySchema, names: Names
    ) -> EffectiveText | None:
        """Return the method of a type whose keys differ from those of its base."""
        if self._custom is None:
            return None
        custom = self._custom.effective(entity_type.name)
        return None if custom is None else write_effective(custom, names)

    def _base(self, entity_type: EntitySchema) -> EntitySchema | None:
        return self._schema.types.get(entity_type.base or "")

    def _own_declarations(self, entity_type: EntitySchema) -> dict[str, Declaration]:
        """Return the declarations that differ from those of the base."""
        base = self._base(entity_type)
        inherited = self._declarations[base.name] if base is not None else {}
        return {
            name: declaration
            for name, declaration in self._declarations[entity_type.name].items()
            if inherited.get(name) != declaration
        }

    def _class_statement(
        self, entity_type: EntitySchema, base_type: EntitySchema | None, names: Names
    ) -> tuple[str, tuple[tuple[str, str], ...]]:
        keywords = [("entity_type", literal(entity_type.name))]
        if base_type is None:
            base = self._root(entity_type, names)
            keywords.append(("registry", names.library("registry")))
        else:
            base = names.base(
                self._modules[base_type.name], self._classes[base_type.name]
            )
        mixin = self._mixin(entity_type, names)
        if mixin is not None:
            base = f"{base}, {mixin}"
        return base, (*keywords, *stated_class_options(entity_type, base_type))

    def _root(self, entity_type: EntitySchema, names: Names) -> str:
        """Return the base of a type that no other type is the base of."""
        hierarchical = None if self._custom is None else self._custom.hierarchical
        if hierarchical is None or entity_type.name not in HIERARCHICAL:
            return names.library("Entity")
        keys = names.library("CustomKey", is_static=True)
        if hierarchical.key_alias:
            owner = hierarchical.entity_type
            is_here = owner == entity_type.name
            alias = hierarchical.key_alias
            if not is_here:
                alias = names.target(self._modules[owner], alias)
            keys = f"{alias} | {keys}"
        return f'{names.library("InheritsValues")}["{keys}"]'

    def _mixin(self, entity_type: EntitySchema, names: Names) -> str | None:
        """Return the library class with methods of a type, ``None`` without one."""
        mixin, *arguments = MIXINS.get(entity_type.name, (None,))
        if mixin is None or not all(name in self._schema for name in arguments):
            return None
        # The classes are imported for type checkers only, so their names are quoted.
        targets = (
            names.target(self._modules[name], self._classes[name]) for name in arguments
        )
        quoted = ", ".join(f'"{target}"' for target in targets)
        return f"{names.library(mixin)}[{quoted}]"

    def _attribute(
        self, entity_type: EntitySchema, declaration: Declaration, names: Names
    ) -> AttributeText:
        annotation = declaration.annotation
        return AttributeText(
            name=declaration.attribute.name,
            python_name=declaration.name,
            annotation=self._annotation(annotation, names),
            arguments=(
                *(
                    (key, names.library("UNSET") if source == "UNSET" else source)
                    for key, source in declaration.signature
                ),
                *stated_attribute_options(
                    declaration,
                    self._classes.get(annotation.inner or ""),
                    entity_type,
                    self._base(entity_type),
                ),
            ),
            remark=self._remark(entity_type, declaration),
            docstring=quoted(
                attribute_doc(
                    [base.name for base in self._schema.bases(entity_type.name)],
                    declaration.attribute,
                    is_read_only=("init", "False") in declaration.signature,
                )
            ),
        )

    def _remark(self, entity_type: EntitySchema, declaration: Declaration) -> str:
        """Return the comment for type checkers, or an empty text."""
        overridden = self._overridden(entity_type, declaration.attribute.name)
        if not overridden and declaration.name in SHADOWED:
            return shadow_remark(self._schema, declaration.annotation)
        return override_remark(self._schema, declaration.annotation, overridden)

    def _overridden(self, entity_type: EntitySchema, name: str) -> list[Annotation]:
        """Return the annotations that type checkers compare a definition with."""
        _, *bases = [
            self._own[base.name] for base in self._schema.bases(entity_type.name)
        ]
        # mypy compares with the direct base alone where that declares the attribute,
        # else with every base above it.
        if bases and name in bases[0]:
            bases = bases[:1]
        return [own[name].annotation for own in bases if name in own]

    def _annotation(self, annotation: Annotation, names: Names) -> str:
        head = names.library(annotation.head)
        if annotation.is_relation:
            target = annotation.inner
            if target is None:
                inner = names.library("Entity")
            else:
                inner = names.target(self._modules[target], self._classes[target])
        elif annotation.head == "Named":
            inner = names.alias(NAMES_MODULE, str(annotation.inner))
        elif annotation.head == "Custom":
            inner = str(annotation.inner)
        else:
            inner = names.library(str(annotation.inner))
        if annotation.values:
            inner += "[" + ", ".join(literal(value) for value in annotation.values)
            inner += "]"
        return f"{head}[{inner}{' | None' if annotation.nullable else ''}]"


def _free(names: Mapping[str, str], taken: frozenset[str]) -> dict[str, str]:
    """Return the names, with underscores after those in `taken`."""
    used = taken | frozenset(names.values())
    free: dict[str, str] = {}
    for key in sorted(names):
        name = names[key]
        if name in taken:
            while name in used:
                name += "_"
            used |= {name}
        free[key] = name
    return free
