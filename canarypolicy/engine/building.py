"""
From a checked policy to the program that the fold folds with.

Nothing is judged here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from canarypolicy.derived import DERIVED
from canarypolicy.documents.duration import microseconds
from canarypolicy.documents.plan import OnTimeout
from canarypolicy.documents.rule import SampleCount, WatchRule
from canarypolicy.documents.rule_kind import Missing, RuleKind
from canarypolicy.documents.written_rules import written_rules
from canarypolicy.engine.program import Program, ProgramDerived, ProgramGate, ProgramRule, ProgramStep
from canarypolicy.engine.sustained import Asked

if TYPE_CHECKING:
    from canarypolicy.documents.checked import CheckedPolicy, Path
    from canarypolicy.documents.plan import Gate, Step
    from canarypolicy.documents.rule import Rule
    from canarypolicy.documents.written_rules import WrittenRule


def program_of(checked: CheckedPolicy) -> Program:
    """
    Make a checked policy ready for the fold.
    """
    metadata, plan = checked.policy.metadata, checked.policy.plan
    return Program(
        name=metadata.name,
        revision=metadata.revision,
        digest=checked.digest,
        source=checked.source,
        declared=checked.policy.signals,
        derived=tuple(_derived(checked, name) for name in checked.derived_order),
        slos=_rules(checked, RuleKind.SLO),
        watches=(*_rules(checked, RuleKind.ROLLBACK), *_rules(checked, RuleKind.HOLD)),
        steps=tuple(_step(checked, index, step) for index, step in enumerate(plan.steps)),
        before_gates=tuple(_gate(checked, ("before", index), gate) for index, gate in enumerate(plan.gates.before)),
        after_gates=tuple(_gate(checked, ("after", index), gate) for index, gate in enumerate(plan.gates.after)),
        every_us=microseconds(plan.every),
        max_gap_us=microseconds(plan.longest_gap),
        check=lambda: checked,
    )


def _rules(checked: CheckedPolicy, kind: RuleKind) -> tuple[ProgramRule, ...]:
    """
    Collect the policy's rules of a kind, then each step's own.
    """
    return tuple(_rule(checked, written) for written in written_rules(checked.policy) if written.kind is kind)


def _rule(checked: CheckedPolicy, written: WrittenRule) -> ProgramRule:
    when = checked.expressions[*written.path, written.condition]
    unless = checked.expressions.get((*written.path, "unless"))
    reads = when.signals if unless is None else tuple(dict.fromkeys((*when.signals, *unless.signals)))
    return ProgramRule(
        name=written.rule.name,
        kind=written.kind,
        acts_in=written.steps,
        when=when,
        unless=unless,
        asked=_asked(checked, written.rule),
        message=written.rule.message,
        location=checked.places[written.path],
        reads=reads,
    )


def _asked(checked: CheckedPolicy, rule: Rule) -> Asked:
    count = rule.for_ if isinstance(rule.for_, SampleCount) else None
    after = rule.after if isinstance(rule, WatchRule) else None
    return Asked(
        for_us=None if rule.for_ is None or isinstance(rule.for_, SampleCount) else microseconds(rule.for_),
        samples=None if count is None else count.samples,
        of=None if count is None else count.of,
        missing=rule.missing if isinstance(rule, WatchRule) else Missing.HOLD,  # an SLO that is unknown is not met
        after_us=None if after is None else microseconds(after),
        max_gap_us=microseconds(checked.policy.plan.longest_gap),
    )


def _step(checked: CheckedPolicy, index: int, step: Step) -> ProgramStep:
    return ProgramStep(
        name=step.name,
        index=index,
        weight=float(step.weight),
        min_us=microseconds(step.min),
        max_us=None if step.max is None else microseconds(step.max),
        rolls_back_on_timeout=step.on_timeout is OnTimeout.ROLLBACK,
        needs_approval=step.approval is not None,
        location=checked.places["plan", "steps", index],
    )


def _gate(checked: CheckedPolicy, where: tuple[str, int], gate: Gate) -> ProgramGate:
    path: Path = ("plan", "gates", *where)
    return ProgramGate(
        name=gate.name,
        require=checked.expressions[*path, "require"],
        rolls_back_on_fail=getattr(gate, "on_fail", None) is OnTimeout.ROLLBACK,
        location=checked.places[path],
    )


def _derived(checked: CheckedPolicy, name: str) -> ProgramDerived:
    chosen = checked.policy.derived[name]
    function = DERIVED[chosen.name]
    reads = function.inputs(chosen.parameters)
    return ProgramDerived(
        name=name,
        function=function,
        parameters=chosen.parameters,
        reads=reads,
        inputs=tuple(checked.declared[each] for each in reads),
    )
