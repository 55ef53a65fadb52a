"""
A change on recorded rollouts: what ends otherwise, or at another time, and what that costs in exposure.
"""

import os
from pathlib import Path

import pytest
from canarypolicy.documents.duration import SECOND_US
from canarypolicy.engine.event import AbortEvent, GateEvent, StepEvent
from canarypolicy.engine.program import build
from canarypolicy.engine.sample import RawSample
from canarypolicy.history.recording import Recording, read_recordings
from canarypolicy.history.replay import replay
from canarypolicy.review.on_recordings import NOT_JUDGED, exposure_us, on_recordings

from reviewed import policy

MINUTE = 60 * SECOND_US
SHARED = Path(os.environ.get("CANARYPOLICY_RECORDINGS", Path(__file__).parents[3] / "shared" / "recordings"))

SMALL = """\
apiVersion: canarypolicy/v1
kind: RolloutPolicy
metadata: {name: small}
signals:
  c.errors: {range: [0, 1], healthy: 0.001, worse: higher}
slos: [{name: low, require: c.errors < 0.01}]
rollback: [{name: high, when: c.errors >= 0.02, for: 2m}]
plan:
  every: 1m
  steps: [{name: a, weight: 10, min: 3m}, {name: b, weight: 50, min: 3m}]
"""


def program(*replacements):
    text = SMALL
    for was, now in replacements:
        assert was in text
        text = text.replace(was, now)
    return build(policy(text))


def recording(*errors, name="one", events=(), step=None):
    samples = [RawSample(at_us=minute * MINUTE, signals={"c.errors": value}, step=step) for minute, value in enumerate(errors)]
    items = sorted([*samples, *events], key=lambda item: (item.at_us, isinstance(item, RawSample)))
    return Recording(rollout=name, source=f"{name}.jsonl", items=tuple(items))


GOOD = recording(*[0.001] * 9)
BAD = recording(0.001, *[0.03] * 8, name="bad")


def test_what_is_the_same_is_counted():
    """By how it ends; what neither policy judges is no outcome."""
    before = Recording(rollout="x", source="x", items=BAD.items, has_begun=False)
    found = on_recordings(program(), program(("name: low", "name: lower")), [GOOD, BAD, recording(0.001), before])
    assert found.changed == ()
    assert found.same == {"complete": 1, "rolled-back": 1, "holding": 1, NOT_JUDGED: 1}


def test_a_lost_rollback_is_named_with_its_rules_and_its_exposure():
    """The rollback came 3 minutes after the start; without it, 5 more minutes at 10 %."""
    found = on_recordings(program(), program(("0.02", "0.05")), [GOOD, BAD])
    (changed,) = found.changed
    assert (changed.rollout, changed.source) == ("bad", "bad.jsonl")
    assert (changed.old_outcome, changed.new_outcome) == ("rolled-back", "holding")
    assert changed.first_difference_us == 3 * MINUTE
    assert (changed.old_rules, changed.new_rules) == (("high",), ("low",))
    assert changed.exposure_us == 5 * MINUTE // 10
    assert changed.counterfactual_from_us is None
    assert found.same == {"complete": 1}


def test_the_same_end_at_another_time_is_a_change():
    """A shorter step comes sooner to its higher weight."""
    (changed,) = on_recordings(program(), program(("weight: 10, min: 3m", "weight: 10, min: 1m")), [GOOD]).changed
    assert (changed.old_outcome, changed.new_outcome) == ("complete", "complete")
    assert changed.first_difference_us == MINUTE
    assert changed.exposure_us == 2 * MINUTE * 4 // 10


def test_renamed_steps_are_the_same():
    """Also where the recording names them: under the old name."""
    new = program(("name: a", "name: tenth"))
    entered = recording(*[0.001] * 4, events=(StepEvent(at_us=0, step="a"),))
    assert on_recordings(program(), new, [GOOD, entered, recording(0.001, 0.001, step="a")]).changed == ()
    (changed,) = on_recordings(
        program(), program(("name: a", "name: tenth"), ("0.02", "0.05")), [recording(*[0.03] * 4, step="a")]
    ).changed
    assert changed.counterfactual_from_us == 3 * MINUTE, "after the old policy's rollback"


def test_counterfactual_is_what_either_side_did_not_measure():
    """The recording stays in its first step, the new policy leaves it."""
    (changed,) = on_recordings(program(("min: 3m}, {", "min: 30m}, {")), program(), [recording(*[0.001] * 6, step="a")]).changed
    assert changed.first_difference_us == 3 * MINUTE
    assert changed.counterfactual_from_us == 4 * MINUTE


def test_exposure_ends_with_a_rollback_and_begins_with_the_first_weight():
    """Waiting for gates is no exposure, an abort ends it, a refusal has none."""
    gated = program(("every: 1m", "every: 1m\n  gates: {before: [{name: ready, probe: p, require: result.failed == 0}]}"))
    passed = GateEvent(at_us=2 * MINUTE, gate="ready", passed=True)
    waited = recording(*[0.001] * 5, events=(passed, AbortEvent(at_us=4 * MINUTE)))
    assert exposure_us(replay(gated, waited), 4 * MINUTE) == 2 * MINUTE // 10
    refused = recording(*[0.001] * 5, events=(GateEvent(at_us=2 * MINUTE, gate="ready", passed=False),))
    assert exposure_us(replay(gated, refused), 4 * MINUTE) == 0
    assert exposure_us(replay(program(), GOOD), 8 * MINUTE) == (3 * 10 + 5 * 50) * MINUTE // 100


@pytest.mark.skipif(not SHARED.is_dir(), reason="there are no shared recordings")
def test_shared_recordings_change_where_the_outcome_does():
    """Each that ends otherwise is named."""
    path = next(iter(sorted((SHARED / "rollouts").glob("*.csv*"))))
    if path.name == "labels.csv":
        path = SHARED / "rollouts" / "many.csv.gz"
    recordings = read_recordings(path.read_bytes(), str(path))[:6]
    root = Path(__file__).parents[2] / "policies" / "storefront" / "policy.yaml"
    text = root.read_text(encoding="utf-8")
    old, new = build(policy(text)), build(policy(text.replace("error_rate_5xx >= 0.02", "error_rate_5xx >= 0.001")))
    found = on_recordings(old, new, recordings)
    named = {each.rollout for each in found.changed}
    for each in recordings:
        if replay(old, each).outcome is not replay(new, each).outcome:
            assert each.rollout in named
    assert len(named) + sum(found.same.values()) == len(recordings)
