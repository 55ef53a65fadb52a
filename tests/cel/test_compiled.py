"""
The compiled reading gives a value or unknown, whatever is missing, and its code holds nothing of the policy's text.
"""

import builtins

import pytest
from canarypolicy.cel import compiled
from canarypolicy.cel.compiled import compile_tree
from canarypolicy.cel.expression import UNKNOWN

from cel_expressions import DECLARED, checked

U = UNKNOWN
A, B = "incident.data", "incident.login"

KLEENE_AND = [
    (True, True, True), (True, False, False), (False, True, False), (False, False, False),
    (True, U, U), (U, True, U), (False, U, False), (U, False, False), (U, U, U),
]  # fmt: skip
KLEENE_OR = [
    (True, True, True), (True, False, True), (False, True, True), (False, False, False),
    (True, U, True), (U, True, True), (False, U, U), (U, False, U), (U, U, U),
]  # fmt: skip


def present(left, right):
    return {name: value for name, value in ((A, left), (B, right)) if value is not U}


@pytest.mark.parametrize(("left", "right", "expected"), KLEENE_AND)
def test_and_is_false_as_soon_as_one_side_is(left, right, expected):
    """`missing && false` is false in both orders."""
    assert checked(f"{A} && {B}").evaluate(present(left, right)) is expected


@pytest.mark.parametrize(("left", "right", "expected"), KLEENE_OR)
def test_or_is_true_as_soon_as_one_side_is(left, right, expected):
    assert checked(f"{A} || {B}").evaluate(present(left, right)) is expected


OUTCOMES = {
    "not of unknown": ("!incident.data", {}, U),
    "not not": ("!!incident.data", {"incident.data": True}, True),
    "has of present": ("has(zone)", {"zone": ""}, True),
    "has of missing": ("has(zone)", {}, False),
    "not has, or below": ("!has(canary.errors) || canary.errors < 0.01", {}, True),
    "has, and below": ("has(canary.errors) && canary.errors < 0.01", {}, False),
    "an unknown condition": ("incident.data ? true : true", {}, U),
    "an unknown branch that is not chosen": ("incident.data ? true : incident.login", {"incident.data": True}, True),
    "an unknown branch that is chosen": ("incident.data ? true : incident.login", {"incident.data": False}, U),
    "a choice inside of a comparison": ("(incident.data ? canary.errors : 1.0) < 2.0", {"incident.data": False}, True),
    "an unknown choice inside of a comparison": ("(incident.data ? canary.errors : 1.0) < 2.0", {"incident.data": True}, U),
    "logic inside of an equality": ("(incident.data && incident.login) == false", {"incident.login": False}, True),
    "unknown logic inside of an equality": ("(incident.data && incident.login) == false", {"incident.login": True}, U),
    "unknown is not equal to unknown": ("(incident.data && true) == (incident.data && true)", {}, U),
    "two choices in one sum": ("(incident.data ? 1 : 2) + (incident.login ? 10 : 20)", {"incident.data": True, "incident.login": False}, 21),
    "overflow": ("canary.errors * 10.0 > 1.0", {"canary.errors": 1e308}, U),
    "overflow that comes back as NaN": ("canary.errors * 10.0 - canary.errors * 10.0 == 0.0", {"canary.errors": 1e308}, U),
    "overflow in a divisor": ("1.0 / (canary.errors * 10.0) < 1.0", {"canary.errors": 1e308}, U),
    "overflow in a branch": ("(incident.data ? canary.errors * 10.0 : 1.0) > 1.0", {"incident.data": True, "canary.errors": 1e308}, U),
    "overflow in a list": ("1.0 in [canary.errors * 10.0, 1.0]", {"canary.errors": 1e308}, U),
    "overflow in a conversion": ("string(canary.errors * 10.0) == 'inf'", {"canary.errors": 1e308}, U),
    "overflow as the result": ("canary.errors + canary.errors", {"canary.errors": 1.7e308}, U),
    "negated overflow": ("-(canary.errors * 10.0) < 1.0", {"canary.errors": 1e308}, U),
    "the largest double": ("canary.errors * 1.0 > 1.0", {"canary.errors": 1.7976931348623157e308}, True),
    "division by zero": ("canary.errors / canary.latency < 1.0", {"canary.errors": 1.0, "canary.latency": 0.0}, U),
    "division by minus zero": ("canary.errors / canary.latency < 1.0", {"canary.errors": 1.0, "canary.latency": -0.0}, U),
    "zero divided by zero": ("canary.errors / canary.latency < 1.0", {"canary.errors": 0.0, "canary.latency": 0.0}, U),
    "ints truncate": ("canary.requests / 2", {"canary.requests": -7}, -3),
    "int remainder": ("canary.requests % 3", {"canary.requests": -7}, -1),
    "int division by zero": ("canary.requests / canary.logins", {"canary.requests": 1, "canary.logins": 0}, U),
    "int overflow": ("canary.requests + 1 > 0", {"canary.requests": 2**63 - 1}, U),
    "int overflow that comes back": ("canary.requests + 1 - 1 > 0", {"canary.requests": 2**63 - 1}, U),
    "int product": ("canary.requests * canary.requests > 0", {"canary.requests": 2**32}, U),
    "the smallest int negated": ("-canary.requests > 0", {"canary.requests": -(2**63)}, U),
    "minus zero": ("-canary.errors", {"canary.errors": 0.0}, -0.0),
    "minus zero is zero": ("canary.errors == 0.0", {"canary.errors": -0.0}, True),
    "2^53 + 1 is an int of its own": ("canary.requests == 9007199254740992", {"canary.requests": 2**53 + 1}, False),
    "membership": ("canary.errors in [0, 0.5]", {"canary.errors": 0.5}, True),
    "membership in nothing": ("zone in []", {"zone": "a"}, False),
    "membership of the missing": ("zone in []", {}, U),
    "membership beside the missing": ("zone in ['a', rollout.step]", {"zone": "a"}, U),
    "bools in a list": ("incident.data in [true, incident.login]", {"incident.data": True, "incident.login": False}, True),
    "texts": ("zone + '-' + rollout.step == 'a-b' && zone < rollout.step", {"zone": "a", "rollout.step": "b"}, True),
    "size counts characters": ("size(zone) == 3 && zone.size() == 3", {"zone": "é日😀"}, True),
    "parts of texts": ("zone.contains('b') && zone.startsWith('a') && zone.endsWith('c')", {"zone": "abc"}, True),
    "text with a quote": ("zone == 'a\"b\\\\\\'\\n'", {"zone": "a\"b\\'\n"}, True),
    "conversions": ("double(canary.requests) + double('0.5') == 7.5 && int(7.9) == 7 && bool('t')", {"canary.requests": 7}, True),
    "conversions to the same type": ("double(canary.errors) < 1.0 && int(1) == 1 && string(zone) == zone && bool(true)", {"canary.errors": 0.5, "zone": "a"}, True),
    "a conversion without a value": ("int(zone) > 0 || incident.data", {"zone": "x", "incident.data": True}, True),
    "text of numbers": ("string(canary.requests) + string(canary.errors) + string(true)", {"canary.requests": 7, "canary.errors": 0.5}, "70.5true"),
    "a constant": ("true", {}, True),
}  # fmt: skip


@pytest.mark.parametrize("case", OUTCOMES)
def test_the_outcome(case):
    text, values, expected = OUTCOMES[case]
    expression = checked(text)
    assert expression.fell_back is None
    outcome = expression.evaluate(values)
    assert (type(outcome), str(outcome)) == (type(expected), str(expected))


@pytest.mark.parametrize("case", OUTCOMES)
def test_the_reference_gives_the_same(case):
    from canarypolicy.cel.interpreted import interpret_tree

    text, values, expected = OUTCOMES[case]
    expression = checked(text)
    outcome = interpret_tree(expression.tree, expression.types)(values)
    assert (type(outcome), str(outcome)) == (type(expected), str(expected))


HOSTILE = ['\'__import__("os").system("x")\'', "'\\'; import os; \\''", "'{0}'", '\'"""\'', "r'\\N{BULLET}'", "'\\u2028\\n'"]


@pytest.mark.parametrize("literal", HOSTILE)
def test_a_constant_is_data_whatever_it_says(literal):
    expression = checked(f"zone == {literal}")
    text = expression.tree.right.value
    assert expression.evaluate({"zone": text}) is True
    assert expression.evaluate({"zone": text + "x"}) is False


def test_generated_code_has_no_builtins():
    reading = compile_tree(checked("canary.errors < 1.0").tree, DECLARED)
    assert reading.__globals__["__builtins__"] == {}
    assert not {"open", "exec", "eval", "__import__"} & set(reading.__globals__)
    assert not any(value is builtins for value in reading.__globals__.values())


def test_a_fault_of_ours_is_not_taken_for_unknown():
    """A value of a wrong type is a mistake of the program: it is not hidden."""
    with pytest.raises(TypeError):
        checked("canary.errors < 1.0").evaluate({"canary.errors": "0.5"})


def test_readings_share_nothing():
    one, other = (compile_tree(checked(text).tree, DECLARED) for text in ("canary.errors < 1.0", "canary.errors > 1.0"))
    assert one.__globals__ is not other.__globals__
    assert compiled._NAMES.keys() <= one.__globals__.keys()
