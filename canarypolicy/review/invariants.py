"""
A policy's own invariants: proved over every history, broken by one that the engine replayed, or left open with why.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, assert_never

from canarypolicy.documents.duration import format_duration, microseconds
from canarypolicy.documents.policy import AlwaysWithin, NeverBefore, NeverWhile
from canarypolicy.documents.wording import code
from canarypolicy.engine.decision import Verdict
from canarypolicy.review.findings import Certainty, Remark
from canarypolicy.review.lasting import lasting
from canarypolicy.review.own_search import Sought, find_own_witness
from canarypolicy.review.reaching import never_before
from canarypolicy.review.solver import Answer

if TYPE_CHECKING:
    from canarypolicy.documents.span import Span
    from canarypolicy.review.findings import Witness
    from canarypolicy.review.healthy_course import Course
    from canarypolicy.review.own import Own
    from canarypolicy.review.windows import RuleTerms


def invariants(own: Own, course: Course | None) -> Iterator[Remark]:
    """
    Give one remark on each invariant.
    """
    for index, invariant in enumerate(own.program.checked.policy.invariants):
        place = own.program.checked.places["invariants", index, "name"]
        match invariant:
            case NeverWhile():
                yield _never_while(own, invariant, own.marks[index], place)
            case AlwaysWithin():
                yield _always_within(own, invariant, own.marks[index], place)
            case NeverBefore():
                yield never_before(own, invariant, place, course)
            case _:
                assert_never(invariant)


def _never_while(own: Own, invariant: NeverWhile, mark: RuleTerms, place: Span) -> Remark:
    """
    Ask, for each step, whether the decision is possible while the expression is true.
    """
    verdict = Verdict(invariant.never)
    what = f"{_A[verdict]} is decided while {code(_flat(mark))}"
    why = ""
    for step in own.program.steps:
        asked = own.here(step.index), mark.truth.yes, own.steps[step.index].of(verdict)
        answered = own.ask(*asked)
        if answered.answer is Answer.IMPOSSIBLE:
            continue
        if answered.model is not None:
            sought = Sought(step=step.name, decided=frozenset({verdict}), marked=mark.rule.when)
            witness = find_own_witness(own.program, sought, own.candidates(step.index, asked))
            if witness is not None:
                return _broken(invariant.name, place, f"in step {code(step.name)}, {what}", witness)
        why = why or own.why_unknown(answered)
    if why:
        return _open(invariant.name, place, why)
    return _proved(invariant.name, place, f"never {what.replace(' is decided', '')}")


_A = {Verdict.ADVANCE: "an advance", Verdict.HOLD: "a hold", Verdict.ROLLBACK: "a rollback"}


def _always_within(own: Own, invariant: AlwaysWithin, mark: RuleTerms, place: Span) -> Remark:
    within_us = microseconds(invariant.within)
    what = f"{code(_flat(mark))} for {format_duration(within_us)}"
    found = lasting(own, mark, within_us)
    if found.certainty is Certainty.PROVED:
        return _proved(invariant.name, place, f"{what} is always rolled back by then")
    if found.witness is not None:
        return _broken(invariant.name, place, f"in step {code(found.witness.step)}, {what} without a rollback", found.witness)
    return _open(invariant.name, place, found.why, found.certainty)


def _flat(mark: RuleTerms) -> str:
    return " ".join(mark.rule.when.text.split())


def _proved(name: str, place: Span, what: str) -> Remark:
    sentence = f"invariant {code(name)} is proved: {what}"
    return Remark(name="invariant-holds", sentence=sentence, place=place, certainty=Certainty.PROVED)


def _broken(name: str, place: Span, what: str, witness: Witness) -> Remark:
    return Remark(
        name="invariant-broken",
        sentence=f"invariant {code(name)} does not hold: {what}",
        place=place,
        certainty=Certainty.WITNESS,
        witness=witness,
        is_fault=True,
    )


def _open(name: str, place: Span, why: str, certainty: Certainty = Certainty.UNKNOWN) -> Remark:
    sentence = f"invariant {code(name)} is not proved"
    return Remark(name="invariant-open", sentence=sentence, place=place, certainty=certainty, why=why, is_fault=True)
