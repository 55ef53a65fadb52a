"""
The reasons of a decision, made from where the rules, the plan, the gates and the operators stand.

What is a reason for what is decided in `canarypolicy.engine.engine`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from canarypolicy.cel.margin import margin_of
from canarypolicy.documents.rule_kind import RuleKind
from canarypolicy.engine import wording
from canarypolicy.engine.decision import Reason, ReasonKind, ReasonState
from canarypolicy.engine.rollout import GateState
from canarypolicy.engine.sustained import Standing

if TYPE_CHECKING:
    from canarypolicy.documents.signal_type import Value
    from canarypolicy.engine.event import FreezeEvent, PauseEvent
    from canarypolicy.engine.program import ProgramGate, ProgramRule, ProgramStep
    from canarypolicy.engine.sustained import Streak

_KINDS = {RuleKind.SLO: ReasonKind.SLO, RuleKind.ROLLBACK: ReasonKind.ROLLBACK, RuleKind.HOLD: ReasonKind.HOLD}
_STATES: Mapping[Standing, ReasonState] = {each: ReasonState(each.value) for each in Standing if each is not Standing.QUIET}
_GATE_STATES = {
    GateState.PASSED: ReasonState.PASSED,
    GateState.FAILED: ReasonState.FAILED,
    GateState.UNKNOWN: ReasonState.UNKNOWN,
}
_NO_VALUES: Mapping[str, Value | None] = {}


def of_rule(rule: ProgramRule, standing: Standing, streak: Streak, at_us: int, values: Mapping[str, Value]) -> Reason:
    """
    Give the reason that a rule is.
    """
    is_unknown = standing in (Standing.UNKNOWN, Standing.UNKNOWN_TOO_LONG)
    since_us = streak.unknown_since_us if is_unknown else streak.since_us
    if standing is Standing.NOT_MET:
        since_us = None
    return Reason(
        rule=rule.name,
        kind=_KINDS[rule.kind],
        state=_STATES[standing],
        say=partial(wording.of_rule, rule, standing, streak, at_us),
        for_us=rule.asked.after_us if standing is Standing.UNKNOWN_TOO_LONG else rule.asked.for_us,
        since_us=since_us,
        lacking_us=_lacking(rule, standing, since_us, at_us),
        values={name: values.get(name) for name in rule.reads},
        margin_of=partial(margin_of, rule.when, values, good=rule.kind is RuleKind.SLO),
        location=rule.location,
    )


def _lacking(rule: ProgramRule, standing: Standing, since_us: int | None, at_us: int) -> int | None:
    for_us = rule.asked.for_us
    if for_us is None or standing in (Standing.FIRES, Standing.MET, Standing.UNKNOWN_TOO_LONG):
        return None
    if standing is Standing.PENDING and since_us is not None:
        return since_us + for_us - at_us
    return for_us if rule.kind is RuleKind.SLO else None


def min_duration(step: ProgramStep, entered_us: int, at_us: int) -> Reason:
    """
    Give the reason that the step's least duration is, passed or not.
    """
    lacking = entered_us + step.min_us - at_us
    return Reason(
        rule="min-duration",
        kind=ReasonKind.PLAN,
        state=ReasonState.WAITING if lacking > 0 else ReasonState.PASSED,
        say=partial(wording.min_duration, step, at_us - entered_us),
        for_us=step.min_us,
        since_us=entered_us,
        lacking_us=lacking if lacking > 0 else None,
        values=_NO_VALUES,
        location=step.location,
    )


def overdue(step: ProgramStep, entered_us: int, spent_us: int, *, rolls_back: bool) -> Reason:
    """
    Give the reason that a step past its most duration is.
    """
    return Reason(
        rule="timeout" if rolls_back else "overdue",
        kind=ReasonKind.PLAN,
        state=ReasonState.FIRES if rolls_back else ReasonState.WAITING,
        say=partial(wording.overdue, step, spent_us),
        for_us=step.max_us,
        since_us=entered_us,
        values=_NO_VALUES,
        location=step.location,
    )


def of_gate(gate: ProgramGate, state: GateState | None) -> Reason:
    """
    Give the reason that a gate is which has not passed.
    """
    reason_state = ReasonState.WAITING if state is None else _GATE_STATES[state]
    return Reason(
        rule="gate",
        kind=ReasonKind.GATE,
        state=reason_state,
        say=partial(wording.gate, gate.name, reason_state),
        values=_NO_VALUES,
        location=gate.location,
    )


def not_entered(step: ProgramStep) -> Reason:
    """
    Give the reason for waiting when all gates have passed and the first weight is not read back.
    """
    return _waiting("gate", ReasonKind.GATE, wording.NOT_ENTERED, step)


def approval(step: ProgramStep) -> Reason:
    """
    Give the reason that a missing approval is.
    """
    return _waiting("approval", ReasonKind.OPERATOR, wording.APPROVAL, step)


def weight_drift(step: ProgramStep) -> Reason:
    """
    Give the reason that a weight is which was not what it should be.
    """
    return _waiting("weight-drift", ReasonKind.PLAN, wording.DRIFT, step)


def unguarded(step: ProgramStep) -> Reason:
    """
    Give the reason for staying in a step that no SLO guards.
    """
    return _waiting("min-duration", ReasonKind.PLAN, wording.NO_SLO, step)


def _waiting(rule: str, kind: ReasonKind, message: str, step: ProgramStep) -> Reason:
    return Reason(rule=rule, kind=kind, state=ReasonState.WAITING, say=lambda: message, values=_NO_VALUES, location=step.location)


def paused(event: PauseEvent) -> Reason:
    """
    Give the reason that a pause is.
    """
    return _by_operator("paused", wording.by_operator("paused", event.by, event.reason), event.at_us)


def frozen(event: FreezeEvent) -> Reason:
    """
    Give the reason that a freeze is.
    """
    return _by_operator("frozen", wording.by_operator("frozen", event.by, event.reason), event.at_us)


def aborted(by: str | None, reason: str | None, at_us: int) -> Reason:
    """
    Give the reason that an abort is.
    """
    return _by_operator("aborted", wording.by_operator("aborted", by, reason), at_us)


def _by_operator(rule: str, message: str, since_us: int) -> Reason:
    return Reason(
        rule=rule,
        kind=ReasonKind.OPERATOR,
        state=ReasonState.FIRES,
        say=lambda: message,
        since_us=since_us,
        values=_NO_VALUES,
    )
