"""
What a slip in a rule looks like before anything is proved: does it lose a rollback, gain an advance, or neither.

Both expressions are evaluated at and beside their limits. What they say nowhere differently there may be either.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Flag, auto
from itertools import islice, product
from math import inf, isfinite, nextafter
from typing import TYPE_CHECKING

from canarypolicy.cel.tree import Literal, walk
from canarypolicy.documents.rule import RuleKind
from canarypolicy.documents.signals import SignalType
from canarypolicy.mutation.mutant import Danger

if TYPE_CHECKING:
    from canarypolicy.cel.expression import Expression
    from canarypolicy.documents.checked import CheckedPolicy
    from canarypolicy.documents.signals import Value

_MOST_POINTS = 400


class Effect(Flag):
    """
    When the changed rule is true.
    """

    MORE = auto()
    LESS = auto()


EITHER = Effect.MORE | Effect.LESS


def danger_of(kind: RuleKind, effect: Effect) -> Danger:
    """
    Say what it means that a rule is true at other times than it was.
    """
    if kind is RuleKind.ROLLBACK:
        return Danger.LOSES_ROLLBACK if Effect.LESS in effect else Danger.STRICTER
    loosens = Effect.MORE if kind is RuleKind.SLO else Effect.LESS
    return Danger.GAINS_ADVANCE if loosens in effect else Danger.STRICTER


def effect_of(checked: CheckedPolicy, old: Expression, new: Expression) -> Effect:
    """
    Say at which points the new expression is true where the old one is not, and the other way round.
    """
    effect = Effect(0)
    for values in _points(checked, old, new):
        before, after = old.evaluate(values) is True, new.evaluate(values) is True
        if before != after:
            effect |= Effect.MORE if after else Effect.LESS
    return effect or EITHER


def _points(checked: CheckedPolicy, *expressions: Expression) -> Iterator[dict[str, Value]]:
    literals = [
        node.value
        for expression in expressions
        for node in walk(expression.tree)
        if isinstance(node, Literal) and isinstance(node.value, int | float) and not isinstance(node.value, bool)
    ]
    limits = [float(value) for value in literals if isfinite(value)]
    names = dict.fromkeys(name for expression in expressions for name in expression.signals)
    axes = [_axis(checked, name, expressions, limits) for name in names]
    for corner in islice(product(*axes), _MOST_POINTS):
        yield dict(zip(names, corner, strict=True))


def _axis(checked: CheckedPolicy, name: str, expressions: Sequence[Expression], limits: Sequence[float]) -> list[Value]:
    signal = checked.policy.signals.get(name)
    healthy = [] if signal is None else [signal.healthy]
    type_ = next(expression.types[name] for expression in expressions if name in expression.types)
    match type_:
        case SignalType.BOOL:
            return [False, True]
        case SignalType.STRING:
            return list((signal.values if signal is not None else None) or (step.name for step in checked.policy.plan.steps))
        case SignalType.INT:
            return list(dict.fromkeys(int(each) + beside for each in [*limits, 0] for beside in (0, -1, 1)))
        case SignalType.DOUBLE:
            beside = [each for limit in limits for each in (limit, nextafter(limit, inf), nextafter(limit, -inf), limit * 2)]
            return [float(each) for each in dict.fromkeys([*beside, 0.0, *healthy]) if not isinstance(each, str)]
    return []  # a probe's list of checks
