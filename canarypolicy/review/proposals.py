"""
Where to look for a witness of what is possible: moments that a recording can show, with as much healthy as can be.

One snapshot that stands, after healthy samples or after nothing; derived signals as a constant past makes them, or any.
Preferences only: each is asked of the solver, and dropped if nothing is so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from math import floor, log2
from typing import TYPE_CHECKING

from canarypolicy.cel.interval import MAX
from canarypolicy.cel.terms import Term, all_of, choose, implies, number, truth
from canarypolicy.documents.signals import SignalType
from canarypolicy.engine.observation import truth_of
from canarypolicy.review.limits import limits_of
from canarypolicy.review.questions import Form, candidate_of, steady, stood_for
from canarypolicy.review.rounding_only import changed_margins, unrounded

if TYPE_CHECKING:
    from canarypolicy.documents.signals import Value
    from canarypolicy.engine.program import ProgramDerived, ProgramStep
    from canarypolicy.review.candidate import Candidate
    from canarypolicy.review.encoded import Encoded, Side
    from canarypolicy.review.questions import Asked
    from canarypolicy.review.replaying import Pair
    from canarypolicy.review.solver import Model

_SAME = ("mean", "min", "max", "quantile", "frozen")
"""Functions that give a constant's own value."""
_MOST_BEFORE = 12
_NEXT_TO_0 = 1e-12
_VERY_LARGE = 1e12


def proposals(encoded: Encoded, asked: Asked, pair: Pair) -> Iterator[Candidate]:
    """
    Give candidates for a question that is possible: the likeliest to be shown first, the solver's own last.

    All but the solver's own are clear of rounding.
    """
    index = encoded.snapshot.steps.index((asked.old_step, asked.step))
    sides = encoded.old.steps[index], encoded.new.steps[index]
    steps = pair.old.step_named(asked.old_step), pair.new.step_named(asked.step)
    near = encoded.read_by_what_differs
    facts = [encoded.snapshot.in_step[index], sides[0].of(asked.old), sides[1].of(asked.new)]
    margins = encoded.encoding.doubles.margins
    if margins and encoded.solver.is_impossible(*facts, *margins):
        margins = changed_margins(encoded)
    facts += margins
    finite = list(encoded.encoding.doubles.finite())
    facts += finite if encoded.solver.is_possible(*facts, *finite) else []  # what overflows is hard to show
    constant = constants(encoded)
    for time in (after_health(encoded, pair.at_health), steady(encoded)):
        for past in (constant, []) if constant else ([],):
            model = _leaning(encoded, [*facts, time, *past], near, steps)
            if model is not None:
                found = candidate_of(encoded, asked.step, model, Form.STEADY, has_margin=True)
                yield found
                yield from _at_the_ends(found, pair)
    if asked.candidate is not None:
        yield asked.candidate
        yield from second_forms(asked.candidate, pair)


def _at_the_ends(candidate: Candidate, pair: Pair) -> Iterator[Candidate]:
    """
    Put what is next to 0 to 0, and what is very large to the largest double: a proof knows only that there are such numbers.
    """
    signals = {**pair.old.signals, **pair.new.signals}
    changed: dict[str, Value | None] = {}
    for name, value in candidate.values.items():
        if name in signals and isinstance(value, float) and value:
            if abs(value) < _NEXT_TO_0:
                changed[name] = 0.0
            elif abs(value) > _VERY_LARGE and signals[name].range[value > 0] is None:
                changed[name] = MAX if value > 0 else -MAX
    if changed:
        yield replace(candidate, values={**candidate.values, **changed})


def on_limits(encoded: Encoded, asked: Asked) -> Iterator[Candidate]:
    """
    Propose moments at which what changed is exactly at a limit, and nothing is rounded: there `>=` is not `>`.
    """
    facts = (*unrounded(encoded, asked), steady(encoded))
    for solver in (encoded.solver, encoded.exact_solver()):
        model = None if solver is None else solver.ask(facts).model
        if solver is None or model is None:
            continue
        for name in sorted(encoded.read_by_what_differs):
            for pinned in _pinned(encoded, model, name):
                better = solver.ask((*facts, pinned)).model
                if better is not None:
                    yield candidate_of(encoded, asked.step, better, Form.STEADY, has_margin=False)


def _pinned(encoded: Encoded, model: Model, name: str) -> Iterator[Term]:
    """
    Put a double to a power of two next to its value: what is computed from it is rarely rounded.
    """
    variable = encoded.snapshot.new.get(name, encoded.snapshot.old.get(name))
    if variable is None or variable.type is not SignalType.DOUBLE:
        return
    size = abs(Fraction(model.of(variable.value)))
    exponent = 0 if not size or not 2**-64 < size < 2**64 else floor(log2(size))
    for power in (exponent, exponent + 1):
        yield variable.value == number(Fraction(2) ** power)


def _leaning(encoded: Encoded, wanted: list[Term], near: frozenset[str], steps: Sequence[ProgramStep]) -> Model | None:
    """
    Give a moment at which what is wanted is so, with as many signals present and healthy as can be.
    """
    if not encoded.solver.is_possible(*wanted):
        return None
    healthy = as_healthy_as_can_be(encoded, wanted, near)
    plain = as_many_as_can_be(encoded, [*wanted, *healthy], list(plain_terms(encoded)))
    short = soon(encoded, [*wanted, *healthy, *plain], steps)
    return encoded.solver.ask([*wanted, *healthy, *plain, *short]).model


def as_many_as_can_be(encoded: Encoded, facts: Sequence[Term], wanted: list[Term]) -> list[Term]:
    """
    Give those of the wanted terms that can be so beside the facts: all at once, else by halves.
    """
    if not wanted or encoded.solver.is_possible(*facts, *wanted):
        return wanted
    if len(wanted) == 1:
        return []
    half = len(wanted) // 2
    first = as_many_as_can_be(encoded, facts, wanted[:half])
    return first + as_many_as_can_be(encoded, [*facts, *first], wanted[half:])


def as_healthy_as_can_be(encoded: Encoded, facts: Sequence[Term], near: frozenset[str]) -> list[Term]:
    """
    Say that signals are present and healthy, as many as can be beside the facts.

    Only signals that are `near` what is asked for are told apart, unless not all others can be healthy together.
    """
    terms = healthy_terms(encoded)
    far = [term for name, term in terms.items() if name not in near]
    others = [term for name, term in terms.items() if name in near]
    if not others or not far:
        return as_many_as_can_be(encoded, facts, [*far, *others])
    together = as_many_as_can_be(encoded, facts, [all_of(far)]) or as_many_as_can_be(encoded, facts, far)
    return together + as_many_as_can_be(encoded, [*facts, *together], others)


def healthy_terms(encoded: Encoded) -> dict[str, Term]:
    """
    Say of each measured signal that it is present and healthy: those without a worse side first, for the others are watched.
    """
    if not encoded.healthy:
        snapshot = encoded.snapshot
        signals = {**encoded.old.program.signals, **encoded.new.program.signals}
        for name in sorted(signals, key=lambda each: signals[each].worse is not None):
            value = signals[name].healthy
            variables = [table[name] for table in (snapshot.old, snapshot.new, snapshot.raw) if name in table]
            parts = [all_of((each.present, each.value == coded(encoded, each.type, value))) for each in variables]
            encoded.healthy[name] = all_of(parts)
    return encoded.healthy


def soon(encoded: Encoded, facts: Sequence[Term], steps: Iterable[ProgramStep]) -> list[Term]:
    """
    Say that the rollout has lasted no longer than it must for what is asked: a short history is easier to read, and to find.
    """
    rules = [rule.rule.asked for side in (encoded.old, encoded.new) for rule in side.rules]
    longest_us = max((max(asked.for_us or 0, asked.after_us or 0) for asked in rules), default=0)
    every_us = encoded.new.program.every_us
    ends = {step.min_us for step in steps} | {longest_us} | {step.max_us + every_us for step in steps if step.max_us}
    total = encoded.snapshot.clock.total
    for end_us in sorted(ends):
        for short in ([total == end_us, stood_for() == end_us], [total == end_us]):
            if encoded.solver.is_possible(*facts, *short):
                return short
    return []


def plain_terms(encoded: Encoded) -> Iterator[Term]:
    """
    Say that nobody has done anything, that there are no gates, and that the rollout began in this step.
    """
    flags, clock = encoded.flags, encoded.snapshot.clock
    yield flags.halted == truth(False)
    yield flags.gated == truth(False)
    yield flags.approved == truth(False)
    yield clock.total == clock.elapsed
    yield clock.idle == 0


def coded(encoded: Encoded, type_: SignalType, value: Value) -> Term:
    """
    Give the term of a value of a type.
    """
    match type_:
        case SignalType.BOOL:
            return truth(bool(value))
        case SignalType.STRING:
            return number(encoded.encoding.code_of(str(value)))
        case SignalType.INT:
            return number(int(value))
    return number(float(value))


def constants(encoded: Encoded) -> list[Term]:
    """
    Say what derived signals are after a constant past.
    """
    found = []
    for side, variables in ((encoded.old, encoded.snapshot.old), (encoded.new, encoded.snapshot.new)):
        for each in side.program.derived:
            present, value = variables[each.name].present, variables[each.name].value
            same = _of_constant(each, value, variables[each.reads[0]].value)
            found += [] if same is None else [implies(present, same)]
    return found


def _of_constant(derived: ProgramDerived, value: Term, of: Term) -> Term | None:
    match derived.function.name:
        case name if name in _SAME:
            return value == of
        case "delta":
            return value == 0
        case "growing":
            return value == truth(False)
    return None


def after_health(encoded: Encoded, at_health: Mapping[str, Mapping[str, Value]]) -> Term:
    """
    Say that one snapshot has stood for a while and that all was healthy before: what is true of health has been so all along.
    """
    clock, windows, lasted = encoded.snapshot.clock, encoded.windows, stood_for()
    facts = [lasted >= 0, lasted <= clock.total]
    true_before = _true_in(encoded.old, at_health["old"]) | _true_in(encoded.new, at_health["new"])
    for run in windows.runs.values():
        longest = clock.elapsed if run.is_slo else clock.total
        since = longest if id(run) in true_before else choose(lasted <= longest, lasted, longest)
        facts.append(run.held == choose(run.truth.yes, since, number(0.0)))
    facts += [run.held == choose(run.truth.unknown, lasted, number(0.0)) for run in windows.unknowns.values()]
    facts += [count.reached == count.truth.yes for count in windows.counts.values()]
    return all_of(facts)


def _true_in(side: Side, values: Mapping[str, Value]) -> set[int]:
    """
    Give the runs of the rules that are true where signals have these values.
    """
    return {id(each.window) for each in side.rules if each.window is not None and truth_of(each.rule, values) is True}


def second_forms(candidate: Candidate, pair: Pair) -> Iterator[Candidate]:
    """
    Let another snapshot stand before the candidate's own: the same with one signal healthy, or what is missing at a limit.

    A run survives what is unknown, so that what was true before still counts where it is no longer seen.
    """
    limits = limits_of(pair)
    tried = 0
    for name, healthy in pair.healthy.items():
        value = candidate.values.get(name, healthy)
        if value is not None and value == healthy:
            continue
        others: Sequence[Value] = [healthy]
        if value is None:
            others = [*_of_type(healthy, sorted(limits.get(name, ()))), healthy]
        for other in others:
            tried += 1
            if tried > _MOST_BEFORE:
                return
            yield replace(candidate, before={**_measured(candidate.values, pair), name: other})


def _of_type(healthy: Value, limits: Sequence[float]) -> list[Value]:
    if isinstance(healthy, bool):
        return [not healthy]
    return [type(healthy)(limit) for limit in limits] if isinstance(healthy, (int, float)) else []


def _measured(values: Mapping[str, Value | None], pair: Pair) -> dict[str, Value | None]:
    return {name: value for name, value in values.items() if name in pair.healthy}
