"""The second factor of a login."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ftrack_orm.emulator import Emulator
from tests.support.emulator_client import ADMIN, Client, Refused
from tests.support.three_projects import artist, call


def factors(client: Client) -> tuple[Any, Any]:
    [row] = client.query(
        "select is_totp_enabled, is_otp_enabled from User where username is admin"
    )
    return row["is_totp_enabled"], row["is_otp_enabled"]


def test_an_authenticator_needs_secret_and_code(admin: Client) -> None:
    made = call(admin, "generate_totp")
    assert f"secret={made['secret']}" in made["url"]
    with pytest.raises(Refused, match="ValidationError: Code must be provided to enab"):
        call(admin, "configure_totp", secret=made["secret"])
    with pytest.raises(Refused, match="ValidationError: Secret must be provided"):
        call(admin, "configure_totp", code="123456")
    assert factors(admin) != (True, True)


def test_the_code_must_be_the_secrets() -> None:
    """The first vector of RFC 6238: 94287082 at 59 seconds, of which six are used."""
    emulator = Emulator(clock=lambda: datetime.fromtimestamp(59, UTC))
    client = Client(emulator)
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for code in ("000000", "not a code"):
        with pytest.raises(Refused, match="ValidationError"):
            call(client, "configure_totp", secret=secret, code=code)
    with pytest.raises(Refused, match="ValidationError"):
        call(client, "configure_totp", secret="no base 32!", code="287082")
    answer = call(client, "configure_totp", secret=secret, code=287082)
    assert answer == {"action": "configure_totp", "data": True}
    assert factors(client)[0] is True
    emulator.close()


def test_factors_can_be_given_up(studio: Emulator, admin: Client) -> None:
    call(admin, "configure_otp")
    assert factors(admin)[1] is True
    with pytest.raises(Refused, match="PermissionError"):
        call(artist(studio), "disable_2fa", user_id=ADMIN)
    call(admin, "disable_2fa")
    assert factors(admin) == (False, False)
