"""Metadata of a new entity: a mapping of texts."""

from __future__ import annotations

from typing import Any

import pytest

from ftrack_models import Task
from ftrack_orm import AttributeValueError
from ftrack_orm.entity.attribute_info import AttributeInfo
from tests.support.incomplete import incomplete


def task(**metadata: str) -> Task:
    made = incomplete(Task, name="anim")
    made.metadata = metadata
    return made


def test_it_reads_and_writes_as_a_dictionary() -> None:
    metadata = task(a="1", b="2").metadata

    metadata["c"] = "3"
    del metadata["a"]

    assert metadata == {"b": "2", "c": "3"}
    assert dict(metadata) == {"b": "2", "c": "3"}
    assert len(metadata) == 2
    assert list(metadata) == ["b", "c"]
    assert "a" not in metadata
    assert metadata.get("a", "none") == "none"


def test_several_values_are_set_at_once_or_none_of_them() -> None:
    metadata = task(a="1").metadata
    wrong: Any = {"b": "2", "c": 3}

    metadata.update(a="0", z="9")
    with pytest.raises(AttributeValueError):
        metadata.update(wrong)

    assert metadata == {"a": "0", "z": "9"}


@pytest.mark.parametrize("key", ["", 5, None])
def test_a_key_is_a_text_that_is_not_empty(key: Any) -> None:
    metadata = task(a="1").metadata

    with pytest.raises((AttributeValueError, KeyError, TypeError)):
        metadata[key] = "x"

    assert metadata == {"a": "1"}


def test_a_missing_key_is_named() -> None:
    metadata = task(a="1").metadata

    for act in (
        lambda: metadata["b"],
        lambda: metadata.__delitem__("b"),
        lambda: metadata.pop("b"),
    ):
        with pytest.raises(KeyError, match="b"):
            act()
    assert metadata.pop("b", None) is None


def test_pop_and_clear_end_as_those_of_a_dictionary_do() -> None:
    metadata = task(a="1", b="2").metadata

    assert metadata.pop("a") == "1"
    assert metadata.popitem() == ("b", "2")
    metadata["c"] = "3"
    metadata.clear()

    assert metadata == {}
    with pytest.raises(KeyError):
        metadata.popitem()


def test_assigning_a_mapping_replaces_every_value() -> None:
    made = task(a="1", b="2")
    held = made.metadata

    made.metadata = {"c": "3"}

    assert made.metadata is held
    assert held == {"c": "3"}


def test_it_equals_mappings_and_nothing_else() -> None:
    metadata = task(a="1").metadata

    assert metadata == task(a="1").metadata
    assert metadata != {"a": "2"}
    assert metadata != [("a", "1")]


# -- completion --------------------------------------------------------------------


def test_keys_that_a_package_declares_are_completed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = {"fstart": "fstart", "frame_end": "frame end"}
    monkeypatch.setattr(AttributeInfo, "mapped_keys", names, raising=False)
    task = incomplete(Task, name="anim")
    task.custom_attributes["fps"] = 25

    keys = task.custom_attributes._ipython_key_completions_()
    assert keys == ["fps", "fstart", "frame end"]
    # Sessions of other tests may still be in memory, and add their keys.
    keys = Task.custom_attributes._ipython_key_completions_()
    assert keys == sorted(keys)
    assert set(names.values()) <= set(keys)
    assert dir(Task.custom_attributes)[:2] == ["frame_end", "fstart"]
    assert dir(task.custom_attributes)[:2] == ["frame_end", "fstart"]


def test_keys_of_an_entity_outside_a_session_are_its_own() -> None:
    task = incomplete(Task, name="anim", metadata={"source": "edit"})

    assert task.metadata._ipython_key_completions_() == ["source"]
