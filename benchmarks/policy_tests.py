"""
What policy tests cost in processor time: N tests over a policy of N rules, for N of 50, 100 and 200, after start-up.

Run it with `python benchmarks/policy_tests.py`. Reading the policy is start-up and told apart; reading the tests, holding them
against the policy and running them is what is measured. Beside it, where `promtool` is installed, the same work in promtool's
own layout, one group a rule, in the same run.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path
from time import process_time

from canarypolicy.cel.expression import Outcome, Values
from canarypolicy.documents.loading import load_policy
from canarypolicy.engine.program import Program, ProgramRule, build
from canarypolicy.testing.against_policy import check_against_policy
from canarypolicy.testing.checked import CheckedPolicyTest
from canarypolicy.testing.loading import load_policy_test
from canarypolicy.testing.running import run_all

SIZES, TARGET_S = (50, 100, 200), 1.0


def policy_text(count: int, *, is_derived: bool) -> str:
    """
    Write a policy with a signal a rule: half of them SLOs, half of them rollback rules, or hold rules over derived signals.
    """
    signals = "".join(f"  a.s{n}: {{range: [0, 1], healthy: 0.001, worse: higher}}\n" for n in range(count))
    slos = "".join(f"  - {{name: low-{n}, require: a.s{n} < 0.01, for: 5m}}\n" for n in range(0, count, 2))
    odd = range(1, count, 2)
    if is_derived:
        others = "derived:\n" + "".join(f"  m.s{n}: {{mean: {{of: a.s{n}, over: 5m}}}}\n" for n in odd)
        others += "hold:\n" + "".join(f"  - {{name: high-{n}, when: m.s{n} >= 0.02, missing: ignore}}\n" for n in odd)
    else:
        others = "rollback:\n" + "".join(f"  - {{name: high-{n}, when: a.s{n} >= 0.02, for: 5m}}\n" for n in odd)
    return (
        "apiVersion: canarypolicy/v1\nkind: RolloutPolicy\nmetadata: {name: many}\n"
        f"signals:\n{signals}slos:\n{slos}{others}"
        "plan: {every: 1m, steps: [{name: full, weight: 100, min: 10m, max: 1h}]}\n"
    )


def tests_text(count: int, *, is_derived: bool) -> str:
    """
    Write one test a rule, each with fifteen samples and two expectations.
    """
    head = "apiVersion: canarypolicy/v1\nkind: PolicyTest\nmetadata: {name: many}\npolicy: policy.yaml\ntests:\n"
    return head + "".join(_test(n, "hold" if is_derived else "rollback") for n in range(count))


def _test(n: int, bad: str) -> str:
    verdict, rule = (bad, f"high-{n}") if n % 2 else ("hold", f"low-{n}")
    return (
        f"  - name: errors of 3 % at s{n}\n    series: {{a.s{n}: '0.004x4 0.03x9'}}\n    expect:\n"
        f"      - {{at: 4m, decision: hold, because: [min-duration]}}\n"
        f"      - {{at: 10m, decision: {verdict}, because: [{rule}]}}\n"
    )


def main() -> None:
    """
    Print the figures, and say whether the goal is met.
    """
    for is_derived in (False, True):
        print("half of the rules over derived signals" if is_derived else "all rules over measured signals")
        spent = _table(is_derived=is_derived)
        print(f"goal: {TARGET_S} s for 200 tests over 200 rules: {'met' if spent <= TARGET_S else 'missed'}\n")


def _table(*, is_derived: bool) -> float:
    last = 0.0
    print(f"{'N':>4}  {'policy':>8}  {'read':>8}  {'run':>8}  {'tests in all':>12}  {'rules judged':>12}  growth  promtool")
    for count in SIZES:
        start = process_time()
        program = _program(policy_text(count, is_derived=is_derived))
        read_at = process_time()
        test = _loaded(tests_text(count, is_derived=is_derived))
        assert not check_against_policy(test, program.checked)
        run_at = process_time()
        results = run_all(program, test)
        end = process_time()
        assert all(result.has_passed for result in results)
        spent = end - read_at
        growth = f"{spent / last:5.2f}x" if last else "     -"
        print(
            f"{count:>4}  {read_at - start:7.2f}s  {run_at - read_at:7.2f}s  {end - run_at:7.2f}s  {spent:11.2f}s"
            f"  {_judged(program, test):>12}  {growth}  {'' if is_derived else promtool(count)}"
        )
        last = spent
    return last


def _program(text: str) -> Program:
    loaded = load_policy(text.encode(), "policy.yaml")
    assert loaded.document is not None, loaded.findings
    return build(loaded.document)


def _loaded(text: str) -> CheckedPolicyTest:
    loaded = load_policy_test(text.encode(), "tests.yaml")
    assert loaded.document is not None, loaded.findings
    return loaded.document


def _judged(program: Program, test: CheckedPolicyTest) -> int:
    """
    Count the evaluations of rules, in a run of its own.
    """
    calls = 0

    def counted(rule: ProgramRule) -> ProgramRule:
        def evaluate(values: Values) -> Outcome:
            nonlocal calls
            calls += 1
            return rule.when.evaluate(values)

        return replace(rule, when=replace(rule.when, evaluate=evaluate))

    run_all(replace(program, slos=tuple(map(counted, program.slos)), watches=tuple(map(counted, program.watches))), test)
    assert calls
    return calls


def promtool(count: int) -> str:
    """
    Do the same work in promtool: a rule, a group of tests for each.
    """
    program = shutil.which("promtool")
    if program is None:
        return "not installed"
    rules = "".join(f"      - alert: high{n}\n        expr: s{n} >= 0.02\n        for: 5m\n" for n in range(count))
    groups = "".join(
        f"  - interval: 1m\n    input_series: [{{series: 's{n}', values: '0.004x4 0.03x9'}}]\n"
        f"    alert_rule_test: [{{eval_time: 10m, alertname: high{n}, exp_alerts: [{{exp_labels: {{}}}}]}}]\n"
        for n in range(count)
    )
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "rules.yml").write_text(f"groups:\n  - name: all\n    rules:\n{rules}", encoding="utf-8")
        Path(folder, "tests.yml").write_text(f"rule_files: [rules.yml]\ntests:\n{groups}", encoding="utf-8")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([program, "test", "rules", "tests.yml"], cwd=folder, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return f"{after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime:.2f} s"


if __name__ == "__main__":
    main()
