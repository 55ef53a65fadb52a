"""
Random edits of a policy: what a pull request does, and what it does by mistake.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from copy import deepcopy
from random import Random
from typing import Any

from review.drawing import COUNTS, DURATIONS, LIMITS, SIGNALS, Document, draw_expression, draw_rule, policy_of

_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])")
_NAME = re.compile(r"\b(?:c|b)\.\w+\b")


def draw_mutant(random: Random, document: Document) -> tuple[Document, str]:
    """
    Give the document with one to three edits that leave it without errors, and their names.
    """
    while True:
        mutant, names = deepcopy(document), []
        for _ in range(random.choice((1, 1, 1, 2, 3))):
            name, edit = random.choice(EDITS)
            edit(random, mutant)
            names.append(name)
        if json.dumps(mutant) != json.dumps(document) and policy_of(mutant) is not None:
            return mutant, " + ".join(names)


def _rules(document: Document, *kinds: str) -> list[tuple[list[Document], int]]:
    """
    List the places of all rules of these kinds, the steps' own among them.
    """
    owners = [document, *document["plan"]["steps"]]
    lists = [owner[kind] for owner in owners for kind in (kinds or ("slos", "rollback", "hold")) if owner.get(kind)]
    return [(rules, index) for rules in lists for index in range(len(rules))]


def _a_rule(random: Random, document: Document, *kinds: str) -> Document:
    places = _rules(document, *kinds)
    rules, index = random.choice(places)
    return rules[index]


def _expression_key(random: Random, rule: Document) -> str:
    keys = [key for key in ("require", "when", "unless") if key in rule]
    return random.choice(keys)


def _rewrite(random: Random, document: Document, pattern: str | re.Pattern[str], change: Callable[[str], str]) -> None:
    """
    Change one occurrence of a pattern in one expression.
    """
    rule = _a_rule(random, document)
    key = _expression_key(random, rule)
    found = list(re.finditer(pattern, rule[key]))
    if found:
        match = random.choice(found)
        rule[key] = rule[key][: match.start()] + change(match[0]) + rule[key][match.end() :]


def _move_threshold(random: Random, document: Document) -> None:
    def moved(text: str) -> str:
        if "." not in text:
            return str(int(text) + random.choice((1, -1, 10)))
        return repr(float(text) * random.choice((1.5, 0.5, 10.0, 0.1, 1.0000000000000002, 0.9)) + random.choice((0.0, 0.0, 0.05)))

    _rewrite(random, document, _NUMBER, moved)


def _change_comparison(random: Random, document: Document) -> None:
    table = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": ">=", "!=": "<"}
    _rewrite(random, document, r"<=|>=|==|!=|<|>", lambda text: table[text])


def _change_connective(random: Random, document: Document) -> None:
    _rewrite(random, document, r"&&|\|\|", lambda text: "||" if text == "&&" else "&&")


def _swap_signal(random: Random, document: Document) -> None:
    def other(name: str) -> str:
        kind = SIGNALS[name].get("type")
        names = [each for each in document["signals"] if SIGNALS[each].get("type") == kind]
        return random.choice(names)

    _rewrite(random, document, _NAME, lambda text: other(text) if text in document["signals"] else text)


def _swap_operands(random: Random, document: Document) -> None:
    rule = _a_rule(random, document)
    key = _expression_key(random, rule)
    match = re.fullmatch(r"\(([^()]*)\) (&&|\|\|) \(([^()]*)\)", rule[key])
    if match:
        rule[key] = f"({match[3]}) {match[2]} ({match[1]})"


def _change_duration(random: Random, document: Document) -> None:
    rule = _a_rule(random, document)
    asked = random.choice((None, *DURATIONS, *COUNTS))
    rule.pop("for", None)
    if asked is not None:
        rule["for"] = asked


def _drop_rule(random: Random, document: Document) -> None:
    rules, index = random.choice(_rules(document))
    del rules[index]


def _add_rule(random: Random, document: Document) -> None:
    kind, key = random.choice((("slo", "slos"), ("rollback", "rollback"), ("hold", "hold")))
    steps = tuple(step["name"] for step in document["plan"]["steps"])
    atoms = [*document["signals"], *document.get("derived", {})]
    document[key].append({**draw_rule(random, kind, atoms, steps), "name": "added"})


def _limit_to_step(random: Random, document: Document) -> None:
    rules, index = random.choice(_rules({**document, "plan": {"steps": []}}) or _rules(document))
    rule, names = rules[index], [step["name"] for step in document["plan"]["steps"]]
    rule["steps"] = random.sample(names, random.randint(1, len(names)))


def _move_into_step(random: Random, document: Document) -> None:
    key = random.choice(("slos", "rollback", "hold"))
    if document[key]:
        rule = document[key].pop(random.randrange(len(document[key])))
        rule.pop("steps", None)
        random.choice(document["plan"]["steps"]).setdefault(key, []).append(rule)


def _change_missing(random: Random, document: Document) -> None:
    if not _rules(document, "rollback", "hold"):
        return
    rule = _a_rule(random, document, "rollback", "hold")
    rule["missing"] = random.choice(("hold", "rollback", "ignore"))
    rule.pop("after", None)
    if rule["missing"] == "rollback":
        rule["after"] = random.choice(DURATIONS)


def _change_exemption(random: Random, document: Document) -> None:
    if not _rules(document, "rollback", "hold"):
        return
    rule = _a_rule(random, document, "rollback", "hold")
    if "unless" in rule and random.random() < 0.7:
        del rule["unless"]
    else:
        rule["unless"] = draw_expression(random, [*document["signals"], *document.get("derived", {})])


def _change_step(random: Random, document: Document) -> None:
    step = random.choice(document["plan"]["steps"])
    match random.randint(0, 4):
        case 0:
            step["min"] = random.choice(("0s", "1m", "90s", "2m"))
        case 1:
            step["max"] = random.choice(("1m", "90s", "2m", "3m"))
        case 2:
            step.pop("max", None)
            step.pop("on_timeout", None)
        case 3 if "max" in step:
            step["on_timeout"] = "hold" if step.get("on_timeout") == "rollback" else "rollback"
        case _:
            if step.pop("approval", None) is None:
                step["approval"] = "required"


def _change_plan(random: Random, document: Document) -> None:
    plan, chance = document["plan"], random.random()
    if chance < 0.3:
        plan["max_gap"] = random.choice(("1m", "2m", "3m"))
    elif chance < 0.6 and len(plan["steps"]) > 1:
        del plan["steps"][random.randrange(len(plan["steps"]))]
    elif chance < 0.8:
        random.choice(plan["steps"])["weight"] = random.choice((5, 20, 60))
    elif "gates" in plan:
        gate = plan["gates"]["after"][0]
        gate["on_fail"] = "hold" if gate["on_fail"] == "rollback" else "rollback"


def _change_schema(random: Random, document: Document) -> None:
    numbers = [each for each in document["signals"] if each in LIMITS]
    if not numbers:
        return
    name = random.choice(numbers)
    signal: dict[str, Any] = dict(document["signals"][name])
    low, high = signal.get("range", [None, None])
    match random.randint(0, 2):
        case 0:
            signal["range"] = [low, (high or 100) * 2]
        case 1:
            signal["range"] = [None, high]
        case 2:
            signal["worse"] = random.choice(("higher", "lower"))
    document["signals"] = {**document["signals"], name: signal}


def _change_derived(random: Random, document: Document) -> None:
    for chosen in document.get("derived", {}).values():
        for parameters in chosen.values():
            parameters["over"] = random.choice(("1m", "2m", "3m", "4m"))


def _reorder(random: Random, document: Document) -> None:
    for key in ("slos", "rollback", "hold"):
        random.shuffle(document[key])


def _rename(random: Random, document: Document) -> None:
    rule = _a_rule(random, document)
    rule["name"] = f"renamed-{random.randint(0, 99)}"


EDITS: tuple[tuple[str, Callable[[Random, Document], None]], ...] = (
    *[("threshold moved", _move_threshold)] * 4,
    *[("comparison changed", _change_comparison)] * 3,
    ("connective changed", _change_connective),
    ("signal swapped", _swap_signal),
    ("operands swapped", _swap_operands),
    *[("duration changed", _change_duration)] * 4,
    ("rule dropped", _drop_rule),
    ("rule added", _add_rule),
    *[("limited to steps", _limit_to_step)] * 2,
    ("moved into a step", _move_into_step),
    *[("missing changed", _change_missing)] * 2,
    ("exemption changed", _change_exemption),
    *[("step changed", _change_step)] * 3,
    ("plan changed", _change_plan),
    ("schema changed", _change_schema),
    ("derived changed", _change_derived),
    ("reordered", _reorder),
    ("renamed", _rename),
)
