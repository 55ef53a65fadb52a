"""
Samples in a row, in terms: with the values fixed, each is decided as the engine decides it.
"""

import pytest
from canarypolicy.cel.terms import negated
from canarypolicy.engine.decision import Verdict
from canarypolicy.engine.engine import decide
from canarypolicy.engine.rollout import Follow, begin
from canarypolicy.engine.sample import RawSample, admit_sample
from canarypolicy.review.encoded import encode
from canarypolicy.review.proposals import coded
from canarypolicy.review.unrolled import Unrolled
from hypothesis import example, given, settings
from hypothesis import strategies as st

from driver import HEALTHY, PLAIN_PLAN, policy_text, program_of
from review_pairs import MINUTE

LENGTH = 7
PLAN = PLAIN_PLAN.replace("min: 5m, max: 20m", "min: 1m, max: 4m, on_timeout: rollback").replace("min: 5m}", "min: 2m}")
PLAN = PLAN.replace("every: 1m", "every: 1m\n  max_gap: 2m")
RULES = {
    "runs": """
slos: [{name: low, require: canary.errors < 0.01, for: 1m}]
rollback: [{name: high, when: canary.errors >= 0.02, for: 2m, missing: ignore}]
hold: [{name: odd, when: canary.errors >= 0.015, for: 2m, missing: ignore}]
""",
    "silence": """
slos: [{name: base, require: baseline.errors < 0.5}]
rollback: [{name: lost, when: canary.errors >= 0.5, missing: rollback, after: 2m}, {name: high, when: canary.errors >= 0.02, for: 1m}]
""",
    "evidence in each step": """
slos: [{name: base, require: has(canary.errors) && baseline.errors < 0.5, for: 2m}]
rollback: [{name: high, when: canary.errors >= 0.02, for: 3m, steps: [full]}]
""",
}
HISTORIES = st.lists(st.sampled_from([None, 0.002, 0.016, 0.025]), min_size=2, max_size=LENGTH)


def unrolled_of(rules, *, moves):
    program = program_of(policy_text(rules=rules, plan=PLAN))
    encoded = encode(program, program, {step.name: step.name for step in program.steps})
    return Unrolled(encoded=encoded, length=LENGTH, every_us=MINUTE, moves=moves, budget=10_000_000)


def fixed(unrolled, levels, silent):
    """Say that these are the last samples, after so many minutes of silence, in the first step."""
    first = LENGTH - len(levels)
    signals = unrolled.encoded.new.program.signals
    told = [unrolled.silent == silent * MINUTE, unrolled.at(first, unrolled.encoded.snapshot.in_step[0])]
    told += [negated(unrolled.taken(index)) for index in range(first)]
    told += [unrolled.taken(index) for index in range(first, LENGTH)]
    told.append(negated(unrolled.at(LENGTH - 1, unrolled.encoded.flags.halted)))
    for index, level in enumerate(levels, start=first):
        for name, variable in unrolled.measured(index):
            value = level if name == "canary.errors" else HEALTHY[name]
            told.append(variable.present if value is not None else negated(variable.present))
            if value is not None:
                told.append(variable.value == coded(unrolled.encoded, signals[name].type, value))
    return told


def decided_by_the_engine(program, levels, silent, follow):
    state = begin(program, start_us=0, follow=follow, step=None if follow is Follow.POLICY else "canary-10", entered_us=0)
    for index, level in enumerate(levels):
        signals = {**HEALTHY, "canary.errors": level}
        raw = RawSample(
            at_us=(silent + index) * MINUTE, signals={name: value for name, value in signals.items() if value is not None}
        )
        decision, state = decide(program, state, admit_sample(raw, program.signals))
        yield decision.step, decision.verdict
        if state.course.final is not None:
            return


@pytest.mark.parametrize("moves", [False, True])
@pytest.mark.parametrize("rules", RULES.values(), ids=RULES)
def test_each_sample_is_decided_as_by_the_engine(rules, moves):
    """With and without silence before the first sample, in one step or along the policy's own advances."""
    unrolled = unrolled_of(rules, moves=moves)
    program = unrolled.encoded.new.program
    names = [new for _, new in unrolled.encoded.snapshot.steps]
    follow = Follow.POLICY if moves else Follow.RECORDING

    @given(levels=HISTORIES, silent=st.sampled_from([0, 1, 4]))
    @example(levels=[0.025, None, 0.025], silent=0)
    @example(levels=[0.025, None, None, 0.025, 0.002], silent=0)
    @example(levels=[0.025, None, None, 0.025, 0.025, 0.025], silent=0)
    @settings(deadline=None, derandomize=True, max_examples=30)
    def check(levels, silent):
        expected = list(decided_by_the_engine(program, levels, silent, follow))
        levels = levels[: len(expected)]
        model = unrolled.solver.ask(fixed(unrolled, levels, silent)).model
        is_complete = moves and expected[-1] == ("full", Verdict.ADVANCE)
        assert model is not None or is_complete
        for index, (step, verdict) in enumerate(expected, start=LENGTH - len(levels)):
            if model is not None:
                assert model.holds(unrolled.decided(index, names.index(step), verdict, unrolled.encoded.new)), (
                    index,
                    step,
                    verdict,
                )

    check()
