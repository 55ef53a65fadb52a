"""
Which mutants tests notice, and that only what can come out otherwise is folded again.
"""

from canarypolicy.mutation.killing import Suite, killed_as_a_whole
from canarypolicy.mutation.mutants import mutants

from driver import program_of
from mutation.policies import SMALL, WEAK, cases

GOOD = (
    WEAK
    + """
  - name: errors of 2 % roll back after two minutes
    series: {canary.errors: '0.002x1 0.02x4'}
    expect: [{first: rollback, at: 4m, because: [high]}]
"""
)


def survivors(test):
    program = program_of(SMALL)
    suite = Suite(program, cases(test))
    return {each.sentence for each in mutants(program.checked) if suite.killer_of(each) is None}


def test_a_weak_suite_leaves_the_expected_survivors():
    left = survivors(WEAK)
    assert {"rollback rule `high` is gone", "rollback rule `high`: `>=` became `>` in `when`"} <= left
    assert "step `full`: `min` was `5m`, is `10m`" not in left


def test_a_test_of_the_limit_kills_them():
    assert survivors(GOOD) & {"rollback rule `high` is gone", "rollback rule `high`: `>=` became `>` in `when`"} == set()


def test_what_is_killed_is_killed_by_the_whole_engine_too():
    program = program_of(SMALL)
    suite, all_cases = Suite(program, cases(GOOD)), cases(GOOD)
    for mutant in mutants(program.checked):
        assert (suite.killer_of(mutant) is None) == (killed_as_a_whole(mutant.checked, all_cases) is None), mutant.sentence


def test_a_scenario_that_cannot_see_a_change_is_not_folded_again():
    """Nobody looks at errors where they are healthy, and the limit is beyond that."""
    program = program_of(SMALL)
    suite = Suite(program, cases(WEAK))
    (mutant,) = (each for each in mutants(program.checked) if "`0.02` became `0.2`" in each.sentence)
    assert suite.killer_of(mutant) is None
    assert suite.runs == 0
