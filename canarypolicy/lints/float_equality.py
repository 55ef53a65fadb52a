"""
Doubles are compared with `==` or `!=`, or looked up with `in`.

A measured double hardly ever hits a number exactly: `0.1 + 0.2` is not `0.3`. A rule that asks for equality fires by
accident or never; ask on which side of a limit the value lies, or how far from it.
Zero is let pass, since a quotient of nothing is exactly zero, and so is the weight of a step, which nobody measured.

Avoid:

    hold:
      - {name: half-busy, when: canary.error_rate == 0.5}

Prefer:

    hold:
      - {name: half-busy, when: canary.error_rate >= 0.45 && canary.error_rate <= 0.55}
"""

from __future__ import annotations

from collections.abc import Iterator

from canarypolicy.cel.interval import Interval
from canarypolicy.cel.ranges import Known, possible
from canarypolicy.cel.tree import Compare, In, List, Literal, Node, Signal, walk
from canarypolicy.documents.checked import CheckedPolicy
from canarypolicy.documents.finding import Finding, Severity
from canarypolicy.lints.declared import known_of
from canarypolicy.lints.judged import quote
from canarypolicy.lints.lint import Lint
from canarypolicy.lints.rules import place_of


def find(checked: CheckedPolicy) -> Iterator[Finding]:
    """
    Report each test for equality between doubles.
    """
    known = known_of(checked)
    for expression in checked.expressions.values():
        for node in walk(expression.tree):
            if _tests_equality(node, known):
                yield FLOAT_EQUALITY.finding(
                    place_of(expression, node.span),
                    f"{quote(expression, node.span)} asks whether doubles are equal, which measured values hardly ever are",
                    help="compare with `<`, `<=`, `>` or `>=`",
                )


def _tests_equality(node: Node, known: Known) -> bool:
    match node:
        case Compare(operator="==" | "!=", left=left, right=right):
            return _are_doubles(left, right, known)
        case In(item=item, container=List(items=items)):
            return any(_are_doubles(item, each, known) for each in items)
        case _:
            return False


def _are_doubles(one: Node, other: Node, known: Known) -> bool:
    if any(isinstance(side, Literal) and side.value == 0 for side in (one, other)):
        return False
    if any(isinstance(side, Signal) and side.name == "rollout.weight" for side in (one, other)):
        return False
    values = possible(one, known)
    return isinstance(values, Interval) and not values.is_int


FLOAT_EQUALITY = Lint(name="float-equality", severity=Severity.WARNING, find=find)
