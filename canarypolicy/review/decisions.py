"""
What is decided at a sample of a step, as terms: SPEC section 2.4 in the order of `canarypolicy.engine.engine`.

An abort is left out: it rolls both policies back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from canarypolicy.cel import terms
from canarypolicy.cel.terms import Term, all_of, any_of, negated
from canarypolicy.documents.rule import RuleKind
from canarypolicy.engine.decision import Verdict

if TYPE_CHECKING:
    from canarypolicy.engine.program import Program, ProgramGate, ProgramStep
    from canarypolicy.review.snapshot import Clock
    from canarypolicy.review.windows import RuleTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class GateTerms:
    """
    What is known of a gate.
    """

    passed: Term
    """Whether its latest result has passed."""
    has_failed: Term
    """Whether a result of it failed while the rollout was in a step: that rolls back at once, if it does, and for good."""


@dataclass(slots=True, kw_only=True)
class Flags:
    """
    The time, and what operators and gates have said: the same to both policies.
    """

    clock: Clock
    halted: Term
    """Paused, frozen, or its weight drifted."""
    approved: Term
    """The present step was approved."""
    gated: Term
    """Whether the history has gates at all."""
    gates: dict[object, GateTerms] = field(default_factory=dict)
    """By name and what they ask for: the same probe's result may pass one policy's gate and fail the other's."""
    names: dict[object, str] = field(default_factory=dict)
    facts: list[Term] = field(default_factory=list)

    def gate(self, gate: ProgramGate, *, is_before: bool) -> GateTerms:
        """
        Give what is known of a gate: the same for gates of one name, at one place, that ask for the same.
        """
        key = (gate.name, is_before, gate.require.tree)
        if key not in self.gates:
            count = len(self.gates)
            made = GateTerms(passed=terms.boolean(f"gate#{count} passed"), has_failed=terms.boolean(f"gate#{count} failed"))
            self.facts.append(any_of((self.gated, negated(any_of((made.passed, made.has_failed))))))
            self.gates[key] = made
            self.names[key] = gate.name
        return self.gates[key]


def new_flags(clock: Clock) -> Flags:
    """
    Give the flags of a sample.
    """
    return Flags(clock=clock, halted=terms.boolean("halted#"), approved=terms.boolean("approved#"), gated=terms.boolean("gated#"))


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTerms:
    """
    When each verdict is reached in one step.
    """

    rollback: Term
    blocked: Term
    """Whether anything but a rollback keeps an advance away."""

    def of(self, verdict: Verdict) -> Term:
        """
        Give when that is decided: a rollback, else a hold, else an advance.
        """
        match verdict:
            case Verdict.ROLLBACK:
                return self.rollback
            case Verdict.HOLD:
                return all_of((negated(self.rollback), self.blocked))
        return all_of((negated(self.rollback), negated(self.blocked)))


def step_terms(program: Program, step: ProgramStep, rules: Iterable[RuleTerms], flags: Flags) -> StepTerms:
    """
    Give what is decided in a step, from the policy's rules in terms.
    """
    acting = [each for each in rules if step.name in each.rule.acts_in]
    slos = [each for each in acting if each.rule.kind is RuleKind.SLO]
    watches = [each for each in acting if each.rule.kind is not RuleKind.SLO]
    rollback = [each.rolls_back for each in watches]
    rollback += [flags.gate(gate, is_before=False).has_failed for gate in program.after_gates if gate.rolls_back_on_fail]
    if step.rolls_back_on_timeout and step.max_us is not None:
        is_overdue = flags.clock.elapsed - flags.clock.idle > step.max_us
        rollback.append(all_of((is_overdue, any_of(each.blocks for each in slos) if slos else terms.truth(True))))
    blocked = [flags.halted, *(each.blocks for each in acting), terms.truth(not slos), *_waiting(step, flags)]
    blocked += [all_of((flags.gated, negated(gate.passed))) for gate in _gates(program, step, flags)]
    return StepTerms(rollback=any_of(rollback), blocked=any_of(blocked))


def _waiting(step: ProgramStep, flags: Flags) -> Iterator[Term]:
    if step.min_us > 0:
        yield flags.clock.elapsed < step.min_us
    if step.needs_approval:
        yield negated(flags.approved)


def _gates(program: Program, step: ProgramStep, flags: Flags) -> Iterator[GateTerms]:
    """
    Give the gates that hold in a step until they have passed: those before the rollout, and in the last step those after it.
    """
    for gate in program.before_gates:
        yield flags.gate(gate, is_before=True)
    if step.index == len(program.steps) - 1:
        for gate in program.after_gates:
            yield flags.gate(gate, is_before=False)
