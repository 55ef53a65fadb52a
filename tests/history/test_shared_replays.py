"""
Every shared recording replays to an outcome, and what differs from its label differs for a reason that is written down.

The recordings do not belong to this repository: without them these tests are skipped.
"""

import csv
import os
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from canarypolicy.documents.duration import parse_duration, parse_instant
from canarypolicy.engine.decision import Verdict
from canarypolicy.errors import InvalidInput
from canarypolicy.history.recording import read_recordings
from canarypolicy.history.replay import Outcome, replay

from driver import program_of

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("CANARYPOLICY_RECORDINGS", ROOT.parent / "shared" / "recordings"))
EXAMPLES = ROOT / "examples"
MINUTE_US = 60_000_000

pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason=f"there are no shared recordings in {SHARED.name}")

NONE_MEANS_NONE = "`no business errors` means none: at 24,690 requests a minute five minutes without one are rare"
JUMPING_P95 = "p95 of buckets a factor of 1.2 apart jumps, and `for: 5m` is met between two jumps"
NOT_BLOCKED = "the runbook rolls back when sales are blocked; where some succeed it only holds"
GROWN = "growth that has ended is no growth: the SLO is met again at four times the rate"
ABSOLUTE = "an absolute limit of 2 % does not ask whether the baseline fails as well"
DIFFERENT = {
    # policy: recording -> (how it ends, why not as its label says)
    "literal": {
        "healthy-3": ("holding", NONE_MEANS_NONE),
        "latency-25-3": ("complete", JUMPING_P95),
        "latency-25-5": ("complete", JUMPING_P95),
        "sale-errors-1": ("holding", NOT_BLOCKED),
        "sale-errors-2": ("holding", NOT_BLOCKED),
        "sale-errors-3": ("holding", NOT_BLOCKED),
        "sale-errors-4": ("holding", NOT_BLOCKED),
        **{f"log-growth-{number}": ("complete", GROWN) for number in range(1, 6)},
        **{f"shared-incident-{number}": ("rolled-back", ABSOLUTE) for number in range(1, 6)},
    },
    "careful": {},
}
WENT_ON = {
    # policy: recordings that must not advance and do so after the onset, whatever becomes of them then
    "literal": {"latency-25-3", "latency-25-5", *(f"log-growth-{number}" for number in range(1, 6))},
    # p95 +25 % for 7 minutes at 37 requests a minute, and log errors that have grown for 6 to 12 of their 40 minutes
    "careful": {"latency-25-2", "log-growth-2", "log-growth-3", "log-growth-5"},
}
LATE = {
    # policy: recordings that roll back later than 15 minutes after the fault; at 1 and at 10 requests a minute
    "literal": {"night-5xx-20-5"},
    "careful": {"night-5xx-20-5"},
}


@cache
def program(path):
    return program_of((EXAMPLES / path).read_text(encoding="utf-8"))


def recordings(path):
    return read_recordings(path.read_bytes(), path.as_posix())


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@cache
def labels():
    return {Path(row["file"]).name.removesuffix(".csv"): row for row in rows_of(SHARED / "rollouts" / "labels.csv")}


@cache
def timelines(policy):
    found = {}
    for name, label in labels().items():
        (recording,) = recordings(SHARED / "rollouts" / label["file"])
        found[name] = replay(program(f"simulated-rollouts/{policy}.yaml"), recording)
    return found


def fits(label, outcome):
    if label["outcome"] == "must-not-advance":
        return outcome is not Outcome.COMPLETE
    return outcome.value in (label["outcome"], *label["acceptable"].split())


def goes_on_after_onset(label, timeline):
    if label["outcome"] != "must-not-advance":
        return False
    onset_us = parse_instant(label["onset"])
    return any(each.verdict is Verdict.ADVANCE and each.at_us > onset_us for each in timeline.decisions)


def minutes_to_rollback(label, timeline):
    """Give the minutes from the time at which a rollback was due to the rollback; None if none was due or none came."""
    if label["outcome"] != "rolled-back" or timeline.outcome is not Outcome.ROLLED_BACK:
        return None
    at_us = next(each.at_us for each in timeline.decisions if each.verdict is Verdict.ROLLBACK)
    return (at_us - parse_instant(label["due_from"])) / MINUTE_US


def test_all_labelled_rollouts_are_there():
    """An empty folder would pass every other test."""
    on_disk = {path.name.removesuffix(".csv") for path in (SHARED / "rollouts" / "runs").iterdir()}
    assert on_disk == labels().keys()
    assert len(on_disk) == 75


@pytest.mark.parametrize("policy", DIFFERENT)
def test_every_simulated_rollout_ends_as_its_label_says_or_differs_for_a_known_reason(policy):
    ended = {name: timelines(policy)[name].outcome for name in labels()}
    different = {name: ended[name].value for name, label in labels().items() if not fits(label, ended[name])}
    assert different == {name: outcome for name, (outcome, _) in DIFFERENT[policy].items()}


@pytest.mark.parametrize("policy", WENT_ON)
def test_what_must_not_advance_stays_where_it_was_or_is_known_to_go_on(policy):
    """Not to complete is not enough: a further step after the onset is more traffic for a bad canary."""
    assert {name for name, label in labels().items() if goes_on_after_onset(label, timelines(policy)[name])} == WENT_ON[policy]


@pytest.mark.parametrize("policy", LATE)
def test_a_rollback_comes_after_the_fault_and_not_long_after_it(policy):
    """A rollback before its reason would be right by luck."""
    delays = {name: minutes_to_rollback(label, timelines(policy)[name]) for name, label in labels().items()}
    assert min(delay for delay in delays.values() if delay is not None) > 0
    assert {name for name, delay in delays.items() if delay is not None and delay > 15} == LATE[policy]


def test_the_table_in_the_docs_is_what_comes_out():
    text = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
    rows = list(table())
    print(*rows, sep="\n")
    assert len(rows) == 15
    assert [row for row in rows if row not in text.splitlines()] == []


def table():
    """Give the rows of the table: fault class, right outcome, and how the five rollouts end by each policy."""
    for name in dict.fromkeys(label["class"] for label in labels().values()):
        members = {each: label for each, label in labels().items() if label["class"] == name}
        right = next(iter(members.values()))["outcome"]
        yield f"| {name} | {right} | {cell('literal', members)} | {cell('careful', members)} |"


def cell(policy, members):
    ended = {name: timelines(policy)[name] for name in members}
    counts = sorted(Counter(timeline.outcome.value for timeline in ended.values()).items())
    parts = [f"{count} {outcome}" for outcome, count in counts]
    delays = [minutes_to_rollback(label, ended[name]) for name, label in members.items()]
    delays = [delay for delay in delays if delay is not None]
    if delays:
        parts.append(f"after {min(delays):.0f} to {max(delays):.0f} min" if len(delays) > 1 else f"after {delays[0]:.0f} min")
    went_on = sum(goes_on_after_onset(label, ended[name]) for name, label in members.items())
    if went_on:
        parts.append(f"{went_on} went on after the onset")
    return ", ".join(parts)


@pytest.mark.parametrize("policy", DIFFERENT)
def test_many_rollouts_in_one_file_end_like_those_in_files_of_their_own(policy):
    many = recordings(SHARED / "rollouts" / "many.csv.gz")
    assert len(many) == 30
    for recording in many:
        timeline = replay(program(f"simulated-rollouts/{policy}.yaml"), recording)
        alone = timelines(policy)[recording.rollout]
        assert (timeline.outcome, timeline.decisions) == (alone.outcome, alone.decisions), recording.rollout


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


def test_a_rollout_that_starts_before_an_outage_is_rolled_back_within_three_minutes_of_it():
    """Failing can be fast: three of these four faults more than halve p95, and a policy on latency alone would be pleased."""
    outages = [row for row in rows_of(SHARED / "nezha" / "labels.csv") if float(row["success_rate_min_4m"] or 1) < 0.9]
    assert len(outages) == 4
    for row in outages:
        (recording,) = recordings(SHARED / "nezha" / row["file"])
        onset_us = parse_instant(row["onset"])
        timeline = replay(program("nezha/service.yaml"), recording, start_us=onset_us - 5 * MINUTE_US)
        first = next(each for each in timeline.decisions if each.verdict is Verdict.ROLLBACK)
        assert "success-low" in {reason.rule for reason in first.reasons}, row["file"]
        assert 0 < first.at_us - onset_us <= 4 * MINUTE_US, row["file"]


@pytest.mark.parametrize("policy", ["service", "pod"])
def test_whole_days_replay_to_an_outcome_and_columns_that_nobody_asked_for_change_nothing(policy):
    for day, samples in (("2022-08-23", 721), ("2023-01-29", 919)):
        narrow, wide = (
            replay(program(f"nezha/{policy}.yaml"), recordings(SHARED / "nezha" / "days" / f"{day}{form}.csv.gz")[0])
            for form in ("", "-wide")
        )
        assert len(narrow.decisions) == samples
        assert narrow.decisions == wide.decisions


def test_a_success_rate_that_is_stuck_at_zero_neither_rolls_back_nor_lets_advance():
    (recording,) = recordings(SHARED / "nezha" / "days" / "2023-01-29.csv.gz")
    timeline = replay(program("nezha/service.yaml"), recording)
    assert {decision.verdict for decision in timeline.decisions} == {Verdict.HOLD}
    never_met = {reason.rule for reason in timeline.decisions[-1].reasons if reason.state.value == "not-met"}
    assert "success-high" in never_met


ENDED_OTHERWISE = {
    # series of cloud services whose rollouts do not complete
    "ec2_cpu_utilization_825cc2": "holding",  # a load of 92 % all the time has no room
    "outbound-12": "rolled-back",  # latency triples on the fourth day, where the label says so
    "rogue_agent_key_hold": "rolled-back",  # its usual value is 0, and beside 0 every value is far off
}


@cache
def cloud_policies():
    found = {}
    for path in sorted((EXAMPLES / "cloud").glob("*.yaml")):
        judge = program(path.relative_to(EXAMPLES).as_posix())
        (signal,) = judge.signals
        assert signal not in found, path.name
        found[signal] = judge
    return found


def test_every_series_of_a_cloud_service_replays_to_an_outcome():
    index = rows_of(SHARED / "cloud" / "index.csv")
    assert len(index) == 32
    ended = {}
    for row in index:
        (recording,) = recordings(SHARED / "cloud" / row["file"])
        timeline = replay(cloud_policies()[row["signal"]], recording)
        assert len(timeline.decisions) == int(row["samples"]), row["file"]
        ended[Path(row["file"]).name.split(".")[0]] = timeline.outcome.value
    assert {name: outcome for name, outcome in ended.items() if outcome != "complete"} == ENDED_OTHERWISE
    assert {row["signal"] for row in index} == cloud_policies().keys()


def test_no_window_reaches_across_a_gap_of_seven_days():
    """After the gap whatever looks back a day has no value until half a day was seen again."""
    (recording,) = recordings(SHARED / "cloud" / "nab" / "ambient_temperature_system_failure.csv")
    times = [item.at_us for item in recording.items]
    before_us, after_us = max(zip(times, times[1:], strict=False), key=lambda pair: pair[1] - pair[0])
    assert after_us - before_us > parse_duration("7d").total_seconds() * 1e6
    timeline = replay(cloud_policies()["service.value"], recording, start_us=before_us - 2 * 60 * MINUTE_US)
    for decision in timeline.decisions:
        if after_us <= decision.at_us < after_us + 11 * 60 * MINUTE_US:
            assert "service.value_usual" in decision.missing


def test_recordings_with_faults_in_time_are_refused_at_their_line():
    expected = rows_of(SHARED / "cloud" / "refused-expected.csv")
    assert len(expected) == 4
    for row in expected:
        path = SHARED / "cloud" / row["file"]
        with pytest.raises(InvalidInput) as refused:
            recordings(path)
        first = refused.value.findings[0]
        assert (first.name, first.span.line) == ("falling-times", int(row["first_bad_line"])), path.name


def test_five_minutes_in_a_row_of_single_minutes_never_see_an_error_that_comes_and_goes():
    """The storefront's README says so: every good minute ends the run, while shares of five minutes never get below the limit."""
    text = (EXAMPLES / "simulated-rollouts" / "literal.yaml").read_text(encoding="utf-8")
    counts = "\n".join(
        f"  canary.{name}: {{type: int, unit: count, range: [0, null], healthy: 1}}" for name in ("requests", "errors_5xx")
    )
    minute = "  canary.error_rate_1m: {ratio: {of: canary.errors_5xx, to: canary.requests, over: 1m, min_samples: 1}}"
    text = text.replace("\nsignals:\n", f"\nsignals:\n{counts}\n").replace("\nderived:\n", f"\nderived:\n{minute}\n")
    single = program_of(text.replace("when: canary.error_rate_5xx", "when: canary.error_rate_1m"))
    for name in (f"flapping-{number}" for number in range(1, 6)):
        (recording,) = recordings(SHARED / "rollouts" / labels()[name]["file"])
        assert replay(single, recording).outcome is Outcome.HOLDING, name
        assert timelines("literal")[name].outcome is Outcome.ROLLED_BACK, name
