"""
A policy that was compiled before judges as one that is checked now: every shipped policy, story and status, byte for byte.
"""

from pathlib import Path

import pytest

from command_line import canarypolicy

ROOT = Path(__file__).parents[2]
POLICIES = ("policies/storefront/policy.yaml", "examples/careful-storefront/policy.yaml")
METRICS = sorted(
    str(path.relative_to(ROOT))
    for path in (*(ROOT / "examples").glob("*/recording.jsonl"), *(ROOT / "examples/snapshot").glob("*.json"))
)
WAYS = (
    (),
    ("--explain",),
    ("--format", "json"),
    ("--format", "github"),
    ("--step", "canary-50"),
    ("--signal", "incident.data=true"),
)


@pytest.fixture
def _cached(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("CANARYPOLICY_CACHE", str(tmp_path / "cache"))


def told(*arguments):
    done = canarypolicy(*arguments)
    return done.stdout, done.stderr, done.exit_code


@pytest.mark.usefixtures("_cached")
@pytest.mark.parametrize("policy", POLICIES)
def test_cached_and_uncached_say_the_same(policy, monkeypatch):
    statuses = set()
    for metrics in METRICS:
        for way in WAYS:
            now = ("--at", "2026-05-04T12:00:00Z") if metrics.endswith(".json") else ()  # a bare object is of the present
            arguments = ("evaluate", policy, "--metrics", metrics, *now, *way)
            cached = told(*arguments)
            with monkeypatch.context() as off:
                off.setenv("CANARYPOLICY_CACHE", "off")
                assert told(*arguments) == cached, arguments
            statuses.add(int(cached[2]))
    assert {0, 4, 5} & statuses == statuses - {3}
    assert len(statuses) >= 2


@pytest.mark.usefixtures("_cached")
def test_a_policy_with_an_error_is_told_each_time_and_not_kept(tmp_path):
    policy = tmp_path / "p.yaml"
    policy.write_text(
        (ROOT / POLICIES[0]).read_text(encoding="utf-8").replace("< 0.01, for: 5m", "< 'x', for: 5m"), encoding="utf-8"
    )
    first = told("evaluate", str(policy), "--metrics", METRICS[0])
    assert first == told("evaluate", str(policy), "--metrics", METRICS[0])
    assert first[2] == 3
    assert ":34:41: error[type-mismatch]" in first[1]
    assert not (tmp_path / "cache").exists()


@pytest.mark.usefixtures("_cached")
def test_the_path_is_that_of_the_call_and_not_of_the_one_before(tmp_path):
    text = (ROOT / POLICIES[0]).read_bytes()
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_bytes(text)
        assert f"{tmp_path / name}:" in told("evaluate", str(tmp_path / name), "--metrics", METRICS[0])[0]
    assert len(list((tmp_path / "cache").iterdir())) == 1
