"""Remove the API key from texts of the server, in any encoding of it."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from html.entities import codepoint2name
from typing import Final

from ftrack_orm.transport.secret import Secret

HIDDEN: Final = "***"

_SHORTEST_BASE64: Final = 6
"""Characters of base64 below which a match would often be a coincidence."""

_COMMON_TEXTS: Final = frozenset(
    {
        "",
        "application/json",
        "application/json; charset=utf-8",
        "text/html",
        "text/html; charset=utf-8",
    }
)
"""Content types of nearly every reply; the search is skipped for them."""


class Redaction:
    """Replaces an API key in texts that an error may quote.

    The key is recognised in plain form, percent-encoded, with the escapes of JSON,
    Python and HTML, in any mixture of these, and inside base64, such as that of
    ``user:key``.
    """

    def __init__(self, secret: Secret) -> None:
        self._secret = secret

    def __repr__(self) -> str:
        return "Redaction(***)"

    def text(self, text: str) -> str:
        """Return `text` without the secret."""
        if not self._secret or text.lower() in _COMMON_TEXTS:
            return text
        # Compiled for each text: an attribute with the patterns would show the secret.
        for pattern in _patterns(self._secret.reveal()):
            text = re.sub(pattern, HIDDEN, text)
        return text

    def page(self, body: bytes, *, is_error: bool = False) -> bytes:
        """Return `body` without the secret; return an array of results unchanged.

        Results may be large and are never quoted. With `is_error` an array is searched
        too.
        """
        if not self._secret or (body[:64].lstrip()[:1] == b"[" and not is_error):
            return body
        return self.text(body.decode("latin-1")).encode("latin-1")


def _patterns(secret: str) -> Iterator[str]:
    """Yield expressions for each form of a secret, in text and latin-1 bytes."""
    # The lookahead for the first character makes the search six times as fast.
    first = "".join(
        re.escape(data.decode("latin-1")[:1]) for data in _encodings(secret[0])
    )
    whole = "".join(map(_character, secret))
    yield rf"(?=[%\\&{re.escape(secret[0])}{first}{'+' * (secret[0] == ' ')}]){whole}"
    for form in sorted(set(_base64_forms(secret))):
        yield "".join(
            character if character.isalnum() else _character(character)
            for character in form
        )


def _base64_forms(secret: str) -> Iterator[str]:
    """Yield the parts of base64 texts that any text with the secret contains.

    Base64 encodes three bytes as four characters, so there is one form for each offset
    of the secret, 0 to 2. Characters that also depend on neighbouring bytes are
    omitted.
    """
    for data in {secret.encode("utf-8", "surrogatepass"), _latin(secret)}:
        for offset in range(3):
            encoded = base64.b64encode(b"\0" * offset + data).decode("ascii")
            first = (offset * 8 + 5) // 6
            inner = encoded[first : (offset + len(data)) * 8 // 6]
            if len(inner) >= _SHORTEST_BASE64:
                yield inner
                yield inner.replace("+", "-").replace("/", "_")


def _latin(secret: str) -> bytes:
    # Headers are sent in this encoding.
    return secret.encode("latin-1", "replace")


def _character(character: str) -> str:
    """Return an expression for one character in all its encodings."""
    code = ord(character)
    forms = {re.escape(character), *map(_bytes, _encodings(character))}
    if character == " ":
        forms.add(r"\+")
    if code in _SHORT_ESCAPES:
        forms.add(rf"{_BACKSLASH}+{_SHORT_ESCAPES[code]}")
    forms |= {_percent(data) for data in _encodings(character)}
    forms |= {_hexadecimal(data) for data in _encodings(character)}
    forms.add(_utf16_escapes(character))
    forms.add(rf"{_BACKSLASH}+(?i:u0*{code:x})")
    names = [f"#0*{code}", f"#x0*{code:x}"]
    if code in codepoint2name:
        names.append(codepoint2name[code])
    if character == "'":
        names.append("apos")
    forms.add(rf"&(?i:amp;)*(?i:{'|'.join(names)});?")
    # Longer forms first, because "&" is also the beginning of "&amp;".
    pattern = f"(?:{'|'.join(sorted(forms, key=len, reverse=True))})"
    # JSON and Python put a backslash before quotes, JSON also before slashes.
    return pattern if character.isalnum() else f"{_BACKSLASH}*{pattern}"


_BACKSLASH: Final = r"(?:\\|%(?:25)*5[cC]|&(?:amp;)*#92;)"
_SHORT_ESCAPES: Final = {8: "b", 9: "t", 10: "n", 12: "f", 13: "r"}


def _encodings(character: str) -> set[bytes]:
    encodings = {character.encode("utf-8", "surrogatepass")}
    if ord(character) < 256:
        encodings.add(character.encode("latin-1"))
    return encodings


def _bytes(data: bytes) -> str:
    """Return an expression for bytes that were read as latin-1."""
    return re.escape(data.decode("latin-1"))


def _utf16_escapes(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(
        rf"{_BACKSLASH}+(?i:u\{{?0*{units[at : at + 4].lstrip('0') or '0'}\}}?)"
        for at in range(0, len(units), 4)
    )


def _percent(data: bytes) -> str:
    """Return an expression for percent-encoded bytes, encoded once or several times."""
    return "".join(f"(?i:%(?:25)*{byte:02x})" for byte in data)


def _hexadecimal(data: bytes) -> str:
    return "".join(rf"{_BACKSLASH}+(?i:x{byte:02x})" for byte in data)
