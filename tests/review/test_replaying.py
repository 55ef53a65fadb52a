"""
Replaying: both policies' folds over a short history, following its steps.
"""

from dataclasses import replace

from canarypolicy.engine.event import ApproveEvent, GateEvent, StepEvent
from canarypolicy.engine.rollout import Follow
from canarypolicy.engine.sample import RawSample
from canarypolicy.history.recording import Recording
from canarypolicy.history.replay import replay
from canarypolicy.review.folder import Folder
from canarypolicy.review.histories import ORIGIN_US, Filler, Shape, Spacing, history
from canarypolicy.review.replaying import Pair, judged, replayed
from canarypolicy.review.trial import spacing_of
from hypothesis import given, settings
from hypothesis import strategies as st

from driver import HEALTHY, PLAIN_PLAN, policy_text, program_of
from review_pairs import ADVANCE, HOLD, MINUTE, ROLLBACK, pair_of
from rollouts import GATED_PLAN

EVERY = Spacing(in_rollout_us=MINUTE, before_us=MINUTE)
HOT = Shape(step="canary-10", now=(("canary.errors", 0.02),), lasted_us=3 * MINUTE, elapsed_us=3 * MINUTE, total_us=3 * MINUTE)


def test_both_policies_judge_the_last_sample():
    pair = pair_of(("errors >= 0.02", "errors >= 0.03"))
    old, new = replayed(pair, history(HOT, pair.healthy, EVERY))
    assert (old.verdict, new.verdict) == (ROLLBACK, HOLD)
    assert old.is_fresh and old.is_clean and new.is_fresh and new.is_clean


def test_a_rollback_that_came_earlier_is_not_fresh():
    """It stands at every later sample: the last one decided nothing."""
    pair = pair_of()
    longer = replace(HOT, lasted_us=4 * MINUTE, elapsed_us=4 * MINUTE, total_us=4 * MINUTE)
    old, _ = replayed(pair, history(longer, pair.healthy, EVERY))
    assert old.decision.verdict is ROLLBACK
    assert not old.is_fresh and not old.is_clean


def test_a_step_that_would_have_been_left_is_not_clean():
    pair = pair_of()
    for minutes, is_clean in [(5, True), (6, False)]:
        shape = Shape(step="canary-10", now=(), lasted_us=0, elapsed_us=minutes * MINUTE, total_us=minutes * MINUTE)
        old, _ = replayed(pair, history(shape, pair.healthy, EVERY))
        assert old.decision.verdict is ADVANCE
        assert old.is_fresh and old.is_clean is is_clean


def test_what_a_policy_does_not_judge_is_no_judgement():
    """A step that is not its own, and a history without a sample."""
    program = program_of()
    assert judged(program, [StepEvent(at_us=0, step="elsewhere"), RawSample(at_us=1, signals=HEALTHY)]) is None
    assert judged(program, [StepEvent(at_us=0, step="full")]) is None
    assert (
        replayed(pair_of(("name: full,", "name: all,")), [StepEvent(at_us=0, step="all"), RawSample(at_us=1, signals={})]) is None
    )


def test_renamed_steps_are_told_in_each_policys_words():
    old, new = (
        program_of(),
        program_of(policy_text(plan=PLAIN_PLAN.replace("full", "all").replace("5m}", "5m, approval: required}"))),
    )
    pair = Pair(old=old, new=new, old_names={"all": "full"})
    items = [StepEvent(at_us=0, step="all"), ApproveEvent(at_us=1, step="all"), RawSample(at_us=5 * MINUTE, signals=HEALTHY)]
    first, second = replayed(pair, items)
    assert (first.decision.step, second.decision.step) == ("full", "all")
    assert (first.decision.verdict, second.decision.verdict) == (ADVANCE, ADVANCE)
    assert pair.in_old_words([ApproveEvent(at_us=1), items[0]]) == (ApproveEvent(at_us=1), StepEvent(at_us=0, step="full"))


def test_a_failed_gate_at_the_last_samples_time_is_fresh():
    pair = pair_of(plan=GATED_PLAN)
    shape = replace(
        HOT, step="full", now=(), before_gates=(("ready", True), ("smoke", True)), after_gates=(("again", False), ("soft", True))
    )
    old, _ = replayed(pair, history(shape, pair.healthy, EVERY))
    assert (old.decision.verdict, old.is_fresh) == (ROLLBACK, True)
    early = [StepEvent(at_us=0, step="full"), RawSample(at_us=0, signals=HEALTHY), GateEvent(at_us=1, gate="again", passed=False)]
    assert not judged(pair.old, [*early, RawSample(at_us=MINUTE, signals=HEALTHY)]).is_fresh


SHAPES = st.builds(
    lambda now, before, past, times, rest: Shape(
        now=now, before=before, past=past, lasted_us=min(times[0], times[1] + times[2]), elapsed_us=times[1],
        total_us=times[1] + times[2], step="full" if times[2] else rest[0],
        earlier_step="canary-10" if times[2] else None, lead_us=times[3], filler=rest[1], is_paused=rest[2],
    ),
    now=st.sampled_from([(), (("canary.errors", 0.02),), (("canary.errors", None),), (("canary.errors", 0.015),)]),
    before=st.sampled_from([None, (), (("canary.errors", 0.025),)]),
    past=st.sampled_from([(), (("canary.errors", 0.03),)]),
    times=st.tuples(*[st.integers(0, 7).map(lambda minutes: minutes * MINUTE)] * 3, st.sampled_from([0, 3 * MINUTE])),
    rest=st.tuples(st.sampled_from(["canary-10", "full"]), st.sampled_from(Filler), st.booleans()),
)  # fmt: skip


@given(st.lists(SHAPES, min_size=1, max_size=4))
@settings(deadline=None, derandomize=True, max_examples=150)
def test_remembered_folds_and_recordings_judge_alike(shapes):
    """The fold with a memory, the fold over items, and a replay of the same items as a followed recording decide the same."""
    pair = pair_of(("errors >= 0.02", "errors >= 0.018"))
    folders = Folder(pair.old, pair, is_old=True), Folder(pair.new, pair, is_old=False)
    spacing = spacing_of(pair)
    for shape in shapes:
        items = history(shape, pair.healthy, spacing)
        for folder, program in zip(folders, (pair.old, pair.new), strict=True):
            plain = judged(program, items)
            recording = Recording(rollout="r", source="r.jsonl", items=items)
            timeline = replay(program, recording, follow=Follow.RECORDING)
            assert timeline.decisions[-1] == plain.decision
            remembered = folder.judge(shape, spacing)
            if not plain.is_fresh:
                assert remembered is None
            elif shape.elapsed_us or shape.earlier_step is None:
                assert (remembered.is_fresh, remembered.is_clean) == (plain.is_fresh, plain.is_clean)
                assert remembered.decision == plain.decision


def test_the_origin_is_a_round_time():
    assert history(HOT, {}, EVERY)[0].at_us == ORIGIN_US
