"""
The columnar reading equals the compiled one on every value, unknowns included; and wrong columnar readings are caught.
"""

import math
import random

import numpy as np
import pytest
from canarypolicy.cel import columnar, columnar_kernels
from canarypolicy.cel.columnar import lower
from canarypolicy.cel.columnar_types import magnitude, type_of
from canarypolicy.cel.columns import column_of
from canarypolicy.cel.expression import UNKNOWN
from canarypolicy.documents.signals import SignalType

from cel_drawing import DECLARED, EXPRESSIONS, STRINGS, drawn, row, same, uncompiled
from cel_expressions import checked

TOGETHER, ROWS = 25, 100
VALUES = {name: tuple(STRINGS) for name, type_ in DECLARED.items() if type_ is SignalType.STRING}


def columns_of(plan, rows, declared=DECLARED):
    return {name: column_of([row.get(name) for row in rows], declared[name], plan.texts) for name in plan.reads}


def at(output, index, type_):
    """Give the outcome at one row as Python's value."""
    parts = [np.asarray(part) for part in output]
    first, *rest = [part.item() if part.ndim == 0 else part[index].item() for part in parts]
    if type_ is SignalType.BOOL:
        assert not (first and rest[0]), "true and false at once"
        return True if first else False if rest[0] else UNKNOWN
    return first if rest[0] else UNKNOWN


def lowered(expressions):
    return [each for each in expressions if type_of(each.tree, DECLARED) is not SignalType.STRING]


def disagreement(expressions, rng, chunk=64):
    """Give the first disagreement with the compiled reading, and the share of unknowns."""
    unknown = total = 0
    for start in range(0, len(expressions), TOGETHER):
        together = expressions[start : start + TOGETHER]
        plan = lower([each.tree for each in together], DECLARED, values=VALUES, chunk=chunk)
        rows = [row(rng) for _ in range(ROWS)]
        columns = columns_of(plan, rows)
        for part in plan.chunks(len(rows)):
            outputs = plan.run(columns, part)
            for expression, output in zip(together, outputs, strict=True):
                type_ = type_of(expression.tree, DECLARED)
                for index in range(part.stop - part.start):
                    values = rows[part.start + index]
                    ours, theirs = at(output, index, type_), expression.evaluate(values)
                    total += 1
                    unknown += theirs is UNKNOWN
                    if not same(ours, theirs):
                        return (expression.text, values, ours, theirs), 0
    return None, unknown / total


@pytest.fixture(scope="module")
def expressions():
    return lowered(drawn(EXPRESSIONS))


def test_the_columnar_reading_agrees_with_the_compiled_one_on_every_value(expressions):
    found, unknown = disagreement(expressions, random.Random(7))
    assert found is None
    assert 0.1 < unknown < 0.9  # both kinds of rows are there


def test_what_only_the_reference_reads_is_evaluated_once_per_distinct_input():
    expressions = lowered(drawn(200, [uncompiled]))
    found, _ = disagreement(expressions, random.Random(13))
    assert found is None


def _has_always(lowering, node, *, is_true):
    return lowering.constant(value=is_true)


def _wrong_quotient(left, right, value, fits):
    np.copyto(value, np.floor_divide(left, np.where(np.equal(right, 0), 1, right)))
    np.copyto(fits, np.not_equal(right, 0))


def _always_fits(kernel):
    def wrong(left, right, value, fits):
        kernel(left, right, value, fits)
        fits.fill(True)

    return wrong


def _rounded(values, value, fits, right=columnar_kernels.to_int):
    right(np.rint(values), value, fits)


WRONG = {
    "`>=` taken for `>`": lambda patch: patch.setitem(columnar._TEST, ">=", np.greater),
    "no test for finite results": lambda patch: patch.setattr(columnar, "may_overflow", lambda node: False),
    "division that floors": lambda patch: patch.setitem(columnar._ON_INTS, "/", _wrong_quotient),
    "no test for 64 bits": lambda patch: patch.setitem(columnar._ON_INTS, "+", _always_fits(columnar_kernels.int_sum)),
    "no test for 64 bits of products": lambda patch: patch.setitem(columnar._ON_INTS, "*", _always_fits(columnar_kernels.int_product)),
    "conversion that rounds": lambda patch: patch.setattr(columnar.kernels, "to_int", _rounded),
    "the mask of a comparison dropped": lambda patch: patch.setattr(
        columnar._Lowering, "settled", lambda self, node: (self.value(node)[0], self.constant(value=True))
    ),
    "strict logic": lambda patch: patch.setattr(columnar._Lowering, "either", columnar._Lowering.both),
    "a constant bound of 1 for every signal": lambda patch: patch.setattr(columnar, "magnitude", lambda node, most: 1.0),
}  # fmt: skip


@pytest.mark.parametrize("fault", WRONG)
def test_a_wrong_columnar_reading_is_caught(fault, monkeypatch, expressions):
    with monkeypatch.context() as patch:
        WRONG[fault](patch)
        try:
            found, _ = disagreement(expressions[:1500], random.Random(7))
        except AssertionError:  # true and false at once
            return
    assert found is not None


def test_equal_parts_of_several_expressions_are_computed_once():
    texts = ["canary.errors * 2.0 < 1.0", "canary.errors * 2.0 > 3.0 && canary.errors * 2.0 < 1.0"]
    plan = lower([checked(text).tree for text in texts], {"canary.errors": SignalType.DOUBLE}, values={})
    functions = [each.function for each in plan.operations]
    assert functions.count(np.multiply) == 1
    assert functions.count(np.less) == 1


def test_a_range_that_rules_out_infinities_leaves_out_the_test_for_them():
    tree = checked("canary.errors / 2.0 * 1.2 - canary.latency > -(canary.latency)").tree
    declared = {"canary.errors": SignalType.DOUBLE, "canary.latency": SignalType.DOUBLE}

    def tests(most):
        plan = lower([tree], declared, values={}, most=most)
        return [each.function for each in plan.operations].count(np.isfinite)

    assert tests({"canary.errors": 1.0, "canary.latency": 60.0}) == 0
    assert tests({"canary.errors": 1.0}) == 1
    assert tests({}) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3.0", 3.0), ("canary.errors", 2.0), ("-canary.errors", 2.0), ("canary.errors + 3.0", 5.0), ("canary.errors * 3.0", 6.0),
        ("incident.data ? canary.errors : 7.0", 7.0), ("canary.errors / 4.0", 2.0), ("canary.errors / 0.5", math.inf),
        ("canary.errors / canary.errors", math.inf), ("canary.latency", math.inf), ("canary.latency * 0.0", math.inf),
        ("canary.errors * 1e300", math.inf),
    ],
)  # fmt: skip
def test_how_large_a_double_can_get(text, expected):
    assert magnitude(checked(text).tree, {"canary.errors": 2.0}) == expected


def test_what_is_not_in_columns_is_announced_with_its_place():
    text = 'canary.errors < 0.1 && (zone.matches("^a") || [1, 2].exists(v, v == canary.requests))'
    types = {"canary.errors": SignalType.DOUBLE, "zone": SignalType.STRING, "canary.requests": SignalType.INT}
    plan = lower([checked(text).tree], types, values={"zone": ("a", "b")})
    assert [text[slice(*each.span)] for each in plan.fell_back] == [
        'zone.matches("^a")',
        "[1, 2].exists(v, v == canary.requests)",
    ]
    assert all("distinct input" in each.reason for each in plan.fell_back)


def test_outcomes_of_distinct_inputs_are_kept_from_chunk_to_chunk_but_not_for_ever(monkeypatch):
    monkeypatch.setattr("canarypolicy.cel.distinct.MOST_KEPT", 2)
    plan = lower([checked('zone.matches("^a")').tree], {"zone": SignalType.STRING}, values={"zone": ("a", "b", "c")}, chunk=4)
    columns = columns_of(plan, [{"zone": each} for each in ["a", "b", "c", "a"] * 3], {"zone": SignalType.STRING})
    for part in plan.chunks(12):
        ((true, false),) = plan.run(columns, part)
        assert true.tolist() == [True, False, False, True]
        assert false.tolist() == [False, True, True, False]


def test_a_conversion_to_its_own_type_changes_nothing():
    types = {"canary.errors": SignalType.DOUBLE, "canary.requests": SignalType.INT}
    trees = [checked(text).tree for text in ("double(canary.errors)", "int(canary.requests)")]
    plan = lower(trees, types, values={})
    doubles, ints = plan.run(columns_of(plan, [{"canary.errors": 0.5}, {"canary.requests": 7}], types), slice(0, 2))
    assert (doubles[0][0], doubles[1].tolist()) == (0.5, [True, False])
    assert (ints[0][1], ints[1].tolist()) == (7, [False, True])


def test_texts_and_lists_of_checks_have_no_columns():
    with pytest.raises(ValueError, match="bools, doubles and ints"):
        lower([checked("zone").tree], {"zone": SignalType.STRING}, values={"zone": ("a",)})
    gate = checked("result.checks.exists(c, c.ok)", results=True)
    with pytest.raises(TypeError, match="is a list"):
        lower([gate.tree], gate.types, values={})
