"""
Which mutants a policy's tests notice, each scenario run only where it can come out otherwise.

A scenario is left out, exactly, where the part of the policy that it can move is the same; where only steps differ that it
never is in, or gates that it never hears of; and where the one rule that differs stands the same at every sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from canarypolicy.engine.program import build
from canarypolicy.mutation.standings import standings, trace
from canarypolicy.testing.judging import failures_of
from canarypolicy.testing.running import run_course
from canarypolicy.testing.slices import Slices

if TYPE_CHECKING:
    from canarypolicy.documents.checked import CheckedPolicy, Path
    from canarypolicy.engine.program import Program, ProgramRule
    from canarypolicy.mutation.mutant import Mutant
    from canarypolicy.mutation.standings import Moved, Stand
    from canarypolicy.testing.checked import CheckedPolicyTest, CheckedScenario


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


def fails(slices: Slices, case: Case) -> bool:
    """
    Tell whether a scenario fails with a policy.
    """
    course = run_course(slices.part_for(case.scenario), case.scenario)
    return bool(failures_of(case.test, case.scenario, course))


@dataclass(slots=True)
class _Known:
    """
    What is known of a scenario with the policy as it is: made when it is first asked for.
    """

    part: Program
    seen: tuple[Moved, ...]
    steps: frozenset[str]
    is_gated: bool
    stands: dict[int, tuple[Stand, ...]] = field(default_factory=dict)


class Suite:
    """
    The scenarios of one policy, all of which it passes, and what is known of them.
    """

    def __init__(self, program: Program, cases: Sequence[Case]) -> None:
        self.program, self.cases = program, tuple(cases)
        self.runs = 0
        """How many scenarios were run again for mutants."""
        self._slices = Slices(program)
        self._known: dict[int, _Known] = {}
        self._killers: dict[Path, int] = {}

    def killer_of(self, mutant: Mutant) -> Case | None:
        """
        Give a scenario that fails with a mutant; None: it survives.
        """
        path = mutant.says[0]
        slices = Slices(build(mutant.checked))
        first = self._killers.get(path)
        order = [*([] if first is None else [first]), *(index for index in range(len(self.cases)) if index != first)]
        for index in order:
            if self._can_differ(index, slices):
                self.runs += 1
                if fails(slices, self.cases[index]):
                    self._killers[path] = index
                    return self.cases[index]
        return None

    def _can_differ(self, index: int, slices: Slices) -> bool:
        known = self._knowledge(index)
        part, other = known.part, slices.part_for(self.cases[index].scenario)
        if _differs_around(part, other, known):
            return True
        rules, others = (*part.slos, *part.watches), (*other.slos, *other.watches)
        if len(part.slos) != len(other.slos) or len(rules) != len(others):
            return True
        differing = [place for place, pair in enumerate(zip(rules, others, strict=True)) if not _is_same(*pair)]
        if len(differing) > 1:
            return True
        return any(self._stands(known, place, rules[place]) != standings(others[place], known.seen) for place in differing)

    def _stands(self, known: _Known, place: int, rule: ProgramRule) -> tuple[Stand, ...]:
        if place not in known.stands:
            known.stands[place] = standings(rule, known.seen)
        return known.stands[place]

    def _knowledge(self, index: int) -> _Known:
        if index not in self._known:
            each = self.cases[index].scenario
            part = self._slices.part_for(each)
            course = run_course(part, each)
            self._known[index] = _Known(
                part=part,
                seen=trace(part, each),
                steps=frozenset(judged.decision.step for judged in course.judged),
                is_gated=course.scene.gated,
            )
        return self._known[index]


def _differs_around(part: Program, other: Program, known: _Known) -> bool:
    """
    Tell whether anything but a rule differs that a scenario has to do with.
    """
    if (part.every_us, part.max_gap_us, len(part.steps)) != (other.every_us, other.max_gap_us, len(other.steps)):
        return True
    if part.signals != other.signals or part.derived != other.derived:
        return True
    if known.is_gated and (part.before_gates, part.after_gates) != (other.before_gates, other.after_gates):
        return True
    return any(old != new and old.name in known.steps for old, new in zip(part.steps, other.steps, strict=True))


def _is_same(old: ProgramRule, new: ProgramRule) -> bool:
    return old.when is new.when and old.unless is new.unless and (old.acts_in, old.asked, old.name) == (new.acts_in, new.asked, new.name)


def killed_by_all_of(policy: CheckedPolicy, cases: Sequence[Case]) -> Case | None:
    """
    Give a scenario that fails with a policy, running every one of them whole: what `Suite` must agree with.
    """
    slices = Slices(build(policy), is_whole=True)
    return next((case for case in cases if fails(slices, case)), None)
