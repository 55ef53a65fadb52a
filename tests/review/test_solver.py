"""
Questions and budgets: an answer is a proof, a model, or unknown with why.
"""

import sys
from fractions import Fraction

import pytest
from canarypolicy.cel import terms
from canarypolicy.cel.terms import negated
from canarypolicy.errors import Unavailable
from canarypolicy.review.solver import Answer, Solver, nearest_double, require_solver


def test_answers():
    """A question is impossible with the assumptions that make it so, or possible with exact values."""
    solver = Solver()
    x, b = terms.real("x"), terms.boolean("b")
    solver.add([x > 1, terms.truth(True)])
    refused = solver.ask([b, x < 1, terms.truth(True)])
    assert (refused.answer, refused.core) == (Answer.IMPOSSIBLE, {1})
    answered = solver.ask([b, x * 3 == 4])
    assert answered.answer is Answer.POSSIBLE
    assert answered.model is not None
    assert answered.model.of(x) == Fraction(4, 3)
    assert answered.model.holds(b)
    assert solver.is_impossible(b, negated(b))
    assert not solver.is_impossible(b)
    assert solver.queries == 4
    assert solver.spent > 0
    assert nearest_double(Fraction(1, 10)) == 0.1


def test_an_irrational_value_is_given_by_a_near_one():
    """The model of a square root is a rational number next to it."""
    solver = Solver()
    x = terms.real("x")
    answered = solver.ask([x * x == 2, x > 0])
    assert answered.model is not None
    assert abs(answered.model.of(x) ** 2 - 2) < Fraction(1, 10**20)


def test_a_spent_budget_is_unknown():
    """Steps are counted, not seconds; when they are spent, the answer says so."""
    solver = Solver(budget=1)
    numbers = [terms.whole(f"n{i}") for i in range(30)]
    solver.add([terms.any_of((a * b == 77, a + b > 9)) for a in numbers for b in numbers])
    answered = solver.ask([numbers[0] * numbers[1] * numbers[2] == 7_919 * 6_997])
    assert (answered.answer, answered.why) == (Answer.UNKNOWN, "the budget of steps ran out")


def test_without_z3_nothing_can_be_proved(monkeypatch):
    """The message names the extra that brings it."""
    terms.z3.cache_clear()
    monkeypatch.setitem(sys.modules, "z3", None)
    with pytest.raises(Unavailable, match="`z3-solver` is not installed") as refused:
        require_solver()
    assert refused.value.help == "pip install 'canarypolicy[prove]'"
    monkeypatch.undo()
    terms.z3.cache_clear()
    require_solver()
