"""Turn a resolved package into one JSON Schema document for the code generator.

Objects, properties, inheritance, scalar types and formats use the keywords of JSON
Schema. Everything else that the templates need is under the keyword `EXTENSION`.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from ftrack_codegen.resolve import AttributeText, ModuleText, PackageText
from ftrack_orm.schema.attribute_kind import AttributeKind
from ftrack_orm.schema.model import Attribute, Schema
from ftrack_orm.types import JSONObject

EXTENSION: Final = "x-ftrack"
"""The keyword for the texts of the templates, on types and on properties."""

_TYPES: Final = frozenset({"string", "integer", "number", "boolean", "object"})


def to_json_schema(schema: Schema, package: PackageText) -> JSONObject:
    """Return the document: one definition for each module of `package`.

    Args:
        schema: the schema that `package` was resolved from.
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
    texts = asdict(module)
    # The properties hold them.
    del texts["attributes"]
    definition: JSONObject = {"type": "object", EXTENSION: texts}
    if module.base_type is not None:
        definition["allOf"] = [{"$ref": f"#/$defs/{names[module.base_type]}"}]
    attributes = schema[module.type_name].attributes
    definition["properties"] = {
        text.python_name: _property(attributes[text.name], text)
        for text in module.attributes
    }
    return definition


def _property(attribute: Attribute, text: AttributeText) -> JSONObject:
    content: JSONObject = {**_wire_form(attribute), EXTENSION: asdict(text)}
    if attribute.description is not None:
        content["description"] = attribute.description
    return content


def _wire_form(attribute: Attribute) -> JSONObject:
    """Return the keywords for a value on the wire, where a reference is an object."""
    match attribute.kind:
        case AttributeKind.LINK:
            return {"type": ["object", "null"]}
        case AttributeKind.COLLECTION | AttributeKind.MAPPED:
            return {"type": "array", "items": {"type": "object"}}
        case AttributeKind.SCALAR:
            # The server's "variable" and unknown types allow any value.
            if attribute.type not in _TYPES:
                return {}
            form: JSONObject = {"type": [attribute.type, "null"]}
            if (attribute.type, attribute.format) == ("string", "date-time"):
                form["format"] = "date-time"
            return form
