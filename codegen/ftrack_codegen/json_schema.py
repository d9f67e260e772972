"""A resolved package as one JSON Schema document, for datamodel-code-generator.

The document says in JSON Schema what JSON Schema can say: objects, properties,
inheritance, scalar types, formats, allowed values. What the models need beyond that
stands under `EXTENSION` and is written down by our templates.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from ftrack_codegen.resolve import AttributeText, ModuleText, PackageText
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.schema.model import Attribute, Schema
from ftrack_orm.types import JSONObject

EXTENSION: Final = "x-ftrack"
"""Our keyword in the document, on types and on properties."""

_TYPES: Final = frozenset({"string", "integer", "number", "boolean", "object"})


def to_json_schema(schema: Schema, package: PackageText) -> JSONObject:
    """Return the document: one definition for each module of `package`.

    Args:
        schema: what `package` was resolved from.
        package: the modules.
    """
    names = {module.type_name: module.class_name for module in package.modules}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$defs": {
            module.class_name: _definition(schema, module, names)
            for module in package.modules
        },
    }


def _definition(
    schema: Schema, module: ModuleText, names: dict[str, str]
) -> JSONObject:
    said = asdict(module)
    del said["attributes"]
    definition: JSONObject = {"type": "object", EXTENSION: said}
    if module.base_type is not None:
        definition["allOf"] = [{"$ref": f"#/$defs/{names[module.base_type]}"}]
    attributes = schema[module.type_name].attributes
    definition["properties"] = {
        text.python_name: _property(attributes[text.name], text)
        for text in module.attributes
    }
    return definition


def _property(attribute: Attribute, text: AttributeText) -> JSONObject:
    said: JSONObject = {**_wire_form(attribute), EXTENSION: asdict(text)}
    if attribute.description is not None:
        said["description"] = attribute.description
    return said


def _wire_form(attribute: Attribute) -> JSONObject:
    """Return what a property looks like on the wire; a reference is an object."""
    match attribute.kind:
        case AttributeKind.LINK:
            return {"type": ["object", "null"]}
        case AttributeKind.COLLECTION | AttributeKind.MAPPED:
            return {"type": "array", "items": {"type": "object"}}
        case AttributeKind.SCALAR:
            if attribute.type not in _TYPES:
                return {}
            form: JSONObject = {"type": [attribute.type, "null"]}
            if (attribute.type, attribute.format) == ("string", "date-time"):
                form["format"] = "date-time"
            return form
