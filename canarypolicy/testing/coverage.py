"""
What tests can show of a policy: each rule and the conditions inside it, each step, each gate, and what each may come to.

A condition is a whole expression, an operand of `&&` or `||`, or a part of `?:`; it can be true, false or, where it reads a
signal that may be missing, unknown. Which of these was seen is counted in `canarypolicy.testing.tally`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from canarypolicy.cel.tree import And, Arithmetic, Conditional, Macro, Not, Or, Signal, children, walk
from canarypolicy.documents.rule import Missing, RuleKind
from canarypolicy.documents.signals import BUILT_IN_SIGNALS

if TYPE_CHECKING:
    from canarypolicy.cel.expression import Expression
    from canarypolicy.cel.tree import Node
    from canarypolicy.documents.span import Span
    from canarypolicy.engine.program import Program, ProgramGate, ProgramRule, ProgramStep


class Sight(Enum):
    """
    What a test can show of a part.
    """

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"
    TAKEN = "taken"
    """A branch of `?:` that is no truth."""
    FIRES = "fires"
    PENDING = "pending"
    MET = "met"
    UNKNOWN_TOO_LONG = "unknown-too-long"
    """Missing for so long that it rolls back."""
    ADVANCED = "advanced"
    HELD = "held"
    ROLLED_BACK = "rolled-back"
    TIMED_OUT = "timed-out"
    """Past its `max`: overdue, or rolled back for it."""
    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """
    A part of an expression, and under which other parts it counts at all.
    """

    expression: Expression
    node: Node
    is_truth: bool = True
    """Whether it is true or false; a branch of `?:` may be another value."""
    guards: tuple[tuple[Node, bool], ...] = ()
    """Conditions of `?:` above it, and what they must be for it to be evaluated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """
    What can be seen several ways: a condition, or the thing itself.
    """

    text: str
    """The condition as it is written; empty for the thing itself."""
    span: Span
    sights: tuple[Sight, ...]
    condition: Condition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """
    A rule, a step or a gate.
    """

    kind: str
    """`slo`, `rollback`, `hold`, `step` or `gate`."""
    name: str
    span: Span
    parts: tuple[Part, ...]
    steps: frozenset[str] = frozenset()
    """The steps in which a rule acts."""


def subjects_of(program: Program) -> tuple[Subject, ...]:
    """
    List all that tests can show of a policy, in the order of the file.
    """
    found = [
        *(_rule(rule) for rule in (*program.slos, *program.watches)),
        *(_step(step) for step in program.steps),
        *(_gate(gate) for gate in (*program.before_gates, *program.after_gates)),
    ]
    return tuple(sorted(found, key=lambda subject: subject.span.start))


def _rule(rule: ProgramRule) -> Subject:
    settled = Sight.MET if rule.kind is RuleKind.SLO else Sight.FIRES
    sights = [settled] if rule.unless is not None else []  # without time and exemption, true says it all
    if rule.asked.for_us or rule.asked.samples is not None:
        sights = [settled, Sight.PENDING]
    if rule.asked.missing is Missing.ROLLBACK:
        sights.append(Sight.UNKNOWN_TOO_LONG)
    parts = [Part(text="", span=rule.location, sights=tuple(sights))]
    for expression in (rule.when, *([] if rule.unless is None else [rule.unless])):
        parts += [_condition(each) for each in (Condition(expression=expression, node=expression.tree), *_inside(expression))]
    return Subject(kind=rule.kind.value, name=rule.name, span=rule.location, parts=tuple(parts), steps=rule.acts_in)


def _condition(condition: Condition) -> Part:
    expression, node = condition.expression, condition.node
    text = expression.text[slice(*node.span)]
    sights: tuple[Sight, ...] = (Sight.TRUE, Sight.FALSE)
    if not condition.is_truth:
        sights = (Sight.TAKEN,)
    elif _may_be_unknown(node):
        sights = (*sights, Sight.UNKNOWN)
    return Part(text=text, span=expression.place.place(*node.span), sights=sights, condition=condition)


def _inside(expression: Expression) -> Iterator[Condition]:
    """
    Give the conditions inside of an expression, from left to right.
    """

    def visit(node: Node, guards: tuple[tuple[Node, bool], ...], *, is_truth: bool) -> Iterator[Condition]:
        match node:
            case And(left=left, right=right) | Or(left=left, right=right):
                for side in (left, right):
                    if type(side) is not type(node):  # `a && b && c` has three operands
                        yield Condition(expression=expression, node=side, guards=guards)
                    yield from visit(side, guards, is_truth=True)
            case Conditional(condition=condition, yes=yes, no=no):
                yield Condition(expression=expression, node=condition, guards=guards)
                yield from visit(condition, guards, is_truth=True)
                for branch, wanted in ((yes, True), (no, False)):
                    below = (*guards, (condition, wanted))
                    yield Condition(expression=expression, node=branch, guards=below, is_truth=is_truth)
                    yield from visit(branch, below, is_truth=is_truth)
            case Not(operand=operand):
                yield from visit(operand, guards, is_truth=True)
            case _:
                # The body of a macro has no value of its own.
                for child in (node.target,) if isinstance(node, Macro) else children(node):
                    yield from visit(child, guards, is_truth=False)

    return visit(expression.tree, (), is_truth=True)


def _may_be_unknown(node: Node) -> bool:
    """
    Tell whether something in it may be missing or have no finite value; `has` and the built-in signals always are something.
    """
    return any(
        (isinstance(each, Signal) and each.name not in BUILT_IN_SIGNALS)
        or (isinstance(each, Arithmetic) and each.operator in ("/", "%"))
        for each in walk(node)
    )


def _step(step: ProgramStep) -> Subject:
    sights = (Sight.ADVANCED, Sight.HELD, Sight.ROLLED_BACK, *([] if step.max_us is None else [Sight.TIMED_OUT]))
    return Subject(kind="step", name=step.name, span=step.location, parts=(Part(text="", span=step.location, sights=sights),))


def _gate(gate: ProgramGate) -> Subject:
    part = Part(text="", span=gate.location, sights=(Sight.PASSED, Sight.FAILED))
    return Subject(kind="gate", name=gate.name, span=gate.location, parts=(part,))
