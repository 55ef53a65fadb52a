"""
The public names are those that are listed, and each of them is there.
"""

import canarypolicy
import pytest


@pytest.mark.parametrize("name", canarypolicy.__all__)
def test_every_listed_name_is_there(name):
    assert getattr(canarypolicy, name) is not None


def test_the_list_is_sorted_and_complete():
    assert canarypolicy.__all__ == sorted(canarypolicy.__all__)
    homes = {name for names in canarypolicy._HOMES.values() for name in names}
    assert homes == set(canarypolicy.__all__) - {"__version__"}


def test_another_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'evaluate_everything'"):
        _ = canarypolicy.evaluate_everything


def test_the_library_does_what_the_command_line_does():
    """A policy and a recording, from bytes to an outcome, by public names alone."""
    text = b"""
apiVersion: canarypolicy/v1
kind: RolloutPolicy
metadata: {name: x}
signals: {a.b: {healthy: 0.0}}
slos: [{name: low, require: a.b < 1.0}]
plan: {every: 1m, steps: [{name: full, weight: 100, min: 1m, max: 2m}]}
"""
    loaded = canarypolicy.load_policy(text, "policy.yaml")
    assert canarypolicy.check(loaded.document) is not None
    program = canarypolicy.build(loaded.document)
    (recording,) = canarypolicy.read_recordings(b"time,a.b\n0,0\n60,0\n", "x.csv")
    assert canarypolicy.replay(program, recording).outcome is canarypolicy.Outcome.COMPLETE
