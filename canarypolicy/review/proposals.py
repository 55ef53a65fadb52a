"""
Where to look for a witness of what is possible: moments that a recording can show, with as much healthy as can be.

One snapshot that stands, after healthy samples or after nothing; derived signals as a constant past makes them, or any.
Preferences only: each is asked of the solver, and dropped if nothing is so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from canarypolicy.cel.terms import Term, all_of, choose, implies, number, truth
from canarypolicy.documents.signals import SignalType
from canarypolicy.engine.observation import truth_of
from canarypolicy.review.limits import limits_of
from canarypolicy.review.questions import Form, candidate_of, steady, stood_for
from canarypolicy.review.rounding_only import changed_margins
from canarypolicy.review.solver import Answer

if TYPE_CHECKING:
    from canarypolicy.documents.signals import Value
    from canarypolicy.engine.program import ProgramDerived
    from canarypolicy.review.candidate import Candidate
    from canarypolicy.review.encoded import Encoded, Side
    from canarypolicy.review.questions import Asked
    from canarypolicy.review.replaying import Pair

_SAME = ("mean", "min", "max", "quantile", "frozen")
"""Functions that give a constant's own value."""
_MOST_BEFORE = 12


def proposals(encoded: Encoded, asked: Asked, pair: Pair) -> Iterator[Candidate]:
    """
    Give candidates for a question that is possible: the likeliest to be shown first, the solver's own last.

    All but the solver's own are clear of rounding.
    """
    index = encoded.snapshot.steps.index((asked.old_step, asked.step))
    sides = encoded.old.steps[index], encoded.new.steps[index]
    facts = [encoded.snapshot.in_step[index], sides[0].of(asked.old), sides[1].of(asked.new)]
    margins = encoded.encoding.doubles.margins
    if margins and encoded.solver.is_impossible(*facts, *margins):
        margins = changed_margins(encoded)
    facts += margins
    constant = constants(encoded)
    for time in (after_health(encoded, pair), steady(encoded)):
        for past in (constant, []) if constant else ([],):
            found = _leaning(encoded, asked.step, [*facts, time, *past])
            if found is not None:
                yield found
    if asked.candidate is not None:
        yield asked.candidate
        yield from second_forms(asked.candidate, pair)


def _leaning(encoded: Encoded, step: str, wanted: list[Term]) -> Candidate | None:
    """
    Give a moment at which what is wanted is so, with as many signals present and healthy as can be.
    """
    if encoded.solver.ask(wanted).answer is not Answer.POSSIBLE:
        return None
    healthy = as_many_as_can_be(encoded, wanted, list(healthy_terms(encoded)))
    plain = as_many_as_can_be(encoded, [*wanted, *healthy], list(_plain(encoded)))
    model = encoded.solver.ask([*wanted, *healthy, *plain]).model
    return None if model is None else candidate_of(encoded, step, model, Form.STEADY, has_margin=True)


def as_many_as_can_be(encoded: Encoded, facts: Sequence[Term], wanted: list[Term]) -> list[Term]:
    """
    Give those of the wanted terms that can be so beside the facts: all at once, else by halves.
    """
    if not wanted or encoded.solver.ask([*facts, *wanted]).answer is Answer.POSSIBLE:
        return wanted
    if len(wanted) == 1:
        return []
    half = len(wanted) // 2
    first = as_many_as_can_be(encoded, facts, wanted[:half])
    return first + as_many_as_can_be(encoded, [*facts, *first], wanted[half:])


def healthy_terms(encoded: Encoded) -> Iterator[Term]:
    """
    Say, for each measured signal, that it is present and healthy: those without a worse side first, for the others are watched.
    """
    snapshot = encoded.snapshot
    signals = {**encoded.old.program.signals, **encoded.new.program.signals}
    for name in sorted(signals, key=lambda each: signals[each].worse is not None):
        value = signals[name].healthy
        variables = [table[name] for table in (snapshot.old, snapshot.new, snapshot.raw) if name in table]
        parts = [all_of((each.present, each.value == coded(encoded, each.type, value))) for each in variables]
        yield all_of(parts)


def _plain(encoded: Encoded) -> Iterator[Term]:
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


def after_health(encoded: Encoded, pair: Pair) -> Term:
    """
    Say that one snapshot has stood for a while and that all was healthy before: what is true of health has been so all along.
    """
    clock, windows, lasted = encoded.snapshot.clock, encoded.windows, stood_for()
    facts = [lasted >= 0, lasted <= clock.total]
    true_before = _true_in(encoded.old, pair.at_health["old"]) | _true_in(encoded.new, pair.at_health["new"])
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
