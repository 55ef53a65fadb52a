"""
What was seen of a policy while scenarios ran: a count for each way in which each part of it was seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from canarypolicy.cel.expression import UNKNOWN
from canarypolicy.cel.readings import reading_of
from canarypolicy.engine.decision import Verdict
from canarypolicy.engine.rollout import GateState
from canarypolicy.engine.sustained import Standing
from canarypolicy.testing.coverage import Sight

if TYPE_CHECKING:
    from canarypolicy.cel.expression import Values
    from canarypolicy.engine.decision import Decision
    from canarypolicy.engine.observation import Observation
    from canarypolicy.engine.program import Program
    from canarypolicy.testing.coverage import Condition, Subject
    from canarypolicy.testing.result import Course, Judged

Tally: TypeAlias = Counter[tuple[int, int, Sight]]
"""The subject's index, its part's, and what was seen -> how often. Numbers alone, so that workers can send it home."""

_STANDINGS = {
    Standing.FIRES: Sight.FIRES,
    Standing.PENDING: Sight.PENDING,
    Standing.MET: Sight.MET,
    Standing.UNKNOWN_TOO_LONG: Sight.UNKNOWN_TOO_LONG,
}
_VERDICTS = {Verdict.ADVANCE: Sight.ADVANCED, Verdict.HOLD: Sight.HELD, Verdict.ROLLBACK: Sight.ROLLED_BACK}
_GATES = {GateState.PASSED: Sight.PASSED, GateState.FAILED: Sight.FAILED}


def tally(program: Program, subjects: Sequence[Subject], courses: Iterable[Course]) -> Tally:
    """
    Count what courses show; they must have been run with the whole program.

    A rule is looked at in the steps in which it acts. A final decision that stands again shows nothing new.
    """
    counting = _Counting(program, subjects)
    for course in courses:
        counting.add(course)
    return counting.seen


class _Counting:
    def __init__(self, program: Program, subjects: Sequence[Subject]) -> None:
        self.seen: Tally = Counter()
        self._subjects = subjects
        self._index = {(subject.kind, subject.span.start): index for index, subject in enumerate(subjects)}
        self._steps = {step.name: self._index["step", step.location.start] for step in program.steps}
        gates = (*program.before_gates, *program.after_gates)
        self._gates = {gate.name: self._index["gate", gate.location.start] for gate in gates}

    def add(self, course: Course) -> None:
        for judged in course.judged:
            if not judged.is_restated:
                self._add_decision(judged)
        for name, state in course.gates:
            if name in self._gates and state in _GATES:
                self.seen[self._gates[name], 0, _GATES[state]] += 1

    def _add_decision(self, judged: Judged) -> None:
        decision = judged.decision
        step = self._steps.get(decision.step)
        if step is not None:
            self.seen[step, 0, _VERDICTS[decision.verdict]] += 1
            if _is_timed_out(decision):
                self.seen[step, 0, Sight.TIMED_OUT] += 1
        observation = judged.look()
        if observation is not None and step is not None:
            self._add_rules(observation)

    def _add_rules(self, observation: Observation) -> None:
        for each in (*observation.slos, *observation.watches):
            index = self._index[each.rule.kind.value, each.rule.location.start]
            subject = self._subjects[index]
            sight = _STANDINGS.get(each.standing)
            if sight in subject.parts[0].sights:
                self.seen[index, 0, sight] += 1
            for place, part in enumerate(subject.parts):
                if part.condition is not None:
                    found = _sight(part.condition, observation.values)
                    if found is not None:
                        self.seen[index, place, found] += 1


def _sight(condition: Condition, values: Values) -> Sight | None:
    """
    Say what a condition is at a sample; None where it is not evaluated.
    """
    expression = condition.expression
    if any(reading_of(expression, node)(values) is not wanted for node, wanted in condition.guards):
        return None
    outcome = reading_of(expression, condition.node)(values)
    if not condition.is_truth:
        return Sight.TAKEN
    if outcome is UNKNOWN:
        return Sight.UNKNOWN
    return Sight.TRUE if outcome else Sight.FALSE


def _is_timed_out(decision: Decision) -> bool:
    return any(reason.rule in ("overdue", "timeout") for reason in decision.reasons)
