"""
Slips in the plan: a step's times, its timeout and its approval, the gates, and the longest silence.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from canarypolicy.documents.plan import AfterGate, OnTimeout
from canarypolicy.documents.wording import code
from canarypolicy.mutation.drafts import Draft, duration_text, span_of, was_is
from canarypolicy.mutation.edited import GONE, with_keys, without_item
from canarypolicy.mutation.mutant import Danger, MutantKind
from canarypolicy.mutation.rules import expression_drafts

if TYPE_CHECKING:
    from canarypolicy.documents.checked import CheckedPolicy, Path
    from canarypolicy.documents.plan import Gate, Step

_NONE = timedelta(0)


def plan_drafts(checked: CheckedPolicy) -> Iterator[Draft]:
    """
    Give the slips in all steps, then those in the gates, then those of the plan.
    """
    plan = checked.policy.plan
    for index, step in enumerate(plan.steps):
        yield from _of_step(checked, ("plan", "steps", index), step)
    for key in ("before", "after"):
        for index, gate in enumerate(getattr(plan.gates, key)):
            yield from _of_gate(checked, ("plan", "gates", key, index), gate)
    for gap in (plan.longest_gap / 2, plan.longest_gap * 2):
        yield Draft(
            kind=MutantKind.MAX_GAP,
            sentence=was_is("plan", "max_gap", duration_text(plan.longest_gap), duration_text(gap)),
            place=span_of(checked, ("plan", "max_gap") if plan.max_gap is not None else ("plan", "every")),
            danger=Danger.GAINS_ADVANCE if gap > plan.longest_gap else Danger.LOSES_ROLLBACK,
            says=(("plan",), "max_gap", gap),
            checked=with_keys(checked, ("plan",), max_gap=gap),
        )


def _of_step(checked: CheckedPolicy, path: Path, step: Step) -> Iterator[Draft]:
    label, every = f"step {code(step.name)}", checked.policy.plan.every

    def changed(kind: MutantKind, key: str, now: Any, words: tuple[str | None, str | None], danger: Danger) -> Draft:
        return Draft(
            kind=kind,
            sentence=was_is(label, key, *words),
            place=span_of(checked, (*path, key)),
            danger=danger,
            says=(path, key, repr(now)),
            checked=with_keys(checked, path, **{key: now}),
        )

    for other in _times_near(step.min, every):
        danger = Danger.GAINS_ADVANCE if other < step.min else Danger.STRICTER
        yield changed(MutantKind.MIN, "min", other, (duration_text(step.min), duration_text(other)), danger)
    if step.approval is not None:
        yield changed(MutantKind.APPROVAL_DROPPED, "approval", GONE, ("required", None), Danger.GAINS_ADVANCE)
    if step.max is None:
        return
    rolls_back = step.on_timeout is OnTimeout.ROLLBACK
    for other in _times_near(step.max, every):
        danger = Danger.STRICTER if other < step.max else Danger.LOSES_ROLLBACK
        words = duration_text(step.max), duration_text(other)
        yield changed(MutantKind.MAX, "max", other, words, danger if rolls_back else Danger.REASONS_ONLY)
    if not rolls_back:
        yield changed(MutantKind.MAX, "max", GONE, (duration_text(step.max), None), Danger.REASONS_ONLY)
    turned = OnTimeout.HOLD if rolls_back else OnTimeout.ROLLBACK
    danger = Danger.LOSES_ROLLBACK if rolls_back else Danger.STRICTER
    yield changed(MutantKind.ON_TIMEOUT, "on_timeout", turned, (step.on_timeout.value, turned.value), danger)


def _times_near(duration: timedelta, every: timedelta) -> Iterator[timedelta]:
    tried = (duration - every, duration + every, duration / 2, duration * 2, _NONE)
    yield from (each for each in dict.fromkeys(tried) if each != duration and each >= _NONE)


def _of_gate(checked: CheckedPolicy, path: Path, gate: Gate) -> Iterator[Draft]:
    label = f"gate {code(gate.name)}"
    yield from expression_drafts(checked, (*path, "require"), label, Danger.GAINS_ADVANCE)
    if isinstance(gate, AfterGate):
        turned = OnTimeout.HOLD if gate.on_fail is OnTimeout.ROLLBACK else OnTimeout.ROLLBACK
        yield Draft(
            kind=MutantKind.ON_FAIL,
            sentence=was_is(label, "on_fail", gate.on_fail.value, turned.value),
            place=span_of(checked, (*path, "on_fail")),
            danger=Danger.LOSES_ROLLBACK if turned is OnTimeout.HOLD else Danger.STRICTER,
            says=(path, "on_fail", turned),
            checked=with_keys(checked, path, on_fail=turned),
        )
    named = {name for item in checked.policy.plan.checklist for name in item.gates or ()}
    yield Draft(
        kind=MutantKind.GATE_DROPPED,
        sentence=f"{label} is gone",
        place=span_of(checked, path),
        danger=Danger.GAINS_ADVANCE,
        says=(path, "gone", None),
        checked=None if gate.name in named else without_item(checked, path),  # the checklist would name no gate
    )
