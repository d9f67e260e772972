"""An API key is recognised in every form that a server may send it back in."""

from __future__ import annotations

import base64
import html
import json
import time
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings, strategies as st

from ftrack_orm.transport.redaction import HIDDEN, Redaction
from ftrack_orm.transport.secret import Secret

KEY = "7f3c-secret/key+that=nobody&may=see"

ESCAPES: dict[str, Callable[[str], str]] = {
    "plain": lambda key: key,
    "percent": lambda key: quote(key, safe=""),
    "percent, lower case": lambda key: percent(key, "%{:02x}"),
    "every character percent": lambda key: percent(key, "%{:02X}"),
    "percent twice": lambda key: quote(quote(key, safe=""), safe=""),
    "form": quote_plus,
    "json": lambda key: json.dumps(key)[1:-1],
    "json, unescaped": lambda key: json.dumps(key, ensure_ascii=False)[1:-1],
    "json in json": lambda key: json.dumps(json.dumps(key)[1:-1])[1:-1],
    "json, slashes": lambda key: json.dumps(key)[1:-1].replace("/", "\\/"),
    "every character json": lambda key: units(key, "\\u{:04x}"),
    "every character json, upper": lambda key: units(key, "\\u{:04X}"),
    "html": html.escape,
    "html, decimal": lambda key: "".join(f"&#{ord(c)};" for c in key),
    "html, hexadecimal": lambda key: "".join(f"&#x{ord(c):X};" for c in key),
    "json in a query": lambda key: quote(json.dumps(key)[1:-1], safe=""),
    "html twice": lambda key: html.escape(html.escape(key)),
    "json in html": lambda key: html.escape(json.dumps(key)[1:-1]),
    "repr": lambda key: repr(key)[1:-1],
    "ascii": lambda key: ascii(key)[1:-1],
    "repr of bytes": lambda key: repr(key.encode())[2:-1],
    "mixed": lambda key: quote(key[::2][:1], safe="") + html.escape(key[1:]),
}


def percent(key: str, form: str) -> str:
    return "".join(form.format(byte) for byte in key.encode())


def units(key: str, form: str) -> str:
    """Return every UTF-16 unit of a key in a form."""
    data = key.encode("utf-16-be")
    return "".join(
        form.format(int.from_bytes(data[at : at + 2])) for at in range(0, len(data), 2)
    )


def keys() -> st.SearchStrategy[str]:
    """Return keys of letters that no escape and no sentence consists of by chance."""
    odd = st.characters(min_codepoint=32, exclude_categories=("Cs", "Cn", "Co"))
    start = st.text("ghjkz", min_size=4)
    return st.builds("{}{}{}".format, start, st.text(odd), st.text("gz'\"%&+<"))


@pytest.mark.parametrize("escape", ESCAPES)
@settings(max_examples=15)  # each compiles expressions anew
@given(key=keys())
def test_no_escaped_form_of_a_key_is_left(escape: str, key: str) -> None:
    redaction = Redaction(Secret(key))
    text = f"No key {ESCAPES[escape](key)} here: ✓"

    assert redaction.text(text) == f"No key {HIDDEN} here: ✓"
    assert redaction.page(text.encode()) == f"No key {HIDDEN} here: ✓".encode()


@pytest.mark.parametrize("before", ["", "j:", "jo:", "jane:"])
@pytest.mark.parametrize("after", ["", "!", "!?"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_that_holds_the_key_is_cut(
    before: str, after: str, encode: Callable[[bytes], bytes]
) -> None:
    encoded = encode((before + KEY + after).encode()).decode()

    left = Redaction(Secret(KEY)).text(f"Basic {encoded}")

    assert HIDDEN in left
    # Two characters at an end hold less than two letters of the key.
    assert len(left) <= len("Basic ***") + len(encode(before.encode())) + 6


def test_other_texts_stay_as_they_are() -> None:
    text = "100% of <b>7f3c</b> &amp; \\u0037f3c \\x37f3c + c2VjcmV0"
    redaction = Redaction(Secret(KEY))

    assert redaction.text(text) == text
    assert redaction.page(text.encode()) == text.encode()
    assert redaction.page(b"\xff\x00\xfe") == b"\xff\x00\xfe"
    assert Redaction(Secret("")).text(text) == text


def test_results_are_not_searched_and_large_pages_are_searched_once() -> None:
    redaction = Redaction(Secret(KEY))
    results = b'[{"data": "%s"}]' % KEY.encode()
    large = b"<p>" + b"lorem ipsum & dolor 7f3c %20 " * 40_000 + KEY.encode()

    assert redaction.page(results) is results
    began = time.perf_counter()
    assert redaction.page(large).endswith(b"***")
    # A megabyte; a look at each form by itself took seconds.
    assert time.perf_counter() - began < 1.0


def test_a_secret_shows_nothing_and_cannot_be_pickled() -> None:
    import copy
    import pickle

    secret = Secret(KEY)

    assert secret.reveal() == KEY
    assert f"{secret} {secret!r} {secret!s} {secret:>5} {[secret]}".count("***") == 5
    assert copy.copy(secret) is copy.deepcopy(secret) is secret
    assert not hasattr(secret, "__dict__")
    assert not Secret("")
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(secret)
    with pytest.raises(TypeError, match="text, not int"):
        Secret(5)  # type: ignore[arg-type] # the mistake
