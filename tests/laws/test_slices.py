"""
A part of a policy decides a scenario as the whole policy does: the law that keeps `canarypolicy test` fast and right.
"""

import pytest
from canarypolicy.documents.policytest import Scenario
from canarypolicy.testing import slices
from canarypolicy.testing.checked import CheckedScenario
from canarypolicy.testing.running import run_course
from canarypolicy.testing.slices import Slices
from hypothesis import given
from hypothesis import strategies as st

from driver import program_of
from laws.strategies import LAW, SIGNALS, VALUES, policies

NAMES = ["slo-0", "slo-1", "rollback-0", "hold-0", "min-duration", "overdue"]


def written(value):
    return "_" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)


@st.composite
def scenarios(draw):
    series = {}
    for name in draw(st.lists(st.sampled_from(list(SIGNALS)), min_size=0, max_size=2, unique=True)):
        values = draw(st.lists(st.one_of(st.just(SIGNALS[name]["healthy"]), VALUES[name], st.none()), min_size=1, max_size=20))
        series[name] = " ".join(written(value) for value in values)
    events = draw(
        st.lists(
            st.one_of(
                st.just({"at": "3m", "event": "signal", "signals": {"canary.blocked": True}}),
                st.just({"at": "2m", "event": "pause"}),
                st.just({"at": "5m", "event": "resume"}),
                st.just({"at": "1m", "event": "drift"}),
            ),
            max_size=2,
        )
    )
    expect = [{"at": "1m", "because": draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=2, unique=True))}]
    scenario = Scenario.model_validate(
        {
            "name": "x", "series": series, "lasts": draw(st.sampled_from(["5m", "12m", "20m"])), "events": events, "expect": expect,
            "every": draw(st.sampled_from(["30s", "1m", "4m"])), "start": draw(st.sampled_from(["0s", "2m"])),
        }
    )  # fmt: skip
    return CheckedScenario(scenario=scenario, path=("tests", 0))


def decided(course, kept=None):
    """Give all that a user sees of the decisions, the reasons of some rules alone."""
    for each in course.judged:
        decision = each.decision
        reasons = tuple(
            (r.rule, r.state, r.message, r.lacking_us, r.since_us, r.location.start if r.location else None)
            for r in decision.reasons
            if kept is None or (r.location.start if r.location else None) in kept
        )
        yield (
            decision.verdict, decision.step, decision.weight, decision.at_us, decision.elapsed_us, decision.is_complete,
            decision.is_refused, decision.earliest_advance_us, dict(decision.clipped), each.is_restated, reasons,
        )  # fmt: skip


def differs(text, each, chosen=None):
    program = program_of(text)
    part = (chosen or Slices(program)).part_for(each)
    named = {rule.location.start for rule in (*part.slos, *part.watches)}
    kept = named | {step.location.start for step in part.steps} | {None}
    whole, sliced = run_course(program, each), run_course(part, each)
    return list(decided(whole, kept)) != list(decided(sliced, kept)) or whole.phase is not sliced.phase


@pytest.mark.parametrize("fewest", [0, 16], ids=["rules over derived signals in groups", "each of them kept"])
@LAW
@given(policies(), scenarios())
def test_a_part_decides_like_the_whole(fewest, text, each):
    """Decision, step, time, end and the reasons of every rule that was kept are the same at every sample."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(slices, "_FEWEST", fewest)
        assert not differs(text, each)


def test_the_law_sees_a_stand_in_that_asks_for_less(monkeypatch):
    """With the shortest SLO standing for all, the rollout would advance too early."""
    scenario = Scenario.model_validate({"name": "x", "lasts": "5m", "expect": [{"at": "1m", "decision": "hold"}]})
    each = CheckedScenario(scenario=scenario, path=())
    assert not differs(THREE, each)
    monkeypatch.setattr(slices, "_stand_ins", lambda slos, settled: {0})
    assert differs(THREE, each)


def test_a_signal_that_is_set_by_hand_is_moved():
    """A rule that reads it is kept, although no series names it."""
    event = {"at": "1m", "event": "signal", "signals": {"a.y": 5.0}}
    scenario = Scenario.model_validate(
        {"name": "x", "lasts": "5m", "events": [event], "expect": [{"at": "1m", "decision": "hold"}]}
    )
    each = CheckedScenario(scenario=scenario, path=())
    assert [rule.name for rule in Slices(program_of(THREE)).part_for(each).watches] == ["ry"]
    assert not differs(THREE, each)


def test_rules_over_derived_signals_stand_for_one_another(monkeypatch):
    """Alike as long as all is healthy: one of them, unless the scenario moves it."""
    monkeypatch.setattr(slices, "_FEWEST", 0)
    rules = ", ".join(f'{{"name": "{name}", "when": "mean.{name} > 2.0", "for": "2m"}}' for name in "xyz")
    derived = ", ".join(f'"mean.{name}": {{"mean": {{"of": "a.{name}", "over": "3m"}}}}' for name in "xyz")
    text = THREE.replace('"rollback": [', f'"derived": {{{derived}}}, "rollback": [{rules}, ')
    text = text.replace('"rollback": [', '"rollback": [{"name": "late", "when": "mean.x > 2.0 && rollout.weight > 5.0"}, ')
    for series, kept in (
        ({}, ["late", "x"]),
        ({"a.x": "0x9"}, ["late", "x", "y", "rx"]),
        ({"a.y": "0x9"}, ["late", "x", "y", "ry"]),
    ):
        scenario = Scenario.model_validate(
            {"name": "x", "series": series, "lasts": "9m", "expect": [{"at": "1m", "decision": "hold"}]}
        )
        each = CheckedScenario(scenario=scenario, path=())
        part = Slices(program_of(text)).part_for(each)
        assert [rule.name for rule in part.watches] == kept
        assert not differs(text, each)


def test_a_part_leaves_rules_out():
    """What cannot move is not judged; otherwise the law would hold for nothing."""
    scenario = Scenario.model_validate({"name": "x", "series": {"a.x": "0x3"}, "expect": [{"at": "1m", "because": ["z"]}]})
    part = Slices(program_of(THREE)).part_for(CheckedScenario(scenario=scenario, path=()))
    assert [rule.name for rule in (*part.slos, *part.watches)] == ["x", "y", "z", "rx"]


def test_a_recording_is_judged_by_the_whole():
    scenario = Scenario.model_validate({"name": "x", "recording": "r.csv", "expect": [{"at": "1m", "decision": "hold"}]})
    program = program_of(POLICY)
    from canarypolicy.history.recording import read_recordings

    (recording,) = read_recordings(b"time,a.x\n0,0\n60,0\n", "r.csv")
    assert Slices(program).part_for(CheckedScenario(scenario=scenario, path=(), recording=recording)) is program


THREE = """{"apiVersion": "canarypolicy/v1", "kind": "RolloutPolicy", "metadata": {"name": "x"},
    "signals": {"a.x": {"healthy": 0.0}, "a.y": {"healthy": 0.0}, "a.z": {"healthy": 0.0}},
    "slos": [{"name": "x", "require": "a.x < 1.0"}, {"name": "y", "require": "a.y < 1.0", "for": "2m"}, {"name": "z", "require": "a.z < 1.0"}],
    "rollback": [{"name": "rx", "when": "a.x > 2.0"}, {"name": "ry", "when": "a.y > 2.0"}],
    "plan": {"every": "1m", "steps": [{"name": "full", "weight": 100, "min": "1m", "max": "9m"}]}}"""

POLICY = """{"apiVersion": "canarypolicy/v1", "kind": "RolloutPolicy", "metadata": {"name": "x"}, "signals": {"a.x": {"healthy": 0.0}},
"slos": [{"name": "x", "require": "a.x < 1.0"}], "plan": {"every": "1m", "steps": [{"name": "full", "weight": 100, "min": "1m"}]}}"""
