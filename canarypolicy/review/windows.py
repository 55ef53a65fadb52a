"""
Rules in time, without the history: how long each has been true, as far as that follows from what is true now.

An abstraction of `canarypolicy.engine.sustained` that contains every real history: what is impossible here never happens.
Runs of one predicate are one number, so that `for: 5m` and `for: 10m` on it are compared; lattice facts tie unlike ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from canarypolicy.cel import terms
from canarypolicy.cel.lowered import Truth
from canarypolicy.cel.terms import Term, all_of, any_of, implies, negated
from canarypolicy.documents.rule import Missing, RuleKind

if TYPE_CHECKING:
    from canarypolicy.engine.program import ProgramRule
    from canarypolicy.engine.sustained import Asked
    from canarypolicy.review.snapshot import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """
    How long a predicate has been true, or unknown: one number for all rules that ask the same.
    """

    truth: Truth
    is_slo: bool
    max_gap_us: int
    held: Term


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """
    Whether at least k of the last n samples were true.
    """

    truth: Truth
    is_slo: bool
    max_gap_us: int
    samples: int
    of: int
    reached: Term


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTerms:
    """
    A rule at one sample: what it is, and whether that has lasted as long as it asks.
    """

    rule: ProgramRule
    truth: Truth
    lasted: Term
    """Whether it has been true for long enough; asked only where it is true."""
    due: Term
    """Whether it has been unknown for so long that it rolls back; asked only where it is unknown."""
    window: Run | Counted | None
    """How long it has been true; None: it asks for no time."""
    unknown: Run | None
    """How long it has been unknown; None: that rolls nothing back."""

    @property
    def fires(self) -> Term:
        return all_of((self.truth.yes, self.lasted))

    @property
    def rolls_back(self) -> Term:
        is_due = all_of((self.truth.unknown, self.due))
        return any_of((self.fires, is_due)) if self.rule.kind is RuleKind.ROLLBACK else is_due

    @property
    def blocks(self) -> Term:
        """
        Whether it keeps an advance away: as an SLO that is not met, or as a rule that is not quiet.
        """
        if self.rule.kind is RuleKind.SLO:
            return negated(self.fires)
        return self.truth.yes if self.rule.ignores_unknown else negated(self.truth.no)


@dataclass(slots=True, kw_only=True)
class Windows:
    """
    The runs and counts of both policies, and what is a fact about them.
    """

    clock: Clock
    runs: dict[tuple[object, ...], Run] = field(default_factory=dict)
    unknowns: dict[tuple[object, ...], Run] = field(default_factory=dict)
    counts: dict[tuple[object, ...], Counted] = field(default_factory=dict)
    facts: list[Term] = field(default_factory=list)
    _alike: dict[tuple[object, ...], list[Run]] = field(default_factory=dict, repr=False)
    """The runs of one predicate, which differ in the longest gap."""

    def rule(self, rule: ProgramRule, truth: Truth) -> RuleTerms:
        """
        Give a rule whose truth at the sample is known in terms.
        """
        asked, is_slo = rule.asked, rule.kind is RuleKind.SLO
        window = self._window(truth, asked, is_slo=is_slo)
        match window:
            case Run(held=held):
                lasted = held >= asked.for_us
            case Counted(reached=reached):
                lasted = reached
            case None:
                lasted = terms.truth(True)
        unknown = self._unknown(truth, asked) if asked.missing is Missing.ROLLBACK else None
        due = terms.truth(False) if unknown is None or asked.after_us is None else unknown.held >= asked.after_us
        return RuleTerms(rule=rule, truth=truth, lasted=lasted, due=due, window=window, unknown=unknown)

    def _window(self, truth: Truth, asked: Asked, *, is_slo: bool) -> Run | Counted | None:
        if asked.samples is not None and asked.of is not None:
            if asked.samples == 1:
                return None  # this very sample is enough
            return self._counted(truth, asked, asked.samples, asked.of, is_slo=is_slo)
        return self._run(truth, asked, is_slo=is_slo) if asked.for_us else None

    def _run(self, truth: Truth, asked: Asked, *, is_slo: bool) -> Run:
        """
        Give the run of a predicate: an SLO's begins in this step, the others' after the rollout's start.
        """
        key = (*_identity(truth, is_slo=is_slo), asked.max_gap_us)
        if key not in self.runs:
            held = terms.real(f"held#{len(self.runs)}")
            bound = self.clock.elapsed if is_slo else self.clock.total
            ends = negated(truth.yes) if is_slo else truth.no
            self.facts += [held >= 0, held <= bound, implies(ends, held <= 0)]
            self.runs[key] = run = Run(truth=truth, is_slo=is_slo, max_gap_us=asked.max_gap_us, held=held)
            same = self._alike.setdefault(key[:-1], [])
            self._order_by_gap(run, same)
            same.append(run)
        return self.runs[key]

    def _order_by_gap(self, run: Run, same: Iterable[Run]) -> None:
        for other in same:
            if other.max_gap_us < run.max_gap_us:
                self.facts.append(other.held <= run.held)
            elif other.max_gap_us > run.max_gap_us:
                self.facts.append(run.held <= other.held)

    def _unknown(self, truth: Truth, asked: Asked) -> Run:
        key = (*_identity(truth, is_slo=False), asked.max_gap_us)
        if key not in self.unknowns:
            lost = terms.real(f"lost#{len(self.unknowns)}")
            self.facts += [lost >= 0, lost <= self.clock.total, implies(truth.known, lost <= 0)]
            self.unknowns[key] = Run(truth=truth, is_slo=False, max_gap_us=asked.max_gap_us, held=lost)
        return self.unknowns[key]

    def _counted(self, truth: Truth, asked: Asked, samples: int, of: int, *, is_slo: bool) -> Counted:
        key = (*_identity(truth, is_slo=is_slo), asked.max_gap_us, samples, of)
        if key not in self.counts:
            reached = terms.boolean(f"reached#{len(self.counts)}")
            self.facts.append(implies(reached, truth.yes))
            counted = Counted(truth=truth, is_slo=is_slo, max_gap_us=asked.max_gap_us, samples=samples, of=of, reached=reached)
            for other in self.counts.values():
                if _is_same(other, counted):
                    self.facts += [
                        implies(a.reached, b.reached) for a, b in ((counted, other), (other, counted)) if asks_more(a, b)
                    ]
            self.counts[key] = counted
        return self.counts[key]


def asks_more(one: Counted, other: Counted) -> bool:
    """
    Tell whether the one count cannot be reached without the other, both being of the same samples.
    """
    return one.samples >= other.samples and one.of <= other.of and one.max_gap_us <= other.max_gap_us


def _identity(truth: Truth, *, is_slo: bool) -> tuple[object, ...]:
    return is_slo, *truth.identity


def _is_same(one: Run | Counted, other: Run | Counted) -> bool:
    return _identity(one.truth, is_slo=one.is_slo) == _identity(other.truth, is_slo=other.is_slo)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lattice:
    """
    A fact that ties two windows, and what must be impossible at a sample for it to be one.
    """

    fact: Term
    needs: tuple[tuple[Term, ...], ...]
    """Each is a conjunction that must be impossible."""


def lattice_facts(one: Run | Counted, other: Run | Counted, *, is_unknown: bool = False) -> Iterator[Lattice]:
    """
    Give the facts by which two windows may be tied, in either direction.
    """
    for x, y in ((one, other), (other, one)):
        if x.max_gap_us > y.max_gap_us:
            continue
        if isinstance(x, Run) and isinstance(y, Run):
            yield from _of_runs(x, y, is_unknown=is_unknown)
        elif isinstance(x, Counted) and isinstance(y, Counted) and asks_more(x, y):
            yield from _of_counts(x, y)


def _of_runs(x: Run, y: Run, *, is_unknown: bool) -> Iterator[Lattice]:
    """
    Tie `x <= y`: whatever the one's run lasts, the other's does.

    A rollback rule's run never proves an SLO's: that one begins anew with each step, and ends where the rule is unknown.
    """
    fact = x.held <= y.held
    if is_unknown:
        if x.max_gap_us == y.max_gap_us:  # silence counts from a gap on, so that unlike gaps are not compared
            yield Lattice(fact=fact, needs=((x.truth.unknown, y.truth.known),))
        return
    goes_on = (x.truth.yes, negated(y.truth.yes))
    if x.is_slo:
        yield Lattice(fact=fact, needs=(goes_on,))
    elif not y.is_slo:
        yield Lattice(fact=fact, needs=(goes_on, (y.truth.no, negated(x.truth.no))))


def _of_counts(x: Counted, y: Counted) -> Iterator[Lattice]:
    """
    Tie counts of one kind: for rollback and hold rules unknown samples do not count, so the other's must be among the one's.
    """
    if x.is_slo != y.is_slo:
        return
    goes_on = (x.truth.yes, negated(y.truth.yes))
    needs = (goes_on,) if x.is_slo else (goes_on, (y.truth.known, x.truth.unknown))
    yield Lattice(fact=implies(x.reached, y.reached), needs=needs)
