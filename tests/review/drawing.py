"""
Random small policies for the soundness of the review, as documents that a user could write.

They lean towards what is hard: durations at and under `every`, equal predicates asked for different times, missing
evidence of every kind, exemptions, rules limited to steps, ratios next to their limit, and derived signals.
"""

from __future__ import annotations

import json
from functools import lru_cache
from random import Random
from typing import Any

from canarypolicy.documents.checked import CheckedPolicy
from canarypolicy.documents.loading import load_policy
from canarypolicy.engine.program import Program, build

Document = dict[str, Any]
STEPS = ("a", "b", "c")
DURATIONS = ("0s", "30s", "1m", "2m", "3m")
COUNTS = ({"samples": 1, "of": 1}, {"samples": 1, "of": 2}, {"samples": 2, "of": 2}, {"samples": 2, "of": 3})

SIGNALS: dict[str, Document] = {
    "c.err": {"range": [0, 1], "healthy": 0.125, "worse": "higher"},
    "c.lat": {"range": [0, 60], "healthy": 0.25},
    "b.err": {"range": [0, 1], "healthy": 0.125},
    "c.req": {"range": [0, None], "healthy": 3000.0, "worse": "lower"},
    "c.any": {"healthy": 1.0},
    "c.login": {"type": "int", "range": [0, 20], "healthy": 0, "worse": "higher"},
    "c.left": {"type": "int", "healthy": 7},
    "c.flag": {"type": "bool", "healthy": False, "worse": "higher"},
    "c.mode": {"type": "string", "values": ["ok", "odd", "bad"], "healthy": "ok"},
}
LIMITS: dict[str, tuple[str, ...]] = {
    "c.err": ("0.2", "0.3", "0.5", "1.0", "0.0"),
    "c.lat": ("0.3", "0.7", "60.0"),
    "b.err": ("0.2", "0.3", "0.5"),
    "c.req": ("500.0", "0.0", "1000.1"),
    "c.any": ("-1.5", "0.1", "2.0"),
    "c.login": ("0", "2", "3", "20"),
    "c.left": ("-3", "5", "9007199254740993"),
}


def policy_of(document: Document, path: str = "policy.yaml") -> CheckedPolicy | None:
    """
    Load a document as a user's text is loaded; None: it has errors.
    """
    return _loaded(json.dumps(document), path)


@lru_cache(maxsize=256)
def _loaded(text: str, path: str) -> CheckedPolicy | None:
    return load_policy(text.encode(), path).document


def program_of(document: Document) -> Program:
    checked = policy_of(document)
    assert checked is not None, document
    return build(checked)


def draw_policy(random: Random) -> Document:
    """
    Draw a policy that has no errors.
    """
    while True:
        document = _document(random)
        if policy_of(document) is not None:
            return document


def _document(random: Random) -> Document:
    names = random.sample(list(SIGNALS), random.randint(2, 4))
    derived = _derived(random, names)
    atoms = [*names, *derived]
    steps = STEPS[: random.choice((1, 2, 2, 3))]
    document: Document = {
        "apiVersion": "canarypolicy/v1",
        "kind": "RolloutPolicy",
        "metadata": {"name": "drawn"},
        "signals": {name: SIGNALS[name] for name in names},
        "slos": draw_rules(random, "slo", atoms, steps, least=1),
        "rollback": draw_rules(random, "rollback", atoms, steps, least=1),
        "hold": draw_rules(random, "hold", atoms, steps, least=0),
        "plan": {"every": "1m", "steps": [_step(random, name, index, atoms) for index, name in enumerate(steps)]},
    }
    if derived:
        document["derived"] = derived
    if random.random() < 0.4:
        document["plan"]["max_gap"] = random.choice(("1m", "2m"))
    if random.random() < 0.08:
        document["plan"]["gates"] = {"after": [_gate(random)]}
    return document


def _derived(random: Random, names: list[str]) -> Document:
    """
    Draw at most one derived signal, over a number.
    """
    numbers = [name for name in names if name in LIMITS]
    if not numbers or random.random() > 0.2:
        return {}
    of = random.choice(numbers)
    kind = random.choice(("mean", "max", "min", "sum", "count", "delta", "frozen"))
    parameters: Document = {"of": of, "over": random.choice(("2m", "3m"))}
    if kind == "frozen":
        parameters["at"] = random.choice(("start", "a"))
    elif random.random() < 0.3:
        parameters["within_step"] = True
    return {f"d.{kind}": {kind: parameters}}


def draw_rules(random: Random, kind: str, atoms: list[str], steps: tuple[str, ...], *, least: int) -> list[Document]:
    """
    Draw a list of rules; now and then two of them ask the same for different times.
    """
    rules = [draw_rule(random, kind, atoms, steps) for _ in range(random.choice((least, 1, 1, 2, 2, 3)))]
    if rules and random.random() < 0.15:
        rules.append({**rules[0], "for": random.choice(DURATIONS)})
    return [{**rule, "name": f"{kind}-{index}"} for index, rule in enumerate(rules)]


def draw_rule(random: Random, kind: str, atoms: list[str], steps: tuple[str, ...]) -> Document:
    """
    Draw a rule without a name.
    """
    rule: Document = {"require" if kind == "slo" else "when": draw_expression(random, atoms)}
    asked = random.choice((None, None, *DURATIONS, *DURATIONS, *COUNTS))
    if asked is not None:
        rule["for"] = asked
    if steps and random.random() < 0.25:
        rule["steps"] = random.sample(steps, random.randint(1, len(steps)))
    if kind == "slo":
        return rule
    if random.random() < 0.3:
        rule["unless"] = draw_expression(random, atoms)
    missing = random.choice(("hold", "hold", "rollback", "ignore"))
    if missing != "hold":
        rule["missing"] = missing
    if missing == "rollback":
        rule["after"] = random.choice(DURATIONS)
    return rule


def draw_expression(random: Random, atoms: list[str]) -> str:
    """
    Draw an expression of one to three comparisons.
    """
    chance = random.random()
    if chance < 0.55:
        return _comparison(random, atoms)
    if chance < 0.62:
        return f"!({draw_expression(random, atoms)})"
    if chance < 0.68:
        parts = [_comparison(random, atoms) for _ in range(3)]
        return f"({parts[0]}) ? ({parts[1]}) : ({parts[2]})"
    left, right = _comparison(random, atoms), _comparison(random, atoms)
    return f"({left}) {random.choice(('&&', '||'))} ({right})"


def _comparison(random: Random, atoms: list[str]) -> str:
    name = random.choice(atoms)
    if name == "c.flag":
        return random.choice(("c.flag", "!c.flag", "c.flag == false"))
    if name == "c.mode":
        return random.choice(
            ('c.mode == "bad"', 'c.mode != "ok"', 'c.mode in ["odd", "bad"]', 'c.mode.startsWith("o")', 'c.mode.matches("^b|d$")')
        )
    if random.random() < 0.06:
        return random.choice(
            (f"has({name})", "rollout.step_elapsed_seconds > 90.0", 'rollout.step == "a"', "rollout.weight > 20.0")
        )
    operator = random.choice(("<", "<=", ">", ">=", ">", ">=", "==", "!="))
    if is_int(name):
        return _int_comparison(random, name, operator, atoms)
    limit = random.choice(LIMITS.get(name, ("0.5", "1.0", "2.0")))
    doubles = [other for other in atoms if other != name and is_double(other)]
    if doubles and random.random() < 0.3:
        other = random.choice(doubles)
        return random.choice(
            (
                f"{name} {operator} {other} * 1.2",
                f"{name} / {other} {operator} 1.2",
                f"{name} - {other} {operator} 0.1",
                f"{name} {operator} {other}",
                f"{name} * {other} {operator} 0.3",
            )
        )
    return random.choice((f"{name} {operator} {limit}", f"{name} {operator} {limit}", f"{name} * 0.1 {operator} {limit}"))


def _int_comparison(random: Random, name: str, operator: str, atoms: list[str]) -> str:
    limit = random.choice(LIMITS.get(name, ("1", "2")))
    form = random.randint(0, 5)
    if form == 0:
        return f"{name} + 1 {operator} {limit}"
    if form == 1:
        return f"double({name}) {operator} 2.5"
    return f"{name} {operator} {limit}"


def is_int(name: str) -> bool:
    """
    Tell whether a drawn signal is an int: derived ones as far as their name says it.
    """
    return name in ("c.login", "c.left", "d.count")


def is_double(name: str) -> bool:
    return name in LIMITS and not is_int(name)


def _step(random: Random, name: str, index: int, atoms: list[str]) -> Document:
    step: Document = {"name": name, "weight": (10, 50, 100)[index], "min": random.choice(("0s", "0s", "1m", "90s", "2m"))}
    if random.random() < 0.6:
        step["max"] = random.choice([each for each in ("0s", "1m", "90s", "2m", "3m") if _seconds(each) >= _seconds(step["min"])])
        step["on_timeout"] = random.choice(("hold", "rollback"))
    if random.random() < 0.1:
        step["approval"] = "required"
    if random.random() < 0.15:
        step["slos"] = [{**draw_rule(random, "slo", atoms, ()), "name": f"own-slo-{name}"}]
    if random.random() < 0.15:
        step["rollback"] = [{**draw_rule(random, "rollback", atoms, ()), "name": f"own-rollback-{name}"}]
    return step


def _seconds(text: str) -> int:
    return int(text[:-1]) * (60 if text.endswith("m") else 1)


def _gate(random: Random) -> Document:
    return {"name": "smoke", "probe": "smoke", "require": "result.failed == 0", "on_fail": random.choice(("hold", "rollback"))}
