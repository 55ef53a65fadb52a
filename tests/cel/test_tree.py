"""
Equal subtrees are equal wherever they stand, and unequal constants are never equal.
"""

import pytest
from canarypolicy.cel.parse import parse
from canarypolicy.cel.tree import Literal, children, walk


def test_a_node_is_what_it_says_and_not_where_it_stands():
    tree = parse("a.b < 1.0 || (a.b<1.0)")
    assert tree.left == tree.right
    assert hash(tree.left) == hash(tree.right)
    assert tree.left.span != tree.right.span


CONSTANTS = [0, 1, 0.0, -0.0, 1.0, True, False, "1", "", "True"]


@pytest.mark.parametrize("one", CONSTANTS, ids=repr)
def test_a_constant_equals_itself_only(one):
    """Python calls `1`, `1.0` and `True` equal; a reading that shared their values would be wrong."""
    alike = [other for other in CONSTANTS if Literal(value=one, span=(0, 1)) == Literal(value=other, span=(2, 3))]
    assert [repr(each) for each in alike] == [repr(one)]
    assert hash(Literal(value=one, span=(0, 1))) == hash(Literal(value=one, span=(2, 3)))


def test_a_constant_equals_nothing_but_constants():
    assert Literal(value=1, span=(0, 1)) != 1


PARTS = {
    "1": [],
    "a.b": [],
    "has(a)": [],
    "[a, b]": ["a", "b"],
    "!a": ["a"],
    "-a": ["a"],
    "a && b": ["a", "b"],
    "a || b": ["a", "b"],
    "a ? b : c": ["a", "b", "c"],
    "a < b": ["a", "b"],
    "a + b": ["a", "b"],
    "a in b": ["a", "b"],
    "a[b]": ["a", "b"],
    "f(a, b)": ["a", "b"],
    "a.f(b)": ["a", "b"],
    "a.all(x, b)": ["a", "b"],
}


@pytest.mark.parametrize("text", PARTS)
def test_children_stand_left_to_right(text):
    tree = parse(text)
    assert [text[slice(*child.span)] for child in children(tree)] == PARTS[text]
    assert list(walk(tree)) == [tree, *children(tree)]
