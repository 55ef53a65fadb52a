"""
Edits of random policies and their mutants: what is taken back is gone and nothing else, and what is no edit changes nothing.
"""

from random import Random

import pytest
from canarypolicy.engine.program import build
from canarypolicy.engine.sample import RawSample
from canarypolicy.history.recording import Recording
from canarypolicy.review.edits import decides_alike, edits, without
from canarypolicy.review.on_recordings import on_recordings

from review.drawing import draw_policy, policy_of
from review.mutants import draw_mutant

SECOND_US = 1_000_000
NUMBERS = [0.0, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 2.0, 5.0, 100.0, 500.0]


def drawn(seed, count):
    random = Random(seed)
    for _ in range(count):
        document = draw_policy(random)
        mutant, edited = draw_mutant(random, document)
        yield random, policy_of(document), policy_of(mutant), edited


def a_value(random, signal):
    if random.random() < 0.5:
        return signal.healthy
    values = {"bool": [True, False], "string": signal.values, "int": [0, 1, 2, 3, 5, 10, 50, 100]}.get(signal.type.value, NUMBERS)
    return random.choice([*values, None])


def a_recording(random, signals):
    rows, at_us, present = [], 0, {}
    for _ in range(40):
        present |= {
            name: a_value(random, signal) for name, signal in signals.items() if name not in present or random.random() < 0.3
        }
        at_us += random.choice((15, 30, 30, 30, 60, 120)) * SECOND_US
        rows.append(RawSample(at_us=at_us, signals={name: value for name, value in present.items() if value is not None}))
    return Recording(rollout="x", source="x", items=tuple(rows))


def test_an_edit_taken_back_is_gone_and_no_other():
    """For each edit of each mutant that can go alone: what is left are the others, word for word."""
    taken = 0
    for _, old, new, edited in drawn(1, 25):
        assert edits(new, new) == ()
        found = edits(old, new)
        sentences = [edit.sentence for edit in found]
        assert len(set(sentences)) == len(sentences), edited
        for edit in found:
            back = without(old, new, edit)
            if back is not None:
                taken += 1
                assert sorted(each.sentence for each in edits(old, back)) == sorted(set(sentences) - {edit.sentence}), edited
    assert taken > 20


@pytest.mark.parametrize("seed", [2, 3])
def test_what_decides_alike_decides_alike(seed):
    """Mutants of which that is said are replayed beside their policy."""
    said = 0
    for random, old, new, edited in drawn(seed, 60):
        if decides_alike(old, new):
            said += 1
            recordings = [a_recording(random, old.policy.signals) for _ in range(5)]
            assert on_recordings(build(old), build(new), recordings).changed == (), edited
    assert said > 2
