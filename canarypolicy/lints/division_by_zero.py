"""
A divisor may be zero within the declared ranges, and nothing guards the division.

A division by zero is unknown: the SLO is not met, and the rollback or hold rule holds the rollout until there is a value
again. That is safe, and often a surprise: a canary without traffic stays where it is. Say what is meant: guard the
division with `&&`, `||` or `?:`, or declare a `range` that leaves zero out.
The lint calculates with intervals; where it is silent, the divisor is never zero.

Avoid:

    rollback:
      - {name: errors, when: canary.errors / canary.requests >= 0.02, for: 5m}

Prefer:

    rollback:
      - {name: errors, when: canary.requests > 0.0 && canary.errors / canary.requests >= 0.02, for: 5m}
"""

from __future__ import annotations

from collections.abc import Iterator

from canarypolicy.cel.interval import Interval
from canarypolicy.cel.ranges import Known, assume, operands, possible
from canarypolicy.cel.tree import And, Arithmetic, Conditional, Macro, Node, Or, children
from canarypolicy.documents.checked import CheckedPolicy
from canarypolicy.documents.finding import Finding, Severity
from canarypolicy.lints.declared import known_of
from canarypolicy.lints.judged import quote
from canarypolicy.lints.lint import Lint
from canarypolicy.lints.rules import place_of


def find(checked: CheckedPolicy) -> Iterator[Finding]:
    """
    Report each divisor that can be zero where it stands.
    """
    known = known_of(checked)
    for expression in checked.expressions.values():
        for division in _unguarded(expression.tree, known):
            divisor = quote(expression, division.right.span)
            yield DIVISION_BY_ZERO.finding(
                place_of(expression, division.right.span),
                f"{divisor} may be zero, and then {quote(expression, division.span)} is unknown",
                help="guard the division, such as `d > 0.0 && n / d > 0.02`, or declare a range without zero",
            )


def _unguarded(node: Node, known: Known) -> Iterator[Arithmetic]:
    """
    Give the divisions that no operand beside them guards; the bodies of macros are left alone.
    """
    match node:
        case Macro(target=target):
            yield from _unguarded(target, known)
        case And() | Or():
            parts = tuple(operands(node))
            for part in parts:
                beside = known
                for other in parts:
                    if other is not part:
                        beside = assume(other, isinstance(node, And), beside)
                yield from _unguarded(part, beside)
        case Conditional(condition=condition, yes=yes, no=no):
            yield from _unguarded(condition, known)
            yield from _unguarded(yes, assume(condition, True, known))
            yield from _unguarded(no, assume(condition, False, known))
        case _:
            if isinstance(node, Arithmetic) and node.operator in ("/", "%"):
                divisor = possible(node.right, known)
                if isinstance(divisor, Interval) and divisor.has_zero:
                    yield node
            for child in children(node):
                yield from _unguarded(child, known)


DIVISION_BY_ZERO = Lint(name="division-by-zero", severity=Severity.WARNING, find=find)
