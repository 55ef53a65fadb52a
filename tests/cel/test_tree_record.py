"""
Trees as JSON values: what comes back is what went in, and what is no tree is refused.
"""

import json

import pytest
from canarypolicy.cel.parse import parse
from canarypolicy.cel.stack import deep_stack
from canarypolicy.cel.tree import walk
from canarypolicy.cel.tree_record import node_of, record_of

TEXTS = (
    "a.b < 0.01 && !(c.d > -0.0 || e.f == 'x\\ny')",
    "has(a.b) ? a.b + 1.5 * c.d : -(a.b / 2.0) % 3.0",
    "'a' in [x.y, 'b'] || [1, 2][0] == 1",
    "x.y.startsWith('a') && size(x.y) > 9223372036854775807 - 1",
    "result.checks.all(check, check.ok && check.seconds < 1.0)",
    "true != false && 1.0 >= 1e300 && a.b <= 5 && - 3 == c",
)


@pytest.mark.parametrize("text", TEXTS)
def test_a_tree_comes_back_as_it_was_through_json(text):
    """Equality leaves places out, so those are compared beside it, and `-0.0` stays apart from `0.0`."""
    tree = parse(text)
    again = node_of(json.loads(json.dumps(record_of(tree))))
    assert again == tree
    assert [repr(node) for node in walk(again)] == [repr(node) for node in walk(tree)]


GOOD = ["signal", "a.b", 0, 3]
HOSTILE = {
    "nothing": None,
    "a text": "signal",
    "an unknown kind": ["exec", GOOD, 0, 1],
    "a kind with too few parts": ["and", GOOD, 0, 1],
    "a kind with too many parts": ["not", GOOD, GOOD, 0, 1],
    "a place that is none": ["signal", "a.b", "0", 3],
    "a name that is code": ["signal", "a']); import os; (['", 0, 3],
    "a name with a line break behind it": ["signal", "a.b\n", 0, 3],
    "an operator that is code": ["compare", "< 1 or __import__('os') <", GOOD, GOOD, 0, 3],
    "an operator of the other kind": ["arithmetic", "<", GOOD, GOOD, 0, 3],
    "a constant that is none": ["literal", [], 0, 3],
    "a constant that is null": ["literal", None, 0, 3],
    "a function that is code": ["call", "size)(", None, [GOOD], 0, 3],
    "a variable that is code": ["macro", "all", GOOD, "x y", GOOD, 0, 3, 0, 1],
    "a part that is none": ["not", "a.b", 0, 3],
}


@pytest.mark.parametrize("record", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_no_tree_is_refused(record):
    with pytest.raises(ValueError):
        node_of(record)


def test_a_tree_without_end_is_refused():
    deep = GOOD
    for _ in range(600):
        deep = ["not", deep, 0, 1]
    with deep_stack(), pytest.raises(ValueError, match="so deep"):
        node_of(deep)
