"""
Which mutants a policy's tests notice, each scenario run only where it can come out otherwise, and only from there on.

A scenario is left out, exactly, where the part of the policy that it can move is the same; where only steps differ that it
never is in, or gates that it never hears of; and where the one rule that differs stands the same at every sample.
Else it is folded on from the first sample at which the mutant can part from the policy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from canarypolicy.documents.rule import RuleKind
from canarypolicy.engine.program import build
from canarypolicy.engine.sustained import Standing
from canarypolicy.mutation.mutant import MutantKind
from canarypolicy.mutation.remembered import Memory
from canarypolicy.mutation.standings import course_from, kept_course, row_of, with_streak
from canarypolicy.testing.judging import failures_of
from canarypolicy.testing.running import run_course
from canarypolicy.testing.slices import Slices

if TYPE_CHECKING:
    from canarypolicy.documents.checked import CheckedPolicy, Path
    from canarypolicy.engine.program import Program, ProgramRule
    from canarypolicy.mutation.mutant import Mutant
    from canarypolicy.mutation.standings import Kept, Row
    from canarypolicy.testing.checked import CheckedPolicyTest, CheckedScenario
    from canarypolicy.testing.result import Course


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """
    One scenario and the file that it stands in.
    """

    test: CheckedPolicyTest
    scenario: CheckedScenario


def cases_of(tests: Sequence[CheckedPolicyTest]) -> tuple[Case, ...]:
    """
    List the scenarios of some tests.
    """
    return tuple(Case(test=test, scenario=each) for test in tests for each in test.scenarios)


def fails(case: Case, course: Course) -> bool:
    """
    Tell whether a scenario's expectations are not met by a course.
    """
    return bool(failures_of(case.test, case.scenario, course))


@dataclass(slots=True)
class _Known:
    """
    What is known of a scenario with the policy as it is: made when it is first asked for.
    """

    part: Program
    kept: Kept
    rows: dict[int, Row] = field(default_factory=dict)

    def row(self, index: int) -> Row:
        """
        Give where a rule of the part stands, rules being counted over SLOs and then the others.
        """
        if index not in self.rows:
            self.rows[index] = row_of(_rules(self.part)[index], self.kept.watching)
        return self.rows[index]


class Suite:
    """
    The scenarios of one policy, all of which it passes, and what is known of them.
    """

    def __init__(self, program: Program, cases: Sequence[Case]) -> None:
        self.cases = tuple(cases)
        self.runs = 0
        """How many scenarios were folded for mutants, as a whole or from a sample on."""
        self._memory = Memory()
        self._slices = Slices(self._memory.program(program))
        self._slos = frozenset(rule.name for rule in program.slos)
        self._known: dict[tuple[int, frozenset[str]], _Known] = {}
        self._killers: dict[Path, int] = {}

    def killer_of(self, mutant: Mutant) -> Case | None:
        """
        Give a scenario that fails with a mutant; None: it survives.
        """
        path = mutant.says[0]
        slices, also = self._slices_of(mutant)
        first = self._killers.get(path)
        order = [*([] if first is None else [first]), *(index for index in range(len(self.cases)) if index != first)]
        for index in order:
            course = self._course(index, slices, also)
            if course is not None and fails(self.cases[index], course):
                self._killers[path] = index
                return self.cases[index]
        return None

    def course_of(self, index: int, mutant: Mutant) -> Course | None:
        """
        Give the course of one scenario with a mutant; None where it can be no other than with the policy.
        """
        return self._course(index, *self._slices_of(mutant))

    def _slices_of(self, mutant: Mutant) -> tuple[Slices, frozenset[str]]:
        # Which SLOs stand for all others depends on where each acts; with all of them kept, one rule differs and no more.
        also = self._slos if mutant.kind is MutantKind.STEPS and "slos" in mutant.says[0] else _NONE
        return Slices(self._memory.program(build(mutant.checked))), also

    def _course(self, index: int, slices: Slices, also: frozenset[str]) -> Course | None:
        known, each = self._knowledge(index, also), self.cases[index].scenario
        other = slices.part_for(each, also)
        course = _parted(known, other)
        if course is _WHOLE:
            course = run_course(other, each)
        assert not isinstance(course, str), "what is to be run as a whole has been"
        self.runs += course is not None
        return course

    def _knowledge(self, index: int, also: frozenset[str]) -> _Known:
        key = index, also
        if key not in self._known:
            part = self._slices.part_for(self.cases[index].scenario, also)
            self._known[key] = _Known(part=part, kept=kept_course(part, self.cases[index].scenario))
        return self._known[key]


_NONE: frozenset[str] = frozenset()
_WHOLE = "whole"
"""Instead of a course: it has to be run from the beginning."""


def _parted(known: _Known, other: Program) -> Course | str | None:
    """
    Give the course of a changed part from where it can first differ; None if it cannot.
    """
    part, kept = known.part, known.kept
    if not _is_alike_around(part, other, has_gates=kept.scene.gated):
        return _WHOLE
    steps = {old.name for old, new in zip(part.steps, other.steps, strict=True) if old != new}
    rules, others = _rules(part), _rules(other)
    lost = [index for index, rule in enumerate(rules) if not any(_is_same(rule, each) for each in others)]
    if not lost and len(rules) == len(others):
        return _from_step(kept, other, steps)
    if len(lost) != 1 or steps:
        return _WHOLE
    (index,) = lost
    rule, row = rules[index], known.row(index)
    is_replaced = len(part.slos) == len(other.slos) and len(rules) == len(others)
    if is_replaced and others[index].name == rule.name and _all_same(rules, others, index):
        changed = row_of(others[index], kept.watching)
        pairs = zip(row.stands, changed.stands, strict=True)
        first = next((count for count, (old, new) in enumerate(pairs) if old != new), None)
        return None if first is None else _from_sample(kept, other, first, index, changed)
    is_dropped = len(others) == len(rules) - 1 and rule.kind is not RuleKind.SLO
    if is_dropped and all(_is_same(*pair) for pair in zip(rules[:index] + rules[index + 1 :], others, strict=True)):
        first = next(
            (count for count, stand in enumerate(row.stands) if stand is not None and stand[0] is not Standing.QUIET), None
        )
        return None if first is None else _from_sample(kept, other, first, index, None)
    return _WHOLE


def _from_sample(kept: Kept, other: Program, count: int, index: int, row: Row | None) -> Course:
    place = kept.watching[count].place
    state = with_streak(kept.states[place], index, None if row is None else row.streaks[count])
    return course_from(kept, other, place, state)


def _from_step(kept: Kept, other: Program, steps: set[str]) -> Course | None:
    """
    Fold on from the first sample in a step that differs.
    """
    place = next((each.place for each in kept.watching if each.step in steps), None)
    return None if place is None else course_from(kept, other, place, kept.states[place])


def _rules(program: Program) -> tuple[ProgramRule, ...]:
    return (*program.slos, *program.watches)


def _is_alike_around(part: Program, other: Program, *, has_gates: bool) -> bool:
    """
    Tell whether all but rules and steps is the same, gates only where the scenario hears of any.
    """
    times = [(each.every_us, each.max_gap_us, [step.name for step in each.steps]) for each in (part, other)]
    gates = [(each.before_gates, each.after_gates) for each in (part, other)]
    return (
        times[0] == times[1]
        and part.declared == other.declared
        and part.derived == other.derived
        and (not has_gates or gates[0] == gates[1])
    )


def _all_same(rules: Sequence[ProgramRule], others: Sequence[ProgramRule], but: int) -> bool:
    pairs = enumerate(zip(rules, others, strict=True))
    return all(_is_same(*pair) for index, pair in pairs if index != but)


def _is_same(old: ProgramRule, new: ProgramRule) -> bool:
    if old.when is not new.when or old.unless is not new.unless or old.kind is not new.kind:
        return False
    return (old.acts_in, old.asked, old.name) == (new.acts_in, new.asked, new.name)


def killed_as_a_whole(policy: CheckedPolicy, cases: Sequence[Case]) -> Case | None:
    """
    Give a scenario that fails with a policy, every one of them run with all rules from the beginning: `Suite` must agree.
    """
    program = build(policy)
    return next((case for case in cases if fails(case, run_course(program, case.scenario))), None)
