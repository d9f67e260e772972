from __future__ import annotations

import ast
import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from ftrack_codegen.literals import literal, quoted

json_values: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(json_values)
def test_python_reads_a_literal_back(value: Any) -> None:
    read = ast.literal_eval(literal(value))
    assert json.dumps(read, sort_keys=True) == json.dumps(value, sort_keys=True)


@given(st.lists(st.text(), max_size=3))
def test_tuples_stay_tuples(names: list[str]) -> None:
    assert ast.literal_eval(literal(tuple(names))) == tuple(names)


def test_mappings_are_written_in_order_of_their_keys() -> None:
    assert literal({"b": {"d": 1, "c": 2}, "a": 3}) == (
        "{'a': 3, 'b': {'c': 2, 'd': 1}}"
    )


@pytest.mark.parametrize("value", [float("inf"), float("-inf")])
def test_infinity_has_a_literal(value: float) -> None:
    assert literal(value) == f'float("{value}")'


@given(st.text())
def test_a_quoted_name_is_harmless_in_a_docstring(name: str) -> None:
    text = f'"""The `{quoted(name)}` type."""\n'
    assert "\n" not in quoted(name)
    assert len(ast.parse(text).body) == 1
