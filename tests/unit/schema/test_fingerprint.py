from __future__ import annotations

import json
import logging
import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from ftrack_orm.schema.fingerprint import fingerprint, schema_hash
from ftrack_orm.schema.parse import parse_schema
from tests.support.schemas import load_served, recorded


def hash_by_official_client(served: list[Any], folder: Path) -> str:
    """Return the hash that another client computes of its schema cache."""
    cache = folder / "schema_cache.json"
    cache.write_text(json.dumps(served))
    session = SimpleNamespace(logger=logging.getLogger("official_client"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of that client's own dependencies
        from ftrack_api import Session
    read: Any = Session._read_schemas_from_cache
    _, hash_ = read(session, str(cache))
    return str(hash_)


@pytest.mark.parametrize(
    "served",
    [
        load_served(),
        list(reversed(load_served())),
        [],
        [{"id": "Über", "properties": {"größe": {"default": 1.0, "type": "\u2028"}}}],
    ],
    ids=["recorded", "reversed", "empty", "not_ascii"],
)
def test_schema_hash_equals_that_of_the_official_client(
    served: list[Any], tmp_path: Path
) -> None:
    assert schema_hash(served) == hash_by_official_client(served, tmp_path)


def test_parsed_schema_has_the_hash_of_what_was_served(tmp_path: Path) -> None:
    expected = hash_by_official_client(load_served(), tmp_path)

    assert schema_hash(recorded().to_json()) == expected


def test_schema_hash_follows_the_served_order() -> None:
    assert schema_hash(load_served()) != schema_hash(load_served()[::-1])


def test_fingerprint_is_the_hash_of_the_types_sorted_by_name(tmp_path: Path) -> None:
    in_order = sorted(load_served(), key=lambda served: str(served["id"]))

    assert fingerprint(recorded()) == hash_by_official_client(in_order, tmp_path)


@settings(deadline=None)
@given(st.randoms(use_true_random=False))
def test_fingerprint_does_not_depend_on_the_served_order(random: Any) -> None:
    served = load_served()[:12]
    shuffled = random.sample(served, len(served))

    assert fingerprint(parse_schema(shuffled).schema) == fingerprint(
        parse_schema(served).schema
    )


def test_fingerprint_changes_with_any_attribute() -> None:
    served = load_served()
    served[7]["properties"]["id"]["description"] = "changed"

    assert fingerprint(parse_schema(served).schema) != fingerprint(recorded())
