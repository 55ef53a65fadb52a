"""
Terms: what a proof is made of, and the only module of this room that knows z3.

Terms are built here and compared by identity (z3 shares equal ones); nothing is solved.
Reals stand for doubles, by their exact value; whole numbers for int64; codes for texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from fractions import Fraction
from functools import cache
from typing import Any, TypeAlias

Term: TypeAlias = Any
"""A formula or a number of z3, which has no types of its own."""

Exact: TypeAlias = bool | int | Fraction
"""The value of a term."""


@cache
def z3() -> Any:
    """
    Give z3, loaded at the first term; without the extra `prove` this is an `ImportError`.
    """
    import z3 as solver  # noqa: PLC0415 - an optional library, and slow to load

    return solver


class Space:
    """
    A world of terms by itself: terms of one space are compared and joined with one another, and with no others.
    """

    __slots__ = ("context", "false", "false_id", "negations", "numbers", "true", "true_id")

    def __init__(self, context: Any) -> None:
        self.context = context
        self.true, self.false = z3().BoolVal(True, context), z3().BoolVal(False, context)
        self.true_id, self.false_id = identity(self.true), identity(self.false)
        self.numbers: dict[tuple[bool, Fraction | int], Term] = {}
        self.negations: dict[int, tuple[Term, Term]] = {}


_SPACE: ContextVar[Space | None] = ContextVar("space", default=None)


@contextmanager
def new_space() -> Iterator[None]:
    """
    Make all terms in here in a space of their own.

    What a solver shows of what is possible depends on all that its space has seen: in a new one, on what is asked in it alone.
    """
    token = _SPACE.set(Space(z3().Context()))
    try:
        yield
    finally:
        _SPACE.reset(token)


def _space() -> Space:
    return _SPACE.get() or _common_space()


@cache
def _common_space() -> Space:
    return Space(z3().main_ctx())


def identity(term: Term) -> int:
    """
    Give the number that tells a term from all others that there are in its space now.
    """
    return int(z3().Z3_get_ast_id(term.ctx.ctx, term.ast))


def new_solver() -> Any:
    """
    Give a solver for the terms of the present space.
    """
    return z3().Solver(ctx=_space().context)


def check(solver: Any, assumptions: Sequence[Term]) -> Any:
    """
    Ask a solver whether truths can hold at once: by its own function, since what wraps it looks at each of them several times.
    """
    array = (z3().Ast * len(assumptions))(*(each.ast for each in assumptions))
    return z3().CheckSatResult(z3().Z3_solver_check_assumptions(solver.ctx.ref(), solver.solver, len(assumptions), array))


def name_of(term: Term) -> str:
    """
    Give the name of a truth or a number that has one.
    """
    return str(term.decl().name())


def truth(value: bool) -> Term:  # noqa: FBT001 - the value itself
    """
    Give the formula that always, or never, holds.
    """
    space = _space()
    return space.true if value else space.false


def boolean(name: str) -> Term:
    """
    Give a truth that may be either.
    """
    return z3().Bool(name, _space().context)


def real(name: str) -> Term:
    """
    Give a number that may be any real.
    """
    return z3().Real(name, _space().context)


def whole(name: str) -> Term:
    """
    Give a number that may be any integer.
    """
    return z3().Int(name, _space().context)


def number(value: float | Fraction) -> Term:
    """
    Give a constant: an int is whole, a double is the real that it is exactly.
    """
    space = _space()
    exact = value if isinstance(value, int) else Fraction(value)
    key = (isinstance(value, int), exact)
    if key not in space.numbers:
        if isinstance(exact, int):
            space.numbers[key] = z3().IntVal(exact, space.context)
        else:
            space.numbers[key] = z3().RealVal(f"{exact.numerator}/{exact.denominator}", space.context)
    return space.numbers[key]


def all_of(terms: Iterable[Term]) -> Term:
    """
    Give the formula that holds if all do.
    """
    space = _space()
    return _joined(terms, space.true, (space.true_id, space.false_id, space.false), z3().Z3_mk_and)


def any_of(terms: Iterable[Term]) -> Term:
    """
    Give the formula that holds if one of them does.
    """
    space = _space()
    return _joined(terms, space.false, (space.false_id, space.true_id, space.true), z3().Z3_mk_or)


def _joined(terms: Iterable[Term], neutral: Term, ids: tuple[int, int, Term], join: Callable[..., Any]) -> Term:
    """
    Join formulas by the solver's own function: what wraps it looks at each of them several times more.
    """
    no_effect, decides, settling = ids
    identify, own = z3().Z3_get_ast_id, neutral.ctx.ctx
    parts: dict[int, Term] = {}
    for term in terms:
        key = identify(own, term.ast)
        if key == decides:
            return settling
        if key != no_effect:
            parts[key] = term
    if not parts:
        return neutral
    if len(parts) == 1:
        return next(iter(parts.values()))
    context = neutral.ctx
    array = (z3().Ast * len(parts))(*(part.ast for part in parts.values()))
    return z3().BoolRef(join(context.ref(), len(parts), array), context)


def negated(term: Term) -> Term:
    """
    Give the formula that holds if the other does not.
    """
    space, key = _space(), identity(term)
    if key == space.true_id:
        return space.false
    if key == space.false_id:
        return space.true
    if key not in space.negations:
        opposite = term.arg(0) if z3().is_not(term) else z3().BoolRef(z3().Z3_mk_not(term.ctx.ref(), term.ast), term.ctx)
        space.negations[key] = opposite, term  # both are kept, so that their ids stay their own
        space.negations[identity(opposite)] = term, opposite
    return space.negations[key][0]


class Renaming:
    """
    Names that are put for other names, in one formula after the other.
    """

    __slots__ = ("_after", "_before", "_kept", "_made")

    def __init__(self, pairs: Sequence[tuple[Term, Term]]) -> None:
        self._kept = tuple(pairs)  # so that what the arrays point to stays
        self._before = (z3().Ast * len(pairs))(*(before.as_ast() for before, _ in pairs))
        self._after = (z3().Ast * len(pairs))(*(after.as_ast() for _, after in pairs))
        self._made: dict[int, tuple[Term, Term]] = {}

    def of(self, term: Term) -> Term:
        """
        Give a term with the other names in it; what was asked before is remembered.
        """
        key = identity(term)
        if key not in self._made:
            changed = z3().Z3_substitute(term.ctx.ref(), term.as_ast(), len(self._kept), self._before, self._after)
            wrap = z3().BoolRef if z3().is_bool(term) else z3().ArithRef
            self._made[key] = (wrap(changed, term.ctx), term)  # the term is kept, so that its id stays its own
        return self._made[key][0]


def implies(one: Term, other: Term) -> Term:
    """
    Give the formula that the one is not so without the other.
    """
    return any_of((negated(one), other))


def choose(condition: Term, yes: Term, no: Term) -> Term:
    """
    Give one of two terms of a kind.
    """
    space = _space()
    if condition.eq(space.true) or yes.eq(no):
        return yes
    return no if condition.eq(space.false) else z3().If(condition, yes, no)


def as_real(term: Term) -> Term:
    """
    Give a whole number as a real.
    """
    return z3().ToReal(term)


def truncated(term: Term) -> Term:
    """
    Give a real without what stands behind its point.
    """
    return choose(term >= 0, z3().ToInt(term), -z3().ToInt(-term))


def absolute(term: Term) -> Term:
    """
    Give a number without its sign.
    """
    return choose(term >= 0, term, -term)


def is_whole(term: Term) -> bool:
    """
    Tell whether a number is an integer by its kind.
    """
    return bool(z3().is_int(term))


def is_number(term: Term) -> bool:
    """
    Tell whether a term is a constant number.
    """
    return bool(z3().is_int_value(term) or z3().is_rational_value(term))


def exact_value(constant: Term) -> Exact:
    """
    Give what a constant stands for.
    """
    if z3().is_true(constant) or z3().is_false(constant):
        return bool(z3().is_true(constant))
    if z3().is_int_value(constant):
        return int(constant.as_long())
    return Fraction(constant.numerator_as_long(), constant.denominator_as_long())
