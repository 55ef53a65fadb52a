"""
A decision as text for a terminal: what is decided, why, and what is still lacking.

Written to be read aloud: one thought a line, the decision first, the place in the policy last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.documents.duration import format_duration, format_instant
from canarypolicy.documents.step_names import BEFORE
from canarypolicy.engine.decision import ReasonState, Verdict
from canarypolicy.history.decision_record import number
from canarypolicy.reports.escape import visible
from canarypolicy.reports.paint import TONES, Tone, paint
from canarypolicy.reports.value_text import margin_text, seen_text, verdict_word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from canarypolicy.engine.decision import Decision, Reason
    from canarypolicy.history.decision_record import PolicyMark
    from canarypolicy.reports.evaluation_result import Evaluation, Explanation

_STATES = {
    ReasonState.FIRES: "fires",
    ReasonState.PENDING: "pending",
    ReasonState.UNKNOWN: "unknown",
    ReasonState.UNKNOWN_TOO_LONG: "unknown for too long",
    ReasonState.MET: "met",
    ReasonState.NOT_MET: "not met",
    ReasonState.WAITING: "waiting",
    ReasonState.PASSED: "passed",
    ReasonState.FAILED: "failed",
}

WITHOUT_GATES = "judged without gates: the policy has gates, and nothing in this history says how they went"


def render_evaluation(evaluation: Evaluation, *, color: bool = False) -> str:
    """
    Give a decision with its reasons, the missing signals and what comes next.
    """
    return "".join(f"{line}\n" for line in _evaluation(evaluation, color=color))


def headline(decision: Decision, *, color: bool = False) -> str:
    """
    Give the decision in one line: what, in which step, at which weight, how long in, when.
    """
    verdict = decision.verdict
    weight, elapsed = f"{number(decision.weight)} %", format_duration(decision.elapsed_us)
    what = paint(verdict_word(decision), Tone.BAD if decision.is_refused else TONES[verdict], color=color)
    if decision.step == BEFORE:
        return f"{what} before the first step, at {format_instant(decision.at_us)}"
    where = "from the last step," if decision.is_complete else "from" if verdict is Verdict.ADVANCE else "in"
    return f"{what} {where} {decision.step} at {weight}, {elapsed} into the step, at {format_instant(decision.at_us)}"


def lacking_text(reason: Reason) -> str | None:
    """
    Say how much time is lacking: `2m30s of 5m`.
    """
    if reason.lacking_us is None:
        return None
    whole = "" if reason.for_us is None else f" of {format_duration(reason.for_us)}"
    return f"{format_duration(reason.lacking_us)}{whole}"


def _evaluation(evaluation: Evaluation, *, color: bool) -> Iterator[str]:
    decision = evaluation.decision
    yield headline(decision, color=color)
    if evaluation.decided_us != decision.at_us:
        yield f"  decided at {format_instant(evaluation.decided_us)}, for what was seen then; it is final"
    for reason in decision.reasons:
        yield ""
        yield from _reason(reason, decision, color=color)
    if decision.missing or decision.clipped:
        yield ""
        yield from _absences(decision)
    for explanation in evaluation.explanations:
        yield ""
        yield from _explanation(explanation, color=color)
    yield ""
    yield from _footer(evaluation)


def _reason(reason: Reason, decision: Decision, *, color: bool) -> Iterator[str]:
    tone = TONES[decision.verdict]
    kind = reason.kind.value if reason.rule != reason.kind.value else ""
    name = f"{kind} {paint(visible(reason.rule), Tone.STRONG, color=color)}".strip()
    yield f"  {name}: {paint(_STATES[reason.state], tone, color=color)}"
    yield f"      {visible(reason.message)}"
    if reason.values:
        margin = reason.margin
        yield f"      seen {seen_text(reason.values)}" + ("" if margin is None else f"; {margin_text(margin)}")
    lacking = lacking_text(reason)
    since = None if reason.since_us is None else f"since {format_instant(reason.since_us)}"
    times = [part for part in (since, f"{lacking} still lacking" if lacking else None) if part]
    if times:
        yield f"      {', '.join(times)}"
    if reason.location is not None:
        place = f"{visible(reason.location.path)}:{reason.location.line}:{reason.location.column}"
        yield f"      {paint(place, Tone.FAINT, color=color)}"


def _absences(decision: Decision) -> Iterator[str]:
    for name, why in decision.missing.items():
        yield f"  missing {visible(name)}: {visible(why)}"
    for name, why in decision.clipped.items():
        yield f"  clipped {visible(name)}: {visible(why)}"


def _explanation(explanation: Explanation, *, color: bool) -> Iterator[str]:
    from canarypolicy.reports.explanation_text import explanation_lines  # noqa: PLC0415 - only where it is asked for

    name = paint(explanation.rule, Tone.STRONG, color=color)
    yield f"  {explanation.kind} {name}, `{explanation.key}`:"
    for line in explanation_lines(explanation.steps):
        yield f"      {line}"


def _footer(evaluation: Evaluation) -> Iterator[str]:
    decision = evaluation.decision
    if evaluation.lacks_gates:
        yield f"  {WITHOUT_GATES}"
    if decision.verdict is Verdict.HOLD and not decision.is_refused:
        yield f"  {_earliest(decision)}"
    yield f"  {policy_text(evaluation.policy)}"


def _earliest(decision: Decision) -> str:
    if decision.earliest_advance_us is None:
        return "earliest advance: not foreseeable"
    ahead = format_duration(decision.earliest_advance_us - decision.at_us)
    return f"earliest advance: {format_instant(decision.earliest_advance_us)}, in {ahead}"


def policy_text(policy: PolicyMark) -> str:
    """
    Name the policy that decided, with its revision and the beginning of its digest.
    """
    revision = "" if policy.revision is None else f" revision {policy.revision}"
    return f"policy: {policy.name}{revision} ({policy.digest[:12]}), {visible(policy.path)}"
