"""Types and standard configurations of custom attributes (protocol 9.7, 9.8).

All configurations are global and not hierarchical.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class CustomAttributeType(NamedTuple):
    """A row of `CUSTOM_ATTRIBUTE_TYPES`."""

    id: str
    name: str


class Configuration(NamedTuple):
    """A row of `CONFIGURATIONS`.

    Attributes:
        id: id recorded from a server.
        key: key of the attribute.
        label: label in the web interface.
        entity_type: ``show``, or ``task`` with an `object_type`.
        object_type: name of the object type, or ``None``.
        type: name of the value type.
        default: value of entities without a stored value.
        config: JSON text of the type's options (protocol 6.7).
    """

    id: str
    key: str
    label: str
    entity_type: str
    object_type: str | None
    type: str
    default: float | str
    config: str


CUSTOM_ATTRIBUTE_TYPES: Final = (
    CustomAttributeType("6268aef0-381c-11e0-acff-0019bb49847a", "text"),
    CustomAttributeType("92009b00-381c-11e0-acff-0019bb49847a", "number"),
    CustomAttributeType("79968e9e-381c-11e0-acff-0019bb49847a", "date"),
    CustomAttributeType("ad1034d8-15e2-11e1-b21a-0019bb4983d8", "boolean"),
    CustomAttributeType("6ff9c812-ead3-11e2-846c-f23c91dfaa16", "enumerator"),
    CustomAttributeType("882e4aee-fae6-11e3-b623-20c9d0831e59", "dynamic enumerator"),
    CustomAttributeType("d2e6a530-357f-11e2-bd73-0019bb4985b8", "expression"),
    CustomAttributeType("ec616dcd-56e2-4147-99f8-7e4a4f040cf9", "url"),
)

_INTEGER: Final = '{"isdecimal": false}'
_DECIMAL: Final = '{"isdecimal": true}'

CONFIGURATIONS: Final = (
    Configuration(
        "acd86546-4082-11e2-95b1-0019bb4983d8",
        "fstart",
        "Frame start",
        "task",
        "Shot",
        "number",
        1,
        _INTEGER,
    ),
    Configuration(
        "432bc746-4087-11e2-8250-0019bb4983d8",
        "fend",
        "Frame end",
        "task",
        "Shot",
        "number",
        1,
        _INTEGER,
    ),
    Configuration(
        "432bdfa6-4087-11e2-8250-0019bb4983d8",
        "handles",
        "Frame handles",
        "task",
        "Shot",
        "number",
        0,
        _INTEGER,
    ),
    Configuration(
        "d25219d6-acb5-11e1-8668-f23c91df1211",
        "fps",
        "fps",
        "show",
        None,
        "number",
        24,
        _DECIMAL,
    ),
    Configuration(
        "d25532e2-acb5-11e1-8668-f23c91df1211",
        "fps",
        "fps",
        "task",
        "Sequence",
        "number",
        25,
        _DECIMAL,
    ),
    Configuration(
        "d25907a0-acb5-11e1-8668-f23c91df1211",
        "fps",
        "fps",
        "task",
        "Shot",
        "number",
        25,
        _DECIMAL,
    ),
    Configuration(
        "928887a8-645f-4909-a7d0-d1661cacd178",
        "duration",
        "Frame duration",
        "task",
        "Shot",
        "expression",
        "{self.fend - self.fstart + 1}",
        "{}",
    ),
)
