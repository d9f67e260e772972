"""A schema as the modules of a package: everything settled before any text.

Names, bases, imports and what each class declares are decided here, as plain data.
What follows only writes it down.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ftrack_codegen.declarations import Annotation, Declaration, Declarer
from ftrack_codegen.imports import Names
from ftrack_codegen.literals import literal, quoted
from ftrack_codegen.overrides import override_remark
from ftrack_orm.schema.fingerprint import fingerprint
from ftrack_orm.schema.model import EntitySchema, Schema
from ftrack_orm.schema.names import class_names, module_names

_EXPORTED: Final = frozenset({"TYPE_CHECKING", "annotations", "registry"})
"""Names of the package that no class may take."""


@dataclass(frozen=True, slots=True)
class AttributeText:
    """One attribute as a module writes it.

    Attributes:
        name: the server's.
        python_name: the one in the class.
        annotation: Python source.
        arguments: of ``attribute()``, names and Python source.
        remark: a comment for type checkers, or an empty text.
    """

    name: str
    python_name: str
    annotation: str
    arguments: tuple[tuple[str, str], ...]
    remark: str = ""


@dataclass(frozen=True, slots=True)
class ModuleText:
    """One module with its class.

    Attributes:
        type_name: the entity type.
        module: the module's name inside the package.
        class_name: the class.
        base_type: the entity type it inherits from, ``None`` for a root.
        base: what the module calls the base class.
        keywords: of the class statement, names and Python source.
        summary, docstring: what the module and the class say of themselves.
        runtime_imports, static_imports: import statements.
        maker: what the module calls ``attribute()``.
        attributes: what the class declares, in order.
    """

    type_name: str
    module: str
    class_name: str
    base_type: str | None
    base: str
    keywords: tuple[tuple[str, str], ...]
    summary: str
    docstring: str
    runtime_imports: tuple[str, ...]
    static_imports: tuple[str, ...]
    maker: str
    attributes: tuple[AttributeText, ...]


@dataclass(frozen=True, slots=True)
class PackageText:
    """A whole package.

    Attributes:
        name: its import name.
        fingerprint: of the schema.
        modules: one for each type, sorted by type name.
    """

    name: str
    fingerprint: str
    modules: tuple[ModuleText, ...]


def resolve_package(schema: Schema, name: str) -> PackageText:
    """Return the package called `name` for `schema`.

    The order of the types in `schema` plays no part.
    """
    ordered = Schema({key: schema.types[key] for key in sorted(schema.types)})
    resolver = _Resolver(ordered)
    return PackageText(
        name=name,
        fingerprint=fingerprint(ordered),
        modules=tuple(resolver.module(entity_type) for entity_type in ordered),
    )


class _Resolver:
    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._classes = _free(class_names(schema.types), _EXPORTED)
        # A module of the package's is an attribute of the package once imported: it
        # must not stand where the package shows a class.
        shown = _EXPORTED | frozenset(self._classes.values())
        self._modules = _free(module_names(schema.types), shown)
        declarer = Declarer(schema)
        self._declared = {
            entity_type.name: declarer.declare(entity_type) for entity_type in schema
        }
        self._own = {
            entity_type.name: self._stated(entity_type) for entity_type in schema
        }

    def module(self, entity_type: EntitySchema) -> ModuleText:
        own = self._own[entity_type.name]
        class_name = self._classes[entity_type.name]
        names = Names(class_name, [declared.name for declared in own.values()])
        base_type = self._base(entity_type)
        targets = {
            declared.annotation.inner
            for declared in own.values()
            if declared.annotation.is_relation and declared.annotation.inner
        }
        if base_type is not None:
            targets.add(base_type.name)
        names.reserve([self._classes[target] for target in targets])
        base, keywords = self._class_statement(entity_type, base_type, names)
        maker = names.known("attribute") if own else ""
        attributes = tuple(
            self._attribute(entity_type, served_name, declared, names)
            for served_name, declared in own.items()
        )
        return ModuleText(
            type_name=entity_type.name,
            module=self._modules[entity_type.name],
            class_name=class_name,
            base_type=base_type.name if base_type else None,
            base=base,
            keywords=keywords,
            summary=f"The `{quoted(entity_type.name)}` entity type.",
            docstring=_docstring(entity_type, base_type),
            runtime_imports=names.runtime_imports(),
            static_imports=names.static_imports(),
            maker=maker,
            attributes=attributes,
        )

    def _base(self, entity_type: EntitySchema) -> EntitySchema | None:
        return self._schema.types.get(entity_type.base or "")

    def _stated(self, entity_type: EntitySchema) -> dict[str, Declaration]:
        """Return what the base does not declare in the very same way."""
        declared = self._declared[entity_type.name]
        base = self._base(entity_type)
        inherited = self._declared[base.name] if base is not None else {}
        return {
            name: declaration
            for name, declaration in declared.items()
            if inherited.get(name) != declaration
        }

    def _class_statement(
        self, entity_type: EntitySchema, base_type: EntitySchema | None, names: Names
    ) -> tuple[str, tuple[tuple[str, str], ...]]:
        keywords = [("entity_type", literal(entity_type.name))]
        if base_type is None:
            base = names.known("Entity")
            keywords.append(("registry", names.known("registry")))
        else:
            base = names.base(
                self._modules[base_type.name], self._classes[base_type.name]
            )
        if base_type is None or base_type.primary_key != entity_type.primary_key:
            keywords.append(("key", literal(entity_type.primary_key)))
        keywords.extend(_facts(entity_type))
        if base_type is not None:
            lacking = base_type.attributes.keys() - entity_type.attributes.keys()
            if lacking:
                keywords.append(("lacking", literal(tuple(sorted(lacking)))))
        return base, tuple(keywords)

    def _attribute(
        self,
        entity_type: EntitySchema,
        served_name: str,
        declared: Declaration,
        names: Names,
    ) -> AttributeText:
        return AttributeText(
            name=served_name,
            python_name=declared.name,
            annotation=self._annotation(declared.annotation, names),
            arguments=tuple(
                (key, names.known("UNSET") if source == "UNSET" else source)
                for key, source in declared.arguments
            ),
            remark=override_remark(
                self._schema,
                declared.annotation,
                self._overridden(entity_type, served_name),
            ),
        )

    def _overridden(self, entity_type: EntitySchema, name: str) -> list[Annotation]:
        """Return what a checker compares a class's own definition with."""
        above = [self._own[base.name] for base in self._schema.bases(entity_type.name)]
        # mypy stops at the base of the class where that declares the attribute, and
        # goes through all the others where it does not.
        compared = above[1:2] if len(above) > 1 and name in above[1] else above[1:]
        return [own[name].annotation for own in compared if name in own]

    def _annotation(self, annotation: Annotation, names: Names) -> str:
        head = names.known(annotation.head)
        if annotation.is_relation:
            target = annotation.inner
            if target is None:
                inner = names.known("Entity")
            else:
                inner = names.target(self._modules[target], self._classes[target])
        else:
            inner = names.known(str(annotation.inner))
        if annotation.values:
            inner += "[" + ", ".join(literal(value) for value in annotation.values)
            inner += "]"
        return f"{head}[{inner}{' | None' if annotation.nullable else ''}]"


def _free(chosen: Mapping[str, str], taken: frozenset[str]) -> dict[str, str]:
    """Return the names, with underscores after those that are taken."""
    used = taken | frozenset(chosen.values())
    free: dict[str, str] = {}
    for key in sorted(chosen):
        name = chosen[key]
        if name in taken:
            while name in used:
                name += "_"
            used |= {name}
        free[key] = name
    return free


def _facts(entity_type: EntitySchema) -> list[tuple[str, str]]:
    """Return what the schema says of the type itself, where it is not the usual."""
    facts: list[tuple[str, str]] = []
    if entity_type.type != "object":
        facts.append(("type", literal(entity_type.type)))
    for key in ("alias_for", "default_projections", "required", "immutable"):
        value = getattr(entity_type, key)
        if value:
            facts.append((key, literal(value)))
    for key in ("computed", "system_projections", "mixin", "metadata"):
        value = getattr(entity_type, key)
        if value is not None:
            facts.append((key, literal(value)))
    if entity_type.extra:
        facts.append(("extra", literal(entity_type.extra)))
    if entity_type.absent:
        facts.append(("absent", literal(tuple(sorted(entity_type.absent)))))
    return facts


def _docstring(entity_type: EntitySchema, base_type: EntitySchema | None) -> str:
    name = quoted(entity_type.name)
    said = f"`{name}`"
    if base_type is not None:
        said += f", a kind of `{quoted(base_type.name)}`"
    object_type = entity_type.classifiers.get("object_typeid")
    if isinstance(object_type, str):
        said += f" (object type {quoted(object_type)})"
    if len(entity_type.primary_key) > 1:
        said += f", found by {' and '.join(map(quoted, entity_type.primary_key))}"
    return f"{said}."
