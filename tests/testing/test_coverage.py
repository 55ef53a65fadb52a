"""
What can be seen of a policy, and what scenarios show of it.
"""

from __future__ import annotations

import pytest
from canarypolicy.testing.coverage import Sight, subjects_of
from canarypolicy.testing.running import run_course
from canarypolicy.testing.tally import tally

from driver import program_of
from policytests import policy_test_of

SIGNALS = "signals:\n  a.x: {healthy: 0.0}\n  a.y: {healthy: 1.0}\n  a.on: {type: bool, healthy: true}\n  a.c: {type: string, values: [r, g], healthy: r}"
PLAN = "plan:\n  every: 1m\n  gates: {after: [{name: smoke, probe: p, require: result.failed == 0, on_fail: rollback}]}\n  steps: [{name: a, weight: 10, min: 2m, max: 4m, on_timeout: rollback}, {name: b, weight: 100, min: 2m}]"


def program(expression, *, kind="rollback", more=""):
    key = "require" if kind == "slos" else "when"
    others = "" if kind == "slos" else "slos: [{name: low, require: a.x < 9.0}]\n"
    return program_of(signals=SIGNALS, plan=PLAN, rules=f"{others}{kind}: [{{name: r, {key}: '{expression}'{more}}}]")


def parts(expression, **given):
    """Give each condition of the rule and how it can be seen."""
    (subject,) = [each for each in subjects_of(program(expression, **given)) if each.name == "r"]
    return {part.text: [sight.value for sight in part.sights] for part in subject.parts if part.text}


ALL, KNOWN = ["true", "false", "unknown"], ["true", "false"]


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("a.x > 1.0", {"a.x > 1.0": ALL}),
        ("a.x > 1.0 && a.on", {"a.x > 1.0 && a.on": ALL, "a.x > 1.0": ALL, "a.on": ALL}),
        (
            "a.x > 1.0 && a.y > 1.0 && !a.on",
            {"a.x > 1.0 && a.y > 1.0 && !a.on": ALL, "a.x > 1.0": ALL, "a.y > 1.0": ALL, "!a.on": ALL},
        ),
        ("a.on || !(a.x > 1.0 && has(a.y))", {
            "a.on || !(a.x > 1.0 && has(a.y))": ALL, "a.on": ALL, "!(a.x > 1.0 && has(a.y))": ALL, "a.x > 1.0": ALL, "has(a.y)": KNOWN,
        }),
        ("a.on ? a.x > 1.0 : a.y > 1.0", {"a.on ? a.x > 1.0 : a.y > 1.0": ALL, "a.on": ALL, "a.x > 1.0": ALL, "a.y > 1.0": ALL}),
        ("(a.on ? a.x : 2.0) > 1.0", {"(a.on ? a.x : 2.0) > 1.0": ALL, "a.on": ALL, "a.x": ["taken"], "2.0": ["taken"]}),
        ("a.on ? true : a.x + 1.0 > 2.0", {"a.on ? true : a.x + 1.0 > 2.0": ALL, "a.on": ALL, "true": KNOWN, "a.x + 1.0 > 2.0": ALL}),
        ("a.on ? (a.x > 1.0 ? false : a.on) : true", {
            "a.on ? (a.x > 1.0 ? false : a.on) : true": ALL, "a.on": ALL, "a.x > 1.0 ? false : a.on": ALL, "a.x > 1.0": ALL,
            "false": KNOWN, "true": KNOWN,
        }),
        ("rollout.weight > 50.0", {"rollout.weight > 50.0": KNOWN}),
        ("rollout.weight / rollout.elapsed_seconds > 50.0", {"rollout.weight / rollout.elapsed_seconds > 50.0": ALL}),
        ('a.c in ["g"] && [a.x, a.y].exists(v, v > 1.0)', {
            'a.c in ["g"] && [a.x, a.y].exists(v, v > 1.0)': ALL, 'a.c in ["g"]': ALL, "[a.x, a.y].exists(v, v > 1.0)": ALL,
        }),
        ("(a.on ? a.x + 1.0 : (a.on ? 1.0 : a.y)) > 1.0", {
            "(a.on ? a.x + 1.0 : (a.on ? 1.0 : a.y)) > 1.0": ALL, "a.on": ALL, "a.x + 1.0": ["taken"], "a.on ? 1.0 : a.y": ["taken"],
            "1.0": ["taken"], "a.y": ["taken"],
        }),
        ('(a.on ? a.c : "g").contains("g")', {
            '(a.on ? a.c : "g").contains("g")': ALL, "a.on": ALL, "a.c": ["taken"], '"g"': ["taken"],
        }),
        ('a.on ? a.c.startsWith("g") : a.on', {
            'a.on ? a.c.startsWith("g") : a.on': ALL, "a.on": ALL, 'a.c.startsWith("g")': ALL,
        }),
    ],
)  # fmt: skip
def test_the_conditions_of_an_expression(expression, found):
    """Each operand of `&&` and `||`, each part of `?:`; what can never be unknown is not asked for."""
    assert parts(expression) == found


@pytest.mark.parametrize(
    ("kind", "more", "sights"),
    [
        ("rollback", "", []),
        ("rollback", ", unless: a.on", ["fires"]),
        ("rollback", ", for: 2m", ["fires", "pending"]),
        ("rollback", ", for: 2m, missing: rollback, after: 3m", ["fires", "pending", "unknown-too-long"]),
        ("hold", ", for: {samples: 1, of: 2}", ["fires", "pending"]),
        ("slos", "", []),
        ("slos", ", for: 2m", ["met", "pending"]),
    ],
)
def test_where_a_rule_can_stand(kind, more, sights):
    """Without time and exemption, its truth says it all."""
    (subject,) = [each for each in subjects_of(program("a.x > 1.0", kind=kind, more=more)) if each.name == "r"]
    assert [sight.value for sight in subject.parts[0].sights] == sights


def seen(made, *scenarios):
    """Give what was seen of everything that has a name."""
    subjects = subjects_of(made)
    test = policy_test_of(
        *({"name": str(index), "expect": [{"at": "0m", "decision": "hold"}], **each} for index, each in enumerate(scenarios))
    )
    found = tally(made, subjects, (run_course(made, each) for each in test.scenarios))
    told = {}
    for (index, place, sight), count in found.items():
        assert sight in subjects[index].parts[place].sights
        told.setdefault(f"{subjects[index].name} {subjects[index].parts[place].text}".strip(), {})[sight.value] = count
    return told


def test_conditions_are_counted_at_every_sample_that_is_judged():
    made = program("a.on ? a.x > 1.0 : a.y > 5.0", more=", for: 1m, missing: rollback, after: 1m")
    found = seen(made, {"series": {"a.x": "0 2 _ 0", "a.on": "truex1 falsex1"}})
    assert found["r a.on"] == {"true": 2, "false": 2}
    assert found["r a.x > 1.0"] == {"false": 1, "true": 1}, "not where the other branch is taken"
    assert found["r a.y > 5.0"] == {"false": 2}
    assert found["r"] == {"pending": 1}


def test_a_final_decision_that_stands_again_shows_nothing_new():
    found = seen(program("a.x > 1.0"), {"series": {"a.x": "2x9"}})
    assert found["r a.x > 1.0"] == {"true": 1}
    assert found["a"] == {"rolled-back": 1}


def test_steps_and_gates():
    made = program("a.x > 1.0")
    gate = {"event": "gate", "gate": "smoke"}
    found = seen(
        made,
        {"lasts": "9m", "events": [{"at": "0m", **gate, "result": {"failed": 0}}, {"at": "5m", **gate, "result": {"failed": 1}}]},
        {"lasts": "9m", "events": [{"at": "5m", **gate, "result": {"failed": 0}}]},
        {"lasts": "9m", "series": {"a.x": "_x9"}},
        {"lasts": "3m", "events": [{"at": "1m", "event": "abort"}]},
    )
    assert found["a"] == {"held": 10, "advanced": 2, "timed-out": 1, "rolled-back": 2}
    assert found["b"] == {"held": 4, "advanced": 1, "rolled-back": 1}
    assert found["smoke"] == {"passed": 1, "failed": 1}


def test_a_gate_that_cannot_be_judged_is_seen_as_nothing():
    found = seen(
        program("a.x > 1.0"), {"lasts": "9m", "events": [{"at": "5m", "event": "gate", "gate": "smoke", "result": {"passed": 1}}]}
    )
    assert "smoke" not in found


def test_a_rule_is_looked_at_where_it_acts():
    made = program("a.x > 1.0", more=", steps: [b]")
    found = seen(made, {"lasts": "3m"})
    assert found["r a.x > 1.0"] == {"false": 1}
    assert "low" not in found


def test_unknown_for_too_long_is_seen():
    made = program("a.x > 1.0", more=", missing: rollback, after: 2m")
    assert seen(made, {"series": {"a.x": "_x5"}})["r"] == {"unknown-too-long": 1}


def test_while_gates_are_awaited_nothing_is_seen_of_rules():
    plan = PLAN.replace("{after:", "{before: [{name: ready, probe: p, require: result.failed == 0}], after:")
    made = program_of(signals=SIGNALS, plan=plan, rules="slos: [{name: low, require: a.x < 9.0}]")
    assert seen(made, {"lasts": "2m", "events": [{"at": "2m", "event": "gate", "gate": "ready", "passed": True}]}) == {
        "ready": {"passed": 1}
    }


def test_all_that_can_be_seen_has_a_word():
    assert len({sight.value for sight in Sight}) == len(Sight)
