"""
A part of a rule always has the same truth value within the declared ranges.

The rule as a whole can be true and false, but one operand of its `&&` or `||`, or the condition of its `?:`, cannot: it
never decides anything, and what it was written for is not checked. Most are slips of scale, as in `unreachable-rule`.
The lint calculates with intervals: what it reports is certain, for every value that the declarations admit.

Avoid:

    rollback:
      - {name: errors, when: canary.error_rate > 1.0 || canary.latency > 2.0, for: 5m}

Prefer:

    rollback:
      - {name: errors, when: canary.error_rate > 0.02 || canary.latency > 2.0, for: 5m}
"""

from __future__ import annotations

from collections.abc import Iterator

from canarypolicy.cel.ranges import Known, can_be, operands
from canarypolicy.cel.tree import And, Conditional, Literal, Macro, Node, Or, children
from canarypolicy.documents.checked import CheckedPolicy
from canarypolicy.documents.finding import Finding, Severity
from canarypolicy.lints.declared import describe, known_of
from canarypolicy.lints.judged import judged_expressions, quote
from canarypolicy.lints.lint import Lint
from canarypolicy.lints.rules import place_of

_WORDS = {frozenset({True}): "never false", frozenset({False}): "never true", frozenset[bool](): "always unknown"}


def find(checked: CheckedPolicy) -> Iterator[Finding]:
    """
    Report each operand with one truth value in an expression with two.
    """
    known = known_of(checked)
    for judged in judged_expressions(checked):
        expression = judged.expression
        if len(_outcomes(expression.tree, known)) < 2:
            continue  # `unreachable-rule` and `constant-rule` speak of these
        for operand in _constant_operands(expression.tree, known):
            yield CONSTANT_OPERAND.finding(
                place_of(expression, operand.span),
                f"{quote(expression, operand.span)} is {_WORDS[_outcomes(operand, known)]}, so it decides nothing",
                help=describe(checked, operand),
            )


def _outcomes(node: Node, known: Known) -> frozenset[bool]:
    return frozenset(truth for truth in (True, False) if can_be(node, truth, known))


def _constant_operands(node: Node, known: Known) -> Iterator[Node]:
    """
    Give each part with one outcome that a logical operator combines; literals and the bodies of macros are left alone.
    """
    match node:
        case And() | Or():
            parts = tuple(operands(node))
        case Conditional(condition=condition):
            parts = (condition,)
        case _:
            parts = ()
    constant = [part for part in parts if not isinstance(part, Literal) and len(_outcomes(part, known)) < 2]
    yield from constant
    for child in parts if isinstance(node, And | Or) else children(node):
        if not isinstance(child, Macro) and child not in constant:
            yield from _constant_operands(child, known)


CONSTANT_OPERAND = Lint(name="constant-operand", severity=Severity.WARNING, find=find)
