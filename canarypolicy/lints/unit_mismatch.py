"""
A signal is compared in another unit than its own.

Either two signals of unlike units stand side by side (seconds against milliseconds), or the limit is given in the other
of ratio and percent: `0.95` against a signal in percent whose healthy value is 99.5, or `2.0` against a ratio whose
healthy value is 0.002. A limit is reported if it is at most 1 for a signal in percent, or above 1 for a ratio, and would
be nearer to the healthy value if it were taken in the other unit.

Avoid:

    slos:
      - {name: success, require: canary.success_percent > 0.95, for: 5m}

Prefer:

    slos:
      - {name: success, require: canary.success_percent > 95.0, for: 5m}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from canarypolicy.cel.tree import Arithmetic, Compare, Literal, Node, Signal, walk
from canarypolicy.documents import signals as declarations
from canarypolicy.documents.checked import CheckedPolicy
from canarypolicy.documents.finding import Finding, Severity
from canarypolicy.documents.signals import Unit
from canarypolicy.lints.declared import number
from canarypolicy.lints.implication import limit_of
from canarypolicy.lints.lint import Lint
from canarypolicy.lints.rules import place_of

_IN_THE_OTHER = {Unit.PERCENT: (100.0, "ratio"), Unit.RATIO: (0.01, "percentage")}


def find(checked: CheckedPolicy) -> Iterator[Finding]:
    """
    Report each comparison, sum and difference across units.
    """
    signals = checked.policy.signals
    for expression in checked.expressions.values():
        for node in walk(expression.tree):
            sentence = _unlike(node, signals) or _wrong_scale(node, signals)
            if sentence is not None:
                yield UNIT_MISMATCH.finding(
                    place_of(expression, node.span), sentence, help="convert one side, or correct the `unit` of the signal"
                )


def _unlike(node: Node, signals: Mapping[str, declarations.Signal]) -> str | None:
    if not isinstance(node, Compare | Arithmetic) or (isinstance(node, Arithmetic) and node.operator not in ("+", "-")):
        return None
    left, right = node.left, node.right
    if not isinstance(left, Signal) or not isinstance(right, Signal) or not signals.keys() >= {left.name, right.name}:
        return None
    units = signals[left.name].unit, signals[right.name].unit
    if units[0] is units[1] or Unit.NONE in units:
        return None
    return f"the unit of `{left.name}` is {units[0].value}, that of `{right.name}` is {units[1].value}"


def _wrong_scale(node: Node, signals: Mapping[str, declarations.Signal]) -> str | None:
    limit = limit_of(node)
    if (
        limit is None
        or not isinstance(limit.left, Signal)
        or limit.left.name not in signals
        or not isinstance(limit.right, Literal)
    ):
        return None
    signal, value = signals[limit.left.name], limit.right.value
    if signal.unit not in _IN_THE_OTHER or isinstance(signal.healthy, bool | str) or not isinstance(value, int | float):
        return None
    factor, other = _IN_THE_OTHER[signal.unit]
    is_of_the_other = 0 < value <= 1 if signal.unit is Unit.PERCENT else value > 1
    if not is_of_the_other or signal.healthy <= 0 or not _is_nearer(value * factor, value, float(signal.healthy)):
        return None
    return (
        f"the unit of `{limit.left.name}` is {signal.unit.value}, and it is healthy at {number(signal.healthy)}: "
        f"the limit {number(value)} looks like a {other}"
    )


def _is_nearer(one: float, other: float, aim: float) -> bool:
    return max(one / aim, aim / one) < max(other / aim, aim / other)


UNIT_MISMATCH = Lint(name="unit-mismatch", severity=Severity.WARNING, find=find)
