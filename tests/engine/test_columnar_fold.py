"""
The fold over columns: what the law's random policies do not reach, and wrong folds that the comparison with the scalar fold catches.
"""

import json
import random

import numpy as np
import pytest
from canarypolicy.engine import columnar_fold, columnar_streaks
from canarypolicy.engine.sample import RawSample, admit_sample
from canarypolicy.history.columnar_replay import ColumnarReplay

from driver import ORIGIN_US, program_of
from laws.strategies import SIGNALS
from laws.test_columnar_fold import columnar, scalar, together

STEPS = [
    {"name": "a", "weight": 10, "min": "3m", "max": "6m"},
    {"name": "b", "weight": 50, "min": "1m", "max": "7m", "on_timeout": "rollback"},
    {"name": "c", "weight": 100, "min": "2m"},
]


def policy(**changes):
    return json.dumps(
        {
            "apiVersion": "canarypolicy/v1", "kind": "RolloutPolicy", "metadata": {"name": "fold"}, "signals": SIGNALS,
            "derived": {"logs.mean": {"mean": {"of": "app.logs", "over": "3m"}}, "logs.growing": {"growing": {"of": "app.logs", "over": "6m"}}},
            "slos": [
                {"name": "low", "require": "canary.errors < 0.01", "for": "2m"},
                {"name": "few", "require": "canary.restarts < 2", "for": {"samples": 2, "of": 3}},
                {"name": "own", "require": "logs.mean < 3.0", "for": "1m", "steps": ["b", "c"]},
            ],
            "rollback": [
                {"name": "high", "when": "canary.errors >= 0.02", "unless": "baseline.errors >= 0.02", "for": "2m"},
                {"name": "often", "when": "canary.restarts >= 2", "for": {"samples": 2, "of": 4}},
                {"name": "dark", "when": "canary.requests < 0.5", "missing": "rollback", "after": "5m"},
            ],
            "hold": [{"name": "quiet", "when": "canary.requests < 500.0", "for": "1m"}, {"name": "logs", "when": "logs.growing", "missing": "ignore", "steps": ["a"]}],
            "plan": {"every": "1m", "max_gap": "2m", "steps": STEPS} | changes,
        }
    )  # fmt: skip


def rollouts_of(program, count=150):
    """Make rollouts of trouble, silence and health, the longer ones good enough to complete."""
    rng = random.Random(17)
    found = []
    for _ in range(count):
        at_us, trouble = ORIGIN_US, rng.choice([0.0, 0.05, 0.3])
        row = healthy = {name: signal["healthy"] for name, signal in SIGNALS.items()}
        samples = []
        for _ in range(rng.randrange(1, 40)):
            at_us += rng.choice([60, 60, 60, 60, 60, 30, 121, 600]) * 1_000_000
            if rng.random() < trouble:
                row = {
                    **row,
                    **rng.choice(
                        [
                            {"canary.errors": 0.03},
                            {"canary.errors": None},
                            {"canary.restarts": 2},
                            {"canary.requests": None},
                            {"baseline.errors": 0.5},
                            {"canary.requests": 100.0},
                            {"app.logs": 9.0},
                        ]
                    ),
                }
            elif rng.random() < 0.3:
                row = healthy
            samples.append(admit_sample(RawSample(at_us=at_us, signals=row), program.signals))
        found.append(samples)
    return found


def differs(program):
    """Tell whether columns decide otherwise than the scalar fold."""
    replay = ColumnarReplay(program)
    rollouts = rollouts_of(program)
    starts = [rollout[0].at_us - (index % 3) * 150_000_000 for index, rollout in enumerate(rollouts)]
    expected = [scalar(program, rollout, start) for rollout, start in zip(rollouts, starts, strict=True)]
    return columnar(program, replay, together(replay, rollouts, starts)) != expected


def test_all_kinds_of_rules_and_steps_fold_alike():
    assert not differs(program_of(policy()))


def test_a_step_that_needs_an_approval_holds():
    steps = [STEPS[0], {**STEPS[1], "approval": "required"}, STEPS[2]]
    assert not differs(program_of(policy(steps=steps)))


def test_two_policies_derive_the_same_once(monkeypatch):
    one, two = (ColumnarReplay(program_of(text)) for text in (policy(), policy(max_gap="2m", every="30s")))
    rollouts = rollouts_of(one.program, 20)
    samples = together(one, rollouts, [rollout[0].at_us for rollout in rollouts])
    one.replay(samples)
    derived = [each for each in samples.found.values() if isinstance(each, tuple)]
    found = two.replay(samples)
    assert [each for each in samples.found.values() if isinstance(each, tuple)] == derived
    assert found.folded == ("logs.growing",)
    assert len(derived) == 2


RIGHT_BREAKS, RIGHT_MET, RIGHT_WATCH = columnar_streaks.Rows.breaks, columnar_fold.met_since, columnar_fold.watch_rows
WRONG = {
    "gaps do not end an SLO's run": (columnar_streaks.Rows, "breaks", lambda self, max_gap_us: RIGHT_BREAKS(self, 2**62)),
    "evidence from before the step counts": (columnar_fold, "met_since", lambda slo, rows_, us, rows: RIGHT_MET(slo, rows_ * 0, us * 0, rows)),
    "unknown ends a run": (columnar_fold, "watch_rows", lambda asked, true, false, rows: RIGHT_WATCH(asked, true, ~true, rows)),
    "nothing is remembered of the row before": (columnar_fold, "_changed", lambda *masks: np.zeros(len(masks[0]), dtype=bool)),
    "a run's time is counted from the end": (columnar_streaks, "_runs_since", lambda starts, times_us: times_us),
}  # fmt: skip


@pytest.mark.parametrize("fault", WRONG)
def test_a_wrong_fold_is_caught(fault, monkeypatch):
    monkeypatch.setattr(*WRONG[fault])
    assert differs(program_of(policy()))
