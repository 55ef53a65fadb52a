"""
Every shared recording replays to an outcome, and what differs from its label differs for a reason that is written down.

The recordings do not belong to this repository: without them these tests are skipped.
"""

import csv
import os
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import pytest
from canarypolicy.errors import InvalidInput
from canarypolicy.history.recording import read_recordings
from canarypolicy.history.replay import Outcome, replay

from driver import program_of

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("CANARYPOLICY_RECORDINGS", ROOT.parent / "shared" / "recordings"))
EXAMPLES = ROOT / "examples"

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason=f"there are no shared recordings in {SHARED.name}")

DIFFERENT = {
    # class of fault: (how many of 5 differ, why), for the literal runbook; the careful one differs nowhere
    "healthy": (1, "`no business errors` means none: at 24,690 requests a minute five minutes without one are rare"),
    "latency-25": (2, "p95 of buckets a factor of 1.2 apart jumps, and `for: 5m` is met between two jumps"),
    "sale-errors": (4, "the runbook rolls back when sales are blocked; where some succeed it only holds"),
    "log-growth": (5, "growth that has ended is no growth: the SLO is met again at four times the rate"),
    "shared-incident": (5, "an absolute limit of 2 % does not ask whether the baseline fails as well"),
}


@cache
def program(path):
    return program_of((EXAMPLES / path).read_text(encoding="utf-8"))


def recordings(path):
    return read_recordings(path.read_bytes(), path.as_posix())


def labels():
    with (SHARED / "rollouts" / "labels.csv").open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def fits(label, outcome):
    if label["outcome"] == "must-not-advance":
        return outcome is not Outcome.COMPLETE
    return outcome.value in (label["outcome"], *label["acceptable"].split())


@cache
def outcomes(policy):
    found = {}
    for label in labels():
        (recording,) = recordings(SHARED / "rollouts" / label["file"])
        found[label["file"]] = replay(program(f"simulated-rollouts/{policy}.yaml"), recording).outcome
    return found


@pytest.mark.parametrize("policy", ["literal", "careful"])
def test_every_simulated_rollout_ends_as_its_label_says_or_differs_for_a_known_reason(policy):
    different = Counter(label["class"] for label in labels() if not fits(label, outcomes(policy)[label["file"]]))
    expected = {name: count for name, (count, _) in DIFFERENT.items()} if policy == "literal" else {}
    assert dict(different) == expected


def test_the_table_in_the_docs_is_what_comes_out():
    text = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
    for line in table():
        assert line in text


def table():
    """Give the rows of the table: fault class, right outcome, and how the five rollouts end."""
    ends = defaultdict(lambda: {"literal": Counter(), "careful": Counter()})
    right = {}
    for label in labels():
        right[label["class"]] = label["outcome"]
        for policy in ("literal", "careful"):
            ends[label["class"]][policy][outcomes(policy)[label["file"]].value] += 1
    for name, counts in ends.items():
        told = [", ".join(f"{count} {end}" for end, count in sorted(each.items())) for each in counts.values()]
        yield f"| {name} | {right[name]} | {' | '.join(told)} |"


def test_many_rollouts_in_one_file_end_like_those_in_files_of_their_own():
    for recording in recordings(SHARED / "rollouts" / "many.csv.gz"):
        ended = replay(program("simulated-rollouts/careful.yaml"), recording).outcome
        assert ended is outcomes("careful")[f"runs/{recording.rollout}.csv"], recording.rollout


INJECTED = {
    ("service", "2022"): {"complete": 10, "holding": 1, "rolled-back": 21},
    ("service", "2023"): {"holding": 28},
    ("pod", "2022"): {"complete": 11, "holding": 3, "rolled-back": 18},
    ("pod", "2023"): {"complete": 16, "holding": 11, "rolled-back": 1},
}
"""Policy and year -> outcomes; a label says that a fault was injected, not that a rollout had to stop."""


@pytest.mark.parametrize(("policy", "year"), INJECTED)
def test_every_injected_fault_replays_to_an_outcome(policy, year):
    paths = sorted((SHARED / "nezha" / "faults").glob(f"{year}*.csv"))
    ends = Counter(replay(program(f"nezha/{policy}.yaml"), each).outcome.value for path in paths for each in recordings(path))
    assert dict(ends) == INJECTED[policy, year]


def test_whole_days_replay_to_an_outcome():
    for path in sorted((SHARED / "nezha" / "days").glob("*.csv.gz")):
        (recording,) = recordings(path)
        assert replay(program("nezha/service.yaml"), recording).decisions


def test_a_success_rate_that_is_stuck_at_zero_neither_rolls_back_nor_lets_advance():
    (recording,) = recordings(SHARED / "nezha" / "days" / "2023-01-29.csv.gz")
    timeline = replay(program("nezha/service.yaml"), recording)
    rolled_back_by = {
        reason.rule for decision in timeline.decisions for reason in decision.reasons if reason.state.value == "fires"
    }
    assert "success-low" not in rolled_back_by
    assert timeline.outcome is not Outcome.COMPLETE


def cloud_policy(signals):
    for path in sorted((EXAMPLES / "cloud").glob("*.yaml")):
        candidate = program(path.relative_to(EXAMPLES).as_posix())
        if candidate.signals.keys() <= signals:
            return candidate
    raise AssertionError(f"no policy for {signals}")


def test_every_series_of_a_cloud_service_replays_to_an_outcome():
    paths = [path for folder in ("nab", "microsoft") for path in sorted((SHARED / "cloud" / folder).glob("*.csv*"))]
    assert len(paths) == 32
    for path in paths:
        (recording,) = recordings(path)
        signals = {name for item in recording.items for name in item.signals}
        assert replay(cloud_policy(signals), recording).decisions, path.name


def test_recordings_with_faults_in_time_are_refused_at_their_line():
    with (SHARED / "cloud" / "refused-expected.csv").open(encoding="utf-8", newline="") as lines:
        expected = list(csv.DictReader(lines))
    assert len(expected) == 4
    for row in expected:
        path = SHARED / "cloud" / row["file"]
        with pytest.raises(InvalidInput) as refused:
            recordings(path)
        first = refused.value.findings[0]
        assert (first.name, first.span.line) == ("falling-times", int(row["first_bad_line"])), path.name
