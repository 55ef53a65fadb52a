"""
The questions of a change: for each step that both policies have, the matrix of old decision by new decision.

What is impossible is proved over every history; what is possible here is only a proposal, until the engine has replayed it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from typing import TYPE_CHECKING

from canarypolicy.cel.interval import Interval
from canarypolicy.cel.terms import all_of, choose, number, real
from canarypolicy.documents.signals import SignalType
from canarypolicy.engine.decision import Verdict
from canarypolicy.review.candidate import Candidate
from canarypolicy.review.encoded import Encoded, encode
from canarypolicy.review.solver import Answer, Answered, Model, Solver

if TYPE_CHECKING:
    from canarypolicy.cel.lowered import Variable
    from canarypolicy.cel.terms import Exact, Term
    from canarypolicy.documents.signals import Value
    from canarypolicy.engine.program import Program
    from canarypolicy.review.decisions import GateTerms

QUESTIONS = (
    (Verdict.ROLLBACK, Verdict.ADVANCE),
    (Verdict.ROLLBACK, Verdict.HOLD),
    (Verdict.HOLD, Verdict.ADVANCE),
    (Verdict.HOLD, Verdict.ROLLBACK),
    (Verdict.ADVANCE, Verdict.HOLD),
    (Verdict.ADVANCE, Verdict.ROLLBACK),
)
"""Old decision and new one, in the order of danger."""


PRODUCTS = "products and quotients of signals"
"""What a proof may not see into, where there are too many."""


class Form(Enum):
    """
    Which histories were looked at.
    """

    STEADY = "steady"
    """One snapshot that has stood for a while: a witness can be made of it."""
    ABSTRACT = "abstract"
    """Any history, and some that are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """
    One question and what the solver says to it.
    """

    step: str
    """In the new policy's words."""
    old_step: str
    old: Verdict
    new: Verdict
    answer: Answer
    """IMPOSSIBLE is proved; POSSIBLE is not shown yet; UNKNOWN is left open, and why."""
    why: str = ""
    candidate: Candidate | None = None
    """Where to look for a witness, if it is possible."""
    form: Form = Form.ABSTRACT
    """The form of the candidate."""
    depends_on: tuple[str, ...] = ()
    """The expressions that no proof sees into: what is possible may rest on them."""


def transitions(old: Program, new: Program, steps: Mapping[str, str]) -> tuple[Asked, ...]:
    """
    Ask the six questions of each common step; `steps` gives the new name for each old one.
    """
    encoded = encode(old, new, steps)
    return tuple(ask_all(encoded))


def ask_all(encoded: Encoded) -> Iterator[Asked]:
    """
    Ask the six questions of each common step of two policies in terms.
    """
    for index in range(len(encoded.snapshot.steps)):
        for old, new in QUESTIONS:
            yield ask(encoded, index, old, new)


def ask(encoded: Encoded, index: int, old: Verdict, new: Verdict) -> Asked:
    """
    Ask whether a sample of a step can be decided otherwise by the new policy.

    If it can, a steady history is asked for first, clear of rounding, since that is the easiest to show.
    """
    old_step, step = encoded.snapshot.steps[index]
    before, after = encoded.old.steps[index], encoded.new.steps[index]
    if before.rollback.eq(after.rollback) and before.blocked.eq(after.blocked):
        return Asked(step=step, old_step=old_step, old=old, new=new, answer=Answer.IMPOSSIBLE)  # it is the same formula
    asked = (encoded.snapshot.in_step[index], before.of(old), after.of(new))
    solver, answered, is_exact = _answered(encoded, asked)
    if answered.model is None:
        return Asked(step=step, old_step=old_step, old=old, new=new, answer=answered.answer, why=answered.why)
    candidate, form = _best(encoded, solver, step, asked, answered.model)
    riddles = [each.text for each in encoded.encoding.riddles_in(asked)]
    return Asked(
        step=step,
        old_step=old_step,
        old=old,
        new=new,
        answer=Answer.POSSIBLE,
        candidate=candidate,
        form=form,
        depends_on=(*riddles, *(() if is_exact else (PRODUCTS,))),
    )


def _answered(encoded: Encoded, asked: tuple[Term, ...]) -> tuple[Solver, Answered, bool]:
    """
    Give the answer, by the solver that knows what products and quotients are if that makes a difference and it comes to an end.
    """
    answered = encoded.solver.ask(asked)
    is_linear = not encoded.encoding.doubles.nonlinear
    if answered.answer is Answer.IMPOSSIBLE or is_linear:
        return encoded.solver, answered, True
    exact = encoded.exact_solver()
    if exact is not None:
        better = exact.ask(asked)
        if better.answer is not Answer.UNKNOWN:
            return exact, better, True
    return encoded.solver, answered, False


def _best(encoded: Encoded, solver: Solver, step: str, asked: tuple[Term, ...], otherwise: Model) -> tuple[Candidate, Form]:
    is_steady = steady(encoded)
    clear = all_of(encoded.encoding.doubles.margins)
    for form, has_margin, extra in (
        (Form.STEADY, True, (is_steady, clear)),
        (Form.STEADY, False, (is_steady,)),
        (Form.ABSTRACT, True, (clear,)),
    ):
        better = solver.ask((*asked, *extra))
        if better.model is not None:
            return candidate_of(encoded, step, better.model, form, has_margin=has_margin), form
    return candidate_of(encoded, step, otherwise, Form.ABSTRACT, has_margin=False), Form.ABSTRACT


def steady(encoded: Encoded) -> Term:
    """
    Say that one snapshot has stood for a while, and that before it nothing ran.
    """
    clock, windows, lasted = encoded.snapshot.clock, encoded.windows, stood_for()
    count = len(windows.runs), len(windows.unknowns), len(windows.counts)
    if count in encoded.stood:
        return encoded.stood[count]
    in_step = choose(lasted <= clock.elapsed, lasted, clock.elapsed)
    facts = [lasted >= 0, lasted <= clock.total]
    facts += [run.held == choose(run.truth.yes, in_step if run.is_slo else lasted, number(0.0)) for run in windows.runs.values()]
    facts += [run.held == choose(run.truth.unknown, lasted, number(0.0)) for run in windows.unknowns.values()]
    facts += [each.reached == each.truth.yes for each in windows.counts.values()]
    encoded.stood[count] = all_of(facts)
    return encoded.stood[count]


def stood_for() -> Term:
    """
    Give for how long the snapshot of a steady history has stood.
    """
    return real("stood#")


def candidate_of(encoded: Encoded, step: str, model: Model, form: Form, *, has_margin: bool) -> Candidate:
    """
    Give the moment that a model describes, in values that a recording can hold.
    """
    snapshot = encoded.snapshot
    variables = {**snapshot.old, **snapshot.new, **snapshot.raw}
    values = {name: value_in(encoded, model, each) for name, each in variables.items() if not name.startswith("rollout.")}
    gates: dict[str, bool | None] = {}
    flags = encoded.flags
    if model.holds(flags.gated):
        gates = {flags.names[key]: _result(model, gate) for key, gate in flags.gates.items()}
    elapsed_us, total_us = _microseconds(model.of(snapshot.clock.elapsed)), _microseconds(model.of(snapshot.clock.total))
    lasted = [stood_for()]
    if form is Form.ABSTRACT:  # as long as the longest run
        lasted = [run.held for run in (*encoded.windows.runs.values(), *encoded.windows.unknowns.values())]
    is_halted = model.holds(flags.halted)
    return Candidate(
        step=step,
        values=values,
        lasted_us=max((_microseconds(model.of(each)) for each in lasted), default=0),
        elapsed_us=elapsed_us,
        total_us=total_us,
        is_paused=is_halted,
        is_approved=model.holds(flags.approved),
        gates=gates,
        has_margin=has_margin,
    )


def _result(model: Model, gate: GateTerms) -> bool | None:
    """
    Give what a gate's probe found; None: it gave no result that passes or fails.
    """
    if model.holds(gate.passed):
        return True
    return False if model.holds(gate.has_failed) else None


def value_in(encoded: Encoded, model: Model, variable: Variable) -> Value | None:
    """
    Give a signal's value in a model, the nearest of its type; None if it is missing.
    """
    if not model.holds(variable.present):
        return None
    value: Exact = model.of(variable.value)
    match variable.type:
        case SignalType.DOUBLE:
            return _double(Fraction(value), variable)
        case SignalType.STRING:
            return encoded.encoding.text_of(int(value))
        case SignalType.BOOL:
            return bool(value)
    return int(value)


def _double(value: Fraction, variable: Variable) -> float:
    """
    Give the double nearest to a value that the signal can have: to the solver, what is open has no end at all.
    """
    assert isinstance(variable.possible, Interval)
    low, high = variable.possible.low, variable.possible.high
    return float(low if value < low else min(value, high))


def _microseconds(time: Exact) -> int:
    """
    Round a time up: what has lasted long enough still has.
    """
    return -int(-Fraction(time) // 1)
