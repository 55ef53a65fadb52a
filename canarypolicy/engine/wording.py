"""
Every sentence that a reason says. Nothing is decided here.

A sentence starts in lower case, has no final period, and names what was seen and what was asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.documents.duration import format_duration
from canarypolicy.engine.decision import ReasonState
from canarypolicy.engine.sustained import Standing, true_count

if TYPE_CHECKING:
    from canarypolicy.engine.program import ProgramRule, ProgramStep
    from canarypolicy.engine.sustained import Streak


def of_rule(rule: ProgramRule, standing: Standing, streak: Streak, at_us: int) -> str:
    """
    Say what is the case with a rule.
    """
    seen = f"`{' '.join(rule.when.text.split())}` {_predicate(rule, standing, streak, at_us)}"
    return seen if rule.message is None else f"{rule.message}: {seen}"


def _predicate(rule: ProgramRule, standing: Standing, streak: Streak, at_us: int) -> str:
    match standing:
        case Standing.UNKNOWN:
            return "is unknown"
        case Standing.UNKNOWN_TOO_LONG:
            return f"has been unknown for {_lasted(streak.unknown_since_us, at_us)}{_of(rule.asked.after_us)}"
        case Standing.NOT_MET:
            return "is false"
    if rule.asked.samples is not None:
        counted = f"{true_count(streak)} of the last {len(streak.recent)} samples"
        return f"is true, and was in {counted}, {rule.asked.samples} of {rule.asked.of} asked"
    if rule.asked.for_us is None:
        return "is true"
    return f"has been true for {_lasted(streak.since_us, at_us)}{_of(rule.asked.for_us)}"


def _lasted(since_us: int | None, at_us: int) -> str:
    return format_duration(0 if since_us is None else at_us - since_us)


def _of(asked_us: int | None) -> str:
    return "" if asked_us is None else f", {format_duration(asked_us)} asked"


def min_duration(step: ProgramStep, elapsed_us: int) -> str:
    """
    Say how long the step has lasted against its least duration.
    """
    if elapsed_us >= step.min_us:
        return f"`{step.name}` has lasted {format_duration(elapsed_us)} of at least {format_duration(step.min_us)}"
    return f"`{step.name}` lasts at least {format_duration(step.min_us)}, {format_duration(elapsed_us)} have passed"


def overdue(step: ProgramStep, spent_us: int) -> str:
    """
    Say that a step has lasted longer than its most while an SLO is not met.
    """
    most = format_duration(step.max_us or 0)
    return f"`{step.name}` has lasted {format_duration(spent_us)} of at most {most} and an SLO is not met"


def by_operator(what: str, by: str | None, reason: str | None) -> str:
    """
    Say what an operator did, who it was, and why.
    """
    return f"{what}{f' by {by}' if by else ''}{f': {reason}' if reason else ''}"


APPROVAL = "the step needs an approval to be left"
DRIFT = "the weight read back was not the weight wanted"
NOT_ENTERED = "the first step has not been entered yet"
NO_SLO = "no SLO guards this step, and nothing advances without evidence"


def gate(name: str, state: ReasonState) -> str:
    """
    Say where a gate stands.
    """
    return f"gate `{name}` {_GATE_STATES[state]}"


_GATE_STATES = {
    ReasonState.PASSED: "has passed",
    ReasonState.FAILED: "has failed",
    ReasonState.UNKNOWN: "gave a result that cannot be judged",
    ReasonState.WAITING: "has given no result yet",
}
