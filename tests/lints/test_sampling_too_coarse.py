"""
Samples fall into `for` and into windows.
"""

import pytest


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        pytest.param(
            "rollback: [{name: r, when: canary.error_rate > 0.02, for: 30s}]",
            [],
            id="two samples span `for`",
        ),
        pytest.param(
            "rollback: [{name: r, when: canary.error_rate > 0.02, for: 29s}]",
            [("29s", "rollback rule `r` must last 29s, but a rollout is judged only every 30s")],
            id="no two samples are that near",
        ),
        pytest.param(
            "rollback: [{name: r, when: canary.error_rate > 0.02, for: {samples: 1, of: 2}}]",
            [],
            id="k of n counts samples",
        ),
        pytest.param(
            "rollback: [{name: r, when: canary.error_rate > 0.02, for: 0s}]",
            [],
            id="`for: 0s` is no `for`",
        ),
        pytest.param(
            "derived: {d.x: {mean: {of: canary.error_rate, over: 31s}}}",
            [],
            id="a window with two samples",
        ),
        pytest.param(
            "derived: {d.x: {mean: {of: canary.error_rate, over: 30s}}}",
            [("30s", "derived signal `d.x` is always missing: 30s hold at most 1 of the 2 samples that it needs, one every 30s")],
            id="a window with one sample",
        ),
        pytest.param(
            "derived: {d.x: {mean: {of: canary.error_rate, over: 30s, min_samples: 1}}}",
            [],
            id="a window that asks for one",
        ),
        pytest.param(
            "derived: {d.x: {mean: {of: canary.error_rate, over: 5m, min_samples: 11}}}",
            [("5m", "derived signal `d.x` is always missing: 5m hold at most 10 of the 11 samples that it needs, one every 30s")],
            id="a window that asks for many",
        ),
    ],
)
def test_sampling_too_coarse(said, fragment, expected):
    assert said("sampling-too-coarse", fragment) == expected
