"""
What a policy's declarations say about the values in its expressions.

Sets of possible values for the reading of ranges, and what a name stands for; no lint lives here.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, floor
from typing import assert_never

from canarypolicy.cel.expression import Expression
from canarypolicy.cel.interval import ANYTHING, DOUBLES, INT_MAX, INTS, TRUTHS, Choices, Interval, Number, Possible
from canarypolicy.cel.ranges import Known
from canarypolicy.cel.tree import Node, Signal, walk
from canarypolicy.derived import DERIVED
from canarypolicy.derived.window import Input
from canarypolicy.documents.checked import CheckedPolicy
from canarypolicy.documents.signals import SignalType

_MOST_TOLD = 8
_LONGEST_WHOLE = 10**15


def known_of(checked: CheckedPolicy) -> Known:
    """
    Give what each name in the policy's expressions can be.
    """
    steps = checked.policy.plan.steps
    weights = [float(step.weight) for step in steps]
    built_in: dict[str, Possible] = {
        "rollout.weight": Interval(min(weights), max(weights)),
        "rollout.step": Choices(frozenset(step.name for step in steps)),
        "rollout.step_elapsed_seconds": Interval(0.0, DOUBLES.high),
        "rollout.elapsed_seconds": Interval(0.0, DOUBLES.high),
        "result.passed": Interval(0, INT_MAX),
        "result.failed": Interval(0, INT_MAX),
    }
    declared = {name: _admitted(name, each, checked) for name, each in checked.declared.items()}
    return Known(signals={**declared, **built_in})


def _admitted(name: str, declared: Input, checked: CheckedPolicy) -> Possible:
    match declared.type:
        case SignalType.DOUBLE:
            return _bounded(DOUBLES, *(None if bound is None else float(bound) for bound in declared.range))
        case SignalType.INT:
            low, high = declared.range
            return _bounded(INTS, None if low is None else floor(low), None if high is None else ceil(high))
        case SignalType.BOOL:
            return TRUTHS
        case SignalType.STRING:
            signal = checked.policy.signals.get(name)
            return ANYTHING if signal is None or signal.values is None else Choices(frozenset(signal.values))
        case _:
            assert_never(declared.type)


def _bounded(whole: Interval, low: Number | None, high: Number | None) -> Interval:
    return Interval(whole.low if low is None else low, whole.high if high is None else high)


def evidence_in(tree: Node) -> tuple[str, ...]:
    """
    Name what an expression reads the value of, in order of first use; `has` reads no value.
    """
    return tuple(dict.fromkeys(node.name for node in walk(tree) if isinstance(node, Signal)))


def inputs_of(checked: CheckedPolicy, name: str) -> tuple[str, ...]:
    """
    Name what a derived signal is computed from; any other name is computed from nothing.
    """
    choice = checked.policy.derived.get(name)
    return () if choice is None else DERIVED[choice.name].inputs(choice.parameters)


def measured_by(checked: CheckedPolicy, *expressions: Expression) -> frozenset[str]:
    """
    Name the measured signals whose values expressions read, also through derived signals.
    """
    names = [name for expression in expressions for name in evidence_in(expression.tree)]
    return frozenset(name for name in reached(checked, names) if name in checked.policy.signals)


def reached(checked: CheckedPolicy, names: list[str]) -> Iterator[str]:
    """
    Give the names and all that they are computed from, each once.
    """
    seen: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            yield name
            waiting.extend(inputs_of(checked, name))


def describe(checked: CheckedPolicy, node: Node) -> str | None:
    """
    Say in which range each number that an expression reads lies; None if nothing bounds them.
    """
    known = known_of(checked)
    told = []
    for name in evidence_in(node):
        values = known.signals.get(name)
        bounds = _bounds(values) if isinstance(values, Interval) else None
        if bounds is not None:
            told.append(f"`{name}` is {bounds}")
    return "; ".join(told[:_MOST_TOLD]) or None


def _bounds(interval: Interval) -> str | None:
    is_low_open, is_high_open = interval.low in (DOUBLES.low, INTS.low), interval.high in (DOUBLES.high, INTS.high)
    low, high = number(interval.low), number(interval.high)
    if is_low_open:
        return None if is_high_open else f"at most {high}"
    return f"at least {low}" if is_high_open else f"within [{low}, {high}]"


def number(value: float) -> str:
    """
    Write a number as short as it can be read back: `1` for 1.0.
    """
    return str(int(value)) if value == int(value) and abs(value) < _LONGEST_WHOLE else repr(value)
