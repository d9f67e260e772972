"""The emulator reads back what the client compiles: parse(compile(q)) == q."""

from __future__ import annotations

from hypothesis import given, settings, strategies as st

from ftrack_orm.emulator.query_engine.parser import parse_query
from ftrack_orm.query import ast
from ftrack_orm.query.compiler import compile_query

NAMES = st.sampled_from(
    ["id", "name", "key", "value", "type", "group", "from", "status", "_link", "date"]
)
TYPES = st.sampled_from(["Task", "Shot", "Project", "TypedContext"])
STEPS = st.builds(ast.Step, NAMES, st.none() | TYPES)
PATHS = st.builds(
    ast.PathExpression, st.lists(STEPS, min_size=1, max_size=3).map(tuple)
)
TEXT = st.text(st.characters(codec="utf-8")) | st.sampled_from(
    ['"', "\\", '\\"', "100%", "\n", "and", "none", "a' or 'b", "🐰", "select", "\\%"]
)
LITERALS = (
    st.builds(ast.LiteralNode, TEXT)
    | st.sampled_from(["none", "true", "false", "-2.5", "17"]).map(
        lambda text: ast.LiteralNode(text, quoted=False)
    )
    | st.integers().map(lambda number: ast.LiteralNode(str(number), quoted=False))
)
OPERATORS: st.SearchStrategy[ast.Operator] = st.sampled_from(
    ["is", "is_not", ">", "<", ">=", "<=", "like", "not_like"]
)
COMPARISONS = st.builds(ast.Comparison, PATHS, OPERATORS, LITERALS)
MEMBERSHIPS = st.builds(
    ast.Membership,
    PATHS,
    st.lists(LITERALS, min_size=1, max_size=3).map(tuple)
    | st.builds(ast.Query, TYPES, st.tuples(PATHS), st.none() | COMPARISONS),
    st.booleans(),
)


def combined(inner: st.SearchStrategy[ast.Criteria]) -> st.SearchStrategy[ast.Criteria]:
    """Return criteria made of `inner` ones; nested like ones stay apart."""
    return (
        st.builds(ast.Not, inner)
        | st.lists(
            inner.filter(lambda node: not isinstance(node, ast.And)),
            min_size=2,
            max_size=3,
        ).map(lambda nodes: ast.And(tuple(nodes)))
        | st.lists(
            inner.filter(lambda node: not isinstance(node, ast.Or)),
            min_size=2,
            max_size=3,
        ).map(lambda nodes: ast.Or(tuple(nodes)))
        | st.builds(
            ast.Quantified, PATHS, st.sampled_from(["any", "has"]), st.none() | inner
        )
    )


CRITERIA: st.SearchStrategy[ast.Criteria] = st.recursive(
    COMPARISONS | MEMBERSHIPS, combined, max_leaves=6
)
QUERIES = st.builds(
    ast.Query,
    TYPES,
    st.lists(PATHS, max_size=3).map(tuple),
    st.none() | CRITERIA,
    order_by=st.lists(st.builds(ast.Ordering, PATHS, st.booleans()), max_size=2).map(
        tuple
    ),
    offset=st.none() | st.integers(0, 10_000),
    limit=st.none() | st.integers(0, 10_000),
)


@settings(max_examples=400)
@given(QUERIES)
def test_the_parser_reads_what_the_compiler_wrote(query: ast.Query) -> None:
    assert parse_query(compile_query(query)) == query
