"""
What an expression can give: claims are facts, for every value that the declarations admit.
"""

import random

import pytest
from canarypolicy.cel.checking import check_expression
from canarypolicy.cel.expression import UNKNOWN
from canarypolicy.cel.interval import ANYTHING, DOUBLES, INT_MAX, NOTHING, TRUTHS, Choices, Interval, truths
from canarypolicy.cel.ranges import Known, assume, can_be, operands, possible
from canarypolicy.cel.tree import Literal, walk
from canarypolicy.documents.signals import SignalType
from canarypolicy.documents.span import Embedded, SourceText

from cel_walker import walk_tree

TYPES = {
    **dict.fromkeys(("x", "y", "ratio", "open"), SignalType.DOUBLE),
    **dict.fromkeys(("n", "m", "count"), SignalType.INT),
    **dict.fromkeys(("on", "off"), SignalType.BOOL),
    "color": SignalType.STRING,
}
KNOWN = Known(
    signals={
        "x": Interval(-2.0, 2.0),
        "y": Interval(-2.0, 2.0),
        "ratio": Interval(0.0, 1.0),
        "n": Interval(-3, 3),
        "m": Interval(-3, 3),
        "count": Interval(0, INT_MAX),
        "on": TRUTHS,
        "off": TRUTHS,
        "color": Choices(frozenset({"blue", "green"})),
    }
)
DOUBLES_IN_RANGE = [-2.0, -1.0, -0.5, -5e-324, -0.0, 0.0, 5e-324, 0.5, 1.0, 1.5, 2.0]
COMPARED = ["<", "<=", ">", ">=", "==", "!="]


def tree_of(text):
    span = SourceText(path="x", text=text).span(0, len(text))
    offsets = tuple(range(len(text) + 1))
    checked, faults = check_expression(Embedded(text=text, span=span, offsets=offsets), TYPES, expects=None, results=True)
    assert checked is not None, (text, faults)
    return checked.tree


def chances(text):
    tree = tree_of(text)
    return {truth for truth in (True, False) if can_be(tree, truth, KNOWN)}


class Drawer:
    """Draws expressions over few signals and few constants, so that operands of `&&` often speak of the same thing."""

    def __init__(self, seed):
        self.rng = random.Random(seed)

    def double(self, depth):
        if depth == 0 or self.rng.random() < 0.4:
            return self.rng.choice(["x", "y", "x", "open", "0.0", "1.0", "-1.0", "0.5", "2.0", "1e308"])
        match self.rng.randrange(6):
            case 0:
                return f"-({self.double(depth - 1)})"
            case 1:
                return f"({self.bool(depth - 1)} ? {self.double(depth - 1)} : {self.double(depth - 1)})"
            case 2:
                return f"double({self.int(depth - 1)})"
            case _:
                return f"({self.double(depth - 1)} {self.rng.choice('+-*/')} {self.double(depth - 1)})"

    def int(self, depth):
        if depth == 0 or self.rng.random() < 0.4:
            return self.rng.choice(["n", "m", "n", "0", "1", "-1", "3"])
        match self.rng.randrange(6):
            case 0:
                return f"int({self.double(0)})"
            case 1:
                return "size(color)"
            case _:
                return f"({self.int(depth - 1)} {self.rng.choice('+-*/%')} {self.int(depth - 1)})"

    def bool(self, depth):
        if depth == 0:
            return self.rng.choice(
                ["on", "off", "has(x)", 'color == "blue"', "x < 1.0", "x > 0.5", "n != 0", "x != 0.0", 'color in ["blue"]']
            )
        match self.rng.randrange(9):
            case 0:
                return f"!({self.bool(depth - 1)})"
            case 1:
                return f"({self.bool(depth - 1)} ? {self.bool(depth - 1)} : {self.bool(depth - 1)})"
            case 2:
                return f"{self.rng.choice(['n', 'm'])} in [{self.int(0)}, {self.int(1)}]"
            case 3:
                return f"({self.int(depth - 1)} {self.rng.choice(COMPARED)} {self.int(depth - 1)})"
            case 4 | 5:
                return f"({self.double(depth - 1)} {self.rng.choice(COMPARED)} {self.double(depth - 1)})"
            case _:
                return f"({self.bool(depth - 1)} {self.rng.choice(['&&', '||'])} {self.bool(depth - 1)})"

    def tree(self, make):
        """Draw until something typechecks that is not always unknown by its constants alone."""
        while True:
            text = make()
            span = SourceText(path="x", text=text).span(0, len(text))
            checked, _ = check_expression(
                Embedded(text=text, span=span, offsets=tuple(range(len(text) + 1))), TYPES, expects=None
            )
            if checked is not None:
                return checked

    def values(self):
        pools = {
            **dict.fromkeys(("x", "y"), DOUBLES_IN_RANGE),
            **dict.fromkeys(("n", "m"), range(-3, 4)),
            **dict.fromkeys(("on", "off"), (True, False)),
            "color": ["blue", "green"],
            "open": [*DOUBLES_IN_RANGE, 1e308, -1e308],
        }
        return {name: self.rng.choice(pool) for name, pool in pools.items() if self.rng.random() < 0.9}


def holds(value, claimed):
    """Tell whether a set of values has a value."""
    if claimed is ANYTHING:
        return True
    if isinstance(claimed, Choices):
        return isinstance(value, bool | str) and value in claimed.values
    if isinstance(value, bool | str) or isinstance(value, int) != claimed.is_int:
        return False
    return claimed.low <= value <= claimed.high and not (claimed.is_nonzero and value == 0)


def test_nothing_that_is_evaluated_lies_outside_of_what_is_possible():
    """The law of soundness: no admitted sample, and no missing value, gives what was said to be impossible."""
    drawer = Drawer(1)
    claims = 0
    for index in range(1_600):
        checked = drawer.tree(lambda index=index: (drawer.bool, drawer.bool, drawer.double, drawer.int)[index % 4](3))
        claimed = possible(checked.tree, KNOWN)
        chance = {truth for truth in (True, False) if index % 4 > 1 or can_be(checked.tree, truth, KNOWN)}
        claims += len(chance) < 2
        for _ in range(20):
            values = drawer.values()
            outcome = checked.evaluate(values)
            if outcome is UNKNOWN:
                continue
            assert holds(outcome, claimed), (checked.text, values, outcome, claimed)
            if isinstance(outcome, bool):
                assert outcome in chance, (checked.text, values)
    assert claims > 120  # there is something to be wrong about


def test_what_is_assumed_follows():
    """Where an expression has the truth value assumed, every sub-expression has a value in the set told of it."""
    drawer = Drawer(2)
    followed = 0
    for _ in range(800):
        tree = drawer.tree(lambda: drawer.bool(3)).tree
        known = {truth: assume(tree, truth, KNOWN) for truth in (True, False)}
        for _ in range(20):
            values = drawer.values()
            outcome = walk_tree(tree, values)
            if outcome is UNKNOWN:
                continue
            for node, claimed in known[outcome].assumed.items():
                value = walk_tree(node, values)
                followed += 1
                assert holds(value, claimed), (tree, values, node, value, claimed)
    assert followed > 3_000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("ratio > 1.0", {False}, id="beyond the range"),
        pytest.param("ratio >= 1.0", {True, False}, id="the end of the range is in it"),
        pytest.param("ratio <= 1.0", {True}, id="within the whole range"),
        pytest.param("1.0 < ratio", {False}, id="the constant on the left"),
        pytest.param("!(ratio > 1.0)", {True}, id="a negation"),
        pytest.param("open > 1e300", {True, False}, id="no range: no claim"),
        pytest.param("x > 1.0 && x < 0.5", {False}, id="operands that exclude each other"),
        pytest.param("x >= 1.0 && x <= 1.0", {True, False}, id="operands that leave one value"),
        pytest.param("x > 1.0 && x <= 1.0 && x > 0.0", {False}, id="a contradiction is not forgotten by what follows"),
        pytest.param("n > 2 && n < 4 && n != 3", {False}, id="ints between two limits, and not the one that is left"),
        pytest.param("x >= 2.0 && x != 2.0", {False}, id="an end of the range that is left out"),
        pytest.param("n <= -3 && n != -3", {False}, id="the other end"),
        pytest.param("x <= 1.0 || x >= 1.0", {True}, id="alternatives that leave nothing out"),
        pytest.param("x < 1.0 || x > 1.0", {True, False}, id="alternatives that leave one value out"),
        pytest.param("!(x < 1.0) && !(x >= 0.5)", {False}, id="negated operands"),
        pytest.param("on && !on", {False}, id="a bool and its opposite"),
        pytest.param("has(x) && !has(x)", {False}, id="presence and its opposite"),
        pytest.param("x == y && x > 1.0 && y < 1.0", {False}, id="equal, and apart"),
        pytest.param("x < y && x >= 2.0", {False}, id="below something at its end"),
        pytest.param("x + y > 3.0 && x + y < 2.0", {False}, id="a computed value"),
        pytest.param('color == "red"', {False}, id="a string that is no value"),
        pytest.param('color in ["red", "blue"]', {True, False}, id="a list with one of the values"),
        pytest.param('color in ["red"]', {False}, id="a list with none of the values"),
        pytest.param('color in ["blue"] && color == "green"', {False}, id="in a list, and something else"),
        pytest.param('!(color in ["blue"]) && color == "blue"', {False}, id="not in a list, and in it"),
        pytest.param('!(color in ["blue"]) && color != "green"', {False}, id="no string is left"),
        pytest.param('color in ["blue", "green"] || n > 2', {True}, id="every string is in the list"),
        pytest.param("!(n in [-3, 3]) && (n <= -3 || n >= 3)", {False}, id="no end is left"),
        pytest.param("n in [1, 2].map(v, v * 5)", {True, False}, id="in a computed list: no claim"),
        pytest.param("on != off && on != true", {True, False}, id="unequal bools"),
        pytest.param('color == "blue" || color == "green"', {True}, id="all strings"),
        pytest.param("x == x", {True}, id="a value equals itself"),
        pytest.param("x != x", {False}, id="and differs from itself never"),
        pytest.param("x < x", {False}, id="and is not below itself"),
        pytest.param("1.0 / (x - x) > 0.0", {True, False}, id="what intervals cannot see is no claim"),
        pytest.param("ratio / double(size(color)) < 0.0", {False}, id="functions"),
        pytest.param("int(ratio) > 1", {False}, id="rounding"),
        pytest.param("double(color) > 1.0", {True, False}, id="a number from a string: no claim"),
        pytest.param("ratio > 2.0 ? on : true", {True}, id="a branch that is never taken"),
        pytest.param("ratio >= 0.0 ? false : on", {False}, id="a branch that is always taken"),
        pytest.param("(on ? 0.1 : 0.2) > 0.3", {False}, id="two branches"),
        pytest.param("on ? off : on", {True, False}, id="branches of bools"),
        pytest.param("(on && off) ? ratio > 1.0 : ratio < 0.0", {False}, id="logic below a condition"),
        pytest.param("(on || ratio >= 0.0) ? false : true", {False}, id="one operand settles a condition"),
        pytest.param("[x, y].all(v, v < 3.0)", {True, False}, id="a macro: no claim"),
        pytest.param("[x, y][0] < 3.0", {True, False}, id="an element: no claim"),
        pytest.param("result.failed == 0 && on", {True, False}, id="a name without a declaration: no claim"),
        pytest.param("x in [y, 3.0] && x > 2.5", {False}, id="in a list of computed values"),
        pytest.param("n in [m] && count in [n]", {True, False}, id="lists of signals"),
        pytest.param("n in [n, 7]", {True}, id="in a list with itself"),
        pytest.param("(n % 3) > 2", {False}, id="a remainder is below its divisor"),
    ],
)
def test_what_an_expression_can_be(text, expected):
    assert chances(text) == expected


def test_what_is_not_known_can_be_anything():
    assert possible(Literal(value=None, span=(0, 4)), KNOWN) is ANYTHING
    assert possible(Literal(value=b"a", span=(0, 4)), KNOWN) is ANYTHING
    assert possible(tree_of("result.failed"), KNOWN) is ANYTHING
    assert possible(tree_of("[1, 2]"), KNOWN) is ANYTHING
    assert possible(tree_of("x in [1.0, 2.0]"), KNOWN) == TRUTHS
    assert possible(tree_of("string(x)"), KNOWN) is ANYTHING
    assert possible(tree_of("open"), KNOWN) is ANYTHING
    assert possible(tree_of("double(open)"), KNOWN) == DOUBLES


def test_an_always_unknown_expression_has_no_value():
    tree = tree_of("1.0 / (double(n) * 0.0) > 1.0")
    assert possible(tree, KNOWN) == NOTHING
    assert chances("1.0 / (double(n) * 0.0) > 1.0") == set()
    assert chances("1.0 / (double(n) * 0.0) == 1.0 / (double(n) * 0.0)") == set()


def test_a_guard_leaves_zero_out_of_the_middle():
    known = assume(tree_of("x != 0.0"), True, KNOWN)
    assert not possible(tree_of("x"), known).has_zero
    assert possible(tree_of("x"), assume(tree_of("x != 0.0"), False, KNOWN)) == Interval(0.0, 0.0)
    assert possible(tree_of("x"), assume(tree_of("x != y"), True, KNOWN)).has_zero


def test_operands_are_flattened_left_to_right():
    tree = tree_of("on && (off && x > 1.0) && (on || off)")
    assert [type(each).__name__ for each in operands(tree)] == ["Signal", "Signal", "Compare", "Or"]
    assert list(operands(tree_of("on"))) == [tree_of("on")]


def test_a_long_chain_takes_no_long_time():
    """Every operand is looked at a few times, however deep the chain is nested."""
    text = " && ".join(["x < 1.0", *["(on || x > 0.5)"] * 40])
    assert chances(text) == {True, False}
    assert len(list(walk(tree_of(text)))) > 150


def test_bools_hold_their_truth():
    known = assume(tree_of("on && !off"), True, KNOWN)
    assert possible(tree_of("on"), known) == truths(True)
    assert possible(tree_of("off"), known) == truths(False)
