"""
What one decision costs in processor time: the compiled fold over samples that are admitted already.

Run it with `python benchmarks/decision.py`. The first table grows the rules (and as many signals), the second the history:
the former is to grow in a line, the latter not at all, since all that the fold remembers is its state.
"""

import gc
import sys
from collections.abc import Sequence
from statistics import median
from time import process_time_ns

from canarypolicy.documents.loading import load_policy
from canarypolicy.engine.engine import decide
from canarypolicy.engine.program import Program, build
from canarypolicy.engine.rollout import begin
from canarypolicy.engine.sample import RawSample, Sample, admit_sample

RULES, LENGTHS, TARGET_US = (5, 20, 100, 200), (1_000, 10_000, 100_000), 30
ROUNDS, SAMPLES, SECOND_US = 9, 2_000, 1_000_000


def program(rules: int) -> Program:
    """
    Make a policy of so many rules, each on a signal of its own: a third SLOs, a third rollback rules, a third hold rules.
    """
    lists: dict[str, list[str]] = {"slos": [], "rollback": [], "hold": []}
    for n in range(rules):
        kind = ("slos", "rollback", "hold")[n % 3]
        condition = f"require: canary.s{n} < 0.01 || canary.s{n} < 0.005" if kind == "slos" else f"when: canary.s{n} >= 0.02"
        lists[kind].append(f"  - {{name: r-{n}, {condition}, for: 5m}}\n")
    signals = "".join(f"  canary.s{n}: {{unit: ratio, range: [0, 1], healthy: 0.001, worse: higher}}\n" for n in range(rules))
    text = (
        "apiVersion: canarypolicy/v1\nkind: RolloutPolicy\nmetadata: {name: many}\n"
        f"signals:\n{signals}{''.join(f'{key}:{chr(10)}{chr(32).join(each)}' for key, each in lists.items() if each)}"
        "plan: {every: 30s, steps: [{name: full, weight: 100, min: 9000h}]}\n"
    )
    text = text.replace("\n   - ", "\n  - ")
    loaded = load_policy(text.encode(), "many.yaml")
    assert loaded.document is not None, loaded.findings
    return build(loaded.document)


def samples(of: Program, count: int, *, is_bad: bool) -> list[Sample]:
    """
    Make a healthy history, or one in which every tenth sample breaks a third of the SLOs.
    """
    made = []
    for at in range(count):
        bad = is_bad and at % 10 == 0
        row = {name: 0.015 if bad and index % 9 == 0 else 0.001 for index, name in enumerate(of.declared)}
        made.append(admit_sample(RawSample(at_us=at * 30 * SECOND_US, signals=row), of.declared))
    return made


def cost_us(of: Program, history: Sequence[Sample]) -> float:
    """
    Fold a history and give the microseconds of processor time of one decision.
    """
    state = begin(of)
    gc.collect()
    before = process_time_ns()
    for sample in history:
        _, state = decide(of, state, sample)
    return (process_time_ns() - before) / 1000 / len(history)


def measured(of: Program, history: Sequence[Sample], rounds: int = ROUNDS) -> tuple[float, float]:
    """
    Give the least and the median of several rounds.
    """
    costs = [cost_us(of, history) for _ in range(rounds)]
    return min(costs), median(costs)


def main() -> int:
    """
    Print the tables; the exit status says whether 20 rules keep the target.
    """
    print("one decision, by the number of rules and signals (microseconds of processor time: least, median; per rule)")
    at_20 = 0.0
    for rules in RULES:
        of = program(rules)
        healthy, mixed = (measured(of, samples(of, SAMPLES, is_bad=is_bad)) for is_bad in (False, True))
        at_20 = mixed[0] if rules == 20 else at_20
        print(
            f"  {rules:>4} rules   healthy {healthy[0]:7.1f} {healthy[1]:7.1f}   every tenth bad {mixed[0]:7.1f} {mixed[1]:7.1f}"
            f"   {mixed[0] / rules:5.2f} a rule"
        )
    print("one decision, by the length of the history, 20 rules")
    of = program(20)
    for length in LENGTHS:
        least, middle = measured(of, samples(of, length, is_bad=True), rounds=3)
        print(f"  {length:>7} samples   {least:7.1f} {middle:7.1f}")
    print(f"target: 20 rules in {TARGET_US} microseconds: {'kept' if at_20 <= TARGET_US else 'NOT kept'}, {at_20:.1f}")
    return 0 if at_20 <= TARGET_US else 1


if __name__ == "__main__":
    sys.exit(main())
