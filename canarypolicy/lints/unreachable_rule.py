"""
A rule can never be true within the declared ranges.

A rollback rule that can never fire protects nobody, and an SLO that can never be met stops every rollout. Most are slips
of scale: a ratio from 0 to 1 is compared with a percentage, or a limit lies beyond the `range` of its signal.
The lint calculates with intervals: what it reports is certain, for every value that the declarations admit. It looks at
rules, their `unless`, gates, the recovery and invariants, and it reports an `unless` that exempts all that `when` finds.

Avoid:

    rollback:
      - {name: error-rate, when: canary.error_rate > 1.0, for: 5m}

Prefer:

    rollback:
      - {name: error-rate, when: canary.error_rate > 0.02, for: 5m}
"""

from __future__ import annotations

from collections.abc import Iterator

from canarypolicy.cel.ranges import Known, can_be, operands
from canarypolicy.cel.tree import And, Node
from canarypolicy.documents.checked import CheckedPolicy
from canarypolicy.documents.finding import Finding, Severity
from canarypolicy.lints.declared import describe, known_of
from canarypolicy.lints.implication import implies
from canarypolicy.lints.judged import judged_expressions, quote
from canarypolicy.lints.lint import Lint
from canarypolicy.lints.rules import place_of, rules_of


def find(checked: CheckedPolicy) -> Iterator[Finding]:
    """
    Report each judged expression that cannot be true, at the smallest part that is to blame.
    """
    known = known_of(checked)
    for judged in judged_expressions(checked):
        expression = judged.expression
        if not can_be(expression.tree, True, known):
            blamed = _blamed(expression.tree, known)
            yield UNREACHABLE_RULE.finding(
                place_of(expression, blamed.span),
                f"{judged.never_true}: {quote(expression, blamed.span)} is never true",
                help=describe(checked, blamed),
            )
    yield from _exempted(checked, known)


def _blamed(node: Node, known: Known) -> Node:
    if isinstance(node, And):
        for operand in operands(node):  # pragma: no branch - operands are judged one by one, so one of them is to blame
            if not can_be(operand, True, known):
                return _blamed(operand, known)
    return node


def _exempted(checked: CheckedPolicy, known: Known) -> Iterator[Finding]:
    for rule in rules_of(checked):
        if rule.unless is None or not can_be(rule.condition.tree, True, known):
            continue
        if implies(rule.condition.tree, rule.unless.tree, known):
            yield UNREACHABLE_RULE.finding(
                place_of(rule.unless),
                f"{rule.label} can never fire: `unless` is true whenever `when` is",
                help="an exemption names what makes the same values innocent, such as the baseline's",
            )


UNREACHABLE_RULE = Lint(name="unreachable-rule", severity=Severity.WARNING, find=find)
