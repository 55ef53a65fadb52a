"""
One sample as both policies see it: a variable for each signal, shared wherever both mean the same by it.

What is compared is one rollout, followed through the steps that both policies have: the same samples, the same entries.
A signal that both declare alike is one variable; one that they admit differently is one raw value, admitted by each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

from canarypolicy.cel import terms
from canarypolicy.cel.encoding import Encoding
from canarypolicy.cel.interval import DOUBLES, MAX, Choices, Interval
from canarypolicy.cel.lowered import Variable, possible_texts
from canarypolicy.cel.rounding import envelope
from canarypolicy.cel.terms import Term, all_of, any_of, choose, implies, negated
from canarypolicy.derived import DERIVED
from canarypolicy.documents.duration import SECOND_US, microseconds
from canarypolicy.documents.signals import SignalType, Worse
from canarypolicy.lints.declared import known_of
from canarypolicy.review.facts import derived_value

if TYPE_CHECKING:
    from canarypolicy.cel.interval import Possible
    from canarypolicy.documents.signals import Signal
    from canarypolicy.engine.program import Program

STEP_ELAPSED: Final = "rollout.step_elapsed_seconds"
ELAPSED: Final = "rollout.elapsed_seconds"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """
    How long the rollout has lasted, in microseconds.
    """

    elapsed: Term
    """Since the step's entry."""
    total: Term
    """Since the rollout's start."""
    idle: Term
    """How much of the step's time was paused or frozen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """
    The variables of both policies, the clock, and what is a fact of every sample.
    """

    old: Mapping[str, Variable]
    new: Mapping[str, Variable]
    clock: Clock
    in_step: tuple[Term, ...]
    """For each common step, in the order of `steps`, that the sample lies in it."""
    steps: tuple[tuple[str, str], ...]
    """The common steps: the old name and the new one."""
    facts: tuple[Term, ...]
    raw: Mapping[str, Variable]
    """Signals that the policies admit differently: what was measured, before either admitted it."""
    admitted: Mapping[int, tuple[Term, Term]]
    """By the identity of a variable's value: when a raw value is admitted, and what it becomes."""


def declare(old: Program, new: Program, steps: Mapping[str, str], encoding: Encoding) -> Snapshot:
    """
    Make the variables for two policies; `steps` gives the new name of each step that both have.
    """
    declaring = _Declaring(old=old, new=new, steps=steps, encoding=encoding)
    declaring.measured()
    declaring.derived()
    declaring.built_in()
    return Snapshot(
        old=declaring.of_old,
        new=declaring.of_new,
        clock=declaring.clock,
        in_step=tuple(declaring.place == index for index in range(len(steps))),
        steps=tuple(steps.items()),
        facts=tuple(declaring.facts),
        raw=declaring.raw,
        admitted=declaring.admissions,
    )


@dataclass(slots=True, kw_only=True)
class _Declaring:
    """
    The variables while they are made.
    """

    old: Program
    new: Program
    steps: Mapping[str, str]
    encoding: Encoding
    of_old: dict[str, Variable] = field(default_factory=dict)
    of_new: dict[str, Variable] = field(default_factory=dict)
    facts: list[Term] = field(default_factory=list)
    raw: dict[str, Variable] = field(default_factory=dict)
    admissions: dict[int, tuple[Term, Term]] = field(default_factory=dict)
    clock: Clock = field(init=False)
    place: Term = field(init=False)

    def __post_init__(self) -> None:
        self.place = terms.whole("step#")
        self.clock = Clock(elapsed=terms.real("elapsed#"), total=terms.real("total#"), idle=terms.real("idle#"))
        self.facts += [self.place >= 0, self.place < len(self.steps)]
        self.facts += [self.clock.idle >= 0, self.clock.idle <= self.clock.elapsed, self.clock.elapsed <= self.clock.total]

    def measured(self) -> None:
        """
        Make the variables of the measured signals.
        """
        known = {"old": known_of(self.old.checked).signals, "new": known_of(self.new.checked).signals}
        for name in dict.fromkeys((*self.old.signals, *self.new.signals)):
            sides = {
                side: program.signals[name] for side, program in (("old", self.old), ("new", self.new)) if name in program.signals
            }
            meanings = [_meaning(signal) for signal in sides.values()]
            if all(meaning == meanings[0] for meaning in meanings):
                shared = self._variable(name, name, sides[next(iter(sides))].type, known[next(iter(sides))][name])
                made = dict.fromkeys(sides, shared)
            else:
                made = {
                    side: self._variable(name, f"{side}:{name}", signal.type, known[side][name]) for side, signal in sides.items()
                }
                self._admit(name, sides, made)
            for side, variable in made.items():
                (self.of_old if side == "old" else self.of_new)[name] = variable

    def _variable(self, name: str, called: str, type_: SignalType, possible: Possible) -> Variable:
        """
        Make a variable whose value is always one that is possible, present or not.
        """
        make = {SignalType.DOUBLE: terms.real, SignalType.BOOL: terms.boolean}.get(type_, terms.whole)
        variable = Variable(
            name=name, type=type_, present=terms.boolean(f"{called} present"), value=make(called), possible=possible
        )
        if isinstance(possible, Interval):
            if possible.low > -MAX:  # what is open may be any number: a finite bound so far away slows the solver
                self.facts.append(variable.value >= terms.number(possible.low))
            if possible.high < MAX:
                self.facts.append(variable.value <= terms.number(possible.high))
        elif type_ is SignalType.STRING:
            self.facts.append(any_of(self._is_text(variable.value, text) for text in possible_texts(possible)))
        return variable

    def _is_text(self, code: Term, text: str) -> Term:
        return code == terms.number(self.encoding.code_of(text))

    def _admit(self, name: str, sides: Mapping[str, Signal], made: Mapping[str, Variable]) -> None:
        """
        Say what each policy makes of one measured value; of values of two types nothing is said.
        """
        types = {signal.type for signal in sides.values()}
        if len(types) > 1:
            return
        type_ = types.pop()
        make = {SignalType.DOUBLE: terms.real, SignalType.BOOL: terms.boolean}.get(type_, terms.whole)
        possible: Possible = DOUBLES
        raw = Variable(
            name=name, type=type_, present=terms.boolean(f"raw:{name} present"), value=make(f"raw:{name}"), possible=possible
        )
        self.raw[name] = raw
        fresh = {side: terms.boolean(f"{side}:{name} fresh") for side in sides}
        ages = {side: None if signal.max_age is None else microseconds(signal.max_age) for side, signal in sides.items()}
        self.facts += list(_freshness(ages, fresh))
        for side, signal in sides.items():
            admitted, value = self._admitted(raw, signal)
            variable = made[side]
            self.admissions[variable.value.get_id()] = admitted, value
            self.facts.append(variable.present == all_of((raw.present, fresh[side], admitted)))
            self.facts.append(implies(variable.present, variable.value == value))

    def _admitted(self, raw: Variable, signal: Signal) -> tuple[Term, Term]:
        """
        Give when a value of the right type is admitted, and what it becomes: the bound, beyond it on the worse side.
        """
        if signal.type is SignalType.STRING:
            return any_of(self._is_text(raw.value, text) for text in signal.values or ()), raw.value
        value, admitted = raw.value, []
        for bound, side in zip(signal.range, (Worse.LOWER, Worse.HIGHER), strict=True):
            if bound is None:
                continue
            end = terms.number(float(bound) if signal.type is SignalType.DOUBLE else int(bound))
            is_beyond = raw.value < end if side is Worse.LOWER else raw.value > end
            if signal.worse is side:
                value = choose(is_beyond, end, value)
            else:
                admitted.append(negated(is_beyond))
        return all_of(admitted), value

    def derived(self) -> None:
        """
        Make the variables of derived signals: any value of their range, missing where all that they read is missing.
        """
        sides = {"old": (self.old, self.of_old), "new": (self.new, self.of_new)}
        for side, (program, variables) in sides.items():
            known = known_of(program.checked).signals
            for each in program.derived:
                if side == "new" and self._is_shared(each.name):
                    variables[each.name] = self.of_old[each.name]
                    continue
                called = each.name if each.name not in self.of_old else f"{side}:{each.name}"
                type_ = program.checked.declared[each.name].type
                variable = variables[each.name] = self._variable(each.name, called, type_, known[each.name])
                if program.checked.policy.derived[each.name].name != "frozen":  # fixed, it needs no more evidence
                    self.facts.append(implies(variable.present, any_of(variables[name].present for name in each.reads)))

    def _is_shared(self, name: str) -> bool:
        """
        Tell whether a derived signal is computed alike from the same in both policies.
        """
        chosen = [self.old.checked.policy.derived.get(name), self.new.checked.policy.derived[name]]
        if chosen[0] is None or chosen[1] is None or self.old.max_gap_us != self.new.max_gap_us:
            return False
        values = derived_value(chosen[0], self.steps), derived_value(chosen[1], {})
        reads = DERIVED[chosen[1].name].inputs(chosen[1].parameters)
        return values[0] == values[1] and all(self.of_old.get(each) is self.of_new.get(each) for each in reads)

    def built_in(self) -> None:
        """
        Make the variables of the built-in signals; those of the plan are shared if the common steps say the same.
        """
        for name, called in ((STEP_ELAPSED, self.clock.elapsed), (ELAPSED, self.clock.total)):
            variable = Variable(
                name=name,
                type=SignalType.DOUBLE,
                present=terms.truth(True),
                value=terms.real(name),
                possible=Interval(0.0, DOUBLES.high),
            )
            seconds = called * terms.number(Fraction(1, SECOND_US))
            self.facts.append(envelope(variable.value, seconds, (Fraction(0), None), is_scaled=False))
            self.of_old[name] = self.of_new[name] = variable
        plans = [self._plan_of("old"), self._plan_of("new")]
        self._built_in_of("old", self.of_old, plans[0])
        if plans[0] == plans[1]:
            self.of_new.update({name: self.of_old[name] for name in ("rollout.step", "rollout.weight")})
        else:
            self._built_in_of("new", self.of_new, plans[1])

    def _plan_of(self, side: str) -> list[tuple[str, float]]:
        names = self.steps.keys() if side == "old" else self.steps.values()
        program = self.old if side == "old" else self.new
        return [(name, program.step_named(name).weight) for name in names]

    def _built_in_of(self, side: str, variables: dict[str, Variable], plan: list[tuple[str, float]]) -> None:
        weights: list[Any] = [weight for _, weight in plan]
        step = self._always("rollout.step", side, SignalType.STRING, Choices(frozenset(name for name, _ in plan)))
        weight = self._always("rollout.weight", side, SignalType.DOUBLE, Interval(min(weights), max(weights)))
        for index, (name, percent) in enumerate(plan):
            here = all_of((self._is_text(step.value, name), weight.value == terms.number(percent)))
            self.facts.append(implies(self.place == index, here))
        variables.update({step.name: step, weight.name: weight})

    def _always(self, name: str, side: str, type_: SignalType, possible: Possible) -> Variable:
        make = terms.whole if type_ is SignalType.STRING else terms.real
        return Variable(name=name, type=type_, present=terms.truth(True), value=make(f"{side}:{name}"), possible=possible)


def _meaning(signal: Signal) -> tuple[object, ...]:
    """
    Give all that decides how a measured value is admitted.
    """
    is_open = signal.range == (None, None)
    values = None if signal.values is None else frozenset(signal.values)
    return signal.type, signal.range, None if is_open else signal.worse, values, signal.max_age


def _freshness(ages: Mapping[str, int | None], fresh: Mapping[str, Term]) -> Iterator[Term]:
    """
    Say that what is fresh enough for the stricter policy is so for the other one.
    """
    for side, age in ages.items():
        if age is None:
            yield fresh[side]
    old, new = ages.get("old"), ages.get("new")
    if old is not None and new is not None:
        stricter, other = ("old", "new") if old <= new else ("new", "old")
        yield implies(fresh[stricter], fresh[other])
        if old == new:
            yield implies(fresh[other], fresh[stricter])
