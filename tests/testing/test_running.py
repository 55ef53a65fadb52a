"""
Scenarios run: the same fold as a replay, by the whole policy or by the part that counts.
"""

from __future__ import annotations

from dataclasses import replace

from canarypolicy.engine.rollout import Phase
from canarypolicy.history.recording import read_recordings
from canarypolicy.history.replay import replay
from canarypolicy.testing.running import run_all, run_course, run_scenario
from canarypolicy.testing.slices import Slices

from driver import program_of
from policytests import policy_test_of

PROGRAM = program_of(
    rules="slos: [{name: low, require: canary.errors < 0.01}, {name: busy, require: canary.requests > 5.0}]\n"
    "rollback: [{name: high, when: canary.errors >= 0.02, for: 3m}, {name: data, when: incident.data}]"
)


def test_a_recording_is_decided_as_its_replay():
    """Decision for decision."""
    rows = "".join(f"{60 * index},{0.002 if index < 7 else 0.03},10,0\n" for index in range(15))
    (recording,) = read_recordings(f"time,canary.errors,canary.requests,incident.data\n{rows}".encode(), "r.csv")
    test = policy_test_of({"name": "x", "recording": "r.csv", "expect": [{"at": "0m", "decision": "hold"}]})
    course = run_course(PROGRAM, replace(test.scenarios[0], recording=recording))
    timeline = replay(PROGRAM, recording)
    assert tuple(judged.decision for judged in course.judged) == timeline.decisions
    assert course.phase is Phase.ROLLED_BACK
    assert [judged.is_restated for judged in course.judged] == [decision.at_us > 600_000_000 for decision in timeline.decisions]


def test_what_fails_is_told_with_every_reason():
    """The part that decides may leave reasons out; a failure is shown with those of the whole policy."""
    test = policy_test_of(
        {"name": "x", "series": {"canary.errors": "0.002x3"}, "expect": [{"at": "1m", "decision": "advance"}]},
        {"name": "y", "series": {"canary.errors": "0.002x5"}, "expect": [{"at": "5m", "decision": "advance"}]},
    )
    failed, passed = run_all(PROGRAM, test)
    assert failed.is_whole
    assert failed.failures[0].decision.reasons[0].rule == "min-duration"
    assert not passed.is_whole
    assert [reason.rule for reason in passed.course.judged[5].decision.reasons] == ["low", "min-duration"]
    whole = run_scenario(Slices(PROGRAM, is_whole=True), test, test.scenarios[1])
    assert [reason.rule for reason in whole.course.judged[5].decision.reasons] == ["low", "busy", "min-duration"]


def counting(program):
    """Give the program and a list that gets an entry for each evaluation of a rule's expression."""
    calls = []

    def counted(rule):
        def evaluate(values):
            calls.append(rule.name)
            return rule.when.evaluate(values)

        return replace(rule, when=replace(rule.when, evaluate=evaluate))

    return replace(program, slos=tuple(map(counted, program.slos)), watches=tuple(map(counted, program.watches))), calls


def evaluations(count):
    """Count the evaluations of `count` tests over three times as many rules."""
    names = range(count)
    signals = "signals:\n" + "".join(f"  a.s{n}: {{healthy: 0.0}}\n" for n in names)
    signals += "derived:\n" + "".join(f"  m.s{n}: {{mean: {{of: a.s{n}, over: 4m}}}}\n" for n in names)
    slos = ", ".join(f"{{name: low-{n}, require: a.s{n} < 1.0, for: {1 + n % 7}m}}" for n in names)
    watches = ", ".join(f"{{name: high-{n}, when: a.s{n} > 2.0, for: 2m}}" for n in names)
    holds = ", ".join(f"{{name: mean-{n}, when: m.s{n} > 9.0, for: 2m}}" for n in names)
    program, calls = counting(program_of(signals=signals, rules=f"slos: [{slos}]\nrollback: [{watches}]\nhold: [{holds}]"))
    test = policy_test_of(
        *({"name": str(n), "series": {f"a.s{n}": "0x2 3x5"}, "expect": [{"at": "5m", "decision": "rollback", "because": [f"high-{n}"]}]} for n in names)
    )  # fmt: skip
    assert all(result.has_passed for result in run_all(program, test))
    return len(calls)


def test_the_work_grows_with_the_scenarios_and_not_with_the_rules():
    """Evaluations of rules are counted: four times the tests over four times the rules is four times the work."""
    few, many = evaluations(20), evaluations(80)
    assert few > 20 * 6, "every scenario judges a rule at each of its samples"
    assert many <= 4.2 * few


def test_scenarios_that_move_the_same_share_a_part():
    slices = Slices(PROGRAM)
    test = policy_test_of(
        *({"name": name, "series": {"canary.errors": f"0.002x{count}"}, "expect": [{"at": "1m", "decision": "hold"}]} for name, count in (("a", 3), ("b", 9)))
    )  # fmt: skip
    first, second = (slices.part_for(each) for each in test.scenarios)
    assert first is second
