"""The log of calls: bounded by their number and by their bytes."""

from __future__ import annotations

import pytest

from ftrack_orm.emulator import CallLog, Emulator, LoggedCall
from tests.support.emulator_client import Client
from tests.support.schemas import recorded


def call(name: str) -> LoggedCall:
    return LoggedCall(({"action": name},), "admin")


def names(log: CallLog) -> list[str]:
    return [str(operation["action"]) for operation in log.operations]


def test_the_oldest_calls_are_removed_when_there_are_too_many() -> None:
    log = CallLog(max_calls=2)
    for name in "abc":
        log.record(call(name))
    assert names(log) == ["b", "c"]


def test_the_oldest_calls_are_removed_when_they_have_too_many_bytes() -> None:
    log = CallLog(max_bytes=100)
    for name, size in (("a", 60), ("b", 40), ("c", 10)):
        log.record(call(name), size)
    assert names(log) == ["b", "c"]
    log.record(call("large"), 1000)
    assert names(log) == ["large"]
    log.clear()
    log.record(call("d"), 100)
    log.record(call("e"), 0)
    assert names(log) == ["d", "e"]


def with_three_calls(log: CallLog) -> None:
    with log.expect_calls(1):
        for name in "abc":
            log.record(call(name))


def without_a_call(log: CallLog) -> None:
    with log.expect_calls(1):
        log.clear()


def test_expected_calls_are_counted_when_some_were_removed() -> None:
    log = CallLog(max_calls=2)
    with log.expect_calls(5):
        for name in "abcde":
            log.record(call(name))
    with pytest.raises(AssertionError, match="received 3") as failed:
        with_three_calls(log)
    lines = str(failed.value).splitlines()[1:]
    assert [line.strip() for line in lines] == ["2. [b]", "3. [c]"]
    with pytest.raises(AssertionError, match="received 0: none"):
        without_a_call(log)


def test_an_emulator_has_the_limits_as_options() -> None:
    emulator = Emulator(schema=recorded(), max_logged_calls=3, max_logged_bytes=500)
    client = Client(emulator)
    for _ in range(5):
        client.query("State")
    assert len(emulator.call_log) == 3
    client.query(f'State where name is "{"x" * 600}"')
    assert len(emulator.call_log) == 1
    emulator.close()
