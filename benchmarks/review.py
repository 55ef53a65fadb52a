"""
What a review costs in processor time and memory, start-up left out, and how many questions it asks, by the number of rules.

Run it with `python benchmarks/review.py`. The policies are drawn: thresholds, ratios, products, ints, bools, missing evidence;
three rules are changed. Each size runs in a process of its own, so that its memory is its own.
"""

import resource
import subprocess
import sys
from collections.abc import Iterable
from random import Random
from time import process_time

from canarypolicy.cel.terms import Term
from canarypolicy.documents.checked import CheckedPolicy
from canarypolicy.documents.loading import load_policy
from canarypolicy.engine.program import build
from canarypolicy.review.encoded import encode
from canarypolicy.review.questions import ask_all
from canarypolicy.review.remarks import remarks
from canarypolicy.review.reviewing import ReviewOptions, review
from canarypolicy.review.solver import Answered, Solver

SIZES = ((25, 20), (50, 30), (100, 50), (200, 90))
"""Rules and signals; the first and the last are those that have a limit."""
LIMITS = {25: (1.0, None), 200: (7.0, 300)}
"""Seconds of processor time and MiB."""


def main() -> None:
    """
    Review each size, and print what it takes and what grows how.
    """
    if len(sys.argv) > 1:
        _measure(int(sys.argv[1]), int(sys.argv[2]))
        return
    print("rules signals  load s  matrix s  remarks s  review s  questions  MiB   limit")
    before = None
    for rules, signals in SIZES:
        done = subprocess.run(
            [sys.executable, __file__, str(rules), str(signals)], capture_output=True, text=True, check=True, encoding="utf-8"
        )
        load, matrix, remarked, whole, questions, megabytes = map(float, done.stdout.split())
        limit = LIMITS.get(rules)
        told = "" if limit is None else f"{limit[0]:.0f} s" + ("" if limit[1] is None else f", {limit[1]} MiB")
        took = f"{load:7.2f} {matrix:9.2f} {remarked:10.2f} {whole:9.2f} {questions:10.0f} {megabytes:4.0f}"
        print(f"{rules:5} {signals:7} {took}   {told}".rstrip())
        if before is not None:
            more = whole / before[0], questions / before[1]
            print(f"      twice the rules: {more[0]:.1f} times the time, {more[1]:.1f} times as many questions")
        before = whole, questions


def _measure(rules: int, signals: int) -> None:
    warm_up = loaded(text(6, 10))
    review(warm_up, warm_up, ReviewOptions())
    questions = _counted()
    written = text(rules, signals)
    began = process_time()
    old, new = loaded(written), loaded(edited(written))
    load = process_time() - began
    began = process_time()
    review(old, new, ReviewOptions())
    whole, asked = process_time() - began, questions[0]
    began = process_time()
    list(ask_all(encode(build(old), build(new), {step.name: step.name for step in new.policy.plan.steps})))
    matrix = process_time() - began
    began = process_time()
    remarks(build(new))
    remarked = process_time() - began
    print(load, matrix, remarked, whole, asked, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def _counted() -> list[int]:
    """
    Count the questions that any solver is asked from here on.
    """
    count, answer = [0], Solver.answer

    def counting(self: Solver, assumptions: Iterable[Term]) -> Answered:
        count[0] += 1
        return answer(self, assumptions)

    Solver.answer = counting
    return count


def loaded(written: str) -> CheckedPolicy:
    """
    Load a policy that has no errors.
    """
    document = load_policy(written.encode(), "policy.yaml").document
    assert document is not None
    return document


def edited(written: str) -> str:
    """
    Loosen a threshold, double a time and let one rule ignore what is missing.
    """
    lines = written.splitlines()
    rules = [index for index, line in enumerate(lines) if "name: roll-" in line]
    lines[rules[1]] = lines[rules[1]].replace(">= ", ">= 1", 1)
    lines[rules[2]] = lines[rules[2]].replace("m}", "0m}")
    lines[rules[3]] = lines[rules[3]].replace("}", ", missing: ignore}") if "missing" not in lines[rules[3]] else lines[rules[3]]
    return "\n".join(lines)


def text(rules: int, signals: int) -> str:
    """
    Draw a policy, the same in every run.
    """
    random = Random(1)
    lines = ["apiVersion: canarypolicy/v1", "kind: RolloutPolicy", "metadata: {name: drawn}", "signals:"]
    kinds = ("range: [0, 100], healthy: 1.0", "range: [0, 60], healthy: 1.0", "range: [0, null], healthy: 1.0")
    others = ("type: int, range: [0, null], healthy: 0", "type: bool, healthy: false")
    lines += [f"  m.s{index}: {{{(*kinds, *others)[index % 5]}, worse: higher}}" for index in range(signals)]
    lines.append("slos:")
    lines += [f"  - {{name: slo-{i}, require: '{_drawn(random, signals, good=True)}', for: 5m}}" for i in range(rules // 4)]
    lines.append("rollback:")
    for index in range(rules // 2):
        missing = random.choice(("", "", "missing: ignore, ", "missing: rollback, after: 10m, "))
        when = _drawn(random, signals, good=False)
        lines.append(f"  - {{name: roll-{index}, when: '{when}', {missing}for: {random.choice((2, 5, 10))}m}}")
    lines.append("hold:")
    left = rules - rules // 4 - rules // 2
    lines += [f"  - {{name: hold-{index}, when: '{_drawn(random, signals, good=False)}'}}" for index in range(left)]
    lines += ["plan:", "  every: 30s", "  steps:"]
    lines += [f"    - {{name: step-{i}, weight: {10 * i}, min: 20m, max: 40m, on_timeout: rollback}}" for i in (1, 5, 10)]
    return "\n".join(lines)


def _drawn(random: Random, signals: int, *, good: bool) -> str:
    of_kind = [[f"m.s{index}" for index in range(signals) if index % 5 in kinds] for kinds in ((0, 1, 2), (3,), (4,))]
    doubles, ints, bools = of_kind
    first, limit, operator = random.choice(doubles), round(random.uniform(10, 50), 2), "<" if good else ">="
    chance = random.random()
    if chance < 0.55:
        return f"{first} {operator} {limit}"
    if chance < 0.7:
        return f"{first} {operator} {limit} {'||' if good else '&&'} {random.choice(ints)} {operator} {random.randrange(5, 50)}"
    if chance < 0.85:
        return f"{first} {operator} {random.choice(doubles)} * 1.5 + {limit}"
    return (
        f"{first} / {random.choice(doubles)} {operator} {limit}" if chance < 0.9 else ("!" if good else "") + random.choice(bools)
    )


if __name__ == "__main__":
    main()
