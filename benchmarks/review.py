"""
What a review costs in processor time, start-up left out, and how many questions it asks: 25 rules and 200 rules, three edits.

Run it with `python benchmarks/review.py`. The policies are drawn: thresholds, ratios, products, ints, bools, missing evidence.
"""

import resource
from random import Random
from time import process_time

from canarypolicy.documents.checked import CheckedPolicy
from canarypolicy.documents.loading import load_policy
from canarypolicy.engine.program import build
from canarypolicy.review.encoded import encode
from canarypolicy.review.fold_validation import decision_mismatches
from canarypolicy.review.questions import ask_all
from canarypolicy.review.reviewing import ReviewOptions, review
from canarypolicy.review.validation import rule_mismatches

SIZES = ((25, 20), (200, 90))
"""Rules and signals."""


def main() -> None:
    """
    Review both sizes, and print what each part of it takes.
    """
    """
    Print what each part of a review costs.
    """
    warm_up = loaded(text(6, 10))
    review(warm_up, warm_up, ReviewOptions())
    for rules, signals in SIZES:
        written = text(rules, signals)
        began = process_time()
        old, new = loaded(written), loaded(edited(written))
        told = {"load": process_time() - began}
        steps = {step.name: step.name for step in new.policy.plan.steps}
        began = process_time()
        encoded = encode(build(old), build(new), steps)
        told["encode"] = process_time() - began
        began = process_time()
        assert not [*rule_mismatches(encoded), *decision_mismatches(encoded)]
        told["validate"] = process_time() - began
        began = process_time()
        list(ask_all(encoded))
        told["ask"] = process_time() - began
        began = process_time()
        found = review(old, new, ReviewOptions())
        told["whole review"] = process_time() - began
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"{rules} rules, {signals} signals, {len(steps)} steps: {found.queries} questions, {megabytes} MiB")
        print("   " + ", ".join(f"{what} {seconds:.2f} s" for what, seconds in told.items()))


def loaded(written: str) -> CheckedPolicy:
    """
    Load a policy that has no errors.
    """
    """
    Read a policy without a fault.
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
    """
    Draw a policy.
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
