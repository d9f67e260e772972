"""Random edits of metadata and custom attributes agree with plain dictionaries."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any, Final

import pytest

from ftrack_models import CustomAttributeConfiguration, Task
from ftrack_orm import NO_RETRIES, Session
from ftrack_orm.emulator import Emulator

PROGRAMS: Final = 320
STEPS: Final = 16

TASK_TYPE = "11c137c0-ee7e-4f9c-91c5-8c77cec22b2c"
# Protocol 9.7.
KINDS: Final = {
    "number": "92009b00-381c-11e0-acff-0019bb49847a",
    "text": "6268aef0-381c-11e0-acff-0019bb49847a",
    "tags": "6ff9c812-ead3-11e2-846c-f23c91dfaa16",
}
DEFAULTS: Final[dict[str, Any]] = {"number": 7, "text": "default", "tags": ["a"]}
METADATA_KEYS: Final = ("k", "l", "m")


@pytest.fixture(scope="module")
def prepared() -> Iterator[tuple[Emulator, bytes]]:
    """An emulator whose tasks have a number, text and a list, and its data."""
    emulator = Emulator(seed="demo")
    with connect(emulator) as session:
        for key, kind in KINDS.items():
            data = {
                "key": key,
                "label": key,
                "type_id": kind,
                "entity_type": "task",
                "object_type_id": TASK_TYPE,
                "config": "{}",
                "default": DEFAULTS[key],
            }
            session.create(CustomAttributeConfiguration, data)
    yield emulator, emulator.snapshot()
    emulator.close()


def connect(emulator: Emulator) -> Session:
    return Session(
        transport=emulator.transport(), check_schema="ignore", retry=NO_RETRIES
    )


class Program:
    """One session's edits of a task beside dictionaries of expected values.

    Attributes:
        served: what the server has stored; custom attributes without defaults.
        shown: the same with the session's edits.
    """

    def __init__(self, emulator: Emulator, seed: int) -> None:
        self.random = random.Random(seed)
        self.emulator = emulator
        self.session = connect(emulator)
        task = self.session.select(Task).first()
        assert task is not None
        self.task = task
        self.served: dict[str, dict[str, Any]] = {"metadata": {}, "custom": {}}
        self.task.metadata.clear()
        self.task.custom_attributes.clear()
        self.session.commit()
        self.shown = self.copies()
        self.lists: list[Any] = []

    def copies(self) -> dict[str, dict[str, Any]]:
        return {
            name: {key: _copied(value) for key, value in rows.items()}
            for name, rows in self.served.items()
        }

    def run(self) -> None:
        steps = [
            self.set_one, self.set_one, self.delete, self.delete, self.pop,
            self.update, self.replace, self.assign, self.clear, self.edit_list,
            self.edit_list, self.commit, self.commit, self.roll_back, self.refresh,
            self.edit_elsewhere, self.popitem, self.read_again, self.expire,
        ]  # fmt: skip
        for _ in range(STEPS):
            self.random.choice(steps)()
            self.compare()
        self.commit()
        self.compare()
        self.session.close()

    # -- choices -------------------------------------------------------------------

    def which(self) -> tuple[str, Any, tuple[str, ...]]:
        if self.random.random() < 0.4:
            return "metadata", self.task.metadata, METADATA_KEYS
        return "custom", self.task.custom_attributes, tuple(KINDS)

    def value(self, name: str, key: str) -> Any:
        number = self.random.randrange(5)
        if name == "metadata" or key == "text":
            return f"text {number}"
        return number if key == "number" else ["x"] * number

    def values(self, name: str, keys: tuple[str, ...]) -> dict[str, Any]:
        chosen = [key for key in keys if self.random.random() < 0.5]
        return {key: self.value(name, key) for key in chosen}

    # -- edits ---------------------------------------------------------------------

    def put(self, name: str, values: dict[str, Any]) -> None:
        for key, value in values.items():
            kept = self.shown[name]
            is_stored = key in self.served[name] or key in kept
            if name == "custom" and value == DEFAULTS[key] and not is_stored:
                continue  # the server shows it already, so nothing is sent
            kept[key] = _copied(value)

    def set_one(self) -> None:
        name, rows, keys = self.which()
        key = self.random.choice(keys)
        value = self.value(name, key)
        rows[key] = value
        self.put(name, {key: value})

    def update(self) -> None:
        name, rows, keys = self.which()
        values = self.values(name, keys)
        rows.update(values)
        self.put(name, values)

    def delete(self) -> None:
        name, rows, keys = self.which()
        key = self.random.choice(keys)
        if name == "metadata" and key not in self.shown[name]:
            with pytest.raises(KeyError):
                del rows[key]
            return
        del rows[key]
        self.shown[name].pop(key, None)

    def pop(self) -> None:
        name, rows, keys = self.which()
        key = self.random.choice(keys)
        missing = DEFAULTS.get(key, "none")
        popped = _copied(rows.pop(key, "none"))
        assert popped == self.shown[name].pop(key, missing)

    def popitem(self) -> None:
        name, rows, _ = self.which()
        if not self.shown[name]:
            with pytest.raises(KeyError):
                rows.popitem()
            return
        key, _ = rows.popitem()
        del self.shown[name][key]

    def replace(self) -> None:
        name, rows, keys = self.which()
        values = self.values(name, keys)
        rows.replace(values)
        self.keep_only(name, values)

    def assign(self) -> None:
        name, _, keys = self.which()
        values = self.values(name, keys)
        if name == "metadata":
            self.task.metadata = values
        else:
            self.task.custom_attributes = values
        self.keep_only(name, values)

    def keep_only(self, name: str, values: dict[str, Any]) -> None:
        self.put(name, values)
        kept = self.shown[name]
        self.shown[name] = {key: kept[key] for key in values if key in kept}

    def clear(self) -> None:
        name, rows, _ = self.which()
        rows.clear()
        self.shown[name] = {}

    def edit_list(self) -> None:
        held = self.task.custom_attributes["tags"]
        assert isinstance(held, list)
        self.lists.append(held)
        added = self.random.choice("xyz")
        held.append(added)
        self.put("custom", {"tags": list(held)})

    # -- the server ----------------------------------------------------------------

    def commit(self) -> None:
        self.session.commit()
        self.served = {
            name: {key: _copied(value) for key, value in rows.items()}
            for name, rows in self.shown.items()
        }
        assert not self.session.plan()
        self.compare_fresh()

    def roll_back(self) -> None:
        self.session.rollback()
        self.shown = self.copies()

    def refresh(self) -> None:
        self.session.refresh(self.task)
        self.shown = self.copies()

    def read_again(self) -> None:
        """Merge the server's rows below the edits."""
        tasks = self.session.select(Task).where(Task.id == self.task.id)
        again = tasks.load(Task.metadata, Task.custom_attributes).one()
        assert again is self.task

    def expire(self) -> None:
        self.session.expire(self.task)

    def edit_elsewhere(self) -> None:
        self.roll_back()
        with connect(self.emulator) as other:
            theirs = other.get(Task, self.task.id)
            assert theirs is not None
            metadata = self.values("metadata", METADATA_KEYS)
            theirs.metadata.replace(metadata)
            number = self.random.randrange(8, 20)
            theirs.custom_attributes["number"] = number
            del theirs.custom_attributes["tags"]
            other.commit()
        self.served["metadata"] = metadata
        self.served["custom"]["number"] = number
        self.served["custom"].pop("tags", None)
        self.shown = self.copies()
        self.refresh()

    # -- comparisons ---------------------------------------------------------------

    def compare(self) -> None:
        _compare(self.task, self.shown)
        for held in self.lists[-2:]:
            assert held is self.task.custom_attributes["tags"]

    def compare_fresh(self) -> None:
        with connect(self.emulator) as fresh:
            task = fresh.get(Task, self.task.id)
            assert task is not None
            _compare(task, self.served)


def _compare(task: Task, expected: dict[str, dict[str, Any]]) -> None:
    assert dict(task.metadata) == expected["metadata"]
    values = task.custom_attributes
    assert {key: values[key] for key in KINDS} == {**DEFAULTS, **expected["custom"]}
    stored = {key for key in KINDS if values.is_set(key)}
    assert stored == set(expected["custom"])


def _copied(value: Any) -> Any:
    return list(value) if isinstance(value, list) else value


@pytest.mark.parametrize("block", range(8))
def test_edits_agree_with_dictionaries(
    prepared: tuple[Emulator, bytes], block: int
) -> None:
    emulator, snapshot = prepared
    count = PROGRAMS // 8
    for seed in range(block * count, (block + 1) * count):
        emulator.restore(snapshot)
        try:
            Program(emulator, seed).run()
        except BaseException as error:
            error.add_note(f"program {seed}")
            raise
