"""
What each part of a policy says, key by key: rules, steps, signals, derived signals, gates, invariants.

What only describes (metadata, a signal's description) is no fact; a rule's message and runbook are, since people act on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, assert_never

from canarypolicy.documents.plan import AfterGate
from canarypolicy.documents.policy import AlwaysWithin, NeverBefore, NeverWhile
from canarypolicy.documents.rule import Missing, RuleKind, SampleCount, WatchRule
from canarypolicy.review.written import Fact, Facts, flow, values_of

if TYPE_CHECKING:
    from canarypolicy.documents.checked import Path
    from canarypolicy.documents.plan import Gate, Plan, Recovery, Step
    from canarypolicy.documents.policy import Invariant
    from canarypolicy.documents.signals import Signal
    from canarypolicy.documents.written_rules import WrittenRule
    from canarypolicy.review.written import Side

NO_NAMES: Mapping[str, str] = {}
"""Where no step was renamed."""


def rule_facts(side: Side, written: WrittenRule, steps: frozenset[str]) -> Facts:
    """
    Give what a rule says; `steps` are those in which it acts, as far as they are compared.
    """
    rule, path = written.rule, written.path
    unlimited = "all steps" if path[0] != "plan" else f"only {written.acts_in[0].name}"
    said = [
        side.expression(path, written.condition),
        side.expression(path, "unless"),
        _sustained(side, path, rule.for_),
        side.fact(path, "steps", steps, unlimited),
        _missing(side, path, rule),
        side.fact(path, "message", rule.message),
        side.fact(path, "runbook", rule.runbook),
    ]
    return _by_key(said)


def _by_key(said: Iterable[Fact]) -> Facts:
    return {fact.keys[0]: fact for fact in said}


def _sustained(side: Side, path: Path, asked: Any) -> Fact:
    if isinstance(asked, SampleCount):
        return Fact(keys=("for",), value=(asked.samples, asked.of), text=f"{asked.samples} of {asked.of} samples")
    return side.fact(path, "for", asked)


def _missing(side: Side, path: Path, rule: Any) -> Fact:
    """
    Give what unknown does; `after` belongs to it, since neither may stand without the other.
    """
    keys = ("missing", "after")
    if not isinstance(rule, WatchRule):
        return Fact(keys=keys, value=Missing.HOLD, text=None)
    after = "" if rule.after is None else f" after {flow(side.at((*path, 'after')))}"
    return Fact(keys=keys, value=(rule.missing, rule.after), text=f"{rule.missing.value}{after}")


def step_facts(side: Side, path: Path, step: Step) -> Facts:
    """
    Give what a step says besides its own rules.
    """
    return _by_key(
        [
            side.fact(path, "weight", float(step.weight)),
            side.fact(path, "min", step.min),
            side.fact(path, "max", step.max),
            side.fact(path, "on_timeout", step.on_timeout, "hold"),
            side.fact(path, "approval", step.approval),
        ]
    )


def step_content(side: Side, index: int, step: Step, own: Iterable[WrittenRule]) -> tuple[object, ...]:
    """
    Give all that a step is but its name, so that a renamed one is known again.
    """
    rules = {(each.kind, each.rule.name): values_of(rule_facts(side, each, frozenset())) for each in own}
    return values_of(step_facts(side, ("plan", "steps", index), step)), rules


def plan_facts(side: Side, plan: Plan, other: Plan) -> Facts:
    """
    Give how often is judged, and how long a silence may be; `other` is the other side's plan.
    """
    is_default_written_out = other.max_gap is None and plan.max_gap == 3 * plan.every
    gap = side.fact(("plan",), "max_gap", None if is_default_written_out else plan.max_gap, "3 * every")
    return _by_key([side.fact(("plan",), "every", plan.every), gap])


def end_facts(side: Side, plan: Plan) -> Facts:
    """
    Give what follows a rollback, but for the recovery.
    """
    freeze = {True: "policy", False: None}.get(plan.on_rollback.freeze, plan.on_rollback.freeze)  # type: ignore[arg-type]  # a bool or a word
    return _by_key([side.fact(("plan", "on_rollback"), "freeze", freeze, "false")])


def recovery_facts(side: Side, path: Path, recovery: Recovery) -> Facts:
    """
    Give what is watched after a rollback.
    """
    return _by_key(
        [
            side.expression(path, "require"),
            side.fact(path, "for", recovery.for_),
            side.fact(path, "within", recovery.within),
        ]
    )


def gate_facts(side: Side, path: Path, gate: Gate) -> Facts:
    """
    Give what a gate says.
    """
    said = [side.fact(path, "probe", gate.probe), side.expression(path, "require")]
    if isinstance(gate, AfterGate):
        said.append(side.fact(path, "on_fail", gate.on_fail, "hold"))
    return _by_key(said)


def signal_facts(side: Side, path: Path, signal: Signal) -> Facts:
    """
    Give what a signal is declared to be, but for its type.
    """
    return _by_key(
        [
            side.fact(path, "unit", signal.unit, "none"),
            side.fact(path, "range", signal.range, "[null, null]"),
            side.fact(path, "values", None if signal.values is None else frozenset(signal.values)),
            side.fact(path, "healthy", signal.healthy),
            side.fact(path, "worse", signal.worse),
            side.fact(path, "max_age", signal.max_age),
        ]
    )


def derived_value(chosen: Any, renamed: Mapping[str, str]) -> object:
    """
    Give what a derived signal is computed by, its parameters with their defaults.
    """
    parameters = chosen.parameters.model_dump()
    if chosen.name == "frozen":
        parameters["at"] = renamed.get(parameters["at"], parameters["at"])
    return chosen.name, parameters


def invariant_value(side: Side, path: Path, invariant: Invariant, renamed: Mapping[str, str]) -> object:
    """
    Give what an invariant claims.
    """
    match invariant:
        case NeverWhile():
            return invariant.never, side.expression(path, "while").value
        case AlwaysWithin():
            return side.expression(path, "when").value, invariant.within
        case NeverBefore():
            return renamed.get(invariant.never.reach, invariant.never.reach), invariant.before
        case _:
            assert_never(invariant)


def checklist_value(item: Any, renamed: Mapping[str, str]) -> object:
    """
    Give the evidence that ticks an item of the checklist, and its text.
    """
    said = item.model_dump()
    if item.steps is not None:
        said["steps"] = [renamed.get(name, name) for name in item.steps]
    return said


def told(facts: Facts, kind: RuleKind) -> str:
    """
    Tell a rule in short: what it asks, and for how long.
    """
    condition, sustained = facts["require" if kind is RuleKind.SLO else "when"].text, facts["for"].text
    return f"{condition}" if sustained is None else f"{condition} for {sustained}"
