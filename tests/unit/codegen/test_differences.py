from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from ftrack_codegen.differences import compact_names
from ftrack_orm.schema.implied import Names, merge_names

NAMES = st.lists(st.sampled_from("abcdef"), max_size=7).map(tuple)


@given(names=NAMES, inherited=NAMES)
def test_compact_names_give_the_names_back(
    names: tuple[str, ...], inherited: tuple[str, ...]
) -> None:
    compact = compact_names(names, inherited)
    assert merge_names(compact, inherited) == names
    assert len(compact) <= len(names)


@pytest.mark.parametrize(
    ("names", "compact"),
    [
        (("x", "a", "b", "c"), ("x", ...)),
        (("a", "b", "c", "x"), (..., "x")),
        (("x", "a", "b", "c", "y"), ("x", ..., "y")),
        (("x", "b", "a", "c"), ("x", "b", ...)),
        (("a", "b", "c"), (...,)),
        (("a", "c"), ("a", "c")),
        ((), ()),
    ],
)
def test_the_longest_run_of_inherited_names_becomes_an_ellipsis(
    names: tuple[str, ...], compact: Names
) -> None:
    assert compact_names(names, ("a", "b", "c")) == compact
