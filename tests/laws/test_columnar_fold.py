"""
Columnar replay = the scalar fold, decision for decision and reason for reason, over random policies and histories.
"""

import numpy as np
from canarypolicy.cel.columns import column_of
from canarypolicy.engine.columnar_fold import VERDICTS
from canarypolicy.engine.engine import decide
from canarypolicy.engine.rollout import begin
from canarypolicy.engine.sample import Sample
from canarypolicy.history.columnar_replay import ColumnarReplay, Samples
from canarypolicy.history.replay import changes_of, outcome_of
from hypothesis import event, given
from hypothesis import strategies as st

from driver import program_of
from laws.strategies import LAW, histories, policies


def scalar(program, samples, start_us):
    """Fold one rollout sample by sample: its changes and its outcome."""
    state, decisions = begin(program, start_us=start_us), []
    for each in samples:
        decision, state = decide(program, state, each)
        if decision is not None:
            decisions.append(decision)
    changes = [
        (each.at_us, each.verdict, each.step, each.is_complete, frozenset((r.rule, r.kind, r.state) for r in each.reasons))
        for each in changes_of(decisions)
    ]
    return changes, outcome_of(state.course.phase)


def together(replay, rollouts, starts_us):
    """Put rollouts into columns, one after the other."""
    rows = [sample for rollout in rollouts for sample in rollout]
    columns = {
        name: column_of([sample.values.get(name) for sample in rows], signal.type, replay.plan.texts)
        for name, signal in replay.signals.items()
    }
    firsts = np.cumsum([0, *(len(rollout) for rollout in rollouts[:-1])])
    return Samples(
        times_us=np.array([sample.at_us for sample in rows]), firsts=firsts, started_us=np.array(starts_us), columns=columns
    )


def columnar(program, replay, samples):
    replayed = replay.replay(samples)
    found = [[] for _ in samples.firsts]
    changes = replayed.changes
    for place in range(len(changes.rows)):
        found[changes.rollouts[place]].append(
            (
                int(samples.times_us[changes.rows[place]]), VERDICTS[changes.verdicts[place]],
                program.steps[changes.steps[place]].name, bool(changes.complete[place]), changes.reasons_of(program, place),
            )
        )  # fmt: skip
    return list(zip(found, replayed.outcomes, strict=True))


@LAW
@given(policies(), st.lists(histories(), min_size=1, max_size=6), st.data())
def test_columns_decide_what_the_fold_decides(text, drawn, data):
    program = program_of(text)
    replay = ColumnarReplay(program)
    rollouts = [[each for each in history.items(program, with_steps=False) if isinstance(each, Sample)] for history in drawn]
    starts = [
        data.draw(st.sampled_from([r[0].at_us, r[0].at_us, r[0].at_us - 1, r[-1].at_us - 60_000_000, r[-1].at_us + 1]))
        for r in rollouts
    ]
    expected = [scalar(program, rollout, start) for rollout, start in zip(rollouts, starts, strict=True)]
    found = columnar(program, replay, together(replay, rollouts, starts))
    for (changes, outcome), (ours, our_outcome) in zip(expected, found, strict=True):
        event(f"{outcome.value}, {min(len(changes), 5)} changes")
        assert ours == changes
        assert our_outcome is outcome
