"""
What is proved of one policy by itself, against random histories that the engine folds: none may show the opposite.

Histories lean to limits, missing values, gaps around `max_gap` and times around those that rules ask for.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from canarypolicy.documents.duration import microseconds
from canarypolicy.documents.policy import AlwaysWithin, NeverBefore, NeverWhile
from canarypolicy.documents.signals import Worse
from canarypolicy.engine.decision import ReasonState, Verdict
from canarypolicy.engine.engine import decide
from canarypolicy.engine.event import ApproveEvent, PauseEvent, ResumeEvent, StepEvent
from canarypolicy.engine.observation import truth_of
from canarypolicy.engine.rollout import Follow, Phase, begin
from canarypolicy.engine.sample import RawSample, admit_sample
from canarypolicy.review.remarks import remarks

from review.drawing import LIMITS, SIGNALS, draw_expression, draw_policy, program_of

HISTORIES = 25
LENGTH = 14
SECOND = 1_000_000

pytestmark = pytest.mark.no_cover  # smaller tests cover the same lines; measuring here takes longer than the test


def drawn_program(random):
    """Draw a policy with one invariant of each form."""
    while True:
        document = draw_policy(random)
        atoms = [*document["signals"], *document.get("derived", {})]
        last = document["plan"]["steps"][-1]["name"]
        document["invariants"] = [
            {"name": "a", "never": random.choice(["advance", "rollback"]), "while": draw_expression(random, atoms)},
            {
                "name": "b",
                "when": draw_expression(random, atoms),
                "always": "rollback",
                "within": random.choice(["0s", "1m", "3m"]),
            },
            {"name": "c", "never": {"reach": last}, "before": random.choice(["1m", "4m"])},
        ]
        try:
            return program_of(document)
        except AssertionError:
            continue


def drawn_value(random, name):
    signal = SIGNALS[name]
    if random.random() < 0.12:
        return None
    if random.random() < 0.25:
        return signal["healthy"]
    if signal.get("type") == "bool":
        return random.random() < 0.5
    if signal.get("type") == "string":
        return random.choice(signal["values"])
    limit = float(random.choice(LIMITS[name]))
    if signal.get("type") == "int":
        return int(limit) + random.choice([-1, 0, 0, 1])
    return limit + random.choice([-0.05, 0.0, 0.0, 0.05, 1e-17])


def drawn_history(random, program):
    """Draw samples and a few words of operators; values often stand."""
    items, at_us = [], 0
    values = {name: drawn_value(random, name) for name in program.signals}
    for _ in range(LENGTH):
        if random.random() < 0.5:
            for name in program.signals:
                if random.random() < 0.4:
                    values[name] = drawn_value(random, name)
        if random.random() < 0.1:
            items.append(random.choice([PauseEvent(at_us=at_us), ResumeEvent(at_us=at_us), ApproveEvent(at_us=at_us)]))
        items.append(RawSample(at_us=at_us, signals={name: value for name, value in values.items() if value is not None}))
        at_us += random.choice([30, 60, 60, 60, 90, 120, 121, 181]) * SECOND
    return items


def folded(program, items, *, follow=Follow.POLICY):
    """Give, for each sample that was judged and not after the end, its time, what was decided, and all values."""
    state = begin(program, start_us=0, follow=follow)
    found = []
    for item in items:
        admitted = admit_sample(item, program.signals) if isinstance(item, RawSample) else item
        decision, state = decide(program, state, admitted)
        if decision is not None and isinstance(item, RawSample):
            values = {} if state.course.phase is Phase.AHEAD else dict(admitted.values)
            found.append((item.at_us, decision, values))
        if state.course.final is not None:
            break
    return found


def marked(program, expression, items):
    """Give the times of the samples at which an expression is true, on the course that the policy itself takes."""
    probe = replace(
        program.watches[0],
        name="probe",
        when=expression,
        unless=None,
        acts_in=frozenset(step.name for step in program.steps),
        asked=replace(program.watches[0].asked, for_us=None, samples=None, of=None, after_us=None),
        reads=expression.signals,
    )
    with_probe = replace(program, watches=(*program.watches, probe))
    steps = steps_taken(program, items)
    state, found = begin(with_probe, start_us=0, follow=Follow.RECORDING), set()
    for item in sorted([*items, *steps], key=lambda each: (each.at_us, isinstance(each, StepEvent) and each.at_us > 0)):
        admitted = admit_sample(item, program.signals) if isinstance(item, RawSample) else item
        decision, state = decide(with_probe, state, admitted)
        if decision is not None and isinstance(item, RawSample):
            if any(
                reason.rule == "probe" and reason.state in (ReasonState.FIRES, ReasonState.PENDING) for reason in decision.reasons
            ):
                found.add(item.at_us)
            # a probe that fires would end the rollout: it is told apart by folding on without it
            state = replace(state, course=replace(state.course, final=None, phase=Phase.IN_STEP))
    return found


def steps_taken(program, items):
    steps = [StepEvent(at_us=0, step=program.steps[0].name)]
    for at_us, decision, _ in folded(program, items):
        if decision.verdict is Verdict.ADVANCE and not decision.is_complete:
            place = program.step_named(decision.step).index
            steps.append(StepEvent(at_us=at_us, step=program.steps[place + 1].name))
    return steps


def check_invariant(program, index, items):
    invariant = program.checked.policy.invariants[index]
    decisions = folded(program, items)
    match invariant:
        case NeverBefore():
            for event in steps_taken(program, items):
                assert event.step != invariant.never.reach or event.at_us >= microseconds(invariant.before)
        case NeverWhile():
            true_at = marked(program, program.checked.expressions["invariants", index, "while"], items)
            assert not any(decision.verdict.value == invariant.never and at in true_at for at, decision, _ in decisions)
        case AlwaysWithin():
            true_at = marked(program, program.checked.expressions["invariants", index, "when"], items)
            since = before = None
            for at, decision, _ in decisions:
                if decision.verdict is Verdict.ROLLBACK:
                    return
                if at not in true_at or (before is not None and at - before > program.max_gap_us):
                    since = None
                if at in true_at:
                    since = at if since is None else since
                    assert at - since < microseconds(invariant.within)
                before = at


def check_rule(program, remark, items):
    rule = next(
        each for each in (*program.slos, *program.watches) if each.location.start <= remark.place.start < each.location.end
    )
    for _, decision, values in folded(program, items):
        states = {reason.state for reason in decision.reasons if reason.rule == rule.name}
        match remark.name:
            case "dead-rule":
                assert not states & {ReasonState.FIRES, ReasonState.UNKNOWN_TOO_LONG}
            case "unmeetable-slo":
                assert ReasonState.MET not in states
            case "effortless-slo" | "ever-true-rule":
                if decision.step in rule.acts_in and rule.reads and all(name in values for name in rule.reads):
                    assert truth_of(rule, values) is True


def without_needless(program, found):
    needless = [remark.place.start for remark in found if remark.name == "needless-rule"]

    def kept(rules):
        return tuple(each for each in rules if not any(each.location.start <= start < each.location.end for start in needless))

    return replace(program, slos=kept(program.slos), watches=kept(program.watches)), bool(needless)


def worsened(value, signal):
    """Make a value worse; one that the range excludes on the other side stays missing."""
    if isinstance(value, bool):
        return True
    if signal.worse is Worse.LOWER:
        return value - 1
    high = signal.range[1]
    return value + 1 if high is None else max(value, min(value + 1, type(value)(high)))


def check_monotone(random, program, items):
    """A worse value makes nothing looser, up to the first rollback, in the steps that are given."""
    names = [name for name, signal in program.signals.items() if signal.worse is not None]
    read = {name for each in program.derived for name in each.reads}
    names = [name for name in names if name not in read]
    if not names:
        return
    name = random.choice(names)
    signal = program.signals[name]
    worse = [
        replace(item, signals={**item.signals, name: worsened(item.signals[name], signal)})
        if isinstance(item, RawSample) and item.signals.get(name) is not None and random.random() < 0.5
        else item
        for item in items
    ]
    compare_worlds(
        program,
        items,
        worse,
        looser={(Verdict.ROLLBACK, Verdict.HOLD), (Verdict.ROLLBACK, Verdict.ADVANCE), (Verdict.HOLD, Verdict.ADVANCE)},
    )


def check_fail_safe(random, program, items):
    read = {name for each in program.derived for name in each.reads}
    names = [name for name in program.signals if name not in read]
    less = [
        replace(item, signals={name: value for name, value in item.signals.items() if name not in names or random.random() < 0.7})
        if isinstance(item, RawSample)
        else item
        for item in items
    ]
    compare_worlds(program, items, less, looser={(Verdict.ROLLBACK, Verdict.ADVANCE), (Verdict.HOLD, Verdict.ADVANCE)})


def compare_worlds(program, items, others, looser):
    """Fold both in the step that is entered at the start, and compare up to the first rollback of either."""
    step = StepEvent(at_us=0, step=program.steps[0].name)
    pairs = zip(
        folded(program, [step, *items], follow=Follow.RECORDING),
        folded(program, [step, *others], follow=Follow.RECORDING),
        strict=False,
    )
    for (_, one, _), (_, other, _) in pairs:
        assert (one.verdict, other.verdict) not in looser, (one, other)
        if Verdict.ROLLBACK in (one.verdict, other.verdict):
            return


def check(seed):
    """Hold all that is proved of one drawn policy against its histories; give what was proved."""
    random = Random(seed)
    program = drawn_program(random)
    if not program.watches:
        return []
    found = remarks(program)
    names = {remark.name for remark in found}
    slim, is_slimmer = without_needless(program, found)
    minds_due = any(rule.asked.after_us is not None for rule in program.watches)
    for _ in range(HISTORIES):
        items = drawn_history(random, program)
        for remark in found:
            if remark.name == "invariant-holds":
                check_invariant(
                    program, [each.name for each in program.checked.policy.invariants].index(remark.place.text.strip('"')), items
                )
            elif remark.name in ("dead-rule", "unmeetable-slo", "effortless-slo", "ever-true-rule"):
                check_rule(program, remark, items)
        if is_slimmer:
            assert [each[1].verdict for each in folded(program, items)] == [each[1].verdict for each in folded(slim, items)]
        if not names & {"looser-when-worse", "not-monotone", "not-answered"} and not minds_due:
            check_monotone(random, program, items)
        if "looser-when-missing" not in names:
            check_fail_safe(random, program, items)
    return [remark.name for remark in found]


@pytest.mark.parametrize("first", range(0, 48, 8))
def test_no_history_shows_the_opposite_of_what_is_proved(first):
    for seed in range(first, first + 8):
        check(seed)
