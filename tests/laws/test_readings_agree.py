"""
Compiled = celpy = a tiny tree walker, value for value, unknowns included; and wrong compiled readings are caught.
"""

import random

import pytest
from canarypolicy.cel import arithmetic, compiled, writing
from canarypolicy.cel.expression import UNKNOWN
from canarypolicy.cel.interpreted import interpret_tree
from canarypolicy.documents.signals import SignalType

from cel_drawing import EXPRESSIONS, ROWS_EACH, drawn, row, same, uncompiled
from cel_walker import walk_tree


@pytest.fixture(scope="module")
def expressions():
    return drawn(EXPRESSIONS)


def test_the_three_readings_agree_on_every_value(expressions):
    rng = random.Random(7)
    unknown = total = 0
    for checked in expressions:
        assert checked.fell_back is None
        reference = interpret_tree(checked.tree, checked.types)
        for _ in range(ROWS_EACH):
            values = row(rng)
            outcome = checked.evaluate(values)
            assert same(outcome, walk_tree(checked.tree, values)), (checked.text, values, outcome)
            needed = {name: values[name] for name in checked.types if name in values}
            assert same(outcome, reference(needed)), (checked.text, needed, outcome, reference(needed))
            total += 1
            unknown += outcome is UNKNOWN
    assert 0.1 < unknown / total < 0.9  # both kinds of rows are there


def test_the_reference_agrees_with_the_walker_where_it_alone_reads():
    rng = random.Random(13)
    outcomes = []
    for checked in drawn(400, [uncompiled]):
        assert checked.fell_back is not None
        for _ in range(ROWS_EACH):
            values = row(rng)
            outcomes.append(checked.evaluate(values))
            assert same(outcomes[-1], walk_tree(checked.tree, values)), (checked.text, values, outcomes[-1])
    assert all(0.1 < sum(each is kind for each in outcomes) / len(outcomes) < 0.8 for kind in (True, False, UNKNOWN))


def differs(expressions):
    """Tell whether the comparison would notice the compiled reading as it is patched now."""
    rng = random.Random(11)
    for checked in expressions:
        reading = compiled.compile_tree(checked.tree, checked.types)
        for _ in range(ROWS_EACH):
            values = row(rng)
            if not same(reading(values), walk_tree(checked.tree, values)):
                return True
    return False


def _greater(writer, operator, left, right):
    return writing.Part(
        code=writer.assign(f"{left.code} {'>' if operator == '>=' else operator} {right.code}"), type=SignalType.BOOL
    )


def _has_always(writer, name):
    return writing.Part(code=writer.assign("True"), type=SignalType.BOOL)


def _zero_for_missing(writer, name, node):
    zero = {SignalType.DOUBLE: 0.0, SignalType.INT: 0, SignalType.BOOL: False, SignalType.STRING: ""}[writer.types[name]]
    return writing.Part(code=f"values.get({name!r}, {zero!r})", type=writer.types[name])


def _strict_logic(writer, left, right):
    first, second = compiled._settle(writer, left).code, compiled._settle(writer, right).code
    variable = writer.assign(f"UNKNOWN if {first} is UNKNOWN or {second} is UNKNOWN else ({first} and {second})")
    return writing.Part(code=variable, type=SignalType.BOOL)


def _in_by_identity(writer, item, items):
    one, others = writer.assign(item.code), [writer.assign(each.code) for each in items]
    return writing.Part(code=writer.assign(" or ".join(f"{one} is {each}" for each in others) or "False"), type=SignalType.BOOL)


def _double_from_zero(writer, operand):
    return writing.Part(code=writer.assign(f"0 - ({operand.code})"), type=operand.type, is_computed=operand.is_computed)


WRONG = {
    "`>=` taken for `>`": ("compare", _greater),
    "no test for 64 bits": ("int64", lambda writer, variable: None),
    "no test for finite results": ("checked", lambda writer, part: part),
    "`has` is always true": ("has", _has_always),
    "missing read as zero": ("look_up", _zero_for_missing),
    "`in` by identity": ("member", _in_by_identity),
    "the sign of zero lost": ("negate", _double_from_zero),
}
WRONG_NAMES = {
    "division that floors": ("int_quotient", lambda left, right: arithmetic.int64(left // right)),
    "remainder with the sign of the divisor": ("int_remainder", lambda left, right: left % right),
    "unknown taken for false": ("UNKNOWN", False),
    "conversion that rounds": ("to_int", lambda value: arithmetic.to_int(value) if isinstance(value, str) else round(value)),
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_wrong_compiled_reading_is_caught(fault, monkeypatch, expressions):
    name, wrong = WRONG[fault]
    monkeypatch.setattr(writing, name, wrong)
    assert differs(expressions)


@pytest.mark.parametrize("fault", WRONG_NAMES)
def test_a_wrong_helper_of_the_compiled_reading_is_caught(fault, monkeypatch, expressions):
    name, wrong = WRONG_NAMES[fault]
    monkeypatch.setitem(compiled._NAMES, name, wrong)
    assert differs(expressions)


def test_dropped_absorption_is_caught(monkeypatch, expressions):
    """`missing && false` must be false, in both orders."""
    monkeypatch.setattr(compiled, "_and", _strict_logic)
    assert differs(expressions)


def test_the_right_reading_is_not_caught(expressions):
    assert not differs(expressions[:1000])
