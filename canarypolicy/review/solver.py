"""
The solver: questions asked of z3 with a budget of steps, not of time, so that an answer does not depend on the machine.

Only this module and `canarypolicy.cel.terms` know z3.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from canarypolicy.cel import terms
from canarypolicy.errors import Unavailable

if TYPE_CHECKING:
    from canarypolicy.cel.terms import Exact, Term

DEFAULT_BUDGET: Final = 5_000_000
"""Steps of one question, in z3's own unit: some seconds at most."""
EXACT_BUDGET: Final = 50_000
"""Steps of one question with products and quotients of what varies, each of which is much slower."""
MOST_NONLINEAR: Final = 10
"""With more products and quotients than this no question about them comes to an end."""


class Answer(Enum):
    """
    What the solver says to a question.
    """

    IMPOSSIBLE = "impossible"
    POSSIBLE = "possible"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Model:
    """
    Values under which what was asked is so; names that do not matter have none and are given a default.
    """

    values: Any

    def of(self, term: Term) -> Exact:
        """
        Give the exact value of a term; an irrational one is a rational within 1e-30 of it.
        """
        value = self.values.eval(term, model_completion=True)
        if terms.z3().is_algebraic_value(value):
            value = value.approx(30)
        return terms.exact_value(value)

    def holds(self, term: Term) -> bool:
        """
        Tell whether a formula holds.
        """
        return self.of(term) is True


@dataclass(frozen=True, slots=True)
class Answered:
    """
    An answer, with a model if it is possible, and why if it is unknown.
    """

    answer: Answer
    model: Model | None = None
    why: str = ""
    core: frozenset[int] = frozenset()
    """If it is impossible: the places, among the assumptions, of those that make it so."""


def require_solver() -> None:
    """
    Load z3; without it this is `Unavailable`.
    """
    try:
        terms.z3()
    except ImportError as error:
        raise Unavailable(
            "nothing can be proved: the library `z3-solver` is not installed", help="pip install 'canarypolicy[prove]'"
        ) from error


@dataclass(slots=True)
class Solver:
    """
    Facts that stand, and questions asked under assumptions.
    """

    budget: int = DEFAULT_BUDGET
    queries: int = 0
    _solver: Any = field(init=False)
    _count: int = field(init=False, default=0)
    _literals: dict[int, tuple[Any, Any]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        require_solver()
        self._solver = terms.new_solver()
        self._solver.set("rlimit", self.budget)
        self._solver.set("random_seed", 0)

    def add(self, facts: Iterable[Term]) -> None:
        """
        Take facts for granted from here on.
        """
        for fact in facts:
            if not terms.z3().is_true(fact):
                self._solver.add(fact)

    def named(self, formula: Term) -> Term:
        """
        Give a name for a formula: one truth that is equal to it, made once.
        """
        key = terms.identity(formula)
        if key not in self._literals:
            literal = formula
            if formula.num_args():
                literal = terms.boolean(f"named#{self._count}")
                self._count += 1
                self._solver.add(literal == formula)
            self._literals[key] = (literal, formula)  # the formula is kept, so that its id stays its own
        return self._literals[key][0]

    def ask(self, assumptions: Iterable[Term]) -> Answered:
        """
        Ask whether all assumptions can hold at once, and for values with which they do.
        """
        answered = self.answer(assumptions)
        if answered.answer is Answer.POSSIBLE:
            return Answered(Answer.POSSIBLE, model=Model(self._solver.model()))
        return answered

    def answer(self, assumptions: Iterable[Term]) -> Answered:
        """
        Ask whether all assumptions can hold at once, and for no values: with many rules these take longer than the answer.
        """
        assumed = [self.named(each) for each in assumptions]
        self.queries += 1
        result = terms.check(self._solver, assumed)
        z3 = terms.z3()
        if result == z3.unsat:
            core = {terms.identity(each) for each in self._solver.unsat_core()}
            places = (place for place, each in enumerate(assumed) if terms.identity(each) in core)
            return Answered(Answer.IMPOSSIBLE, core=frozenset(places))
        if result == z3.sat:
            return Answered(Answer.POSSIBLE)
        return Answered(Answer.UNKNOWN, why=_why(self._solver.reason_unknown()))

    def is_possible(self, *assumptions: Term) -> bool:
        """
        Tell whether the assumptions can hold at once.
        """
        return self.answer(assumptions).answer is Answer.POSSIBLE

    def is_impossible(self, *assumptions: Term) -> bool:
        """
        Tell whether it is proved that the assumptions cannot hold at once.
        """
        return self.answer(assumptions).answer is Answer.IMPOSSIBLE

    @property
    def spent(self) -> int:
        """
        Steps of all questions so far, also of other solvers for terms of the same space.
        """
        statistics = self._solver.statistics()
        return int(statistics.get_key_value("rlimit count")) if "rlimit count" in statistics.keys() else 0  # noqa: SIM118


def _why(reason: str) -> str:
    if "canceled" in reason or "resource" in reason or "rlimit" in reason:
        return "the budget of steps ran out"
    return f"the solver gave up: {reason}"


def nearest_double(exact: Exact) -> float:
    """
    Give the double nearest to a value of a model.
    """
    return float(Fraction(exact))
