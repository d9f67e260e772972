"""decode(encode(x)) == x for every value an operation may carry."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import given, strategies as st

from ftrack_orm import codec
from ftrack_orm.operations import Create, Update
from ftrack_orm.types import Reference

_KEYS = {"Metadata": ("parent_id", "key"), "SettingComponent": ("a", "b", "c")}


def primary_key(entity_type: str) -> Sequence[str]:
    return _KEYS.get(entity_type, ("id",))


def decoded(value: Any) -> Any:
    """Return what a value of the wire means, built from the codec's own parts."""
    if isinstance(value, list):
        return [decoded(part) for part in value]
    if isinstance(value, dict) and "__entity_type__" in value:
        name = value["__entity_type__"]
        return Reference(name, codec.decode_key(value, primary_key(name)))
    if isinstance(value, dict) and "__type__" not in value:
        return {name: decoded(part) for name, part in value.items()}
    return codec.decode_scalar(value)


def offsets() -> st.SearchStrategy[timezone]:
    minutes = st.integers(-23 * 60 - 59, 23 * 60 + 59)
    return minutes.map(lambda count: timezone(timedelta(minutes=count)))


# A day off both ends of the calendar, where no other zone can tell the instant.
MOMENTS = st.datetimes(
    datetime(1, 1, 2),
    datetime(9999, 12, 30),
    timezones=offsets(),
)
PARTS = st.text() | st.integers(-(2**53), 2**53)
REFERENCES = st.sampled_from(["Task", "Metadata", "SettingComponent"]).flatmap(
    lambda name: st.tuples(*[PARTS] * len(primary_key(name))).map(
        lambda key: Reference(name, key)
    )
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
NAMES = st.text().filter(lambda name: name not in ("__type__", "__entity_type__"))
VALUES = st.recursive(
    SCALARS | MOMENTS | REFERENCES,
    lambda parts: st.lists(parts) | st.dictionaries(NAMES, parts),
    max_leaves=12,
)


@given(data=st.dictionaries(NAMES, VALUES, max_size=6))
def test_what_is_encoded_decodes_to_itself(data: dict[str, Any]) -> None:
    body = codec.encode_batch([Update("Task", ("1",), data)], primary_key)
    sent = json.loads(body)[0]["entity_data"]
    assert sent.pop("__entity_type__") == "Task"
    assert {name: decoded(value) for name, value in sent.items()} == data


@given(moment=MOMENTS)
def test_an_instant_comes_back_the_same_and_in_utc(moment: datetime) -> None:
    back = codec.decode_scalar(codec.encode_datetime(moment))
    assert back == moment
    assert back.tzinfo is UTC


@given(reference=REFERENCES)
def test_a_created_key_is_the_reference_others_send(reference: Reference) -> None:
    names = primary_key(reference.entity_type)
    data = dict(zip(names, reference.key, strict=True))
    created = Create(reference.entity_type, data, reference.key)
    sent = json.loads(codec.encode_batch([created], primary_key))[0]
    wire = codec.encode_reference(reference, primary_key)
    assert json.loads(json.dumps(wire)) == sent["entity_data"]
    assert tuple(sent["entity_key"]) == reference.key
