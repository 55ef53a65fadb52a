"""
An expression comes out with its reading and the names that it reads, or with all that is wrong.
"""

import subprocess
import sys

import pytest
from canarypolicy.cel.expression import UNKNOWN, FellBack
from canarypolicy.documents.signals import SignalType
from hypothesis import given, settings
from hypothesis import strategies as st

from cel_expressions import DECLARED, check, checked


def test_a_checked_expression():
    expression, faults = check("canary.errors < 0.01 && has(zone) && canary.errors >= baseline.errors")
    assert faults == ()
    assert expression is not None
    assert expression.signals == ("canary.errors", "zone", "baseline.errors")
    assert expression.types == {name: DECLARED[name] for name in expression.signals}
    assert expression.text == expression.place.text
    assert expression.fell_back is None
    assert expression.evaluate({"canary.errors": 0.005, "baseline.errors": 0.001, "zone": "eu"}) is True


def test_a_macros_variable_is_no_signal():
    expression = checked("[1, 2].all(x, x > canary.requests)")
    assert expression.signals == ("canary.requests",)


FALLS_BACK = {
    "[1, 2].all(x, x > 0)": ("the macro `all` is not compiled", "[1, 2].all(x, x > 0)"),
    "incident.data && zone.matches('a+')": ("the function `matches` is not compiled", "zone.matches('a+')"),
    "[1, 2] == [1]": ("lists other than on the right of `in` are not compiled", "[1, 2]"),
    "1 in [1] + [2]": ("lists other than on the right of `in` are not compiled", "1 in [1] + [2]"),
    "[1][0] == 1": ("items of lists are not compiled", "[1][0]"),
    "size([1]) == 1": ("lists other than on the right of `in` are not compiled", "[1]"),
    "result.checks == []": ("`result.checks` is a list, which is not compiled", "result.checks"),
    "[1].all(x, x > 0 && x < canary.requests)": ("the macro `all` is not compiled", "[1].all(x, x > 0 && x < canary.requests)"),
}


@pytest.mark.parametrize("text", FALLS_BACK)
def test_what_is_not_compiled_runs_on_the_reference_and_says_why(text):
    expression = checked(text, results=True)
    reason, underlined = FALLS_BACK[text]
    start = text.index(underlined)
    assert expression.fell_back == FellBack(reason=reason, span=(start, start + len(underlined)))
    values = {"canary.requests": 5, "zone": "aa", "incident.data": True, "result.checks": []}
    assert isinstance(expression.evaluate(values), bool)


def test_a_lint_does_not_stop_an_expression():
    expression, faults = check("canary.errors < 1/2")
    assert expression is not None
    assert [fault.is_lint for fault in faults] == [True]


def test_a_lint_beside_a_fault_is_said_as_well():
    expression, faults = check("canary.errors < 1/2 && x")
    assert expression is None
    assert [fault.name for fault in faults] == ["constant-in-doubles", "undeclared-signal"]


def test_a_text_without_a_tree_has_one_fault():
    expression, faults = check("canary.errors < ")
    assert expression is None
    assert [fault.message for fault in faults] == ["the expression ends too early, after `<`"]


EXPECTS = {
    "a double where a double is asked for": ("canary.errors", SignalType.DOUBLE, ()),
    "a bool where a double is asked for": (
        "incident.data",
        SignalType.DOUBLE,
        ("the expression must be a double, this is a bool",),
    ),
    "a list where an int is asked for": ("[1]", SignalType.INT, ("the expression must be an int, this is a list of int",)),
    "anything where anything will do": ("[1]", None, ()),
}


@pytest.mark.parametrize("case", EXPECTS)
def test_the_type_that_is_asked_for(case):
    text, expects, messages = EXPECTS[case]
    expression, faults = check(text, expects=expects)
    assert tuple(fault.message for fault in faults) == messages
    assert (expression is None) is bool(messages)


DEEP = {
    "400 tokens of `+`": "canary.errors < " + "+".join(["canary.errors"] * 99),
    "constants by the hundred": "canary.errors < " + "+".join(["1.0"] * 198),
    "ints that become doubles": "canary.errors < " + "+".join(["1"] * 198),
    "200 truths": "&&".join(["true"] * 200),
    "66 comparisons": "||".join(["canary.errors<0.0"] * 66),
    "32 signs": "!" * 32 + "incident.data",
    "32 brackets": "(incident.data || incident.data && " * 31 + "true" + ")" * 31,
    "32 conditionals": "incident.data ? true : " * 32 + "true",
    "conditionals in brackets in logic": "(true || true && (incident.data ? true || true && " * 10 + "true" + " : true))" * 10,
    "a fallback 400 tokens deep": "size([1]) == 1 && " + "&&".join(["true"] * 190),
    "a macro in brackets": "(" * 31 + "[1].all(x, x > 0)" + ")" * 31,
}


@pytest.mark.parametrize("case", DEEP)
def test_an_expression_as_deep_as_allowed_works_on_a_full_stack(case):
    """Whoever calls with most of Python's stack in use still gets a value."""
    from canarypolicy.cel.explain import explain
    from canarypolicy.cel.margin import margin_of

    def deeper(levels):
        if levels:
            return deeper(levels - 1)
        expression, faults = check(DEEP[case])
        assert expression is not None, faults
        values = {"canary.errors": 1.0, "incident.data": True}
        if expression.fell_back is None:  # the reference takes seconds for a hundred parts
            assert explain(expression, values)
        margin_of(expression, values, good=True)
        return expression.evaluate(values)

    assert deeper(700) in (True, False)


def test_no_signal_at_all_is_unknown_and_no_error():
    assert checked("canary.errors < 0.01 && incident.data").evaluate({}) is UNKNOWN


def test_celpys_evaluator_is_loaded_only_when_something_falls_back():
    """The reference costs a cold start, and most policies never need it."""
    program = (
        "import sys; sys.path[:0] = sys.argv[1:]\n"
        "from cel_expressions import checked\n"
        "assert 'celpy' not in sys.modules\n"
        "checked('canary.errors < 0.01 && has(zone)').evaluate({})\n"
        "assert 'canarypolicy.cel.interpreted' not in sys.modules and 're2' not in vars(sys.modules['canarypolicy.cel.pattern'])\n"
        "checked('[1].all(x, x > 0)')\n"
        "assert 'canarypolicy.cel.interpreted' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program, *sys.path], check=True)


PIECES = ["canary.errors", "canary.requests", "incident.data", "zone", "x", "1", "0.5", "'a'", "true", "[1, 2]", "[]", "has(zone)", "size(", "double(", "[1].all(x, ", ".contains(", "(", ")", "[", "]", ",", " && ", " || ", "!", "-", " < ", " == ", " in ", " + ", " / ", " % ", " ? ", " : "]  # fmt: skip


@settings(deadline=None, derandomize=True, max_examples=600)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=14).map("".join))
def test_whatever_is_written_ends_in_an_expression_or_in_faults(text):
    """Nothing raises, every place lies in the text, and what is an expression gives its own type or unknown."""
    expression, faults = check(text)
    assert (expression is None) is any(not fault.is_lint for fault in faults)
    assert all(0 <= fault.span[0] <= fault.span[1] <= len(text) for fault in faults)
    if expression is not None:
        for values in ({}, {"canary.errors": 0.5, "canary.requests": 1, "incident.data": True, "zone": "a"}):
            assert expression.evaluate(values) in (True, False, UNKNOWN)
