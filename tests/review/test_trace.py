"""
Bounded traces: what is possible within so many samples and what is not, held against every history of a grid.
"""

import pytest
from canarypolicy.engine.engine import decide
from canarypolicy.engine.event import ApproveEvent, PauseEvent, StepEvent
from canarypolicy.engine.rollout import Follow, begin
from canarypolicy.engine.sample import RawSample, admit_sample
from canarypolicy.review.encoded import encode
from canarypolicy.review.histories import ORIGIN_US
from canarypolicy.review.own import encode_alone
from canarypolicy.review.replaying import judged
from canarypolicy.review.solver import Answer
from canarypolicy.review.trace import MOST_SAMPLES, first_divergence, first_violation, longest_trace
from canarypolicy.review.trial import Question
from canarypolicy.review.witness import witness_of

from driver import HEALTHY, PLAIN_PLAN, policy_text, program_of
from review_pairs import ADVANCE, HOLD, MINUTE, ROLLBACK, pair_of

VERDICTS = (ROLLBACK, HOLD, ADVANCE)
LENGTH = 5
"""How many samples the histories of the grid have at most."""
LEVELS = (None, 0.002, 0.015, 0.025)
PLAN = PLAIN_PLAN.replace("min: 5m, max: 20m", "min: 2m, max: 3m").replace("min: 5m}", "min: 2m}")


def encoded_of(pair):
    return encode(pair.old, pair.new, {step.name: step.name for step in pair.new.steps})


def on_grid(pair, step):
    """Give every pair of verdicts that some history of the grid ends in, from samples a minute apart that begin with the step."""
    found = set()
    start = StepEvent(at_us=ORIGIN_US, step=step)
    states = [
        decide(program, begin(program, start_us=ORIGIN_US, follow=Follow.RECORDING), start)[1] for program in (pair.old, pair.new)
    ]

    def go(states, index):
        if index == LENGTH:
            return
        for level in LEVELS:
            signals = {**HEALTHY, "canary.errors": level}
            raw = RawSample(
                at_us=ORIGIN_US + index * MINUTE, signals={name: value for name, value in signals.items() if value is not None}
            )
            after = [
                decide(program, state, admit_sample(raw, program.signals))
                for program, state in zip((pair.old, pair.new), states, strict=True)
            ]
            found.add(tuple(decision.verdict for decision, _ in after))
            if all(state.course.final is None for _, state in after):
                go([state for _, state in after], index + 1)

    go(states, 0)
    return found


SLO = "slos: [{name: low, require: canary.errors < 0.01}]\n"
PAIRS = {
    "a limit": (("errors >= 0.02", "errors >= 0.03"), SLO + "rollback: [{name: high, when: canary.errors >= 0.02, for: 2m}]"),
    "a longer run": (("for: 2m", "for: 3m"), SLO + "rollback: [{name: high, when: canary.errors >= 0.02, for: 2m}]"),
    "a run that survives unknown": (
        ("for: 2m", "for: 2m, missing: ignore"),
        "slos: [{name: base, require: baseline.errors < 0.01}]\nrollback: [{name: high, when: canary.errors >= 0.02, for: 2m}]",
    ),
    "unknown for too long": (
        ("after: 2m", "after: 3m"),
        "slos: [{name: base, require: baseline.errors < 0.01}]\nrollback: [{name: high, when: canary.errors >= 0.02, missing: rollback, after: 2m}]",
    ),
    "an SLO's run": (("for: 2m", "for: 1m"), "slos: [{name: low, require: canary.errors < 0.01, for: 2m}]"),
    "a time limit": (("max: 3m", "max: 3m, on_timeout: rollback"), SLO),
    "unlike predicates": (
        ("canary.errors >= 0.02, for: 2m", "canary.errors >= 0.01, for: 3m"),
        SLO + "rollback: [{name: high, when: canary.errors >= 0.02, for: 2m}]",
    ),
}


@pytest.mark.parametrize(("change", "rules"), PAIRS.values(), ids=PAIRS)
@pytest.mark.parametrize("step", ["canary-10", "full"])
def test_traces_agree_with_every_history_of_a_grid(change, rules, step):
    """What some history of the grid does is possible, with a trace that the engine confirms; what is impossible no history of it does."""
    pair = pair_of(change, rules=rules, plan=PLAN)
    encoded = encoded_of(pair)
    place = [new for _, new in encoded.snapshot.steps].index(step)
    reached = on_grid(pair, step)
    for old in VERDICTS:
        for new in VERDICTS:
            if old is new:
                continue
            traced = first_divergence(encoded, place, (old, new), LENGTH, MINUTE)
            question = Question(step=step, old=old, new=new)
            assert traced.length == LENGTH
            if traced.answer is Answer.POSSIBLE:
                assert any(witness_of(pair, question, items) for items in traced.items)
            else:
                assert traced.answer is Answer.IMPOSSIBLE
                assert (old, new) not in reached


def test_a_trace_is_short_and_healthy_where_it_can_be():
    """No more samples than it takes, and only what must be is off healthy."""
    pair = pair_of(("errors >= 0.02", "errors >= 0.03"))
    (items, *_) = first_divergence(encoded_of(pair), 0, (ROLLBACK, HOLD), 8, MINUTE).items
    samples = [item for item in items if isinstance(item, RawSample)]
    assert len(samples) == 4
    assert all({**each.signals, "canary.errors": 0.002} == HEALTHY for each in samples)


def test_who_said_what_is_in_the_trace():
    """An approval from the beginning, a pause at the last sample."""
    plan = PLAN.replace("min: 2m}", "min: 2m, approval: required}")
    pair = pair_of(("errors < 0.01", "errors < 0.02"), plan=plan, rules=SLO)
    traced = first_divergence(encoded_of(pair), 1, (HOLD, ADVANCE), LENGTH, MINUTE)
    assert any(isinstance(item, ApproveEvent) for item in traced.items[0])
    assert any(witness_of(pair, Question(step="full", old=HOLD, new=ADVANCE), items) for items in traced.items)
    halted = pair_of(("errors >= 0.02", "errors >= 0.03"), plan=PLAN, rules="slos: [{name: any, require: has(canary.errors) || canary.requests >= 0.0}]\nrollback: [{name: high, when: canary.errors >= 0.02}]")  # fmt: skip
    late = first_divergence(encoded_of(halted), 0, (ROLLBACK, HOLD), 1, MINUTE)
    assert any(witness_of(halted, Question(step="canary-10", old=ROLLBACK, new=HOLD), items) for items in late.items)
    assert all(item.at_us == items[-1].at_us for items in late.items for item in items if isinstance(item, PauseEvent))


def test_a_trace_is_as_long_as_the_longest_window_and_no_longer_than_can_be_asked():
    assert longest_trace(encoded_of(pair_of()), MINUTE) == 3 + 5
    assert longest_trace(encoded_of(pair_of(("for: 3m", "for: 10m"))), MINUTE) == 10 + 5
    assert longest_trace(encoded_of(pair_of(("for: 3m", "for: 10h"))), MINUTE) == MOST_SAMPLES


INVARIANT = "\ninvariants: [{name: hot, when: canary.errors >= 0.02, always: rollback, within: 4m}]\n"
VIOLATIONS = [
    ("a rule for longer than that", "rollback: [{name: high, when: canary.errors >= 0.02, for: 6m}]", True),
    ("a rule that is in time", "rollback: [{name: high, when: canary.errors >= 0.02, for: 4m}]", False),
    ("a higher limit", "rollback: [{name: high, when: canary.errors >= 0.03, for: 1m}]", True),
    ("a rule of the last step", "rollback: [{name: high, when: canary.errors >= 0.02, for: 1m, steps: [full]}]", True),
    ("an exemption", "rollback: [{name: high, when: canary.errors >= 0.02, unless: baseline.errors >= 0.02}]", True),
    ("at once", "rollback: [{name: high, when: canary.errors >= 0.01}]", False),
]  # fmt: skip


@pytest.mark.parametrize(("rules", "is_broken"), [each[1:] for each in VIOLATIONS], ids=[each[0] for each in VIOLATIONS])
def test_an_invariant_over_time_is_broken_by_a_history_or_by_none(rules, is_broken):
    """The policy's own advances are followed; the history ends with the expression true for that long and no rollback."""
    slos = "slos: [{name: base, require: baseline.errors < 0.5}]\n"
    program = program_of(policy_text(rules=slos + rules + INVARIANT, plan=PLAN))
    own = encode_alone(program)
    traced = first_violation(own.encoded, own.marks[0], 4 * MINUTE, 6, MINUTE)
    assert traced.answer is (Answer.POSSIBLE if is_broken else Answer.IMPOSSIBLE)
    for items in traced.items:
        samples = [item for item in items if isinstance(item, RawSample)]
        assert all(each.signals["canary.errors"] >= 0.02 for each in samples[-5:])
        assert judged(program, items).decision.verdict is not ROLLBACK


def test_an_advance_enters_the_next_step():
    """With a rule in the first step only, the history that breaks the invariant goes on to the second."""
    rules = "slos: [{name: base, require: baseline.errors < 0.5}]\nrollback: [{name: high, when: canary.errors >= 0.02, for: 3m, steps: [canary-10]}]\n"
    plan = PLAN.replace("weight: 100, min: 2m}", "weight: 100, min: 2m, approval: required}")
    text = policy_text(rules=rules + INVARIANT, plan=plan.replace("weight: 10, min: 2m", "weight: 10, min: 1m"))
    program = program_of(text.replace("within: 4m", "within: 6m"))
    own = encode_alone(program)
    traced = first_violation(own.encoded, own.marks[0], 6 * MINUTE, 7, MINUTE)
    assert traced.answer is Answer.POSSIBLE
    entered = {item.step for items in traced.items for item in items if isinstance(item, StepEvent)}
    assert "full" in entered
