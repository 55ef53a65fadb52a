"""
A rule can never be false within the declared ranges.

An SLO that is met by whatever is measured guards nothing, and a rollback rule that is true of whatever is measured ends
every rollout. Most are slips of scale or of direction: a limit lies at or beyond the end of the signal's `range`.
The lint calculates with intervals: what it reports is certain, for every value that the declarations admit. It looks at
rules, their `unless`, gates, the recovery and invariants.

Avoid:

    slos:
      - {name: error-rate, require: canary.error_rate <= 1.0, for: 5m}

Prefer:

    slos:
      - {name: error-rate, require: canary.error_rate <= 0.01, for: 5m}
"""

from __future__ import annotations

from collections.abc import Iterator

from canarypolicy.cel.ranges import Known, can_be, operands
from canarypolicy.cel.tree import Node, Or
from canarypolicy.documents.checked import CheckedPolicy
from canarypolicy.documents.finding import Finding, Severity
from canarypolicy.lints.declared import describe, known_of
from canarypolicy.lints.judged import judged_expressions, quote
from canarypolicy.lints.lint import Lint
from canarypolicy.lints.rules import place_of


def find(checked: CheckedPolicy) -> Iterator[Finding]:
    """
    Report each judged expression that can be true and cannot be false, at the smallest part that is to blame.
    """
    known = known_of(checked)
    for judged in judged_expressions(checked):
        expression = judged.expression
        if can_be(expression.tree, True, known) and not can_be(expression.tree, False, known):
            blamed = _blamed(expression.tree, known)
            yield CONSTANT_RULE.finding(
                place_of(expression, blamed.span),
                f"{judged.never_false}: {quote(expression, blamed.span)} is never false",
                help=describe(checked, blamed),
            )


def _blamed(node: Node, known: Known) -> Node:
    if isinstance(node, Or):
        for operand in operands(node):  # pragma: no branch - operands are judged one by one, so one of them is to blame
            if not can_be(operand, False, known):
                return _blamed(operand, known)
    return node


CONSTANT_RULE = Lint(name="constant-rule", severity=Severity.WARNING, find=find)
