"""
Two policies in terms over several samples: a copy of the terms for each, and the runs from one to the next as they really are.

Samples come each `every`, so no gap lies between them; before the first there may be silence since the step's entry. There are
no gates, and nobody pauses before the last sample. Derived signals and counted samples are free: what is impossible here never
happens in histories of this form, what is possible is for the engine to judge.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from canarypolicy.cel import terms
from canarypolicy.cel.lowered import Variable
from canarypolicy.cel.terms import Renaming, Term, all_of, any_of, choose, implies, negated, number
from canarypolicy.engine.decision import Verdict
from canarypolicy.review.solver import Solver

if TYPE_CHECKING:
    from canarypolicy.review.encoded import Encoded, Side
    from canarypolicy.review.windows import Run


@dataclass(slots=True, kw_only=True)
class Unrolled:
    """
    The samples of a history, oldest first, and the solver that knows how each follows from the one before.
    """

    encoded: Encoded
    length: int
    every_us: int
    moves: bool = False
    """Whether an advance of the new policy enters the next step; else the whole history lies in one."""
    budget: int
    solver: Solver = field(init=False)
    silent: Term = field(init=False)
    """How long before the first sample the step was entered."""
    _renamings: list[Renaming] = field(init=False)

    def __post_init__(self) -> None:
        facts = self._facts()
        names = _names_in([*facts, *self._asked()])
        self._renamings = [Renaming([(name, _named(name, index)) for name in names]) for index in range(self.length)]
        self.silent = terms.as_real(terms.whole("silent#")) * self.every_us
        self.solver = Solver(budget=self.budget)
        self.solver.add([terms.whole("silent#") >= 0, self.taken(self.length - 1)])
        for index in range(self.length):
            self.solver.add(self.at(index, fact) for fact in facts)
            self.solver.add(self._clock(index))
            for is_unknown, runs in ((False, self.encoded.windows.runs), (True, self.encoded.windows.unknowns)):
                for number_, run in enumerate(runs.values()):
                    key = f"{'lost' if is_unknown else 'run'}#{number_}"
                    self.solver.add(self._unknown(index, run, key) if is_unknown else self._run(index, run, key))

    def at(self, index: int, term: Term) -> Term:
        """
        Give a term of one sample for the sample at a place.
        """
        return self._renamings[index].of(term)

    def taken(self, index: int) -> Term:
        """
        Say that there is a sample at a place: the first ones may be left out.
        """
        return terms.boolean(f"taken#@{index}")

    def is_first(self, index: int) -> Term:
        """
        Say that the sample at a place is the first.
        """
        return all_of((self.taken(index), negated(self.taken(index - 1)))) if index else self.taken(0)

    def decided(self, index: int, step: int, verdict: Verdict, side: Side) -> Term:
        """
        Say that the sample at a place lies in a step, by its place among the common ones, and is decided so by one policy.
        """
        return all_of((self.at(index, self.encoded.snapshot.in_step[step]), self.at(index, side.steps[step].of(verdict))))

    def measured(self, index: int) -> Iterator[tuple[str, Variable]]:
        """
        Give the measured signals at a place, as they were before either policy admitted them.
        """
        snapshot = self.encoded.snapshot
        names = self.encoded.old.program.signals.keys() | self.encoded.new.program.signals.keys()
        for name, each in {**snapshot.old, **snapshot.new, **snapshot.raw}.items():
            if name in names:
                present, value = self.at(index, each.present), self.at(index, each.value)
                yield name, Variable(name=name, type=each.type, present=present, value=value, possible=each.possible)

    def _facts(self) -> list[Term]:
        encoded = self.encoded
        return list(chain(encoded.snapshot.facts, encoded.encoding.definitions, encoded.windows.facts, encoded.flags.facts))

    def _asked(self) -> Iterator[Term]:
        encoded = self.encoded
        clock, flags = encoded.snapshot.clock, encoded.flags
        yield from (clock.elapsed, clock.total, clock.idle, flags.halted, flags.approved, flags.gated)
        yield from encoded.snapshot.in_step
        yield from encoded.encoding.doubles.margins
        for side in (encoded.old, encoded.new):
            for step in side.steps:
                yield from (step.rollback, step.blocked)
            for rule in side.rules:
                yield from (rule.truth.yes, rule.truth.no)

    def _clock(self, index: int) -> Iterator[Term]:
        """
        Say how late it is, in which step, and that nobody has done anything before the last sample.
        """
        clock, flags = self.encoded.snapshot.clock, self.encoded.flags
        elapsed, total = self.at(index, clock.elapsed), self.at(index, clock.total)
        yield self.at(index, clock.idle) == 0
        yield negated(self.at(index, flags.gated))
        yield implies(self.is_first(index), all_of((elapsed == self.silent, total == self.silent)))
        if index == 0:
            return
        yield implies(self.taken(index - 1), self.taken(index))
        yield negated(self.at(index - 1, flags.halted))
        yield self.at(index, flags.approved) == self.at(index - 1, flags.approved)
        left = self._left(index - 1) if self.moves else terms.truth(False)
        since = choose(left, number(0.0), self.at(index - 1, clock.elapsed))
        goes_on = [total == self.at(index - 1, clock.total) + self.every_us, elapsed == since + self.every_us]
        places = self.encoded.snapshot.in_step
        for step, here in enumerate(places):
            before = self.at(index - 1, here)
            goes_on.append(implies(all_of((before, negated(left))), self.at(index, here)))
            after = self.at(index, places[step + 1]) if step + 1 < len(places) else terms.truth(False)
            goes_on.append(implies(all_of((before, left)), after))
        yield implies(self.taken(index - 1), all_of(goes_on))

    def _left(self, index: int) -> Term:
        """
        Say that the step is left at the sample at a place.
        """
        new = self.encoded.new
        return any_of(self.decided(index, step, Verdict.ADVANCE, new) for step in range(len(new.steps)))

    def _run(self, index: int, run: Run, key: str) -> Iterator[Term]:
        """
        Say how long a predicate has been true: as `watch` and `gather` of `canarypolicy.engine.sustained` count it.
        """
        yes, no, held = (self.at(index, each) for each in (run.truth.yes, run.truth.no, run.held))
        alive, quiet = terms.boolean(f"{key} alive@{index}"), terms.real(f"{key} quiet@{index}")
        was_alive = terms.truth(False)
        longer = quieter = number(0.0)
        if index:
            before = terms.boolean(f"{key} alive@{index - 1}")
            was_alive = all_of((before, self.taken(index - 1)))
            longer = self.at(index - 1, run.held) + self.every_us
            quieter = terms.real(f"{key} quiet@{index - 1}") + self.every_us
        if run.is_slo:
            enters = self._left(index - 1) if index and self.moves else terms.truth(False)
            yield alive == yes
            yield implies(yes, held == choose(all_of((was_alive, negated(enters))), longer, number(0.0)))
            return
        goes_on = all_of((was_alive, quieter <= run.max_gap_us))
        yield alive == any_of((yes, all_of((was_alive, negated(no)))))
        yield quiet == choose(yes, number(0.0), quieter)
        yield implies(yes, held == choose(goes_on, longer, number(0.0)))
        yield implies(negated(yes), held == choose(all_of((was_alive, negated(no))), longer, number(0.0)))

    def _unknown(self, index: int, run: Run, key: str) -> Iterator[Term]:
        """
        Say how long a predicate has been unknown; silence before the first sample counts, if it was one.
        """
        unknown, held = self.at(index, run.truth.unknown), self.at(index, run.held)
        was_unknown = all_of((terms.boolean(f"{key} alive@{index - 1}"), self.taken(index - 1))) if index else terms.truth(False)
        longer = self.at(index - 1, run.held) + self.every_us if index else number(0.0)
        begins = choose(all_of((self.is_first(index), self.silent > run.max_gap_us)), self.silent, number(0.0))
        yield terms.boolean(f"{key} alive@{index}") == unknown
        yield implies(unknown, held == choose(was_unknown, longer, begins))


def _names_in(found: Iterable[Term]) -> list[Term]:
    """
    Give every name that stands in some terms.
    """
    z3 = terms.z3()
    seen: dict[int, Term] = {}
    names: dict[int, Term] = {}
    left = list(found)
    while left:
        term = left.pop()
        key = term.get_id()
        if key in seen:
            continue
        seen[key] = term
        if term.num_args() == 0 and term.decl().kind() == z3.Z3_OP_UNINTERPRETED:
            names[key] = term
        left.extend(term.children())
    return list(names.values())


def _named(name: Term, index: int) -> Term:
    return terms.z3().Const(f"{terms.name_of(name)}@{index}", name.sort())
