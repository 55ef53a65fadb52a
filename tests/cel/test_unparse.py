"""
What is written from a tree parses to that tree, with no bracket that is not needed.
"""

import pytest
from canarypolicy.cel import tree as t
from canarypolicy.cel.limits import scan
from canarypolicy.cel.parse import environment, parse
from canarypolicy.cel.unparse import unparse
from hypothesis import given, settings
from hypothesis import strategies as st

environment()
SPAN = (0, 0)

WRITTEN = {
    "a+b*c": "a + b * c",
    "(a+b)*c": "(a + b) * c",
    "a-(b-c)": "a - (b - c)",
    "a-b-c": "a - b - c",
    "a/(b*c)%d": "a / (b * c) % d",
    "(a && b) || c": "a && b || c",
    "a && (b || c)": "a && (b || c)",
    "a && (b && c)": "a && (b && c)",
    "!(a == b)": "!(a == b)",
    "!!a": "!!a",
    "-(5)": "-(5)",
    "-(-5)": "-(-5)",
    "-a.b": "-a.b",
    "-(a+b)": "-(a + b)",
    "a - -5": "a - -5",
    "(a<b)==c": "a < b == c",
    "a==(b<c)": "a == (b < c)",
    "(a ? b : c) ? d : e": "(a ? b : c) ? d : e",
    "a ? (b ? c : d) : e": "a ? (b ? c : d) : e",
    "a ? b : (c ? d : e)": "a ? b : c ? d : e",
    "(a in [1,2.5]) in [true]": "a in [1, 2.5] in [true]",
    "(a + b).size()": "(a + b).size()",
    "a[ 0 ]": "a[0]",
    "('a').contains(b)": '"a".contains(b)',
    "[1].all(x,x>0)": "[1].all(x, x > 0)",
    "has( a.b )": "has(a.b)",
    "f()": "f()",
    "1e20": "1e+20",
    "r'\\d\"'": '"\\\\d\\""',
    "'\\n\\t\\r\\u0007é\\u200b'": '"\\n\\t\\r\\U00000007é\\U0000200b"',
}  # fmt: skip


@pytest.mark.parametrize("text", WRITTEN)
def test_a_tree_is_written_with_the_brackets_that_it_needs(text):
    assert unparse(parse(text)) == WRITTEN[text]


NAME = st.sampled_from(["a", "a.b", "canary.error_rate", "x1"])
CONSTANT = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=6),
)
LEAF = st.one_of(
    CONSTANT.map(lambda value: t.Literal(value=value, span=SPAN)),
    NAME.map(lambda name: t.Signal(name=name, span=SPAN)),
    NAME.map(lambda name: t.Has(name=name, span=SPAN, name_span=SPAN)),
)


def _grown(inner):
    some = st.lists(inner, max_size=2).map(tuple)
    return st.one_of(
        st.builds(t.List, items=some, span=st.just(SPAN)),
        st.builds(t.Not, operand=inner, span=st.just(SPAN)),
        st.builds(t.Negate, operand=inner, span=st.just(SPAN)),
        st.builds(t.And, left=inner, right=inner, span=st.just(SPAN)),
        st.builds(t.Or, left=inner, right=inner, span=st.just(SPAN)),
        st.builds(t.Conditional, condition=inner, yes=inner, no=inner, span=st.just(SPAN)),
        st.builds(t.Compare, operator=st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), left=inner, right=inner, span=st.just(SPAN)),
        st.builds(t.Arithmetic, operator=st.sampled_from("+-*/%"), left=inner, right=inner, span=st.just(SPAN)),
        st.builds(t.In, item=inner, container=inner, span=st.just(SPAN)),
        st.builds(t.Index, operand=inner, index=inner, span=st.just(SPAN)),
        st.builds(t.Call, function=st.sampled_from(["f", "size"]), target=st.none() | inner, arguments=some, span=st.just(SPAN)),
        st.builds(t.Macro, function=st.sampled_from(["all", "exists", "exists_one", "filter", "map"]), target=inner, variable=st.just("v"), body=inner, span=st.just(SPAN), variable_span=st.just(SPAN)),
    )  # fmt: skip


@settings(deadline=None, derandomize=True, max_examples=400)
@given(st.recursive(LEAF, _grown, max_leaves=12))
def test_parsing_what_is_written_gives_the_tree(tree):
    """parse(unparse(tree)) == tree, for trees within the limits."""
    text = unparse(tree)
    if isinstance(scan(text), tuple):
        assert parse(text) == tree
