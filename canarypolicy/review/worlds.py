"""
A second world beside a policy's own: the same history with other values of some signals, judged by the same policy.

What does not read these signals is the same term in both worlds, and its runs are the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from canarypolicy.cel import terms
from canarypolicy.cel.interval import Interval
from canarypolicy.cel.smt import Lowering
from canarypolicy.cel.terms import any_of, implies, negated
from canarypolicy.documents.signals import SignalType, Worse
from canarypolicy.review.decisions import step_terms
from canarypolicy.review.encoded import rule_truth
from canarypolicy.review.solver import Answer
from canarypolicy.review.windows import lattice_facts

if TYPE_CHECKING:
    from canarypolicy.cel.lowered import Truth, Variable
    from canarypolicy.cel.terms import Term
    from canarypolicy.documents.signals import Value
    from canarypolicy.engine.program import Program, ProgramRule
    from canarypolicy.review.decisions import StepTerms
    from canarypolicy.review.histories import Shape, Snapshot
    from canarypolicy.review.own import Own
    from canarypolicy.review.windows import RuleTerms


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """
    Other values of some signals, and how they go with the policy's own.
    """

    variables: Mapping[str, Variable]
    """All signals; those that are not changed are the policy's own."""
    facts: tuple[Term, ...]
    lowering: Lowering
    changed: frozenset[str]
    """The names of the signals that may have other values."""

    def truth(self, rule: ProgramRule) -> Truth:
        return rule_truth(self.lowering, rule)


def world_without(own: Own, names: Iterable[str]) -> World:
    """
    Give the world in which some of these signals may be missing that are present in the policy's own.
    """
    variables = dict(own.encoded.snapshot.new)
    facts = []
    for name in names:
        present = terms.boolean(f"without:{name} present")
        facts.append(implies(present, variables[name].present))
        variables[name] = replace(variables[name], present=present)
    return _world(own, variables, facts)


def world_with_worse(own: Own, name: str, worse: Worse) -> World:
    """
    Give the world in which a signal, present in both, has a value in its range that is worse.
    """
    signal = own.encoded.snapshot.new[name]
    make = {SignalType.DOUBLE: terms.real, SignalType.BOOL: terms.boolean}.get(signal.type, terms.whole)
    other = replace(signal, value=make(f"worse:{name}"))
    facts = [signal.present]
    if signal.type is SignalType.BOOL:
        better, bad = (signal.value, other.value) if worse is Worse.HIGHER else (other.value, signal.value)
        facts += [negated(better), bad]
    else:
        facts.append(other.value > signal.value if worse is Worse.HIGHER else other.value < signal.value)
        assert isinstance(signal.possible, Interval)
        facts += [other.value >= terms.number(signal.possible.low), other.value <= terms.number(signal.possible.high)]
    return _world(own, {**own.encoded.snapshot.new, name: other}, facts)


def _world(own: Own, variables: Mapping[str, Variable], facts: list[Term]) -> World:
    here = own.encoded.snapshot.new
    changed = frozenset(name for name, variable in variables.items() if variable is not here[name])
    lowering = Lowering(encoding=own.encoded.encoding, variables=variables)
    return World(variables=variables, facts=tuple(facts), lowering=lowering, changed=changed)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedWorld:
    """
    What the policy makes of a world.
    """

    world: World
    rules: tuple[RuleTerms, ...]
    steps: tuple[StepTerms, ...]


def judge(own: Own, world: World) -> JudgedWorld:
    """
    Put the policy's rules and decisions in a world into terms.
    """
    encoded, program = own.encoded, own.program
    rules = tuple(
        here if world.changed.isdisjoint(here.rule.reads) else encoded.windows.rule(here.rule, world.truth(here.rule))
        for here in own.rules
    )
    steps = tuple(step_terms(program, step, rules, encoded.flags) for step in program.steps)
    return JudgedWorld(world=world, rules=rules, steps=steps)


def tie(own: Own, world: World, there: RuleTerms, here: RuleTerms) -> None:
    """
    Tell the solver that an SLO's evidence in the one world is evidence in the other, if that is proved of every sample.
    """
    if there.window is None or here.window is None or there.window is here.window:
        return
    for lattice in lattice_facts(there.window, here.window):
        if all(own.ask(*world.facts, *need).answer is Answer.IMPOSSIBLE for need in lattice.needs):
            own.encoded.solver.add([any_of((*(negated(each) for each in world.facts), lattice.fact))])


def measured_alone(program: Program) -> frozenset[str]:
    """
    Name the measured signals that no derived signal reads.
    """
    return frozenset(program.signals) - {name for each in program.derived for name in each.reads}


def changed(shape: Shape, values: Mapping[str, Value | None]) -> Shape:
    """
    Give the same history with other values of some signals wherever the snapshot that stands holds.
    """

    def with_values(part: Snapshot) -> Snapshot:
        return tuple(sorted({**dict(part), **values}.items()))

    before = None if shape.before is None else with_values(shape.before)
    return replace(shape, now=with_values(shape.now), before=before)
