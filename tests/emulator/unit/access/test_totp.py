"""Codes of authenticators, against the vectors of RFC 6238 (appendix B, SHA-1)."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest

from ftrack_orm.emulator.access.totp import code_at, is_current

SECRET = base64.b32encode(b"12345678901234567890").decode()


# The vectors have eight digits; authenticators show the last six.
@pytest.mark.parametrize(
    ("seconds", "vector"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_the_standard(seconds: int, vector: str) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    assert code_at(SECRET, moment) == vector[-6:]
    assert code_at(SECRET.lower(), moment.replace(tzinfo=None)) == vector[-6:]


def test_a_code_is_good_for_a_step_before_and_after() -> None:
    moment = datetime(2024, 1, 1, 12, tzinfo=UTC)
    code = code_at(SECRET, moment)
    steps = [timedelta(seconds=30 * number) for number in range(-2, 3)]
    good = [is_current(SECRET, code, moment + step) for step in steps]
    assert good == [False, True, True, True, False]


def test_a_secret_that_is_none_has_no_code() -> None:
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    assert not is_current("1!", "123456", moment)
    with pytest.raises(ValueError, match="base 32"):
        code_at("1!", moment)
