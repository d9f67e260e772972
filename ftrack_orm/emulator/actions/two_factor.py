"""The actions on two-factor authentication, such as ``configure_totp`` (2.16).

They only change attributes of the user: requests with an API key need no second
factor. No source documents the results, which are assumptions.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from ftrack_orm.emulator.access.totp import is_current
from ftrack_orm.emulator.errors import Invalid, PermissionDenied
from ftrack_orm.emulator.rules import permission_checks
from ftrack_orm.emulator.wire import read_key
from ftrack_orm.types import JSONObject

if TYPE_CHECKING:
    from ftrack_orm.emulator.request import RequestContext

_ISSUER: Final = "ftrack"
_SECRET_SIZE: Final = 20
"""Bytes of a secret, as RFC 4226 recommends."""


def generate_totp(request: RequestContext, operation: JSONObject) -> JSONObject:
    """Return a new secret for an authenticator app, and its address for a QR code."""
    # From an id and not at random, so that runs with counted ids repeat exactly.
    secret_bytes = hashlib.sha256(request.ids().encode()).digest()[:_SECRET_SIZE]
    secret = base64.b32encode(secret_bytes).decode()
    label = quote(f"{_ISSUER}:{request.user.get('username')}")
    query = urlencode({"secret": secret, "issuer": _ISSUER})
    address = f"otpauth://totp/{label}?{query}"
    return {"action": "generate_totp", "secret": secret, "url": address}


def configure_totp(request: RequestContext, operation: JSONObject) -> JSONObject:
    """Enable codes of an authenticator app for the caller.

    Raises:
        Invalid: the code or the secret is missing, or they do not match.
        PermissionDenied: the caller assumes another user, read-only.
    """
    code, secret = operation.get("code"), operation.get("secret")
    if code is None or code == "":
        raise Invalid("Code must be provided to enable totp.")
    if not secret:
        raise Invalid("Secret must be provided to enable totp.")
    if not is_current(str(secret), str(code), request.clock()):
        raise Invalid("The code is not valid.")
    return _set(request, operation, is_totp_enabled=True)


def configure_otp(request: RequestContext, operation: JSONObject) -> JSONObject:
    """Enable codes by message for the caller.

    Raises:
        PermissionDenied: the caller assumes another user, read-only.
    """
    return _set(request, operation, is_otp_enabled=True)


def disable_2fa(request: RequestContext, operation: JSONObject) -> JSONObject:
    """Disable the second factor of the caller, or of another user.

    Raises:
        EntityNotFound: there is no such user.
        PermissionDenied: it is another user, and the caller is no administrator.
    """
    user_id = operation.get("user_id") or request.user_id
    if user_id != request.user_id:
        permission_checks.check_administrator(
            request, "change the factors of another user"
        )
        request.get("User", read_key(request.schema["User"], user_id))
    off = {"is_totp_enabled": False, "is_otp_enabled": False}
    return _set(request, operation, str(user_id), **off)


def _set(
    request: RequestContext,
    operation: JSONObject,
    user_id: str | None = None,
    **values: bool,
) -> JSONObject:
    if request.access.is_read_only:
        raise PermissionDenied
    # Smaller schemas lack these attributes.
    stored_values = {
        name: value
        for name, value in values.items()
        if request.storage.has_column("User", name)
    }
    request.set("User", (user_id or request.user_id,), stored_values)
    return {"action": operation["action"], "data": True}
