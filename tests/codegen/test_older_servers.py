"""A studio's package from servers that lack a part of the configuration."""

from __future__ import annotations

from dataclasses import replace
from fnmatch import fnmatch

import pytest

from ftrack_codegen.package import generate_package
from ftrack_orm import InvalidCredentialsError, Schema
from ftrack_orm.emulator import Emulator
from tests.support.studio import read_source, studio_emulator, studio_source


def without(schema: Schema, pattern: str) -> Schema:
    """Return a schema without the types, or the ``Type.attribute``, of a pattern."""
    types = [entity for entity in schema if not fnmatch(entity.name, pattern)]
    known = {entity.name for entity in types}
    return Schema(
        {
            entity.name: replace(
                entity,
                attributes={
                    name: attribute
                    for name, attribute in entity.attributes.items()
                    if not fnmatch(f"{entity.name}.{name}", pattern)
                    and (attribute.target is None or attribute.target in known)
                },
            )
            for entity in types
        }
    )


@pytest.mark.parametrize(
    "pattern",
    [
        "CustomAttributeLinkConfiguration.one_to_one",
        "Status.state",
        "ProjectSchema._overrides",
        "ListCategory",
        "*CustomAttributeLink*",
        "CustomAttribute*Configuration.project_id",
    ],
)
def test_an_older_server_is_read_without_what_it_lacks(pattern: str) -> None:
    schema = without(studio_source().parsed.schema, pattern)
    with Emulator(seed="standard", schema=schema) as emulator:
        source = read_source(emulator.transport())
        assert len(emulator.calls) == 3
    assert source.studio is not None
    assert {row.name for row in source.studio.reference["ObjectType"]} >= {"Shot"}
    assert generate_package(source.parsed.schema, "older", studio=source.studio)


def test_a_refused_user_sends_one_request() -> None:
    emulator = studio_emulator()
    before = len(emulator.calls)
    with pytest.raises(InvalidCredentialsError):
        read_source(emulator.transport("nobody", "nothing"))
    assert len(emulator.calls) == before + 1
