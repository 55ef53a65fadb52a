"""
Pairs of policies made by hand: each is hard for a proof in one way of its own.
"""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]

SIGNALS: Document = {
    "c.err": {"range": [0, 1], "healthy": 0.125, "worse": "higher"},
    "b.err": {"range": [0, 1], "healthy": 0.125},
    "c.lat": {"range": [0.01, 60], "healthy": 0.25},
    "c.any": {"healthy": 1.0},
    "c.left": {"type": "int", "healthy": 7},
    "c.login": {"type": "int", "range": [0, 20], "healthy": 0, "worse": "higher"},
    "c.flag": {"type": "bool", "healthy": False},
    "c.mode": {"type": "string", "values": ["ok", "odd", "bad"], "healthy": "ok"},
}


def step(name: str, weight: int, **parts: Any) -> Document:
    return {"name": name, "weight": weight, "min": "0s", **parts}


def document(**parts: Any) -> Document:
    """
    Make a policy with one SLO, one rollback rule and two steps; what is given replaces that, None leaves it out.
    """
    made: Document = {
        "apiVersion": "canarypolicy/v1",
        "kind": "RolloutPolicy",
        "metadata": {"name": "made"},
        "signals": SIGNALS,
        "slos": [{"name": "low", "require": "c.err < 0.2"}],
        "rollback": [{"name": "high", "when": "c.err >= 0.5"}],
        "plan": {"every": "1m", "steps": [step("a", 10, min="1m"), step("b", 100)]},
    }
    return {key: value for key, value in {**made, **parts}.items() if value is not None}


def rule(when: str, asked: Any = None, **parts: Any) -> Document:
    return {"name": "rule", "when": when, **({} if asked is None else {"for": asked}), **parts}


def roll(*rules: Document, **parts: Any) -> Document:
    return document(rollback=[{**each, "name": f"rule-{index}"} for index, each in enumerate(rules)], **parts)


def hold(*rules: Document, **parts: Any) -> Document:
    return document(hold=[{**each, "name": f"rule-{index}"} for index, each in enumerate(rules)], **parts)


def slo(require: str, asked: Any = None, **parts: Any) -> Document:
    return document(slos=[{"name": "low", "require": require, **({} if asked is None else {"for": asked})}], **parts)


def plan(*steps: Document, **parts: Any) -> Document:
    return document(plan={"every": "1m", "steps": list(steps), **parts})


def derived(name: str, parameters: Document, **parts: Any) -> Document:
    return document(derived={f"d.{name}": {name: parameters}}, **parts)


def signals(**changed: Document) -> Document:
    return {
        **SIGNALS,
        **{name.replace("_", "."): {**SIGNALS[name.replace("_", ".")], **parts} for name, parts in changed.items()},
    }


def gates(*after: Document, before: tuple[Document, ...] = ()) -> Document:
    steps = [step("a", 10), step("b", 100)]
    return document(plan={"every": "1m", "gates": {"before": list(before), "after": list(after)}, "steps": steps})


def gate(name: str, **parts: Any) -> Document:
    return {"name": name, "probe": name, "require": "result.failed == 0", **parts}


NASTY: dict[str, tuple[Document, Document]] = {
    # numbers
    "a quotient made a product, the divisor may be zero": (slo("c.err / b.err < 1.2"), slo("c.err < b.err * 1.2")),
    "a quotient made a product, within rounding": (slo("c.err / c.lat <= 1.2"), slo("c.err <= c.lat * 1.2")),
    "a quotient that rolls back, zero ignored": (
        roll(rule("c.err / b.err >= 2.0", missing="ignore")),
        roll(rule("c.err / b.err >= 2.0")),
    ),
    "a quotient by a difference": (slo("c.err / (b.err - 0.125) < 2.0"), slo("c.err < (b.err - 0.125) * 2.0")),
    "a product that overflows": (slo("c.any * 1e308 > 1.0"), slo("c.any > 1e-308")),
    "a quotient that overflows": (slo("1.0 / c.any > 0.0"), slo("c.any > 0.0")),
    "a product that vanishes": (slo("c.any * 0.5 > 0.0"), slo("c.any > 0.0")),
    "a square that vanishes": (slo("c.any * c.any > 0.0"), slo("c.any != 0.0")),
    "a divisor that vanishes by rounding": (slo("1.0 / (c.any * 0.5) > 0.0 || has(c.any)"), slo("has(c.any) && c.err < 2.0")),
    "a difference made a comparison": (slo("c.any - b.err > 0.0"), slo("c.any > b.err")),
    "a sum regrouped": (slo("(c.err + b.err) + 0.1 < 0.5"), slo("c.err + (b.err + 0.1) < 0.5")),
    "a sum turned round": (slo("c.err + b.err < 0.5"), slo("b.err + c.err < 0.5")),
    "a tenth three times": (slo("c.err * 3.0 <= 0.3"), slo("c.err <= 0.1")),
    "a negative zero": (slo("c.any == -0.0"), slo("c.any == 0.0")),
    "a limit one step of doubles away": (slo("c.err < 0.2"), slo("c.err < 0.20000000000000004")),
    "an int made a double beyond 2^53": (slo("double(c.left) > 9007199254740992.0"), slo("c.left > 9007199254740992")),
    "an int that overflows": (slo("c.left + 1 > 0"), slo("c.left >= 0")),
    "an int's square that overflows": (slo("c.left * c.left >= 0"), slo("has(c.left) && c.left == c.left")),
    "an int negated": (slo("-c.left <= 0"), slo("c.left >= 0")),
    "an int's quotient": (slo("c.left / 2 >= 1"), slo("c.left >= 2")),
    "an int's negative quotient": (slo("c.left / -2 >= 1"), slo("c.left <= -2")),
    "an int's remainder": (slo("c.left % 3 == 2"), slo("c.left % -3 == 2")),
    "an int's remainder of negatives": (slo("c.left % 3 < 0"), slo("c.left < 0")),
    "a double cut to an int": (slo("int(c.any) == 0"), slo("c.any > -1.0 && c.any < 1.0")),
    "a double cut to an int beyond 64 bits": (slo("int(c.any) >= 0"), slo("c.any > -1.0")),
    "a range at its end": (slo("c.err <= 1.0"), slo("has(c.err) && c.err >= 0.0")),
    # logic and evidence
    "a choice by something unknown": (slo("c.flag ? c.err < 0.2 : c.err < 0.4"), slo("c.err < 0.2 || (!c.flag && c.err < 0.4)")),
    "a choice of the same twice": (slo("c.flag ? c.err < 0.2 : c.err < 0.2"), slo("c.err < 0.2")),
    "a choice of numbers": (slo("(c.flag ? c.err : b.err) < 0.2"), slo("c.flag ? c.err < 0.2 : b.err < 0.2")),
    "presence alone": (slo("has(c.err) && c.err < 0.2"), slo("c.err < 0.2")),
    "presence for absence": (roll(rule("!has(b.err)", "1m")), roll(rule("b.err > 2.0", missing="rollback", after="1m"))),
    "either way is presence": (roll(rule("b.err > 0.5 || b.err <= 0.5")), roll(rule("has(b.err)"))),
    "never both is not false": (hold(rule("b.err > 0.5 && b.err < 0.5")), hold(rule("false && b.err > 0.5"))),
    "what settles comes second": (hold(rule("b.err > 0.5 && c.flag")), hold(rule("c.flag && b.err > 0.5"))),
    "an exemption that may be unknown": (
        roll(rule("c.err >= 0.5", unless="b.err >= 0.5")),
        roll(rule("c.err >= 0.5 && !(b.err >= 0.5)")),
    ),
    "an exemption of something unknown": (roll(rule("b.err >= 0.5", unless="c.flag")), roll(rule("b.err >= 0.5", unless="!c.flag"))),
    "a text by its pattern": (hold(rule('c.mode.matches("^o")')), hold(rule('c.mode.startsWith("o")'))),
    "a text by its values": (hold(rule('c.mode.matches("^o.d")')), hold(rule('c.mode == "odd"'))),
    "a text by all its values": (hold(rule('c.mode in ["ok", "odd", "bad"]')), hold(rule("has(c.mode)"))),
    "a macro": (hold(rule("[c.err, b.err].exists(x, x > 0.5)")), hold(rule("c.err > 0.5 || b.err > 0.5"))),
    "a number in a list": (hold(rule("c.login in [2, 3]")), hold(rule("c.login >= 2 && c.login <= 3"))),
    # time
    "asked for nothing": (roll(rule("b.err >= 0.5", "0s")), roll(rule("b.err >= 0.5"))),
    "asked for less than a sample": (roll(rule("b.err >= 0.5", "30s")), roll(rule("b.err >= 0.5"))),
    "the longer of two is dropped": (roll(rule("b.err >= 0.5", "1m"), rule("b.err >= 0.5", "2m")), roll(rule("b.err >= 0.5", "1m"))),
    "the shorter of two is dropped": (roll(rule("b.err >= 0.5", "1m"), rule("b.err >= 0.5", "2m")), roll(rule("b.err >= 0.5", "2m"))),
    "a stricter predicate is covered": (roll(rule("b.err >= 0.3", "1m"), rule("b.err >= 0.5", "2m")), roll(rule("b.err >= 0.3", "1m"))),
    "covered, but for what may be missing": (
        roll(rule("b.err >= 0.3", "1m"), rule("b.err >= 0.5 || c.flag", "2m")),
        roll(rule("b.err >= 0.3 || c.flag", "1m")),
    ),
    "a run and a count": (roll(rule("b.err >= 0.5", {"samples": 2, "of": 2})), roll(rule("b.err >= 0.5", "1m"))),
    "a count of more": (roll(rule("b.err >= 0.5", {"samples": 2, "of": 2})), roll(rule("b.err >= 0.5", {"samples": 2, "of": 3}))),
    "a count of one": (roll(rule("b.err >= 0.5", {"samples": 1, "of": 3})), roll(rule("b.err >= 0.5"))),
    "counts of unlike predicates": (
        roll(rule("b.err >= 0.3", {"samples": 2, "of": 3})),
        roll(rule("b.err >= 0.3 || c.flag", {"samples": 2, "of": 3})),
    ),
    "an SLO's count": (slo("c.err < 0.2", {"samples": 2, "of": 3}), slo("c.err < 0.2", {"samples": 2, "of": 2})),
    "an SLO's run and the shortest time": (
        slo("c.err < 0.2", "2m"),
        document(slos=[{"name": "low", "require": "c.err < 0.2", "for": "2m"}],
                 plan={"every": "1m", "steps": [step("a", 10, min="2m"), step("b", 100, min="2m")]}),
    ),
    "an SLO's run against a hold rule's": (slo("c.err < 0.2", "2m"), hold(rule("c.err >= 0.2", "0s", missing="ignore"))),
    "runs of unlike knowledge": (roll(rule("b.err >= 0.5", "2m")), roll(rule("b.err >= 0.5 && c.lat > 0.0", "2m"))),
    "a run that unknown keeps": (roll(rule("b.err >= 0.5 && c.flag", "2m")), roll(rule("b.err >= 0.5 && c.flag && c.lat > 0.0", "2m"))),
    "a longer gap": (
        document(rollback=[{"name": "r", "when": "b.err >= 0.5", "for": "2m"}], plan={"every": "1m", "max_gap": "1m", "steps": [step("a", 10)]}),
        document(rollback=[{"name": "r", "when": "b.err >= 0.5", "for": "2m"}], plan={"every": "1m", "max_gap": "2m", "steps": [step("a", 10)]}),
    ),
    "a longer gap for missing evidence": (
        document(rollback=[rule("b.err >= 0.5", missing="rollback", after="2m")], plan={"every": "1m", "max_gap": "1m", "steps": [step("a", 10)]}),
        document(rollback=[rule("b.err >= 0.5", missing="rollback", after="2m")], plan={"every": "1m", "max_gap": "2m", "steps": [step("a", 10)]}),
    ),
    "missing evidence at once": (roll(rule("b.err >= 0.5", missing="rollback", after="0s")), roll(rule("b.err >= 0.5 || !has(b.err)"))),
    "missing evidence of more": (
        roll(rule("b.err >= 0.5", missing="rollback", after="2m")),
        roll(rule("b.err >= 0.5 || c.flag", missing="rollback", after="2m")),
    ),
    "a hold rule's missing evidence": (hold(rule("b.err >= 0.5", missing="rollback", after="1m")), hold(rule("b.err >= 0.5"))),
    "ignored evidence": (roll(rule("b.err >= 0.5", missing="ignore")), roll(rule("b.err >= 0.5"))),
    "ignored evidence and presence": (roll(rule("b.err >= 0.5", missing="ignore")), roll(rule("has(b.err) && b.err >= 0.5"))),
    # steps and the plan
    "other steps": (roll(rule("b.err >= 0.5", "2m", steps=["a"])), roll(rule("b.err >= 0.5", "2m", steps=["b"]))),
    "one rule for two": (roll(rule("b.err >= 0.5", "2m", steps=["a"]), rule("b.err >= 0.5", "2m", steps=["b"])), roll(rule("b.err >= 0.5", "2m"))),
    "a rule moved into its step": (
        roll(rule("b.err >= 0.5", "2m", steps=["b"])),
        document(rollback=None, plan={"every": "1m", "steps": [
            step("a", 10, min="1m", rollback=[{"name": "high", "when": "c.err >= 0.5"}]), step("b", 100, rollback=[rule("b.err >= 0.5", "2m")])]}),
    ),
    "the name of the step": (hold(rule('rollout.step == "a" && b.err > 0.5')), hold(rule("b.err > 0.5", steps=["a"]))),
    "the name of the step, for a while": (
        roll(rule('rollout.step == "a" || b.err > 0.5', "2m", steps=["b"])), roll(rule("b.err > 0.5", "2m", steps=["b"])),
    ),
    "the weight, for a while": (roll(rule("rollout.weight < 50.0 || b.err > 0.5", "2m", steps=["b"])), roll(rule("b.err > 0.5", "2m", steps=["b"]))),
    "another weight": (
        document(hold=[rule("rollout.weight > 20.0 && c.flag")]),
        document(hold=[rule("rollout.weight > 20.0 && c.flag")], plan={"every": "1m", "steps": [step("a", 30, min="1m"), step("b", 100)]}),
    ),
    "the time in the step": (
        hold(rule("rollout.step_elapsed_seconds < 60.0")),
        plan(step("a", 10, min="1m"), step("b", 100, min="1m")),
    ),
    "the time in the step, off by one": (
        hold(rule("rollout.step_elapsed_seconds <= 60.0")),
        plan(step("a", 10, min="1m"), step("b", 100, min="1m")),
    ),
    "the time since the start": (hold(rule("rollout.elapsed_seconds < 60.0")), hold(rule("rollout.step_elapsed_seconds < 60.0"))),
    "no time at all": (plan(step("a", 10, max="0s"), step("b", 100)), plan(step("a", 10, max="0s", on_timeout="rollback"), step("b", 100))),
    "the longest time is the shortest": (
        plan(step("a", 10, min="2m", max="2m", on_timeout="rollback"), step("b", 100)),
        plan(step("a", 10, min="1m", max="2m", on_timeout="rollback"), step("b", 100)),
    ),
    "a timeout only without evidence": (
        plan(step("a", 10, max="1m", on_timeout="rollback")),
        plan(step("a", 10, max="2m", on_timeout="rollback")),
    ),
    "an approval": (plan(step("a", 10, approval="required"), step("b", 100)), plan(step("a", 10), step("b", 100))),
    "a step left out": (plan(step("a", 10), step("b", 50), step("c", 100)), plan(step("a", 10), step("c", 100))),
    "the last step left out, with a gate": (
        document(plan={"every": "1m", "gates": {"after": [gate("smoke")]}, "steps": [step("a", 10), step("b", 100)]}),
        document(plan={"every": "1m", "gates": {"after": [gate("smoke")]}, "steps": [step("a", 10)]}),
    ),
    "steps in another order": (plan(step("a", 10, min="1m"), step("b", 100)), plan(step("b", 10), step("a", 100, min="1m"))),
    "a gate that rolls back": (gates(gate("smoke", on_fail="hold")), gates(gate("smoke", on_fail="rollback"))),
    "a gate dropped": (gates(gate("smoke", on_fail="rollback")), gates()),
    "a gate that asks for less": (gates(gate("smoke")), gates({**gate("smoke"), "require": "result.failed <= 1"})),
    "a gate before": (gates(gate("smoke"), before=(gate("ready"),)), gates(gate("smoke"))),
    # what signals mean
    "a range widened": (document(), document(signals=signals(c_err={"range": [0, 2]}))),
    "a range narrowed on the bad side": (document(rollback=[rule("c.err >= 0.8")]), document(rollback=[rule("c.err >= 0.8")], signals=signals(c_err={"range": [0, 0.7]}))),
    "another bad side": (hold(rule("c.login >= 15")), hold(rule("c.login >= 15"), signals=signals(c_login={"worse": "lower"}))),
    "a value more": (hold(rule('c.mode == "bad"')), hold(rule('c.mode == "bad"'), signals=signals(c_mode={"values": ["ok", "odd", "bad", "new"]}))),
    "another healthy value": (document(), document(signals=signals(c_err={"healthy": 0.1}))),
    "another type": (hold(rule("c.login >= 15")), hold(rule("c.login >= 15.0"), signals=signals(c_login={"type": "double"}))),
    # derived signals
    "a mean for a value": (
        derived("mean", {"of": "c.lat", "over": "2m"}, hold=[rule("d.mean > 1.0")]), hold(rule("c.lat > 1.0")),
    ),
    "a mean's limit": (
        derived("mean", {"of": "c.lat", "over": "2m"}, hold=[rule("d.mean > 1.0")]),
        derived("mean", {"of": "c.lat", "over": "2m"}, hold=[rule("d.mean > 2.0")]),
    ),
    "a mean's window": (
        derived("mean", {"of": "c.lat", "over": "2m"}, hold=[rule("d.mean > 1.0")]),
        derived("mean", {"of": "c.lat", "over": "3m"}, hold=[rule("d.mean > 1.0")]),
    ),
    "a mean within the step": (
        derived("mean", {"of": "c.lat", "over": "3m"}, hold=[rule("d.mean > 1.0")]),
        derived("mean", {"of": "c.lat", "over": "3m", "within_step": True}, hold=[rule("d.mean > 1.0")]),
    ),
    "a mean, and a longer gap": (
        derived("mean", {"of": "c.lat", "over": "3m"}, hold=[rule("d.mean > 1.0")], plan={"every": "1m", "max_gap": "1m", "steps": [step("a", 10)]}),
        derived("mean", {"of": "c.lat", "over": "3m"}, hold=[rule("d.mean > 1.0")], plan={"every": "1m", "max_gap": "3m", "steps": [step("a", 10)]}),
    ),
    "what is frozen where": (
        derived("frozen", {"of": "c.lat", "over": "2m", "at": "a"}, hold=[rule("c.lat > d.frozen * 1.2")]),
        derived("frozen", {"of": "c.lat", "over": "2m", "at": "b"}, hold=[rule("c.lat > d.frozen * 1.2")]),
    ),
    "a frozen value needs no evidence": (
        derived("frozen", {"of": "c.lat", "over": "2m", "at": "a"}, hold=[rule("d.frozen > 1.0")]),
        derived("frozen", {"of": "c.lat", "over": "2m", "at": "a"}, hold=[rule("d.frozen > 1.0 && has(c.lat)")]),
    ),
    "a mean of nothing": (
        derived("mean", {"of": "c.lat", "over": "3m"}, hold=[rule("d.mean > 1.0 && !has(c.lat)", missing="ignore")]),
        derived("mean", {"of": "c.lat", "over": "3m"}, hold=[rule("false && d.mean > 1.0")]),
    ),
    "growth": (
        derived("growing", {"of": "c.lat", "over": "6m"}, hold=[rule("d.growing")]),
        derived("growing", {"of": "c.lat", "over": "6m"}, hold=[rule("d.growing && c.lat > 1.0")]),
    ),
    "a count that is never so large": (
        derived("count", {"of": "c.lat", "over": "2m"}, hold=[rule("d.count > 2")]),
        derived("count", {"of": "c.lat", "over": "2m"}, hold=[rule("d.count > 3")]),
    ),
    "a derived signal of one name and another meaning": (
        derived("max", {"of": "c.lat", "over": "2m"}, hold=[rule("d.max > 1.0")]),
        derived("max", {"of": "c.any", "over": "2m"}, hold=[rule("d.max > 1.0")]),
    ),
}  # fmt: skip
