"""
What the mutation run of the storefront's policy costs in processor time, start-up left out: all mutants on one core.

Run it with `python benchmarks/mutation.py` from the repository's root. The target is 20 s. Beside it stands what running all
scenarios whole would cost, estimated from a few mutants.
"""

from pathlib import Path
from time import process_time

from canarypolicy.documents.loading import load_policy
from canarypolicy.engine.program import build
from canarypolicy.mutation.killing import Suite, cases_of
from canarypolicy.mutation.mutants import mutants
from canarypolicy.mutation.mutating import mutate
from canarypolicy.testing.loading import load_policy_test
from canarypolicy.testing.running import run_course

FOLDER = Path("policies/storefront")
SAMPLE = 56
"""Every so many mutants one is run whole."""


def main() -> None:
    """
    Mutate the storefront's policy, and print what each part of it costs.
    """
    path = FOLDER / "policy.yaml"
    checked = load_policy(path.read_bytes(), str(path)).document
    test = load_policy_test((FOLDER / "tests.yaml").read_bytes(), str(FOLDER / "tests.yaml")).document
    assert checked is not None
    assert test is not None
    program, cases = build(checked), cases_of([test])
    began = process_time()
    found = list(mutants(checked))
    made = process_time() - began
    began = process_time()
    result = mutate(program, [test])
    whole = process_time() - began
    suite = Suite(program, cases)
    for mutant in found:
        suite.killer_of(mutant)
    began = process_time()
    tried = found[::SAMPLE]
    for mutant in tried:
        changed = build(mutant.checked)
        for case in cases:
            run_course(changed, case.scenario)
    naive = (process_time() - began) * len(found) / len(tried)
    print(f"{len(found)} mutants, {len(cases)} scenarios: made in {made:.2f} s")
    print(f"   the whole run {whole:.1f} s (target 20 s): {len(result.killed)} noticed, {len(result.survivors)} not,", end=" ")
    print(f"{len(result.equivalent)} proved to decide alike")
    print(f"   {suite.runs} of {len(found) * len(cases)} scenarios folded; all of them whole would take about {naive:.0f} s")


if __name__ == "__main__":
    main()
