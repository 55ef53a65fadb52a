"""
A policy's rules where all is well: every signal at its `healthy` value, for as long as any window is.

Derived signals are folded over a constant history that fills their windows, and then over as much again in the rollout.
What takes too long to fill is not tried, and nothing is said of the rules that read it; a rule that reads `rollout.*` is
tried in the first steps in which it acts. No lint lives here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from canarypolicy.cel.expression import Truth, Values
from canarypolicy.derived import DERIVED
from canarypolicy.derived.window import Missing, Tick
from canarypolicy.documents.checked import CheckedPolicy
from canarypolicy.documents.duration import microseconds
from canarypolicy.documents.plan import START
from canarypolicy.documents.signals import BUILT_IN_SIGNALS, SignalType, Value
from canarypolicy.documents.span import Span
from canarypolicy.lints.declared import evidence_in, inputs_of, number
from canarypolicy.lints.rules import PlacedRule, place_of, rules_of

_MOST_SAMPLES = 1_000
_MOST_FOLDS = 20_000
_MOST_STEPS = 100
_FOR_EVER_SECONDS = 100.0 * 365 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """
    The values of all signals where all is well.
    """

    values: Mapping[str, Value]
    missing: Mapping[str, str]
    """Derived signals without a value even then, and why."""
    untried: frozenset[str]
    """Derived signals whose windows take too long to fill."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """
    What a rule is where all is well, at any time in a step.
    """

    rule: PlacedRule
    where: str
    """The step, if the rule reads `rollout.*`; without it, the same is the case in every step."""
    truths: frozenset[Truth]


def outcomes_of(checked: CheckedPolicy, health: Health) -> Iterator[Outcome]:
    """
    Give what each rule is in each step in which it acts, but for rules that read what was not tried.
    """
    moments = dict(_moments(checked))
    for rule in rules_of(checked):
        names = {name for part in rule.parts for name in part.signals}
        if names & health.untried:
            continue
        reads_rollout = not names.isdisjoint(BUILT_IN_SIGNALS)
        values = {name: health.values[name] for name in names if name in health.values}
        for step in rule.acts_in[: _MOST_STEPS if reads_rollout else 1]:
            tried = moments[step.name] if reads_rollout else moments[step.name][:1]
            truths = frozenset(_truth(rule, {**values, **moment}) for moment in tried)
            yield Outcome(rule=rule, where=f" in step `{step.name}`" if reads_rollout else "", truths=truths)


def _truth(rule: PlacedRule, values: Values) -> Truth:
    condition: Truth = rule.condition.evaluate(values)
    exempted: Truth = rule.unless.evaluate(values) if rule.unless is not None else False
    if condition is False or exempted is True:
        return False
    return condition


def _moments(checked: CheckedPolicy) -> Iterator[tuple[str, tuple[Mapping[str, Value], ...]]]:
    """
    Give, for each step, what `rollout.*` are at some times in it, from its entry to a time beyond every limit.
    """
    before = 0.0
    for step in checked.policy.plan.steps:
        shortest = step.min.total_seconds()
        longest = step.max.total_seconds() if step.max is not None else 2 * shortest
        yield (
            step.name,
            tuple(
                {
                    "rollout.weight": float(step.weight),
                    "rollout.step": step.name,
                    "rollout.step_elapsed_seconds": elapsed,
                    "rollout.elapsed_seconds": before + elapsed,
                }
                for elapsed in (0.0, shortest / 2, shortest, longest, _FOR_EVER_SECONDS)
            ),
        )
        before += shortest


def health_of(checked: CheckedPolicy) -> Health:
    """
    Give the healthy values of all signals, and of derived signals computed from them.
    """
    values: dict[str, Value] = {
        name: float(signal.healthy) if signal.type is SignalType.DOUBLE else signal.healthy
        for name, signal in checked.policy.signals.items()
    }
    needed = _samples_needed(checked)
    samples = max(needed.values(), default=0)
    missing: dict[str, str] = {}
    states = {name: _begin(checked, name) for name in checked.derived_order if name in needed}
    for tick in _ticks(checked, samples):
        for name, state in states.items():
            choice = checked.policy.derived[name]
            inputs = tuple(values.get(each, Missing(why=f"`{each}` is missing")) for each in inputs_of(checked, name))
            value, states[name] = DERIVED[choice.name].fold(state, tick, inputs)
            values.pop(name, None)
            missing.pop(name, None)
            if isinstance(value, Missing):
                missing[name] = value.why
            else:
                values[name] = value
    return Health(
        values=MappingProxyType(values),
        missing=MappingProxyType(missing),
        untried=frozenset(checked.policy.derived) - needed.keys(),
    )


def _samples_needed(checked: CheckedPolicy) -> dict[str, int]:
    """
    Give how many samples fill the window of each derived signal and of those that it reads; what needs too many is left out.
    """
    most = min(_MOST_SAMPLES, _MOST_FOLDS // max(1, len(checked.policy.derived)))
    needed: dict[str, int] = {}
    for name in checked.derived_order:
        below = [needed.get(each, 0 if each in checked.policy.signals else most) for each in inputs_of(checked, name)]
        samples = 2 - (-checked.policy.derived[name].parameters.over // checked.policy.plan.every) + max(below)
        if samples <= most:
            needed[name] = samples
    return needed


def _begin(checked: CheckedPolicy, name: str) -> object:
    choice = checked.policy.derived[name]
    inputs = tuple(checked.declared[each] for each in inputs_of(checked, name))
    return DERIVED[choice.name].begin(choice.parameters, inputs)


def _ticks(checked: CheckedPolicy, samples: int) -> Iterator[Tick]:
    """
    Give as many samples before the rollout as in it; all steps are entered at once, so that all that is frozen is.
    """
    every_us = microseconds(checked.policy.plan.every)
    entered_us = samples * every_us
    entries = dict.fromkeys([START, *(step.name for step in checked.policy.plan.steps)], entered_us)
    for index in range(2 * samples + 1):
        has_begun = index >= samples
        yield Tick(
            at_us=index * every_us,
            previous_us=(index - 1) * every_us if index else None,
            entered_us=entered_us if has_begun else None,
            entry_belongs=True,
            entries=entries if has_begun else {},
            max_gap_us=microseconds(checked.policy.plan.longest_gap),
        )


def told(checked: CheckedPolicy, health: Health, rule: PlacedRule) -> str:
    """
    Say what each signal that a rule reads is where all is well, and what to correct.
    """
    names = dict.fromkeys(name for part in rule.parts for name in evidence_in(part.tree) if name in checked.declared)
    parts = []
    for name in [each for each in names if each not in BUILT_IN_SIGNALS][:8]:
        if name in health.missing:
            parts.append(f"`{name}` is missing ({health.missing[name]})")
        else:
            parts.append(f"`{name}` is {written(health.values[name])}")
    return f"{', '.join(parts)}; correct `healthy` or the rule" if parts else "correct the rule"


def written(value: Value) -> str:
    """
    Write a value as a policy would.
    """
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f"`{value}`"
        case _:
            return number(value)


def place_and_start(checked: CheckedPolicy, rule: PlacedRule) -> tuple[Span, str]:
    """
    Give what a finding about a rule underlines and how its sentence starts: the one healthy value, or the rule.
    """
    names = {name for part in rule.parts for name in evidence_in(part.tree)} - BUILT_IN_SIGNALS.keys()
    name = names.pop() if len(names) == 1 else None
    if name is None or name not in checked.policy.signals:
        return place_of(rule.condition), "with all signals at their healthy values,"
    value = written(checked.policy.signals[name].healthy)
    return checked.places["signals", name, "healthy"], f"`{name}` is healthy at {value}, but there"
