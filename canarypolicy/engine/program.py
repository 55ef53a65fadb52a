"""
A checked policy made ready for the fold: rules, steps and gates in the order and units in which they are used.

Nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from canarypolicy.documents.rule_kind import Missing
from canarypolicy.engine.sustained import NO_STREAK, Standing

if TYPE_CHECKING:
    from canarypolicy.cel.expression import Expression, Reading, Truth, Values
    from canarypolicy.derived.window import DerivedFunction, Input
    from canarypolicy.documents.checked import CheckedPolicy
    from canarypolicy.documents.rule_kind import RuleKind
    from canarypolicy.documents.signals import Signal
    from canarypolicy.documents.span import SourceText, Span
    from canarypolicy.engine.sample import Declared
    from canarypolicy.engine.sustained import Asked, Streak


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramRule:
    """
    A rule with its compiled expressions.
    """

    name: str
    kind: RuleKind
    acts_in: frozenset[str]
    """The steps in which it acts; it is watched in all."""
    when: Expression
    """For an SLO, what is required."""
    unless: Expression | None
    asked: Asked
    message: str | None
    location: Span
    reads: tuple[str, ...]
    """The signals in its expressions, in order of first use."""

    truth: Reading = field(init=False, compare=False, repr=False)
    """Evaluates it at one sample."""

    def __post_init__(self) -> None:
        truth = self.when.evaluate if self.unless is None else _unless(self.when.evaluate, self.unless.evaluate)
        object.__setattr__(self, "truth", truth)

    @property
    def ignores_unknown(self) -> bool:
        return self.asked.missing is Missing.IGNORE


def _unless(when: Reading, unless: Reading) -> Reading:
    """
    Give the truth of a rule with an exemption, which needs proof: an unknown one exempts nobody (SPEC section 2.3).
    """

    def truth(values: Values) -> Truth:
        holds: Truth = when(values)
        return False if holds is not False and unless(values) is True else holds

    return truth


class RuleStanding(NamedTuple):
    """
    A rule that acts in the present step, and where it stands.

    A tuple, for one is made of each rule at each sample.
    """

    rule: ProgramRule
    standing: Standing
    streak: Streak


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramStep:
    """
    A step in microseconds.
    """

    name: str
    index: int
    weight: float
    min_us: int
    max_us: int | None
    rolls_back_on_timeout: bool
    needs_approval: bool
    location: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramGate:
    """
    A gate and the expression that its probe's result must meet.
    """

    name: str
    require: Expression
    rolls_back_on_fail: bool
    location: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramDerived:
    """
    A derived signal, its function and what it reads.
    """

    name: str
    function: DerivedFunction
    parameters: Any
    reads: tuple[str, ...]
    inputs: tuple[Input, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """
    What the fold folds with: a policy whose expressions are compiled.
    """

    name: str
    revision: int | None
    digest: str
    """sha256, in hexadecimal, of the RFC 8785 form of the document."""
    source: SourceText
    declared: Mapping[str, Declared]
    """What each measured signal may be, in the order of the document."""
    derived: tuple[ProgramDerived, ...]
    slos: tuple[ProgramRule, ...]
    watches: tuple[ProgramRule, ...]
    """Rollback rules, then hold rules."""
    steps: tuple[ProgramStep, ...]
    before_gates: tuple[ProgramGate, ...]
    after_gates: tuple[ProgramGate, ...]
    every_us: int
    max_gap_us: int
    resting: Mapping[str, tuple[RuleStanding, ...]] = field(init=False, compare=False, repr=False)
    """Step -> how the rollback and hold rules that act in it stand while all is well."""
    check: Callable[[], CheckedPolicy] = field(compare=False, repr=False)
    """Gives the policy that was compiled; where the program was kept, it is checked anew when somebody asks."""

    def __post_init__(self) -> None:
        quiet = [RuleStanding(rule, Standing.QUIET, NO_STREAK) for rule in self.watches]
        resting = {step.name: tuple(each for each in quiet if step.name in each.rule.acts_in) for step in self.steps}
        object.__setattr__(self, "resting", resting)

    @property
    def checked(self) -> CheckedPolicy:
        return self.check()

    @property
    def signals(self) -> Mapping[str, Signal]:
        return self.checked.policy.signals

    def step_named(self, name: str) -> ProgramStep:
        """
        Give the step of that name; another name is a `ValueError`.
        """
        for step in self.steps:
            if step.name == name:
                return step
        raise ValueError(f"the policy has no step `{name}`")


def build(checked: CheckedPolicy) -> Program:
    """
    Make a checked policy ready for the fold.
    """
    from canarypolicy.engine.building import program_of  # noqa: PLC0415 - a program that was kept is not built

    return program_of(checked)
