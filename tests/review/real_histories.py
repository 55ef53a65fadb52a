"""
Random histories told to both policies, and where each of the proof's names really stands at each sample.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import inf, nextafter

from canarypolicy.cel.computation import Computation
from canarypolicy.cel.expression import UNKNOWN
from canarypolicy.cel.interpreted import interpret_tree
from canarypolicy.cel.terms import name_of
from canarypolicy.documents.rule import RuleKind
from canarypolicy.engine.engine import decide
from canarypolicy.engine.event import ApproveEvent, FreezeEvent, GateEvent, PauseEvent, ResumeEvent, StepEvent, UnfreezeEvent
from canarypolicy.engine.observation import observe, truth_of
from canarypolicy.engine.operators import take_in
from canarypolicy.engine.rollout import Follow, GateState, Phase, begin, is_in_step_at, start
from canarypolicy.engine.sample import RawSample, admit, admit_sample
from canarypolicy.engine.sustained import NO_STREAK, Moment, gather, has_lasted
from canarypolicy.review.encoded import rule_truth  # noqa: F401 - the tests' way to it
from canarypolicy.review.validation import value_of_made
from canarypolicy.review.windows import Counted

from review.drawing import LIMITS

SECOND = 1_000_000


def draw_history(random, signals, steps):
    """Draw samples and events of a rollout through the common steps, in the old policy's words."""
    at = 1_000 * SECOND
    items = [StepEvent(at_us=at, step=steps[0][0])]
    place = 0
    for _ in range(random.randint(4, 14)):
        at += random.choice((30, 30, 60, 60, 60, 90, 150, 400)) * SECOND
        chance = random.random()
        if chance < 0.12 and place + 1 < len(steps):
            place += 1
            items.append(StepEvent(at_us=at - SECOND, step=steps[place][0]))
        elif chance < 0.16:
            items.append(random.choice((PauseEvent, FreezeEvent))(at_us=at - SECOND))
        elif chance < 0.22:
            items.append(random.choice((ResumeEvent, UnfreezeEvent))(at_us=at - SECOND))
        elif chance < 0.26:
            items.append(ApproveEvent(at_us=at - SECOND))
        elif chance < 0.3:
            items.append(GateEvent(at_us=at - SECOND, gate="smoke", passed=random.choice((True, True, None, False))))
        keep = random.random() < 0.5 and isinstance(items[-1], RawSample)
        items.append(RawSample(at_us=at, signals=items[-1].signals if keep else _values(random, signals)))
    return items


def _values(random, signals):
    return {name: value for name, signal in signals.items() if (value := _value(random, name, signal)) is not None}


def _value(random, name, signal):
    if random.random() < 0.15:
        return None
    if signal.values is not None:
        return random.choice((*signal.values, "no such text"))
    if signal.type.value == "bool":
        return random.choice((True, False, 0, 1))
    limit = float(random.choice(LIMITS.get(name, ("0.5", "1.0"))))
    value = random.choice(
        (limit, nextafter(limit, inf), nextafter(limit, -inf), limit * 1.2, limit / 2, signal.healthy, -5, 99, 0)
    )
    return round(value) if signal.type.value == "int" else float(value)


class Told:
    """One policy being told a history, with the runs of all its rules as if each acted everywhere."""

    def __init__(self, program, *, gated):
        self.program = program
        self.state = begin(program, follow=Follow.RECORDING, gated=gated)
        self.slos = {}
        self.failed = set()
        self.decision = None

    def event(self, event):
        entered = self.state.course.entered_us
        if isinstance(event, GateEvent) and event.passed is False and self.state.course.phase is Phase.IN_STEP:
            self.failed.add(event.gate)
        _, self.state = decide(self.program, self.state, event)
        if self.state.course.entered_us != entered:
            self.slos = {}

    def sample(self, raw):
        before = self.state
        admitted = admit_sample(raw, self.program.signals)
        state = start(self.program, before, raw.at_us) if before.course.phase is Phase.AHEAD else before
        self.seen, self.observed = observe(self.program, state, admitted)
        moment = Moment(at_us=raw.at_us, previous_us=before.previous_us, silent_since_us=None)
        for rule in self.program.slos:
            if is_in_step_at(self.seen.course, raw.at_us):
                streak = self.slos.get(rule, NO_STREAK)
                self.slos[rule] = gather(rule.asked, streak, truth_of(rule, self.seen.values), moment)
        self.decision, self.state = decide(self.program, before, admitted)

    def streak(self, rule):
        if rule.kind is RuleKind.SLO:
            return self.slos.get(rule, NO_STREAK)
        return self.observed.watches[self.program.watches.index(rule)]


def standing_of(encoded, old, new, raw, place):
    """Give the value of each of the proof's names at this sample; what is shared must be the same to both policies."""
    values = {}

    def put(name, value):
        assert values.setdefault(name, value) == value, f"{name} is shared and differs"

    course = new.seen.course
    put("step#", place)
    put("elapsed#", raw.at_us - course.entered_us)
    put("total#", raw.at_us - course.started_us)
    put("idle#", course.idle_until(raw.at_us))
    for told, side, variables in ((old, encoded.old, encoded.snapshot.old), (new, encoded.new, encoded.snapshot.new)):
        _put_variables(encoded, told, variables, put)
        _put_windows(told, side, raw.at_us, put)
        halted = told.seen.course.pause is not None or told.seen.course.freeze is not None
        put(name_of(encoded.flags.halted), halted)
        put(name_of(encoded.flags.approved), told.seen.step.name in told.seen.course.approvals)
        put(name_of(encoded.flags.gated), told.seen.course.gated)
        for gate, is_before in [(gate, True) for gate in told.program.before_gates] + [
            (g, False) for g in told.program.after_gates
        ]:
            state = told.seen.course.gates.get(gate.name)
            made = encoded.flags.gate(gate, is_before=is_before)
            put(name_of(made.passed), state is GateState.PASSED)
            put(name_of(made.has_failed), gate.name in told.failed)
    _put_raw(encoded, old, new, raw, put)
    _put_made(encoded, new, values)
    return values


def _exact(encoded, value):
    if isinstance(value, str):
        return encoded.encoding.code_of(value)
    return Fraction(value) if isinstance(value, float) else value


def _put_variables(encoded, told, variables, put):
    for name, variable in variables.items():
        if variable.present.decl().name() != "true":
            put(name_of(variable.present), name in told.seen.values)
        low = getattr(variable.possible, "low", False)
        absent = min(getattr(variable.possible, "values", [low]), key=str)
        put(name_of(variable.value), _exact(encoded, told.seen.values.get(name, absent)))


def _put_windows(told, side, at_us, put):
    for each in side.rules:
        streak, truth = told.streak(each.rule), truth_of(each.rule, told.seen.values)
        if isinstance(each.window, Counted):
            put(name_of(each.window.reached), truth is True and has_lasted(each.rule.asked, streak, at_us))
        elif each.window is not None:
            put(name_of(each.window.held), at_us - streak.since_us if truth is True else 0)
        if each.unknown is not None:
            put(name_of(each.unknown.held), at_us - streak.unknown_since_us if truth is UNKNOWN else 0)


def _put_raw(encoded, old, new, raw, put):
    for name, variable in encoded.snapshot.raw.items():
        free = replace_open(new.program.signals[name])
        value, _ = admit(raw.signals.get(name), free)
        put(name_of(variable.present), value is not None)
        put(
            name_of(variable.value),
            _exact(encoded, value if value is not None else {"string": "ok", "bool": False}.get(free.type.value, 0)),
        )
        for side in ("old", "new"):
            put(f"{side}:{name} fresh", True)


def replace_open(signal):
    return signal.model_copy(update={"range": (None, None), "values": None})


def _put_made(encoded, new, values):
    for riddle in encoded.opaque:
        types = {name: encoded.snapshot.new[name].type for name in riddle.reads}
        outcome = interpret_tree(riddle.node, types)({k: v for k, v in new.seen.values.items() if k in types})
        values[name_of(riddle.truth.yes)], values[name_of(riddle.truth.no)] = outcome is True, outcome is False
    for made in encoded.encoding.doubles.made:
        operation = made.operation
        left, right = Computation((operation.left, operation.right)).on(values)
        values[made.name] = value_of_made(made, left, right)


__all__ = ["Told", "draw_history", "replace", "standing_of", "take_in"]
